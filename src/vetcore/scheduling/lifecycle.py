"""The life of an appointment after booking, by one table of transitions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.statements import Now
from vetcore.errors import HoldExpired, InvalidTransition, InvalidValue
from vetcore.models import Appointment, Clinic
from vetcore.scheduling.errors import TooLateToCancel
from vetcore.scheduling.moving import locked, move
from vetcore.values.appointments import AppointmentStatus

__all__ = [
    "cancel",
    "check_in",
    "complete",
    "confirm",
    "confirm_hold",
    "expire_holds",
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
    appointment = await locked(session, appointment_id)
    _refuse_unless_allowed(appointment, status)
    appointment.status = status
    for name, value in stamps.items():
        setattr(appointment, name, value)
    await session.flush()
    return appointment


async def confirm_hold(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Turn a hold into an appointment, if it has not run out by the database's clock.

    Raises:
        HoldExpired: it has; the slot may be somebody else's by now.
        InvalidTransition: it is no hold (any more).
        NotFound: there is no such appointment.
    """
    confirmed: Appointment | None = await session.scalar(
        update(Appointment)
        .where(
            Appointment.id == appointment_id,
            Appointment.status == AppointmentStatus.HELD,
            Appointment.hold_expires_at > Now(),
        )
        .values(status=AppointmentStatus.SCHEDULED)
        .returning(Appointment),
        execution_options={"populate_existing": True},
    )
    if confirmed is not None:
        return confirmed
    appointment = await locked(session, appointment_id)
    if appointment.status in {AppointmentStatus.HELD, AppointmentStatus.EXPIRED}:
        raise HoldExpired(appointment_id=appointment_id, expired_at=appointment.hold_expires_at)
    raise InvalidTransition(
        entity="appointment",
        current=appointment.status,
        requested=AppointmentStatus.SCHEDULED,
        allowed=appointment.status.successors,
    )


async def confirm(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Note that the owner has confirmed that they will come.

    Raises:
        InvalidTransition: its status does not allow that; a hold is confirmed by ``confirm_hold``.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, appointment_id)
    if appointment.status is AppointmentStatus.HELD:
        await confirm_hold(session, appointment_id)
    return await _become(session, appointment_id, AppointmentStatus.CONFIRMED)


async def check_in(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Note that the pet has arrived.

    Raises:
        InvalidTransition: its status does not allow that.
        SlotTaken: it was marked as no-show, and its slot is somebody else's by now.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.CHECKED_IN)
    if not appointment.status.occupies:
        return await _occupy_again(session, appointment, AppointmentStatus.CHECKED_IN)
    return await _become(
        session, appointment_id, AppointmentStatus.CHECKED_IN, checked_in_at=clock.now()
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
    """Note that the visit has ended; its time stays taken.

    Raises:
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
    """
    return await _become(
        session, appointment_id, AppointmentStatus.COMPLETED, completed_at=clock.now()
    )


async def mark_no_show(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Note that nobody came, which frees what is left of the slot.

    Raises:
        InvalidTransition: its status does not allow that.
        InvalidValue: it has not begun yet.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, appointment_id)
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
    reason: str | None = None,
    by_staff: bool = False,
) -> Appointment:
    """Cancel an appointment or give a hold back; its slot is free at once.

    Args:
        session: of a transaction.
        appointment_id: which.
        reason: for the record.
        by_staff: the clinic's notice for cancelling does not bind staff.

    Raises:
        TooLateToCancel: the start is nearer than that notice.
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.CANCELLED)
    if not by_staff and appointment.status is not AppointmentStatus.HELD:
        clinic = await session.get_one(
            Clinic, appointment.clinic_id, execution_options={"include_deleted": True}
        )
        notice = clinic.booking_policy.cancellation_notice_minutes
        if clock.now() > appointment.starts_at - timedelta(minutes=notice):
            raise TooLateToCancel(start=appointment.starts_at, notice_minutes=notice)
    return await _become(
        session,
        appointment_id,
        AppointmentStatus.CANCELLED,
        cancelled_at=clock.now(),
        cancellation_reason=reason,
        sequence=appointment.sequence + 1,
    )


async def reinstate(session: AsyncSession, appointment_id: UUID) -> Appointment:
    """Undo a cancellation or a no-show, if the slot is still free.

    Raises:
        SlotTaken: it is not.
        InvalidTransition: its status does not allow that.
        NotFound: there is no such appointment.
    """
    appointment = await locked(session, appointment_id)
    _refuse_unless_allowed(appointment, AppointmentStatus.SCHEDULED)
    if appointment.status is AppointmentStatus.HELD:
        return await confirm_hold(session, appointment_id)
    return await _occupy_again(session, appointment, AppointmentStatus.SCHEDULED)


async def _occupy_again(
    session: AsyncSession, appointment: Appointment, status: AppointmentStatus
) -> Appointment:
    changes: dict[str, Any] = {
        "status": status,
        "cancelled_at": None,
        "cancellation_reason": None,
        "sequence": appointment.sequence + 1,
    }
    if status is AppointmentStatus.CHECKED_IN:
        changes["checked_in_at"] = clock.now()
    return await move(session, appointment, changes)


async def expire_holds(session: AsyncSession, *, limit: int = 1000) -> int:
    """Mark holds that have run out as expired; how many they were.

    Nothing waits for this: a hold that has run out gives way by itself. It keeps lists tidy.
    """
    stale = (
        select(Appointment.id)
        .where(Appointment.status == AppointmentStatus.HELD, Appointment.hold_expires_at <= Now())
        .order_by(Appointment.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = (await session.scalars(stale)).all()
    if found:
        await session.execute(
            update(Appointment)
            .where(Appointment.id.in_(found))
            .values(status=AppointmentStatus.EXPIRED)
        )
    return len(found)
