"""Opening hours on the days that are special: nights, holidays, and days on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from vetcore.errors import InvalidValue
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import instant
from vetcore.values.walltime import localize, midnight, zone_named

MONDAY_TO_FRIDAY = (date(2026, 3, 9), date(2026, 3, 13))


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
