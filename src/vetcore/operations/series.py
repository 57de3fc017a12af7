"""Series of appointments, and what is done with many appointments at once."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import InvalidTransition, NotBookable, NotFound
from vetcore.models import Appointment, AppointmentSeries
from vetcore.operations.appointments import OF_STAFF, may_book, no_longer, note
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.scheduling import Occurrence, SeriesConflict, SeriesPreview, SeriesReport, StrayedVisit
from vetcore.scheduling.taken import occupies_now
from vetcore.schemas import (
    AppointmentSeriesQuery,
    ById,
    OfClinic,
    SeriesCancel,
    SeriesCreate,
    SeriesMove,
    Upkeep,
)
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity

__all__ = [
    "book_series",
    "cancel_series",
    "expire_holds",
    "get_series",
    "list_series",
    "list_strayed_appointments",
    "move_series",
    "preview_series",
    "preview_series_move",
    "reanchor_appointments",
]


async def _booked_before(session: Session, key: UUID, wish: SeriesCreate) -> SeriesReport:
    """The series that a key has booked, as it is now: with a reason for each that does not stand."""
    found = await session.execute(
        select(Appointment, occupies_now())
        .where(Appointment.series_id == key)
        .order_by(Appointment.starts_at),
        execution_options={"include_deleted": True, "populate_existing": True},
    )
    report = SeriesReport(key, tuple(_outcome(*row) for row in found))
    if wish.keep == "all" and report.conflicts:
        raise SeriesConflict(report)
    return report


def _outcome(row: Appointment, occupies: object) -> Occurrence:
    gone = no_longer(row, occupies=bool(occupies))
    return Occurrence(row.starts_at, None if gone else row, gone, row.series_place)


@operation(
    permission=Permission.APPOINTMENT_BOOK,
    also=OF_STAFF,
    entity=Appointment,
    keyed=True,
    again=_booked_before,
    errors=(SeriesConflict,),
)
async def book_series(session: Session, wish: SeriesCreate, asked: Asked) -> SeriesReport:
    """Book a series of appointments by a rule, at the same time on the clinic's wall clock.

    The same key books a series once. If it is used again, the answer tells which appointments do
    not stand any more.

    Raises:
        SeriesConflict: with ``keep="all"``, one of them cannot be booked, or one that the key booked
            does not stand any more; its report tells which.
        InvalidValue: the rule does not fall on the first one, or leads nowhere.
    """
    by = await may_book(asked, wish.first.pet_id, wish.first.clinic_id)
    asked.require_parts_of(wish.first, by, wish.first.clinic_id)
    return await scheduling.book_series(
        session, wish.first, rule=wish.rule, by=by, keep=wish.keep, series_id=asked.id
    )


@reading(permission=Permission.APPOINTMENT_BOOK, also=OF_STAFF, entity=Appointment)
async def preview_series(session: ReadSession, wish: SeriesCreate, asked: Asked) -> SeriesPreview:
    """Return what booking a series would come to: by whom each can be booked, or why it cannot."""
    by = await may_book(asked, wish.first.pet_id, wish.first.clinic_id)
    asked.require_parts_of(wish.first, by, wish.first.clinic_id)
    return await scheduling.preview_series(session, wish.first, rule=wish.rule, by=by)


@reading(permission=Permission.APPOINTMENT_READ, entity=AppointmentSeries)
async def get_series(_session: ReadSession, wanted: ById, asked: Asked) -> AppointmentSeries:
    """Return what was agreed for a series of appointments."""
    series, _ = await asked.take(AppointmentSeries, wanted.id, lock=False)
    return series


@reading(permission=Permission.APPOINTMENT_READ, entity=AppointmentSeries)
async def list_series(
    session: ReadSession, wanted: AppointmentSeriesQuery, asked: Asked
) -> Page[AppointmentSeries]:
    """Return the series that the actor may see, the latest agreed first."""
    row = AppointmentSeries
    query = narrowed(
        asked.seen(select(row), row),
        (row.clinic_id, wanted.clinic_id),
        (row.pet_id, wanted.pet_id),
    )
    latest = [row.created_at.desc(), row.id.desc()]
    return await page(session, query, order_by=latest, limit=wanted.limit, after=wanted.after)


async def _taken(session: Session, act: ById, asked: Asked) -> Capacity:
    """Lock the series of an appointment, and refuse who may not do this to each of its appointments.

    The series is locked before any appointment, so that nobody waits in a ring; who may not see the
    appointment waits for nobody.
    """
    await asked.take(Appointment, act.id, lock=False)
    series, _, _ = await scheduling.lock_series(session, act.id)
    await asked.take(Appointment, act.id)
    return await asked.require_on_each(
        select(Appointment).where(Appointment.series_id == series.id),
        Appointment,
        NotFound(entity="series", key=series.id),
    )


@reading(
    permission=Permission.APPOINTMENT_MOVE,
    also=OF_STAFF,
    entity=Appointment,
    errors=(NotBookable, InvalidTransition),
)
async def preview_series_move(
    session: ReadSession, move: SeriesMove, asked: Asked
) -> SeriesPreview:
    """Return what moving a series would come to: where each would stand, or why it cannot.

    Raises:
        NotBookable: the named appointment should have begun already.
        InvalidTransition: the named appointment has begun, or is over.
    """
    named, by = await asked.take(Appointment, move.id, lock=False)
    return await scheduling.preview_series_move(
        session,
        named.id,
        starts_at=move.starts_at,
        scope=move.scope,
        by=by,
        practitioner_id=move.practitioner_id,
        room_id=move.room_id,
        overrides=move.overrides,
    )


async def _series_now(session: Session, key: UUID) -> tuple[UUID | None, list[Any]]:
    """The series of an appointment, and its appointments as they are now, each with whether it occupies."""
    everything = {"include_deleted": True, "populate_existing": True}
    named = await session.get_one(Appointment, key, execution_options=everything)
    found = await session.execute(
        select(Appointment, occupies_now())
        .where(Appointment.series_id == named.series_id)
        .order_by(Appointment.starts_at),
        execution_options=everything,
    )
    return named.series_id, list(found)


async def _moved_before(session: Session, key: UUID, _: object) -> SeriesReport:
    """The series that a key has moved, as it is now."""
    series_id, rows = await _series_now(session, key)
    if series_id is None:
        raise NotFound(entity="series of the appointment", key=key)
    return SeriesReport(series_id, tuple(_outcome(*row) for row in rows))


async def _cancelled_before(session: Session, key: UUID, _: object) -> list[Appointment]:
    """Those of the series that a key has cancelled, and all others that are cancelled by now."""
    _, rows = await _series_now(session, key)
    return [row for row, _ in rows if row.status is AppointmentStatus.CANCELLED]


@operation(
    permission=Permission.APPOINTMENT_MOVE,
    also=OF_STAFF,
    entity=Appointment,
    versioned=True,
    keyed=True,
    again=_moved_before,
    errors=(SeriesConflict, NotBookable, InvalidTransition),
)
async def move_series(session: Session, move: SeriesMove, asked: Asked) -> SeriesReport:
    """Move an appointment of a series, alone, with those that follow, or with all to come.

    An owner is bound by the clinic's notice as in cancelling.

    Raises:
        SeriesConflict: with ``keep="all"``, one of them cannot be moved; its report tells which.
        NotBookable: the named appointment should have begun already.
        InvalidTransition: the named appointment has begun, or is over.
        InvalidValue: it belongs to no series, or the series cannot come to such a day.
    """
    by = await _taken(session, move, asked)
    report = await scheduling.move_series(
        session,
        move.id,
        starts_at=move.starts_at,
        scope=move.scope,
        by=by,
        practitioner_id=move.practitioner_id,
        room_id=move.room_id,
        overrides=move.overrides,
        keep=move.keep,
    )
    await note(session, report.booked, move.internal_notes)
    return report


@operation(
    permission=Permission.APPOINTMENT_CANCEL,
    entity=Appointment,
    versioned=True,
    keyed=True,
    again=_cancelled_before,
    errors=(NotBookable, InvalidTransition),
)
async def cancel_series(
    session: Session, cancellation: SeriesCancel, asked: Asked
) -> list[Appointment]:
    """Cancel an appointment of a series, alone, with those that follow, or with all to come.

    On an error, none is cancelled. What has begun or is over stays as it is.

    Raises:
        TooLateToCancel: one starts before the notice that binds owners.
        InvalidTransition: it alone is to be cancelled, and its status does not allow that.
        InvalidValue: it belongs to no series.
    """
    by = await _taken(session, cancellation, asked)
    return await scheduling.cancel_series(
        session,
        cancellation.id,
        scope=cancellation.scope,
        by=by,
        reason=cancellation.reason,
    )


@reading(permission=Permission.APPOINTMENT_RUN, entity=Appointment)
async def list_strayed_appointments(
    session: ReadSession, wanted: OfClinic, asked: Asked
) -> list[StrayedVisit]:
    """Return the appointments to come that have left the wall time for which they were agreed."""
    asked.require_at_or_everywhere(wanted.clinic_id)
    return await scheduling.strayed_visits(session, clinic_id=wanted.clinic_id)


@operation(permission=Permission.CLINIC_MANAGE, entity=Appointment)
async def reanchor_appointments(
    session: Session, wanted: OfClinic, asked: Asked
) -> list[StrayedVisit]:
    """Put appointments to come back on the wall time that was agreed for them."""
    asked.require_at_or_everywhere(wanted.clinic_id)
    return await scheduling.reanchor_visits(session, clinic_id=wanted.clinic_id)


@operation(permission=Permission.SYSTEM_RUN, entity=Appointment)
async def expire_holds(session: Session, upkeep: Upkeep, asked: Asked) -> int:
    """Mark holds that have run out as expired, and return how many they were."""
    asked.require_system()
    return await scheduling.expire_holds(session, limit=upkeep.limit)
