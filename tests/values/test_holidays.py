"""Public holidays by the governments' own lists, and by a second library.

The facts of the first part are rules of law, written here as rules: the source stands beside each.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from vetcore.errors import InvalidValue
from vetcore.values.countries import COUNTRIES
from vetcore.values.holidays import (
    has_calendar,
    parts_with_holidays,
    public_holidays,
    require_known_part,
)
from vetcore.values.hours import OpeningHours, parse_hours, require_calendar

YEARS = range(2025, 2029)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6

Dates = Iterator[date]


def easter(year: int) -> date:
    """Easter Sunday, by the rule of Meeus and Jones."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + k - 7 * ((a + 11 * h + 22 * k) // 451) + 114, 31)
    return date(year, month, day + 1)


def after_easter(year: int, *days: int) -> Dates:
    yield from (easter(year) + timedelta(days=each) for each in days)


def fixed(year: int, *days: tuple[int, int]) -> Dates:
    yield from (date(year, month, day) for month, day in days)


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The n-th such weekday of the month, or with -1 the last."""
    if number < 0:
        first = date(year + month // 12, month % 12 + 1, 1)
        return first - timedelta(days=(first.weekday() - weekday - 1) % 7 + 1)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def to_monday(*days: date) -> Dates:
    """The days, and for each on a weekend the next day that is free of one."""
    taken = set(days)
    for day in days:
        yield day
        if day.weekday() >= SATURDAY:
            instead = day
            while instead.weekday() >= SATURDAY or instead in taken:
                instead += timedelta(days=1)
            taken.add(instead)
            yield instead


def united_states(year: int) -> Dates:
    """Office of Personnel Management, "Federal Holidays"; 5 U.S.C. 6103, Executive Order 11582."""
    yield nth(year, 1, MONDAY, 3)
    yield nth(year, 2, MONDAY, 3)
    yield nth(year, 5, MONDAY, -1)
    yield nth(year, 9, MONDAY, 1)
    yield nth(year, 10, MONDAY, 2)
    yield nth(year, 11, THURSDAY, 4)
    for day in (*fixed(year, (1, 1), (6, 19), (7, 4), (11, 11), (12, 25)), date(year + 1, 1, 1)):
        yield day
        if day.weekday() == SATURDAY:
            yield day - timedelta(days=1)
        if day.weekday() == SUNDAY:
            yield day + timedelta(days=1)


def united_kingdom(year: int) -> Dates:
    """gov.uk, "UK bank holidays": those in all of its three lists; substitute days with them."""
    yield from to_monday(date(year, 1, 1))
    yield from after_easter(year, -2)
    yield nth(year, 5, MONDAY, 1)
    yield nth(year, 5, MONDAY, -1)
    yield from to_monday(*fixed(year, (12, 25), (12, 26)))


def ireland(year: int) -> Dates:
    """Organisation of Working Time Act 1997, schedule 2; gov.ie for St Brigid's Day."""
    yield from fixed(year, (1, 1), (3, 17), (12, 25), (12, 26))
    yield nth(year, 2, MONDAY, 1)
    yield from after_easter(year, 1)
    yield from (nth(year, month, MONDAY, 1) for month in (5, 6, 8))
    yield nth(year, 10, MONDAY, -1)


def canada(year: int) -> Dates:
    """The five of the Canada Labour Code (section 166) that every province's law has, too.

    By section 193, and in every province, New Year's Day and Christmas are made up for on Monday.
    """
    yield from (*to_monday(date(year, 1, 1)), *to_monday(date(year, 12, 25)), date(year, 7, 1))
    yield from after_easter(year, -2)
    yield nth(year, 9, MONDAY, 1)


def new_zealand(year: int) -> Dates:
    """Holidays Act 2003, sections 44 to 45A; the Matariki Public Holiday Act 2022."""
    yield from to_monday(*fixed(year, (1, 1), (1, 2)))
    yield from to_monday(date(year, 2, 6))
    yield from after_easter(year, -2, 1)
    yield from to_monday(date(year, 4, 25))
    yield nth(year, 6, MONDAY, 1)
    yield {
        2025: date(2025, 6, 20),
        2026: date(2026, 7, 10),
        2027: date(2027, 6, 25),
        2028: date(2028, 7, 14),
    }[year]
    yield nth(year, 10, MONDAY, 4)
    yield from to_monday(*fixed(year, (12, 25), (12, 26)))


