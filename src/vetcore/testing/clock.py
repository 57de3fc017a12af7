"""Stops vetcore's clock, also for statements that compare with the database's clock."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry

from vetcore.clock import StoppedClock, frozen, frozen_at
from vetcore.database.statements import Now

__all__ = ["stopped_clock"]

_INSTANT = {
    "postgresql": "CAST('%Y-%m-%d %H:%M:%S.%f+00' AS TIMESTAMPTZ)",
    "sqlite": "'%Y-%m-%d %H:%M:%S.%f'",
}


@contextmanager
def stopped_clock(instant: datetime) -> Generator[StoppedClock]:
    """Stop the clock at ``instant`` for this context and the tasks started in it.

    Unlike :func:`vetcore.clock.frozen`, also in statements by which vetcore has the database
    compare something with the present: a hold runs out when the clock is moved past its end. What
    the database asks itself goes on: the views of restricted sessions, and your own ``now()``.

    Raises:
        InvalidValue: ``instant`` is naive.
    """
    with frozen(instant) as clock:
        event.listen(Engine, "before_cursor_execute", _tell_the_time, retval=True)
        try:
            yield clock
        finally:
            event.remove(Engine, "before_cursor_execute", _tell_the_time)


def _tell_the_time(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
) -> tuple[str, Any]:
    instant = frozen_at()
    asked = _question(connection.dialect.name)
    if instant is not None and asked in statement:
        told = instant.strftime(_INSTANT[connection.dialect.name])
        statement = statement.replace(asked, told)
    return statement, parameters


@cache
def _question(dialect: str) -> str:
    """How our statements ask for the present."""
    chosen: Any = registry.load(dialect)
    return str(Now().compile(dialect=chosen()))
