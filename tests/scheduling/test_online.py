"""What owners book themselves, and what only the clinic's staff book for them."""

from datetime import timedelta

import pytest

from tests.scheduling.availability import DAY, MONDAY, at, exams, find, hourly_practice, starts
from tests.scheduling.practice import Practice
from vetcore.database import Database
from vetcore.errors import NotBookable, VetcoreError
from vetcore.scheduling import Slot, book, hold, join_waitlist, next_available
from vetcore.scheduling.errors import NotBookableOnline
from vetcore.schemas import (
    AppointmentCreate,
    AppointmentHoldCreate,
    AppointmentOwnerCreate,
    WaitlistEntryCreate,
    WaitlistEntryOwnerCreate,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ServiceType

pytestmark = pytest.mark.usefixtures("on_a_friday")
EXAM = ServiceType.WELLNESS_EXAM


def _wish(
    made: Practice, start: str, kind: type[AppointmentOwnerCreate] = AppointmentOwnerCreate
) -> AppointmentOwnerCreate:
    return kind(clinic_id=made.clinic.id, service=EXAM, pet_id=made.pets[0].id, starts_at=at(start))


@pytest.mark.parametrize("bookable", [True, False])
@pytest.mark.parametrize(
    ("kind", "online"),
    [
        (AppointmentOwnerCreate, True),
        (AppointmentCreate, False),
        (AppointmentHoldCreate, False),
    ],
)
async def test_what_is_listed_for_somebody_is_what_they_can_book_and_hold(
    shared: Database, kind: type[AppointmentOwnerCreate], online: bool, bookable: bool
) -> None:
    made = await hourly_practice(shared, services=exams(online_bookable=bookable))
    refused: set[str] = set()
    for step in (book, hold):
        async with shared.trial() as session:  # rolled back
            try:
                listed = await starts(shared, made, online=online)
                appointment = await step(session, _wish(made, listed[1], kind))
            except NotBookableOnline as error:
                refused.add(f"listed: {error.details['service']}")
                with pytest.raises(NotBookableOnline):
                    await step(session, _wish(made, "09:00", kind))
            else:
                assert appointment.starts_at == at(listed[1])
    assert refused == ({"listed: wellness_exam"} if online and not bookable else set())


async def test_an_owners_hold_lasts_as_long_as_the_clinics_policy_says(shared: Database) -> None:
    made = await hourly_practice(shared)
    async with shared.trial() as session:
        held = await hold(session, _wish(made, "09:00"))
    assert held.status is AppointmentStatus.HELD
    assert held.hold_expires_at is not None


async def test_staff_are_listed_what_owners_are_not(shared: Database) -> None:
    made = await hourly_practice(shared, services=exams(online_bookable=False))
    window = at("08:00"), at("09:00")
    (slot,) = await find(shared, made, *window)
    with pytest.raises(NotBookable) as caught:
        await find(shared, made, *window, online=True)
    assert caught.value.code == "not_bookable_online"
    assert slot.start == at("08:00")


async def test_the_next_slot_for_an_owner_passes_over_clinics_whose_staff_book(
    shared: Database,
) -> None:
    by_staff = await hourly_practice(shared, services=exams(online_bookable=False))
    made = await hourly_practice(shared)

    async def first(*clinics: Practice, online: bool) -> Slot | None:
        ids = [each.clinic.id for each in clinics]
        async with shared.trial() as session:
            return await next_available(session, clinic_ids=ids, service=EXAM, online=online)

    for online, expected in ((False, by_staff), (True, made)):
        slot = await first(by_staff, made, online=online)
        assert slot is not None
        assert slot.clinic_id == expected.clinic.id
    assert await first(by_staff, online=True) is None


@pytest.mark.parametrize("kind", [WaitlistEntryOwnerCreate, WaitlistEntryCreate])
async def test_an_owner_does_not_wait_for_what_they_could_not_book(
    shared: Database, kind: type[WaitlistEntryOwnerCreate]
) -> None:
    refused = []
    for bookable in (True, False):
        made = await hourly_practice(shared, services=exams(online_bookable=bookable))
        wish = kind(
            clinic_id=made.clinic.id,
            pet_id=made.pets[0].id,
            service=EXAM,
            earliest_at=at("00:00"),
            latest_at=at("00:00", MONDAY + DAY) + timedelta(days=1),
        )
        async with shared.trial() as session:
            try:
                await join_waitlist(session, wish)
            except VetcoreError as error:
                refused.append((bookable, error.code))
    by_owner = kind is WaitlistEntryOwnerCreate
    assert refused == ([(False, "not_bookable_online")] if by_owner else [])
