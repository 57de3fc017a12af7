"""Opening hours as text: what each sign means, and what is refused."""

import contextlib
import time as time_module
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vetcore.errors import InvalidValue
from vetcore.values.hours import OpeningHours, parse_hours


def test_seasons_are_kept() -> None:
    hours = OpeningHours("Mo-Fr 08:00-18:00; Jun-Aug Mo-Fr 07:00-15:00")
    assert not hours.is_open(datetime(2026, 5, 4, 7, 30, tzinfo=UTC))
    assert hours.is_open(datetime(2026, 6, 1, 7, 30, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 6, 1, 16, 0, tzinfo=UTC))


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


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_any_text_is_hours_or_a_clear_error(text: str) -> None:
    try:
        tidy = parse_hours(text)
    except InvalidValue:
        return
    assert parse_hours(tidy) == tidy
    OpeningHours(tidy).is_open(datetime(2026, 3, 8, tzinfo=UTC))


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


def test_hours_are_read_in_time_that_grows_with_their_length() -> None:
    for unit in ('Mo "a', "Mo[", "08:00-09:00,", "Mo,", "PH,", '"', ", ", "week 1-2/", "off "):
        text = (unit * 2000)[:2000]
        begin = time_module.perf_counter()
        with contextlib.suppress(InvalidValue):
            parse_hours(text)
        assert time_module.perf_counter() - begin < 0.5, unit
