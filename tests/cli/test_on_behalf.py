"""``--as EMAIL``: a command acts as somebody, who may do with it what they may do anywhere."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.cli.conftest import MONDAY, Run, sentence
from vetcore import clock
from vetcore.database import Database
from vetcore.models import Appointment, Clinic, User
from vetcore.values.people import UserStatus

OWNER = "abigail.fenwick@example.com"


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def answer(vetcore: Run, *arguments: str, url: str, code: int = 0) -> Any:
    result = vetcore(*arguments, "--json", url=url)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


async def person(url: str, address: str) -> UUID:
    async with Database(url) as db, db.session() as session:
        return (await session.scalars(select(User.id).where(User.email == address))).one()


async def stored(url: str, appointment_id: str) -> Appointment:
    async with Database(url) as db, db.session() as session:
        return await session.get_one(Appointment, UUID(appointment_id))


def test_what_is_done_as_somebody_is_done_by_them(vetcore: Run, sample_url: str) -> None:
    wanted = ("book", "driftwood", "Biscuit", "Wed 9am", "--as", "Abigail.Fenwick@EXAMPLE.com")
    made = asyncio.run(stored(sample_url, answer(vetcore, *wanted, url=sample_url)["id"]))
    abigail = asyncio.run(person(sample_url, OWNER))
    assert (made.created_by_id, made.booked_by_id) == (abigail, abigail)
    by_the_system = answer(vetcore, "book", "driftwood", "Duke", "Wed 9am", url=sample_url)
    assert asyncio.run(stored(sample_url, by_the_system["id"])).created_by_id is None


def test_a_key_is_its_actors(vetcore: Run, sample_url: str) -> None:
    wanted = ("book", "driftwood", "Biscuit", "Wed 9am", "--idempotency-key", "form-17")
    first, second = (
        answer(vetcore, *wanted, "--as", OWNER, url=sample_url)["id"] for _ in range(2)
    )
    assert first == second
    assert answer(vetcore, *wanted, url=sample_url, code=3)["code"] == "slot_taken"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_owner_acts_on_their_own_pets_and_on_no_others(vetcore: Run, sample_url: str) -> None:
    as_owner = ("--as", OWNER)
    answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", *as_owner, url=sample_url)
    dukes = answer(vetcore, "book", "driftwood", "Duke", "Wed 10am", url=sample_url)["id"]
    found = answer(vetcore, "find", "bis", *as_owner, url=sample_url)["items"]
    assert [each["name"] for each in found] == ["Biscuit"]
    assert answer(vetcore, "find", "duke", *as_owner, url=sample_url)["items"] == []
    for call in (
        ("book", "driftwood", "Duke", "Thu 9am"),
        ("slots", "driftwood", "--pet", "Duke"),
        ("move", "driftwood", "Duke", "Thu 9am"),
        ("cancel", "driftwood", dukes),
    ):
        told = vetcore(*call, *as_owner, url=sample_url)
        assert told.exit_code == 2, told.output
        assert "was not found" in told.stderr
    assert answer(vetcore, "cancel", "driftwood", dukes, url=sample_url)["status"] == "cancelled"


def test_an_owner_is_bound_by_the_notice_in_cancelling_and_in_moving(
    vetcore: Run, sample_url: str
) -> None:
    async def a_days_notice() -> None:
        async with Database(sample_url) as db, db.transaction() as session:
            query = select(Clinic).where(Clinic.name.startswith("Driftwood"))
            driftwood = (await session.scalars(query)).one()
            told = {"cancellation_notice_minutes": 24 * 60}
            driftwood.booking_policy = driftwood.booking_policy.model_copy(update=told)

    asyncio.run(a_days_notice())
    answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", "--as", OWNER, url=sample_url)
    with clock.frozen(MONDAY + timedelta(days=1, hours=1)):
        for call in (
            ("move", "driftwood", "Biscuit", "Thu 10am"),
            ("cancel", "driftwood", "Biscuit"),
        ):
            refused = answer(vetcore, *call, "--as", OWNER, url=sample_url, code=3)
            assert refused["code"] == "too_late_to_cancel"
        moved = answer(vetcore, "move", "driftwood", "Biscuit", "Thu 10am", url=sample_url)
    assert moved["start"] == "2026-03-05T18:00:00Z"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_somebody_may_not_do_is_refused_with_words(vetcore: Run, sample_url: str) -> None:
    answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", url=sample_url)
    answer(vetcore, "cancel", "driftwood", "Biscuit", url=sample_url)
    rules = ("--override", "clinic_closed", "--override-reason", "An emergency")
    for call, permission in (
        (("day", "driftwood"), "appointment:run"),
        (("reanchor",), "appointment:run"),
        (("reinstate", "driftwood", "Biscuit"), "appointment:run"),
        (("book", "driftwood", "Biscuit", "Wed 7am", *rules), "appointment:override"),
        (("book", "driftwood", "Biscuit", "Wed 9am", "--minutes", "45"), "appointment:run"),
    ):
        told = vetcore(*call, "--as", OWNER, url=sample_url)
        assert told.exit_code == 3, told.output
        assert permission in sentence(told.stderr)
        refused = answer(vetcore, *call, "--as", OWNER, url=sample_url, code=3)
        assert refused["code"] == "permission_denied"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_staff_act_as_staff_of_their_own_clinic(vetcore: Run, sample_url: str) -> None:
    reception = ("--as", "teresa.delgado@example.com")
    made = answer(vetcore, "book", "driftwood", "Biscuit", "Wed 9am", *reception, url=sample_url)
    with clock.frozen(MONDAY + timedelta(days=1, hours=1)):
        moved = ("move", "driftwood", "Biscuit", "Thu 10am", *reception)
        assert answer(vetcore, *moved, url=sample_url)["id"] == made["id"]
    assert answer(vetcore, "day", "driftwood", "Fri", *reception, url=sample_url)["day"]
    elsewhere = vetcore("day", "columbia", "Thu", *reception, url=sample_url)
    assert elsewhere.exit_code == 3


@pytest.mark.parametrize("backend", ["sqlite"])
def test_nobody_acts_as_somebody_unknown(vetcore: Run, sample_url: str) -> None:
    for call in (("clinics",), ("due",), ("find", "biscuit"), ("day", "driftwood")):
        told = vetcore(*call, "--as", "nobody@example.com", url=sample_url)
        assert told.exit_code == 2
        assert "user nobody@example.com was not found" in told.stderr
    told = vetcore("clinics", "--as", "nobody", url=sample_url)
    assert told.exit_code == 2
    assert "--as" in told.stderr


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_account_that_is_closed_acts_no_more(vetcore: Run, sample_url: str) -> None:
    async def suspend() -> None:
        async with Database(sample_url) as db, db.transaction() as session:
            owner = (await session.scalars(select(User).where(User.email == OWNER))).one()
            owner.status = UserStatus.SUSPENDED

    asyncio.run(suspend())
    told = vetcore("clinics", "--as", OWNER, url=sample_url)
    assert told.exit_code == 3
    assert "suspended" in told.stderr


@pytest.mark.parametrize(
    "command",
    [
        *("day", "slots", "book", "move", "cancel", "reinstate", "clinics", "reanchor"),
        *("nearby", "find", "due"),
    ],
)
def test_every_command_of_the_practice_takes_it(vetcore: Run, command: str) -> None:
    assert "--as" in vetcore(command, "--help").output
