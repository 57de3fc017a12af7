"""Waiting for a slot, and being offered one, on both engines."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select, update

from tests.scheduling.practice import HALF_AN_HOUR, NOW, TEN, Practice, practice
from vetcore import clock
from vetcore.database import Database, Session
from vetcore.errors import AlreadyExists, HoldExpired, InvalidTransition, InvalidValue, NotFound
from vetcore.models import Appointment, Pet, TimeOff, WaitlistEntry
from vetcore.scheduling import (
    accept_offer,
    book,
    cancel,
    confirm_hold,
    decline_offer,
    expire_holds,
    expire_offers,
    join_waitlist,
    leave_waitlist,
    offer_next,
    reschedule,
)
from vetcore.scheduling.errors import PetNotBookable, ServiceNotOffered
from vetcore.schemas import WaitlistEntryCreate, WaitlistEntryUpdate
from vetcore.values.animals import PetStatus
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus, WaitlistStatus
from vetcore.values.clinics import ServiceType

QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def _on_a_friday() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
async def made(db: Database) -> Practice:
    """One veterinarian, who is free at ten on Monday and every quarter of an hour after."""
    return await practice(db, vets=1, pets=6)


def _wish(made: Practice, animal: int = 0, **given: Any) -> WaitlistEntryCreate:
    """To come on Monday at ten."""
    values: dict[str, Any] = {
        "clinic_id": made.clinic.id,
        "pet_id": made.pets[animal].id,
        "service": ServiceType.WELLNESS_EXAM,
        "earliest_at": TEN,
        "latest_at": TEN + QUARTER,
    }
    return WaitlistEntryCreate(**values | given)


async def _join(db: Database, made: Practice, animal: int = 0, **given: Any) -> WaitlistEntry:
    async with db.transaction() as session:
        return await join_waitlist(session, _wish(made, animal, **given))


async def _offer(db: Database, made: Practice, **given: Any) -> WaitlistEntry | None:
    async def work(session: Session) -> WaitlistEntry | None:
        return await offer_next(session, clinic_id=made.clinic.id, **given)

    return await db.run(work)


async def _stored(db: Database, entry: WaitlistEntry) -> WaitlistEntry:
    async with db.session() as session:
        return await session.get_one(WaitlistEntry, entry.id)


async def _hold_of(db: Database, entry: WaitlistEntry) -> Appointment:
    async with db.session() as session:
        held_id = (await session.get_one(WaitlistEntry, entry.id)).offered_appointment_id
        return await session.get_one(Appointment, held_id)


async def _run_out(db: Database, entry: WaitlistEntry) -> Appointment:
    held = await _hold_of(db, entry)
    async with db.transaction() as session:
        await session.execute(
            update(Appointment)
            .where(Appointment.id == held.id)
            .values(hold_expires_at=NOW - timedelta(days=365))
        )
    return held


async def _occupy(db: Database, made: Practice, *, start: datetime = TEN) -> Appointment:
    async with db.transaction() as session:
        return await book(session, made.request(start, animal=5))


# Joining and leaving ----------------------------------------------------------------------------


async def test_who_joins_waits_as_asked(db: Database, made: Practice) -> None:
    entry = await _join(db, made, notes="mornings only")
    stored = await _stored(db, entry)
    assert stored.status is WaitlistStatus.WAITING
    assert (stored.earliest_at, stored.latest_at) == (TEN, TEN + QUARTER)
    assert stored.notes == "mornings only"


async def test_the_transactions_actor_is_who_asked(db: Database, made: Practice) -> None:
    owner = made.pets[0].owner_id
    async with db.transaction(actor=owner) as session:
        entry = await join_waitlist(session, _wish(made))
    assert (await _stored(db, entry)).requested_by_id == owner


async def test_a_pet_waits_once_for_one_service_and_the_transaction_goes_on(
    db: Database, made: Practice
) -> None:
    await _join(db, made)
    async with db.transaction() as session:
        with pytest.raises(AlreadyExists):
            await join_waitlist(session, _wish(made))
        await join_waitlist(session, _wish(made, service=ServiceType.SURGERY))


async def test_nobody_waits_for_what_can_never_be_booked(db: Database, made: Practice) -> None:
    with pytest.raises(ServiceNotOffered):
        await _join(db, made, service=ServiceType.GROOMING)
    with pytest.raises(NotFound):
        await _join(db, made, pet_id=UUID(int=1))
    async with db.transaction() as session:
        (await session.get_one(Pet, made.pets[0].id)).status = PetStatus.DECEASED
    with pytest.raises(PetNotBookable):
        await _join(db, made)


@pytest.mark.parametrize("days", [-1, 0, -7])
async def test_a_window_ends_after_it_begins_and_in_the_time_to_come(
    made: Practice, days: int
) -> None:
    begin = TEN if days > -7 else TEN - timedelta(days=14)
    with pytest.raises(ValidationError, match="latest_at"):
        _wish(made, earliest_at=begin, latest_at=TEN + timedelta(days=days))


async def test_a_change_keeps_the_window_whole(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    async with db.transaction() as session:
        stored = await session.get_one(WaitlistEntry, entry.id)
        with pytest.raises(InvalidValue):
            WaitlistEntryUpdate(earliest_at=TEN + QUARTER).apply_to(stored)
        WaitlistEntryUpdate(latest_at=TEN + HALF_AN_HOUR).apply_to(stored)
    assert (await _stored(db, entry)).latest_at == TEN + HALF_AN_HOUR


async def test_who_leaves_is_offered_nothing_and_may_join_again(
    db: Database, made: Practice
) -> None:
    entry = await _join(db, made)
    async with db.transaction() as session:
        await leave_waitlist(session, entry.id)
    assert (await _stored(db, entry)).status is WaitlistStatus.WITHDRAWN
    assert await _offer(db, made) is None
    await _join(db, made)


async def test_who_leaves_with_an_offer_gives_the_slot_back(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    async with db.transaction() as session:
        await leave_waitlist(session, entry.id)
    assert (await _hold_of(db, entry)).status is AppointmentStatus.CANCELLED
    await _occupy(db, made)


async def test_what_is_over_cannot_be_left(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    async with db.transaction() as session:
        await accept_offer(session, entry.id)
    with pytest.raises(InvalidTransition) as caught:
        async with db.transaction() as session:
            await leave_waitlist(session, entry.id)
    assert caught.value.details["current"] == "booked"
    assert caught.value.details["requested"] == "withdrawn"


async def test_an_entry_that_is_not_there_is_not_found(db: Database) -> None:
    for change in (leave_waitlist, accept_offer, decline_offer):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await change(session, uuid4())


# Offers -----------------------------------------------------------------------------------------


async def test_nothing_is_offered_until_a_slot_comes_free(db: Database, made: Practice) -> None:
    taken = await _occupy(db, made)
    entry = await _join(db, made)
    assert await _offer(db, made) is None
    async with db.transaction() as session:
        await cancel(session, taken.id)
        offered = await offer_next(session, clinic_id=made.clinic.id)
    assert offered is not None
    assert offered.id == entry.id
    assert (await _stored(db, entry)).status is WaitlistStatus.OFFERED
    held = await _hold_of(db, entry)
    assert held.status is AppointmentStatus.HELD
    assert (held.pet_id, held.starts_at) == (made.pets[0].id, TEN)


async def test_the_most_urgent_is_served_first_and_then_who_asked_first(
    db: Database, made: Practice
) -> None:
    window = {"latest_at": TEN + timedelta(hours=2)}
    asked = [
        (0, AppointmentPriority.ROUTINE),
        (1, AppointmentPriority.ROUTINE),
        (2, AppointmentPriority.URGENT),
        (3, AppointmentPriority.EMERGENCY),
    ]
    for minute, (animal, priority) in enumerate(asked):
        with clock.frozen(NOW + timedelta(minutes=minute)):
            await _join(db, made, animal, priority=priority, **window)
    served = []
    while (entry := await _offer(db, made)) is not None:
        served.append(entry.pet_id)
    assert served == [made.pets[animal].id for animal in (3, 2, 0, 1)]


async def test_an_entry_that_no_slot_suits_does_not_hold_up_those_behind(
    db: Database, made: Practice
) -> None:
    sunday = TEN - timedelta(days=1)
    await _join(db, made, 0, earliest_at=sunday, latest_at=sunday + HALF_AN_HOUR)
    second = await _join(db, made, 1)
    offered = await _offer(db, made)
    assert offered is not None
    assert offered.id == second.id


async def test_an_entry_whose_pet_can_no_longer_be_booked_is_passed_over(
    db: Database, made: Practice
) -> None:
    await _join(db, made, 0, priority=AppointmentPriority.URGENT)
    second = await _join(db, made, 1)
    async with db.transaction() as session:
        (await session.get_one(Pet, made.pets[0].id)).status = PetStatus.DECEASED
    offered = await _offer(db, made)
    assert offered is not None
    assert offered.id == second.id


async def test_an_entry_may_wait_for_one_veterinarian(db: Database) -> None:
    made = await practice(db, vets=2, pets=6)
    wanted = made.vets[1].id
    entry = await _join(db, made, veterinarian_id=wanted)
    await _offer(db, made)
    assert (await _hold_of(db, entry)).veterinarian_id == wanted


async def test_a_slot_weeks_ahead_is_found(db: Database, made: Practice) -> None:
    back = TEN + timedelta(days=25)
    away = TimeOff(veterinarian_id=made.vets[0].id, starts_at=TEN, ends_at=back)
    async with db.transaction() as session:
        session.add(away)
    entry = await _join(db, made, latest_at=back + timedelta(days=14))
    await _offer(db, made)
    assert (await _hold_of(db, entry)).starts_at == back


async def test_a_slot_that_was_declined_goes_to_the_next(db: Database, made: Practice) -> None:
    first, second = await _join(db, made, 0), await _join(db, made, 1)
    await _offer(db, made)
    async with db.transaction() as session:
        await decline_offer(session, first.id)
        offered = await offer_next(session, clinic_id=made.clinic.id)
    assert offered is not None
    assert offered.id == second.id
    waiting = await _stored(db, first)
    assert waiting.status is WaitlistStatus.WAITING
    assert waiting.offered_appointment_id is None


async def test_who_declined_is_offered_another_start(db: Database, made: Practice) -> None:
    entry = await _join(db, made, latest_at=TEN + timedelta(hours=1))
    starts = []
    while await _offer(db, made) is not None:
        starts.append((await _hold_of(db, entry)).starts_at)
        async with db.transaction() as session:
            await decline_offer(session, entry.id)
    assert len(starts) > 1
    assert starts == sorted(set(starts))
    assert starts[0] == TEN


async def test_a_hold_that_was_moved_and_given_back_is_not_offered_for_a_live_one(
    db: Database, made: Practice
) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    held_id = (await _hold_of(db, entry)).id
    async with db.transaction() as session:
        await reschedule(session, held_id, starts_at=TEN + timedelta(hours=1))
        await decline_offer(session, entry.id)
    assert await _offer(db, made) is None
    assert (await _stored(db, entry)).status is WaitlistStatus.WAITING


async def test_only_an_offer_can_be_accepted_or_declined(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    for change in (accept_offer, decline_offer):
        with pytest.raises(InvalidTransition) as caught:
            async with db.transaction() as session:
                await change(session, entry.id)
        assert caught.value.details["current"] == "waiting"


async def test_an_accepted_offer_is_an_appointment(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    async with db.transaction() as session:
        booked = await accept_offer(session, entry.id)
    assert booked.status is AppointmentStatus.SCHEDULED
    assert (await _stored(db, entry)).status is WaitlistStatus.BOOKED
    assert await _offer(db, made) is None


async def test_an_offer_stands_as_long_as_was_said(db: Database, made: Practice) -> None:
    """Holds run out by the database's clock, so this one is asked for in real time."""
    present = datetime.now(UTC)
    week = {"earliest_at": present + timedelta(days=1), "latest_at": present + timedelta(days=8)}
    with clock.frozen(present):
        entry = await _join(db, made, **week)
        await _offer(db, made, hold_for=timedelta(hours=2))
    expires = (await _hold_of(db, entry)).hold_expires_at
    assert expires is not None
    assert abs(expires - present - timedelta(hours=2)) < timedelta(minutes=5)


