"""Operations on appointments: booking, holding, moving, cancelling, and the visit itself."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import select

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import HoldExpired, InvalidTransition, NotBookable, SlotTaken
from vetcore.models import Appointment, Pet
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.scheduling.at_once import OnlyIf
from vetcore.scheduling.booking import book_at_once
from vetcore.scheduling.errors import NoLongerBooked
from vetcore.scheduling.taken import occupies_now
from vetcore.schemas import (
    AppointmentAct,
    AppointmentCancel,
    AppointmentCreate,
    AppointmentHoldCreate,
    AppointmentMove,
    AppointmentQuery,
    AppointmentUpdate,
    ById,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity

__all__ = [
    "OF_STAFF",
    "book_appointment",
    "cancel_appointment",
    "check_in_appointment",
    "complete_appointment",
    "confirm_appointment",
    "confirm_hold",
    "get_appointment",
    "hold_appointment",
    "list_appointments",
    "mark_appointment_no_show",
    "may_book",
    "move_appointment",
    "no_longer",
    "note",
    "reinstate_appointment",
    "start_appointment",
    "update_appointment",
]

OF_STAFF: Final = {
    "overrides": Permission.APPOINTMENT_OVERRIDE,
    "squeeze_reason": Permission.APPOINTMENT_OVERRIDE,
    "room_id": Permission.APPOINTMENT_RUN,
    "assistant_ids": Permission.APPOINTMENT_RUN,
    "equipment_ids": Permission.APPOINTMENT_RUN,
    "priority": Permission.APPOINTMENT_RUN,
    "duration_minutes": Permission.APPOINTMENT_RUN,
    "internal_notes": Permission.APPOINTMENT_RUN,
    "estimated_cost": Permission.APPOINTMENT_RUN,
    "actual_cost": Permission.APPOINTMENT_RUN,
    "currency": Permission.APPOINTMENT_RUN,
    "hold_expires_at": Permission.APPOINTMENT_RUN,
}
"""Fields that owners leave alone."""


async def may_book(asked: Asked, pet_id: UUID, clinic_id: UUID) -> Capacity:
    """Return the capacity in which the actor books for a pet. Staff goes before owner."""
    pet = await asked.related(Pet, pet_id, Permission.PET_READ, keeps_plans=True)
    return asked.require_at(clinic_id, owner=pet.owner)


def no_longer(booked: Appointment, *, occupies: bool) -> NoLongerBooked | None:
    """Return the error if the appointment that a key booked does not stand any more, else None."""
    if booked.is_deleted:
        return NoLongerBooked(booked.id, status="deleted")
    if occupies:
        return None
    held = booked.status is AppointmentStatus.HELD
    return NoLongerBooked(booked.id, status=AppointmentStatus.EXPIRED if held else booked.status)


async def _still_booked(session: Session, key: UUID, _: object) -> Appointment:
    """What a key has booked, while it stands."""
    query = select(Appointment, occupies_now()).where(Appointment.id == key)
    everything = {"include_deleted": True, "populate_existing": True}
    found = (await session.execute(query, execution_options=everything)).one_or_none()
    if found is None:
        raise NoLongerBooked(key, status="deleted")
    booked: Appointment = found[0]
    if (refusal := no_longer(booked, occupies=bool(found[1]))) is not None:
        raise refusal
    return booked


@operation(
    permission=Permission.APPOINTMENT_BOOK,
    also=OF_STAFF,
    entity=Appointment,
    keyed=True,
    again=_still_booked,
    errors=(SlotTaken, NotBookable, NoLongerBooked),
)
async def book_appointment(session: Session, wish: AppointmentCreate, asked: Asked) -> Appointment:
    """Book an appointment for a pet.

    An owner books what the clinic lets owners book; its staff book anything, and may set hours and
    notice aside. The same key books once, wherever the appointment was moved since.

    Raises:
        SlotTaken: practitioner, room or pet is occupied for a part of that time.
        NotBookable: a rule refuses it; each rule is a subclass with its own code.
        NoLongerBooked: the key booked what does not stand any more.
    """
    if asked.is_plainly_staff(wish.clinic_id):
        # One statement may ask who the pet is to them as well. If it does not book, all is asked anew.
        by = asked.require_at(wish.clinic_id)
        related = OnlyIf(*asked.if_related(Pet, wish.pet_id, Permission.PET_READ))
        booked = await book_at_once(session, wish, by=by, only_if=related, key=asked.id)
        if booked is not None:
            return booked
    by = await may_book(asked, wish.pet_id, wish.clinic_id)
    return await scheduling.book(session, wish, by=by, key=asked.id)


@operation(
    permission=Permission.APPOINTMENT_BOOK,
    also=OF_STAFF,
    entity=Appointment,
    keyed=True,
    again=_still_booked,
    errors=(SlotTaken, NotBookable, NoLongerBooked),
)
async def hold_appointment(
    session: Session, wish: AppointmentHoldCreate, asked: Asked
) -> Appointment:
    """Hold a slot for a pet while somebody decides or pays.

    :func:`confirm_appointment` makes an appointment of it.

    Raises:
        SlotTaken: practitioner, room or pet is occupied for a part of that time.
        NotBookable: a rule refuses it; each rule is a subclass with its own code.
        NoLongerBooked: the key held what does not stand any more.
    """
    by = await may_book(asked, wish.pet_id, wish.clinic_id)
    return await scheduling.hold(session, wish, by=by, key=asked.id)


@operation(
    permission=Permission.APPOINTMENT_BOOK,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(HoldExpired, NotBookable, InvalidTransition),
)
async def confirm_hold(session: Session, act: AppointmentAct, asked: Asked) -> Appointment:
    """Turn a hold into an appointment, before it runs out.

    Raises:
        HoldExpired: the hold has run out, by the database's clock.
        NotBookable: a rule of booking refuses it by now.
        InvalidTransition: the appointment is not a hold, or no longer one.
    """
    held, by = await asked.take(Appointment, act.id)
    return await scheduling.confirm_hold(session, held.id, by=by, overrides=act.overrides)


@operation(
    permission=Permission.APPOINTMENT_BOOK,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(HoldExpired, NotBookable, InvalidTransition),
)
async def confirm_appointment(session: Session, act: AppointmentAct, asked: Asked) -> Appointment:
    """Note that the owner has confirmed that they will come. A hold becomes an appointment.

    Raises:
        NotBookable: a rule of booking refuses it by now.
        HoldExpired: the appointment is a hold that has run out.
        InvalidTransition: its status does not allow that.
    """
    appointment, by = await asked.take(Appointment, act.id)
    return await scheduling.confirm(session, appointment.id, by=by, overrides=act.overrides)


@operation(
    permission=Permission.APPOINTMENT_MOVE,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(SlotTaken, NotBookable, HoldExpired, InvalidTransition),
)
async def move_appointment(session: Session, move: AppointmentMove, asked: Asked) -> Appointment:
    """Move an appointment to another time. It keeps its id, and its old time if that cannot be.

    It may go to another clinic, service or person as well. The actor must be allowed to move
    appointments at both clinics. An owner is bound by the clinic's notice as in cancelling.

    Raises:
        SlotTaken: practitioner, room or pet is occupied then.
        NotBookable: a rule refuses the new time, or an owner is too late.
        HoldExpired: the appointment is a hold that has run out.
        InvalidTransition: the appointment has begun, or is over; or it is a hold, which stays at
            its clinic and for its service.
    """
    appointment, by = await asked.take(Appointment, move.id)
    if move.clinic_id is not None and move.clinic_id != appointment.clinic_id:
        there = await may_book(asked, appointment.pet_id, move.clinic_id)
        by = Capacity.OWNER if Capacity.OWNER in {by, there} else there
    moved = await scheduling.move(
        session,
        appointment.id,
        starts_at=move.starts_at,
        by=by,
        clinic_id=move.clinic_id,
        service=move.service,
        practitioner_id=move.practitioner_id,
        room_id=move.room_id,
        overrides=move.overrides,
        squeeze_reason=move.squeeze_reason,
    )
    await note(session, [moved], move.internal_notes)
    return moved


async def note(session: Session, moved: Iterable[Appointment], text: str | None) -> None:
    """Add a line to the clinic's notes of some appointments, if there is one."""
    if text:
        for each in moved:
            each.internal_notes = "\n".join(filter(None, (each.internal_notes, text)))
        await session.flush()


