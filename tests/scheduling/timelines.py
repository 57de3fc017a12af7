"""Every minute of some days, and what a clock on the wall shows."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from uuid import UUID

from vetcore.values.walltime import zone_named

__all__ = ["Timeline", "distinct", "map_free", "minutes_of", "timeline"]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TIMELINE_DAYS = 12


class Timeline:
    """Every minute of some days around ``day``, numbered, and what a clock on the wall shows."""

    def __init__(self, zone: str, day: date) -> None:
        there = zone_named(zone)
        self.start = datetime.combine(day, time(), UTC) - TIMELINE_DAYS // 2 * DAY
        moments = [self.start + number * MINUTE for number in range(TIMELINE_DAYS * 1440)]
        self.shown = [moment.astimezone(there).replace(tzinfo=None) for moment in moments]
        self._shown_by_then = list(accumulate(self.shown, max))

    def first_shown(self, wall: datetime) -> int:
        """The first minute at which the clock has come to ``wall``, or jumped over it."""
        return bisect_left(self._shown_by_then, wall)

    def minutes(self, start: datetime, end: datetime) -> set[int]:
        """The minutes that have a moment in common with ``[start, end)``."""
        first = (start - self.start) // MINUTE
        return set(range(first, -((self.start - end) // MINUTE)))

    def moment(self, minute: int) -> datetime:
        return self.start + minute * MINUTE


timeline = lru_cache(maxsize=64)(Timeline)


def distinct(some: tuple[UUID, ...]) -> bool:
    return len(set(some)) == len(some)


def map_free(rooms: Sequence[set[int]], occupied: range) -> Iterator[bool]:
    """For each room, whether nobody has it in any of the minutes."""
    return (taken.isdisjoint(occupied) for taken in rooms)


def minutes_of(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {minute for first, last in spans for minute in range(first, last)}
