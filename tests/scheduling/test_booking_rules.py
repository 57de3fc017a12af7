"""What booking refuses, with which error, and what staff may set aside."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from tests.scheduling.practice import SERVICES, TEN, Practice, booked_at, practice
from vetcore.database import Database, Session
from vetcore.errors import InvalidValue, NotBookable, NotFound, SlotTaken
from vetcore.models import Appointment, Clinic, Pet, StaffMembership, Veterinarian
from vetcore.scheduling import book, find_slots, move
from vetcore.scheduling.errors import (
    BeyondHorizon,
    ClinicClosed,
    InThePast,
    NobodyAvailable,
    NotWorkingHere,
    OffGrid,
    PetNotBookable,
    ServiceNotOffered,
    SpeciesNotTreated,
    TooSoon,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ClinicStatus, LicenseStatus, ServiceType
from vetcore.values.services import ServiceCatalog

NOBODY = UUID(int=1)
AT_SIX = TEN - timedelta(hours=4)
LONG_AGO = TEN - timedelta(weeks=1500)

pytestmark = pytest.mark.usefixtures("on_a_friday")


def _below(kind: type[NotBookable]) -> Iterator[type[NotBookable]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"starts_at": TEN + timedelta(minutes=7)}, OffGrid),
        ({"starts_at": TEN - timedelta(hours=4)}, ClinicClosed),
        ({"starts_at": TEN + timedelta(hours=2)}, ClinicClosed),  # the break at noon
        ({"starts_at": TEN + timedelta(hours=1, minutes=45)}, ClinicClosed),  # runs into it
        ({"starts_at": TEN - timedelta(days=1)}, ClinicClosed),
        ({"starts_at": TEN - timedelta(days=7)}, InThePast),
        ({"starts_at": TEN + timedelta(days=371)}, BeyondHorizon),
        ({"service": ServiceType.GROOMING}, ServiceNotOffered),
        ({"practitioner_id": NOBODY}, NotWorkingHere),
        ({"clinic_id": NOBODY}, NotFound),
        ({"pet_id": NOBODY}, NotFound),
        ({"starts_at": TEN + timedelta(seconds=1)}, InvalidValue),
        ({"overrides": ("slot_taken",)}, InvalidValue),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
async def test_what_breaks_a_rule_is_refused_and_nothing_is_written(
    db: Database, made: Practice, given: dict[str, object], error: type[Exception]
) -> None:
    wanted: dict[str, Any] = {"practitioner_id": made.vets[0].user_id} | given
    with pytest.raises(error):
        await booked_at(db, made, **wanted)
    async with db.session() as session:
        assert await session.scalar(select(func.count(Appointment.id))) == 0


async def test_if_nobody_can_the_error_says_why_for_each(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        await session.execute(
            text(
                "UPDATE staff_memberships SET working_hours = 'Tu 08:00-12:00' WHERE user_id = :id"
            ),
            {
                "id": made.vets[0].user_id
                if db.dialect == "postgresql"
                else made.vets[0].user_id.hex
            },
        )
        await session.execute(
            text("UPDATE veterinarians SET license_status = 'suspended' WHERE user_id = :id"),
            {
                "id": made.vets[1].user_id
                if db.dialect == "postgresql"
                else made.vets[1].user_id.hex
            },
        )
    with pytest.raises(NobodyAvailable) as caught:
        await booked_at(db, made)
    assert caught.value.details["reasons"] == {
        str(made.vets[0].user_id): "off_duty",
        str(made.vets[1].user_id): "license_not_valid",
    }


async def test_a_deceased_pet_is_not_booked(db: Database, made: Practice) -> None:
    async with db.transaction() as session:
        (await session.get_one(Pet, made.pets[0].id)).status = PetStatus.DECEASED
    with pytest.raises(PetNotBookable):
        await booked_at(db, made)


async def test_a_veterinarian_is_booked_for_the_species_they_treat(
    db: Database, made: Practice
) -> None:
    async with db.transaction() as session:
        vet = await session.get_one(Veterinarian, made.vets[0].id)
        vet.species_treated = (Species.CAT,)
    with pytest.raises(SpeciesNotTreated) as caught:
        await booked_at(db, made, practitioner_id=vet.user_id)
    assert caught.value.details["by"] == "practitioner"
    assert (await booked_at(db, made)).practitioner_id == made.vets[1].user_id


async def test_staff_may_set_aside_hours_and_notice_never_occupancy(
    db: Database,
) -> None:
    made = await practice(db, booking_policy=BookingPolicy(minimum_notice_minutes=10_000))
    with pytest.raises(TooSoon):
        await booked_at(db, made)
    every = ("too_soon", "clinic_closed", "off_duty", "off_grid")
    at_night = TEN - timedelta(hours=7, minutes=3)
    booked = await booked_at(
        db, made, starts_at=at_night, overrides=every, practitioner_id=made.vets[0].user_id
    )
    assert booked.overrides == ("too_soon", "clinic_closed", "off_duty")
    with pytest.raises(SlotTaken):
        await booked_at(
            db,
            made,
            starts_at=at_night,
            overrides=every,
            practitioner_id=made.vets[0].user_id,
            animal=1,
        )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"starts_at": LONG_AGO}, "in_the_past"),
        ({"starts_at": TEN + timedelta(days=371)}, "beyond_horizon"),
        ({"starts_at": AT_SIX}, "clinic_closed"),
        ({"starts_at": AT_SIX, "overrides": ("clinic_closed",)}, "not_working_here"),
        ({}, "not_working_here"),
    ],
)
async def test_what_is_wrong_with_the_time_comes_before_who_has_no_post_then(
    db: Database, made: Practice, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(NotBookable) as caught:
        await booked_at(db, made, practitioner_id=NOBODY, **given)
    assert caught.value.code == code
    appointment = await booked_at(db, made)
    wanted: dict[str, Any] = {"starts_at": TEN, "practitioner_id": NOBODY} | given
    async with db.transaction() as session:
        with pytest.raises(NotBookable) as caught:
            await move(session, appointment.id, **wanted, by=Capacity.STAFF)
    assert caught.value.code == code


async def test_the_past_is_the_past_also_before_anybody_had_a_post(
    db: Database, made: Practice
) -> None:
    for vet in (None, made.vets[0].user_id):
        with pytest.raises(InThePast):
            await booked_at(db, made, starts_at=LONG_AGO, practitioner_id=vet)


FOR_CATS = ServiceCatalog(
    offerings=tuple(offering.replace(species=(Species.CAT,)) for offering in SERVICES)
)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"status": ClinicStatus.CLOSED}, {"status": "closed"}),
        ({"species_treated": (Species.CAT,)}, {"by": "clinic"}),
        ({"services": FOR_CATS}, {"by": "service"}),
    ],
)
async def test_a_clinic_that_cannot_take_the_pet_neither_lists_nor_books_nor_moves(
    db: Database, made: Practice, given: dict[str, Any], told: dict[str, str]
) -> None:
    appointment = await booked_at(db, made)
    async with db.transaction() as session:
        place = await session.get_one(Clinic, made.clinic.id)
        for name, value in given.items():
            setattr(place, name, value)
    request = made.request(TEN + timedelta(hours=1))
    steps: list[Callable[[Session], Awaitable[object]]] = [
        lambda session: book(session, request, by=Capacity.STAFF),
        lambda session: move(
            session, appointment.id, starts_at=request.starts_at, by=Capacity.STAFF
        ),
        lambda session: find_slots(
            session,
            clinic_id=made.clinic.id,
            service=request.service,
            pet_id=request.pet_id,
            start=TEN,
            end=request.starts_at,
            by=Capacity.STAFF,
        ),
    ]
    for step in steps:
        async with db.trial() as session:
            with pytest.raises(NotBookable) as caught:
                await step(session)
        assert told.items() <= caught.value.details.items()


HOURS = {"clinic_closed", "off_duty", "off_grid", "outside_service_hours", "kept_for_others"}
HOURS_AND_NOTICE = HOURS | {"blocked", "too_soon", "beyond_horizon"}
SET_ASIDE = HOURS_AND_NOTICE | {
    "not_accepting_new_patients",
    "day_is_full",
    "assistants_off_duty",
}


@pytest.mark.parametrize("code", sorted(error.code for error in _below(NotBookable)))
async def test_hours_notice_and_closed_books_can_be_set_aside_and_nothing_else(
    shared: Database, code: str
) -> None:
    made = await practice(shared)
    async with shared.trial() as session:
        if code in SET_ASIDE:
            assert (
                await book(session, made.request(overrides=(code,)), by=Capacity.STAFF)
            ).overrides == ()
            return
        with pytest.raises(InvalidValue) as caught:
            await book(session, made.request(overrides=(code,)), by=Capacity.STAFF)
    assert caught.value.details["field"] == "overrides"


async def test_what_staff_do_not_set_aside_holds_whatever_else_they_do(
    db: Database, made: Practice
) -> None:
    every: dict[str, Any] = {
        "overrides": tuple(SET_ASIDE),
        "practitioner_id": made.vets[0].user_id,
    }
    async with db.transaction() as session:
        query = select(StaffMembership).where(StaffMembership.user_id == made.vets[0].user_id)
        (await session.scalars(query)).one().ends_on = TEN.date() - timedelta(days=1)
        (
            await session.get_one(Veterinarian, made.vets[1].id)
        ).license_status = LicenseStatus.SUSPENDED
        (await session.get_one(Pet, made.pets[1].id)).status = PetStatus.DECEASED
    wrong: list[tuple[dict[str, Any], str]] = [
        (every, "not_working_here"),
        (every | {"practitioner_id": made.vets[1].user_id}, "license_not_valid"),
        (every | {"animal": 1}, "pet_not_bookable"),
        (every | {"starts_at": TEN - timedelta(weeks=1)}, "in_the_past"),
        (every | {"starts_at": AT_SIX, "overrides": ("too_soon", "off_duty")}, "clinic_closed"),
    ]
    for given, code in wrong:
        with pytest.raises(NotBookable) as caught:
            await booked_at(db, made, **given)
        assert caught.value.code == code
