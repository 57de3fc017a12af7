"""Random opening-hours texts against an evaluator of its own.

A text is made as a tree: rules joined by ``;`` and ``,`` (never ``||``), each of days (weekdays,
lists, ranges that wrap, the n-th of a month, months, dates, weeks, years, ``PH``), times (several,
to 24:00, overnight and to 48:00), ``off`` or nothing, and a comment. The tree is evaluated here by
the specification, minute by minute, and :class:`~vetcore.values.hours.OpeningHours` must say the
same of the text for four weeks. Neither the parser nor the evaluator of the package is used here.
"""

import calendar
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import floor

CI_COUNT = 400

T = TypeVar("T")

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CALENDAR = tuple(
    (month, day)
    for month in range(1, 13)
    for day in range(1, calendar.monthrange(2028, month)[1] + 1)
)
_WEEKS = 4
_MINUTES = 1440
_WINDOW = _WEEKS * 7 * _MINUTES
_COMMENTS = (
    "by appointment",
    "ring; twice",
    "PH off",
    "Mo, Tu 10:00-12:00",
    "until sunset || dusk",
    "unknown, 08:00+",
    "closed",
    "SH",
    "off: call",
)


@dataclass(frozen=True)
class _Wide:
    """A season: its text, and what a day must have to be of it; None where anything will do."""

    text: str
    years: frozenset[int] | None = None
    dates: frozenset[tuple[int, int]] | None = None
    weeks: frozenset[int] | None = None

    def has(self, day: date) -> bool:
        return (
            (self.years is None or day.year in self.years)
            and (self.dates is None or (day.month, day.day) in self.dates)
            and (self.weeks is None or day.isocalendar().week in self.weeks)
        )


@dataclass(frozen=True)
class _Days:
    """Weekdays, n-th weekdays and holidays, any of which will do; nothing means every day."""

    text: str
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    holidays: bool = False

    def has(self, day: date) -> bool:
        if not self.text:
            return True
        if self.holidays and day in HOLIDAYS:
            return True
        if day.weekday() in self.weekdays:
            return True
        length = calendar.monthrange(day.year, day.month)[1]
        from_first, from_last = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
        here = day.weekday()
        return (here, from_first) in self.nth or (here, from_last) in self.nth


@dataclass(frozen=True)
class _Rule:
    joint: str
    wide: _Wide
    days: _Days
    minutes: int
    """One bit a minute, from the midnight with which a day begins."""
    closes: bool
    text: str

    def has(self, day: date) -> bool:
        return self.wide.has(day) and self.days.has(day)


