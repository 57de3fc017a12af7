"""When a time zone changes its clocks, as a calendar file has to say it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from vetcore.values.zones import zone_named

__all__ = ["ZoneChange", "zone_changes"]

_NOTHING: Final = timedelta()
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


class ZoneChange(NamedTuple):
    """An instant from which a zone's clocks show something else."""

    at: datetime
    """In UTC."""
    before: timedelta
    """The offset from UTC until then."""
    after: timedelta
    """The offset from UTC from then on."""
    name: str
    """What the zone's time is called from then on, such as ``CEST`` or ``+01``."""
    is_daylight: bool
    """Whether clocks are ahead of the zone's other time from then on.

    By law Ireland and Morocco have it the other way round: they set their clocks back. Calendars
    know only clocks that are set forward, and the instants are the same.
    """

    @property
    def onset(self) -> datetime:
        """What the clocks show when they are changed, without a zone."""
        return (self.at + self.before).replace(tzinfo=None)


class _Clock(NamedTuple):
    offset: timedelta
    saving: timedelta
    name: str


@lru_cache(maxsize=512)
def zone_changes(zone: str, first_year: int, last_year: int) -> tuple[ZoneChange, ...]:
    """Return what a zone's clocks show in these years: at first, and after each change.

    The first of them begins a day before the years do, and changes nothing; the last change may be
    a day after them. So every wall time of the years is covered, whatever its offset.

    >>> [str(each.onset) for each in zone_changes("Europe/Paris", 2026, 2026)]
    ['2025-12-31 01:00:00', '2026-03-29 02:00:00', '2026-10-25 03:00:00']
    """
    begin = datetime(first_year, 1, 1, tzinfo=UTC) - _DAY
    days = (datetime(last_year, 12, 31, tzinfo=UTC) + 2 * _DAY - begin).days
    clocks = [(begin, _clock(zone, begin), _clock(zone, begin))]
    clocks.extend(_changes(zone, begin, days))
    sets_back = any(after.saving < _NOTHING for _, _, after in clocks)
    lowest = min(after.offset for _, _, after in clocks)
    return tuple(
        ZoneChange(
            at,
            before.offset,
            after.offset,
            after.name,
            after.offset > lowest if sets_back else after.saving > _NOTHING,
        )
        for at, before, after in clocks
    )


def _clock(zone: str, at: datetime) -> _Clock:
    local = at.astimezone(zone_named(zone))
    return _Clock(local.utcoffset() or _NOTHING, local.dst() or _NOTHING, local.tzname() or zone)


def _changes(zone: str, begin: datetime, days: int) -> Iterator[tuple[datetime, _Clock, _Clock]]:
    """Each change, to the second. No zone has changed twice within a day."""
    since, before = begin, _clock(zone, begin)
    for number in range(1, days + 1):
        until = begin + number * _DAY
        after = _clock(zone, until)
        if after != before:
            low, high = since, until
            while high - low > _SECOND:
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                if _clock(zone, middle) == before:
                    low = middle
                else:
                    high = middle
            yield high, before, after
        since, before = until, after
