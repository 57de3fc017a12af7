"""Days, instants and wall-clock times, as documents store them."""

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, ValidationInfo

from vetcore.errors import InvalidValue

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "Day",
    "Instant",
    "WallTime",
    "add_days",
    "add_months",
    "not_before",
    "require_day",
]

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
"""The days that documents, schemas and questions know; others are slips, such as 0202 for 2020."""

_EARLIEST: Final = datetime.combine(FIRST_DAY, time(), UTC)
_LATEST: Final = datetime.combine(LAST_DAY, time(), UTC)


def _written_out(value: object, info: ValidationInfo) -> object:
    # Pydantic reads a bare number as seconds since 1970: 20260308 would become a day in August 1970.
    is_number = isinstance(value, int | float) or (
        isinstance(value, str) and value.strip().isdigit()
    )
    if is_number:
        raise InvalidValue(
            field=info.field_name or "date",
            rule="must be written out, not a number",
            expected="ISO 8601 such as 2026-03-08",
            value=value,
        )
    return value


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _naive(value: time, info: ValidationInfo) -> time:
    if value.tzinfo is not None:
        raise InvalidValue(
            field=info.field_name or "time",
            rule="must be wall-clock time, without a UTC offset",
            expected="a time such as 22:00",
            value=value.isoformat(),
        )
    return value


Day = Annotated[
    date,
    BeforeValidator(_written_out),
    Field(ge=FIRST_DAY, le=LAST_DAY),
]
"""A calendar day of 1900 to 2199; other years are slips of the pen, such as 0202 for 2020."""

Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    Field(ge=_EARLIEST, le=_LATEST),
    AfterValidator(_utc),
]
"""An instant: any UTC offset comes in, UTC is kept; a naive datetime is refused."""

WallTime = Annotated[time, BeforeValidator(_written_out), AfterValidator(_naive)]
"""What a clock on the wall shows, in a zone that is known from elsewhere."""


def require_day(value: date, *, field: str) -> date:
    """Refuse a day outside the bounds within which the platform reckons.

    >>> require_day(date(9999, 12, 31), field="day")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    vetcore.errors.InvalidValue: day: is out of range (expected 1900-01-01 to 2199-12-31), got '9999-12-31'

    Raises:
        InvalidValue: ``value`` is before :data:`FIRST_DAY` or after :data:`LAST_DAY`.
    """
    if not FIRST_DAY <= value <= LAST_DAY:
        raise InvalidValue(
            field=field,
            rule="is out of range",
            expected=f"{FIRST_DAY.isoformat()} to {LAST_DAY.isoformat()}",
            value=value.isoformat(),
        )
    return value


def not_before(earlier: str) -> AfterValidator:
    """Return a validator of a day that refuses a day before the field named ``earlier``.

    Nothing is refused if one of the two days is not known. The field ``earlier`` must be declared
    first.
    """

    def check(value: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get(earlier)
        if value is not None and start is not None and value < start:
            raise InvalidValue(
                field=info.field_name or "date",
                rule=f"must not be before {earlier}",
                expected=f"{start.isoformat()} or later",
                value=value.isoformat(),
            )
        return value

    return AfterValidator(check)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month ``months`` later, or the last day of that month.

    >>> add_months(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    >>> add_months(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)

    Raises:
        InvalidValue: there is no such day in the years 1 to 9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise _outside_the_calendar(day, f"{months} months")
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_days(day: date, days: int) -> date:
    """Return the day that comes ``days`` days after ``day``.

    Raises:
        InvalidValue: there is no such day in the years 1 to 9999.
    """
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise _outside_the_calendar(day, f"{days} days") from error


def _outside_the_calendar(day: date, later: str) -> InvalidValue:
    return InvalidValue(
        field="day",
        rule="is too near to an end of the calendar",
        expected="a day in the years 1 to 9999",
        value=f"{later} after {day.isoformat()}",
    )
