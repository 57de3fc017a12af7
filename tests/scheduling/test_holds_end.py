"""A hold ends at its start at the latest, by the database's clock; nothing is confirmed after it."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.scheduling.practice import NOW, TEN, Practice, booked_at, held_at, practice, stored
from tests.scheduling.steps import by_staff
from tests.scheduling.waiting import hold_of, join, offer, read_back
from vetcore.clock import StoppedClock
from vetcore.database import Database
from vetcore.errors import HoldExpired, InvalidValue
from vetcore.models import Appointment, WaitlistEntry
from vetcore.scheduling import (
    accept_offer,
    confirm,
    confirm_hold,
    expire_offers,
    hold,
    move,
    offer_next,
    reinstate,
)
from vetcore.schemas import AppointmentHoldCreate
from vetcore.testing import stopped_clock
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity

MINUTE = timedelta(minutes=1)
ALMOST = TEN - MINUTE


@pytest.fixture(autouse=True)
def both_clocks() -> Iterator[StoppedClock]:
    """Ours and the database's, stopped together."""
    with stopped_clock(NOW) as stopped:
        yield stopped


async def _long_holds(db: Database) -> Practice:
    policy = BookingPolicy(minimum_notice_minutes=0, hold_minutes=30)
    return await practice(db, booking_policy=policy)


async def test_a_hold_lasts_as_the_policy_says_but_no_longer_than_its_start(
    db: Database, both_clocks: StoppedClock
) -> None:
    made = await _long_holds(db)
    early = await held_at(db, made)
    both_clocks.move_to(ALMOST)
    late = await held_at(db, made, animal=1)
    assert early.hold_expires_at == NOW + 30 * MINUTE
    assert late.hold_expires_at == TEN
    assert (await stored(db, late)).hold_expires_at == TEN


async def test_a_time_past_the_start_that_came_by_another_way_is_cut(
    db: Database, made: Practice
) -> None:
    wish = AppointmentHoldCreate(**made.request().model_dump()).model_copy(
        update={"hold_expires_at": TEN + MINUTE}
    )
    async with db.transaction() as session:
        assert (await hold(session, wish, by=Capacity.STAFF)).hold_expires_at == TEN


@pytest.mark.parametrize("step", [confirm_hold, confirm, reinstate])
async def test_a_hold_is_confirmed_until_its_start_and_not_from_then_on(
    db: Database,
    both_clocks: StoppedClock,
    step: Callable[..., Awaitable[Appointment]],
) -> None:
    made = await _long_holds(db)
    both_clocks.move_to(ALMOST)
    first, second = await held_at(db, made), await held_at(db, made, animal=1)
    both_clocks.move_to(TEN - timedelta(seconds=1))
    await db.run(lambda session: by_staff(step)(session, first.id))
    both_clocks.move_to(TEN)
    with pytest.raises(HoldExpired):
        await db.run(lambda session: by_staff(step)(session, second.id))
    assert (await stored(db, second)).status is AppointmentStatus.HELD


async def test_what_another_program_holds_past_its_start_is_not_confirmed_after_it(
    db: Database, both_clocks: StoppedClock, made: Practice
) -> None:
    held = await held_at(db, made)
    async with db.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == held.id)
            .values(hold_expires_at=TEN + timedelta(days=1))
        )
    both_clocks.move_to(TEN + MINUTE)
    for step in (confirm_hold, confirm):
        with pytest.raises(HoldExpired) as caught:
            await db.run(lambda session, step=step: by_staff(step)(session, held.id))  # type: ignore[misc]
    assert caught.value.details["expired_at"] == TEN.isoformat()
    with pytest.raises(HoldExpired):
        await db.run(
            lambda session: move(session, held.id, starts_at=TEN + 60 * MINUTE, by=Capacity.STAFF)
        )


async def test_a_hold_that_is_moved_nearer_ends_at_its_new_start(
    db: Database, both_clocks: StoppedClock
) -> None:
    made = await _long_holds(db)
    both_clocks.move_to(TEN - 10 * MINUTE)
    held = await held_at(db, made, starts_at=TEN + 60 * MINUTE)
    assert held.hold_expires_at == TEN + 20 * MINUTE
    moved = await db.run(lambda session: move(session, held.id, starts_at=TEN, by=Capacity.STAFF))
    assert moved.hold_expires_at == TEN
    back = await db.run(
        lambda session: move(session, held.id, starts_at=TEN + 60 * MINUTE, by=Capacity.STAFF)
    )
    assert back.hold_expires_at == TEN


async def test_an_offer_ends_at_its_start(db: Database, both_clocks: StoppedClock) -> None:
    made = await _long_holds(db)
    entry = await join(db, made)
    both_clocks.move_to(ALMOST)
    assert await offer(db, made) is not None
    assert (await hold_of(db, entry)).hold_expires_at == TEN
    both_clocks.move_to(TEN)
    with pytest.raises(HoldExpired):
        await db.run(lambda session: accept_offer(session, entry.id, by=Capacity.OWNER))
    assert await db.run(expire_offers) == 1
    assert (await read_back(db, entry)).status is WaitlistStatus.WAITING


async def test_what_is_no_hold_keeps_what_it_says_of_its_hold_when_it_is_moved(
    db: Database, made: Practice
) -> None:
    booked = await booked_at(db, made)
    moved = await db.run(
        lambda session: move(session, booked.id, starts_at=TEN + 60 * MINUTE, by=Capacity.STAFF)
    )
    assert moved.hold_expires_at is None


@pytest.mark.parametrize("hold_for", [timedelta(), -timedelta(hours=1), timedelta.min])
async def test_an_offer_that_nobody_could_accept_is_not_made(
    db: Database, hold_for: timedelta
) -> None:
    made = await _long_holds(db)
    entry = await join(db, made)
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="hold_for"):
            await offer_next(session, clinic_id=made.clinic.id, hold_for=hold_for)
    async with db.session() as session:
        waiting = await session.get_one(WaitlistEntry, entry.id)
    assert waiting.status is WaitlistStatus.WAITING


async def test_an_offer_for_ever_stands_until_its_start(db: Database) -> None:
    made = await _long_holds(db)
    await join(db, made)
    async with db.transaction() as session:
        entry = await offer_next(session, clinic_id=made.clinic.id, hold_for=timedelta.max)
        assert entry is not None
        held = await session.get_one(Appointment, entry.offered_appointment_id)
    assert held.hold_expires_at is not None
    assert held.hold_expires_at <= held.starts_at
