"""Operations on time: free slots, a clinic's day, and what cannot take place any more."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from vetcore import scheduling
from vetcore.access import Permission, has_permission
from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotBookable
from vetcore.models import Appointment, Clinic, Pet
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import reading
from vetcore.operations.people import take_practitioner
from vetcore.scheduling import DaySheet, ImpossibleVisit, PersonalDay, Slot
from vetcore.schemas import (
    DayQuery,
    ImpossibleQuery,
    NextSlotQuery,
    PractitionerDayQuery,
    SlotQuery,
)

__all__ = [
    "day_sheet",
    "find_next_slot",
    "find_slots",
    "list_impossible_appointments",
    "practitioner_day",
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
async def practitioner_day(
    session: ReadSession, wanted: PractitionerDayQuery, asked: Asked
) -> PersonalDay:
    """Return one person's day at all clinics where they work: duty, visits, time off, what is free.

    It is for the person and for their colleagues. Each of them is told of duty, blocks and visits at
    the clinics where they are staff themselves; of other clinics only when the person is occupied, and
    nothing where the person is no colleague on that day.

    Raises:
        NotFound: there is no such person with a membership, or the actor may not see any.
    """
    await take_practitioner(asked, session, wanted.practitioner_id)
    actor = asked.actor

    def tells(clinic_id: UUID) -> bool:
        return actor is None or has_permission(actor, Permission.APPOINTMENT_RUN, clinic_id)

    found = await scheduling.practitioner_day(
        session,
        practitioner_id=wanted.practitioner_id,
        day=wanted.day,
        timezone=wanted.timezone,
        tells=tells,
    )
    is_colleague = asked.is_admin or bool(found.clinics)
    if is_colleague or (actor is not None and actor.user_id == wanted.practitioner_id):
        return found
    # What somebody does who works here no more, or not yet, is theirs.
    return replace(found, away=(), elsewhere=())


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
