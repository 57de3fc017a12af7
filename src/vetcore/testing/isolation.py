"""Sessions that leave nothing behind. They follow each other on a connection that is kept."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

import aiosqlite
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from vetcore.database import Database, Session
from vetcore.database.acting import KEYS
from vetcore.values.signatures import TEST_KEYS

__all__ = ["IsolatedSessions"]


class IsolatedSessions:
    """Sessions in a surrounding transaction, which undoes whatever they commit.

    SQLite's connection is to a copy in memory and serves every event loop; one of PostgreSQL serves
    the loop that it was made in.

    Args:
        prepare: gives the URL of a migrated database of the engine named: of SQLite, one to load
            into memory; of PostgreSQL, one to connect to.
    """

    def __init__(self, prepare: Callable[[str], Awaitable[str]]) -> None:
        self._prepare = prepare
        self._databases: dict[str, Database] = {}
        self._memory: AsyncConnection | None = None
        self._kept: WeakKeyDictionary[asyncio.AbstractEventLoop, _Kept] = WeakKeyDictionary()

    @asynccontextmanager
    async def session(self, engine: str) -> AsyncGenerator[Session]:
        """Yield a session. There must be no other session at the same time."""
        connection = await self._connection(engine)
        async with connection.begin() as surrounding:
            session = Session(
                connection,
                expire_on_commit=False,
                join_transaction_mode="create_savepoint",
                info={KEYS: TEST_KEYS},
            )
            try:
                yield session
            finally:
                await session.close()
                await surrounding.rollback()

    async def close(self) -> None:
        """Disconnect. It may be called from any event loop."""
        if self._memory is not None:
            await self._memory.close()
            self._memory = None
        while self._databases:
            await self._databases.popitem()[1].close()

    async def _connection(self, engine: str) -> AsyncConnection:
        if engine == "sqlite":
            # A statement that was cancelled takes its connection with it, and what was in memory.
            if self._memory is None or self._memory.invalidated:
                self._memory = await self._loaded()
            return self._memory
        loop = asyncio.get_running_loop()
        if loop not in self._kept:
            self._kept[loop] = await _Kept.open(self._connected())
        return self._kept[loop].connection

    async def _loaded(self) -> AsyncConnection:
        source = make_url(await self._prepare("sqlite"))
        db = self._databases.setdefault("sqlite", Database("sqlite:///:memory:"))
        if self._memory is not None:
            await self._memory.close()
        connection = await db.engine.connect()
        target = await connection.get_raw_connection()
        async with aiosqlite.connect(source.database or "") as file:
            await file.backup(target.driver_connection)  # type: ignore[arg-type]
        return connection

    async def _connected(self) -> AsyncGenerator[AsyncConnection]:
        if "postgresql" not in self._databases:
            self._databases["postgresql"] = Database(await self._prepare("postgresql"))
        engine = self._databases["postgresql"].engine
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()  # what is in its pool is of no use to another loop


class _Kept:
    """A connection that ends with its event loop, which closes what generators hold open."""

    def __init__(
        self, connection: AsyncConnection, keeper: AsyncGenerator[AsyncConnection]
    ) -> None:
        self.connection = connection
        self._keeper = keeper

    @classmethod
    async def open(cls, keeper: AsyncGenerator[AsyncConnection]) -> "_Kept":
        return cls(await anext(keeper), keeper)
