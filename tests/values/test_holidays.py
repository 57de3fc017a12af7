"""Public holidays as clinics keep them, and what is refused."""

import subprocess
import sys
from datetime import date

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


def test_a_clinic_keeps_the_holidays_of_its_part_of_the_country() -> None:
    text = "Mo-Fr 09:00-17:00; PH off"
    st_andrew = date(2027, 11, 30)
    assert OpeningHours(text, "UTC", "GB", "GB-SCT").spans_on(st_andrew) == ()
    assert OpeningHours(text, "UTC", "GB", "GB-ENG").spans_on(st_andrew)
    assert OpeningHours(text, "UTC", "GB").spans_on(st_andrew)


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
