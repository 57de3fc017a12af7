"""Converts what a clock on the wall shows to the instant that is meant, and back.

A wall time that the clocks skip means the instant at which they skip it. A wall time that they show
twice means the first of the two instants (as in RFC 5545, section 3.3.5). So a span within the
skipped hour is empty, and a span that includes the hour loses just that hour.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vetcore.errors import InvalidValue
from vetcore.values.intervals import Span, floor, instant
from vetcore.values.zones import zone_named

__all__ = ["local_day", "localize", "midnight", "shown", "stretches", "zone_named"]


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
