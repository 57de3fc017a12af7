"""Opening hours: OpenStreetMap's syntax, read as the wall time of a place.

>>> from datetime import UTC, datetime, timedelta
>>> clinic = OpeningHours("Mo-Fr 08:00-12:00,13:00-18:00; PH off", "America/New_York", "US")
>>> clinic.is_open(datetime(2026, 7, 2, 16, 0, tzinfo=UTC))
False
>>> clinic.next_change(datetime(2026, 7, 2, 16, 0, tzinfo=UTC)).isoformat()
'2026-07-02T17:00:00+00:00'

The syntax is the `opening_hours specification
<https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification>`_. Where the clocks change,
:mod:`vetcore.values.walltime` says which instant a wall time means.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints

from vetcore.clock import require_aware
from vetcore.errors import InvalidValue
from vetcore.values.holidays import has_calendar, public_holidays
from vetcore.values.intervals import (
    Interval,
    Span,
    ceiling,
    clip,
    floor,
    instant,
    merge,
    overlaps,
    total,
)
from vetcore.values.timetext import (
    STRIDE_DAYS,
    minutes_of_days,
    names_holidays,
    read,
    without_comments,
)
from vetcore.values.walltime import local_day, localize
from vetcore.values.weekly import WeeklyHours
from vetcore.values.zones import zone_named

__all__ = ["OpeningHours", "OpeningHoursText", "parse_hours", "require_calendar"]

_LONGEST: Final = 2000
_DAY: Final = timedelta(days=1)
_HORIZON_DAYS: Final = 3 * 366
_FIRST_DAY: Final = date(1900, 1, 1)
"""The evaluator knows of no day before."""
_LAST_DAY: Final = date(9999, 12, 24)
"""The last day on which a span may begin: it ends before the calendar does, in any zone."""
_FIRST_MOMENT: Final = floor(datetime.fromisoformat("1900-01-03T00:00:00+00:00"))
_LAST_MOMENT: Final = floor(datetime.fromisoformat("9996-01-01T00:00:00+00:00"))
"""Instants are asked for up to here: three more years follow in the calendar."""

_REFUSED: Final = (
    (
        re.compile(r"\b(sunrise|sunset|dawn|dusk)\b", re.IGNORECASE),
        "times of the sun need a place, not a clinic",
    ),
    (re.compile(r"\bSH\b"), "school holidays are not known to vetcore"),
    (re.compile(r"\d\d:\d\d\s*\+"), "an open end does not say when the clinic closes"),
    (re.compile(r"\bunknown\b", re.IGNORECASE), "a clinic is open or closed"),
    (re.compile(r"\|\|"), "a clinic is open or closed; there is nothing to fall back to"),
)
_ONLY_COMMENT: Final = re.compile(r"(?:^|[;,]) ?(?=$|[;,])")


def parse_hours(text: str, *, field: str = "opening_hours") -> str:
    """Return ``text`` with tidy spaces, if it is valid opening hours.

    Text in double quotes is a comment. A comment is kept, and has no effect.

    >>> parse_hours(' Mo-Fr  08:00-18:00 "by  appointment"')
    'Mo-Fr 08:00-18:00 "by appointment"'

    Raises:
        InvalidValue: the text cannot be read, or uses something that a booking cannot depend on.
    """
    tidy = " ".join(text.split())
    plain = without_comments(tidy)
    for pattern, reason in _REFUSED:
        if match := pattern.search(plain):
            raise InvalidValue(
                field=field,
                rule=f"cannot use {match.group()!r}: {reason}",
                expected="days and times such as Mo-Fr 08:00-12:00,13:00-18:00; PH off",
            )
    if plain != tidy and _ONLY_COMMENT.search(plain):
        raise InvalidValue(
            field=field,
            rule="has a comment that stands alone, which does not say when the clinic is open",
            expected='days and times before it, such as Mo-Fr 08:00-18:00 "by appointment"',
            value=tidy,
        )
    rules = read(tidy) if 0 < len(tidy) <= _LONGEST else None
    if rules is None:
        raise InvalidValue(
            field=field,
            rule="is not in the opening_hours syntax of OpenStreetMap",
            expected="such as Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-13:00; PH off",
            value=tidy,
        )
    if any(rule.closes_over_midnight for rule in rules):
        raise InvalidValue(
            field=field,
            rule="closes over midnight",
            expected="one rule until 24:00 and another from 00:00",
            value=tidy,
        )
    return tidy


def require_calendar(text: str, country: str, *, field: str = "opening_hours") -> None:
    """Refuse hours that depend on public holidays which are not known.

    Raises:
        InvalidValue: the text has a rule about ``PH``, and there is no calendar of the country.
    """
    if names_holidays(text) and not has_calendar(country):
        raise InvalidValue(
            field=field,
            rule=f"has a PH rule, and no public holidays of {country} are known",
            expected="the days themselves, such as Jan 01,Dec 25-26 off",
            value=text,
        )


OpeningHoursText = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST), AfterValidator(parse_hours)
]
"""The text of opening hours, as a field of a schema."""


def _no_holidays(_year: int) -> frozenset[date]:
    return frozenset()


@lru_cache(maxsize=4096)
def _four_weeks(
    text: str, country: str | None, subdivision: str | None, zone: ZoneInfo, number: int
) -> tuple[tuple[Span, ...], ...]:
    """The spans that begin on each of 28 local days, the ``number``-th since the calendar began.

    Whatever windows are asked for, they share these.
    """
    rules = read(text) or ()

    def holidays(year: int) -> frozenset[date]:
        return public_holidays(country or "", subdivision, year)

    known = _no_holidays if country is None else holidays
    first = number * STRIDE_DAYS
    days: list[tuple[Span, ...]] = []
    for offset, minutes in enumerate(minutes_of_days(rules, number, known)):
        if not minutes:
            days.append(())
            continue
        midnight = datetime.combine(date.fromordinal(first + offset), time())
        spans = (
            Span(
                localize(midnight + timedelta(minutes=opens), zone),
                localize(midnight + timedelta(minutes=closes), zone),
            )
            for opens, closes in minutes
        )
        days.append(tuple(span for span in spans if span.start < span.end))
    return tuple(days)


class OpeningHours:
    """When a place is open: rules in wall time, a time zone, and a country for public holidays.

    Args:
        text: in OpenStreetMap's syntax.
        timezone: IANA name of the zone whose wall time is meant.
        country: ISO 3166-1 code whose public holidays ``PH`` means; None for no holidays. Where no
            calendar of it is known, the log says so: :func:`require_calendar` refuses it.
        subdivision: ISO 3166-2 code of the part of the country whose holidays are meant; None for
            those that hold in the whole country.

    Raises:
        InvalidValue: the text or the zone cannot be read.
    """

    __slots__ = ("country", "subdivision", "text", "zone")

    def __init__(
        self,
        text: str,
        timezone: str = "UTC",
        country: str | None = None,
        subdivision: str | None = None,
    ) -> None:
        self.text = parse_hours(text)
        self.zone = zone_named(timezone)
        self.country = country
        self.subdivision = subdivision

    @classmethod
    def weekly(
        cls,
        week: WeeklyHours,
        timezone: str = "UTC",
        country: str | None = None,
        subdivision: str | None = None,
    ) -> Self:
        """Return the opening hours of a plain week, which a form shows."""
        return cls(week.text, timezone, country, subdivision)

    def as_weekly(self) -> WeeklyHours | None:
        """Return the hours as a plain week, or None if a plain week cannot express them."""
        return WeeklyHours.from_text(self.text)

    def __repr__(self) -> str:
        given = ", ".join(map(repr, self._identity))
        return f"OpeningHours({given})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpeningHours) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str | None, str | None]:
        return self.text, self.zone.key, self.country, self.subdivision

    def spans_on(self, first: date, last: date | None = None) -> tuple[Span, ...]:
        """Return the spans that begin on a local day, or on the days from ``first`` to ``last``.

        An overnight span belongs to the day on which it begins and runs into the next day. So it
        may overlap a span of that next day. The part after midnight that a rule with ``off`` leaves
        may overlap as well. Spans of one day that touch are joined. A place that never closes has
        one span for each day.

        Raises:
            InvalidValue: a day is before 1900, or one of the calendar's last.
        """
        begin, end = _within(first).toordinal(), _within(last or first).toordinal() + 1
        found: list[Span] = []
        for number in range(begin // STRIDE_DAYS, (end - 1) // STRIDE_DAYS + 1):
            days = _four_weeks(self.text, self.country, self.subdivision, self.zone, number)
            offset = number * STRIDE_DAYS
            for day in days[max(begin - offset, 0) : end - offset]:
                found += day
        return tuple(found)

    def spans(self, start: int, end: int) -> list[Span]:
        """Return the spans that overlap ``[start, end)``, in seconds since 1970.

        The spans are not cut off at ``start`` or ``end``.

        Raises:
            InvalidValue: as :meth:`spans_on`.
        """
        if start >= end:
            return []
        # What began the day before may last until now: the syntax goes to 48:00.
        first = max(local_day(start, self.zone), _FIRST_DAY + _DAY) - _DAY
        spans = self.spans_on(first, local_day(end - 1, self.zone))
        return [span for span in spans if span.start < end and start < span.end]

    def intervals(self, start: datetime, end: datetime) -> list[Interval]:
        """Return when the place is open in ``[start, end)``, in UTC. Touching intervals are joined.

        Raises:
            InvalidValue: a datetime is naive, or not of the years 1900 to 9995.
        """
        first, last = _whole(start, end)
        return [
            Interval(instant(span.start), instant(span.end))
            for span in merge(clip(self.spans(first, last), first, last))
        ]

    def is_open(self, at: datetime) -> bool:
        """Return whether the place is open at the instant ``at``.

        Raises:
            InvalidValue: ``at`` is naive, or not of the years 1900 to 9995.
        """
        moment = _moment(at, "at")
        return overlaps(self.spans(moment, moment + 1), moment, moment + 1)

    def next_change(self, at: datetime) -> datetime | None:
        """Return the first instant after ``at`` at which the place opens or closes, in UTC.

        The result is None if nothing changes within three years, as with ``24/7``.

        Raises:
            InvalidValue: ``at`` is naive, or not of the years 1900 to 9995.
        """
        moment = _moment(at, "at")
        for days in (7, 56, _HORIZON_DAYS):
            limit = moment + days * 86_400
            for start, end in merge(clip(self.spans(moment, limit), moment, limit)):
                change = end if start == moment else start
                if change < limit:
                    return instant(change)
        return None

    def _windows(self, start: int) -> Iterator[list[Span]]:
        """The spans from ``start`` on, four weeks at a time; one over a border comes twice."""
        stride = STRIDE_DAYS * 86_400
        for number in range(_HORIZON_DAYS // STRIDE_DAYS):
            begin = start + number * stride
            yield merge(self.spans(begin, begin + stride))

    def business_time(self, start: datetime, end: datetime) -> timedelta:
        """Return for how long the place is open between two instants, in elapsed time.

        Raises:
            InvalidValue: a datetime is naive, or not of the years 1900 to 9995.
        """
        first, last = _whole(start, end)
        return timedelta(seconds=total(clip(merge(self.spans(first, last)), first, last)))

    def add_business_time(self, at: datetime, amount: timedelta) -> datetime:
        """Return the instant, in UTC, by which the place has been open for ``amount`` since ``at``.

        >>> clinic = OpeningHours("Mo-Fr 09:00-17:00")
        >>> friday = datetime.fromisoformat("2026-03-06T16:00:00+00:00")
        >>> clinic.add_business_time(friday, timedelta(hours=2)).isoformat()
        '2026-03-09T10:00:00+00:00'

        Raises:
            InvalidValue: ``at`` is naive or not of the years 1900 to 9995, ``amount`` is negative,
                or it is not open for that long within three years.
        """
        moment = _moment(at, "at")
        left = amount // timedelta(seconds=1)
        if left < 0:
            raise InvalidValue(field="amount", rule="must not be negative", value=amount)
        if not left:
            return instant(moment)
        reached = moment
        for window in self._windows(moment):
            for span in window:
                begin = max(span.start, reached)
                if begin >= span.end:
                    continue
                if left <= span.end - begin:
                    return instant(begin + left)
                left -= span.end - begin
                reached = span.end
        raise InvalidValue(
            field="amount",
            rule="is more than the opening hours of three years",
            value=amount,
        )


def _whole(start: datetime, end: datetime) -> tuple[int, int]:
    last = _moment(end, "end")
    return _moment(start, "start"), last + (ceiling(end) - floor(end))


def _moment(at: datetime, field: str) -> int:
    moment = floor(require_aware(at, field=field))
    if not _FIRST_MOMENT <= moment < _LAST_MOMENT:
        raise InvalidValue(
            field=field,
            rule="is too far from today",
            expected="an instant of the years 1900 to 9995",
            value=at.isoformat(),
        )
    return moment


def _within(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise InvalidValue(
            field="day",
            rule="is too far from today",
            expected=f"a day from {_FIRST_DAY} to {_LAST_DAY}",
            value=day.isoformat(),
        )
    return day
