"""Connected databases that serve one test after the other, since connecting takes long.

What a connection remembers is reset, or the connection is closed. Only the driver's prepared
statements are kept: they hold no data, and PostgreSQL plans them again when anything changes.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from weakref import WeakKeyDictionary

import asyncpg

from vetcore.database import Database
from vetcore.database.pool import FairPool
from vetcore.values.signatures import TEST_KEYS

__all__ = ["KeptDatabases"]

_MOST = 4
"""Connections that are put back for the next test; who has opened more has them closed."""

_AS_CONNECTED = """
    SET SESSION AUTHORIZATION DEFAULT; DISCARD SEQUENCES; DISCARD TEMP;
    SELECT FROM pg_prepared_statements WHERE from_sql
"""
"""What ``DISCARD ALL`` does beyond the driver's own ``reset``; and whether a test has prepared."""

_PRAGMAS = (
    "analysis_limit",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "cell_size_check",
    "checkpoint_fullfsync",
    "count_changes",
    "defer_foreign_keys",
    "empty_result_callbacks",
    "full_column_names",
    "fullfsync",
    "ignore_check_constraints",
    "journal_mode",
    "legacy_alter_table",
    "locking_mode",
    "max_page_count",
    "read_uncommitted",
    "recursive_triggers",
    "reverse_unordered_selects",
    "secure_delete",
    "short_column_names",
    "synchronous",
    "temp_store",
    "threads",
    "trusted_schema",
    "wal_autocheckpoint",
    "writable_schema",
)
_OF_A_CONNECTION = {"query_only": False, "foreign_keys": True}
"""Pragmas that a transaction sets as it needs them: how they are on a new connection."""
_REMEMBERED = (
    "SELECT group_concat(name || narg) FROM pragma_function_list WHERE NOT builtin",
    "SELECT group_concat(name) FROM pragma_collation_list",
    "SELECT group_concat(name) FROM pragma_database_list WHERE name <> 'temp'",
    "SELECT count(*) FROM sqlite_temp_master",
)


