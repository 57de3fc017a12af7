"""Changes the status of an appointment after booking, by one table of transitions."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.locking import locked
from vetcore.database.statements import Now
from vetcore.errors import HoldExpired, InvalidTransition, InvalidValue
from vetcore.models import Appointment
from vetcore.scheduling.day_turns import counted_in_turn
from vetcore.scheduling.ending import as_it_ended
from vetcore.scheduling.fairness import require_within_limits
from vetcore.scheduling.groups import seat_again
from vetcore.scheduling.holds import require_live
from vetcore.scheduling.moving import occupy, take_turn_of
from vetcore.scheduling.notice import policy_of, require_notice
from vetcore.scheduling.occupying import exchange
from vetcore.scheduling.remembering import remembered_until
from vetcore.scheduling.rules import require_overridable
from vetcore.scheduling.standing import (
    ARRIVAL,
    CONFIRMATION,
    as_it_stands,
    require_standing,
    require_the_day,
)
from vetcore.scheduling.world import World
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.intervals import floor

__all__ = [
    "cancel",
    "check_in",
    "complete",
    "confirm",
    "confirm_hold",
    "mark_no_show",
    "reinstate",
    "start_visit",
]


def _refuse_unless_allowed(appointment: Appointment, wanted: AppointmentStatus) -> None:
    current = appointment.status
    if not current.may_become(wanted):
        raise InvalidTransition(
            entity="appointment", current=current, requested=wanted, allowed=current.successors
        )


async def _become(
    session: AsyncSession, appointment_id: UUID, status: AppointmentStatus, **stamps: Any
) -> Appointment:
    appointment = await locked(session, Appointment, appointment_id)
    _refuse_unless_allowed(appointment, status)
    if status.occupies:
        await take_turn_of(session, appointment)
    appointment.status = status
    for name, value in stamps.items():
        setattr(appointment, name, value)
    await session.flush()
    return appointment


async def confirm_hold(
    session: AsyncSession,
    appointment_id: UUID,
    *,
    by: Capacity,
    overrides: Collection[str] = (),
) -> Appointment:
    """Turn a hold into an appointment, if it has not run out by the database's clock.

    What has changed since the slot was held counts: a pet that has died, a licence that is not good
    any more, a closure. What was settled with the slot does not: notice, horizon, the grid.

    Args:
        session: of a transaction.
        appointment_id: which.
        by: in what capacity it is asked for; owners set no rule aside.
        overrides: codes of rules that staff set aside; those that were broken are recorded.

    Raises:
        HoldExpired: the hold has run out; the slot may be somebody else's by now.
        NotBookable: a rule of booking refuses it by now.
        InvalidTransition: the appointment is not a hold, or no longer one.
        NotFound: there is no such appointment.
        InvalidValue: an override names no rule that can be set aside.
    """
    held = await locked(session, Appointment, appointment_id)
    if held.status is AppointmentStatus.EXPIRED:
        raise HoldExpired(appointment_id=appointment_id, expired_at=held.hold_expires_at)
    if held.status is not AppointmentStatus.HELD:
        raise InvalidTransition(
            entity="appointment",
            current=held.status,
            requested=AppointmentStatus.SCHEDULED,
            allowed=held.status.successors,
        )
    require_overridable(overrides, by)
    world = await as_it_stands(session, held)
    require_live(held, world)
    recorded = _set_aside(world, held, overrides, leaving_out=CONFIRMATION)
    if by is Capacity.OWNER:
        await require_within_limits(
            session, clinic_id=held.clinic_id, pet_id=held.pet_id, without=held.id
        )
    await take_turn_of(session, held)
    # To the very moment: the world was read a moment ago.
    confirmed: Appointment | None = await session.scalar(
        update(Appointment)
        .where(
            Appointment.id == appointment_id,
            Appointment.status == AppointmentStatus.HELD,
            Appointment.hold_expires_at > Now(),
        )
        .values(
            status=AppointmentStatus.SCHEDULED,
            overrides=recorded,
            patient_until=_agreed_until(world, held, by),
            new_patient=held.new_patient and world.new_patient,
        )
        .returning(Appointment),
        execution_options={"populate_existing": True},
    )
    if confirmed is None:
        raise HoldExpired(appointment_id=appointment_id, expired_at=held.hold_expires_at)
    return confirmed


def _set_aside(
    world: World,
    appointment: Appointment,
    overrides: Collection[str],
    *,
    leaving_out: Collection[str],
) -> tuple[str, ...]:
    """The rules that are set aside now, and those that were set aside when it was booked."""
    require_overridable(overrides)
    before = appointment.overrides
    broken = require_standing(
        world, appointment, overrides={*before, *overrides}, leaving_out=leaving_out
    )
    return (*before, *(code for code in broken if code not in before))


def _agreed_until(world: World, appointment: Appointment, by: Capacity) -> datetime | None:
    """Until when the visit makes a patient: whoever confirms it for their own pet agrees to it."""
    before = appointment.patient_until
    if by is Capacity.STAFF:
        return before
    ends_at = world.day_ends_at(floor(appointment.starts_at))
    return ends_at if before is None else max(before, ends_at)


async def confirm(
    session: AsyncSession,
    appointment_id: UUID,
    *,
    by: Capacity,
    overrides: Collection[str] = (),
) -> Appointment:
    """Note that the owner has confirmed that they will come.

    Args:
        session: of a transaction.
        appointment_id: which.
        by: in what capacity it is asked for; owners set no rule aside.
        overrides: codes of rules that staff set aside; those that were broken are recorded.

    Raises:
        NotBookable: a rule of booking refuses it by now: the pet has died, the clinic is closed
            then, the practitioner's licence is not good any more. Notice, horizon and the grid
            were settled when it was booked.
        HoldExpired: the appointment is a hold that has run out.
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
        InvalidValue: an override names no rule that can be set aside.
    """
    appointment = await locked(session, Appointment, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.CONFIRMED)
    if appointment.status is AppointmentStatus.HELD:
        await confirm_hold(session, appointment_id, by=by, overrides=overrides)
        return await _become(session, appointment_id, AppointmentStatus.CONFIRMED)
    require_overridable(overrides, by)
    world = await as_it_stands(session, appointment)
    recorded = _set_aside(world, appointment, overrides, leaving_out=CONFIRMATION)
    return await _become(
        session,
        appointment_id,
        AppointmentStatus.CONFIRMED,
        overrides=recorded,
        patient_until=_agreed_until(world, appointment, by),
    )


async def check_in(
    session: AsyncSession, appointment_id: UUID, *, overrides: Collection[str] = ()
) -> Appointment:
    """Note that the pet has arrived.

    Who was marked as no-show and comes late is checked in on the same day, if the slot is still
    free. The rules of booking that can still matter are asked: the pet, the clinic, its hours that
    day, the practitioner's membership, licence and hours of work.

    Args:
        session: of a transaction.
        appointment_id: which.
        overrides: codes of rules that staff set aside; those that were broken are recorded.

    Raises:
        NotBookable: a rule refuses it; ``InThePast`` for a no-show whose day is over.
        SlotTaken: the appointment was marked as no-show, and its slot is somebody else's by now.
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
        InvalidValue: an override names no rule that can be set aside.
    """
    appointment = await locked(session, Appointment, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.CHECKED_IN)
    world = await as_it_stands(session, appointment)
    if not appointment.status.occupies:
        require_the_day(world, appointment)
        world = await counted_in_turn(session, world, present=appointment)
        recorded = _set_aside(world, appointment, overrides, leaving_out=ARRIVAL)
        status = AppointmentStatus.CHECKED_IN
        return await _occupy_again(session, world, appointment, status, recorded)
    recorded = _set_aside(world, appointment, overrides, leaving_out=ARRIVAL | CONFIRMATION)
    now = clock.now()
    until = appointment.patient_until
    if until is not None and until > now:
        until = max(until, world.day_ends_at(floor(now)))
    return await _become(
        session,
        appointment_id,
        AppointmentStatus.CHECKED_IN,
        checked_in_at=now,
        overrides=recorded,
        patient_until=until,
    )


async def start_visit(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Note that the visit has begun.

    Raises:
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
    """
    return await _become(
        session, appointment_id, AppointmentStatus.IN_PROGRESS, started_at=clock.now()
    )


