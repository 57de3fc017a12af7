"""Amounts and currencies; days, instants and wall times as documents keep them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from vetcore.errors import InvalidValue
from vetcore.values.dates import Day, Instant, WallTime, add_days, add_months, not_before
from vetcore.values.money import CURRENCIES, Amount, CurrencyCode, in_minor_units, minor_units

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


class Price(BaseModel):
    currency: CurrencyCode
    amount: Annotated[Amount | None, in_minor_units] = None


class Stay(BaseModel):
    came_on: Day | None = None
    left_on: Annotated[Day | None, not_before("came_on")] = None


def _read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("usd", "12.50"), ("JPY", "1200"), ("JPY", "1200.0"), ("KWD", "1.005"), (" eur ", "0")],
)
def test_an_amount_has_no_more_places_than_its_currency(currency: str, amount: str) -> None:
    price = Price.model_validate({"currency": currency, "amount": amount})
    assert price.amount == Decimal(amount)
    assert price.currency == currency.strip().upper()


@pytest.mark.parametrize(
    ("currency", "amount", "rule"),
    [
        ("USD", "12.505", "amount: has more decimal places than USD has (expected at most 2)"),
        ("JPY", "0.5", "amount: has more decimal places than JPY has (expected at most 0)"),
        ("KWD", "1.0005", "no more than 3 decimal places"),
        ("USD", "-0.01", "greater than or equal to 0"),
        ("USD", "100000000000", "no more than"),
        ("USD", "NaN", "finite"),
        ("XXX", "1", "currency: is not an ISO 4217 currency"),
        ("DEM", "1", "currency: is not an ISO 4217 currency"),
        ("", "1", "currency: is not an ISO 4217 currency"),
    ],
)
def test_what_cannot_be_paid_is_refused(currency: str, amount: str, rule: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Price.model_validate({"currency": currency, "amount": amount})
    assert rule in str(refused.value)


def test_no_amount_has_no_places() -> None:
    assert Price(currency="JPY").amount is None


def test_every_currency_has_as_many_places_as_iso_4217_says() -> None:
    assert {minor_units(code) for code in CURRENCIES} == {0, 2, 3}
    assert [minor_units(code) for code in ("EUR", "ISK", "TND", "CLP", "GBP")] == [2, 0, 3, 0, 2]
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)


@given(DAYS)
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert _read(Day, day.isoformat()) == day == _read(Day, day)


@pytest.mark.parametrize("value", [20260308, 1e9, "20260308", " 0 ", "1899-12-31", "2200-01-01"])
def test_a_number_or_a_slip_of_the_pen_is_no_day(value: object) -> None:
    with pytest.raises(ValidationError):
        _read(Day, value)


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001 -- the zone comes below
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_an_instant_is_kept_in_utc_whatever_its_offset(naive: datetime, zone: timezone) -> None:
    moment = naive.replace(tzinfo=zone)
    assert _read(Instant, moment) == moment
    assert _read(Instant, moment.isoformat()).tzinfo is UTC


@pytest.mark.parametrize("value", [0, 1767225600, "1767225600", "2026-01-01T00:00:00"])
def test_what_does_not_say_which_instant_it_means_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        _read(Instant, value)


def test_the_clock_on_the_wall_knows_no_offset() -> None:
    assert _read(WallTime, "22:00") == time(22)
    for value in ("22:00+01:00", time(22, tzinfo=UTC), 79200):
        with pytest.raises(ValidationError):
            _read(WallTime, value)


@given(DAYS | st.none(), DAYS | st.none())
def test_nobody_leaves_before_coming(came: date | None, left: date | None) -> None:
    try:
        Stay(came_on=came, left_on=left)
    except ValidationError as error:
        assert came is not None
        assert left is not None
        assert left < came
        assert "left_on: must not be before came_on" in str(error)  # noqa: PT017 -- a law of both
    else:
        assert came is None or left is None or came <= left


@given(DAYS, st.integers(0, 600), st.integers(0, 600))
def test_months_are_added_as_the_calendar_counts_them(day: date, some: int, more: int) -> None:
    later = add_months(day, some)
    assert (later.year - day.year) * 12 + later.month - day.month == some
    assert later.day == day.day or (later + timedelta(days=1)).month != later.month
    assert later <= add_months(day, some + more)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: add_months(date.max, 1),
        lambda: add_months(date.min, -1),
        lambda: add_months(date(9999, 1, 31), 12),
        lambda: add_days(date.max, 1),
        lambda: add_days(date.min, -1),
        lambda: add_days(date(2026, 1, 1), 10**12),
    ],
)
def test_a_day_after_the_last_one_is_refused_by_name(ask: Callable[[], date]) -> None:
    with pytest.raises(InvalidValue, match="day: is too near to an end of the calendar"):
        ask()


def test_months_and_days_reach_to_the_ends_of_the_calendar() -> None:
    assert add_months(date(9998, 12, 31), 12) == date(9999, 12, 31)
    assert add_months(date(2, 1, 1), -12) == date.min
    assert add_days(date(9999, 12, 30), 1) == date.max
