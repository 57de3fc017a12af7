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
from functools import cache, lru_cache
from importlib import import_module
from typing import Annotated, Any, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints

from vetcore.clock import require_aware
from vetcore.errors import InvalidValue
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
from vetcore.values.walltime import local_day, localize, zone_named
from vetcore.values.weekly import WeeklyHours

__all__ = ["OpeningHours", "OpeningHoursText", "parse_hours"]

_LONGEST: Final = 2000
_DAY: Final = timedelta(days=1)
_MINUTES: Final = 24 * 60
_COMMENT: Final = re.compile(r'"[^"]*"')
_SEPARATOR: Final = re.compile(r"(; |, | \|\| )")
_TIMES: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_HORIZON_DAYS: Final = 3 * 366
_STRIDE_DAYS: Final = 28

_REFUSED: Final = (
    (re.compile(r"\b(sunrise|sunset|dawn|dusk)\b"), "times of the sun need a place, not a clinic"),
    (re.compile(r"\bSH\b"), "school holidays are not known to vetcore"),
    (re.compile(r"\d\d:\d\d\s*\+"), "an open end does not say when the clinic closes"),
    (re.compile(r"\bunknown\b"), "a clinic is open or closed"),
    (re.compile(r"\|\|"), "a clinic is open or closed; there is nothing to fall back to"),
)


def parse_hours(text: str, *, field: str = "opening_hours") -> str:
    """``text`` with its spaces in order, if it is opening hours.

    >>> parse_hours(" Mo-Fr  08:00-18:00 ")
    'Mo-Fr 08:00-18:00'

    Raises:
        InvalidValue: it cannot be read, or uses what a booking cannot depend on.
    """
    tidy = " ".join(text.split())
    for pattern, reason in _REFUSED:
        if match := pattern.search(tidy):
            raise InvalidValue(
                field=field,
                rule=f"cannot use {match.group()!r}: {reason}",
                expected="days and times such as Mo-Fr 08:00-12:00,13:00-18:00; PH off",
            )
    rules = _rules(tidy, None) if 0 < len(tidy) <= _LONGEST else None
    if rules is None:
        raise InvalidValue(
            field=field,
            rule="is not in the opening_hours syntax of OpenStreetMap",
            expected="such as Mo-Fr 08:00-12:00,13:00-18:00; Sa 09:00-13:00; PH off",
            value=tidy,
        )
    if rules.closes_overnight:
        raise InvalidValue(
            field=field,
            rule="closes over midnight",
            expected="one rule until 24:00 and another from 00:00",
            value=tidy,
        )
    return tidy


OpeningHoursText = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST), AfterValidator(parse_hours)
]
"""The text of opening hours, as a field of a schema."""


@cache
def _library() -> Any:
    """The evaluator: a compiled module, which many processes never need; its stubs lack errors."""
    return import_module("opening_hours")


class _Rules(NamedTuple):
    """Parsed rules, none of which goes over midnight, and what each goes on to after it."""

    evaluator: Any
    after_midnight: tuple[timedelta, ...]
    """By the number that is the rule's comment: how far its last span reaches into the next day."""
    closes_overnight: bool
    """Whether a rule closes the place over midnight, which is not supported."""


@lru_cache(maxsize=4096)
def _rules(text: str, country: str | None) -> _Rules | None:
    """The parsed rules; None for what cannot be parsed. A country without a calendar has none.

    The evaluator lets the rules of a day cut short what began the evening before. A night shift
    belongs to the day on which it begins, so rules are cut at midnight here, and what follows it
    is put back by :func:`_spans_between`.
    """
    library = _library()
    try:
        canonical = str(library.OpeningHours(_COMMENT.sub(" ", text)))
        return _cut_at_midnight(canonical, country)
    except library.UnknownCountryError:
        return _rules(text, None)
    except library.ParserError:
        return None


