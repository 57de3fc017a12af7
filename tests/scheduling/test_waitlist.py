"""Waiting for a slot, and being offered one, on both engines."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from tests.scheduling.practice import HALF_AN_HOUR, NOW, TEN, Practice, practice
from tests.scheduling.waiting import QUARTER, hold_of, join, occupy, offer, read_back, wish
from vetcore import clock
from vetcore.database import Acting, Database, Session
from vetcore.errors import AlreadyExists, InvalidTransition, InvalidValue, NotFound
from vetcore.models import Appointment, Pet, TimeOff, WaitlistEntry
from vetcore.scheduling import (
    accept_offer,
    cancel,
    decline_offer,
    join_waitlist,
    leave_waitlist,
    move,
    offer_next,
)
from vetcore.scheduling.errors import PetNotBookable, ServiceNotOffered
from vetcore.schemas import WaitlistEntryUpdate
from vetcore.values.animals import PetStatus
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus, WaitlistStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")


@pytest.fixture
async def made(db: Database) -> Practice:
    """One veterinarian, who is free at ten on Monday and every quarter of an hour after."""
    return await practice(db, vets=1, pets=6)


# Joining and leaving ----------------------------------------------------------------------------


async def test_who_joins_waits_as_asked(db: Database, made: Practice) -> None:
    entry = await join(db, made, notes="mornings only")
    stored = await read_back(db, entry)
    assert stored.status is WaitlistStatus.WAITING
    assert (stored.earliest_at, stored.latest_at) == (TEN, TEN + QUARTER)
    assert stored.notes == "mornings only"


async def test_the_transactions_actor_is_who_asked(db: Database, made: Practice) -> None:
    owner = made.pets[0].owner_id
    async with db.transaction(Acting(owner)) as session:
        entry = await join_waitlist(session, wish(made), by=Capacity.STAFF)
    assert (await read_back(db, entry)).requested_by_id == owner


async def test_a_pet_waits_once_for_one_service_and_the_transaction_goes_on(
    db: Database, made: Practice
) -> None:
    await join(db, made)
    async with db.transaction() as session:
        with pytest.raises(AlreadyExists):
            await join_waitlist(session, wish(made), by=Capacity.STAFF)
        await join_waitlist(session, wish(made, service=ServiceType.SURGERY), by=Capacity.STAFF)


async def test_nobody_waits_for_what_can_never_be_booked(db: Database, made: Practice) -> None:
    with pytest.raises(ServiceNotOffered):
        await join(db, made, service=ServiceType.GROOMING)
    with pytest.raises(NotFound):
        await join(db, made, pet_id=UUID(int=1))
    async with db.transaction() as session:
        (await session.get_one(Pet, made.pets[0].id)).status = PetStatus.DECEASED
    with pytest.raises(PetNotBookable):
        await join(db, made)


@pytest.mark.parametrize("days", [-1, 0, -7])
async def test_a_window_ends_after_it_begins_and_in_the_time_to_come(
    made: Practice, days: int
) -> None:
    begin = TEN if days > -7 else TEN - timedelta(days=14)
    with pytest.raises(ValidationError, match="latest_at"):
        wish(made, earliest_at=begin, latest_at=TEN + timedelta(days=days))


async def test_a_change_keeps_the_window_whole(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    async with db.transaction() as session:
        stored = await session.get_one(WaitlistEntry, entry.id)
        with pytest.raises(InvalidValue):
            WaitlistEntryUpdate(earliest_at=TEN + QUARTER).apply_to(stored)
        WaitlistEntryUpdate(latest_at=TEN + HALF_AN_HOUR).apply_to(stored)
    assert (await read_back(db, entry)).latest_at == TEN + HALF_AN_HOUR


async def test_who_leaves_is_offered_nothing_and_may_join_again(
    db: Database, made: Practice
) -> None:
    entry = await join(db, made)
    async with db.transaction() as session:
        await leave_waitlist(session, entry.id)
    assert (await read_back(db, entry)).status is WaitlistStatus.WITHDRAWN
    assert await offer(db, made) is None
    await join(db, made)


async def test_who_leaves_with_an_offer_gives_the_slot_back(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    await offer(db, made)
    async with db.transaction() as session:
        await leave_waitlist(session, entry.id)
    assert (await hold_of(db, entry)).status is AppointmentStatus.CANCELLED
    await occupy(db, made)


async def test_what_is_over_cannot_be_left(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    await offer(db, made)
    async with db.transaction() as session:
        await accept_offer(session, entry.id, by=Capacity.OWNER)
    with pytest.raises(InvalidTransition) as caught:
        async with db.transaction() as session:
            await leave_waitlist(session, entry.id)
    assert caught.value.details["current"] == "booked"
    assert caught.value.details["requested"] == "withdrawn"


async def test_an_entry_that_is_not_there_is_not_found(db: Database) -> None:
    for change in (leave_waitlist, _accepted, decline_offer):
        with pytest.raises(NotFound):
            async with db.transaction() as session:
                await change(session, uuid4())


# Offers -----------------------------------------------------------------------------------------


async def test_nothing_is_offered_until_a_slot_comes_free(db: Database, made: Practice) -> None:
    taken = await occupy(db, made)
    entry = await join(db, made)
    assert await offer(db, made) is None
    async with db.transaction() as session:
        await cancel(session, taken.id, by=Capacity.STAFF)
        offered = await offer_next(session, clinic_id=made.clinic.id)
    assert offered is not None
    assert offered.id == entry.id
    assert (await read_back(db, entry)).status is WaitlistStatus.OFFERED
    held = await hold_of(db, entry)
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
            await join(db, made, animal, priority=priority, **window)
    served = []
    while (entry := await offer(db, made)) is not None:
        served.append(entry.pet_id)
    assert served == [made.pets[animal].id for animal in (3, 2, 0, 1)]


async def test_an_entry_that_no_slot_suits_does_not_hold_up_those_behind(
    db: Database, made: Practice
) -> None:
    sunday = TEN - timedelta(days=1)
    await join(db, made, 0, earliest_at=sunday, latest_at=sunday + HALF_AN_HOUR)
    second = await join(db, made, 1)
    offered = await offer(db, made)
    assert offered is not None
    assert offered.id == second.id


async def test_an_entry_whose_pet_can_no_longer_be_booked_is_passed_over(
    db: Database, made: Practice
) -> None:
    await join(db, made, 0, priority=AppointmentPriority.URGENT)
    second = await join(db, made, 1)
    async with db.transaction() as session:
        (await session.get_one(Pet, made.pets[0].id)).status = PetStatus.DECEASED
    offered = await offer(db, made)
    assert offered is not None
    assert offered.id == second.id


async def test_an_entry_may_wait_for_one_veterinarian(db: Database) -> None:
    made = await practice(db, vets=2, pets=6)
    wanted = made.vets[1]
    entry = await join(db, made, practitioner_id=wanted.user_id)
    await offer(db, made)
    assert (await hold_of(db, entry)).practitioner_id == wanted.user_id


async def test_a_slot_weeks_ahead_is_found(db: Database, made: Practice) -> None:
    back = TEN + timedelta(days=25)
    away = TimeOff(practitioner_id=made.vets[0].user_id, starts_at=TEN, ends_at=back)
    async with db.transaction() as session:
        session.add(away)
    entry = await join(db, made, latest_at=back + timedelta(days=14))
    await offer(db, made)
    assert (await hold_of(db, entry)).starts_at == back


async def test_a_slot_that_was_declined_goes_to_the_next(db: Database, made: Practice) -> None:
    first, second = await join(db, made, 0), await join(db, made, 1)
    await offer(db, made)
    async with db.transaction() as session:
        await decline_offer(session, first.id)
        offered = await offer_next(session, clinic_id=made.clinic.id)
    assert offered is not None
    assert offered.id == second.id
    waiting = await read_back(db, first)
    assert waiting.status is WaitlistStatus.WAITING
    assert waiting.offered_appointment_id is None


async def test_who_declined_is_offered_another_start(db: Database, made: Practice) -> None:
    entry = await join(db, made, latest_at=TEN + timedelta(hours=1))
    starts = []
    while await offer(db, made) is not None:
        starts.append((await hold_of(db, entry)).starts_at)
        async with db.transaction() as session:
            await decline_offer(session, entry.id)
    assert len(starts) > 1
    assert starts == sorted(set(starts))
    assert starts[0] == TEN


async def test_a_hold_that_was_moved_and_given_back_is_not_offered_for_a_live_one(
    db: Database, made: Practice
) -> None:
    entry = await join(db, made)
    await offer(db, made)
    held_id = (await hold_of(db, entry)).id
    async with db.transaction() as session:
        await move(session, held_id, starts_at=TEN + timedelta(hours=1), by=Capacity.STAFF)
        await decline_offer(session, entry.id)
    assert await offer(db, made) is None
    assert (await read_back(db, entry)).status is WaitlistStatus.WAITING


async def _accepted(session: Session, entry_id: UUID) -> Appointment:
    return await accept_offer(session, entry_id, by=Capacity.OWNER)


async def test_only_an_offer_can_be_accepted_or_declined(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    for change in (_accepted, decline_offer):
        with pytest.raises(InvalidTransition) as caught:
            async with db.transaction() as session:
                await change(session, entry.id)
        assert caught.value.details["current"] == "waiting"


async def test_an_accepted_offer_is_an_appointment(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    await offer(db, made)
    async with db.transaction() as session:
        booked = await accept_offer(session, entry.id, by=Capacity.OWNER)
    assert booked.status is AppointmentStatus.SCHEDULED
    assert (await read_back(db, entry)).status is WaitlistStatus.BOOKED
    assert await offer(db, made) is None


async def test_an_offer_stands_as_long_as_was_said(db: Database, made: Practice) -> None:
    """Holds run out by the database's clock, so this one is asked for in real time."""
    present = datetime.now(UTC)
    week = {"earliest_at": present + timedelta(days=1), "latest_at": present + timedelta(days=8)}
    with clock.frozen(present):
        entry = await join(db, made, **week)
        await offer(db, made, hold_for=timedelta(hours=2))
    expires = (await hold_of(db, entry)).hold_expires_at
    assert expires is not None
    assert abs(expires - present - timedelta(hours=2)) < timedelta(minutes=5)


async def test_an_offer_stands_no_longer_than_until_it_starts(db: Database, made: Practice) -> None:
    entry = await join(db, made)
    await offer(db, made, hold_for=timedelta(days=36_500))
    held = await hold_of(db, entry)
    assert held.hold_expires_at == held.starts_at
