"""Opening hours against a slow reading of them: minute by minute, by what the wall clock shows."""

import contextlib
import time as time_module
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vetcore.errors import InvalidValue
from vetcore.values.hours import OpeningHours, parse_hours
from vetcore.values.intervals import instant
from vetcore.values.walltime import local_day, localize, midnight, zone_named
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


def _open_for(text: str, days: int = 7) -> timedelta:
    begin = datetime(2027, 1, 4, tzinfo=UTC)
    return OpeningHours(text).business_time(begin, begin + timedelta(days=days))


def test_a_rule_after_a_comma_adds_to_the_night_before_it() -> None:
    hours = OpeningHours("Mo-Su 20:00-08:00, Sa,Su 08:00-24:00", "UTC")
    assert hours.is_open(datetime(2027, 1, 10, 3, tzinfo=UTC))
    assert _open_for(hours.text) == timedelta(hours=108)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mo-Su 20:00-02:00, Su 18:00-24:00", 7 * 6 + 2),
        ("Mo-Su 20:00-02:00; Su 18:00-24:00", 6 * 6 + 6),
        ("Su 18:00-24:00, Mo-Su 20:00-02:00", 7 * 6 + 2),
        ("Mo-Su 20:00-02:00, Su 22:00-04:00", 7 * 6 + 2),
        ("Mo-Su 10:00-12:00, Mo 11:00-14:00", 7 * 2 + 2),
        ("Mo-Su 10:00-12:00; Mo 11:00-14:00", 6 * 2 + 3),
        ("Mo 10:00-12:00, Tu 10:00-12:00, We 10:00-12:00", 6),
        ("Mo-Su 08:00-18:00; We 12:00-14:00 off", 7 * 10 - 2),
        ("Mo-Su 08:00-18:00, We 12:00-14:00 off", 7 * 10 - 2),
        ("Mo-Su 08:00-18:00; We off, We 12:00-14:00", 6 * 10 + 2),
        ("Mo-Su 22:00-06:00; We off", 6 * 8),
        ("Mo-Su 22:00-06:00; We 20:00-23:00 off", 7 * 8 - 1),
        ("Fr 20:00-48:00; Sa off", 28),
        ("Mo 20:00-02:00,01:00-03:00", 8),
    ],
)
def test_a_semicolon_replaces_the_day_and_a_comma_adds_to_it(text: str, hours: int) -> None:
    assert _open_for(text, 14) == 2 * timedelta(hours=hours)


COMMENTS = [
    "by appointment",
    "from sunset, or dawn",
    "unknown",
    "SH: ask us",
    "PH off",
    "a || b; c, d",
    "08:00+",
    "off",
    "closed; Mo 22:00-06:00 off",
    "",
]


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Mo-Fr 08:00-18:00", ""),
        ("Mo-Fr 08:00-18:00 open", ""),
        ("Mo-Fr 20:00-02:00", "; Sa 09:00-13:00"),
        ("Mo-Fr 08:00-18:00", ", Sa 09:00-13:00"),
        ("Mo-Fr 08:00-18:00; PH off", ""),
        ("Mo-Fr 08:00-18:00; We off", "; Sa 09:00-13:00"),
    ],
)
def test_a_comment_is_kept_and_means_nothing(comment: str, before: str, after: str) -> None:
    text = f'{before} "{comment}"{after}'
    hours, bare = OpeningHours(text, "UTC", "US"), OpeningHours(before + after, "UTC", "US")
    assert hours.text == text
    first, last = date(2026, 11, 1), date(2027, 1, 31)
    assert hours.spans_on(first, last) == bare.spans_on(first, last)
    assert hours.as_weekly() == bare.as_weekly()


@pytest.mark.parametrize("text", ['"by appointment"', 'Mo 08:00-12:00; "ring"', 'Mo off, "x"; Tu'])
def test_a_comment_alone_does_not_say_when_a_clinic_is_open(text: str) -> None:
    with pytest.raises(InvalidValue, match="opening_hours: has a comment that stands alone"):
        parse_hours(text)


@pytest.mark.parametrize("text", ['Mo-Fr 08:00-18:00 "', 'Mo-Fr "08:00-18:00', 'Mo "a" "b'])
def test_a_comment_that_does_not_end_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="opening_hours"):
        parse_hours(text)


