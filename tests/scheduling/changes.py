"""What may change between the booking of a visit and the visit, and the rule that then refuses it."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from tests.scheduling.practice import NOW, SERVICES, TEN, Practice
from vetcore.models import Clinic, ClinicClosure, Pet, StaffMembership, TimeOff, Veterinarian
from vetcore.values.animals import PetStatus, Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ClinicStatus, LicenseStatus, ServiceType, TimeOffKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = date(2026, 3, 9)

Change = Callable[[AsyncSession, Practice], Awaitable[None]]


def to(entity: type[Any], which: str, **values: Any) -> Change:
    async def change(session: AsyncSession, made: Practice) -> None:
        keys = {"clinic": made.clinic.id, "pet": made.pets[0].id, "vet": made.vets[0].id}
        row = await session.get_one(entity, keys[which])
        for name, value in values.items():
            setattr(row, name, value)

    return change


async def _time_off(session: AsyncSession, made: Practice) -> None:
    ends = TEN + DAY
    session.add(
        TimeOff(
            practitioner_id=made.vets[0].user_id,
            starts_at=TEN,
            ends_at=ends,
            kind=TimeOffKind.SICK_LEAVE,
        )
    )


async def closure(session: AsyncSession, made: Practice) -> None:
    session.add(
        ClinicClosure(clinic_id=made.clinic.id, first_on=MONDAY, last_on=MONDAY, reason="power cut")
    )


async def _post_ends(session: AsyncSession, made: Practice) -> None:
    await session.execute(
        update(StaffMembership)
        .where(StaffMembership.user_id == made.vets[0].user_id)
        .values(ends_on=MONDAY - DAY)
    )


async def _post_ended_long_ago(session: AsyncSession, made: Practice) -> None:
    await session.execute(
        update(StaffMembership)
        .where(StaffMembership.user_id == made.vets[0].user_id)
        .values(ends_on=MONDAY - 30 * DAY)
    )


async def pet_goes(session: AsyncSession, made: Practice) -> None:
    await session.execute(
        update(Pet).where(Pet.id == made.pets[0].id).values(deleted_at=NOW, status="active")
    )


async def died(session: AsyncSession, made: Practice) -> None:
    # As another program would write it.
    await session.execute(
        update(Pet).where(Pet.id == made.pets[0].id).values(status=PetStatus.DECEASED)
    )


async def _given_away(session: AsyncSession, made: Practice) -> None:
    await session.execute(
        update(Pet).where(Pet.id == made.pets[0].id).values(status=PetStatus.REHOMED)
    )


PATIENT_AND_PLACE: dict[str, tuple[Change, str]] = {
    "suspended": (
        to(Veterinarian, "vet", license_status=LicenseStatus.SUSPENDED),
        "license_not_valid",
    ),
    "licence ran out": (
        to(Veterinarian, "vet", license_expires_on=MONDAY - DAY),
        "license_not_valid",
    ),
    "post ends": (_post_ends, "not_working_here"),
    "post ended long ago": (_post_ended_long_ago, "not_working_here"),
    "deceased": (died, "pet_not_bookable"),
    "rehomed": (_given_away, "pet_not_bookable"),
    "clinic closed down": (to(Clinic, "clinic", status=ClinicStatus.CLOSED), "clinic_not_active"),
    "closure": (closure, "clinic_closed"),
    "time off": (_time_off, "off_duty"),
}
"""What matters also when the pet stands at the desk."""

CATALOGUE: dict[str, tuple[Change, str]] = {
    "clinic's species": (
        to(Clinic, "clinic", species_treated=(Species.CAT,)),
        "species_not_treated",
    ),
    "vet's species": (
        to(Veterinarian, "vet", species_treated=(Species.CAT,)),
        "species_not_treated",
    ),
    "service given up": (
        to(Clinic, "clinic", services=SERVICES.without(ServiceType.WELLNESS_EXAM)),
        "service_not_offered",
    ),
}
"""What matters before that, also when the time stands."""

NOTICE: dict[str, tuple[Change, str]] = {
    "more notice": (
        to(Clinic, "clinic", booking_policy=BookingPolicy(minimum_notice_minutes=7 * 1440)),
        "too_soon",
    ),
    "shorter horizon": (
        to(
            Clinic,
            "clinic",
            booking_policy=BookingPolicy(minimum_notice_minutes=0, horizon_days=1),
        ),
        "beyond_horizon",
    ),
    "other hours": (to(Clinic, "clinic", opening_hours="Mo-Fr 08:10-18:10"), "off_grid"),
    "books closed": (
        to(Clinic, "clinic", accepts_new_patients=False),
        "not_accepting_new_patients",
    ),
}
"""What is settled once a time was given."""

EVERYTHING = PATIENT_AND_PLACE | CATALOGUE | NOTICE
