"""Public holidays, compared with those of a second library."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.values.holiday_rules import SUNDAY, TEN, YEARS, easter
from vetcore.values.holidays import (
    public_holidays,
)


def _beside_a_holiday(country: str) -> Callable[[date], bool]:
    return lambda day: any(
        near in public_holidays(country, None, near.year)
        for near in (day - timedelta(days=1), day + timedelta(days=1))
    )


def _on(*days: tuple[int, int]) -> Callable[[date], bool]:
    return lambda day: (day.month, day.day) in days


def _sunday(day: date) -> bool:
    return day.weekday() == SUNDAY


def _any(_: date) -> bool:
    return True


EXPLAINED: dict[str, dict[str, Callable[[date], bool]]] = {
    **{each: {} for each in ("CZ", "EE", "FI", "GG", "HR", "LT", "LU", "MT", "NO", "SI", "SV")},
    "BB": {
        "the second counts Easter Sunday, and does not move Emancipation Day": (
            lambda day: _sunday(day) or _on((8, 1), (8, 2))(day)
        )
    },
    "BE": {"Easter and Pentecost are on Sundays, which the decree need not name": _sunday},
    "BG": {"the Labour Code (154) makes up for weekends beside a holiday": _beside_a_holiday("BG")},
    "BR": {
        "Easter Sunday is a Sunday": _sunday,
        "Good Friday is a holiday by law 9093/1995": lambda day: (
            day == easter(day.year) - timedelta(2)
        ),
        "20 November is national since law 14759/2023": _on((11, 20)),
    },
    "CH": {"only 1 August is federal; the second counts those of most cantons": _any},
    "CL": {"31 December is for banks only": _on((12, 31))},
    "DK": {
        "Great Prayer Day was abolished in 2024": lambda day: (
            day == easter(day.year) + timedelta(26)
        ),
        "Christmas Eve is by agreement, not by law": _on((12, 24)),
    },
    "ES": {"what falls on a Sunday is moved, or not, by each autonomous community": _sunday},
    "GR": {
        "Easter and Pentecost are on Sundays": _sunday,
        "1 May 2027 is in Holy Week, and moved to Tuesday": lambda day: day == date(2027, 5, 4),
    },
    "HU": {
        "24 December since 2024, and days of rest that are exchanged": _beside_a_holiday("HU"),
    },
    "IS": {
        "the eves are half days": _on((12, 24), (12, 31)),
        "Easter and Pentecost are on Sundays": _sunday,
    },
    "IT": {
        "Easter, and the Day of National Unity, are on Sundays": _sunday,
        "Saint Francis since law 151/2025": _on((10, 4)),
    },
    "JP": {"the second has no days in lieu (law on holidays, article 3)": _beside_a_holiday("JP")},
    "LV": {
        "Mothers' Day and Pentecost are on Sundays": _sunday,
        "working days that the cabinet moves": _beside_a_holiday("LV"),
    },
    "MC": {"a day on a Sunday is made up for on Monday (law 798)": _beside_a_holiday("MC")},
    "MX": {
        "the second moves days off a Saturday, which article 74 does not": _beside_a_holiday("MX")
    },
    "NL": {"5 May is a day off in every fifth year": _on((5, 5))},
    "RO": {"6 and 7 January since law 52/2023": _on((1, 6), (1, 7))},
    "RS": {
        "days on a Sunday are made up for; Holy Saturday is free": _beside_a_holiday("RS"),
    },
    "SE": {
        "the eves are no red days": lambda day: _on((12, 24), (12, 31))(day) or day.month == 6,
    },
    "SK": {
        "1 September and 17 November are working days since 2024 and 2025": _on((9, 1), (11, 17)),
        "8 May and 15 September are so in 2026": lambda day: (
            day.year == 2026 and _on((5, 8), (9, 15))(day)
        ),
    },
    "UA": {"there are no days off under martial law (law 2136-IX)": _any},
    "ZA": {"the day of the local elections of 2026": lambda day: day == date(2026, 11, 4)},
}
"""By country: why the second library says something else, and of which days that is true."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("country", EXPLAINED)
def test_a_second_library_differs_only_where_that_is_explained(country: str) -> None:
    from workalendar.registry import registry

    calendar = registry.get(country)()
    reasons = EXPLAINED[country]
    used: set[str] = set()
    for year in YEARS:
        others = {day for day, _ in calendar.holidays(year) if day.year == year}
        for day in others ^ public_holidays(country, None, year):
            why = {reason for reason, is_true in reasons.items() if is_true(day)}
            assert why, f"{day:%a %Y-%m-%d} is {'not ' if day in others else ''}a holiday here"
            used |= why
    assert used == set(reasons), "an explanation explains nothing"


def test_at_least_forty_countries_are_compared() -> None:
    assert len(EXPLAINED.keys() | TEN.keys()) >= 40
