"""A clinic's calendar: which hours hold on a day, and where starts lie on the wall clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from random import Random
from zoneinfo import ZoneInfo

import pytest

from vetcore.errors import InvalidValue
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.dates import FIRST_DAY, LAST_DAY, require_day
from vetcore.values.intervals import instant
from vetcore.values.walltime import require_instant

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 9)
NEW_YORK = ZoneInfo("America/New_York")


def new_york(text: str = "Mo-Fr 08:00-18:00") -> ClinicCalendar:
    return ClinicCalendar.of(text, "America/New_York", "US")


def spans(calendar: ClinicCalendar, day: date) -> list[str]:
    return [
        "-".join(f"{instant(edge).astimezone(NEW_YORK):%H:%M}" for edge in span)
        for span in calendar.spans_on(day, day)
    ]


def test_an_exception_takes_the_place_of_the_hours_of_the_week() -> None:
    calendar = new_york().but(MONDAY, MONDAY, "10:00-12:00", "Inventory")
    assert spans(calendar, MONDAY) == ["10:00-12:00"]
    assert spans(calendar, MONDAY + DAY) == ["08:00-18:00"]


EXCEPTIONS = [
    (MONDAY, MONDAY, "10:00-12:00", "Inventory"),
    (MONDAY - DAY, MONDAY, "09:00-20:00", "Open weekend"),
    (MONDAY - 2 * DAY, MONDAY + DAY, None, "Holidays"),
]


def test_of_several_exceptions_closed_wins_in_whatever_order_they_are_read() -> None:
    for several in permutations(EXCEPTIONS):
        calendar = new_york()
        for exception in several:
            calendar = calendar.but(*exception)
        assert spans(calendar, MONDAY) == []
        held = calendar.exception_on(MONDAY)
        assert held is not None
        assert held.reason == "Holidays"


def test_of_exceptions_that_open_the_one_that_begins_last_wins() -> None:
    for several in permutations(EXCEPTIONS[:2]):
        calendar = new_york()
        for exception in several:
            calendar = calendar.but(*exception)
        assert spans(calendar, MONDAY) == ["10:00-12:00"]
        assert spans(calendar, MONDAY - DAY) == ["09:00-20:00"]


def test_a_night_belongs_to_the_day_on_which_it_begins_and_so_does_its_exception() -> None:
    calendar = new_york("Mo-Su 20:00-06:00").but(MONDAY, MONDAY, None)
    at = datetime(2026, 3, 9, 3, tzinfo=NEW_YORK)
    assert calendar.is_open(at), "the night of Sunday"
    assert not calendar.is_open(at + DAY), "the night of Monday, which is closed"
    assert calendar.is_open(at + 2 * DAY)


def test_whether_it_is_open_is_whether_a_span_of_the_day_holds_the_instant() -> None:
    chance = Random(7)
    for _ in range(300):
        calendar = new_york(chance.choice(["24/7", "Mo-Su 20:00-06:00", "Mo-Fr 08:00-12:00"]))
        for _ in range(chance.randrange(4)):
            first = MONDAY + chance.randrange(-3, 4) * DAY
            text = chance.choice([None, "10:00-14:00", "22:00-03:00"])
            calendar = calendar.but(first, first + chance.randrange(3) * DAY, text)
        at = datetime(2026, 3, 9, tzinfo=UTC) + timedelta(minutes=chance.randrange(-3000, 4000))
        moment = int(at.timestamp())
        every = calendar.spans_on(MONDAY - 6 * DAY, MONDAY + 6 * DAY)
        expected = any(span.start <= moment < span.end for span in every)
        assert calendar.is_open(at) is expected, (calendar, at)


def grid(calendar: ClinicCalendar, day: date, minutes: int) -> list[str]:
    step = minutes * 60
    return [
        f"{instant(start).astimezone(calendar.zone):%H:%M}"
        for span in calendar.starts(day, day, step)
        for start in range(span.start, span.end, step)
    ]


@pytest.mark.parametrize("minutes", [25, 45, 50, 120, 240])
@pytest.mark.parametrize(
    "text", ["24/7", "Mo-Su 08:10-17:00", "Mo-Su 01:30-11:00", "Mo-Su 02:15-11:00"]
)
@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", date(2027, 3, 14)),
        ("America/New_York", date(2027, 11, 7)),
        ("Australia/Lord_Howe", date(2027, 4, 4)),
        ("Australia/Lord_Howe", date(2027, 10, 3)),
        ("Africa/Cairo", date(2027, 4, 30)),
    ],
)
def test_after_a_change_of_clocks_starts_are_at_the_wall_times_of_every_other_day(
    zone: str, day: date, text: str, minutes: int
) -> None:
    calendar = ClinicCalendar.of(text, zone)
    usual = grid(calendar, day - 7 * DAY, minutes)
    then = grid(calendar, day, minutes)
    assert [start for start in then if start >= "03:00"] == [
        start for start in usual if start >= "03:00"
    ]


def test_a_wall_time_that_is_skipped_is_no_start_and_one_shown_twice_is_two() -> None:
    calendar = new_york("24/7")
    assert grid(calendar, date(2027, 3, 14), 30)[:6] == [
        "00:00", "00:30", "01:00", "01:30", "03:00", "03:30",
    ]  # fmt: skip
    assert grid(calendar, date(2027, 11, 7), 30)[:8] == [
        "00:00", "00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30",
    ]  # fmt: skip


def test_starts_of_a_night_are_counted_from_its_opening_across_midnight_and_the_change() -> None:
    calendar = new_york("Sa 22:00-06:00")
    assert grid(calendar, date(2027, 11, 6), 50) == [
        "22:00", "22:50", "23:40", "00:30", "01:20", "01:20", "02:10", "03:00", "03:50", "04:40", "05:30",
    ]  # fmt: skip


@pytest.mark.parametrize("day", [date.min, FIRST_DAY - DAY, LAST_DAY + DAY, date.max])
def test_days_out_of_the_calendar_are_refused_by_name(day: date) -> None:
    with pytest.raises(InvalidValue, match="out of range") as caught:
        require_day(day, field="first_on")
    assert caught.value.details["field"] == "first_on"


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_instants_of_other_centuries_are_refused_by_name(year: int) -> None:
    with pytest.raises(InvalidValue, match="out of range") as caught:
        require_instant(datetime(year, 6, 1, tzinfo=UTC), field="start")
    assert caught.value.details["field"] == "start"


def test_the_calendar_has_its_first_day_and_its_last() -> None:
    assert require_day(FIRST_DAY, field="day") == FIRST_DAY
    assert require_day(LAST_DAY, field="day") == LAST_DAY
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        for day in (FIRST_DAY, LAST_DAY + DAY):
            edge = datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
            assert require_instant(edge, field="start") == edge
