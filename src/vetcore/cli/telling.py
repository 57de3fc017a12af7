"""Writes times, days and errors for people: ``Wed 2 Dec 11:30``, ``in 3 days``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final, cast
from uuid import UUID

from vetcore import clock
from vetcore.errors import VetcoreError
from vetcore.values.intervals import Interval

__all__ = [
    "candidates_told",
    "clocks_told",
    "count",
    "day_told",
    "days_away",
    "error_told",
    "short_id",
    "span_told",
    "wall_told",
    "words",
]

_SHORT = 8
_FAR: Final = timedelta(days=300)
_DATE = r"\d{4}-\d\d-\d\d"
_INSTANT = _DATE + r"[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[+-]\d\d:\d\d|Z)"
_SPAN: Final = re.compile(rf"from ({_INSTANT}) to ({_INSTANT})")
_ALONE: Final = re.compile(_INSTANT)
_DAY: Final = re.compile(rf"(?<=\bon ){_DATE}\b")


def words(value: str) -> str:
    """Return a value of an enumeration as people write it."""
    return value.replace("_", " ")


def clocks_told(spans: Iterable[Interval], zone: tzinfo, day: date) -> str:
    """Return spans in the wall time of a day: ``08:00-12:00, 13:00-24:00``.

    The next midnight is 24:00, an hour that comes twice tells which, and another day its weekday.
    """
    return ", ".join(
        f"{_clock(span.start, zone, day)}-{_clock(span.end, zone, day)}" for span in spans
    )


def _clock(moment: datetime, zone: tzinfo, day: date) -> str:
    there = moment.astimezone(zone)
    if there.date() > day and f"{there:%H:%M}" == "00:00":
        return "24:00"
    again = there.replace(fold=1 - there.fold)
    told = f"{there:%H:%M}"
    if again.utcoffset() != there.utcoffset():
        told += f" {there:%Z}"
    return told if there.date() == day else f"{told} {there:%a}"


def count(number: int, what: str) -> str:
    """Return a count with its noun: ``1 pet``, ``3 pets``, ``no pets``."""
    told = f"{number:,}" if number else "no"
    return f"{told} {what}" if number == 1 else f"{told} {what}s"


def short_id(key: UUID) -> str:
    """Return the end of an id. It tells rows apart, unlike the beginning, which is a time."""
    return key.hex[-_SHORT:]


def day_told(day: date) -> str:
    """Return a day as ``Wed 2 Dec``."""
    return f"{day:%a} {day.day} {day:%b}"


def wall_told(there: datetime) -> str:
    """Return a wall time as ``Wed 2 Dec 11:30``, with the zone's name if the hour comes twice."""
    told = f"{day_told(there)} {there:%H:%M}"
    twice = there.tzinfo is not None and there.replace(fold=1 - there.fold).utcoffset()
    return f"{told} {there:%Z}" if twice and twice != there.utcoffset() else told


def span_told(start: datetime, end: datetime) -> str:
    """Return a span as ``Wed 2 Dec 11:30-12:00``."""
    told = wall_told(end)
    if start.date() == end.date():
        told = told.removeprefix(f"{day_told(end)} ")
        return f"{wall_told(start)}-{told}"
    return f"{wall_told(start)} to {told}"


def days_away(days: int) -> str:
    """Return ``today``, ``tomorrow``, ``in 5 days``, ``yesterday`` or ``3 days ago``."""
    match days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case -1:
            return "yesterday"
        case _:
            return f"in {days} days" if days > 0 else f"{-days} days ago"


def error_told(
    error: VetcoreError, zone: tzinfo = UTC, names: Mapping[UUID, str] | None = None
) -> str:
    """Return the sentence of an error, with names in place of keys and times as people say them.

    Args:
        error: the error.
        zone: the zone of the times in the sentence; times in UTC say so.
        names: the names of people and things that the error may mention, by key.
    """
    told = error.message
    for key, name in (names or {}).items():
        told = told.replace(str(key), name)
    mark = " UTC" if zone is UTC else ""

    def there(text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(zone)

    told = _SPAN.sub(lambda found: span_told(there(found[1]), there(found[2])) + mark, told)
    told = _ALONE.sub(lambda found: _dated_wall(there(found[0])) + mark, told)
    return _DAY.sub(_dated, told)


def _dated_wall(there: datetime) -> str:
    """The time; with its year where nobody would take it for one of these months."""
    far = abs(clock.now() - there) > _FAR
    return f"{day_told(there)} {there.year} {there:%H:%M}" if far else wall_told(there)


def _dated(found: re.Match[str]) -> str:
    try:
        day = date.fromisoformat(found[0])
    except ValueError:
        return found[0]
    return f"{day_told(day)} {day.year}"


def candidates_told(error: VetcoreError) -> Iterator[str]:
    """Return the rows that an ambiguous name may have meant, one on each line.

    The result is empty for any other error.
    """
    found = cast("list[dict[str, Any]]", error.details.get("candidates", []))
    for each in found:
        yield f"  {each['name']}  {each['id']}"
    if error.details.get("more"):
        yield "  and others"
