"""Holds: they keep a slot until they run out, by the database's clock."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.scheduling.practice import TEN, Practice, booked_at, held_at, practice, run_out, stored
from tests.scheduling.steps import by_staff
from vetcore.database import Database
from vetcore.errors import HoldExpired, InvalidTransition, SlotTaken
from vetcore.models import Appointment
from vetcore.scheduling import (
    cancel,
    confirm,
    confirm_hold,
    expire_holds,
    hold,
    move,
    reinstate,
)
from vetcore.schemas import AppointmentHoldCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")

Step = Callable[[AsyncSession, UUID], Awaitable[Appointment]]


async def test_a_hold_keeps_its_slot_and_becomes_an_appointment(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made, practitioner_id=made.vets[0].user_id)
    assert held.hold_expires_at is not None
    with pytest.raises(SlotTaken):
        await booked_at(db, made, practitioner_id=made.vets[0].user_id, animal=1)
    async with db.transaction() as session:
        confirmed = await confirm_hold(session, held.id, by=Capacity.STAFF)
    assert confirmed.status is AppointmentStatus.SCHEDULED
    assert confirmed.id == held.id


async def test_a_hold_that_has_run_out_gives_way(db: Database, made: Practice) -> None:
    held = await held_at(db, made, practitioner_id=made.vets[0].user_id)
    await run_out(db, held)
    booked = await booked_at(db, made, practitioner_id=made.vets[0].user_id, animal=1)
    assert booked.status is AppointmentStatus.SCHEDULED
    assert (await stored(db, held)).status is AppointmentStatus.EXPIRED
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await confirm_hold(session, held.id, by=Capacity.STAFF)


async def test_a_hold_that_has_run_out_cannot_be_confirmed_even_if_nobody_took_it(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    await run_out(db, held)
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await confirm_hold(session, held.id, by=Capacity.STAFF)


async def test_holds_that_have_run_out_can_be_swept(db: Database, made: Practice) -> None:
    held, live = await held_at(db, made), await held_at(db, made, animal=1)
    await run_out(db, held)
    async with db.transaction() as session:
        assert await expire_holds(session) == 1
    assert (await stored(db, held)).status is AppointmentStatus.EXPIRED
    assert (await stored(db, live)).status is AppointmentStatus.HELD


async def test_a_hold_lasts_as_long_as_the_policy_says_by_the_databases_clock(
    db: Database,
) -> None:
    made = await practice(db, booking_policy=BookingPolicy(hold_minutes=90))
    before = datetime.now(UTC)  # the database's clock cannot be stopped
    held = await held_at(db, made)
    assert held.hold_expires_at is not None
    lasts = held.hold_expires_at - before
    assert timedelta(minutes=89) < lasts < timedelta(minutes=92)


async def test_a_hold_lasts_as_long_as_it_was_asked_for(db: Database, made: Practice) -> None:
    until = TEN - timedelta(minutes=17)
    wish = AppointmentHoldCreate(**made.request().model_dump(), hold_expires_at=until)
    async with db.transaction() as session:
        assert (await hold(session, wish, by=Capacity.STAFF)).hold_expires_at == until


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (confirm_hold, AppointmentStatus.SCHEDULED),
        (reinstate, AppointmentStatus.SCHEDULED),
        (confirm, AppointmentStatus.CONFIRMED),
    ],
)
async def test_no_way_leads_from_a_hold_that_has_run_out_to_an_appointment(
    db: Database, made: Practice, step: Step, status: AppointmentStatus
) -> None:
    stale, live = await held_at(db, made), await held_at(db, made, animal=1)
    await run_out(db, stale)
    async with db.transaction() as session:
        with pytest.raises(HoldExpired):
            await by_staff(step)(session, stale.id)
        assert (await by_staff(step)(session, live.id)).status is status
    assert (await stored(db, stale)).status is AppointmentStatus.HELD


async def test_a_hold_moves_with_its_expiry_until_it_has_run_out(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    later = TEN + timedelta(hours=1)
    async with db.transaction() as session:
        moved = await move(session, held.id, starts_at=later, by=Capacity.STAFF)
    assert (moved.status, moved.starts_at) == (AppointmentStatus.HELD, later)
    assert moved.hold_expires_at == held.hold_expires_at
    await run_out(db, held)
    async with db.transaction() as session:
        with pytest.raises(HoldExpired):
            await move(session, held.id, starts_at=TEN, by=Capacity.STAFF)
    assert (await stored(db, held)).starts_at == later


async def test_a_hold_that_has_run_out_gives_way_to_what_is_moved_or_comes_back(
    db: Database, made: Practice
) -> None:
    vet = made.vets[0].user_id
    booked = await booked_at(db, made, practitioner_id=vet)
    later = TEN + timedelta(hours=1)
    stale = await held_at(db, made, starts_at=later, practitioner_id=vet, animal=1)
    await run_out(db, stale)
    async with db.transaction() as session:
        assert (
            await move(session, booked.id, starts_at=later, by=Capacity.STAFF)
        ).starts_at == later
        await cancel(session, booked.id, by=Capacity.STAFF)
    again = await held_at(db, made, starts_at=later, practitioner_id=vet, animal=1)
    await run_out(db, again)
    async with db.transaction() as session:
        await reinstate(session, booked.id)
    for hold_in_the_way in (stale, again):
        assert (await stored(db, hold_in_the_way)).status is AppointmentStatus.EXPIRED


async def test_what_is_no_hold_any_more_cannot_be_confirmed_as_one(
    db: Database, made: Practice
) -> None:
    held = await held_at(db, made)
    async with db.transaction() as session:
        await confirm_hold(session, held.id, by=Capacity.STAFF)
        with pytest.raises(InvalidTransition) as caught:
            await confirm_hold(session, held.id, by=Capacity.STAFF)
    assert caught.value.details["current"] == AppointmentStatus.SCHEDULED


async def test_holds_are_swept_so_many_at_a_time(db: Database, made: Practice) -> None:
    for held in [await held_at(db, made, animal=number) for number in range(2)]:
        await run_out(db, held)
    async with db.transaction() as session:
        assert [await expire_holds(session, limit=1) for _ in range(3)] == [1, 1, 0]
