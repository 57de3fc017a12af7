"""A series of appointments: the same time on the clinic's wall clock, at a distance of days."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from vetcore import clock
from vetcore.database.locking import locked_rows
from vetcore.errors import BookingRefused, Conflict, InvalidValue, NotFound
from vetcore.models import Appointment, Clinic
from vetcore.scheduling.booking import book
from vetcore.scheduling.lifecycle import cancel
from vetcore.schemas import AppointmentCreate
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.dates import LAST_DAY
from vetcore.values.intervals import instant
from vetcore.values.walltime import localize, require_instant, zone_named

__all__ = ["Occurrence", "SeriesConflict", "SeriesReport", "book_series", "cancel_series"]

_LONGEST: Final = 120
_DAY: Final = timedelta(days=1)
_NOT_BEGUN: Final = (
    AppointmentStatus.HELD,
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An occurrence of a series: the appointment that was booked, or why none was."""

    starts_at: datetime
    """In UTC."""
    appointment: Appointment | None = None
    error: BookingRefused | None = None


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """What became of each occurrence, in their order."""

    series_id: UUID
    occurrences: tuple[Occurrence, ...]

    @property
    def booked(self) -> list[Appointment]:
        """The appointments of the series."""
        return [each.appointment for each in self.occurrences if each.appointment is not None]

    @property
    def conflicts(self) -> list[Occurrence]:
        """The occurrences that cannot be booked."""
        return [each for each in self.occurrences if each.error is not None]


class SeriesConflict(Conflict, BookingRefused):
    """Not every occurrence of the series can be booked, so none is."""

    code = "series_conflict"
    title = "The series cannot be booked as a whole"

    def __init__(self, report: SeriesReport) -> None:
        conflicts = [
            {"starts_at": each.starts_at, "code": each.error.code, "detail": str(each.error)}
            for each in report.occurrences
            if each.error is not None
        ]
        super().__init__(
            f"{len(conflicts)} of the {len(report.occurrences)} appointments cannot be booked",
            conflicts=conflicts,
        )
        self.report = report
        """Every occurrence; those without an error could have been booked, or are there already."""


async def book_series(  # noqa: PLR0913
    session: AsyncSession,
    request: AppointmentCreate,
    *,
    every: timedelta,
    count: int,
    by: Capacity,
    keep: Literal["all", "rest"] = "all",
    series_id: UUID | None = None,
) -> SeriesReport:
    """Book an appointment ``count`` times, at the same time on the clinic's wall clock.

    Ten in the morning stays ten in the morning when the clocks change. A wall time that they skip
    means the instant at which they skip it (RFC 5545, section 3.3.5).

    No permission is checked, and nobody is notified.

    Args:
        session: as for :func:`vetcore.scheduling.book`.
        request: the first occurrence; the others differ from it in their time only. Without a
            practitioner, each occurrence takes one who is free.
        every: from one to the next, in whole days: ``timedelta(weeks=3)``.
        count: how many, the first one included; at most 120.
        by: in what capacity it is asked for.
        keep: "all" books all or nothing; "rest" books what can be booked.
        series_id: the id of the new series; a new one if none is given.

    Raises:
        SeriesConflict: with "all", an occurrence cannot be booked; its ``report`` tells which.
        NotFound: there is no such clinic or pet.
        InvalidValue: ``every`` is not whole days, ``count`` is out of range, the last occurrence
            is, ``starts_at`` is no whole minute, or an override names no rule that can be.
    """
    _require_sensible(every, count, keep)
    _require_within_calendar(request.starts_at, every, count)
    zone = await _zone(session, request.clinic_id)
    series_id = series_id or uuid7()
    fresh: list[Appointment] = []
    try:
        async with session.begin_nested():
            outcomes: list[Occurrence] = []
            for each in _occurrences(request, zone, every, count):
                outcome = await _attempt(session, each, by)
                outcomes.append(outcome)
                if outcome.appointment is not None and outcome.appointment.series_id != series_id:
                    outcome.appointment.series_id = series_id
                    fresh.append(outcome.appointment)
            await session.flush()
            _require_all(series_id, outcomes, fresh, keep)
    except BaseException:
        # The savepoint took their rows back; the session knows them as stored.
        for appointment in fresh:
            session.expunge(appointment)
        raise
    return SeriesReport(series_id, tuple(outcomes))


