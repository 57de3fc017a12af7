"""When something recurs: the recurrence rules of iCalendar (RFC 5545), in wall time.

>>> from vetcore.values.zones import zone_named
>>> rule = Recurrence.parse("FREQ=MONTHLY;BYDAY=2TU;COUNT=3")
>>> first = datetime.fromisoformat("2026-10-13T10:00-04:00")
>>> [str(place) for place in rule.places(first, zone_named("America/New_York"))]
['1: 2026-10-13 10:00', '2: 2026-11-10 10:00', '3: 2026-12-08 10:00']

A rule is evaluated by what the clock on the wall shows, so that ten in the morning stays ten in the
morning when the clocks change. A wall time that they skip is read with the offset before the gap, and
one that they show twice means the first (section 3.3.5).
"""

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum, unique
from itertools import groupby, islice
from typing import Any, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from vetcore.errors import InvalidValue
from vetcore.values.dates import LAST_DAY
from vetcore.values.rulesyntax import (
    MOST_OCCURRENCES,
    Moment,
    WeekdayOfPeriod,
    read_lines,
    written,
)
from vetcore.values.walltime import require_instant, shown

__all__ = ["Frequency", "Place", "Recurrence", "WeekdayOfPeriod"]

_DAY: Final = timedelta(days=1)
_FARTHEST: Final = timedelta(days=3653)
"""Ten years: no clinic plans farther ahead, and a rule that never comes true ends there."""
_EVERY_MONTH_HAS: Final = 28
_WEEK: Final = 7
_YEAR: Final = 366


