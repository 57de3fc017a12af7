"""SQLite's engine: pragmas, transactions that begin when they should, and statements with a limit."""

import math
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from vetcore.database.options import (
    BEGIN,
    READ_JSON,
    READ_ONLY,
    WITHOUT_FOREIGN_KEYS,
)
from vetcore.database.pool import FairPool
from vetcore.database.sqlite_driver import (
    BUSY_SLICE,
    Connect,
    limit_statements,
    start_the_clock,
)
from vetcore.database.urls import in_memory
from vetcore.settings import DatabaseSettings

__all__ = ["sqlite_engine"]


def sqlite_engine(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    """Return an engine for ``url`` with one connection for writers.

    SQLite has one writer, and a queue in front of it is better than "database is locked".
    """
    patience = settings.lock_timeout or math.inf
    engine = create_async_engine(
        url,
        connect_args={
            # An in-memory database is opened in one thread and used in the driver's own.
            "check_same_thread": False,
            "async_creator_fn": Connect(lock_timeout=patience, in_memory=in_memory(url)),
        },
        poolclass=FairPool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
        echo=settings.echo,
        json_deserializer=READ_JSON,
    )
    busy = int(min(patience, BUSY_SLICE) * 1000)

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
            "query_only = OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        _complete_mathematics(connection)
        if settings.statement_timeout:
            limit_statements(connection.driver_connection, record)

    event.listen(engine.sync_engine, "begin", _begin)
    if settings.statement_timeout:
        start_the_clock(engine.sync_engine, settings.statement_timeout)
    return engine


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    wanted = {
        "query_only": options.get(READ_ONLY, False),
        "foreign_keys": not options.get(WITHOUT_FOREIGN_KEYS, False),
    }
    # Of the transactions that a connection serves in turn, it is told only what changes.
    for pragma, on in wanted.items():
        if connection.info.get(pragma, pragma == "foreign_keys") is not on:
            connection.exec_driver_sql(f"PRAGMA {pragma} = {int(on)}")
            connection.info[pragma] = on
    connection.exec_driver_sql(f"BEGIN {options.get(BEGIN, 'DEFERRED')}")


def _complete_mathematics(connection: Any) -> None:
    """Some builds of SQLite lack the functions with which triggers place clinics in space."""
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM pragma_function_list WHERE name = 'radians'")
    present = cursor.fetchone()[0]
    cursor.close()
    if not present:
        for function in (math.sin, math.cos, math.sqrt, math.radians):
            connection.create_function(function.__name__, 1, function, deterministic=True)