@operation(
    permission=Permission.APPOINTMENT_CANCEL,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(NotBookable, InvalidTransition),
)
async def cancel_appointment(
    session: Session, cancellation: AppointmentCancel, asked: Asked
) -> Appointment:
    """Cancel an appointment, or give a hold back. Its slot is free at once.

    Raises:
        TooLateToCancel: an owner cancels later than the clinic's notice allows.
        InvalidTransition: its status does not allow that.
    """
    appointment, by = await asked.take(Appointment, cancellation.id)
    return await scheduling.cancel(session, appointment.id, by=by, reason=cancellation.reason)


@operation(
    permission=Permission.APPOINTMENT_RUN,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(SlotTaken, NotBookable, InvalidTransition),
)
async def reinstate_appointment(session: Session, act: AppointmentAct, asked: Asked) -> Appointment:
    """Undo a cancellation or a no-show, if it could be booked now as it was.

    Raises:
        SlotTaken: the slot is somebody else's by now.
        NotBookable: a rule refuses it, as it would refuse to book it.
        InvalidTransition: its status does not allow that.
    """
    appointment, _ = await asked.take(Appointment, act.id)
    return await scheduling.reinstate(session, appointment.id, overrides=act.overrides)


@operation(
    permission=Permission.APPOINTMENT_RUN,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(SlotTaken, NotBookable, InvalidTransition),
)
async def check_in_appointment(session: Session, act: AppointmentAct, asked: Asked) -> Appointment:
    """Note that the pet has arrived.

    Raises:
        NotBookable: a rule that still matters refuses it.
        SlotTaken: the appointment was marked as no-show, and its slot is somebody else's by now.
        InvalidTransition: its status does not allow that.
    """
    appointment, _ = await asked.take(Appointment, act.id)
    return await scheduling.check_in(session, appointment.id, overrides=act.overrides)


