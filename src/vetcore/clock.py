"""The only source of the present time, so that tests can stop it.

>>> from datetime import UTC, datetime
>>> with frozen(datetime(2026, 3, 8, 9, 30, tzinfo=UTC)):
...     print(now().isoformat())
2026-03-08T09:30:00+00:00
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from vetcore.errors import InvalidValue

__all__ = ["StoppedClock", "frozen", "frozen_at", "now", "require_aware"]

_stopped: ContextVar["StoppedClock | None"] = ContextVar("vetcore_stopped_clock", default=None)


class StoppedClock:
    """A clock that stands still until it is moved, in every context that has it."""

    def __init__(self, instant: datetime) -> None:
        self.move_to(instant)

    @property
    def now(self) -> datetime:
        """The instant at which the clock stands, in UTC."""
        return self._instant

    def move_to(self, instant: datetime) -> None:
        """Set the clock to ``instant``, forward or back.

        Raises:
            InvalidValue: ``instant`` is naive.
        """
        self._instant = require_aware(instant, field="instant").astimezone(UTC)

    def move(self, by: timedelta) -> datetime:
        """Move the clock by a span of time, which may be negative, and return its new time."""
        self._instant += by
        return self._instant


def now() -> datetime:
    """Return the present instant, in UTC."""
    stopped = _stopped.get()
    return datetime.now(UTC) if stopped is None else stopped.now


def frozen_at() -> datetime | None:
    """Return the instant at which the clock stands, or None while it runs."""
    stopped = _stopped.get()
    return None if stopped is None else stopped.now


@contextmanager
def frozen(instant: datetime) -> Generator[StoppedClock]:
    """Stop the clock at ``instant`` for this context and the tasks started in it.

    >>> with frozen(datetime(2026, 3, 8, 9, 30, tzinfo=UTC)) as clock:
    ...     clock.move(timedelta(hours=2)).isoformat()
    '2026-03-08T11:30:00+00:00'

    Raises:
        InvalidValue: ``instant`` is naive.
    """
    stopped = StoppedClock(instant)
    token = _stopped.set(stopped)
    try:
        yield stopped
    finally:
        _stopped.reset(token)


def require_aware(value: datetime, *, field: str) -> datetime:
    """Refuse a datetime without a UTC offset.

    Raises:
        InvalidValue: ``value`` has no UTC offset.
    """
    if value.utcoffset() is None:
        raise InvalidValue(
            field=field,
            rule="must carry a UTC offset",
            expected="an aware datetime such as 2026-03-08T09:30:00+00:00",
            value=value.isoformat(),
        )
    return value
