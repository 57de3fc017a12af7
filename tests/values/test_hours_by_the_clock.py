"""Opening hours against a slow reading of them: minute by minute, by what the wall clock shows."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.values.weeks import FIELDS, WEEKS
from vetcore.errors import InvalidValue
from vetcore.values.hours import OpeningHours
from vetcore.values.weekly import WeeklyHours

MINUTE = timedelta(minutes=1)

SPECIAL_DAYS = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 5, 1)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("America/St_Johns", date(2026, 11, 1)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("UTC", date(2026, 3, 8)),
]
"""Days on which the clocks change, at midnight in one case, and a day that never was."""


@lru_cache(maxsize=64)
def _minutes(zone: str, day: date) -> list[tuple[datetime, datetime]]:
    """Five days around ``day``: each minute in UTC, and what the wall clock shows then."""
    start = datetime.combine(day, time(), UTC) - timedelta(days=3)
    there = ZoneInfo(zone)
    moments = [start + number * MINUTE for number in range(6 * 24 * 60)]
    return [(moment, moment.astimezone(there).replace(tzinfo=None)) for moment in moments]


def _first_shown(wall: datetime, minutes: list[tuple[datetime, datetime]]) -> datetime | None:
    """The first minute at which the clock has come to ``wall``, or jumped over it."""
    return next((moment for moment, shown in minutes if shown >= wall), None)


def _open_minutes(week: WeeklyHours, zone: str, day: date) -> set[datetime]:
    """The reference: for each local day and span, the minutes from its start to its end."""
    minutes = _minutes(zone, day)
    found: set[datetime] = set()
    for offset in range(-2, 3):
        current = day + timedelta(days=offset)
        for span in getattr(week, FIELDS[current.weekday()]):
            opens, closes = span.minutes
            begin = datetime.combine(current, time()) + opens * MINUTE
            end = datetime.combine(current, time()) + closes * MINUTE
            start, until = _first_shown(begin, minutes), _first_shown(end, minutes)
            if start and until:
                found.update(moment for moment, _ in minutes if start <= moment < until)
    return found


@settings(max_examples=150, deadline=None)
@given(WEEKS, st.sampled_from(SPECIAL_DAYS))
def test_hours_are_what_the_wall_clock_says(week: WeeklyHours, special: tuple[str, date]) -> None:
    zone, day = special
    hours = OpeningHours.weekly(week, zone)
    start = datetime.combine(day, time(), UTC) - timedelta(hours=18)
    end = start + timedelta(hours=54)
    expected = {at for at in _open_minutes(week, zone, day) if start <= at < end}
    found = {
        interval.start + number * MINUTE
        for interval in hours.intervals(start, end)
        for number in range(interval.length // MINUTE)
    }
    assert found == expected
    assert hours.business_time(start, end) == len(expected) * MINUTE
    for at in (start, start + timedelta(hours=20, minutes=31), end - MINUTE):
        assert hours.is_open(at) is (at in expected)


@settings(max_examples=60, deadline=None)
@given(WEEKS, st.sampled_from(SPECIAL_DAYS), st.integers(0, 54 * 60))
def test_the_next_change_is_the_first_minute_that_differs(
    week: WeeklyHours, special: tuple[str, date], minute: int
) -> None:
    zone, day = special
    hours = OpeningHours.weekly(week, zone)
    at = datetime.combine(day, time(), UTC) - timedelta(hours=18) + minute * MINUTE
    change = hours.next_change(at)
    if change is None:
        assert not any(getattr(week, field) for field in FIELDS) or _never_closes(week)
        return
    assert hours.is_open(change) is not hours.is_open(at)
    assert hours.is_open(change - MINUTE) is hours.is_open(at)
    intervals = hours.intervals(at, change)
    whole = [(at, change)] if hours.is_open(at) else []
    assert [tuple(each) for each in intervals] == whole


def _never_closes(week: WeeklyHours) -> bool:
    begin = datetime(2026, 5, 4, tzinfo=UTC)
    open_for = OpeningHours.weekly(week).business_time(begin, begin + timedelta(days=7))
    return open_for == timedelta(days=7)


@settings(max_examples=60, deadline=None)
@given(WEEKS, st.sampled_from(SPECIAL_DAYS), st.integers(1, 1500))  # ten minutes a week suffice
def test_adding_business_time_is_undone_by_measuring_it(
    week: WeeklyHours, special: tuple[str, date], minutes: int
) -> None:
    zone, day = special
    hours = OpeningHours.weekly(week, zone)
    at = datetime.combine(day, time(9, 7), UTC)
    amount = minutes * MINUTE
    if not any(getattr(week, field) for field in FIELDS):
        with pytest.raises(InvalidValue, match="three years"):
            hours.add_business_time(at, amount)
        return
    end = hours.add_business_time(at, amount)
    assert hours.business_time(at, end) == amount
    assert hours.is_open(end - MINUTE)
