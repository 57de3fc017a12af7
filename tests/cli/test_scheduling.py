"""``vetcore slots``, ``book`` and ``day``: a clinic's time, in its own wall time."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cli.conftest import Run
from vetcore import clock
from vetcore.database import Database
from vetcore.samples import load

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday, 09:00 in Seattle
DRIFTWOOD = "d59272f0-0d6c-5072-b0b6-c7b90dd780d1"
BISCUIT = "999010000007919"


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def sample_url(database_url: str) -> str:
    """A database with the sample world in it."""

    async def fill() -> None:
        async with Database(database_url) as db, db.transaction() as session:
            await load(session, today=NOW.date())

    asyncio.run(fill())
    return database_url


def answer(vetcore: Run, *arguments: str, url: str, code: int = 0) -> Any:
    result = vetcore(*arguments, "--json", url=url)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_what_is_listed_is_booked_and_stands_on_the_day(vetcore: Run, sample_url: str) -> None:
    listed = answer(vetcore, "slots", "driftwood", "--from", "2026-03-04", url=sample_url)
    slot = listed["slots"][0]
    assert slot["start"] == "2026-03-04T08:00:00-08:00"
    made = answer(
        vetcore,
        *("book", "driftwood", BISCUIT, "2026-03-04T08:00"),
        *("--vet", slot["veterinarian"], "--reason", "Limps"),
        url=sample_url,
    )
    assert made["start"] == slot["start"]
    assert made["status"] == "scheduled"
    assert made["veterinarian"]["id"] == slot["veterinarian_id"]
    day = answer(vetcore, "day", DRIFTWOOD, "2026-03-04", url=sample_url)
    (visit,) = [visit for vet in day["veterinarians"] for visit in vet["visits"]]
    assert visit["appointment_id"] == made["id"]
    assert visit["pet"]["name"] == "Biscuit"
    again = answer(vetcore, "slots", "driftwood", "--from", "2026-03-04", url=sample_url)
    assert slot not in again["slots"]


def test_people_read_names_and_wall_time(vetcore: Run, sample_url: str) -> None:
    slots = vetcore("slots", "Driftwood", "--days", "3", url=sample_url).stdout
    assert "Driftwood Animal Hospital: free for wellness exam" in slots
    assert "(America/Los_Angeles)" in slots
    assert "every 15 min" in slots
    told = vetcore("book", "Driftwood", BISCUIT, "2026-03-04T08:00", url=sample_url).stdout
    assert "Booked wellness exam for Biscuit with" in told
    assert "08:00-08:30 PST" in " ".join(told.split())
    day = vetcore("day", "Driftwood", "2026-03-04", url=sample_url).stdout
    assert "Wednesday 4 March 2026" in day
    assert "on duty" in day
    assert "08:00-08:30   Biscuit" in day
    assert "█" in day
    assert all(len(line) <= 80 for line in day.splitlines())


def test_what_is_taken_is_answered_with_what_is_free(vetcore: Run, sample_url: str) -> None:
    place = ("book", "driftwood")
    first = answer(vetcore, *place, BISCUIT, "2026-03-04T08:00", url=sample_url)
    vet = first["veterinarian"]["name"]
    wanted = (*place, "Pretzel", "2026-03-04T08:00", "--vet", vet)
    refused = answer(vetcore, *wanted, url=sample_url, code=3)
    assert refused["code"] == "slot_taken"
    instead = refused["free_instead"][0]
    assert instead["start"] > first["end"]
    told = vetcore(*wanted, url=sample_url)
    assert told.exit_code == 3
    assert "Not booked: the veterinarian is already booked" in told.stdout
    assert f"{datetime.fromisoformat(instead['start']):%H:%M}" in told.stdout
    moved = (*place, "Pretzel", instead["start"], "--vet", vet)
    assert answer(vetcore, *moved, url=sample_url)["start"] == instead["start"]


def test_one_key_books_once(vetcore: Run, sample_url: str) -> None:
    wanted = ("book", "driftwood", BISCUIT, "2026-03-04T08:00", "--key", "form-17")
    first, second = (answer(vetcore, *wanted, url=sample_url) for _ in range(2))
    assert first == second


def test_staff_set_hours_aside_and_it_is_recorded(vetcore: Run, sample_url: str) -> None:
    wanted = ("book", "driftwood", BISCUIT, "2026-03-04T07:00")
    assert answer(vetcore, *wanted, url=sample_url, code=3)["code"] == "clinic_closed"
    rules = ("--override", "clinic_closed", "--override", "off_duty")
    made = answer(vetcore, *wanted, *rules, url=sample_url)
    assert sorted(made["overrides"]) == ["clinic_closed", "off_duty"]


def test_the_next_slot_is_one(vetcore: Run, sample_url: str) -> None:
    every = answer(vetcore, "slots", "driftwood", url=sample_url)["slots"]
    only = answer(vetcore, "slots", "driftwood", "--next", url=sample_url)["slots"]
    assert only == every[:1]


def test_slots_can_be_those_of_one_veterinarian_and_pet(vetcore: Run, sample_url: str) -> None:
    asked = ("slots", "driftwood", "--vet", "okafor", "--pet", "Biscuit")
    found = answer(vetcore, *asked, url=sample_url)["slots"]
    assert {slot["veterinarian"] for slot in found} == {"Miriam Okafor"}


NOT_UNDERSTOOD = [
    (["slots", "Nowhere"], "clinic Nowhere was not found"),
    (["slots", "00000000-0000-0000-0000-000000000000"], "was not found"),
    (["slots", "100%"], "clinic 100% was not found"),
    (["day", "vet"], "clinic: fits several (expected one of Canal Side"),
    (["slots", "driftwood", "--from", "soon"], "date: is not a day"),
    (["day", "driftwood", "2026-02-30"], "date: is not a day"),
    (["slots", "driftwood", "--vet", "Who"], "veterinarian Who was not found"),
    (["slots", "driftwood", "--pet", "Nix"], "pet Nix was not found"),
    (["slots", "driftwood", "--vet", "r"], "veterinarian: fits several"),
    (["book", "driftwood", BISCUIT, "soon"], "start: is not a time"),
    (["book", "driftwood", BISCUIT, "2026-03-08T02:30"], "skip that day (expected from 03:00"),
    (
        ["book", "driftwood", BISCUIT, "2026-11-01T01:30"],
        "show twice that day (expected 2026-11-01T01:30-07:00 or 2026-11-01T01:30-08:00)",
    ),
    (
        ["book", "driftwood", BISCUIT, "2026-03-04T08:00", "--override", "slot_taken"],
        "overrides: names what cannot be set aside",
    ),
    (["book", "driftwood", BISCUIT, "2026-03-04T08:00", "--key", "x" * 101], "idempotency_key"),
]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_not_understood_is_said(
    vetcore: Run, sample_url: str, subtests: pytest.Subtests
) -> None:
    for arguments, told in NOT_UNDERSTOOD:
        with subtests.test(" ".join(arguments)):
            result = vetcore(*arguments, url=sample_url)
            assert result.exit_code == 1
            assert told in result.stderr


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_clock_that_shows_an_hour_twice_is_told_apart(vetcore: Run, sample_url: str) -> None:
    """Lantern never closes; New York's night of 1 November has 25 hours, Seattle's, too."""
    day = answer(vetcore, "day", "lantern", "2026-11-01", url=sample_url)
    (opening,) = day["open"]
    assert opening == {"start": "2026-11-01T00:00:00-07:00", "end": "2026-11-02T00:00:00-08:00"}
    first = ("book", "lantern", BISCUIT, "2026-11-01T01:30-07:00", "--service", "emergency")
    with clock.frozen(datetime(2026, 10, 30, tzinfo=UTC)):
        made = answer(vetcore, *first, url=sample_url)
        told = vetcore("day", "lantern", "2026-11-01", url=sample_url).stdout
    assert made["start"] == "2026-11-01T01:30:00-07:00"
    assert "01:30 PDT-" in told
    assert "00:00-24:00" in told


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_closed_day_says_why(vetcore: Run, sample_url: str) -> None:
    sunday = vetcore("day", "driftwood", "2026-03-08", url=sample_url).stdout
    assert "Closed" in sunday
