"""``vetcore move``, ``cancel``, ``reinstate`` and ``clinics``: what a receptionist does all day."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.cli.conftest import MONDAY, Run, sentence
from tests.examples import pet, user
from vetcore import clock
from vetcore.database import Database
from vetcore.models import Appointment

ZONE = "America/Los_Angeles"


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def answer(vetcore: Run, *arguments: str, url: str, code: int = 0) -> Any:
    result = vetcore(*arguments, "--json", url=url)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


async def stored(url: str, appointment_id: str) -> Appointment:
    async with Database(url) as db, db.session() as session:
        return await session.get_one(Appointment, UUID(appointment_id))


def test_a_receptionist_books_moves_cancels_and_takes_it_back_by_names_and_times(
    vetcore: Run, sample_url: str
) -> None:
    booked = answer(vetcore, "book", "driftwood", "biscuit", "Wed", "9am", url=sample_url)
    assert booked["start"] == "2026-03-04T17:00:00Z"
    assert booked["timezone"] == ZONE
    moved = answer(vetcore, "move", "driftwood", "Biscuit", "Wed 10:00", url=sample_url)
    assert (moved["id"], moved["start"]) == (booked["id"], "2026-03-04T18:00:00Z")
    assert moved["practitioner"] == booked["practitioner"]
    why = ("--reason", "The owner called")
    gone = answer(vetcore, "cancel", "driftwood", "Biscuit", *why, url=sample_url)
    assert (gone["id"], gone["status"]) == (booked["id"], "cancelled")
    assert asyncio.run(stored(sample_url, gone["id"])).cancellation_reason == "The owner called"
    back = answer(vetcore, "reinstate", "driftwood", "Biscuit", url=sample_url)
    assert (back["id"], back["status"], back["start"]) == (
        booked["id"],
        "scheduled",
        "2026-03-04T18:00:00Z",
    )


@pytest.mark.parametrize("backend", ["sqlite"])
def test_people_read_what_became_of_it(vetcore: Run, sample_url: str) -> None:
    vetcore("book", "driftwood", "Biscuit", "Wed 9am", "--vet", "okafor", url=sample_url)
    moved = vetcore("move", "driftwood", "Biscuit", "Thu 10:30", url=sample_url).stdout
    assert (
        "Moved: wellness exam for Biscuit with Miriam Okafor at Driftwood Animal Hospital, "
        "Thu 5 Mar 2026 10:30-11:00 PST (it was Wed 4 Mar 09:00)."
    ) in sentence(moved)
    gone = vetcore("cancel", "driftwood", "Biscuit", url=sample_url).stdout
    assert gone.startswith("Cancelled: wellness exam for Biscuit")


def test_the_day_shows_the_ids_by_which_one_acts(vetcore: Run, sample_url: str) -> None:
    booked = answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", url=sample_url)
    short = booked["id"][-8:]
    assert short in vetcore("day", "driftwood", "Wed", url=sample_url).stdout
    found = answer(vetcore, "find", "biscuit", "--in", "appointments", url=sample_url)["items"]
    assert [each["id"] for each in found] == [booked["id"]]
    assert found[0]["timezone"] == ZONE
    shown = vetcore("find", "biscuit", "--in", "appointments", url=sample_url).stdout
    assert "Wed 4 Mar 09:00-09:30" in shown
    assert short in shown
    assert (
        answer(vetcore, "move", "driftwood", short, "Wed 10:00", url=sample_url)["id"]
        == (booked["id"])
    )
    assert (
        answer(vetcore, "cancel", "driftwood", booked["id"], url=sample_url)["id"] == (booked["id"])
    )


def test_of_several_appointments_the_time_says_which(vetcore: Run, sample_url: str) -> None:
    first, second = (
        answer(vetcore, "book", "driftwood", "Biscuit", when, url=sample_url)
        for when in ("Wed 9am", "Thu 10:00")
    )
    both = answer(vetcore, "cancel", "driftwood", "Biscuit", url=sample_url, code=2)
    assert [each["id"] for each in both["details"]["candidates"]] == [first["id"], second["id"]]
    told = vetcore("cancel", "driftwood", "Biscuit", url=sample_url).stderr
    assert f"Thu 5 Mar 10:00-10:30, Biscuit, scheduled {second['id']}" in sentence(told)
    assert "--at" in told
    gone = answer(vetcore, "cancel", "driftwood", "Biscuit", "--at", "Thu 10:00", url=sample_url)
    assert gone["id"] == second["id"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_cannot_be_moved_stays_and_hears_what_is_free(vetcore: Run, sample_url: str) -> None:
    vet = ("--vet", "okafor")
    answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", *vet, url=sample_url)
    taken = answer(vetcore, "book", "driftwood", "Pretzel", "Wed 10:00", *vet, url=sample_url)
    wanted = ("move", "driftwood", "Biscuit", "Wed 10:00")
    refused = answer(vetcore, *wanted, url=sample_url, code=3)
    assert refused["code"] == "slot_taken"
    assert refused["free_instead"][0]["start"] > taken["start"]
    told = vetcore(*wanted, url=sample_url)
    assert told.exit_code == 3
    assert "Not moved: the practitioner is already booked Wed 4 Mar 10:00-" in told.stdout
    assert "T18:00" not in told.output
    night = vetcore("move", "driftwood", "Biscuit", "Wed 3:00", url=sample_url)
    assert night.exit_code == 3
    rules = ("--override", "clinic_closed", "--override", "off_duty", "--override-reason", "Ill")
    moved = answer(vetcore, "move", "driftwood", "Biscuit", "Wed 7:00", *rules, url=sample_url)
    assert sorted(moved["overrides"]) == ["clinic_closed", "off_duty"]
    kept = asyncio.run(stored(sample_url, moved["id"]))
    assert kept.internal_notes == "Rules set aside: Ill"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_cancelled_already_is_said(vetcore: Run, sample_url: str) -> None:
    made = answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", url=sample_url)
    for code in (0, 3):
        told = vetcore("cancel", "driftwood", made["id"], url=sample_url)
        assert told.exit_code == code
    assert told.stdout == "Not cancelled: the appointment is cancelled.\n"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_staff_are_not_bound_by_the_notice_for_cancelling(vetcore: Run, sample_url: str) -> None:
    rules = ("--override", "too_soon", "--override-reason", "An emergency")
    answer(vetcore, "book", "driftwood", "Biscuit", "today 9:15", *rules, url=sample_url)
    assert answer(vetcore, "cancel", "driftwood", "Biscuit", url=sample_url)["status"] == (
        "cancelled"
    )


@pytest.fixture
def two_bellas(sample_url: str) -> str:
    """Two pets of one name, and one whose name has an accent."""

    async def fill() -> None:
        async with Database(sample_url) as db, db.transaction() as session:
            ana = user(first_name="Ana", last_name="Pérez", email="ana@example.com")
            joe = user(first_name="Joe", last_name="Stone", email="joe@example.com")
            session.add_all([ana, joe])
            await session.flush()
            session.add_all([pet(ana, name="Bella"), pet(joe, name="Bella")])
            session.add(pet(joe, name="Zoë"))

    asyncio.run(fill())
    return sample_url


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    "wanted", ["Bella Pérez", "bella of ana perez", "ana@example.com", "Ana Pérez", "bella PEREZ"]
)
def test_a_pet_is_told_from_another_of_its_name_by_its_owner(
    vetcore: Run, two_bellas: str, wanted: str
) -> None:
    ambiguous = vetcore("book", "driftwood", "Bella", "Wed 9am", url=two_bellas)
    assert ambiguous.exit_code == 2
    assert "Bella, dog of Ana Pérez" in ambiguous.stderr
    assert "Bella, dog of Joe Stone" in ambiguous.stderr
    made = answer(vetcore, "book", "driftwood", wanted, "Wed 9am", url=two_bellas)
    assert made["pet"]["name"] == "Bella"
    (found,) = answer(vetcore, "find", "Bella", "--in", "appointments", url=two_bellas)["items"]
    assert found["owner"]["name"] == "Ana Pérez"


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("wanted", ["zoe", "ZOË", "Zo", "Zoe Stone"])
def test_accents_case_and_the_rest_of_a_name_may_be_left_out(
    vetcore: Run, two_bellas: str, wanted: str
) -> None:
    made = answer(vetcore, "book", "DRIFTWOOD animal", wanted, "Wed 9am", url=two_bellas)
    assert made["pet"]["name"] == "Zoë"


def test_clinics_are_listed_and_found_by_parts_of_name_and_place(
    vetcore: Run, sample_url: str
) -> None:
    def names(*wanted: str) -> list[str]:
        found = answer(vetcore, "clinics", *wanted, url=sample_url)["items"]
        return [each["name"] for each in found]

    every = names()
    assert len(every) == 16
    assert every == sorted(every)
    assert names("driftwood") == names("DRIFT", "seattle") == ["Driftwood Animal Hospital"]
    assert names("clinica", "sao paulo") == names("CLÍNICA") != []
    assert names("%") == names("_") == []
    shown = vetcore("clinics", "seattle", url=sample_url).stdout
    assert "Columbia Court" in shown
    assert "closed" in shown or "open" in shown


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_list_of_clinics_goes_on_where_it_ended(vetcore: Run, sample_url: str) -> None:
    first = answer(vetcore, "clinics", "-n", "9", url=sample_url)
    rest = answer(vetcore, "clinics", "--after", first["next_cursor"], url=sample_url)
    assert len(first["items"] + rest["items"]) == 16
    assert rest["next_cursor"] is None
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 16


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    "call",
    [
        ("clinics",),
        ("due", "--days", "60"),
        ("nearby", "47.6", "-122.3"),
        ("find", "bis"),
        ("find", "a", "--in", "owners"),
        ("find", "biscuit", "--in", "appointments"),
        ("slots", "driftwood"),
    ],
    ids=" ".join,
)
def test_every_list_has_one_form_with_ids_and_instants_in_utc(
    vetcore: Run, sample_url: str, call: tuple[str, ...]
) -> None:
    answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", url=sample_url)
    listed = answer(vetcore, *call, url=sample_url)
    assert isinstance(listed["items"], list)
    assert listed["items"]
    for item in listed["items"]:
        assert UUID(item["id"]) if "id" in item else UUID(item["practitioner"]["id"])
        assert "start" not in item or item["start"].endswith("Z")
