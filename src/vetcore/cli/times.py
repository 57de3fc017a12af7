"""Reads days and times as people type them, in the zone of a clinic.

A *day* is ``2026-12-02``, ``today``, ``tomorrow``, ``yesterday``, a weekday, ``2 Dec``, ``Dec 2``
or ``Wed 2 Dec 2026``. A weekday such as ``Wed`` means the coming one, today included. A day without
a year means the coming one. ``02/12/2026`` is refused, because it is another day in half of the
world.

A *time* is ``14:30``, ``9am`` or ``9:30 pm``, or ``noon``. It stands after a day, or alone for
today. If the clocks show a time twice, the zone or its offset says which is meant: ``2026-11-01
01:30 PDT``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from vetcore.cli.telling import day_told, wall_told
from vetcore.errors import InvalidValue
from vetcore.values.dates import FIRST_DAY, LAST_DAY
from vetcore.values.intervals import instant
from vetcore.values.walltime import localize, midnight

__all__ = ["day_in", "end_in", "moment_in", "start_in"]

_FIRST_YEAR, _LAST_YEAR = FIRST_DAY.year, LAST_DAY.year
_LONGEST = 60
_NOON = 12
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_ABBREVIATED: Final = {"tues": "tuesday", "thurs": "thursday", "sept": "sep"}
_SHORTEST = 3
_RELATIVE: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}

_CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d\d)(?::(\d\d))?)?([ap]m)?")
_OFFSET: Final = re.compile(r"([+-])([01]\d|2[0-3])(?::?([0-5]\d))?")
_NUMBER: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR: Final = re.compile(r"\d{4}")

_A_DAY = "such as 2026-12-02, 2 Dec, tomorrow or Wed"
_A_TIME = "such as 2026-12-02 09:00, tomorrow 9am or Wed 14:30"


class _Refused(Exception):
    """The text cannot be read; the rule says why."""

    def __init__(self, rule: str, expected: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.expected = expected


def day_in(zone: ZoneInfo, text: str | None, *, now: datetime, field: str = "day") -> date:
    """Return the day that ``text`` names at the clinic. Without a text, it is today.

    Raises:
        InvalidValue: the text names no day, or a day outside the platform's bounds.
    """
    today = now.astimezone(zone).date()
    if text is None:
        return today
    pieces = _pieces(text)
    try:
        day = _day(pieces, today) if pieces else None
    except _Refused as refused:
        raise InvalidValue(
            field=field, rule=refused.rule, expected=refused.expected, value=text
        ) from None
    if day is None:
        raise InvalidValue(field=field, rule="is not a day", expected=_A_DAY, value=text)
    _require_year(day, field, text)
    return day


def _require_year(day: date, field: str, text: str) -> None:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        years = f"a day of the years {_FIRST_YEAR} to {_LAST_YEAR}"
        raise InvalidValue(field=field, rule="is out of range", expected=years, value=text)


def start_in(zone: ZoneInfo, text: str | None, *, now: datetime, field: str = "from") -> datetime:
    """Return the instant that ``text`` means as a start: the beginning of a day, or a time.

    Raises:
        InvalidValue: the text is no day or time; or the clocks skip that time, or show it twice.
    """
    if text is not None and _has_time(text, zone, now):
        return moment_in(zone, text, now=now, field=field)
    return instant(midnight(day_in(zone, text, now=now, field=field), zone))


def end_in(zone: ZoneInfo, text: str, *, now: datetime, field: str = "until") -> datetime:
    """Return the instant that ``text`` means as an end: the end of a day, or a time.

    Raises:
        InvalidValue: the text is no day or time; or the clocks skip that time, or show it twice.
    """
    if _has_time(text, zone, now):
        return moment_in(zone, text, now=now, field=field)
    day = day_in(zone, text, now=now, field=field)
    return instant(midnight(day + timedelta(days=1), zone))


def moment_in(zone: ZoneInfo, text: str, *, now: datetime, field: str = "start") -> datetime:
    """Return the instant at which the clock on the clinic's wall shows the time ``text``.

    Raises:
        InvalidValue: the text is no time; or the clocks skip that time, or show it twice that day.
    """
    try:
        read = _moment(text, zone, now)
    except _Refused as refused:
        raise InvalidValue(
            field=field, rule=refused.rule, expected=refused.expected, value=text
        ) from None
    if read is not None:
        _require_year(read.wall.date(), field, text)
    if read is None:
        rule = "says no time of day" if _is_day(text, zone, now) else "is not a time"
        raise InvalidValue(field=field, rule=rule, expected=_A_TIME, value=text)
    if read.offset is not None:
        return (read.wall - read.offset).replace(tzinfo=UTC)
    return _on_the_wall(read, zone, text, field)


# What is meant on the wall -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    wall: datetime
    offset: timedelta | None = None
    zone: str | None = None
    """As the clocks of the place call it: PDT."""


def _on_the_wall(read: _Read, zone: ZoneInfo, text: str, field: str) -> datetime:
    wall = read.wall
    when = f"{wall_told(wall)} {wall.year}"
    after = instant(localize(wall, zone)).astimezone(zone).replace(tzinfo=None)
    if after != wall:
        raise InvalidValue(
            field=field,
            rule=f"is a time that the clocks of {zone.key} skip that day",
            expected=f"from {after:%H:%M} on",
            value=when,
        )
    both = [wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    if read.zone is not None:
        both = [each for each in both if (each.tzname() or "").lower() == read.zone]
        if not both:
            names = sorted({f"{wall.replace(tzinfo=zone, fold=fold):%Z}" for fold in (0, 1)})
            raise InvalidValue(
                field=field,
                rule=f"{read.zone.upper()} is not what the clocks of {zone.key} show then",
                expected=" or ".join(names),
                value=text,
            )
    if len({each.utcoffset() for each in both}) > 1:
        raise InvalidValue(
            field=field,
            rule=f"is a time that the clocks of {zone.key} show twice that day",
            expected=" or ".join(f"{wall:%Y-%m-%d %H:%M} {each:%Z}" for each in both),
            value=when,
        )
    return both[0].astimezone(UTC)


# Reading -----------------------------------------------------------------------------------------


def _pieces(text: str) -> list[str]:
    """The words of a text; empty where nobody would write so much."""
    if len(text) > _LONGEST:
        return []
    plain = text.casefold().replace(",", " ").replace("a.m.", "am").replace("p.m.", "pm")
    return plain.split()


def _has_time(text: str, zone: ZoneInfo, now: datetime) -> bool:
    try:
        return _moment(text, zone, now) is not None
    except _Refused:
        return any(map(_clock, _pieces(text)))


def _is_day(text: str, zone: ZoneInfo, now: datetime) -> bool:
    try:
        day_in(zone, text, now=now)
    except InvalidValue:
        return False
    return True


def _moment(text: str, zone: ZoneInfo, now: datetime) -> _Read | None:
    """The time that ``text`` names; None where it names none, or a day alone."""
    words = [word for word in _pieces(text) if word != "at"]
    here = now.astimezone(zone)
    if words == ["now"]:
        return _Read(here.replace(second=0, microsecond=0, tzinfo=None), here.utcoffset())
    if words and (exact := _timestamp(words[0])):
        words[:1] = exact
    offset, name = _where(words)
    if len(words) > 1 and words[-1] in {"am", "pm"}:
        words[-2:] = [words[-2] + words[-1]]
    clock = _clock(words.pop()) if words else None
    if clock is None:
        return None
    passed = clock <= here.time()
    day = _day(words, here.date(), passed=passed) if words else here.date()
    if day is None:
        return None
    return _Read(datetime.combine(day, clock), offset, name)


def _timestamp(word: str) -> list[str] | None:
    """The day, the time and, if there is one, the offset of ``2026-12-02T09:00:00-08:00``."""
    day, separator, rest = word.partition("t")
    if not separator or _iso(day) is None:
        return None
    if rest.endswith("z"):
        return [day, rest[:-1], "z"]
    for position, sign in enumerate(rest):
        if sign in "+-":
            return [day, rest[:position], rest[position:]]
    return [day, rest]


def _where(words: list[str]) -> tuple[timedelta | None, str | None]:
    """Take the offset, or the zone's abbreviation, off the end."""
    if len(words) < 2 or _clock(words[-1]) is not None:  # noqa: PLR2004 -- a time comes before
        return None, None
    last = words[-1]
    if last in {"z", "utc", "gmt"}:
        words.pop()
        return timedelta(), None
    if shown := _OFFSET.fullmatch(last):
        words.pop()
        size = timedelta(hours=int(shown[2]), minutes=int(shown[3] or 0))
        return -size if shown[1] == "-" else size, None
    if last.isalpha() and last not in {"am", "pm"} and _clock(words[-2]) is not None:
        return None, words.pop()
    return None, None


