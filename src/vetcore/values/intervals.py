"""Half-open stretches of time, and the operations on them.

A :class:`Span` counts whole seconds since 1970 in UTC. Whole numbers are compared and merged ten
times as fast as datetimes, and a span cannot be naive. Every function here takes spans that are
sorted and do not overlap, as :func:`merge` makes them, and returns such spans.

>>> open_ = [Span(0, 100)]
>>> subtract(open_, [Span(10, 20), Span(90, 130)])
[Span(start=0, end=10), Span(start=20, end=90)]
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from vetcore.errors import InvalidValue

__all__ = [
    "Interval",
    "Span",
    "ceiling",
    "clip",
    "floor",
    "instant",
    "intersect",
    "merge",
    "overlaps",
    "subtract",
    "total",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Span(NamedTuple):
    """The time from ``start`` until just before ``end``, in seconds since 1970 (UTC)."""

    start: int
    end: int


class Interval(NamedTuple):
    """The time from ``start`` until just before ``end``, as aware datetimes in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """In JSON it is an object with a start and an end, not a list of two."""
        moment = core_schema.typed_dict_field(handler.generate_schema(datetime))
        document = core_schema.typed_dict_schema({"start": moment, "end": moment})
        return core_schema.no_info_wrap_validator_function(
            lambda value, read: value if isinstance(value, cls) else cls(**read(value)),
            document,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda interval: interval._asdict(), return_schema=document
            ),
        )

    @property
    def length(self) -> timedelta:
        """The elapsed time from start to end, whatever the clocks show."""
        return self.end - self.start


def floor(moment: datetime) -> int:
    """Return the whole second in which an aware ``moment`` lies, since 1970.

    >>> floor(datetime(1970, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC))
    1
    """
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds


def ceiling(moment: datetime) -> int:
    """Return the first whole second that is not before an aware ``moment``."""
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds + (since.microseconds > 0)


def instant(seconds: int) -> datetime:
    """Return the datetime, in UTC, that is ``seconds`` after the beginning of 1970.

    >>> instant(86_400).isoformat()
    '1970-01-02T00:00:00+00:00'

    Raises:
        InvalidValue: the datetime is outside the calendar, which has the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(0, seconds)
    except OverflowError as error:
        raise InvalidValue(
            field="instant",
            rule="is outside the calendar",
            expected="seconds since 1970, of the years 1 to 9999",
            value=seconds,
        ) from error


def merge(spans: Iterable[tuple[int, int]]) -> list[Span]:
    """Return the spans sorted, without empty ones. Those that overlap or touch become one.

    >>> merge([(5, 7), (1, 3), (3, 4), (6, 9), (2, 2)])
    [Span(start=1, end=4), Span(start=5, end=9)]
    """
    merged: list[Span] = []
    first = last = None
    for start, end in sorted(spans):
        if start >= end:
            continue
        if last is not None and start <= last:
            last = max(last, end)
        else:
            if first is not None and last is not None:
                merged.append(Span(first, last))
            first, last = start, end
    if first is not None and last is not None:
        merged.append(Span(first, last))
    return merged


def subtract(open_: Iterable[Span], busy: Sequence[Span]) -> list[Span]:
    """Return the parts of ``open_`` that no span of ``busy`` covers."""
    left: list[Span] = []
    first = 0
    for start, end in open_:
        while first < len(busy) and busy[first].end <= start:
            first += 1
        position, at = first, start
        while position < len(busy) and busy[position].start < end:
            taken = busy[position]
            if taken.start > at:
                left.append(Span(at, taken.start))
            at = max(at, taken.end)
            position += 1
        if at < end:
            left.append(Span(at, end))
    return left


def intersect(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return the time that both sequences of spans cover.

    >>> intersect([Span(0, 10), Span(20, 30)], [Span(5, 25)])
    [Span(start=5, end=10), Span(start=20, end=25)]
    """
    return list(_intersection(some, others))


def _intersection(some: Sequence[Span], others: Sequence[Span]) -> Iterator[Span]:
    one = two = 0
    while one < len(some) and two < len(others):
        start = max(some[one].start, others[two].start)
        end = min(some[one].end, others[two].end)
        if start < end:
            yield Span(start, end)
        if some[one].end < others[two].end:
            one += 1
        else:
            two += 1


def clip(spans: Iterable[tuple[int, int]], start: int, end: int) -> list[Span]:
    """Return the parts of ``spans`` within ``[start, end)``."""
    return [
        Span(low, high)
        for begin, until in spans
        if (low := max(begin, start)) < (high := min(until, end))
    ]


def overlaps(spans: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    """Return whether any of ``spans`` has a moment in common with ``[start, end)``."""
    return any(begin < end and start < until for begin, until in spans)


def total(spans: Iterable[Span]) -> int:
    """Return the sum of the lengths of ``spans``, in seconds.

    >>> total([Span(0, 10), Span(20, 25)])
    15
    """
    return sum(span.end - span.start for span in spans)
