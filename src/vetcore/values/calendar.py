"""A clinic's calendar: its weekly hours, and the dated exceptions to them.

All code that needs to know when a clinic is open asks this calendar, so every part gets the same
answer.

>>> from datetime import UTC
>>> week = OpeningHours("Mo-Fr 08:00-18:00", "Europe/London")
>>> inventory = DatedException(date(2026, 3, 9), date(2026, 3, 9), None, "Inventory")
>>> calendar = ClinicCalendar(week, (inventory,))
>>> calendar.is_open(datetime(2026, 3, 9, 12, tzinfo=UTC))
False
>>> calendar.exception_on(date(2026, 3, 9)).reason
'Inventory'
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Self
from zoneinfo import ZoneInfo

from vetcore.clock import require_aware
from vetcore.values.dates import FIRST_DAY
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import Span, floor, instant, overlaps
from vetcore.values.walltime import local_day, localize, shown, stretches, zone_named

__all__ = ["ClinicCalendar", "DatedException"]

_DAY: Final = timedelta(days=1)

_hours = lru_cache(maxsize=8192)(OpeningHours)
"""Opening hours by all that they are made of; reading them costs more than asking."""


@dataclass(frozen=True, slots=True)
class DatedException:
    """Local days on which the weekly hours do not hold, the first and the last day included."""

    first_on: date
    last_on: date
    hours: OpeningHours | None
    """The hours on those days. None means closed."""
    reason: str = ""

    @property
    def precedence(self) -> tuple[bool, date, str, str]:
        """The rank of the exception. The exception with the highest rank holds on a day."""
        hours = self.hours
        return hours is None, self.first_on, "" if hours is None else hours.text, self.reason


@dataclass(frozen=True, slots=True)
class ClinicCalendar:
    """When a clinic is open.

    A span over midnight belongs to the day on which it begins. An exception for that day replaces
    the whole span.
    """

    hours: OpeningHours
    exceptions: tuple[DatedException, ...] = ()

    @classmethod
    def of(
        cls,
        opening_hours: str,
        timezone: str,
        country: str | None = None,
        subdivision: str | None = None,
    ) -> Self:
        """Return the calendar of a week without exceptions. :meth:`but` adds exceptions.

        Raises:
            InvalidValue: the hours or the zone cannot be read.
        """
        return cls(_hours(opening_hours, timezone, country, subdivision))

    def but(self, first_on: date, last_on: date, text: str | None, reason: str = "") -> Self:
        """Return the calendar with one more exception.

        On those days the clinic has the hours of ``text``. It is closed if ``text`` is None.
        """
        hours = None if text is None else self.same_place(text)
        exception = DatedException(first_on, last_on, hours, reason)
        return replace(self, exceptions=(*self.exceptions, exception))

    def same_place(self, text: str) -> OpeningHours:
        """Return other hours in the clinic's time zone and with its public holidays."""
        return _hours(text, self.zone.key, self.hours.country, self.hours.subdivision)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the clinic's wall clock."""
        return self.hours.zone

    def exception_on(self, day: date) -> DatedException | None:
        """Return the exception that holds on ``day``, or None if the weekly hours hold.

        If several exceptions cover the day, a closure goes before other hours. Of several with
        other hours, the exception that begins last holds. The order in which the exceptions are
        given does not matter.
        """
        held = [each for each in self.exceptions if each.first_on <= day <= each.last_on]
        return max(held, key=lambda each: each.precedence, default=None)

    def _hours_by_day(self, first: date, last: date) -> Iterator[tuple[date, OpeningHours]]:
        for number in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(number)
            exception = self.exception_on(day)
            hours = self.hours if exception is None else exception.hours
            if hours is not None:
                yield day, hours

    def spans_on(self, first: date, last: date) -> tuple[Span, ...]:
        """Return the spans that begin on the local days from ``first`` to ``last``, day by day."""
        if not self.exceptions:
            return self.hours.spans_on(first, last)
        return tuple(
            span for day, hours in self._hours_by_day(first, last) for span in hours.spans_on(day)
        )

    def spans(self, start: int, end: int) -> list[Span]:
        """Return the spans that overlap ``[start, end)``, in seconds since 1970.

        The spans are not cut off at ``start`` or ``end``.
        """
        # The syntax goes to 48:00, and a day that a zone skipped may lie between.
        first = max(local_day(start, self.zone) - 2 * _DAY, FIRST_DAY)
        last = local_day(end - 1, self.zone)
        every = self.spans_on(first, last) if start < end and first <= last else ()
        return [span for span in every if span.start < end and start < span.end]

    def is_open(self, at: datetime) -> bool:
        """Return whether the clinic is open at the instant ``at``.

        Raises:
            InvalidValue: ``at`` is naive.
        """
        moment = floor(require_aware(at, field="at"))
        return overlaps(self.spans(moment, moment + 1), moment, moment + 1)

    def starts(self, first: date, last: date, step: int) -> list[Span]:
        """Return the times at which an appointment can start: each span's start, and steps from it.

        ``step`` is in seconds, and the results are seconds since 1970. At a start, the clock on the
        wall shows opening time plus a whole number of steps. So ten in the morning is a start on
        every day or on none, even if clocks change at night. A wall time that the clocks skip is no
        start. A wall time that they show twice is two starts.
        """
        if not self.exceptions:
            return list(_grid(self.hours, first, last, step))
        return sorted(
            start
            for day, hours in self._hours_by_day(first, last)
            for start in _starts(hours, day, step)
        )


@lru_cache(maxsize=1024)
def _grid(hours: OpeningHours, first: date, last: date, step: int) -> tuple[Span, ...]:
    """The grid of some days, the first and the last one included."""
    days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return tuple(sorted(start for day in days for start in _starts(hours, day, step)))


@lru_cache(maxsize=16_384)
def _starts(hours: OpeningHours, day: date, step: int) -> tuple[Span, ...]:
    """The grid of the spans that begin on ``day``; within each part, clocks do not change."""
    found: list[Span] = []
    for span in hours.spans_on(day):
        opens = _wall_opening(hours, day, span)
        for part, offset in stretches(span, hours.zone):
            first = part.start + (opens - part.start - offset) % step
            if first < part.end:
                found.append(Span(first, part.end))
    return tuple(found)


def _wall_opening(hours: OpeningHours, day: date, span: Span) -> int:
    """The wall time at which ``span`` opens, in seconds since 1970 as a clock of UTC shows it.

    Where the clocks skip the opening time, it is still that time from which steps are counted.
    """
    opens = _as_utc(shown(instant(span.start), hours.zone))
    if _as_utc(shown(instant(span.start - 1), hours.zone)) == opens - 1:
        return opens
    on_the_wall = copy(hours)
    on_the_wall.zone = zone_named("UTC")
    for wall in on_the_wall.spans_on(day):
        if tuple(localize(_naive(edge), hours.zone) for edge in wall) == span:
            return wall.start
    return opens


def _as_utc(wall: datetime) -> int:
    return floor(wall.replace(tzinfo=UTC))


def _naive(seconds: int) -> datetime:
    return instant(seconds).replace(tzinfo=None)
