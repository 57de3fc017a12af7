"""Opening hours against a slow reading of them: minute by minute, by what the wall clock shows."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vetcore.errors import InvalidValue
from vetcore.values.hours import OpeningHours, parse_hours
from vetcore.values.intervals import instant
from vetcore.values.walltime import localize, midnight, zone_named
from vetcore.values.weekly import OpenSpan, WeeklyHours

FIELDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
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

MONDAY_TO_FRIDAY = (date(2026, 3, 9), date(2026, 3, 13))


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


CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 50]))
SPAN = st.builds(OpenSpan, opens=CLOCK, closes=CLOCK)


def _apart(spans: list[OpenSpan]) -> tuple[OpenSpan, ...]:
    chosen: list[OpenSpan] = []
    for span in sorted(spans, key=lambda each: each.opens):
        if not chosen or chosen[-1].minutes[1] <= span.minutes[0]:
            chosen.append(span)
    return tuple(chosen)


DAY = st.lists(SPAN, max_size=3).map(_apart)
WEEKS = st.builds(WeeklyHours, **dict.fromkeys(FIELDS, DAY))


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


@given(WEEKS, st.one_of(st.none(), DAY))
def test_a_week_survives_the_trip_through_text(
    week: WeeklyHours, holidays: tuple[OpenSpan, ...] | None
) -> None:
    whole = week.replace(public_holidays=holidays)
    assert WeeklyHours.from_text(whole.text) == whole
    assert OpeningHours(whole.text).as_weekly() == whole


@pytest.mark.parametrize(
    "text",
    [
        "24/7",
        "Mo-Su 08:00-20:00",
        "Fr-Mo 10:00-16:00",
        "Mo,We,Fr 08:00-12:00; Sa off; PH 10:00-12:00",
        "off",
    ],
)
def test_what_a_week_can_say_becomes_a_week_with_the_same_hours(text: str) -> None:
    week = WeeklyHours.from_text(text)
    assert week is not None
    begin, end = datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 5, 18, tzinfo=UTC)
    again = OpeningHours.weekly(week, country="US").intervals(begin, end)
    assert again == OpeningHours(text, country="US").intervals(begin, end)


@pytest.mark.parametrize(
    "text", ["Jun-Aug Mo-Fr 07:00-15:00", "Mo[1] 08:00-12:00", "week 1-53/2 Mo 08:00-12:00"]
)
def test_what_a_week_cannot_say_is_no_week(text: str) -> None:
    assert OpeningHours(text).as_weekly() is None


def test_seasons_are_kept() -> None:
    hours = OpeningHours("Mo-Fr 08:00-18:00; Jun-Aug Mo-Fr 07:00-15:00")
    assert not hours.is_open(datetime(2026, 5, 4, 7, 30, tzinfo=UTC))
    assert hours.is_open(datetime(2026, 6, 1, 7, 30, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 6, 1, 16, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("country", "day", "open_"),
    [
        ("US", date(2026, 11, 26), False),  # Thanksgiving
        ("GB", date(2026, 11, 26), True),
        ("GB", date(2026, 12, 28), False),  # Boxing Day, substituted
        ("US", date(2026, 12, 28), True),
        (None, date(2026, 12, 25), True),
        ("ZZ", date(2026, 12, 25), True),
    ],
)
def test_public_holidays_are_those_of_the_country(
    country: str | None, day: date, open_: bool
) -> None:
    hours = OpeningHours("Mo-Fr 08:00-18:00; PH off", "UTC", country)
    assert hours.is_open(datetime.combine(day, time(12), UTC)) is open_


def test_an_overnight_span_belongs_to_its_first_day() -> None:
    hours = OpeningHours("Fr 22:00-06:00", "America/New_York")
    friday = date(2026, 3, 6)
    (span,) = hours.spans_on(friday)
    assert instant(span.end) - instant(span.start) == timedelta(hours=8)
    assert hours.spans_on(friday + timedelta(days=1)) == ()
    at_two = datetime(2026, 3, 7, 2, 0, tzinfo=ZoneInfo("America/New_York"))
    assert hours.spans(int(at_two.timestamp()), int(at_two.timestamp()) + 60) == [span]
    both = OpeningHours("Fr 22:00-06:00; Sa 05:00-14:00")
    assert len(both.spans_on(friday, friday + timedelta(days=1))) == 2
    begin = datetime(2026, 3, 6, tzinfo=UTC)
    (whole,) = both.intervals(begin, begin + timedelta(days=3))
    assert whole.length == timedelta(hours=16)


@pytest.mark.parametrize(
    "text", ["22:00-06:00,06:00-14:00", "06:00-06:00", "08:00-20:00,20:00-08:00", "24/7"]
)
def test_what_a_night_runs_into_opens_anew_however_many_days_one_asks_for(text: str) -> None:
    hours = OpeningHours(text, "Australia/Lord_Howe")
    days = [date(2026, 4, 3) + timedelta(days=number) for number in range(5)]
    single = tuple(span for day in days for span in hours.spans_on(day))
    assert hours.spans_on(days[0], days[-1]) == single


@pytest.mark.parametrize(
    "text",
    [
        "Fr 22:00-06:00; Sa 10:00-14:00",
        "Sa 10:00-14:00; Fr 22:00-06:00",
        "Fr 22:00-30:00; Sa off",
        "Mo-Su 22:00-06:00; Sa 10:00-14:00",
        "Fr 22:00-06:00, Sa 10:00-14:00",
    ],
)
def test_the_rules_of_a_day_do_not_cut_the_night_before_short(text: str) -> None:
    hours = OpeningHours(text)
    assert hours.is_open(datetime(2026, 3, 7, 5, 59, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 3, 7, 6, 0, tzinfo=UTC))


def test_a_holiday_does_not_cut_the_night_before_short() -> None:
    hours = OpeningHours("Mo-Su 20:00-04:00; PH off", "UTC", "US")
    assert hours.is_open(datetime(2026, 11, 26, 3, 59, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 11, 26, 21, 0, tzinfo=UTC))


def test_a_clinic_that_never_closes_has_a_span_each_day_however_one_asks() -> None:
    hours = OpeningHours("24/7", "Australia/Lord_Howe")
    zone = hours.zone
    days = [date(2026, 4, 3) + timedelta(days=number) for number in range(5)]
    together = hours.spans_on(days[0], days[-1])
    assert [span.start for span in together] == [midnight(day, zone) for day in days]
    assert together == tuple(span for day in days for span in hours.spans_on(day))
    lengths = {span.end - span.start for span in together}
    assert lengths == {24 * 3600, 24 * 3600 + 1800}, "one of the days has 24.5 hours"
    assert hours.next_change(datetime(2026, 4, 3, tzinfo=UTC)) is None


def test_a_span_inside_the_skipped_hour_is_empty() -> None:
    hours = OpeningHours("02:15-02:45", "America/New_York")
    assert hours.spans_on(date(2026, 3, 8)) == ()
    assert len(hours.spans_on(date(2026, 3, 9))) == 1


def test_a_time_that_comes_twice_means_the_first() -> None:
    zone = zone_named("America/New_York")
    wall = datetime.combine(date(2026, 11, 1), time(1, 30))
    assert instant(localize(wall, zone)) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "open all day",
        "Mo-Fr 25:00-26:00",
        "Mo-Fr 08:00-",
        "Xx 08:00-12:00",
        "Mo-Fr sunrise-18:00",
        "Mo-Fr 08:00+",
        "SH off",
        "Mo unknown",
        "Mo-Fr 08:00-18:00; " * 200,
    ],
)
def test_what_is_no_opening_hours_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"Mo-Fr 08:00"):
        parse_hours(text)


def test_closing_over_midnight_is_said_in_two_rules() -> None:
    with pytest.raises(InvalidValue, match="24:00"):
        parse_hours("24/7; Mo 22:00-06:00 off")
    hours = OpeningHours("24/7; Mo 22:00-24:00 off; Tu 00:00-06:00 off")
    assert not hours.is_open(datetime(2026, 3, 10, 3, 0, tzinfo=UTC))


def test_an_unknown_zone_is_refused() -> None:
    for name in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(InvalidValue, match="America/New_York"):
            OpeningHours("24/7", name)


def test_naive_datetimes_are_refused() -> None:
    hours = OpeningHours("24/7")
    naive = datetime(2026, 3, 8)  # noqa: DTZ001 -- what this test is about
    aware = datetime(2026, 3, 8, tzinfo=UTC)
    for ask in (
        lambda: hours.is_open(naive),
        lambda: hours.next_change(naive),
        lambda: hours.intervals(naive, aware),
        lambda: hours.intervals(aware, naive),
        lambda: hours.business_time(naive, aware),
        lambda: hours.add_business_time(naive, timedelta(hours=1)),
    ):
        with pytest.raises(InvalidValue, match="UTC offset"):
            ask()


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_any_text_is_hours_or_a_clear_error(text: str) -> None:
    try:
        tidy = parse_hours(text)
    except InvalidValue:
        return
    assert parse_hours(tidy) == tidy
    OpeningHours(tidy).is_open(datetime(2026, 3, 8, tzinfo=UTC))


def test_spans_that_touch_are_one_on_every_day() -> None:
    week = OpeningHours("Mo-Fr 08:00-12:00, Mo-Fr 12:00-18:00").spans_on(*MONDAY_TO_FRIDAY)
    whole = OpeningHours("Mo-Fr 08:00-18:00").spans_on(*MONDAY_TO_FRIDAY)
    assert week == whole
    assert len(week) == 5


def test_business_time_goes_on_for_as_long_as_it_takes() -> None:
    """Over months, in which nothing is counted twice or left out."""
    clinic = OpeningHours("Mo-Fr 09:00-17:00", "America/New_York")
    start = datetime(2026, 1, 5, 14, tzinfo=UTC)
    for hours in (39, 40, 41, 400, 2000):
        done = clinic.add_business_time(start, timedelta(hours=hours))
        assert clinic.business_time(start, done) == timedelta(hours=hours)