def _clock(word: str) -> time | None:
    if word == "noon":
        return time(_NOON)
    found = _CLOCK.fullmatch(word)
    if found is None or (found[2] is None and found[4] is None):
        return None
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    if found[4] is not None:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if found[4] == "pm" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _day(words: Sequence[str], today: date, *, passed: bool = False) -> date | None:
    """The day of those words; ``passed`` says that the time is over for today."""
    match words:
        case [word] if word in _RELATIVE:
            return today + timedelta(days=_RELATIVE[word])
        case [word] if (day := _iso(word)) is not None:
            return day
        case [word] if (weekday := _index(word, _DAYS)) is not None:
            ahead = (weekday - today.weekday()) % 7
            return today + timedelta(days=ahead or (7 if passed else 0))
        case [word, *rest] if (weekday := _index(word, _DAYS)) is not None:
            day = _iso(rest[0]) if len(rest) == 1 else None
            return _on(weekday, day or _calendar(rest, today))
        case [word] if "/" in word:
            rule = "could be either of two days"
            raise _Refused(rule, "the year first, as in 2026-12-02")
        case _:
            return _calendar(words, today)


def _on(weekday: int, day: date | None) -> date | None:
    if day is not None and day.weekday() != weekday:
        rule = "names one day of the week and another day"
        raise _Refused(rule, f"{day_told(day)} {day.year}")
    return day


def _calendar(words: Sequence[str], today: date) -> date | None:
    """``2 Dec``, ``Dec 2``, ``2 December 2026``."""
    match words:
        case [first, second]:
            year = None
        case [first, second, third] if _YEAR.fullmatch(third):
            year = int(third)
        case _:
            return None
    for number, name in ((first, second), (second, first)):
        month, found = _index(name, _MONTHS), _NUMBER.fullmatch(number)
        if month is not None and found is not None:
            return _coming(year, month + 1, int(found[1]), today)
    return None


def _coming(year: int | None, month: int, day: int, today: date) -> date | None:
    """That day of the year; without one, the next that there is (29 February may be far)."""
    for each in [year] if year is not None else range(today.year, today.year + 9):
        try:
            found = date(each, month, day)
        except ValueError:
            continue
        if year is not None or found >= today:
            return found
    return None


def _iso(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if "-" in word and "w" not in word else None
    except ValueError:
        return None


def _index(word: str, names: Sequence[str]) -> int | None:
    """Which name begins with that word."""
    whole = _ABBREVIATED.get(word.removesuffix("."), word.removesuffix("."))
    if len(whole) < _SHORTEST:
        return None
    return next((place for place, name in enumerate(names) if name.startswith(whole)), None)