async def _attempt(session: AsyncSession, request: AppointmentCreate, by: Capacity) -> Occurrence:
    try:
        appointment = await book(session, request, by=by)
    except BookingRefused as error:
        return Occurrence(request.starts_at, error=error)
    return Occurrence(request.starts_at, appointment)


def _require_all(
    series_id: UUID, outcomes: list[Occurrence], fresh: list[Appointment], keep: str
) -> None:
    if keep == "rest" or all(each.error is None for each in outcomes):
        return
    stands = tuple(
        replace(each, appointment=None) if each.appointment in fresh else each for each in outcomes
    )
    raise SeriesConflict(SeriesReport(series_id, stands))


def _require_sensible(every: timedelta, count: int, keep: str) -> None:
    if every < _DAY or every % _DAY:
        raise InvalidValue(
            field="every",
            rule="is not a number of whole days",
            expected="such as three weeks",
            value=str(every),
        )
    if not 1 <= count <= _LONGEST:
        raise InvalidValue(
            field="count", rule="is out of range", expected=f"1 to {_LONGEST}", value=count
        )
    if keep not in {"all", "rest"}:
        raise InvalidValue(
            field="keep", rule="is neither of two", expected="all or rest", value=keep
        )


def _require_within_calendar(starts_at: datetime, every: timedelta, count: int) -> None:
    first = require_instant(starts_at, field="starts_at").date()
    left = (LAST_DAY - first).days
    if every.days * (count - 1) >= left:
        raise InvalidValue(
            field="every",
            rule=f"leads out of the calendar, which ends on {LAST_DAY.isoformat()}",
            expected=f"less than {left // (count - 1)} days",
            value=str(every),
        )


async def _zone(session: AsyncSession, clinic_id: UUID) -> ZoneInfo:
    name = await session.scalar(select(Clinic.timezone).where(Clinic.id == clinic_id))
    if name is None:
        raise NotFound(entity="clinic", key=clinic_id)
    return zone_named(name)


def _occurrences(
    request: AppointmentCreate, zone: ZoneInfo, every: timedelta, count: int
) -> Iterator[AppointmentCreate]:
    wall = request.starts_at.astimezone(zone).replace(tzinfo=None, fold=0)
    for number in range(count):
        # The first one is meant as it was given, also in an hour that the clocks show twice.
        moment = instant(localize(wall + number * every, zone)) if number else request.starts_at
        yield request.model_copy(update={"starts_at": moment.astimezone(UTC)})


async def cancel_series(
    session: AsyncSession,
    series_id: UUID,
    *,
    by: Capacity,
    since: datetime | None = None,
    reason: str | None = None,
) -> list[Appointment]:
    """Cancel the appointments of a series that are still to come. On an error, none is cancelled.

    Occurrences that have begun, are over or were cancelled stay as they are.

    Args:
        session: of a transaction.
        series_id: which.
        by: in what capacity it is asked for: the clinic's notice binds owners only.
        since: those that start at this instant or later; from now on if none is given.
        reason: for the record.

    Returns:
        Those that were cancelled, by start.

    Raises:
        TooLateToCancel: one starts before that notice; pass a later ``since`` to leave it.
        NotFound: there is no such series.
        InvalidValue: ``since`` is naive.
    """
    begin = clock.now() if since is None else clock.require_aware(since, field="since")
    every = await locked_rows(
        session, select(Appointment).where(Appointment.series_id == series_id)
    )
    if not every:
        raise NotFound(entity="series", key=series_id)
    chosen = [each for each in every if each.starts_at >= begin and each.status in _NOT_BEGUN]
    chosen.sort(key=lambda each: each.starts_at)
    async with session.begin_nested():
        for each in chosen:
            await cancel(session, each.id, by=by, reason=reason)
    return chosen
