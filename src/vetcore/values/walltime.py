"""Converts what a clock on the wall shows to the instant that is meant, and back.

A wall time that the clocks skip means the instant at which they skip it. A wall time that they show
twice means the first of the two instants (as in RFC 5545, section 3.3.5). So a span within the
skipped hour is empty, and a span that includes the hour loses just that hour.

An instant alone does not say what people wrote into their diaries. When the rules of a zone change,
or the zone of a clinic, the instant stays the same and the clock on the wall shows another time. So
the wall time that was agreed is stored beside the instant:

>>> agreed = AgreedTime.at(datetime(2027, 3, 1, 16, tzinfo=UTC), zone_named("America/Chicago"))
>>> str(agreed)
'2027-03-01T10:00:00-06:00[America/Chicago]'
>>> AgreedTime.parse(str(agreed)) == agreed
True
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from vetcore.clock import require_aware
from vetcore.errors import InvalidValue
from vetcore.values.dates import FIRST_DAY, LAST_DAY
from vetcore.values.intervals import Span, floor, instant
from vetcore.values.zones import zone_named

__all__ = [
    "AgreedTime",
    "local_day",
    "localize",
    "midnight",
    "require_instant",
    "shown",
    "stretches",
    "zone_named",
]

_DAY: Final = timedelta(days=1)
_EARLIEST: Final = datetime.combine(FIRST_DAY, time(), UTC) - _DAY
_LATEST: Final = datetime.combine(LAST_DAY, time(), UTC) + 2 * _DAY

_EXTENDED: Final = re.compile(r"([^\[\]]{1,40})\[([^\[\]]{1,64})\]")
"""RFC 9557: a time with its offset, and the zone in brackets."""


def localize(wall: datetime, zone: ZoneInfo) -> int:
    """Return the instant that a naive ``wall`` time means in ``zone``, in seconds since 1970.

    >>> new_york = zone_named("America/New_York")
    >>> skipped = localize(datetime(2026, 3, 8, 2, 30), new_york)
    >>> skipped == localize(datetime(2026, 3, 8, 3, 0), new_york)
    True
    """
    there = wall.replace(tzinfo=zone)
    moment = floor(there)
    later = floor(there.replace(fold=1))
    # In a gap, and only there, fold=1 takes the offset after it, which gives an earlier instant.
    return moment if later >= moment else _transition(later, moment, zone)


def _transition(before: int, after: int, zone: ZoneInfo) -> int:
    """The instant in ``(before, after]`` at which the offset changes."""
    old = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(seconds: int, zone: ZoneInfo) -> timedelta | None:
    return instant(seconds).astimezone(zone).utcoffset()


def local_day(seconds: int, zone: ZoneInfo) -> date:
    """Return the calendar day in ``zone`` at an instant, given in seconds since 1970.

    Raises:
        InvalidValue: the calendar, which has the years 1 to 9999, has no such day.
    """
    moment = instant(seconds)
    try:
        return moment.astimezone(zone).date()
    except OverflowError as error:
        raise InvalidValue(
            field="instant",
            rule=f"has no date in {zone.key}",
            expected="a day of the years 1 to 9999",
            value=moment.isoformat(),
        ) from error


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return the instant at which ``day`` begins in ``zone``, in seconds since 1970.

    If the zone skipped the day, the result is the beginning of the next day. A day has 23, 24, 24.5
    or 25 hours. Apia's 30 December 2011 had none:

    >>> apia = zone_named("Pacific/Apia")
    >>> midnight(date(2011, 12, 30), apia) == midnight(date(2011, 12, 31), apia)
    True
    """
    return _midnight(day, zone)


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> int:
    return localize(datetime.combine(day, time.min), zone)


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what a wall clock in ``zone`` shows at an aware ``moment``, as a naive datetime.

    >>> moment = datetime.fromisoformat("2026-03-08T07:00Z")
    >>> shown(moment, zone_named("America/New_York")).isoformat()
    '2026-03-08T03:00:00'
    """
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def stretches(span: Span, zone: ZoneInfo) -> Iterator[tuple[Span, int]]:
    """Return the parts of ``span`` with the UTC offset of ``zone`` in each, in seconds.

    A span of opening hours is two days long at most, and no zone changes its clocks twice in that
    time.
    """
    start, end = span
    before, after = _offset(start, zone), _offset(end - 1, zone)
    if before == after:
        yield span, _seconds(before)
        return
    change = _transition(start, end - 1, zone)
    yield Span(start, change), _seconds(before)
    yield Span(change, end), _seconds(after)


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset // timedelta(seconds=1)


def require_instant(value: datetime, *, field: str) -> datetime:
    """Refuse an instant that is naive, or too far from the days with which the platform reckons.

    Raises:
        InvalidValue: ``value`` has no UTC offset, or is more than a day away from every day between
            :data:`FIRST_DAY` and :data:`LAST_DAY`.
    """
    if not _EARLIEST <= require_aware(value, field=field) <= _LATEST:
        raise InvalidValue(
            field=field,
            rule="is out of range",
            expected=f"{FIRST_DAY.isoformat()} to {LAST_DAY.isoformat()}",
            value=value.isoformat(),
        )
    return value


class AgreedTime(NamedTuple):
    """What the clinic's clock shows when a visit starts, as it was agreed."""

    wall: datetime
    """The wall time, as a naive datetime."""
    instant: datetime
    """The instant in UTC, by the rules of that day."""
    timezone: str
    """The clinic's zone on that day."""

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """Return the wall time of an aware ``moment`` in ``zone``, by the rules that hold now."""
        return cls(shown(moment, zone), moment.astimezone(UTC), zone.key)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the time that is stored as ``text``.

        The result is None if other software stored something else.
        """
        found = _EXTENDED.fullmatch(text)
        try:
            there = datetime.fromisoformat(found[1]) if found else None
        except ValueError:
            return None
        if found is None or there is None or there.tzinfo is None:
            return None
        return cls(there.replace(tzinfo=None), there.astimezone(UTC), found[2])

    def __str__(self) -> str:
        offset = self.wall.replace(tzinfo=UTC) - self.instant
        there = self.wall.replace(tzinfo=timezone(offset))
        return f"{there.isoformat()}[{self.timezone}]"

    def is_shown(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Return whether the clock on the wall in ``zone`` shows the agreed time at ``moment``."""
        return shown(moment, zone) == self.wall