def _cut_at_midnight(canonical: str, country: str | None) -> _Rules:
    parts = _SEPARATOR.split(canonical)
    after: list[timedelta] = []
    closes_overnight = False
    for position in range(0, len(parts), 2):
        cut, beyond = _cut(parts[position])
        closes_overnight |= bool(beyond) and cut.endswith(" closed")
        parts[position] = f'{cut} "{len(after)}"'
        after.append(beyond)
    evaluator = _library().OpeningHours("".join(parts), country=country)
    return _Rules(evaluator, tuple(after), closes_overnight)


def _cut(rule: str) -> tuple[str, timedelta]:
    furthest = 0

    def shorten(match: re.Match[str]) -> str:
        nonlocal furthest
        opens = int(match[1]) * 60 + int(match[2])
        closes = int(match[3]) * 60 + int(match[4])
        if opens < closes <= _MINUTES:
            return match.group()
        furthest = max(furthest, closes - _MINUTES if closes > _MINUTES else closes)
        return f"{match[1]}:{match[2]}-24:00"

    return _TIMES.sub(shorten, rule), timedelta(minutes=furthest)


@lru_cache(maxsize=4096)
def _four_weeks(
    text: str, country: str | None, zone: ZoneInfo, number: int
) -> tuple[tuple[Span, ...], ...]:
    """The spans that begin on each of 28 local days, the ``number``-th since the calendar began.

    Whatever windows are asked for, they share these.
    """
    first = date.fromordinal(max(number * _STRIDE_DAYS, 1))
    last = date.fromordinal(min((number + 1) * _STRIDE_DAYS, date.max.toordinal()) - 1)
    days: list[list[Span]] = [[] for _ in range(_STRIDE_DAYS)]
    for opens, closes in _walls(text, country, first, last):
        span = Span(localize(opens, zone), localize(closes, zone))
        if span.start < span.end:
            days[opens.toordinal() % _STRIDE_DAYS].append(span)
    return tuple(map(tuple, days))


def _walls(
    text: str, country: str | None, first: date, last: date
) -> list[tuple[datetime, datetime]]:
    """The spans that begin on the days ``first`` to ``last``, in wall time, day by day."""
    rules = _rules(text, country)
    if rules is None:  # pragma: no cover -- the constructor has parsed the text
        return []
    open_ = _library().State.OPEN
    begin = datetime.combine(first, time())
    end = datetime.combine(last + _DAY, time())
    walls: list[tuple[datetime, datetime]] = []
    for opens, closes, state, comment in rules.evaluator.intervals(begin, end):
        if state != open_:
            continue
        for start, until in _days_of(opens, closes):
            if until.time() == time():
                numbers = (int(number) for number in comment.split(", "))
                until += max(rules.after_midnight[number] for number in numbers)  # noqa: PLW2901
            if walls and walls[-1][1] == start and walls[-1][0].date() == start.date():
                walls[-1] = walls[-1][0], until
            else:
                walls.append((start, until))
    return walls