@unique
class Frequency(StrEnum):
    """The period by which a rule counts."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class Place(NamedTuple):
    """A place in a series. An appointment keeps it, also when it is moved alone."""

    number: int
    """From 1 on. Exceptions count, so that no number changes when one is added."""
    wall: datetime
    """What the rule says that the clock on the wall shows, as a naive datetime."""
    instant: datetime
    """In UTC."""

    def __str__(self) -> str:
        return f"{self.number}: {self.wall:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A rule by which something recurs, with its exceptions. :meth:`parse` reads RFC 5545.

    >>> str(Recurrence.parse("rrule:count=6;freq=weekly;byday=fr,mo"))
    'FREQ=WEEKLY;COUNT=6;BYDAY=MO,FR'
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    """How many there are, exceptions included."""
    until: Moment | None = None
    """The last local day, or the last instant in UTC."""
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[WeekdayOfPeriod, ...] = ()
    by_set_position: tuple[int, ...] = ()
    week_start: int = 0
    """The day on which weeks begin; 0 is Monday."""
    exceptions: tuple[Moment, ...] = ()
    """What does not take place: whole days, wall times (naive) or instants (UTC)."""

    @classmethod
    def parse(cls, text: str, *, field: str = "rule") -> Self:
        """Return the rule that ``text`` says.

        The text is the value of an RRULE, with or without that word before it. Lines with EXDATE may
        follow, as calendars write them; a date among them leaves out that day.

        Raises:
            InvalidValue: it is no such rule, has no end, or asks for what a clinic does not plan:
                more often than daily, more than 120 times, a time of day of its own.
        """
        parts = read_lines(text, field=field)
        given: dict[str, Any] = {**parts, "frequency": Frequency(parts["frequency"])}
        return cls(**given)

    def __str__(self) -> str:
        return written(self)

    # Evaluation ----------------------------------------------------------------------------------

    def places(self, first: datetime, zone: ZoneInfo) -> tuple[Place, ...]:
        """Return the places of a series whose first one is at an aware instant.

        Raises:
            InvalidValue: the first one is none of the rule's, none is left by the exceptions, or the
                rule leads to more than 120, or farther than ten years.
        """
        left = tuple(each for each in self.all_places(first, zone) if not self.leaves_out(each))
        if not left:
            raise self._refusal(rule="has no occurrence that is no exception")
        return left

    def all_places(self, first: datetime, zone: ZoneInfo) -> tuple[Place, ...]:
        """Return the same with the places that the exceptions leave out."""
        require_instant(first, field="starts_at")
        begin = shown(first, zone)
        day, last = begin.date(), min(begin.date() + _FARTHEST, LAST_DAY)
        if self.until is not None and last <= _day_of(self.until):
            raise self._refusal(rule="ends too late", expected=f"UNTIL a day before {last}")
        if self.until is not None:
            last = min(last, _day_of(self.until) + _DAY)  # by UTC it may be the day before there
        days = islice(self._days(day, last), self.count or MOST_OCCURRENCES + 1)
        places = [
            # The first one is meant as it was given, also in an hour that the clocks show twice.
            Place(
                number, wall, (wall.replace(tzinfo=zone) if number > 1 else first).astimezone(UTC)
            )
            for number, wall in enumerate((datetime.combine(on, begin.time()) for on in days), 1)
        ]
        found = tuple(place for place in places if self._has_not_ended(place))
        if not found or found[0].wall != begin:
            raise self._refusal(
                rule=f"does not fall on the first one, {begin:%A, %Y-%m-%d %H:%M}",
                expected=f"{found[0].wall:%Y-%m-%d} as its day" if found else "another rule",
            )
        if len(found) > MOST_OCCURRENCES:
            raise self._refusal(rule="leads to too many", expected=f"{MOST_OCCURRENCES} at most")
        if self.count is not None and len(found) < self.count:
            raise self._refusal(
                rule=f"comes true only {len(found)} times until {last}",
                expected="what ends within ten years",
            )
        return found

    def _refusal(self, *, rule: str, expected: str | None = None) -> InvalidValue:
        return InvalidValue(field="rule", rule=rule, expected=expected, value=str(self))

    def _has_not_ended(self, place: Place) -> bool:
        if isinstance(self.until, datetime):
            return place.instant <= self.until
        return self.until is None or place.wall.date() <= self.until

    def leaves_out(self, place: Place) -> bool:
        """Return whether an exception leaves a place out."""
        return bool({place.wall.date(), place.wall, place.instant} & set(self.exceptions))

    def _days(self, first: date, last: date) -> Iterator[date]:
        """The days of the rule, by the calendar alone, from ``first`` to ``last``.

        Each day is looked at once, so that a rule that never comes true ends as well. The positions of
        BYSETPOS are those within a whole period.
        """
        begin = first - (first.timetuple().tm_yday - 1 + _WEEK) * _DAY
        every = (begin + number * _DAY for number in range((last - begin).days + _YEAR))
        wanted = set(self.by_set_position)
        for period, days in groupby(every, self._period):
            if (period - self._period(first)) % self.interval:
                continue
            chosen = [day for day in days if self._is_on(day, first)]
            for place, day in enumerate(chosen, 1):
                if day > last:
                    return
                positions = {place, place - len(chosen) - 1}
                if day >= first and (positions & wanted or not wanted):
                    yield day

    def _period(self, day: date) -> int:
        """The number of the period in which a day is."""
        match self.frequency:
            case Frequency.DAILY:
                return day.toordinal()
            case Frequency.WEEKLY:
                return (day.toordinal() - 1 - self.week_start) // _WEEK
            case Frequency.MONTHLY:
                return day.year * 12 + day.month
            case Frequency.YEARLY:
                return day.year

    def _is_on(self, day: date, first: date) -> bool:
        """Whether the rule's parts allow a day; what they do not say, the first one does."""
        if self.by_month and day.month not in self.by_month:
            return False
        if not (self.by_day or self.by_month_day):
            match self.frequency:
                case Frequency.DAILY:
                    return True
                case Frequency.WEEKLY:
                    return day.weekday() == first.weekday()
                case Frequency.MONTHLY:
                    return day.day == first.day
                case Frequency.YEARLY:
                    return day.day == first.day and bool(self.by_month or day.month == first.month)
        if self.by_month_day:
            numbers = day.day, day.day - _days_in_month(day) - 1
            if not set(numbers) & set(self.by_month_day):
                return False
        return not self.by_day or any(
            _falls(each, day, in_year=self._numbers_by_year) for each in self.by_day
        )

    @property
    def _numbers_by_year(self) -> bool:
        return self.frequency is Frequency.YEARLY and not self.by_month

    # Change --------------------------------------------------------------------------------------

    def head(self, count: int) -> Self:
        """Return the rule of the first ``count`` places."""
        return replace(self, count=count, until=None)

    def moved(self, old: date, new: date) -> Self:
        """Return the rule that has the day ``new`` where this one has ``old``.

        A weekly rule falls on weekdays so many days later, a monthly one on the weekday of the month,
        or the day of the month, that ``new`` is. What does not change with the day stays. The
        exceptions do not move with it.

        Raises:
            InvalidValue: there is no such rule with as many places in the same order.
        """
        days = (new - old).days
        if not days:
            return self
        if self.by_set_position or (self.by_day and self.by_month_day):
            raise self._cannot_move(new)
        if self.frequency in {Frequency.DAILY, Frequency.WEEKLY}:
            if self.by_month or self.by_month_day:
                raise self._cannot_move(new)
            by_day = tuple(sorted(each.later(days) for each in self.by_day))
            # Every other week begins as many days later, or a day would come into another one.
            shifts = self.frequency is Frequency.WEEKLY and self.interval > 1 and self.by_day
            week_start = (self.week_start + days) % _WEEK if shifts else self.week_start
            return replace(self, by_day=by_day, week_start=week_start)
        if (old.year, old.month) != (new.year, new.month):
            raise self._cannot_move(new)
        if self.by_day:
            return self._on_weekday(new)
        return self._on_day_of_month(old, new)

    def counterpart(self, day: date, old: date, new: date) -> date:
        """Return the day that a place on ``day`` gets when ``old`` becomes ``new``.

        Raises:
            InvalidValue: as for :meth:`moved`.
        """
        if old == new:
            return day
        rule = self.moved(old, new)
        if self.frequency in {Frequency.DAILY, Frequency.WEEKLY}:
            return day + (new - old)
        number = new.day
        if self.by_month_day and self.by_month_day[0] < 0:
            number = new.day - _days_in_month(new) + _days_in_month(day)
        if not self.by_day:
            return day.replace(day=number)
        every = (day.replace(day=number) for number in range(1, _days_in_month(day) + 1))
        return next(each for each in every if _falls(rule.by_day[0], each, in_year=False))

    def _on_weekday(self, new: date) -> Self:
        if len(self.by_day) != 1 or not self.by_day[0].number:
            raise self._cannot_move(new)
        if self._numbers_by_year:
            raise self._cannot_move(new)
        number = (new.day - 1) // _WEEK + 1
        if self.by_day[0].number < 0:
            number = -((_days_in_month(new) - new.day) // _WEEK + 1)
        if abs(number) * _WEEK > _EVERY_MONTH_HAS:  # the fifth, which not every month has
            raise self._cannot_move(new)
        return replace(self, by_day=(WeekdayOfPeriod(new.weekday(), number),))

    def _on_day_of_month(self, old: date, new: date) -> Self:
        if len(self.by_month_day) > 1:
            raise self._cannot_move(new)
        day, before = new.day, old.day
        if self.by_month_day and self.by_month_day[0] < 0:
            day, before = day - _days_in_month(new) - 1, self.by_month_day[0]
        if max(abs(day), abs(before)) > _EVERY_MONTH_HAS:
            raise self._cannot_move(new)
        return replace(self, by_month_day=(day,) if self.by_month_day else ())

    def _cannot_move(self, new: date) -> InvalidValue:
        return InvalidValue(
            field="starts_at",
            rule=f"is on a day, {new:%A, %Y-%m-%d}, to which {self.head_of_rule} cannot be moved",
            expected="another time on the same day, or a new series by another rule",
        )

    @property
    def head_of_rule(self) -> str:
        """The rule without its exceptions."""
        return str(replace(self, exceptions=()))

    # Pydantic ------------------------------------------------------------------------------------

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._given, serialization=core_schema.to_string_ser_schema(when_used="always")
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "examples": ["FREQ=MONTHLY;BYDAY=2TU;COUNT=6"]}

    @classmethod
    def _given(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise InvalidValue(
                field="rule",
                rule="is no text",
                expected="such as FREQ=WEEKLY;COUNT=6",
                value=type(value).__name__,
            )
        return cls.parse(value)


def _falls(wanted: WeekdayOfPeriod, day: date, *, in_year: bool) -> bool:
    """Whether a day is that weekday, and the so manieth of its month, or its year."""
    if day.weekday() != wanted.weekday or wanted.number is None:
        return day.weekday() == wanted.weekday
    passed, days = day.day - 1, _days_in_month(day)
    if in_year:
        passed, days = day.timetuple().tm_yday - 1, 365 + isleap(day.year)
    return wanted.number in {passed // _WEEK + 1, -((days - passed - 1) // _WEEK + 1)}


def _day_of(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _days_in_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]
