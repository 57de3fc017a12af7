"""Checks the days on which something is said to have happened."""

from datetime import date, datetime, timedelta

from vetcore import clock
from vetcore.errors import InvalidValue

__all__ = ["not_in_the_future"]

_FURTHEST_EAST = timedelta(hours=14)


def not_in_the_future(when: date | datetime, field: str) -> None:
    """Refuse a day that has not begun anywhere on Earth.

    Raises:
        InvalidValue: ``when`` is an instant after now, or a day that has begun nowhere.
    """
    now = clock.now()
    latest = now if isinstance(when, datetime) else (now + _FURTHEST_EAST).date()
    if when > latest:
        raise InvalidValue(
            field=field,
            rule="lies in the future",
            expected=f"{latest.isoformat()} or earlier",
            value=when.isoformat(),
        )
