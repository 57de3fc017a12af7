"""``vetcore records``: what is signed is verified, and whoever changed it is told."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run, sentence


@pytest.fixture
def kept(vetcore: Run, tmp_path: Path) -> Path:
    file = tmp_path / "clinic.db"
    vetcore("demo", "--quiet", "--keep", str(file))
    return file


def _change(file: Path, *statements: str) -> None:
    """As somebody who owns the file, and takes the triggers away."""
    with sqlite3.connect(file) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'record%'"
        for (name,) in connection.execute(query).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_what_is_whole_is_told_with_its_heads(vetcore: Run, kept: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{kept}"
    said = vetcore("records", "verify", "--clinic", "driftwood", url=url)
    assert said.exit_code == 0
    assert "Checked 3 records, 3 addenda and 6 seals." in said.stdout
    found = json.loads(vetcore("records", "verify", "--json", url=url).stdout)
    assert (found["intact"], found["records"], found["findings"]) == (True, 3, [])
    (head,) = found["heads"]
    assert head["head"] in said.stdout
    heads = tmp_path / "heads.txt"
    heads.write_text(head["head"] + "\n")
    assert vetcore("records", "verify", "--head", str(heads), url=url).exit_code == 0
    other = head["head"][:-4] + "AAAA"
    cut = vetcore("records", "verify", "--head", other, url=url)
    assert cut.exit_code == 3
    assert "as it was kept" in sentence(cut.stdout)
    assert vetcore("records", "verify", "--head", "nonsense", url=url).exit_code == 2


def test_a_change_by_the_owner_of_the_file_is_found(vetcore: Run, kept: Path) -> None:
    _change(kept, "UPDATE medical_records SET plan = 'none' WHERE plan LIKE 'Rest%'")
    said = vetcore("records", "verify", url=f"sqlite:///{kept}")
    assert said.exit_code == 3
    assert "was changed" in sentence(said.stdout)
    found = json.loads(vetcore("records", "verify", "--json", url=f"sqlite:///{kept}").stdout)
    assert [each["fault"] for each in found["findings"]] == ["changed"]


def test_a_copy_is_verified_as_what_it_was_copied_from(
    vetcore: Run, kept: Path, database_url: str
) -> None:
    assert vetcore("db", "copy", f"sqlite:///{kept}", url=database_url).exit_code == 0
    said = vetcore("records", "verify", url=database_url)
    assert said.exit_code == 0, said.stdout + said.stderr
    assert "3 records" in said.stdout


def test_production_takes_no_key_that_everybody_knows(
    vetcore: Run, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_ENVIRONMENT", "production")
    said = vetcore("records", "verify", url=f"sqlite:///{kept}")
    assert said.exit_code == 3
    assert "a key not at hand" in sentence(said.stdout)


def test_without_a_key_nothing_is_sealed(vetcore: Run, kept: Path) -> None:
    _change(kept, "UPDATE record_seals SET signature = printf('%064d', 0)")
    said = vetcore("records", "seal", url=f"sqlite:///{kept}")
    assert said.exit_code == 1
    assert "VETCORE_RECORDS_KEYS" in said.stderr


def test_there_is_nothing_to_seal_after_the_first_key(
    vetcore: Run, kept: Path, monkeypatch: pytest.MonkeyPatch, make_key: Callable[[str], str]
) -> None:
    monkeypatch.setenv("VETCORE_RECORDS_KEYS", make_key("own"))
    url = f"sqlite:///{kept}"
    assert "nothing to seal" in vetcore("records", "seal", url=url).stdout
    _change(kept, "UPDATE record_seals SET signature = printf('%064d', 0)")
    assert json.loads(vetcore("records", "seal", "--json", url=url).stdout) == {"chains": 1}


@pytest.fixture
def make_key() -> Callable[[str], str]:
    return lambda name: f"{name}:hmac-sha256:{'A' * 43}="
