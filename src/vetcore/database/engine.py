"""Engines, with what each dialect needs to be connected properly."""

import math
from time import monotonic
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from typing_extensions import override

from vetcore.database.options import BEGIN, READ_ONLY, WITHOUT_FOREIGN_KEYS
from vetcore.database.pool import FairPool
from vetcore.database.sqlite_driver import (
    BUSY_SLICE,
    Connect,
    limit_statements,
    start_the_clock,
)
from vetcore.settings import DatabaseSettings

__all__ = ["make_engine", "reading_engine"]

_READ_JSON = from_json
"""Ten times as fast as ``json.loads`` on documents as small as ours: a clinic has six of them."""


def make_engine(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    """Return an engine for ``url`` with the pool, the timeouts and the pragmas of its dialect."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, settings)
    return _postgresql(url, settings)


def reading_engine(engine: AsyncEngine, settings: DatabaseSettings) -> AsyncEngine:
    """Return ``engine`` for transactions that only read. Listeners of ``engine`` hear of them too.

    On a SQLite file it has connections of its own, so that readers go beside the writer.
    """
    if engine.dialect.name == "postgresql":
        # The driver says so with BEGIN: it costs no message of its own.
        return engine.execution_options(**{READ_ONLY: True, "postgresql_readonly": True})
    if in_memory(engine.url):
        return engine.execution_options(**{READ_ONLY: True})
    writers: Any = engine.pool
    readers = writers.beside(size=settings.pool_size, overflow=settings.max_overflow)
    return AsyncEngine(_EngineBeside(engine.sync_engine, readers))


def in_memory(url: URL) -> bool:
    """Return whether a SQLite database lives in memory, and ends with its connection."""
    name = url.database or ":memory:"
    return ":memory:" in name or "mode=memory" in name or url.query.get("mode") == "memory"


class _EngineBeside(OptionEngine):
    """The same engine, with a pool of its own."""

    def __init__(self, proxied: Engine, pool: Pool) -> None:
        self._own_pool = pool
        super().__init__(proxied, {READ_ONLY: True})

    @property
    @override
    def pool(self) -> Pool:
        return self._own_pool

    @pool.setter
    def pool(self, pool: Pool) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self._own_pool = pool


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
    engine = create_async_engine(
        url.difference_update_query(["application_name", "connect_timeout"]),
        poolclass=FairPool,
        pool_size=settings.pool_size,
        max_overflow=settings.max_overflow,
        pool_timeout=settings.pool_timeout,
        pool_recycle=int(settings.pool_recycle),
        pool_use_lifo=True,
        echo=settings.echo,
        json_deserializer=_READ_JSON,
        connect_args={"timeout": timeout, "server_settings": server_settings},
    )
    if settings.pre_ping:
        _try_before_use(engine)
    return engine


def _try_before_use(engine: AsyncEngine) -> None:
    """Hand out no connection that is broken: the pool makes a new one in its place.

    One that was closed is known at once. One that has rested is asked: that takes three messages, so
    it is left out where it was used a moment ago.
    """

    @event.listens_for(engine.sync_engine, "checkout")
    def _(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        if monotonic() - record.info.get(_USED, 0.0) < _MOMENT:
            return
        try:
            engine.sync_engine.dialect.do_ping(connection)
        except engine.sync_engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    @event.listens_for(engine.sync_engine, "connect")
    @event.listens_for(engine.sync_engine, "checkin")
    def _(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_USED] = monotonic()


_USED: Final = "vetcore_used"
"""Key of the moment at which a connection was given back, in its record's ``info``."""

_MOMENT: Final = 1.0
"""Seconds after its last use for which a connection is taken to be as it was."""


def _sqlite(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    """One connection: SQLite has one writer, and waiting in a queue beats "database is locked"."""
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
        json_deserializer=_READ_JSON,
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
