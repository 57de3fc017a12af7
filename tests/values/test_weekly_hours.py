"""The week that a form shows: to text and back, and which text is no week."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.values.weeks import DAY, WEEKS
from vetcore.values.hours import OpeningHours
from vetcore.values.weekly import OpenSpan, WeeklyHours


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
