"""Operations on time: free slots, a clinic's day, and what cannot take place any more."""

from datetime import timedelta

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotBookable
from vetcore.models import Appointment, Clinic, Pet
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import reading
from vetcore.operations.people import take_practitioner
from vetcore.scheduling import DaySheet, ImpossibleVisit, Slot
from vetcore.schemas import DayQuery, ImpossibleQuery, NextSlotQuery, SlotQuery

__all__ = [
    "day_sheet",
    "find_next_slot",
    "find_slots",
    "list_impossible_appointments",
]


@reading(permission=Permission.CLINIC_READ, entity=Clinic, errors=(NotBookable,))
async def find_slots(session: ReadSession, wanted: SlotQuery, asked: Asked) -> list[Slot]:
    """Return a clinic's free slots. The actor can book each of them at this moment.

    The clinic's staff see all of them, everybody else those that owners may book themselves.

    Raises:
        NotBookable: nothing can be booked whenever it is.
        InvalidValue: the window is empty or longer than two years, or the duration too long.
    """
    by = asked.looks_at(wanted.clinic_id, Permission.APPOINTMENT_BOOK)
    if wanted.pet_id is not None:
        await asked.related(Pet, wanted.pet_id, Permission.PET_READ)
    minutes = wanted.duration_minutes
    if minutes is not None and not by.is_staff:
        raise asked.denied(on="the field duration_minutes", permission=Permission.APPOINTMENT_RUN)
    return await scheduling.find_slots(
        session,
        clinic_id=wanted.clinic_id,
        service=wanted.service,
        start=wanted.start,
        end=wanted.end,
        by=by,
        practitioner_id=wanted.practitioner_id,
        pet_id=wanted.pet_id,
        species=wanted.species,
        duration=None if minutes is None else timedelta(minutes=minutes),
        limit=wanted.limit,
    )


@reading(permission=Permission.CLINIC_READ, entity=Clinic)
async def find_next_slot(session: ReadSession, wanted: NextSlotQuery, asked: Asked) -> Slot | None:
    """Return the first free slot at any of the clinics that everybody may book, or None."""
    by = asked.allow_anyone()
    if wanted.pet_id is not None:
        await asked.related(Pet, wanted.pet_id, Permission.PET_READ)
    return await scheduling.next_available(
        session,
        clinic_ids=wanted.clinic_ids,
        service=wanted.service,
        by=by,
        after=wanted.after,
        within=timedelta(days=wanted.within_days),
        practitioner_id=wanted.practitioner_id,
        pet_id=wanted.pet_id,
        species=wanted.species,
    )


@reading(permission=Permission.APPOINTMENT_RUN, entity=Appointment)
async def day_sheet(session: ReadSession, wanted: DayQuery, asked: Asked) -> DaySheet:
    """Return a clinic's day for its staff: who works, with which visits, and what is free."""
    asked.require_at(wanted.clinic_id)
    return await scheduling.day_sheet(session, clinic_id=wanted.clinic_id, day=wanted.day)


@reading(permission=Permission.APPOINTMENT_RUN, entity=Appointment)
async def list_impossible_appointments(
    session: ReadSession, wanted: ImpossibleQuery, asked: Asked
) -> list[ImpossibleVisit]:
    """Return the coming appointments that cannot take place any more, and why. It is for staff.

    Raises:
        InvalidValue: neither a clinic nor a practitioner is named.
    """
    if wanted.clinic_id is not None:
        asked.require_at(wanted.clinic_id)
    elif wanted.practitioner_id is not None:
        await take_practitioner(asked, session, wanted.practitioner_id)
    else:
        raise InvalidValue(
            field="clinic_id",
            rule="and practitioner_id must not be left out together",
            expected="one of them, or both",
        )
    return await scheduling.impossible_visits(
        session,
        clinic_id=wanted.clinic_id,
        practitioner_id=wanted.practitioner_id,
        since=wanted.since,
        until=wanted.until,
    )
