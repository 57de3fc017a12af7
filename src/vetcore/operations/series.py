"""Series of appointments, and what is done with many appointments at once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.errors import NotBookable, NotFound
from vetcore.models import Appointment
from vetcore.operations.appointments import OF_STAFF, may_book, no_longer
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.scheduling import Occurrence, SeriesConflict, SeriesReport, StrayedVisit
from vetcore.scheduling.queries import occupies_now
from vetcore.schemas import OfClinic, SeriesCancel, SeriesCreate, Upkeep

__all__ = [
    "book_series",
    "cancel_series",
    "expire_holds",
    "list_strayed_appointments",
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
    outcomes: list[Occurrence] = []
    for row, occupies in found:
        gone = no_longer(row, occupies=bool(occupies))
        outcomes.append(Occurrence(row.starts_at, None if gone else row, gone))
    report = SeriesReport(key, tuple(outcomes))
    if wish.keep == "all" and report.conflicts:
        raise SeriesConflict(report)
    return report


@operation(
    permission=Permission.APPOINTMENT_BOOK,
    also=OF_STAFF,
    entity=Appointment,
    keyed=True,
    again=_booked_before,
    errors=(SeriesConflict,),
)
async def book_series(session: Session, wish: SeriesCreate, asked: Asked) -> SeriesReport:
    """Book a series of appointments at the same time on the clinic's wall clock.

    The same key books a series once. If it is used again, the answer tells which appointments do
    not stand any more.

    Raises:
        SeriesConflict: with ``keep="all"``, one of them cannot be booked, or one that the key booked
            does not stand any more; its report tells which.
        InvalidValue: the last one lies beyond the calendar.
    """
    by = await may_book(asked, wish.first.pet_id, wish.first.clinic_id)
    asked.require_parts_of(wish.first, by, wish.first.clinic_id)
    return await scheduling.book_series(
        session,
        wish.first,
        every=timedelta(days=wish.every_days),
        count=wish.count,
        by=by,
        keep=wish.keep,
        series_id=asked.id,
    )


@operation(permission=Permission.APPOINTMENT_CANCEL, entity=Appointment, errors=(NotBookable,))
async def cancel_series(
    session: Session, cancellation: SeriesCancel, asked: Asked
) -> list[Appointment]:
    """Cancel the appointments of a series that are still to come. On an error, none is cancelled.

    Raises:
        TooLateToCancel: one starts before the notice that binds owners.
    """
    by = await asked.require_on_each(
        select(Appointment).where(Appointment.series_id == cancellation.series_id),
        Appointment,
        NotFound(entity="series", key=cancellation.series_id),
    )
    return await scheduling.cancel_series(
        session,
        cancellation.series_id,
        by=by,
        since=cancellation.since,
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
