"""Rules about several fields of a schema. Each rule has one place and one wording."""

from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from vetcore.clock import now
from vetcore.errors import InvalidValue

__all__ = [
    "PAST_FOR_GOOD",
    "both_or_neither",
    "in_order",
    "instant_not_to_come",
    "instant_to_come",
    "last_day_begun",
    "not_to_come",
    "requires",
    "to_one",
]


def last_day_begun() -> date:
    """Return the last day that has begun anywhere on Earth. Nobody can have been born after it.

    The earliest time zone is UTC+14, so it may be the day after the present day in UTC.
    """
    return (now() + timedelta(hours=14)).date()


PAST_FOR_GOOD: Final = last_day_begun()
"""No clock needs to be asked about days up to this one, unless it has been stopped."""


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...

    def isoformat(self) -> str: ...


def not_to_come(field: str, day: date) -> None:
    """Refuse a day that has not begun anywhere on Earth."""
    if day > (last := last_day_begun()):
        raise InvalidValue(
            field=field, rule="is still to come", expected=f"{last} or earlier", value=day
        )


def instant_to_come(field: str, instant: datetime) -> None:
    """Refuse an instant that is not after the present."""
    if instant <= (present := now()):
        raise InvalidValue(
            field=field,
            rule="has passed",
            expected=f"an instant after {present.isoformat(timespec='seconds')}",
            value=instant.isoformat(),
        )


def instant_not_to_come(field: str, instant: datetime) -> None:
    """Refuse an instant after the present, with a minute's tolerance for clocks that differ."""
    if instant > (latest := now() + timedelta(minutes=1)):
        raise InvalidValue(
            field=field,
            rule="is still to come",
            expected=f"{latest.isoformat(timespec='seconds')} or earlier",
            value=instant.isoformat(),
        )


def in_order(
    earlier: str, first: _Ordered | None, later: str, last: _Ordered | None, *, strictly: bool
) -> None:
    """Refuse a ``later`` day that is before ``earlier``, or on the same day if ``strictly``.

    Nothing is refused if one of the two is not known.
    """
    if first is None or last is None or first < last or (first == last and not strictly):
        return
    raise InvalidValue(
        field=later,
        rule=f"must be after {earlier}" if strictly else f"must not be before {earlier}",
        expected=f"{'later than ' if strictly else ''}{first.isoformat()}"
        f"{'' if strictly else ' or later'}",
        value=last.isoformat(),
    )


def both_or_neither(one: str, first: object, other: str, second: object) -> None:
    """Refuse one of two fields without the other."""
    if (first is None) is not (second is None):
        missing, given = (one, other) if first is None else (other, one)
        raise InvalidValue(
            field=missing,
            rule=f"must be given together with {given}",
            expected=f"both {one} and {other}, or neither",
        )


def requires(field: str, value: object, needed: str, other: object) -> None:
    """Refuse a field without another one that it needs."""
    if value is not None and other is None:
        raise InvalidValue(
            field=needed,
            rule=f"is needed where {field} is given",
            expected=f"{needed} beside {field}, or neither",
        )


def to_one(account: str, user_id: object | None, email: str | None) -> None:
    """Refuse a command that names nobody, or names somebody by account and by address."""
    if (email is None) == (user_id is None):
        raise InvalidValue(
            field=account,
            rule="or email must be given, and not both",
            expected="the account or the address of the person who is invited",
        )
