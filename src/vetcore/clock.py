"""The one source of the present moment, so that tests can stop it.

>>> from datetime import UTC, datetime
>>> with frozen(datetime(2026, 3, 8, 9, 30, tzinfo=UTC)):
...     print(now().isoformat())
2026-03-08T09:30:00+00:00
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from vetcore.errors import InvalidValue

__all__ = ["frozen", "frozen_at", "now", "require_aware"]

_frozen: ContextVar[datetime | None] = ContextVar("vetcore_frozen_clock", default=None)


def now() -> datetime:
    """The present instant, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def frozen_at() -> datetime | None:
    """The instant at which the clock stands, or None while it runs."""
    return _frozen.get()


@contextmanager
def frozen(instant: datetime) -> Generator[None]:
    """Stop the clock at ``instant`` for this context and the tasks started in it."""
    token = _frozen.set(require_aware(instant, field="instant").astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def require_aware(value: datetime, *, field: str) -> datetime:
    """Refuse a datetime that does not say which instant it means.

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
