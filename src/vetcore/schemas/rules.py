"""Rules that tie fields together, each in one place and with one wording."""

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
]


def last_day_begun() -> date:
    """Return the last day that has begun anywhere on Earth: nobody can have been born after it.

    Where the owner is, it may be tomorrow already: the earliest zone is UTC+14.
    """
    return (now() + timedelta(hours=14)).date()


PAST_FOR_GOOD: Final = last_day_begun()
"""No clock needs to be asked about days up to this one, unless it has been stopped."""


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...

    def isoformat(self) -> str: ...


def not_to_come(field: str, day: date) -> None:
    """The day has begun, somewhere on Earth at least."""
    if day > (last := last_day_begun()):
        raise InvalidValue(
            field=field, rule="is still to come", expected=f"{last} or earlier", value=day
        )


def instant_to_come(field: str, instant: datetime) -> None:
    """The instant is after the present one."""
    if instant <= (present := now()):
        raise InvalidValue(
            field=field,
            rule="has passed",
            expected=f"an instant after {present.isoformat(timespec='seconds')}",
            value=instant.isoformat(),
        )


def instant_not_to_come(field: str, instant: datetime) -> None:
    """The instant is not after the present one; clocks may differ by a minute."""
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
    """Where both are known, ``later`` is after ``earlier``, or on the same day if not strictly."""
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
    """Two fields that only mean something together."""
    if (first is None) is not (second is None):
        missing, given = (one, other) if first is None else (other, one)
        raise InvalidValue(
            field=missing,
            rule=f"must be given together with {given}",
            expected=f"both {one} and {other}, or neither",
        )


def requires(field: str, value: object, needed: str, other: object) -> None:
    """A field that means nothing without another."""
    if value is not None and other is None:
        raise InvalidValue(
            field=needed,
            rule=f"is needed where {field} is given",
            expected=f"{needed} beside {field}, or neither",
        )