def _days_of(opens: datetime, closes: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The evaluator joins what touches, days as well."""
    while opens < closes:
        midnight = datetime.combine(opens.date() + _DAY, time())
        yield opens, min(midnight, closes)
        opens = midnight


class OpeningHours:
    """When a place is open: rules in wall time, a time zone, and a country for public holidays.

    Args:
        text: in OpenStreetMap's syntax.
        timezone: IANA name of the zone whose wall time is meant.
        country: ISO 3166 code whose public holidays ``PH`` means; None for no holidays.

    Raises:
        InvalidValue: the text or the zone cannot be read.
    """

    __slots__ = ("country", "text", "zone")

    def __init__(self, text: str, timezone: str = "UTC", country: str | None = None) -> None:
        self.text = parse_hours(text)
        self.zone = zone_named(timezone)
        self.country = country

    @classmethod
    def weekly(cls, week: WeeklyHours, timezone: str = "UTC", country: str | None = None) -> Self:
        """The same hours every week, as forms have them."""
        return cls(week.text, timezone, country)

    def as_weekly(self) -> WeeklyHours | None:
        """The hours as a plain week; None if they have rules that a week cannot say."""
        return WeeklyHours.from_text(self.text)

    def __repr__(self) -> str:
        return f"OpeningHours({self.text!r}, {self.zone.key!r}, {self.country!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpeningHours) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str | None]:
        return self.text, self.zone.key, self.country

    def spans_on(self, first: date, last: date | None = None) -> tuple[Span, ...]:
        """The spans that begin on a local day, or on the days from ``first`` to ``last``.

        An overnight span belongs to the day on which it begins, and runs into the next: it may
        overlap what begins there. Spans of one day that touch are one; around the clock, each day
        is a span.
        """
        begin, end = first.toordinal(), (last or first).toordinal() + 1
        found: list[Span] = []
        for number in range(begin // _STRIDE_DAYS, (end - 1) // _STRIDE_DAYS + 1):
            days = _four_weeks(self.text, self.country, self.zone, number)
            offset = number * _STRIDE_DAYS
            for day in days[max(begin - offset, 0) : end - offset]:
                found += day
        return tuple(found)

    def spans(self, start: int, end: int) -> list[Span]:
        """The spans that overlap ``[start, end)``, in seconds since 1970, with their true ends."""
        if start >= end:
            return []
        # What began the day before may last until now: the syntax goes to 48:00.
        first = local_day(start, self.zone) - _DAY
        spans = self.spans_on(first, local_day(end - 1, self.zone))
        return [span for span in spans if span.start < end and start < span.end]

    def intervals(self, start: datetime, end: datetime) -> list[Interval]:
        """When it is open in ``[start, end)``, in UTC; what touches is one interval.

        Raises:
            InvalidValue: a datetime is naive.
        """
        first, last = _whole(start, end)
        return [
            Interval(instant(span.start), instant(span.end))
            for span in merge(clip(self.spans(first, last), first, last))
        ]

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at that instant.

        Raises:
            InvalidValue: ``at`` is naive.
        """
        moment = floor(require_aware(at, field="at"))
        return overlaps(self.spans(moment, moment + 1), moment, moment + 1)

    def next_change(self, at: datetime) -> datetime | None:
        """The first instant after ``at`` at which it opens or closes, in UTC.

        None if that is not within three years: ``24/7`` never closes.

        Raises:
            InvalidValue: ``at`` is naive.
        """
        moment = floor(require_aware(at, field="at"))
        for days in (7, 56, _HORIZON_DAYS):
            limit = moment + days * 86_400
            for start, end in merge(clip(self.spans(moment, limit), moment, limit)):
                change = end if start == moment else start
                if change < limit:
                    return instant(change)
        return None

    def _windows(self, start: int) -> Iterator[list[Span]]:
        """The spans from ``start`` on, four weeks at a time; one over a border comes twice."""
        stride = _STRIDE_DAYS * 86_400
        for number in range(_HORIZON_DAYS // _STRIDE_DAYS):
            begin = start + number * stride
            yield merge(self.spans(begin, begin + stride))

    def business_time(self, start: datetime, end: datetime) -> timedelta:
        """How long it is open between two instants: elapsed time, not what clocks show.

        Raises:
            InvalidValue: a datetime is naive.
        """
        first, last = _whole(start, end)
        return timedelta(seconds=total(clip(merge(self.spans(first, last)), first, last)))

    def add_business_time(self, at: datetime, amount: timedelta) -> datetime:
        """The instant by which it has been open for ``amount`` since ``at``, in UTC.

        >>> clinic = OpeningHours("Mo-Fr 09:00-17:00")
        >>> friday = datetime.fromisoformat("2026-03-06T16:00:00+00:00")
        >>> clinic.add_business_time(friday, timedelta(hours=2)).isoformat()
        '2026-03-09T10:00:00+00:00'

        Raises:
            InvalidValue: ``at`` is naive, ``amount`` is negative, or it is not open for that long
                within three years.
        """
        moment = floor(require_aware(at, field="at"))
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
    return floor(require_aware(start, field="start")), ceiling(require_aware(end, field="end"))
