"""Engines: what each dialect needs to be connected properly."""

import math
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from vetcore.database.pool import FairPool
from vetcore.settings import DatabaseSettings

__all__ = ["BEGIN", "UNLIMITED", "foreign_keys_off", "make_engine"]

BEGIN = "vetcore_begin"
"""Execution option: how a SQLite transaction begins, ``DEFERRED`` (default) or ``IMMEDIATE``."""

_READ_JSON = from_json
"""Ten times as fast as ``json.loads`` on documents as small as ours: a clinic has six of them."""

_SQLITE_INSTRUCTIONS_BETWEEN_LOOKS_AT_THE_CLOCK = 20_000


def make_engine(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    """An engine for ``url`` with the pool, the timeouts and the pragmas of its dialect."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, settings)
    return _postgresql(url, settings)


def _postgresql(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    milliseconds = {
        "statement_timeout": settings.statement_timeout,
        "lock_timeout": settings.lock_timeout,
        "idle_in_transaction_session_timeout": settings.idle_in_transaction_timeout,
    }
    server_settings = {
        "timezone": "UTC",
        # Our statements are short; compiling them costs more than it saves.
        "jit": "off",
    } | {name: str(int(seconds * 1000)) for name, seconds in milliseconds.items() if seconds}
    timeout = float(str(url.query.get("connect_timeout", settings.connect_timeout)))
    server_settings["application_name"] = str(url.query.get("application_name", "vetcore"))
    return create_async_engine(
        url.difference_update_query(["application_name", "connect_timeout"]),
        poolclass=FairPool,
        pool_size=settings.pool_size,
        max_overflow=settings.max_overflow,
        pool_timeout=settings.pool_timeout,
        pool_recycle=int(settings.pool_recycle),
        pool_pre_ping=settings.pre_ping,
        pool_use_lifo=True,
        echo=settings.echo,
        json_deserializer=_READ_JSON,
        connect_args={"timeout": timeout, "server_settings": server_settings},
    )


def _sqlite(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    """One connection: SQLite has one writer, and waiting in a queue beats "database is locked"."""
    engine = create_async_engine(
        url,
        # An in-memory database is opened in one thread and used in the driver's own.
        connect_args={"check_same_thread": False},
        poolclass=FairPool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        echo=settings.echo,
        json_deserializer=_READ_JSON,
    )
    busy = int((settings.lock_timeout or settings.connect_timeout) * 1000)

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: Any, record: ConnectionPoolEntry) -> None:
        # The driver's own BEGIN comes too late (before the first write, not before the first
        # read) and breaks savepoints, so it is switched off and emitted below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {busy}",
            "foreign_keys = ON",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "recursive_triggers = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        _complete_mathematics(connection)
        if settings.statement_timeout:
            _limit_statements(connection.driver_connection._conn, record)  # noqa: SLF001

    @event.listens_for(engine.sync_engine, "begin")
    def _(connection: Connection) -> None:
        how = connection.get_execution_options().get(BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")

    if settings.statement_timeout:
        _start_the_clock(engine, settings.statement_timeout)
    return engine


@asynccontextmanager
async def foreign_keys_off(connection: AsyncConnection) -> AsyncGenerator[None]:
    """On SQLite, let tables be dropped and made again without touching the rows of others.

    SQLite deletes the rows of a table that it drops, and does what their foreign keys say. It
    changes its mind about foreign keys between transactions only, so none may have begun.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = await connection.get_raw_connection()
    await raw.driver_connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        await raw.driver_connection.execute("PRAGMA foreign_keys = ON")


def _complete_mathematics(connection: Any) -> None:
    """Some builds of SQLite lack the functions with which triggers place clinics in space."""
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM pragma_function_list WHERE name = 'radians'")
    present = cursor.fetchone()[0]
    cursor.close()
    if not present:
        for function in (math.sin, math.cos, math.sqrt, math.radians):
            connection.create_function(function.__name__, 1, function, deterministic=True)


_DEADLINE = "vetcore_deadline"

UNLIMITED = "vetcore_unlimited"
"""Execution option of a SQLite connection whose statements may take as long as they like."""


def _limit_statements(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    """SQLite has no statement timeout; its progress handler may interrupt."""

    def overdue() -> bool:
        deadline: float = record.info.get(_DEADLINE, math.inf)
        return time.monotonic() > deadline

    connection.set_progress_handler(overdue, _SQLITE_INSTRUCTIONS_BETWEEN_LOOKS_AT_THE_CLOCK)


def _start_the_clock(engine: AsyncEngine, seconds: float) -> None:
    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _(connection: Connection, *_: Any) -> None:
        unlimited: bool = connection.get_execution_options().get(UNLIMITED, False)
        connection.info[_DEADLINE] = math.inf if unlimited else time.monotonic() + seconds
