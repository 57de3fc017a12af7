"""``vetcore slots``, ``book`` and ``day``: a clinic's time, in its own wall time."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.cli.conftest import MONDAY, Process, Run, sentence
from tests.examples import clinic
from vetcore import clock
from vetcore.database import Database
from vetcore.models import Appointment, ClinicClosure, Pet
from vetcore.models.base import Entity
from vetcore.values.animals import PetStatus

DRIFTWOOD = "d59272f0-0d6c-5072-b0b6-c7b90dd780d1"
BISCUIT = "999010000007919"


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def answer(vetcore: Run, *arguments: str, url: str, code: int = 0) -> Any:
    result = vetcore(*arguments, "--json", url=url)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_what_is_listed_is_booked_and_stands_on_the_day(vetcore: Run, sample_url: str) -> None:
    listed = answer(vetcore, "slots", "driftwood", "--from", "2026-03-04", url=sample_url)
    slot = listed["items"][0]
    assert slot["start"] == "2026-03-04T16:00:00Z"
    assert listed["clinic"]["timezone"] == "America/Los_Angeles"
    made = answer(
        vetcore,
        *("book", "driftwood", BISCUIT, "2026-03-04T08:00"),
        *("--vet", slot["practitioner"]["name"], "--reason", "Limps"),
        url=sample_url,
    )
    assert made["start"] == slot["start"]
    assert made["status"] == "scheduled"
    assert made["practitioner"] == slot["practitioner"]
    day = answer(vetcore, "day", DRIFTWOOD, "2026-03-04", url=sample_url)
    (visit,) = [visit for vet in day["practitioners"] for visit in vet["visits"]]
    assert visit["appointment_id"] == made["id"]
    assert visit["pet"]["name"] == "Biscuit"
    again = answer(vetcore, "slots", "driftwood", "--from", "2026-03-04", url=sample_url)
    assert slot not in again["items"]


def test_a_service_of_the_clinics_own_is_booked_with_a_technician(
    vetcore: Run, sample_url: str
) -> None:
    nurse = ("--service", "nurse_clinic")
    listed = answer(vetcore, "slots", "driftwood", *nurse, "--from", "2026-03-04", url=sample_url)
    assert {slot["practitioner"]["name"] for slot in listed["items"]} == {"Noah Kealoha"}
    wish = ("book", "driftwood", BISCUIT, listed["items"][0]["start"], *nurse)
    made = answer(vetcore, *wish, url=sample_url)
    assert made["practitioner"]["name"] == "Noah Kealoha"
    refused = answer(vetcore, *wish, "--vet", "Miriam Okafor", url=sample_url, code=3)
    assert refused["code"] == "service_not_performed"
    unknown = ("slots", "driftwood", "--service", "acupuncture")
    assert answer(vetcore, *unknown, url=sample_url, code=3)["code"] == "service_not_offered"


def test_an_emergency_is_squeezed_in_with_its_reason(vetcore: Run, sample_url: str) -> None:
    at = ("2026-03-04T08:00", "--vet", "Miriam Okafor")
    answer(vetcore, "book", "driftwood", BISCUIT, *at, url=sample_url)
    again = ("book", "driftwood", "Duke", *at, "--service", "sick_visit")
    assert answer(vetcore, *again, url=sample_url, code=3)["code"] == "slot_taken"
    answer(vetcore, *again, "--squeeze-in", "Hit by a car", url=sample_url)
    day = answer(vetcore, "day", "driftwood", "2026-03-04", url=sample_url)
    visits = [visit for person in day["practitioners"] for visit in person["visits"]]
    assert [(visit["pet"]["name"], visit["squeeze_reason"]) for visit in visits] == [
        ("Biscuit", None),
        ("Duke", "Hit by a car"),
    ]
    shown = vetcore("day", "driftwood", "2026-03-04", url=sample_url).stdout
    assert "Squeezed in: 08:00-08:30 Duke. Hit by a car" in sentence(shown)


def test_people_read_names_and_wall_time(vetcore: Run, sample_url: str) -> None:
    slots = vetcore("slots", "Driftwood", "--days", "3", url=sample_url).stdout
    assert "Driftwood Animal Hospital: free for wellness exam" in slots
    assert "(America/Los_Angeles)" in slots
    assert "every 15 min" in slots
    told = vetcore("book", "Driftwood", BISCUIT, "2026-03-04T08:00", url=sample_url).stdout
    assert "Booked: wellness exam for Biscuit with" in told
    assert "Wed 4 Mar 2026 08:00-08:30 PST" in sentence(told)
    made_short = told.split("Appointment ")[1].partition(",")[0][-8:]
    day = vetcore("day", "Driftwood", "2026-03-04", url=sample_url).stdout
    assert "Wednesday 4 March 2026" in day
    assert "on duty" in day
    assert "08:00-08:30   Biscuit" in day
    assert made_short in day
    assert "Www·" in day, "the exam is seen in the strip of its room"
    assert all(len(line) <= 80 for line in day.splitlines())


def test_a_persons_day_is_told_with_the_clinics(vetcore: Run, sample_url: str) -> None:
    at = ("2026-03-04T08:00", "--vet", "Miriam Okafor")
    made = answer(vetcore, "book", "driftwood", BISCUIT, *at, url=sample_url)
    asked = ("day", "driftwood", "2026-03-04", "--practitioner", "okafor")
    day = answer(vetcore, *asked, url=sample_url)
    assert day["practitioner"]["name"] == "Miriam Okafor"
    assert day["timezone"] == "America/Los_Angeles"
    assert DRIFTWOOD in [place["id"] for place in day["clinics"]]
    (name,) = [place["name"] for place in day["clinics"] if place["id"] == DRIFTWOOD]
    (visit,) = [each for each in day["visits"] if each["appointment_id"] == made["id"]]
    assert (visit["pet"]["name"], visit["clinic"]["name"]) == ("Biscuit", name)
    shown = sentence(vetcore(*asked, url=sample_url).stdout)
    assert "Miriam Okafor, Wednesday 4 March 2026 (America/Los_Angeles)" in shown
    assert f"{name}, on duty" in shown
    assert "08:00-08:30 Biscuit wellness exam" in shown
    assert "13:00-18:00 free" in shown
    nobody = ("day", "driftwood", "--practitioner", "nobody at all")
    assert vetcore(*nobody, url=sample_url).exit_code != 0


def test_what_is_taken_is_answered_with_what_is_free(vetcore: Run, sample_url: str) -> None:
    place = ("book", "driftwood")
    first = answer(vetcore, *place, BISCUIT, "2026-03-04T08:00", url=sample_url)
    vet = first["practitioner"]["name"]
    wanted = (*place, "Pretzel", "2026-03-04T08:00", "--vet", vet)
    refused = answer(vetcore, *wanted, url=sample_url, code=3)
    assert refused["code"] == "slot_taken"
    instead = refused["free_instead"][0]
    assert instead["start"] > first["end"]
    told = vetcore(*wanted, url=sample_url)
    assert told.exit_code == 3
    assert "Not booked: the practitioner is already booked Wed 4 Mar 08:00-" in told.stdout
    local = datetime.fromisoformat(instead["start"]).astimezone(ZoneInfo("America/Los_Angeles"))
    assert f"{local:%H:%M}" in told.stdout
    moved = (*place, "Pretzel", instead["start"], "--vet", vet)
    assert answer(vetcore, *moved, url=sample_url)["start"] == instead["start"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_refusal_is_told_with_names_and_wall_time(vetcore: Run, sample_url: str) -> None:
    early = ("book", "driftwood", BISCUIT, "2026-03-04T07:00", "--vet", "okafor")
    rules = ("--override", "clinic_closed", "--override-reason", "An emergency")
    told = vetcore(*early, *rules, url=sample_url)
    assert told.exit_code == 3
    assert "Not booked: practitioner Miriam Okafor is not at work Wed 4 Mar 07:00-" in (
        sentence(told.stdout)
    )


def test_one_key_books_once(vetcore: Run, sample_url: str) -> None:
    wanted = ("book", "driftwood", BISCUIT, "2026-03-04T08:00", "--idempotency-key", "form-17")
    first, second = (answer(vetcore, *wanted, url=sample_url) for _ in range(2))
    assert first == second


def test_staff_set_hours_aside_and_it_is_recorded(vetcore: Run, sample_url: str) -> None:
    wanted = ("book", "driftwood", BISCUIT, "2026-03-04T07:00")
    assert answer(vetcore, *wanted, url=sample_url, code=3)["code"] == "clinic_closed"
    rules = ("--override", "clinic_closed", "--override", "off_duty")
    why = ("--override-reason", "Bitten by a snake")
    made = answer(vetcore, *wanted, *rules, *why, url=sample_url)
    assert sorted(made["overrides"]) == ["clinic_closed", "off_duty"]
    assert asyncio.run(stored(sample_url, made["id"])).internal_notes == (
        "Rules set aside: Bitten by a snake"
    )
    without_a_reason = vetcore(*wanted, *rules, url=sample_url)
    assert without_a_reason.exit_code == 2
    assert "go together" in without_a_reason.stderr


async def stored(url: str, appointment_id: str) -> Appointment:
    async with Database(url) as db, db.session() as session:
        return await session.get_one(Appointment, UUID(appointment_id))


def test_the_first_slot_is_one_however_far_ahead(vetcore: Run, sample_url: str) -> None:
    every = answer(vetcore, "slots", "driftwood", url=sample_url)["items"]
    only = answer(vetcore, "slots", "driftwood", "--first", url=sample_url)["items"]
    assert only == every[:1]
    closed = ClinicClosure(
        clinic_id=UUID(DRIFTWOOD),
        first_on=MONDAY.date(),
        last_on=MONDAY.date() + timedelta(days=14),
        reason="Rebuilding",
    )
    asyncio.run(write(sample_url, closed))
    assert "Nothing is free" in vetcore("slots", "driftwood", url=sample_url).stdout
    late = answer(vetcore, "slots", "driftwood", "--first", url=sample_url)["items"]
    assert [slot["start"] for slot in late] == ["2026-03-17T15:00:00Z"]


async def write(url: str, row: Entity) -> None:
    async with Database(url) as db, db.transaction() as session:
        session.add(row)


def test_a_window_is_one_of_days_or_of_times_on_the_clinics_wall(
    vetcore: Run, sample_url: str
) -> None:
    def starts(*window: str) -> list[str]:
        found = answer(vetcore, "slots", "driftwood", "--vet", "okafor", *window, url=sample_url)
        return [slot["start"][:16] for slot in found["items"]]

    day = starts("--from", "2026-03-04", "--days", "1")
    assert day[0] == "2026-03-04T16:00"
    assert starts("--from", "2026-03-04", "--until", "2026-03-04") == day
    within = starts("--from", "2026-03-04T09:15", "--until", "2026-03-04T10:00")
    assert within == ["2026-03-04T17:15", "2026-03-04T17:30", "2026-03-04T17:45"]
    both = vetcore("slots", "driftwood", "--until", "today", "--days", "1", url=sample_url)
    assert both.exit_code == 2


def test_a_microchip_may_be_written_as_on_its_papers(vetcore: Run, sample_url: str) -> None:
    wanted = ("book", "driftwood", "999 010-0000 07919", "2026-03-04T08:00")
    assert answer(vetcore, *wanted, url=sample_url)["pet"]["name"] == "Biscuit"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_of_two_who_book_one_slot_at_once_one_gets_it_and_one_hears_what_is_free(
    vetcore_process: Process, vetcore: Run, sample_url: str
) -> None:
    with clock.frozen(datetime.now(UTC)):  # the two processes go by the clock on the wall
        slot = answer(vetcore, "slots", "driftwood", "--first", url=sample_url)["items"][0]

    def book(pet: str) -> tuple[int, Any]:
        wanted = ("book", "driftwood", pet, slot["start"], "--vet", slot["practitioner"]["id"])
        done = vetcore_process(*wanted, "--json", VETCORE_DATABASE_URL=sample_url)
        return done.returncode, json.loads(done.stdout)

    with ThreadPoolExecutor(2) as at_once:
        (won, made), (lost, refused) = sorted(
            at_once.map(book, (BISCUIT, "Pretzel")), key=lambda outcome: outcome[0]
        )
    assert (won, lost) == (0, 3)
    assert made["start"] == slot["start"]
    assert refused["code"] == "slot_taken"
    assert refused["free_instead"]


def test_slots_can_be_those_of_one_veterinarian_and_pet(vetcore: Run, sample_url: str) -> None:
    asked = ("slots", "driftwood", "--vet", "okafor", "--pet", "Biscuit")
    found = answer(vetcore, *asked, url=sample_url)["items"]
    assert {slot["practitioner"]["name"] for slot in found} == {"Miriam Okafor"}


NOT_UNDERSTOOD = [
    (["slots", "Nowhere"], "clinic Nowhere was not found"),
    (["slots", "00000000-0000-0000-0000-000000000000"], "was not found"),
    (["slots", "100%"], "clinic 100% was not found"),
    (["day", "vet"], "clinic: fits several"),
    (["slots", "driftwood", "--from", "soon"], "from: is not a day"),
    (["day", "driftwood", "2026-02-30"], "day: is not a day"),
    (["slots", "driftwood", "--vet", "Who"], "practitioner Who was not found"),
    (["slots", "driftwood", "--from", "9999-12-31"], "from: is out of range"),
    (["slots", "driftwood", "--from", "today", "--until", "2026-01-01"], "until: is not after"),
    (["slots", "driftwood", "--from", "2026-03-08T02:30"], "from: is a time that the clocks"),
    (["day", "driftwood", "0001-01-01"], "day: is out of range"),
    (["slots", "driftwood", "--pet", "Nix"], "pet Nix was not found"),
    (["slots", "driftwood", "--pet", "A name that is no number"], "pet A name that is no number"),
    (["slots", "driftwood", "--vet", "r"], "practitioner: fits several"),
    (["book", "driftwood", BISCUIT, "soon"], "start: is not a time"),
    (["book", "driftwood", BISCUIT, "2026-03-04"], "start: says no time of day"),
    (["book", "driftwood", BISCUIT, "0001-01-01T08:00"], "start: is out of range"),
    (["book", "driftwood", BISCUIT, "2026-03-08T02:30"], "skip that day (expected from 03:00"),
    (
        ["book", "driftwood", BISCUIT, "2026-11-01T01:30"],
        "show twice that day (expected 2026-11-01 01:30 PDT or 2026-11-01 01:30 PST)",
    ),
    (
        [
            *("book", "driftwood", BISCUIT, "2026-03-04T08:00"),
            *("--override", "slot_taken", "--override-reason", "because"),
        ],
        "overrides: names what cannot be set aside",
    ),
    (
        ["book", "driftwood", BISCUIT, "2026-03-04T08:00", "--idempotency-key", "x" * 101],
        "key: has no such length (expected 1 to 100 characters)",
    ),
]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_not_understood_is_said(
    vetcore: Run, sample_url: str, subtests: pytest.Subtests
) -> None:
    for arguments, told in NOT_UNDERSTOOD:
        with subtests.test(" ".join(arguments)):
            result = vetcore(*arguments, url=sample_url)
            assert result.exit_code == 2
            assert told in sentence(result.stderr)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_clock_that_shows_an_hour_twice_is_told_apart(vetcore: Run, sample_url: str) -> None:
    """Lantern never closes; New York's night of 1 November has 25 hours, Seattle's, too."""
    day = answer(vetcore, "day", "lantern", "2026-11-01", url=sample_url)
    (opening,) = day["open"]
    assert opening == {"start": "2026-11-01T07:00:00Z", "end": "2026-11-02T08:00:00Z"}
    first = ("book", "lantern", BISCUIT, "2026-11-01T01:30-07:00", "--service", "emergency")
    with clock.frozen(datetime(2026, 10, 30, tzinfo=UTC)):
        made = answer(vetcore, *first, url=sample_url)
        told = vetcore("day", "lantern", "2026-11-01", url=sample_url).stdout
    assert made["start"] == "2026-11-01T08:30:00Z"
    assert "01:30 PDT-" in told
    assert "00:00-24:00" in told


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_visit_over_midnight_stands_on_both_days(vetcore: Run, sample_url: str) -> None:
    """The second of them is the day of 23 hours on which Seattle's clocks go forward."""
    wanted = ("book", "lantern", BISCUIT, "2026-03-07T23:45", "--service", "emergency")
    made = answer(vetcore, *wanted, url=sample_url)
    for day, shown in (("2026-03-07", "23:45-00:30 Sun"), ("2026-03-08", "23:45 Sat-00:30")):
        sheet = answer(vetcore, "day", "lantern", day, url=sample_url)
        visits = [visit for vet in sheet["practitioners"] for visit in vet["visits"]]
        assert [visit["appointment_id"] for visit in visits] == [made["id"]]
        told = vetcore("day", "lantern", day, url=sample_url).stdout
        assert f"{shown} Biscuit" in " ".join(told.split())
        assert all(len(line) <= 80 for line in told.splitlines())
    (opening,) = sheet["open"]
    assert opening == {"start": "2026-03-08T08:00:00Z", "end": "2026-03-09T07:00:00Z"}


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_closed_day_says_why(vetcore: Run, sample_url: str) -> None:
    sunday = vetcore("day", "driftwood", "2026-03-08", url=sample_url).stdout
    assert "Closed" in sunday


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_day_without_anybody_is_shown_as_one(vetcore: Run, database_url: str) -> None:
    closed, empty = clinic(name="Closed", opening_hours="Mo off"), clinic(name="Empty")

    async def found() -> None:
        async with Database(database_url) as db, db.transaction() as session:
            session.add_all([closed, empty])

    asyncio.run(found())
    for name, hours in (("Closed", "Closed"), ("Empty", "Open 08:00-18:00")):
        told = vetcore("day", name, "tomorrow", url=database_url).stdout
        assert "Tuesday 3 March 2026" in told
        assert hours in told
        assert "Nobody has a membership" in told


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_can_never_be_booked_is_answered_with_nothing_instead(
    vetcore: Run, sample_url: str
) -> None:
    async def close_for_good() -> UUID:
        async with Database(sample_url) as db, db.transaction() as session:
            biscuit = (await session.scalars(select(Pet).where(Pet.microchip == BISCUIT))).one()
            biscuit.status = PetStatus.DECEASED
            return biscuit.id

    biscuit = str(asyncio.run(close_for_good()))
    wanted = ("book", "driftwood", biscuit, "2026-03-04T08:00")
    refused = answer(vetcore, *wanted, url=sample_url, code=3)
    assert refused["free_instead"] == []
    told = vetcore(*wanted, url=sample_url)
    assert "Not booked" in told.output
    assert "Free" not in told.output
