"""Days and times as people give them, and how they are told."""

from datetime import UTC, date, datetime
from time import perf_counter
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from vetcore import clock
from vetcore.cli.telling import days_away, error_told, span_told
from vetcore.cli.times import day_in, end_in, moment_in, start_in
from vetcore.errors import InvalidValue, SlotTaken
from vetcore.scheduling.errors import InThePast

SEATTLE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Seattle


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-12-01"),
        ("Tomorrow", "2026-12-02"),
        ("yesterday", "2026-11-30"),
        ("2026-12-24", "2026-12-24"),
        ("Tue", "2026-12-01"),
        ("wednesday", "2026-12-02"),
        ("Mon", "2026-12-07"),
        ("thurs", "2026-12-03"),
        ("2 Dec", "2026-12-02"),
        ("Dec 2", "2026-12-02"),
        ("2nd december", "2026-12-02"),
        ("30 Nov", "2027-11-30"),
        ("29 feb", "2028-02-29"),
        ("2 Dec 2025", "2025-12-02"),
        ("Wed 2 Dec", "2026-12-02"),
        ("Wed, 2 Dec 2026", "2026-12-02"),
        ("Wed 2026-12-02", "2026-12-02"),
    ],
)
def test_a_day_is_read_as_people_give_it(text: str, day: str) -> None:
    assert day_in(SEATTLE, text, now=NOW) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-02 09:00", "2026-12-02T17:00Z"),
        ("2026-12-02T09:00", "2026-12-02T17:00Z"),
        ("2026-12-02T09:00:00-05:00", "2026-12-02T14:00Z"),
        ("2026-12-02T17:00Z", "2026-12-02T17:00Z"),
        ("2026-12-02 17:00 UTC", "2026-12-02T17:00Z"),
        ("2026-12-02 09:00 PST", "2026-12-02T17:00Z"),
        ("2026-12-02 09:00 -0800", "2026-12-02T17:00Z"),
        ("tomorrow 9am", "2026-12-02T17:00Z"),
        ("tomorrow at 9 am", "2026-12-02T17:00Z"),
        ("tomorrow 9:30 p.m.", "2026-12-03T05:30Z"),
        ("tomorrow 12am", "2026-12-02T08:00Z"),
        ("tomorrow noon", "2026-12-02T20:00Z"),
        ("Wed 14:30", "2026-12-02T22:30Z"),
        ("Tue 14:30", "2026-12-01T22:30Z"),
        ("Tue 9:30", "2026-12-08T17:30Z"),
        ("9:00", "2026-12-01T17:00Z"),
        ("Wed 2 Dec 2026, 9:00", "2026-12-02T17:00Z"),
        ("now", "2026-12-01T18:00Z"),
    ],
)
def test_a_time_is_read_on_the_clinics_clocks(text: str, instant: str) -> None:
    assert moment_in(SEATTLE, text, now=NOW) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("02/12/2026 9:00", "could be either of two days"),
        ("soon", "is not a time"),
        ("", "is not a time"),
        ("tomorrow", "says no time of day"),
        ("2026-12-02", "says no time of day"),
        ("tomorrow 25:00", "is not a time"),
        ("tomorrow 13pm", "is not a time"),
        ("tomorrow 9", "is not a time"),
        ("2026-13-01 09:00", "is not a time"),
        ("Thu 2 Dec 2026 9:00", "expected Wed 2 Dec 2026"),
        ("2026-12-02 09:00 CET", "CET is not what the clocks of America/Los_Angeles show then"),
        (
            "2027-03-14 02:30",
            "clocks of America/Los_Angeles skip that day (expected from 03:00 on)",
        ),
        ("2027-11-07 01:30", "(expected 2027-11-07 01:30 PDT or 2027-11-07 01:30 PST)"),
        ("0001-01-01 09:00", "is out of range"),
        ("9" * 10_000 + ":00", "is not a time"),
    ],
)
def test_what_is_no_time_is_refused_with_what_would_be_right(text: str, told: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        moment_in(SEATTLE, text, now=NOW)
    assert told in refused.value.message
    assert refused.value.details["field"] == "start"
    assert refused.value.details["expected"]


def test_an_hour_that_comes_twice_is_told_by_the_name_of_the_zone() -> None:
    """The zone's name, or its offset, says which of the two is meant."""
    first = moment_in(SEATTLE, "2027-11-07 01:30 PDT", now=NOW)
    second = moment_in(SEATTLE, "2027-11-07 01:30 PST", now=NOW)
    assert (second - first).total_seconds() == 3600
    assert moment_in(SEATTLE, "2027-11-07T01:30-07:00", now=NOW) == first


def test_a_window_begins_with_its_day_and_ends_with_it() -> None:
    assert start_in(SEATTLE, "tomorrow", now=NOW) == datetime(2026, 12, 2, 8, tzinfo=UTC)
    assert end_in(SEATTLE, "tomorrow", now=NOW) == datetime(2026, 12, 3, 8, tzinfo=UTC)
    assert end_in(SEATTLE, "tomorrow 9am", now=NOW) == datetime(2026, 12, 2, 17, tzinfo=UTC)
    with pytest.raises(InvalidValue, match="until: could be either of two days"):
        end_in(SEATTLE, "02/12/2026", now=NOW)


@pytest.mark.parametrize("piece", ["9", "wed ", "12:", "t", "-", "2026-12-02t"])
def test_reading_a_time_takes_no_longer_for_a_long_text(piece: str) -> None:
    started = perf_counter()
    with pytest.raises(InvalidValue):
        moment_in(SEATTLE, piece * 200_000, now=NOW)
    assert perf_counter() - started < 1


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (2, "in 2 days"),
        (-1, "yesterday"),
        (-3, "3 days ago"),
    ],
)
def test_days_are_told_as_people_say_them(days: int, told: str) -> None:
    assert days_away(days) == told


