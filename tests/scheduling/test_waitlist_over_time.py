"""What time and several workers make of offers from the waitlist, on both engines."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.scheduling.practice import HALF_AN_HOUR, TEN, Practice, practice
from tests.scheduling.waiting import QUARTER, hold_of, join, offer, read_back, run_out
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import HoldExpired, InvalidTransition
from vetcore.models import Appointment
from vetcore.scheduling import (
    accept_offer,
    confirm_hold,
    decline_offer,
    expire_holds,
    expire_offers,
    leave_waitlist,
    offer_next,
)
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.capacity import Capacity

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    """One veterinarian, who is free at ten on Monday and every quarter of an hour after."""
    return await practice(db, vets=1, pets=6)


async def test_an_offer_that_has_run_out_cannot_be_accepted(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    await offer(db, made)
    await run_out(db, entry)
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await accept_offer(session, entry.id, by=Capacity.OWNER)


async def test_an_offer_that_has_run_out_goes_to_the_next_and_the_entry_waits_again(
    db: Database, made: Practice
) -> None:
    first, second = await join(db, made, 0), await join(db, made, 1)
    await offer(db, made)
    held = await run_out(db, first)
    offered = await offer(db, made)
    assert offered is not None
    assert offered.id == second.id
    assert (await read_back(db, first)).status is WaitlistStatus.WAITING
    async with db.session() as session:
        found = await session.get_one(Appointment, held.id)
    assert found.status is AppointmentStatus.EXPIRED


@pytest.mark.parametrize("swept", [False, True])
async def test_offers_that_have_run_out_are_settled_once(
    db: Database, made: Practice, swept: bool
) -> None:
    entry, other = await join(db, made, 0), await join(db, made, 1)
    await offer(db, made)
    await run_out(db, entry)
    async with db.transaction() as session:
        if swept:
            await expire_holds(session)
        assert await expire_offers(session) == 1
        assert await expire_offers(session) == 0
    assert (await read_back(db, entry)).status is WaitlistStatus.WAITING
    assert (await read_back(db, other)).status is WaitlistStatus.WAITING


async def test_an_offer_that_stands_is_left_alone(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    await offer(db, made)
    async with db.transaction() as session:
        assert await expire_offers(session) == 0
    assert (await read_back(db, entry)).status is WaitlistStatus.OFFERED


async def test_a_hold_that_was_confirmed_by_other_means_books_its_entry(
    db: Database, made: Practice
) -> None:
    entry = await join(db, made)
    await offer(db, made)
    held = await hold_of(db, entry)
    async with db.transaction() as session:
        await confirm_hold(session, held.id, by=Capacity.STAFF)
    for change in (decline_offer, leave_waitlist):
        with pytest.raises(InvalidTransition):
            async with db.transaction() as session:
                await change(session, entry.id)
    async with db.transaction() as session:
        assert await expire_offers(session) == 1
    assert (await read_back(db, entry)).status is WaitlistStatus.BOOKED
    assert (await hold_of(db, entry)).status is AppointmentStatus.SCHEDULED


async def test_an_entry_whose_window_has_passed_expires(db: Database, made: Practice) -> None:
    waiting, offered = await join(db, made, 0), await join(db, made, 1)
    first = await offer(db, made)
    assert first is not None
    assert first.id == waiting.id
    await run_out(db, waiting)
    with clock.frozen(TEN + QUARTER):
        assert await offer(db, made) is None
    assert (await read_back(db, waiting)).status is WaitlistStatus.EXPIRED
    assert (await read_back(db, offered)).status is WaitlistStatus.EXPIRED


async def test_only_the_named_clinics_offers_are_settled(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    await offer(db, made)
    await run_out(db, entry)
    async with db.transaction() as session:
        assert await expire_offers(session, clinic_id=uuid4()) == 0
        assert await expire_offers(session, clinic_id=made.clinic.id) == 1


# Many at once -----------------------------------------------------------------------------------


async def test_workers_at_once_never_offer_two_holds_to_one_entry(
    db: Database, made: Practice
) -> None:
    """There are slots for all, so each worker could find one for the same entry."""
    for animal in range(3):
        await join(db, made, animal, latest_at=TEN + timedelta(hours=2))
    offered = await asyncio.gather(*(offer(db, made) for _ in range(8)))
    while (late := await offer(db, made)) is not None:
        offered.append(late)
    ids = [entry.id for entry in offered if entry is not None]
    assert len(ids) == len(set(ids)) == 3
    async with db.session() as session:
        held = select(func.count()).where(Appointment.status == AppointmentStatus.HELD)
        assert await session.scalar(held) == 3


async def test_workers_at_once_offer_one_slot_to_one_entry(db: Database, made: Practice) -> None:
    for animal in range(4):
        await join(db, made, animal, latest_at=TEN + timedelta(minutes=5))
    offered = await asyncio.gather(*(offer(db, made) for _ in range(8)))
    assert sum(entry is not None for entry in offered) == 1


async def test_an_entry_that_somebody_else_is_serving_is_passed_over(
    db: Database, made: Practice, backend: str
) -> None:
    afternoon = TEN + timedelta(hours=4)
    first = await join(db, made, 0, latest_at=afternoon)
    second = await join(db, made, 1, earliest_at=afternoon, latest_at=afternoon + HALF_AN_HOUR)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(db.transaction())
        one = await offer_next(session, clinic_id=made.clinic.id)
        if backend == "sqlite":
            # It has one writer at a time: the second would wait for the first.
            await stack.aclose()
        other = await asyncio.wait_for(offer(db, made), timeout=20)
    assert one is not None
    assert other is not None
    assert (one.id, other.id) == (first.id, second.id)