@operation(
    permission=Permission.APPOINTMENT_RUN,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def start_appointment(session: Session, act: ById, asked: Asked) -> Appointment:
    """Note that the visit has begun.

    Raises:
        InvalidTransition: its status does not allow that.
    """
    appointment, _ = await asked.take(Appointment, act.id)
    return await scheduling.start_visit(session, appointment.id)


@operation(
    permission=Permission.APPOINTMENT_RUN,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def complete_appointment(session: Session, act: ById, asked: Asked) -> Appointment:
    """Note that the visit has ended. What is left of its time becomes free.

    Raises:
        InvalidTransition: its status does not allow that.
    """
    appointment, _ = await asked.take(Appointment, act.id)
    return await scheduling.complete(session, appointment.id)


@operation(
    permission=Permission.APPOINTMENT_RUN,
    entity=Appointment,
    versioned=True,
    keyed=True,
    errors=(InvalidTransition,),
)
async def mark_appointment_no_show(session: Session, act: ById, asked: Asked) -> Appointment:
    """Note that nobody came, which frees what is left of the slot.

    Raises:
        InvalidTransition: its status does not allow that.
        InvalidValue: the appointment has not begun yet.
    """
    appointment, _ = await asked.take(Appointment, act.id)
    return await scheduling.mark_no_show(session, appointment.id)


@operation(
    permission=Permission.APPOINTMENT_WRITE,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
)
async def update_appointment(
    _session: Session, change: AppointmentUpdate, asked: Asked
) -> Appointment:
    """Change the notes and other details of an appointment, but not its time, place or status.

    Raises:
        InvalidValue: the change breaks a rule together with the row.
    """
    return await asked.change(Appointment, change)


@reading(permission=Permission.APPOINTMENT_READ, entity=Appointment)
async def get_appointment(_session: ReadSession, wanted: ById, asked: Asked) -> Appointment:
    """Return an appointment."""
    appointment, _ = await asked.take(Appointment, wanted.id, lock=False)
    return appointment


@reading(permission=Permission.APPOINTMENT_READ, entity=Appointment)
async def list_appointments(
    session: ReadSession, wanted: AppointmentQuery, asked: Asked
) -> Page[Appointment]:
    """Return the appointments that the actor may see, the latest first."""
    query = narrowed(
        asked.seen(select(Appointment), Appointment),
        (Appointment.clinic_id, wanted.clinic_id),
        (Appointment.pet_id, wanted.pet_id),
        (Appointment.practitioner_id, wanted.practitioner_id),
        (Appointment.status, wanted.status),
        (Appointment.series_id, wanted.series_id),
    )
    if wanted.since is not None:
        query = query.where(Appointment.starts_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Appointment.starts_at < wanted.until)
    latest_first = [Appointment.starts_at.desc(), Appointment.id.desc()]
    return await page(session, query, order_by=latest_first, limit=wanted.limit, after=wanted.after)
