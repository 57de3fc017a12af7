"""Opening hours at the first and the last days of the calendar, and on a day of 25 hours."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from vetcore.errors import InvalidValue
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import instant
from vetcore.values.walltime import local_day, localize, midnight, zone_named

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