async def test_an_offer_stands_no_longer_than_until_it_starts(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    await _offer(db, made, hold_for=timedelta(days=36_500))
    held = await _hold_of(db, entry)
    assert held.hold_expires_at == held.starts_at


# What time settles ------------------------------------------------------------------------------


async def test_an_offer_that_has_run_out_cannot_be_accepted(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    await _run_out(db, entry)
    with pytest.raises(HoldExpired):
        async with db.transaction() as session:
            await accept_offer(session, entry.id)


async def test_an_offer_that_has_run_out_goes_to_the_next_and_the_entry_waits_again(
    db: Database, made: Practice
) -> None:
    first, second = await _join(db, made, 0), await _join(db, made, 1)
    await _offer(db, made)
    held = await _run_out(db, first)
    offered = await _offer(db, made)
    assert offered is not None
    assert offered.id == second.id
    assert (await _stored(db, first)).status is WaitlistStatus.WAITING
    async with db.session() as session:
        found = await session.get_one(Appointment, held.id)
    assert found.status is AppointmentStatus.EXPIRED


@pytest.mark.parametrize("swept", [False, True])
async def test_offers_that_have_run_out_are_settled_once(
    db: Database, made: Practice, swept: bool
) -> None:
    entry, other = await _join(db, made, 0), await _join(db, made, 1)
    await _offer(db, made)
    await _run_out(db, entry)
    async with db.transaction() as session:
        if swept:
            await expire_holds(session)
        assert await expire_offers(session) == 1
        assert await expire_offers(session) == 0
    assert (await _stored(db, entry)).status is WaitlistStatus.WAITING
    assert (await _stored(db, other)).status is WaitlistStatus.WAITING


async def test_an_offer_that_stands_is_left_alone(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    async with db.transaction() as session:
        assert await expire_offers(session) == 0
    assert (await _stored(db, entry)).status is WaitlistStatus.OFFERED


async def test_a_hold_that_was_confirmed_by_other_means_books_its_entry(
    db: Database, made: Practice
) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    held = await _hold_of(db, entry)
    async with db.transaction() as session:
        await confirm_hold(session, held.id)
    for change in (decline_offer, leave_waitlist):
        with pytest.raises(InvalidTransition):
            async with db.transaction() as session:
                await change(session, entry.id)
    async with db.transaction() as session:
        assert await expire_offers(session) == 1
    assert (await _stored(db, entry)).status is WaitlistStatus.BOOKED
    assert (await _hold_of(db, entry)).status is AppointmentStatus.SCHEDULED


async def test_an_entry_whose_window_has_passed_expires(db: Database, made: Practice) -> None:
    waiting, offered = await _join(db, made, 0), await _join(db, made, 1)
    first = await _offer(db, made)
    assert first is not None
    assert first.id == waiting.id
    await _run_out(db, waiting)
    with clock.frozen(TEN + QUARTER):
        assert await _offer(db, made) is None
    assert (await _stored(db, waiting)).status is WaitlistStatus.EXPIRED
    assert (await _stored(db, offered)).status is WaitlistStatus.EXPIRED


async def test_only_the_named_clinics_offers_are_settled(db: Database, made: Practice) -> None:
    entry = await _join(db, made)
    await _offer(db, made)
    await _run_out(db, entry)
    async with db.transaction() as session:
        assert await expire_offers(session, clinic_id=uuid4()) == 0
        assert await expire_offers(session, clinic_id=made.clinic.id) == 1


# Many at once -----------------------------------------------------------------------------------


async def test_workers_at_once_never_offer_two_holds_to_one_entry(
    db: Database, made: Practice
) -> None:
    """There are slots for all, so each worker could find one for the same entry."""
    for animal in range(3):
        await _join(db, made, animal, latest_at=TEN + timedelta(hours=2))
    offered = await asyncio.gather(*(_offer(db, made) for _ in range(8)))
    while (late := await _offer(db, made)) is not None:
        offered.append(late)
    ids = [entry.id for entry in offered if entry is not None]
    assert len(ids) == len(set(ids)) == 3
    async with db.session() as session:
        held = select(func.count()).where(Appointment.status == AppointmentStatus.HELD)
        assert await session.scalar(held) == 3


async def test_workers_at_once_offer_one_slot_to_one_entry(db: Database, made: Practice) -> None:
    for animal in range(4):
        await _join(db, made, animal, latest_at=TEN + timedelta(minutes=5))
    offered = await asyncio.gather(*(_offer(db, made) for _ in range(8)))
    assert sum(entry is not None for entry in offered) == 1


async def test_an_entry_that_somebody_else_is_serving_is_passed_over(
    db: Database, made: Practice, backend: str
) -> None:
    afternoon = TEN + timedelta(hours=4)
    first = await _join(db, made, 0, latest_at=afternoon)
    second = await _join(db, made, 1, earliest_at=afternoon, latest_at=afternoon + HALF_AN_HOUR)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(db.transaction())
        one = await offer_next(session, clinic_id=made.clinic.id)
        if backend == "sqlite":
            # It has one writer at a time: the second would wait for the first.
            await stack.aclose()
        other = await asyncio.wait_for(_offer(db, made), timeout=20)
    assert one is not None
    assert other is not None
    assert (one.id, other.id) == (first.id, second.id)
