"""Public holidays by the governments' own lists.

The facts are rules of law, written here as rules: the source stands beside each.
"""

from datetime import UTC, date, datetime

import pytest

from tests.values.holiday_rules import TEN, YEARS
from vetcore.values.holidays import (
    public_holidays,
)
from vetcore.values.hours import OpeningHours


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("country", TEN)
def test_the_holidays_of_a_country_are_those_of_its_law(country: str, year: int) -> None:
    by_law = {day for day in TEN[country](year) if day.year == year}
    assert public_holidays(country, None, year) == by_law


REGIONAL = [
    # gov.uk, "UK bank holidays": England and Wales, Scotland, Northern Ireland.
    ("GB-ENG", {date(2027, 3, 29), date(2027, 8, 30)}),
    ("GB-WLS", {date(2027, 3, 29), date(2027, 8, 30)}),
    ("GB-SCT", {date(2027, 1, 2), date(2027, 1, 4), date(2027, 8, 2), date(2027, 11, 30)}),
    (
        "GB-NIR",
        {date(2027, 3, 17), date(2027, 3, 29), date(2027, 7, 12), date(2027, 8, 30)},
    ),
    # The Feiertagsgesetze of the Länder.
    ("DE-BE", {date(2027, 3, 8)}),
    ("DE-HH", {date(2027, 10, 31)}),
    ("DE-NW", {date(2027, 5, 27), date(2027, 11, 1)}),
    ("DE-BW", {date(2027, 1, 6), date(2027, 5, 27), date(2027, 11, 1)}),
    # Ontario's Employment Standards Act 2000, section 1: Family, Victoria, Thanksgiving and Boxing Day.
    (
        "CA-ON",
        {
            date(2027, 2, 15),
            date(2027, 5, 24),
            date(2027, 10, 11),
            date(2027, 12, 26),
            date(2027, 12, 28),
        },
    ),
]


@pytest.mark.parametrize(("part", "own"), REGIONAL, ids=[part for part, _ in REGIONAL])
def test_a_part_of_a_country_has_days_of_its_own(part: str, own: set[date]) -> None:
    country = part[:2]
    assert public_holidays(country, part, 2027) - public_holidays(country, None, 2027) == own


@pytest.mark.parametrize(
    ("country", "closed"),
    [
        ("GB", [date(year, 1, 1) for year in range(2020, 2035)]),
        ("GB", [date(2027, 12, 25), date(2027, 12, 26), date(2027, 12, 27), date(2027, 12, 28)]),
        ("US", [date(2027, 12, 25), date(2027, 12, 24), date(2026, 7, 4), date(2026, 7, 3)]),
        ("US", [date(2027, 12, 31), date(2028, 1, 1)]),
        ("AU", [date(2027, 12, 25), date(2027, 12, 26), date(2027, 12, 27), date(2027, 12, 28)]),
        ("NZ", [date(2027, 2, 6), date(2027, 2, 8)]),
    ],
)
def test_a_holiday_on_a_weekend_is_kept_on_its_day_and_on_the_day_instead(
    country: str, closed: list[date]
) -> None:
    hours = OpeningHours("Mo-Su 09:00-17:00; PH off", "UTC", country)
    for day in closed:
        assert hours.spans_on(day) == (), day
        assert not hours.is_open(datetime.combine(day, datetime.min.time(), UTC).replace(hour=12))


def test_half_days_and_days_of_banks_are_no_public_holidays() -> None:
    assert date(2026, 12, 24) not in public_holidays("US", None, 2026)
    assert date(2026, 12, 31) not in public_holidays("CL", None, 2026)
    assert date(2026, 12, 24) not in public_holidays("IS", None, 2026)