class _Kept:
    """A database, and what it was like before the first test had it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._like: tuple[Any, ...] = _likeness(db)
        self._settings: tuple[Any, ...] = ()

    async def connect(self) -> None:
        """See how a connection of SQLite is while it is new."""
        if self.db.dialect == "sqlite":
            driver = next(iter(self._connections()))[1]
            self._settings = await driver._execute(_settings, driver._conn)  # noqa: SLF001

    async def is_as_new(self) -> bool:
        """Put back what a test has left behind; False if that cannot be done."""
        inside: Any = self.db
        busy = any(pool.checkedout() for pool in _pools(self.db)) or inside._activity.count  # noqa: SLF001
        connections = list(self._connections())
        if busy or not 0 < len(connections) <= _MOST or _likeness(self.db) != self._like:
            return False
        for info, _ in connections:
            for name in info.keys() - _OF_A_CONNECTION:
                del info[name]
        put_back = self._sqlite if self.db.dialect == "sqlite" else self._postgresql
        return all([await put_back(info, driver) for info, driver in connections])

    async def _postgresql(self, _: dict[Any, Any], driver: Any) -> bool:
        if driver.is_closed() or driver.is_in_transaction():
            return False
        try:
            await driver.reset()
            return bool(await driver.execute(_AS_CONNECTED) == "SELECT 0")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False

    async def _sqlite(self, info: dict[Any, Any], driver: Any) -> bool:
        if not driver.is_open or driver._conn.in_transaction or driver._cursors:  # noqa: SLF001
            return False
        told = await driver._execute(_settings, driver._conn)  # noqa: SLF001
        varying = await driver._execute(_pragmas, driver._conn, _OF_A_CONNECTION)  # noqa: SLF001
        wanted = [int(info.get(name, new)) for name, new in _OF_A_CONNECTION.items()]
        return bool(told == self._settings and list(varying) == wanted)

    def _connections(self) -> Iterator[tuple[dict[Any, Any], Any]]:
        for pool in _pools(self.db):
            for record in pool.resting:
                if record.dbapi_connection is not None:
                    yield record.info, record.driver_connection


class KeptDatabases:
    """Connects to databases. A database that is connected again is as if it were new."""

    def __init__(self) -> None:
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _OfLoop] = WeakKeyDictionary()

    @asynccontextmanager
    async def connected(
        self, url: str, prepare: Callable[[Database], object]
    ) -> AsyncGenerator[Database]:
        """Yield a connected ``Database``, which nobody else has in the meantime.

        Args:
            url: of the database.
            prepare: called with a new one.
        """
        kept = (await self._of_this_loop()).pop(url, None)
        if kept is None:
            db = Database(url, keys=TEST_KEYS)
            await db.wait()
            prepare(db)
            kept = _Kept(db)
            await kept.connect()
        try:
            yield kept.db
        except BaseException:
            await kept.db.close()
            raise
        if await kept.is_as_new():
            (await self._of_this_loop())[url] = kept
        else:
            await kept.db.close()

    def holds(self, url: str) -> bool:
        """Return whether there is a connected database for the running event loop."""
        loop = self._loops.get(asyncio.get_running_loop())
        return loop is not None and url in loop.kept

    async def forget(self, url: str) -> None:
        """Disconnect from a database."""
        loop = self._loops.get(asyncio.get_running_loop())
        kept = loop.kept.pop(url, None) if loop is not None else None
        if kept is not None:
            await kept.db.close()

    async def _of_this_loop(self) -> dict[str, _Kept]:
        loop = asyncio.get_running_loop()
        if loop not in self._loops:
            self._loops[loop] = await _OfLoop.open()
        return self._loops[loop].kept


class _OfLoop:
    """Databases that are closed with their event loop, which ends what generators hold open."""

    def __init__(self, kept: dict[str, _Kept], keeper: AsyncGenerator[dict[str, _Kept]]) -> None:
        self.kept = kept
        self._keeper = keeper

    @classmethod
    async def open(cls) -> "_OfLoop":
        keeper = _keep()
        return cls(await anext(keeper), keeper)


async def _keep() -> AsyncGenerator[dict[str, _Kept]]:
    kept: dict[str, _Kept] = {}
    try:
        yield kept
    finally:
        while kept:
            with suppress(Exception):
                await kept.popitem()[1].db.close()


def _pools(db: Any) -> list[FairPool]:
    engines = (db._engine, db._readers)  # noqa: SLF001
    return list(dict.fromkeys(cast("FairPool", engine.pool) for engine in engines))


def _likeness(db: Any) -> tuple[Any, ...]:
    """What a test might set, replace or listen to."""
    engines = [db._engine, db._readers, db._writing]  # noqa: SLF001
    sync = [engine.sync_engine for engine in engines]
    pools: list[Any] = [*_pools(db)]
    kept = cast("dict[str, Any]", vars(db))
    heard = {
        id(each.dispatch): each.dispatch
        for each in (*sync, *(engine.pool for engine in sync), *(engine.dialect for engine in sync))
    }
    return (
        *((name, id(value)) for name, value in sorted(kept.items())),
        *(id(engine.dialect) for engine in sync),
        *(id(engine.get_execution_options()) for engine in sync),
        *((each.size(), each._max_overflow, each._timeout, each._recycle) for each in pools),  # noqa: SLF001
        *(
            (name, *map(id, getattr(dispatch, name)))
            for dispatch in heard.values()
            for name in sorted(_own(dispatch)._event_names)  # noqa: SLF001
        ),
    )


def _own(dispatch: Any) -> Any:
    """What an engine hears of by itself, where it hears as well what another one does."""
    return _own(dispatch.local) if hasattr(dispatch, "local") else dispatch


def _settings(connection: sqlite3.Connection) -> tuple[Any, ...]:
    connection.set_trace_callback(None)
    connection.set_authorizer(None)
    asked = [connection.execute(each).fetchall() for each in _REMEMBERED]
    factories = (connection.row_factory, connection.text_factory, connection.isolation_level)
    return (*map(tuple, asked), *factories, *_pragmas(connection, _PRAGMAS))


def _pragmas(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[Any, ...]:
    asked = (connection.execute(f"PRAGMA {name}").fetchone() for name in names)
    return tuple(row and row[0] for row in asked)
