"""How the command ends: every code, and that bad input to any command is exit code 2."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run, sentence
from vetcore import clock, errors
from vetcore.cli.app import COMMANDS
from vetcore.cli.exits import MEANINGS, ExitCode, exit_code_of
from vetcore.database import Database
from vetcore.samples import load
from vetcore.testing import ScratchDatabases

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday, 09:00 in Seattle
BISCUIT = "999010000007919"


@pytest.fixture(scope="module")
def sample_url(databases: ScratchDatabases) -> Iterator[str]:
    """A database with the sample world in it: what is refused writes nothing."""

    async def filled() -> str:
        url = await databases.migrated("sqlite")
        async with Database(url) as db, db.transaction() as session:
            await load(session, today=NOW.date())
        return url

    url = asyncio.run(filled())
    yield url
    asyncio.run(databases.give_back(url))


BAD = [
    ("day", ["day", "Nowhere", "2026-13-01"], "clinic Nowhere was not found"),
    ("day", ["day", "driftwood", "2026-13-01"], "day: is not a day"),
    ("day", ["day", "driftwood", "13/01/2026"], "could be either of two days"),
    ("day", ["day", "vet"], "clinic: fits several"),
    ("day", ["day", ""], "was not found"),
    ("slots", ["slots", "driftwood", "--from", "soon"], "from: is not a day"),
    ("slots", ["slots", "driftwood", "--service", "Magic!"], "service"),
    ("slots", ["slots", "driftwood", "--days", "0"], "--days"),
    ("slots", ["slots", "driftwood", "--days", "many"], "--days"),
    ("slots", ["slots", "driftwood", "--vet", "Nobody"], "practitioner Nobody was not found"),
    ("slots", ["slots", "driftwood", "--pet", "Nix"], "pet Nix was not found"),
    ("book", ["book", "driftwood", BISCUIT, "tomorrow 9"], "start: is not a time"),
    ("book", ["book", "driftwood", BISCUIT, "tomorrow"], "start: says no time of day"),
    ("book", ["book", "driftwood", "Nix", "tomorrow 9am"], "pet Nix was not found"),
    ("book", ["book", "driftwood", BISCUIT], "START"),
    ("book", ["book", "driftwood", BISCUIT, "Wed 9am", "--minutes", "x"], "--minutes"),
    ("book", ["book", "driftwood", BISCUIT, "Wed 9am", "--reason", "x" * 10_001], "reason"),
    (
        "book",
        ["book", "driftwood", BISCUIT, "Wed 9am", "--idempotency-key", "x" * 101],
        "key: has no such length",
    ),
    ("book", ["book", "driftwood", BISCUIT, "2026-03-04T09:00:30"], "minute"),
    ("move", ["move", "driftwood", BISCUIT, "Wed 9am"], "was not found"),
    ("move", ["move", "driftwood", "deadbeef", "Wed 9am"], "appointment deadbeef was not found"),
    ("move", ["move", "Nowhere", BISCUIT, "Wed 9am"], "clinic Nowhere was not found"),
    ("move", ["move", "driftwood", BISCUIT, "Wed 9am", "--at", "then"], "at: is not a time"),
    ("move", ["move", "driftwood", BISCUIT, "Wed 9am", "--override", "off_grid"], "go together"),
    ("cancel", ["cancel", "driftwood", BISCUIT], "was not found"),
    ("cancel", ["cancel", "driftwood"], "PET_OR_ID"),
    ("reinstate", ["reinstate", "driftwood", BISCUIT], "was not found"),
    ("reanchor", ["reanchor", "--clinic", "Nowhere"], "clinic Nowhere was not found"),
    ("clinics", ["clinics", "--limit", "0"], "--limit"),
    ("clinics", ["clinics", "--after", "nonsense"], "after"),
    ("nearby", ["nearby", "abc", "def"], "coordinates: must be a latitude and a longitude"),
    ("nearby", ["nearby", "91", "0"], "latitude: must be 90 or less"),
    ("nearby", ["nearby", "47.6", "-122.3", "--within", "-1"], "--within"),
    ("nearby", ["nearby", "47.6", "-122.3", "--opne"], "--opne"),
    ("find", ["find", ""], "nothing to look for"),
    ("find", ["find", "x", "--in", "clouds"], "clouds"),
    ("find", ["find", "x", "--after", "nonsense"], "after"),
    ("find", ["find", "x", "--in", "owners", "--species", "cat"], "--species"),
    ("due", ["due", "--clinic", "Nowhere"], "clinic Nowhere was not found"),
    ("due", ["due", "--clinic", "vet"], "clinic: fits several"),
    ("due", ["due", "--days", "-1"], "--days"),
    ("records", ["records", "verify", "--clinic", "Nowhere"], "clinic Nowhere was not found"),
    ("records", ["records", "verify", "--head", "nonsense"], "head: is none"),
    ("users", ["users", "make-admin", "nobody"], "email"),
    ("users", ["users", "make-admin", "nobody@example.com"], "email: has no account"),
    ("import", ["import", "pets", "no-such-file.csv"], "no-such-file.csv"),
    ("db", ["db", "downgrade"], "REVISION"),
    ("db", ["db", "colour"], "colour"),
    ("demo", ["demo", "--engine", "oracle"], "oracle"),
    ("demo", ["demo", "--tenant", "x"], "--tenant"),
    ("doctor", ["doctor", "--colour"], "--colour"),
]
"""A command, a call of it that cannot be meant, and what is said."""


def test_bad_input_to_every_command_is_tried() -> None:
    assert {name for name, _, _ in BAD} == {command.name for command in COMMANDS}


def test_bad_input_ends_with_2_and_says_what_is_wrong(
    vetcore: Run, sample_url: str, subtests: pytest.Subtests
) -> None:
    with clock.frozen(NOW):
        for name, arguments, told in BAD:
            with subtests.test(" ".join(arguments)[:60]):
                url = None if name in {"demo", "import", "db"} else sample_url
                result = vetcore(*arguments, url=url)
                assert (result.exit_code, result.stdout) == (2, "")
                assert told in sentence(result.stderr)
                for foreign in ("pydantic", "sqlalchemy", "Input should", "Traceback", "type="):
                    assert foreign not in result.stderr


def test_what_is_not_understood_is_a_problem_document_for_programs(
    vetcore: Run, sample_url: str
) -> None:
    result = vetcore("day", "vet", "--json", url=sample_url)
    assert result.exit_code == 2
    problem = json.loads(result.stdout)
    assert problem["details"]["field"] == "clinic"
    candidates = problem["details"]["candidates"]
    assert {"id", "name"} == candidates[0].keys()
    again = vetcore("day", candidates[0]["id"], "--json", url=sample_url)
    assert again.exit_code == 0


def test_what_fits_several_lists_each_with_its_id(vetcore: Run, sample_url: str) -> None:
    told = vetcore("day", "vet", url=sample_url).stderr
    assert "Canal Side Veterinary Practice, London  fc4f7da6-63f2-552e-9593-044ff7a368b6" in told


@pytest.mark.parametrize("call", [["--colour"], ["dbb"], ["db", "dbb"], ["slots", "--days", "0"]])
def test_a_call_that_is_not_understood_is_a_problem_document_for_programs_too(
    vetcore: Run, call: list[str]
) -> None:
    result = vetcore(*call, "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidValue(field="x", rule="y"), ExitCode.NOT_UNDERSTOOD),
        (errors.InvalidInput([], subject="x"), ExitCode.NOT_UNDERSTOOD),
        (errors.NotFound(entity="x", key="y"), ExitCode.NOT_UNDERSTOOD),
        (errors.SlotTaken(resource="room"), ExitCode.ANSWER_IS_NO),
        (errors.NotBookable("x"), ExitCode.ANSWER_IS_NO),
        (errors.PermissionDenied(permission="x"), ExitCode.ANSWER_IS_NO),
        (errors.ConnectionFailed("x"), ExitCode.FAILED),
        (errors.ConfigurationError("x"), ExitCode.FAILED),
        (errors.ConstraintViolation(kind="check", constraint=None, table=None), ExitCode.FAILED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_family_of_errors_has_its_exit_code(
    error: errors.VetcoreError, code: ExitCode
) -> None:
    assert exit_code_of(error) is code


def test_every_exit_code_is_explained_in_the_help_and_in_the_reference(vetcore: Run) -> None:
    shown = vetcore("--help").stdout
    page = Path(__file__).parents[2].joinpath("docs/reference/command.md").read_text()
    assert set(MEANINGS) == set(ExitCode)
    for code, meaning in MEANINGS.items():
        assert f"{code:d} " in shown
        assert f"| {code:d} | {meaning} |" in page
