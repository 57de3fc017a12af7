"""Engines, with what each dialect needs to be connected properly."""

from time import monotonic
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.base import OptionEngine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from typing_extensions import override

from vetcore.database.options import READ_JSON, READ_ONLY
from vetcore.database.pool import FairPool
from vetcore.database.urls import in_memory
from vetcore.settings import DatabaseSettings

__all__ = ["make_engine", "reading_engine"]


def make_engine(url: URL, settings: DatabaseSettings) -> AsyncEngine:
    """Return an engine for ``url`` with the pool, the timeouts and the pragmas of its dialect."""
    if url.get_backend_name() == "sqlite":
        # A service on PostgreSQL needs neither SQLite nor a driver for it.
        from vetcore.database.sqlite_engine import sqlite_engine  # noqa: PLC0415

        return sqlite_engine(url, settings)
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
        json_deserializer=READ_JSON,
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
