"""Statements that took long, logged with their time and without their values."""

import time
from typing import Any

from sqlalchemy import Connection, Engine, event

from vetcore.logging import logger

__all__ = ["log_slow_statements"]

log = logger("vetcore.database")

_STARTED = "vetcore_started"


def log_slow_statements(engine: Engine, threshold: float | None) -> None:
    """Log each statement on ``engine`` that takes ``threshold`` seconds or longer.

    With None, no statement is logged.
    """
    if threshold is None:
        return

    @event.listens_for(engine, "before_cursor_execute")
    def _(connection: Connection, *_: Any) -> None:
        connection.info[_STARTED] = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def _(
        connection: Connection, _cursor: Any, statement: str, _params: Any, _ctx: Any, many: bool
    ) -> None:
        took = time.perf_counter() - connection.info.pop(_STARTED)
        if took >= threshold:
            # Parameters may be personal data: the statement's text alone is logged.
            log.warning(
                "slow statement",
                milliseconds=round(took * 1000, 1),
                statement=" ".join(statement.split())[:1000],
                executemany=many,
            )
