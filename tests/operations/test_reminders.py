"""Reminders: jobs claim and send them, as the system; people see their own."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.examples import pet
from tests.operations.wards import EVERYBODY, NOON, Ward, ward
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import ConcurrentUpdate, KeyReused, NotFound
from vetcore.models import VaccinationReminder
from vetcore.operations import (
    claim_reminders,
    drop_reminders,
    get_reminder,
    list_reminders,
    reminder_failed,
    reminder_sent,
)
from vetcore.schemas import (
    ById,
    ReminderClaim,
    ReminderDrop,
    ReminderFailed,
    ReminderQuery,
    ReminderSent,
)

TODAY = NOON.date()
CLAIM = ReminderClaim(worker="a", until=TODAY)
JOBS = {"admin", "system"}
READERS = {"owner", "receptionist", "technician", "veterinarian", "manager", "admin", "system"}


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
async def made(db: Database) -> Ward:
    return await ward(db, next_vaccination_due_on=TODAY)


async def _claimed(made: Ward, claim: ReminderClaim = CLAIM) -> VaccinationReminder:
    (reminder,) = await made.act("system", claim_reminders, claim, via="job")
    assert isinstance(reminder, VaccinationReminder)
    return reminder


async def _stored(made: Ward) -> list[VaccinationReminder]:
    async with made.db.session() as session:
        return list(await session.scalars(select(VaccinationReminder)))


async def test_a_job_claims_sends_and_says_so(made: Ward) -> None:
    reminder = await _claimed(made)
    assert (reminder.pet.id, reminder.pet.owner.id) == (made.pet.id, made.people["owner"])
    failed = ReminderFailed(id=reminder.id, worker="a", error="503")
    assert (await made.act("system", reminder_failed, failed)).error == "503"
    again = await _claimed(made, ReminderClaim(worker="b", until=TODAY))
    sent = ReminderSent(id=again.id, worker="b", channel="email")
    assert (await made.act("system", reminder_sent, sent)).sent_at == NOON
    (kept,) = await _stored(made)
    assert (kept.id, kept.channel, kept.attempts, kept.error) == (reminder.id, "email", 2, None)
    assert await made.act("system", claim_reminders, CLAIM) == []


async def test_what_jobs_do_is_for_the_system_and_administrators(made: Ward) -> None:
    for who in EVERYBODY:
        async with made.db.transaction() as session:
            for row in await session.scalars(select(VaccinationReminder)):
                await session.delete(row)
        code = await made.refusal(who, claim_reminders, CLAIM)
        assert code == (None if who in JOBS else "permission_denied"), who
        if who in JOBS:
            (reminder,) = await _stored(made)
        else:
            reminder = await _claimed(made)
        failed = ReminderFailed(id=reminder.id, worker="a", error="503")
        sent = ReminderSent(id=reminder.id, worker="a", channel="email")
        drop = ReminderDrop(pet_id=made.pet.id)
        for operation, command, key in (
            (reminder_failed, failed, f"failed {who}"),
            (drop_reminders, drop, None),
            (reminder_sent, sent, f"sent {who}"),
        ):
            code = await made.refusal(who, operation, command, key=key)
            if who in JOBS and operation is reminder_sent:
                assert code == ConcurrentUpdate.code, "it was dropped"
            else:
                assert code == (None if who in JOBS else "permission_denied"), who


async def test_reminders_are_seen_by_those_who_see_the_pet(made: Ward) -> None:
    reminder = await _claimed(made)
    for who in EVERYBODY:
        listed = await made.ask(who, list_reminders, ReminderQuery())
        assert [each.id for each in listed] == ([reminder.id] if who in READERS else []), who
        if who in READERS:
            assert (await made.ask(who, get_reminder, ById(id=reminder.id))).id == reminder.id
        else:
            with pytest.raises(NotFound):
                await made.ask(who, get_reminder, ById(id=reminder.id))


async def test_who_has_lost_a_claim_is_told(made: Ward) -> None:
    reminder = await _claimed(made)
    for operation, command in (
        (reminder_sent, ReminderSent(id=reminder.id, worker="b", channel="email")),
        (reminder_failed, ReminderFailed(id=reminder.id, worker="b", error="503")),
        (reminder_sent, ReminderSent(id=made.pet.id, worker="a", channel="email")),
    ):
        code = await made.refusal("system", operation, command, key="k")
        assert code == ConcurrentUpdate.code


@pytest.mark.parametrize("name", ["sent", "failed"])
async def test_a_key_says_once_how_it_went(made: Ward, name: str) -> None:
    reminder = await _claimed(made)
    operation, command = _note(reminder, name)
    both = await asyncio.gather(
        *(made.act("system", operation, command, key="k") for _ in range(2))
    )
    kept = await made.everything()
    again = await made.act("system", operation, command, key="k")
    assert {each.id for each in (*both, again)} == {reminder.id}
    assert await made.everything() == kept
    other, their = _note(reminder, "failed" if name == "sent" else "sent")
    with pytest.raises(KeyReused):
        await made.act("system", other, their, key="k")
    assert await made.everything() == kept


def _note(reminder: VaccinationReminder, name: str) -> tuple[Any, Any]:
    if name == "sent":
        return reminder_sent, ReminderSent(id=reminder.id, worker="a", channel="email")
    return reminder_failed, ReminderFailed(id=reminder.id, worker="a", error="503")


async def test_of_two_jobs_at_once_each_gets_others(made: Ward) -> None:
    async with made.db.transaction() as session:
        animals = [pet(next_vaccination_due_on=TODAY) for _ in range(5)]
        for animal in animals:
            animal.owner_id = made.people["owner"]
        session.add_all(animals)
    shares = await asyncio.gather(
        *(
            made.act("system", claim_reminders, ReminderClaim(worker=name, until=TODAY, limit=3))
            for name in ("a", "b")
        )
    )
    pets = [each.pet_id for share in shares for each in share]
    assert len(pets) == len(set(pets))
    assert set(pets) <= {made.pet.id, *(each.id for each in animals)}
    assert len(pets) >= 3


async def test_reminders_are_listed_by_what_is_said_of_them(made: Ward) -> None:
    async with made.db.transaction() as session:
        session.add(late := pet(next_vaccination_due_on=TODAY + timedelta(days=1)))
        late.owner_id = made.people["owner"]
    first, second = await made.act(
        "system", claim_reminders, ReminderClaim(worker="a", until=TODAY + timedelta(days=1))
    )
    await made.act("system", *_note(first, "sent"))
    for said, expected in (
        ({}, [second.id, first.id]),
        ({"pet_id": late.id}, [second.id]),
        ({"is_sent": True}, [first.id]),
        ({"is_sent": False}, [second.id]),
        ({"since": TODAY + timedelta(days=1)}, [second.id]),
        ({"until": TODAY}, [first.id]),
    ):
        found = await made.ask("owner", list_reminders, ReminderQuery.model_validate(said))
        assert [each.id for each in found] == expected, said
    page = await made.ask("owner", list_reminders, ReminderQuery(limit=1))
    (last,) = await made.ask("owner", list_reminders, ReminderQuery(after=page.next_cursor))
    assert (page[0].id, last.id) == (second.id, first.id)


async def test_dropping_counts_what_did_not_go_out(made: Ward) -> None:
    await _claimed(made)
    drop = ReminderDrop(pet_id=made.pet.id)
    assert await made.act("system", drop_reminders, drop) == 1
    assert await made.act("system", drop_reminders, drop) == 0
    assert await _stored(made) == []
