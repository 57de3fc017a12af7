"""A series of appointments: the same time on the clinic's wall clock, on the days of a rule."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from vetcore.database import ReadSession
from vetcore.database.locking import take_turns
from vetcore.errors import BookingRefused, Conflict, InvalidValue
from vetcore.models import Appointment, AppointmentSeries
from vetcore.scheduling.booking import book
from vetcore.scheduling.day_turns import take_turns_of_days
from vetcore.scheduling.foreseeing import Foreseen, SeriesPreview, Turns, foresee, zone_of
from vetcore.scheduling.savepoints import nothing_left_behind
from vetcore.schemas import AppointmentCreate
from vetcore.values.capacity import Capacity
from vetcore.values.recurrence import Recurrence
from vetcore.values.walltime import AgreedTime

__all__ = [
    "Keep",
    "Occurrence",
    "SeriesConflict",
    "SeriesReport",
    "book_series",
    "preview_series",
    "require_keep",
]

_ATTEMPTS: Final = 3
"""How often a series is tried anew if somebody else takes a part of it after the look at it."""

Keep: TypeAlias = Literal["all", "rest"]
"""Whether one refusal refuses the whole, or the rest goes on."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An occurrence of a series: the appointment, or why there is none at that time."""

    starts_at: datetime
    """In UTC; with an error, the start that was wanted."""
    appointment: Appointment | None = None
    """With an error, the one that could not be moved there, if that was wanted."""
    error: BookingRefused | None = None
    place: int | None = None
    """Its place in the series, from 1."""


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """What became of each occurrence, in their order."""

    series_id: UUID
    occurrences: tuple[Occurrence, ...]

    @property
    def booked(self) -> list[Appointment]:
        """The appointments that stand as was wanted."""
        return [
            each.appointment
            for each in self.occurrences
            if each.appointment is not None and each.error is None
        ]

    @property
    def conflicts(self) -> list[Occurrence]:
        """The occurrences that cannot be as was wanted."""
        return [each for each in self.occurrences if each.error is not None]


class SeriesConflict(Conflict, BookingRefused):
    """Not every occurrence of the series can be booked, or moved, so none is."""

    code = "series_conflict"
    title = "The series cannot be booked or moved as a whole"

    def __init__(self, report: SeriesReport, *, act: str = "booked") -> None:
        conflicts = [
            {
                "place": each.place,
                "starts_at": each.starts_at,
                "code": each.error.code,
                "detail": str(each.error),
            }
            for each in report.occurrences
            if each.error is not None
        ]
        super().__init__(
            f"{len(conflicts)} of the {len(report.occurrences)} appointments cannot be {act}",
            conflicts=conflicts,
        )
        self.report = report
        """Every occurrence; those without an error could be as was wanted, or are there already."""


async def preview_series(
    session: ReadSession, request: AppointmentCreate, *, rule: Recurrence, by: Capacity
) -> SeriesPreview:
    """Return what booking a series would come to: who would see the pet each time, or why nobody.

    The rules are those of :func:`book_series`, at this moment. The number of statements does not
    depend on the number of occurrences.

    Args:
        session: for reading.
        request: the first occurrence; the others differ from it in their time only.
        rule: when it recurs, the first one included.
        by: in what capacity it is asked for.

    Raises:
        NotFound: there is no such clinic or pet.
        InvalidValue: the rule does not fall on the first occurrence, or leads nowhere; ``starts_at`` is
            no whole minute, or an override names no rule that can be.
    """
    preview, _ = await foresee(session, request, rule, by=by)
    return preview


