"""What owners book themselves, and what only the clinic's staff book for them."""

from datetime import timedelta

import pytest

from tests.scheduling.availability import DAY, MONDAY, at, exams, find, hourly_practice, starts
from tests.scheduling.practice import TEN, Practice, booked_at, held_at, stored
from vetcore.database import Database
from vetcore.errors import InvalidValue, NotBookable, VetcoreError
from vetcore.models import Clinic
from vetcore.scheduling import Slot, book, hold, join_waitlist, move, next_available
from vetcore.scheduling.errors import NotBookableOnline
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate, WaitlistEntryCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")
EXAM = ServiceType.WELLNESS_EXAM
NOT_ONLINE = exams(online_bookable=False)


def _wish(
    made: Practice, start: str, kind: type[AppointmentCreate] = AppointmentCreate
) -> AppointmentCreate:
    return kind(clinic_id=made.clinic.id, service=EXAM, pet_id=made.pets[0].id, starts_at=at(start))


@pytest.mark.parametrize("bookable", [True, False])
@pytest.mark.parametrize("by", Capacity)
@pytest.mark.parametrize("kind", [AppointmentCreate, AppointmentHoldCreate])
async def test_what_is_listed_for_somebody_is_what_they_can_book_and_hold(
    shared: Database, kind: type[AppointmentCreate], by: Capacity, bookable: bool
) -> None:
    made = await hourly_practice(shared, services=exams(online_bookable=bookable))
    refused: set[str] = set()
    for step in (book, hold):
        async with shared.trial() as session:  # rolled back
            try:
                listed = await starts(shared, made, by=by)
                appointment = await step(session, _wish(made, listed[1], kind), by=by)
            except NotBookableOnline as error:
                refused.add(f"listed: {error.details['service']}")
                with pytest.raises(NotBookableOnline):
                    await step(session, _wish(made, "09:00", kind), by=by)
            else:
                assert appointment.starts_at == at(listed[1])
    online = by is Capacity.OWNER
    assert refused == ({"listed: wellness_exam"} if online and not bookable else set())


@pytest.mark.parametrize("make", [booked_at, held_at])
async def test_an_owner_moves_what_they_could_book_and_staff_move_anything(
    shared: Database, make: object
) -> None:
    made = await hourly_practice(shared)
    booked = await make(shared, made)  # type: ignore[operator]
    later = TEN + timedelta(hours=3)
    async with shared.trial() as session:
        moved = await move(session, booked.id, starts_at=later, by=Capacity.OWNER)
        assert moved.starts_at == later
    async with shared.transaction() as session:
        (await session.get_one(Clinic, made.clinic.id)).services = NOT_ONLINE
    async with shared.transaction() as session:
        with pytest.raises(NotBookableOnline):
            await move(session, booked.id, starts_at=later, by=Capacity.OWNER)
    assert (await stored(shared, booked)).starts_at == TEN
    for by in (Capacity.STAFF, Capacity.SYSTEM):
        async with shared.trial() as session:
            moved = await move(session, booked.id, starts_at=later, by=by)
            assert moved.starts_at == later


async def test_an_owner_sets_no_rule_aside(shared: Database) -> None:
    made = await hourly_practice(shared)
    booked, held = await booked_at(shared, made), await held_at(shared, made, animal=1)
    aside = ("clinic_closed",)
    wish = made.request(animal=2, overrides=aside)
    by = Capacity.OWNER
    async with shared.trial() as session:
        for refused in (
            book(session, wish, by=by),
            hold(session, AppointmentHoldCreate(**wish.model_dump()), by=by),
            move(session, booked.id, starts_at=TEN + DAY, overrides=aside, by=by),
            move(session, held.id, starts_at=TEN + DAY, overrides=aside, by=by),
        ):
            with pytest.raises(InvalidValue) as caught:
                await refused
            assert caught.value.details["field"] == "overrides"


async def test_an_owners_hold_lasts_as_long_as_the_clinics_policy_says(shared: Database) -> None:
    made = await hourly_practice(shared)
    async with shared.trial() as session:
        held = await hold(session, _wish(made, "09:00"), by=Capacity.OWNER)
    assert held.status is AppointmentStatus.HELD
    assert held.hold_expires_at is not None


async def test_staff_are_listed_what_owners_are_not(shared: Database) -> None:
    made = await hourly_practice(shared, services=NOT_ONLINE)
    window = at("08:00"), at("09:00")
    (slot,) = await find(shared, made, *window, by=Capacity.STAFF)
    with pytest.raises(NotBookable) as caught:
        await find(shared, made, *window, by=Capacity.OWNER)
    assert caught.value.code == "not_bookable_online"
    assert slot.start == at("08:00")


async def test_the_next_slot_for_an_owner_passes_over_clinics_whose_staff_book(
    shared: Database,
) -> None:
    by_staff = await hourly_practice(shared, services=NOT_ONLINE)
    made = await hourly_practice(shared)

    async def first(*clinics: Practice, by: Capacity) -> Slot | None:
        ids = [each.clinic.id for each in clinics]
        async with shared.trial() as session:
            return await next_available(session, clinic_ids=ids, service=EXAM, by=by)

    for by, expected in ((Capacity.STAFF, by_staff), (Capacity.OWNER, made)):
        slot = await first(by_staff, made, by=by)
        assert slot is not None
        assert slot.clinic_id == expected.clinic.id
    assert await first(by_staff, by=Capacity.OWNER) is None


@pytest.mark.parametrize("by", Capacity)
async def test_an_owner_does_not_wait_for_what_they_could_not_book(
    shared: Database, by: Capacity
) -> None:
    refused = []
    for bookable in (True, False):
        made = await hourly_practice(shared, services=exams(online_bookable=bookable))
        wish = WaitlistEntryCreate(
            clinic_id=made.clinic.id,
            pet_id=made.pets[0].id,
            service=EXAM,
            earliest_at=at("00:00"),
            latest_at=at("00:00", MONDAY + DAY) + timedelta(days=1),
        )
        async with shared.trial() as session:
            try:
                await join_waitlist(session, wish, by=by)
            except VetcoreError as error:
                refused.append((bookable, error.code))
    assert refused == ([(False, "not_bookable_online")] if by is Capacity.OWNER else [])
