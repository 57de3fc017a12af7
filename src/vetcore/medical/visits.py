"""Which visit a record may be of: one that took place, of a pet that was alive, and not twice."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.translation import Violation, describe_constraint
from vetcore.errors import (
    BusinessRuleError,
    Conflict,
    NotFound,
    VetcoreError,
)
from vetcore.models import Appointment, Clinic, MedicalRecord, Pet, Veterinarian
from vetcore.schemas.rules import instant_not_to_come
from vetcore.values.walltime import zone_named

__all__ = [
    "AlreadyRecorded",
    "DiedBefore",
    "NotBornYet",
    "OtherVeterinarian",
    "Visit",
    "day_of_visit",
    "require_visit",
]


class OtherVeterinarian(BusinessRuleError):
    """The appointment of a record is with another veterinarian."""

    code = "other_veterinarian"
    title = "The appointment is with another veterinarian"

    def __init__(self, *, appointment_id: UUID, veterinarian_id: UUID) -> None:
        super().__init__(
            f"appointment {appointment_id} is with veterinarian {veterinarian_id}: name them as the "
            "practitioner, or hand the appointment over first",
            appointment_id=appointment_id,
            veterinarian_id=veterinarian_id,
        )


class AlreadyRecorded(Conflict):
    """The appointment has a medical record: of each visit there is one."""

    code = "already_recorded"
    title = "The appointment has a medical record"

    def __init__(self, *, appointment_id: object, record_id: UUID | None = None) -> None:
        which = f": {record_id}" if record_id else ""
        super().__init__(
            f"appointment {appointment_id} has a medical record already{which}",
            appointment_id=appointment_id,
            record_id=record_id,
        )


class NotBornYet(BusinessRuleError):
    """The visit is of a day before the pet was born."""

    code = "not_born_yet"
    title = "The pet was not born yet"

    def __init__(self, *, visited_on: date, born_on: date) -> None:
        super().__init__(
            f"the visit is of {visited_on}, by the clinic's calendar, and the pet was born on "
            f"{born_on}",
            visited_on=visited_on,
            born_on=born_on,
        )


class DiedBefore(BusinessRuleError):
    """The visit is of a day after the pet had died."""

    code = "died_before"
    title = "The pet had died before"

    def __init__(self, *, visited_on: date, died_on: date) -> None:
        super().__init__(
            f"the visit is of {visited_on}, by the clinic's calendar, and the pet had died on "
            f"{died_on}",
            visited_on=visited_on,
            died_on=died_on,
        )


def _recorded(violation: Violation) -> VetcoreError:
    appointment = (violation.parameters or {}).get("appointment_id")
    return AlreadyRecorded(appointment_id=appointment)


describe_constraint("uq_medical_records_appointment_id", _recorded)

_EVERYTHING = {"include_deleted": True}


class Visit(NamedTuple):
    """What is asked of the visit of a record."""

    record_id: UUID | None
    pet_id: UUID
    clinic_id: UUID
    veterinarian_id: UUID
    appointment_id: UUID | None
    visited_at: datetime

    @classmethod
    def of(cls, record: MedicalRecord) -> "Visit":
        """Return the visit of a record."""
        return cls(
            record.id,
            record.pet_id,
            record.clinic_id,
            record.veterinarian_id,
            record.appointment_id,
            record.visited_at,
        )


async def day_of_visit(session: AsyncSession, record: MedicalRecord | Visit) -> date:
    """Return the day of the visit, by the clinic's calendar."""
    zone = await session.scalar(
        select(Clinic.timezone).where(Clinic.id == record.clinic_id), execution_options=_EVERYTHING
    )
    return record.visited_at.astimezone(zone_named(zone or "UTC")).date()


async def require_visit(session: AsyncSession, visit: Visit) -> None:
    """Refuse a visit that cannot have taken place, or that is on record already.

    Raises:
        InvalidValue: it is yet to come.
        NotFound: there is no such appointment of this pet at this clinic.
        OtherVeterinarian: the appointment is with another veterinarian.
        AlreadyRecorded: the appointment has another record.
        NotBornYet: the pet was born after that day.
        DiedBefore: the pet had died before that day.
    """
    instant_not_to_come("visited_at", visit.visited_at)
    await _require_alive(session, visit)
    if visit.appointment_id is not None:
        await _require_appointment(session, visit, visit.appointment_id)


async def _require_alive(session: AsyncSession, visit: Visit) -> None:
    query = select(Pet.born_on, Pet.died_on).where(Pet.id == visit.pet_id)
    pet = (await session.execute(query, execution_options=_EVERYTHING)).one_or_none()
    if pet is None:
        # The foreign key says so.
        return
    day = await day_of_visit(session, visit)
    if pet.born_on is not None and day < pet.born_on:
        raise NotBornYet(visited_on=day, born_on=pet.born_on)
    if pet.died_on is not None and day > pet.died_on:
        raise DiedBefore(visited_on=day, died_on=pet.died_on)


async def _require_appointment(session: AsyncSession, visit: Visit, appointment_id: UUID) -> None:
    found = await session.execute(
        select(Veterinarian.id)
        .select_from(Appointment)
        .outerjoin(Veterinarian, Veterinarian.user_id == Appointment.practitioner_id)
        .where(
            Appointment.id == appointment_id,
            Appointment.pet_id == visit.pet_id,
            Appointment.clinic_id == visit.clinic_id,
        )
    )
    agreed = found.one_or_none()
    if agreed is None:
        raise NotFound(entity=Appointment, key=appointment_id)
    # Where a technician saw the pet, the veterinarian of the record answers for it.
    if agreed.id is not None and agreed.id != visit.veterinarian_id:
        raise OtherVeterinarian(appointment_id=appointment_id, veterinarian_id=agreed.id)
    query = select(MedicalRecord.id).where(MedicalRecord.appointment_id == appointment_id)
    if visit.record_id is not None:
        query = query.where(MedicalRecord.id != visit.record_id)
    other = await session.scalar(query)
    if other is not None:
        raise AlreadyRecorded(appointment_id=appointment_id, record_id=other)