async def book_series(  # noqa: PLR0913
    session: AsyncSession,
    request: AppointmentCreate,
    *,
    rule: Recurrence,
    by: Capacity,
    keep: Keep = "all",
    series_id: UUID | None = None,
) -> SeriesReport:
    """Book an appointment for each time that a rule names, at the same time on the wall clock.

    Ten in the morning stays ten in the morning when the clocks change. A wall time that they skip has
    the offset before the gap (RFC 5545, section 3.3.5).

    No permission is checked, and nobody is notified.

    Args:
        session: as for :func:`vetcore.scheduling.book`.
        request: the first occurrence; the others differ from it in their time only. Without a
            practitioner, each occurrence takes one who is free.
        rule: when it recurs, the first one included.
        by: in what capacity it is asked for.
        keep: "all" books all or nothing; "rest" books what can be booked.
        series_id: the id of the new series; a new one if none is given.

    Raises:
        SeriesConflict: with "all", an occurrence cannot be booked; its ``report`` tells which.
        NotFound: there is no such clinic or pet.
        InvalidValue: the rule does not fall on the first occurrence, or leads nowhere; ``starts_at`` is
            no whole minute, or an override names no rule that can be.
    """
    require_keep(keep)
    series_id = series_id or uuid7()
    for left in reversed(range(_ATTEMPTS)):
        preview, turns = await foresee(session, request, rule, by=by)
        refused = len(preview.conflicts)
        if refused > (0 if keep == "all" else len(preview.occurrences) - 1):
            return _refused(series_id, preview, keep)
        most = refused if left or keep == "all" else len(preview.occurrences)
        try:
            return await _booked(session, request, rule, preview, turns, series_id, by, most)
        except _Overtaken as overtaken:
            if not left:
                raise SeriesConflict(overtaken.report) from None
    raise AssertionError  # the last attempt returns or raises


class _Overtaken(Exception):
    """Somebody has booked meanwhile what was free when it was looked at."""

    def __init__(self, report: SeriesReport) -> None:
        super().__init__()
        self.report = report


async def _booked(  # noqa: PLR0913, PLR0917
    session: AsyncSession,
    request: AppointmentCreate,
    rule: Recurrence,
    preview: SeriesPreview,
    turns: Turns,
    series_id: UUID,
    by: Capacity,
    most: int,
) -> SeriesReport:
    """Book what was foreseen, with the people and in the rooms that were.

    Raises:
        _Overtaken: more than ``most`` cannot be booked, so none is.
    """
    zone = await zone_of(session, request.clinic_id)
    series = AppointmentSeries(
        id=series_id,
        clinic_id=request.clinic_id,
        pet_id=request.pet_id,
        rule=str(rule),
        first_wall_time=str(AgreedTime.at(request.starts_at, zone)),
    )
    fresh: list[AppointmentSeries | Appointment] = [series]
    async with nothing_left_behind(session, fresh):
        # All at once and in one order, as whoever moves a series takes them: neither waits for
        # the other while it has something that the other wants.
        await take_turns_of_days(session, turns.days)
        await take_turns(session, "resource", *turns.resources)
        session.add(series)
        await session.flush()
        outcomes: list[Occurrence] = []
        for each in preview.occurrences:
            outcome = await _attempt(session, request, each, by)
            outcomes.append(outcome)
            if outcome.appointment is not None:
                outcome.appointment.series_id = series_id
                outcome.appointment.series_place = each.place
                fresh.append(outcome.appointment)
        await session.flush()
        if sum(each.error is not None for each in outcomes) > most:
            stands = tuple(replace(each, appointment=None) for each in outcomes)
            raise _Overtaken(SeriesReport(series_id, stands))
    return SeriesReport(series_id, tuple(outcomes))


def _refused(series_id: UUID, preview: SeriesPreview, keep: Keep) -> SeriesReport:
    occurrences = tuple(
        Occurrence(each.starts_at, error=each.error, place=each.place)
        for each in preview.occurrences
    )
    report = SeriesReport(series_id, occurrences)
    if keep == "all":
        raise SeriesConflict(report)
    return report


async def _attempt(
    session: AsyncSession, request: AppointmentCreate, wanted: Foreseen, by: Capacity
) -> Occurrence:
    if wanted.error is not None:
        return Occurrence(wanted.starts_at, error=wanted.error, place=wanted.place)
    foreseen = {
        "starts_at": wanted.starts_at,
        "practitioner_id": wanted.practitioner_id,
        "room_id": wanted.room_id,
    }
    try:
        appointment = await book(session, request.model_copy(update=foreseen), by=by)
    except BookingRefused as error:
        return Occurrence(wanted.starts_at, error=error, place=wanted.place)
    return Occurrence(wanted.starts_at, appointment, place=wanted.place)


def require_keep(keep: str) -> None:
    """Refuse what is neither of the two ways to keep a series.

    Raises:
        InvalidValue: it is neither "all" nor "rest".
    """
    if keep not in {"all", "rest"}:
        raise InvalidValue(
            field="keep", rule="is neither of two", expected="all or rest", value=keep
        )