def _easter(year: int) -> date:
    """Gauss's rule as Meeus and Jones give it."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _germany() -> frozenset[date]:
    """The nine holidays that every Land has (the unity treaty and the laws of the Länder)."""
    found: set[date] = set()
    for year in range(2024, 2031):
        easter = _easter(year)
        found |= {easter + timedelta(days=off) for off in (-2, 1, 39, 50)}
        fixed = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
        found |= {date(year, month, day) for month, day in fixed}
    return frozenset(found)


HOLIDAYS = _germany()


@asynccontextmanager
async def prepared() -> AsyncGenerator[None]:
    """Nothing is needed."""
    yield


async def attempt(_prepared: None, chance: random.Random) -> None:
    """One text, compared over four weeks."""
    rules = [_rule(chance, "")]
    rules += [_rule(chance, chance.choice(";;,")) for _ in range(chance.randint(0, 4))]
    text = "".join(f"{rule.joint}{' ' if rule.joint else ''}{rule.text}" for rule in rules)
    first = date(2025, 1, 6) + timedelta(days=chance.randrange(4 * 365))
    expected = _open_minutes(rules, first) & _bits(0, _WINDOW)
    hours = OpeningHours(text, "UTC", "DE")
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = start + timedelta(weeks=_WEEKS)
    found = 0
    for begin, until in hours.intervals(start, end):
        since = floor(start)
        found |= _bits((floor(begin) - since) // 60, (floor(until) - since) // 60)
    differ = expected ^ found
    wrong = (differ & -differ).bit_length() - 1
    assert not differ, (
        f"{text!r} at {start + timedelta(minutes=wrong):%a %Y-%m-%d %H:%M} "
        f"should be {'open' if expected >> wrong & 1 else 'closed'}"
    )
    moment = chance.randrange(_WINDOW)
    at = start + timedelta(minutes=moment)
    assert hours.is_open(at) is bool(expected >> moment & 1), f"{text!r} at {at}"
    week = hours.as_weekly()
    if week is not None:
        again = OpeningHours.weekly(week, "UTC", "DE").intervals(start, end)
        assert again == hours.intervals(start, end), f"{text!r} as a week is {week.text!r}"


def _bits(first: int, end: int) -> int:
    return (1 << end) - (1 << first)


def _open_minutes(rules: list[_Rule], first: date) -> int:
    """What is open in four weeks; a night belongs to the day on which it begins."""
    found = 0
    for number in range(-2, _WEEKS * 7):
        minutes = 0
        for rule in rules:
            if not rule.has(first + timedelta(days=number)):
                continue
            if rule.closes:
                minutes &= ~rule.minutes
            elif rule.joint == ",":
                minutes |= rule.minutes
            else:
                minutes = rule.minutes
        # Two days before the window begin two days of minutes that it does not have.
        found |= minutes << (number + 2) * _MINUTES
    return found >> 2 * _MINUTES


def _rule(chance: random.Random, joint: str) -> _Rule:
    closes = bool(joint) and chance.random() < 0.25
    wide = _wide(chance) if chance.random() < 0.25 else _Wide("")
    # After a comma, times alone would be of the list of times before them.
    everyday = chance.random() < 0.1 and (joint != "," or bool(wide.text))
    days = _Days("") if everyday else _days(chance)
    times, minutes = _times(chance, overnight=not closes)
    if closes and (wide.text or days.text) and chance.random() < 0.6:
        # Whoever is off has no night shift either.
        times, minutes = "", _bits(0, 2 * _MINUTES)
    parts = [wide.text, days.text, times, "off" if closes else ""]
    if chance.random() < 0.2:
        parts.append(f'"{chance.choice(_COMMENTS)}"')
    return _Rule(joint, wide, days, minutes, closes, " ".join(filter(None, parts)))


def _wide(chance: random.Random) -> _Wide:
    """Years, months, dates or weeks, or weeks of some months."""
    kind = chance.choice(("years", "months", "dates", "weeks", "weeks of months"))
    years = dates = weeks = None
    texts: list[str] = []
    if kind == "years":
        text, years = _listed(chance, _years)
        texts.append(text)
    if kind in {"months", "weeks of months"}:
        text, dates = _listed(chance, _months)
        texts.append(text)
    if kind == "dates":
        text, dates = _listed(chance, _dates)
        texts.append(text)
    if kind in {"weeks", "weeks of months"}:
        text, weeks = _listed(chance, _weeks)
        texts.append(f"week {text}")
    return _Wide(" ".join(texts), years, dates, weeks)


def _listed(
    chance: random.Random, one: Callable[[random.Random], tuple[str, set[T]]]
) -> tuple[str, frozenset[T]]:
    several = [one(chance) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    return ",".join(text for text, _ in several), frozenset().union(*(each for _, each in several))


def _months(chance: random.Random) -> tuple[str, set[tuple[int, int]]]:
    first, last = chance.randrange(12), chance.randrange(12)
    months = {(first + each) % 12 + 1 for each in range((last - first) % 12 + 1)}
    text = _MONTHS[first] if first == last else f"{_MONTHS[first]}-{_MONTHS[last]}"
    return text, {each for each in _CALENDAR if each[0] in months}


def _dates(chance: random.Random) -> tuple[str, set[tuple[int, int]]]:
    """A date or a range of them, over New Year, too; none of them is a 29 February."""
    first, last = (chance.randint(1, 12), chance.randint(1, 28)), None
    text = f"{_MONTHS[first[0] - 1]} {first[1]:02d}"
    kind = chance.randrange(3)
    if kind == 0:
        return text, {first}
    if kind == 1:
        last = first[0], chance.randint(first[1], 28)
        text += f"-{last[1]:02d}"
    else:
        last = (chance.randint(1, 12), chance.randint(1, 28))
        text += f"-{_MONTHS[last[0] - 1]} {last[1]:02d}"
    if first <= last:
        return text, {each for each in _CALENDAR if first <= each <= last}
    return text, {each for each in _CALENDAR if each >= first or each <= last}


def _weeks(chance: random.Random) -> tuple[str, set[int]]:
    low = chance.randint(1, 53)
    if chance.random() < 0.3:
        return f"{low:02d}", {low}
    high = chance.randint(low, 53)
    step = chance.choice((1, 1, 2, 3))
    return f"{low:02d}-{high:02d}{f'/{step}' if step > 1 else ''}", set(range(low, high + 1, step))


def _years(chance: random.Random) -> tuple[str, set[int]]:
    low = chance.randint(2025, 2028)
    kind = chance.random()
    if kind < 0.4:
        return f"{low}", {low}
    if kind < 0.5:
        return f"{low}+", set(range(low, 2040))
    high = chance.randint(low, 2028)
    step = chance.choice((1, 2))
    return f"{low}-{high}{f'/{step}' if step > 1 else ''}", set(range(low, high + 1, step))


def _days(chance: random.Random) -> _Days:
    texts: list[str] = []
    weekdays: set[int] = set()
    nth: set[tuple[int, int]] = set()
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        day = chance.randrange(7)
        kind = chance.random()
        if kind < 0.5:
            last = chance.randrange(7)
            if last != day:
                weekdays.update((day + each) % 7 for each in range((last - day) % 7 + 1))
                texts.append(f"{_WEEKDAYS[day]}-{_WEEKDAYS[last]}")
                continue
        if kind < 0.9:
            weekdays.add(day)
            texts.append(_WEEKDAYS[day])
            continue
        numbers = chance.sample((1, 2, 3, 4, 5, -1, -2), chance.choice((1, 1, 2)))
        nth.update((day, number) for number in numbers)
        texts.append(f"{_WEEKDAYS[day]}[{','.join(map(str, numbers))}]")
    # Holidays stand before the weekdays or after them.
    place = chance.random()
    holidays = place < 0.3
    if place < 0.1:
        return _Days("PH", holidays=True)
    if holidays:
        texts.insert(0 if place < 0.2 else len(texts), "PH")
    return _Days(",".join(texts), frozenset(weekdays), frozenset(nth), holidays)


def _times(chance: random.Random, *, overnight: bool) -> tuple[str, int]:
    if chance.random() < 0.05:
        return "00:00-24:00", _bits(0, _MINUTES)
    texts: list[str] = []
    minutes = 0
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        step = chance.choice((1, 15, 30, 60))
        opens = chance.randrange(0, _MINUTES, step)
        longest = 2 * _MINUTES if overnight else _MINUTES
        closes = min(chance.randrange(opens, opens + _MINUTES, step) + step, longest)
        minutes |= _bits(opens, closes)
        shown = closes
        # Past midnight either way of writing will do, for as long as the first says the same.
        if _MINUTES < closes <= opens + _MINUTES and chance.random() < 0.7:
            shown = closes - _MINUTES
        texts.append(f"{_clock(opens)}-{_clock(shown)}")
    return chance.choice((",", ", ")).join(texts), minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
