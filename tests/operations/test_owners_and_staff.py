"""Owners and staff with appointments: which rules bind owners, and which fields are for staff."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.operations.acts import ACTS, LATER, move_command, refused
from tests.operations.house import (
    House,
)
from tests.scheduling.availability import exams
from tests.scheduling.practice import TEN, booked_at
from vetcore import clock
from vetcore.database import Database
from vetcore.errors import (
    NotFound,
    PermissionDenied,
)
from vetcore.models import Clinic
from vetcore.operations import (
    Operation,
    book_appointment,
    cancel_appointment,
    end_patient,
    move_appointment,
)
from vetcore.scheduling.errors import NotBookableOnline, TooLateToCancel
from vetcore.schemas import (
    AppointmentCancel,
    ClinicPatientAct,
)
from vetcore.schemas.base import Schema

pytestmark = pytest.mark.usefixtures("on_a_friday")

LATE = TEN - timedelta(hours=2)
"""When the notice that binds owners has passed."""


@pytest.mark.parametrize(
    ("operation", "told"),
    [(move_appointment, move_command), (cancel_appointment, AppointmentCancel)],
    ids=["move", "cancel"],
)
async def test_the_clinics_notice_binds_owners_alike_and_nobody_else(
    shared: Database, house: House, operation: Operation[Any, Any], told: Callable[..., Schema]
) -> None:
    booked = await booked_at(shared, house.made)
    command = told(id=booked.id)
    with clock.frozen(TEN - timedelta(hours=24)):
        async with shared.trial(house.acting("owner")) as session:
            await operation(session, command)
    with clock.frozen(LATE):
        await refused(shared, house, "owner", operation, command, TooLateToCancel)
        for who in ("staff", "system"):
            async with shared.trial(house.acting(who)) as session:
                await operation(session, command)


@pytest.mark.parametrize(
    ("operation", "told"),
    [(move_appointment, move_command), (cancel_appointment, AppointmentCancel)],
    ids=["move", "cancel"],
)
async def test_who_works_there_acts_as_staff_of_their_own_pet_unless_they_say_otherwise(
    shared: Database, house: House, operation: Operation[Any, Any], told: Callable[..., Schema]
) -> None:
    booked = await booked_at(shared, house.made, pet_id=house.their_pet.id)
    strangers = await booked_at(shared, house.made, TEN + timedelta(hours=1))
    command = told(id=booked.id)
    with clock.frozen(LATE):
        await refused(shared, house, "both", operation, command, TooLateToCancel, as_owner=True)
        async with shared.trial(house.acting("both")) as session:
            await operation(session, command)
        # Of a pet that is not theirs they cannot act as the owner.
        async with shared.trial(house.acting("both", as_owner=True)) as session:
            await operation(session, told(id=strangers.id))


async def test_who_acts_as_an_owner_has_no_field_of_staff(shared: Database, house: House) -> None:
    booked = await booked_at(shared, house.made, pet_id=house.their_pet.id)
    move = move_command(id=booked.id, internal_notes="By myself")
    await refused(shared, house, "both", move_appointment, move, PermissionDenied, as_owner=True)
    async with shared.trial(house.acting("both")) as session:
        assert (await move_appointment(session, move)).internal_notes == "By myself"
    wish = house.made.request(LATER, pet_id=house.their_pet.id, priority="urgent")
    await refused(shared, house, "both", book_appointment, wish, PermissionDenied, as_owner=True)
    async with shared.trial(house.acting("both")) as session:
        await book_appointment(session, wish)


@pytest.mark.parametrize("name", ["book", "hold", "move", "move a hold", "confirm hold"])
async def test_an_owner_is_bound_to_what_the_clinic_lets_owners_book(
    shared: Database, house: House, name: str
) -> None:
    act = ACTS[name]
    command = await act.command(shared, house)
    async with shared.transaction() as session:
        place = await session.get_one(Clinic, house.made.clinic.id)
        place.services = exams(30, online_bookable=False)
    if name != "confirm hold":  # it was let to them already
        await refused(shared, house, "owner", act.operation, command, NotBookableOnline)
    for who in ("staff", "system"):
        async with shared.trial(house.acting(who)) as session:
            await act.operation(session, command)


FOR_STAFF: dict[str, Any] = {
    "room_id": uuid4(),
    "priority": "urgent",
    "duration_minutes": 45,
    "internal_notes": "Bites",
    "estimated_cost": "12.50",
    "currency": "USD",
    "overrides": ("clinic_closed",),
}

REFUSED_TO_OWNERS = [
    *(("book", {field: value}) for field, value in FOR_STAFF.items()),
    *(("hold", {field: value}) for field, value in FOR_STAFF.items()),
    *(("move", {field: FOR_STAFF[field]}) for field in ("room_id", "overrides", "internal_notes")),
    *((name, {"overrides": FOR_STAFF["overrides"]}) for name in ("confirm hold", "confirm")),
    *(
        ("update", {field: value})
        for field, value in (
            ("priority", "urgent"),
            ("internal_notes", "Bites"),
            ("internal_notes", None),
            ("estimated_cost", None),
            ("actual_cost", "12.50"),
            ("currency", "USD"),
        )
    ),
]


@pytest.mark.parametrize(
    ("name", "given"), REFUSED_TO_OWNERS, ids=[f"{a}-{[*b]}" for a, b in REFUSED_TO_OWNERS]
)
async def test_fields_for_staff_are_refused_to_owners_by_name(
    shared: Database, house: House, name: str, given: dict[str, Any]
) -> None:
    more = {"currency": "USD"} if any(field.endswith("_cost") for field in given) else {}
    command = await ACTS[name].command(shared, house, **given | more)
    operation = ACTS[name].operation
    error = await refused(shared, house, "owner", operation, command, PermissionDenied)
    assert f"field {next(iter(given | more))}" in str(error) or "field currency" in str(error)


async def test_an_owner_may_say_what_would_be_so_anyway(shared: Database, house: House) -> None:
    usual = {"priority": "routine", "overrides": (), "room_id": None, "internal_notes": None}
    async with shared.trial(house.acting("owner")) as session:
        await book_appointment(session, house.made.request(**usual))


async def test_staff_who_may_not_set_rules_aside_do_not(shared: Database, house: House) -> None:
    night = TEN - timedelta(hours=8)
    wish = house.made.request(night, overrides=("clinic_closed", "off_duty"))
    await refused(shared, house, "technician", book_appointment, wish, PermissionDenied)
    for who in ("staff", "admin", "system"):
        async with shared.trial(house.acting(who)) as session:
            booked = await book_appointment(session, wish)
            assert booked.overrides == ("clinic_closed", "off_duty")
    async with shared.trial(house.acting("technician")) as session:
        await book_appointment(session, house.made.request(priority="urgent"))


async def test_staff_book_for_patients_and_do_not_see_other_pets(
    shared: Database, house: House
) -> None:
    async with shared.transaction(house.acting("owner")) as session:
        await end_patient(
            session,
            ClinicPatientAct(pet_id=house.made.pets[0].id, clinic_id=house.made.clinic.id),
        )
    wish = house.made.request()
    await refused(shared, house, "staff", book_appointment, wish, NotFound)
    async with shared.transaction(house.acting("owner")) as session:
        await book_appointment(session, wish)
    # Who books there is a patient.
    async with shared.trial(house.acting("staff")) as session:
        await book_appointment(session, house.made.request(LATER))
