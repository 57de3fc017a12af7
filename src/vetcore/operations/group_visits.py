"""Operations on group visits: several pets that come together."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.errors import HoldExpired, InvalidTransition, NotBookable, SlotTaken
from vetcore.models import Appointment, Pet
from vetcore.operations.appointments import OF_STAFF, may_book, no_longer, note
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.scheduling import Slot
from vetcore.scheduling.errors import NoLongerBooked
from vetcore.scheduling.group_changes import group_of
from vetcore.scheduling.taken import occupies_now
from vetcore.schemas import (
    ById,
    GroupSlotQuery,
    GroupVisitCancel,
    GroupVisitCreate,
    GroupVisitMove,
)
from vetcore.values.capacity import Capacity

__all__ = ["book_group_visit", "cancel_group_visit", "find_group_slots", "move_group_visit"]


async def _still_booked(session: Session, key: UUID, wish: GroupVisitCreate) -> list[Appointment]:
    """What a key has booked, while all of it stands."""
    row = Appointment
    group = select(row.group_id).where(row.id == key).scalar_subquery()
    query = select(row, occupies_now()).where(
        row.group_id == group, row.pet_id.in_([wish.first.pet_id, *wish.with_pets])
    )
    everything = {"include_deleted": True, "populate_existing": True}
    found = (await session.execute(query, execution_options=everything)).all()
    for each, occupies in found:
        if (refusal := no_longer(each, occupies=bool(occupies))) is not None:
            raise refusal
    by_pet = {each.pet_id: each for each, _ in found}
    if len(by_pet) <= len(wish.with_pets):
        raise NoLongerBooked(key, status="apart")
    return [by_pet[pet] for pet in (wish.first.pet_id, *wish.with_pets)]


@operation(
    permission=Permission.APPOINTMENT_BOOK,
    also=OF_STAFF,
    entity=Appointment,
    keyed=True,
    again=_still_booked,
    errors=(SlotTaken, NotBookable, NoLongerBooked),
)
async def book_group_visit(
    session: Session, wish: GroupVisitCreate, asked: Asked
) -> list[Appointment]:
    """Book one visit for several pets: an appointment each, all of them or none.

    The actor must be allowed to book for each of the pets. The same key books once.

    Raises:
        SlotTaken: practitioner, room or one of the pets is occupied then.
        NotBookable: a rule refuses it for one of the pets.
        NoLongerBooked: the key booked what does not stand together any more.
        InvalidValue: a pet is named twice, or there are more than the service has places.
    """
    first = wish.first
    by = Capacity.SYSTEM
    for pet_id in (first.pet_id, *wish.with_pets):
        one = await may_book(asked, pet_id, first.clinic_id)
        by = one if by is not Capacity.OWNER else by
    asked.require_parts_of(first, by, first.clinic_id)
    return await scheduling.book_group_visit(
        session, first, with_pets=wish.with_pets, by=by, key=asked.id
    )


@reading(permission=Permission.PET_READ, entity=Pet, errors=(NotBookable,))
async def find_group_slots(
    session: ReadSession, wanted: GroupSlotQuery, asked: Asked
) -> list[Slot]:
    """Return the slots at which several pets can be seen together.

    Raises:
        NotBookable: nothing can be booked for one of the pets whenever it is.
        InvalidValue: a pet is named twice, there are more than the service has places, the window is
            empty or longer than two years, or the visit too long.
    """
    by = asked.looks_at(wanted.clinic_id, Permission.APPOINTMENT_BOOK)
    for pet_id in wanted.pet_ids:
        await asked.related(Pet, pet_id, Permission.PET_READ)
    minutes = wanted.duration_minutes
    if minutes is not None and not by.is_staff:
        raise asked.denied(on="the field duration_minutes", permission=Permission.APPOINTMENT_RUN)
    return await scheduling.find_group_slots(
        session,
        clinic_id=wanted.clinic_id,
        service=wanted.service,
        pet_ids=wanted.pet_ids,
        start=wanted.start,
        end=wanted.end,
        by=by,
        practitioner_id=wanted.practitioner_id,
        duration=None if minutes is None else timedelta(minutes=minutes),
        limit=wanted.limit,
    )


async def _taken(act: ById, asked: Asked) -> Capacity:
    """Lock the appointments of a group visit, and refuse who may not do this to each of them."""
    named, _ = await asked.take(Appointment, act.id, lock=False)
    group_id = group_of(act.id, named.group_id)
    by = await asked.require_on_each(
        select(Appointment).where(Appointment.group_id == group_id),
        Appointment,
        asked.denied(on="others of the group visit"),
    )
    await asked.take(Appointment, act.id)
    return by


async def _together_now(session: Session, key: UUID, _: object) -> list[Appointment]:
    """The appointments of the group visit as they are now, where the key has acted on it before."""
    everything = {"include_deleted": True, "populate_existing": True}
    named = await session.get_one(Appointment, key, execution_options=everything)
    if named.group_id is None:
        return [named]
    of_it = select(Appointment).where(Appointment.group_id == named.group_id)
    ordered = of_it.order_by(Appointment.group_place, Appointment.id)
    return list(await session.scalars(ordered, execution_options=everything))


@operation(
    permission=Permission.APPOINTMENT_MOVE,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    again=_together_now,
    errors=(SlotTaken, NotBookable, HoldExpired, InvalidTransition),
)
async def move_group_visit(
    session: Session, move: GroupVisitMove, asked: Asked
) -> list[Appointment]:
    """Move all appointments of a group visit that are to come, all of them or none.

    The actor must be allowed to move each of them. An owner is bound by the clinic's notice.

    Raises:
        SlotTaken: practitioner, room or one of the pets is occupied then.
        NotBookable: a rule refuses the new time for one of them, or an owner is too late.
        HoldExpired: one of them is a hold that has run out.
        InvalidTransition: the appointment has begun, or is over.
        InvalidValue: it is of no group visit.
    """
    by = await _taken(move, asked)
    moved = await scheduling.move_group_visit(
        session,
        move.id,
        starts_at=move.starts_at,
        by=by,
        practitioner_id=move.practitioner_id,
        room_id=move.room_id,
        overrides=move.overrides,
        squeeze_reason=move.squeeze_reason,
    )
    await note(session, moved, move.internal_notes)
    return moved


@operation(
    permission=Permission.APPOINTMENT_CANCEL,
    entity=Appointment,
    versioned=True,
    keyed=True,
    again=_together_now,
    errors=(NotBookable, InvalidTransition),
)
async def cancel_group_visit(
    session: Session, cancellation: GroupVisitCancel, asked: Asked
) -> list[Appointment]:
    """Cancel all appointments of a group visit that are to come, all of them or none.

    The actor must be allowed to cancel each of them.

    Raises:
        TooLateToCancel: an owner cancels later than the clinic's notice allows.
        InvalidTransition: the appointment has begun, or is over.
        InvalidValue: it is of no group visit.
    """
    by = await _taken(cancellation, asked)
    return await scheduling.cancel_group_visit(
        session, cancellation.id, by=by, reason=cancellation.reason
    )