def germany(year: int) -> Dates:
    """Bundesministerium des Innern, "Nationale Feiertage": the nine that every Land's law has."""
    yield from fixed(year, (1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
    yield from after_easter(year, -2, 1, 39, 50)


def austria(year: int) -> Dates:
    """Arbeitsruhegesetz, section 7 (2): the thirteen."""
    yield from fixed(
        year, (1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)
    )
    yield from after_easter(year, 1, 39, 50, 60)


def france(year: int) -> Dates:
    """Code du travail, article L3133-1: the eleven."""
    yield from fixed(year, (1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    yield from after_easter(year, 1, 39, 50)


def portugal(year: int) -> Dates:
    """Código do Trabalho, article 234: the thirteen."""
    yield from fixed(year, (1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (10, 5), (11, 1))
    yield from fixed(year, (12, 1), (12, 8), (12, 25))
    yield from after_easter(year, -2, 0, 60)


def poland(year: int) -> Dates:
    """Law of 18 January 1951 on free days, article 1, with Christmas Eve since 2025."""
    yield from fixed(
        year,
        *((1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11)),
        *((12, 24), (12, 25), (12, 26)),
    )
    yield from after_easter(year, 0, 1, 49, 60)


TEN: dict[str, Callable[[int], Dates]] = {
    "US": united_states,
    "GB": united_kingdom,
    "IE": ireland,
    "CA": canada,
    "NZ": new_zealand,
    "DE": germany,
    "AT": austria,
    "FR": france,
    "PL": poland,
    "PT": portugal,
}


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


def test_a_clinic_keeps_the_holidays_of_its_part_of_the_country() -> None:
    text = "Mo-Fr 09:00-17:00; PH off"
    st_andrew = date(2027, 11, 30)
    assert OpeningHours(text, "UTC", "GB", "GB-SCT").spans_on(st_andrew) == ()
    assert OpeningHours(text, "UTC", "GB", "GB-ENG").spans_on(st_andrew)
    assert OpeningHours(text, "UTC", "GB").spans_on(st_andrew)


def test_half_days_and_days_of_banks_are_no_public_holidays() -> None:
    assert date(2026, 12, 24) not in public_holidays("US", None, 2026)
    assert date(2026, 12, 31) not in public_holidays("CL", None, 2026)
    assert date(2026, 12, 24) not in public_holidays("IS", None, 2026)


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


def test_hours_with_holidays_that_nobody_knows_are_refused() -> None:
    with pytest.raises(InvalidValue, match="opening_hours: has a PH rule, and no public holidays"):
        require_calendar("Mo-Fr 08:00-18:00; PH off", "ZZ")
    require_calendar("Mo-Fr 08:00-18:00", "ZZ")
    require_calendar('Mo-Fr 08:00-18:00 "PH on request"', "ZZ")
    require_calendar("Mo-Fr 08:00-18:00; PH off", "DE")


def test_holidays_that_nobody_knows_are_logged_once_and_raise_nothing(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    hours = OpeningHours("Mo-Fr 08:00-18:00; PH off", "UTC", "QQ")
    for _ in range(3):
        assert hours.spans_on(date(2026, 12, 25))
    logged = caplog.text + capsys.readouterr().out
    assert logged.count("holidays_unknown") == 1
    assert not has_calendar("QQ")


def test_a_calendar_without_a_day_is_none() -> None:
    """Bouvet Island: the library has the name, and no days."""
    assert not has_calendar("BV")
    unknown = {country for country in COUNTRIES if not has_calendar(country)}
    assert unknown == {"BV", "HM", "IO"}
    with pytest.raises(InvalidValue, match="no public holidays of BV are known"):
        require_calendar("PH off", "BV")


def test_a_day_far_from_a_holiday_is_refused() -> None:
    parse_hours("PH +366 days off")
    with pytest.raises(InvalidValue, match="opening_hours"):
        parse_hours("PH +367 days off")


def test_years_that_a_calendar_does_not_reach_are_told_apart() -> None:
    assert has_calendar("DE")
    assert has_calendar("DE", 2030)
    assert not has_calendar("DE", 5000)
    assert public_holidays("DE", None, 5000) == frozenset()


def test_a_part_that_is_not_known_has_the_holidays_of_the_whole_country() -> None:
    assert public_holidays("GB", "GB-XXX", 2027) == public_holidays("GB", None, 2027)
    assert public_holidays("GB", "US-CA", 2027) == public_holidays("GB", None, 2027)


def test_a_part_must_be_of_the_country_and_known() -> None:
    require_known_part("US-CA", "US")
    require_known_part("CH-ZH", "CH")
    require_known_part("JP-13", "JP")  # the same days everywhere
    with pytest.raises(InvalidValue, match="subdivision: is not a part of GB"):
        require_known_part("US-CA", "GB")
    with pytest.raises(InvalidValue, match="one of GB-ENG, GB-NIR, GB-SCT, GB-WLS"):
        require_known_part("GB-XXX", "GB")


def test_the_parts_with_holidays_are_those_of_the_iso_standard() -> None:
    assert len(parts_with_holidays("DE")) == 16
    assert len(parts_with_holidays("CH")) == 26
    assert len(parts_with_holidays("CA")) == 13
    assert len(parts_with_holidays("AU")) == 8
    assert {"US-CA", "US-DC", "US-PR"} <= set(parts_with_holidays("US"))
    assert parts_with_holidays("ZZ") == ()


@pytest.mark.parametrize(
    ("text", "day", "open_"),
    [
        ("PH 10:00-12:00", date(2027, 1, 1), True),
        ("PH 10:00-12:00", date(2027, 1, 2), False),
        ("Mo,PH 10:00-12:00", date(2027, 1, 1), True),
        ("Mo,PH 10:00-12:00", date(2027, 1, 4), True),
        ("PH Mo-Th 10:00-12:00", date(2027, 1, 1), False),  # a Friday: not both
        ("PH Fr 10:00-12:00", date(2027, 1, 1), True),
        ("PH Fr 10:00-12:00", date(2027, 1, 8), False),
        ("Jul-Dec PH 10:00-12:00", date(2027, 1, 1), False),
        ("Jan PH 10:00-12:00", date(2027, 1, 1), True),
        ("Jan Mo,PH 10:00-12:00", date(2027, 3, 26), False),
        ("PH +1 day 10:00-12:00", date(2027, 1, 2), True),
        ("PH +1 day 10:00-12:00", date(2027, 1, 1), False),
        ("PH -1 day 10:00-12:00", date(2026, 12, 31), True),
        ("PH,PH +1 day 10:00-12:00", date(2027, 1, 2), True),
        ("10:00-12:00; PH off; Mo-Fr 10:00-12:00", date(2027, 1, 1), True),
        ("Mo-Fr 10:00-12:00, PH off", date(2027, 1, 1), False),
    ],
)
def test_a_rule_about_holidays_may_be_narrowed_and_moved(text: str, day: date, open_: bool) -> None:
    hours = OpeningHours(parse_hours(text), "UTC", "DE")
    assert bool(hours.spans_on(day)) is open_


def test_the_calendars_are_not_loaded_before_a_holiday_is_asked_for() -> None:
    program = (
        "import sys\n"
        "from datetime import date\n"
        "from vetcore.schemas import ClinicCreate\n"
        "from vetcore.values.hours import OpeningHours\n"
        "OpeningHours('Mo-Fr 08:00-18:00', 'UTC', 'DE').spans_on(date(2027, 1, 1))\n"
        "assert 'holidays' not in sys.modules\n"
        "OpeningHours('PH off', 'UTC', 'DE').spans_on(date(2027, 1, 1))\n"
        "assert 'holidays' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
