"""The laws of the interval algebra, against sets of seconds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vetcore.values.intervals import (
    Span,
    ceiling,
    clip,
    floor,
    instant,
    intersect,
    merge,
    overlaps,
    subtract,
    total,
)

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


def _seconds(spans: list[Span] | list[tuple[int, int]]) -> set[int]:
    return {second for start, end in spans for second in range(start, end)}


def _is_tidy(spans: list[Span]) -> bool:
    rising = all(span.start < span.end for span in spans)
    return rising and all(a.end <= b.start for a, b in pairwise(spans))


@given(PAIRS)
def test_merging_keeps_every_second_and_no_seam(pairs: list[tuple[int, int]]) -> None:
    merged = merge(pairs)
    assert _seconds(merged) == _seconds(pairs)
    assert all(a.end < b.start for a, b in pairwise(merged))
    assert merge(merged) == merged


@given(PAIRS, PAIRS)
def test_subtracting_and_intersecting_share_out_every_second(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    one, two = merge(some), merge(others)
    left, both = subtract(one, two), intersect(one, two)
    assert _seconds(left) == _seconds(one) - _seconds(two)
    assert _seconds(both) == _seconds(one) & _seconds(two)
    assert _is_tidy(left)
    assert _is_tidy(both)
    assert total(left) + total(both) == total(one)


@given(PAIRS, st.integers(0, 60), st.integers(0, 60))
def test_clipping_is_intersecting_with_one(
    pairs: list[tuple[int, int]], start: int, end: int
) -> None:
    spans = merge(pairs)
    window = [Span(start, end)] if start < end else []
    clipped = clip(spans, start, end)
    assert clipped == intersect(spans, window)
    assert overlaps(spans, start, end) is bool(clipped) or start >= end


@given(st.datetimes(timezones=st.just(UTC)))
def test_whole_seconds_round_outward(moment: datetime) -> None:
    assert instant(floor(moment)) <= moment <= instant(ceiling(moment))
    assert ceiling(moment) - floor(moment) <= 1
    assert floor(instant(floor(moment))) == floor(moment)
    assert instant(floor(moment)) > moment - timedelta(seconds=1)