@pytest.mark.parametrize("text", ["Mo Sunset-22:00", "Mo UNKNOWN", "Mo 08:00-DUSK"])
def test_what_cannot_be_booked_is_refused_in_any_case(text: str) -> None:
    with pytest.raises(InvalidValue, match="cannot use"):
        parse_hours(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("week 06-07/2 10:00-12:00", 7),
        ("2027-2028/5 10:00-12:00", 365),
        ("Jan-Nov,Dec We[3] 10:00-12:00", 12),
        ("Jan,Feb We[3],Mo 10:00-12:00", 10),
    ],
)
def test_steps_and_lists_of_seasons_are_what_the_specification_says(text: str, days: int) -> None:
    assert len(OpeningHours(text).spans_on(date(2027, 1, 1), date(2027, 12, 31))) == days


@pytest.mark.parametrize(
    "text",
    [
        "PH off; Mo-Fr 08:00-18:00",
        "Mo-Fr 08:00-12:00,10:00-14:00",
        "PH-Mo 08:00-12:00",
        "Mo 10:00-26:00",
        "Mo 12:00-13:00 off",
        ",".join(f"{hour:02d}:00-{hour:02d}:30" for hour in range(13)),
    ],
)
def test_a_week_that_a_form_cannot_show_is_none_and_no_error(text: str) -> None:
    assert WeeklyHours.from_text(text) is None


EDGES = [
    datetime.min.replace(tzinfo=UTC),
    datetime(1, 1, 2, 12, tzinfo=UTC),
    datetime(1850, 6, 1, tzinfo=UTC),
    datetime(9999, 12, 30, 12, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
]


@pytest.mark.parametrize("at", EDGES, ids=str)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("text", ["24/7", "Mo-Su 20:00-08:00; PH off", "Jan 01 00:00-00:01"])
def test_at_the_ends_of_the_calendar_hours_are_refused_by_name(
    at: datetime, zone: str, text: str
) -> None:
    hours = OpeningHours(text, zone, "US")
    for ask in (
        lambda: hours.is_open(at),
        lambda: hours.next_change(at),
        lambda: hours.intervals(at, at),
        lambda: hours.business_time(at, at),
        lambda: hours.add_business_time(at, timedelta(hours=1)),
        lambda: hours.spans_on(at.date()),
    ):
        with pytest.raises(InvalidValue, match=r"^(at|start|end|day): is too far from today"):
            ask()


def test_hours_are_right_up_to_the_ends_of_what_is_reckoned_with() -> None:
    hours = OpeningHours("Mo-Su 20:00-08:00", "Pacific/Kiritimati")
    for at in (datetime(1900, 1, 4, tzinfo=UTC), datetime(9995, 12, 31, 12, tzinfo=UTC)):
        change = hours.next_change(at)
        assert change is not None
        assert hours.business_time(at, at + timedelta(hours=2)) <= timedelta(hours=2)
        assert hours.add_business_time(at, timedelta(days=300)) > at
    assert len(hours.spans_on(date(1900, 1, 1), date(1900, 1, 28))) == 28
    assert len(hours.spans_on(date(9999, 12, 1), date(9999, 12, 24))) == 24
    with pytest.raises(InvalidValue, match="calendar"):
        hours.spans(10**18, 10**18 + 60)


def test_wall_times_at_the_ends_of_the_calendar_are_right_or_refused() -> None:
    for name in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"):
        zone = zone_named(name)
        for day in (date(1, 1, 2), date(9999, 12, 31)):
            assert local_day(midnight(day, zone), zone) == day
        for wall in (datetime.combine(date.min, time.min), datetime.combine(date.max, time.max)):
            assert isinstance(localize(wall, zone), int)
    for seconds in (-(10**18), 10**18):
        with pytest.raises(InvalidValue, match="years 1 to 9999"):
            local_day(seconds, zone_named("UTC"))
        with pytest.raises(InvalidValue, match="years 1 to 9999"):
            instant(seconds)


def test_a_night_of_the_day_before_is_seen_at_the_end_of_a_day_of_25_hours() -> None:
    hours = OpeningHours("Sa 12:00-48:00", "America/New_York")
    late = datetime(2026, 11, 1, 23, 30, tzinfo=zone_named("America/New_York"))
    assert hours.is_open(late)


def test_hours_are_read_in_time_that_grows_with_their_length() -> None:
    for unit in ('Mo "a', "Mo[", "08:00-09:00,", "Mo,", "PH,", '"', ", ", "week 1-2/", "off "):
        text = (unit * 2000)[:2000]
        begin = time_module.perf_counter()
        with contextlib.suppress(InvalidValue):
            parse_hours(text)
        assert time_module.perf_counter() - begin < 0.5, unit
