"""So many appointments of a service, and so many of new patients, on a day of the clinic."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.scheduling.availability import DAY, NEW_YORK, at, starts
from tests.scheduling.capped import (
    EXAM,
    TEN,
    at_most,
    capped,
    changed,
    full,
    new_at_most,
    there,
)
from tests.scheduling.practice import (
    HALF_AN_HOUR,
    booked_at,
    held_at,
    lasting,
    practice,
    run_out,
    stored,
)
from vetcore import clock
from vetcore.database import Database
from vetcore.medical import open_record
from vetcore.scheduling import cancel, find_slots, find_slots_across, hold
from vetcore.scheduling.errors import OVERRIDABLE
from vetcore.schemas import AppointmentHoldCreate, MedicalRecordCreate
from vetcore.testing import count_statements
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.services import ServiceOffering

pytestmark = pytest.mark.usefixtures("on_a_friday")

TUESDAY = date(2026, 3, 10)
LATER = TEN + HALF_AN_HOUR
AT_NOON = TEN + timedelta(hours=3)
"""One in the afternoon."""


async def test_a_service_is_booked_so_often_a_day_and_no_more_is_listed_or_booked(
    db: Database,
) -> None:
    made = await capped(db, 2)
    await booked_at(db, made)
    assert "13:00" in await starts(db, made)
    await booked_at(db, made, LATER, animal=1)
    assert await starts(db, made) == []
    assert await starts(db, made, pet_id=made.pets[3].id) == []
    await full(
        lambda: booked_at(db, made, AT_NOON, animal=2),
        limit="most_per_day",
        most=2,
        count=2,
        day="2026-03-09",
    )
    await full(lambda: held_at(db, made, starts_at=AT_NOON, animal=2), limit="most_per_day")
    assert "10:00" in await starts(db, made, TUESDAY)
    await booked_at(db, made, TEN + DAY, animal=2)
    await booked_at(db, made, AT_NOON, animal=2, service=ServiceType.SURGERY)


async def test_whoever_is_named_is_refused_alike(db: Database) -> None:
    made = await capped(db, 1)
    who = made.vets[0].user_id
    await booked_at(db, made, practitioner_id=who)
    for vet in made.vets:
        await full(
            lambda vet=vet: booked_at(db, made, LATER, animal=1, practitioner_id=vet.user_id)
        )


async def test_what_occupies_nothing_does_not_count(db: Database) -> None:
    made = await capped(db, 1)
    booked = await booked_at(db, made)
    async with db.transaction() as session:
        await cancel(session, booked.id, by=Capacity.STAFF)
    held = await held_at(db, made, animal=1)
    await full(lambda: booked_at(db, made, LATER, animal=2))
    await run_out(db, held)
    assert "10:00" in await starts(db, made)
    await booked_at(db, made, LATER, animal=2)


async def test_staff_may_set_a_full_day_aside_and_it_is_recorded(db: Database) -> None:
    made = await capped(db, 1)
    assert "day_is_full" in OVERRIDABLE
    first = await booked_at(db, made, overrides=("day_is_full",))
    assert first.overrides == ()
    second = await booked_at(db, made, LATER, animal=1, overrides=("day_is_full",))
    assert (await stored(db, second)).overrides == ("day_is_full",)
    await full(lambda: booked_at(db, made, AT_NOON, animal=2), most=1, count=2)


# New patients -------------------------------------------------------------------------------------


async def test_so_many_new_patients_come_a_day_and_others_as_ever(db: Database) -> None:
    made = await capped(db, new=1)
    for known in (6, 7):
        await booked_at(db, made, TEN + DAY * (known - 5), animal=known)
    await booked_at(db, made)
    assert await starts(db, made, pet_id=made.pets[1].id) == []
    assert "13:00" in await starts(db, made, pet_id=made.pets[6].id)
    assert "13:00" in await starts(db, made)
    await full(
        lambda: booked_at(db, made, LATER, animal=1),
        limit="new_patients_per_day",
        most=1,
        count=1,
        day="2026-03-09",
    )
    await full(lambda: booked_at(db, made, LATER, animal=1, service=ServiceType.SURGERY))
    await booked_at(db, made, LATER, animal=6)
    assert await there(db, made) == [
        (TEN, True),
        (LATER, False),
        (TEN + DAY, True),
        (TEN + 2 * DAY, True),
    ]


@pytest.mark.parametrize("named", [True, False], ids=["at once", "step by step"])
async def test_of_two_bookings_of_a_new_pet_the_first_is_new(db: Database, named: bool) -> None:
    made = await capped(db)
    given: dict[str, Any] = {"practitioner_id": made.vets[0].user_id} if named else {}
    for number in range(3):
        await booked_at(db, made, TEN + number * HALF_AN_HOUR, **given)
    assert [new for _, new in await there(db, made)] == [True, False, False]


@pytest.mark.parametrize("named", [True, False], ids=["at once", "step by step"])
async def test_a_record_makes_a_pet_known_and_a_hold_does_not(db: Database, named: bool) -> None:
    made = await capped(db)
    given: dict[str, Any] = {"practitioner_id": made.vets[0].user_id} if named else {}
    await booked_at(db, made, animal=5, **given)
    await lasting(db, await held_at(db, made, starts_at=LATER, **given))
    assert (await booked_at(db, made, AT_NOON, **given)).new_patient
    async with db.transaction() as session:
        await open_record(
            session,
            MedicalRecordCreate(
                pet_id=made.pets[1].id,
                clinic_id=made.clinic.id,
                practitioner_id=made.vets[0].user_id,
            ),
        )
    known = await booked_at(db, made, TEN + DAY, animal=1, **given)
    assert not (await stored(db, known)).new_patient


async def test_at_another_clinic_the_pet_is_new_there(db: Database) -> None:
    made, other = await capped(db), await capped(db)
    await booked_at(db, made)
    assert (await booked_at(db, made, LATER, clinic_id=other.clinic.id)).new_patient


async def test_both_caps_hold_together(db: Database) -> None:
    made = await capped(db, 2, new=1)
    await booked_at(db, made)
    await full(lambda: booked_at(db, made, LATER, animal=1), limit="new_patients_per_day")
    await booked_at(db, made, LATER)
    await full(lambda: booked_at(db, made, AT_NOON), limit="most_per_day")
    both = ("day_is_full",)
    forced = await booked_at(db, made, AT_NOON, animal=1, overrides=both)
    assert forced.overrides == both
    assert forced.new_patient


# The clinic's day ---------------------------------------------------------------------------------


async def test_the_day_is_the_clinics_and_not_that_of_utc(db: Database) -> None:
    made = await capped(db, 1, opening_hours="24/7")
    late = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
    assert late.astimezone(NEW_YORK).date() == date(2026, 3, 9)
    await booked_at(db, made, late)
    await full(lambda: booked_at(db, made, animal=1), day="2026-03-09")
    assert await starts(db, made) == []
    midnight = at("00:00", TUESDAY)
    assert midnight.date() == late.date()
    assert "00:00" in await starts(db, made, TUESDAY)
    await booked_at(db, made, midnight, animal=1)
    await full(lambda: booked_at(db, made, midnight + timedelta(hours=22), animal=2))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 11, 1), 25), (date(2026, 3, 8), 23)])
async def test_a_day_on_which_the_clocks_change_is_one_day(
    db: Database, day: date, hours: int
) -> None:
    made = await capped(
        db, 2, opening_hours="24/7", booking_policy=new_at_most(None, horizon_days=700)
    )
    first, end = at("00:00", day), at("00:00", day + DAY)
    assert end - first == timedelta(hours=hours)
    await booked_at(db, made, first)
    assert "23:30" in await starts(db, made, day)
    await booked_at(db, made, end - HALF_AN_HOUR, animal=1)
    assert await starts(db, made, day) == []
    await full(
        lambda: booked_at(db, made, first + timedelta(hours=2), animal=2), day=day.isoformat()
    )
    await booked_at(db, made, first - HALF_AN_HOUR, animal=2)
    await booked_at(db, made, end, animal=2)


# What it costs ------------------------------------------------------------------------------------


async def test_a_cap_costs_one_statement_where_it_concerns_the_question_and_none_elsewhere(
    db: Database,
) -> None:
    made = await capped(db, 1, new=1)
    await booked_at(db, made)
    asked: dict[str, Any] = {
        "clinic_id": made.clinic.id,
        "start": TEN,
        "end": TEN + DAY,
        "by": Capacity.STAFF,
    }
    cases: list[tuple[dict[str, Any], int]] = [
        ({"service": EXAM}, 1),
        ({"service": EXAM, "pet_id": made.pets[1].id}, 1),
        ({"service": ServiceType.SURGERY}, 0),
        ({"service": ServiceType.SURGERY, "pet_id": made.pets[0].id}, 0),
        ({"service": ServiceType.SURGERY, "pet_id": made.pets[1].id}, 1),
    ]
    async with db.session() as session:
        await find_slots(session, **asked, service=EXAM)
        for given, more in cases:
            with count_statements(session) as counted:
                await find_slots(session, **asked, **given)
            assert len(counted) == 1 + more, given


async def test_across_clinics_each_counts_its_own(db: Database) -> None:
    some = [await capped(db, 1), await capped(db), await capped(db, new=1), await capped(db, 2)]
    for made in some:
        await booked_at(db, made)
    stranger = some[0].pets[1]
    asked: dict[str, Any] = {"service": EXAM, "start": TEN, "end": TEN + timedelta(hours=8)}
    async with db.session() as session:
        for given in ({}, {"pet_id": stranger.id}):
            asked |= given
            with count_statements(session) as counted:
                found = await find_slots_across(
                    session,
                    clinic_ids=[each.clinic.id for each in some],
                    by=Capacity.STAFF,
                    **asked,
                )
            assert len(counted) <= 3
            for made in some:
                alone = await find_slots(
                    session, clinic_id=made.clinic.id, by=Capacity.STAFF, **asked
                )
                assert found[made.clinic.id] == alone
            nothing = [number for number, made in enumerate(some) if not found[made.clinic.id]]
            assert nothing == ([0, 2] if given else [0])


@pytest.mark.parametrize("most", [0, -1, 10_001])
def test_a_cap_is_a_number_from_one_on(most: int) -> None:
    with pytest.raises(ValidationError, match="most_per_day"):
        ServiceOffering(service=EXAM, duration_minutes=30, most_per_day=most)
    with pytest.raises(ValidationError, match="new_patients_per_day"):
        BookingPolicy(new_patients_per_day=most)


async def test_a_cap_that_is_set_or_lifted_counts_at_once(db: Database) -> None:
    made = await practice(db)
    await booked_at(db, made)
    await changed(db, made, services=at_most(1))
    await full(lambda: booked_at(db, made, LATER, animal=1))
    await changed(db, made, services=at_most(None))
    await booked_at(db, made, LATER, animal=1)


async def test_a_hold_that_one_statement_makes_is_of_a_new_patient(db: Database) -> None:
    made = await capped(db)
    wish: dict[str, Any] = made.request(practitioner_id=made.vets[0].user_id).model_dump()
    request = AppointmentHoldCreate(**wish, hold_expires_at=clock.now() + DAY)
    # What is kept of the clinic comes from a booking before.
    await booked_at(db, made, animal=1, practitioner_id=made.vets[1].user_id)
    async with db.transaction() as session:
        held = await hold(session, request, by=Capacity.STAFF)
    assert held.new_patient
    assert (await stored(db, held)).new_patient