async def complete(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Note that the visit has ended. What is left of its time becomes free.

    It then occupies its time up to this minute and the buffer after it, and never more than was
    booked. Where the owner had agreed to the clinic's care, the pet stays its patient for the clinic's
    ``retention_months``.

    Raises:
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, Appointment, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.COMPLETED)
    now = clock.now()
    return await _become(
        session,
        appointment_id,
        AppointmentStatus.COMPLETED,
        completed_at=now,
        patient_until=await remembered_until(session, appointment, now),
        **as_it_ended(appointment, now),
    )


async def mark_no_show(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Note that nobody came, which frees what is left of the slot.

    Raises:
        InvalidTransition: its status does not allow that.
        InvalidValue: the appointment has not begun yet.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, Appointment, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.NO_SHOW)
    if clock.now() < appointment.starts_at:
        raise InvalidValue(
            field="status",
            rule="cannot be no_show before the appointment begins",
            expected=f"{appointment.starts_at.isoformat()} or later",
        )
    return await _become(session, appointment_id, AppointmentStatus.NO_SHOW)


async def cancel(
    session: AsyncSession,
    appointment_id: UUID,
    *,
    by: Capacity,
    reason: str | None = None,
) -> Appointment:
    """Cancel an appointment or give a hold back. Its slot is free at once.

    Args:
        session: of a transaction.
        appointment_id: which.
        by: in what capacity it is asked for: the clinic's notice binds owners only.
        reason: for the record.

    Raises:
        TooLateToCancel: the start is nearer than that notice.
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, Appointment, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.CANCELLED)
    if not by.is_staff and appointment.status is not AppointmentStatus.HELD:
        require_notice(appointment, await policy_of(session, appointment.clinic_id), by)
    return await _become(
        session,
        appointment_id,
        AppointmentStatus.CANCELLED,
        cancelled_at=clock.now(),
        cancellation_reason=reason,
        sequence=appointment.sequence + 1,
    )


async def reinstate(
    session: AsyncSession, appointment_id: UUID, *, overrides: Collection[str] = ()
) -> Appointment:
    """Undo a cancellation or a no-show, if it could be booked now as it was.

    It comes back at its time, at the length and in the room that it had, with its assistants and its
    equipment where they are free, or with others. The rules are those of
    :func:`vetcore.scheduling.book`, and what was set aside before is not set aside any more. A
    no-show is undone on its own day. A visit that was cancelled comes back as one that staff booked:
    its owner agrees to it by confirming it.

    Args:
        session: of a transaction.
        appointment_id: which.
        overrides: codes of rules that staff set aside; those that were broken are recorded.

    Raises:
        SlotTaken: the slot is somebody else's by now.
        NotBookable: a rule refuses it, as it would refuse to book it.
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment, or its clinic or pet is deleted.
        InvalidValue: an override names no rule that can be set aside.
    """
    appointment = await locked(session, Appointment, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.SCHEDULED)
    if appointment.status is AppointmentStatus.HELD:
        return await confirm_hold(session, appointment_id, by=Capacity.STAFF, overrides=overrides)
    world = await as_it_stands(session, appointment)
    late: set[str] = set()
    if appointment.status is AppointmentStatus.NO_SHOW:
        # It has begun, or it would be no no-show.
        require_the_day(world, appointment)
        late = {"in_the_past", "too_soon"}
    world = await counted_in_turn(session, world, present=appointment)
    recorded = require_standing(world, appointment, overrides=overrides, leaving_out=late)
    return await _occupy_again(session, world, appointment, AppointmentStatus.SCHEDULED, recorded)


async def _occupy_again(
    session: AsyncSession,
    world: World,
    appointment: Appointment,
    status: AppointmentStatus,
    overrides: tuple[str, ...],
) -> Appointment:
    """Let it occupy its time, with whom and what it had where they are free, or with others."""
    changes: dict[str, Any] = {
        "status": status,
        "overrides": overrides,
        "new_patient": world.new_patient,
        "cancelled_at": None,
        "cancellation_reason": None,
        "sequence": appointment.sequence + 1,
    }
    changes |= await seat_again(session, world, appointment)
    if status is AppointmentStatus.CHECKED_IN:
        changes["checked_in_at"] = clock.now()
    if appointment.status is AppointmentStatus.CANCELLED:
        changes["patient_until"] = None
    if world.kept.ids:
        start = floor(appointment.starts_at)
        changes["beside"] = exchange(world, appointment.practitioner_id, start)
    return await occupy(session, appointment, changes)