def test_a_refusal_is_told_without_ids_and_offsets() -> None:
    key = UUID(int=7)
    begin, end = datetime(2026, 12, 2, 19, 30, tzinfo=UTC), datetime(2026, 12, 2, 20, tzinfo=UTC)
    error = SlotTaken(resource="practitioner", resource_id=key, start=begin, end=end)
    assert error_told(error, SEATTLE) == (
        "the practitioner is already booked Wed 2 Dec 11:30-12:00"
    )
    assert error_told(error) == "the practitioner is already booked Wed 2 Dec 19:30-20:00 UTC"


def test_a_span_over_midnight_names_both_days() -> None:
    begin = datetime(2026, 12, 2, 23, 30, tzinfo=SEATTLE)
    end = datetime(2026, 12, 3, 0, 30, tzinfo=SEATTLE)
    assert span_told(begin, end) == "Wed 2 Dec 23:30 to Thu 3 Dec 00:30"


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01"])
def test_a_day_that_no_clinic_has_to_do_with_is_out_of_range_and_not_called_no_day(
    text: str,
) -> None:
    zone = SEATTLE
    with pytest.raises(InvalidValue, match="out of range"):
        day_in(zone, text, now=datetime(2026, 11, 28, 12, tzinfo=UTC))
    with pytest.raises(InvalidValue, match="out of range"):
        moment_in(zone, f"{text} 09:00", now=datetime(2026, 11, 28, 12, tzinfo=UTC))


def test_a_time_years_away_is_told_with_its_year() -> None:
    refused = InThePast(datetime(2045, 1, 2, 8, 0, tzinfo=UTC))
    with clock.frozen(datetime(2026, 11, 28, 12, tzinfo=UTC)):
        assert error_told(refused) == "Mon 2 Jan 2045 08:00 UTC has passed"
        soon = InThePast(datetime(2026, 12, 2, 8, 0, tzinfo=UTC))
        assert error_told(soon) == "Wed 2 Dec 08:00 UTC has passed"
