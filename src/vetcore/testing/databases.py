"""Databases for tests, made quickly: one is migrated, the others are copies, and copies serve again.

Copying a PostgreSQL database takes longer than most tests do. One that a test gives back is emptied
and serves the next test, unless more than rows was changed in it.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from vetcore.database import Database, Session
from vetcore.errors import ConfigurationError
from vetcore.testing.emptying import State, empty, state_of

__all__ = ["Migrate", "ScratchDatabases", "running_test_server"]

Migrate = Callable[[Database], Awaitable[None]]

URL_VARIABLE = "VETCORE_TEST_POSTGRESQL_URL"
_PREFIX = "vetcore_test_"
_STALE_SECONDS = 24 * 60 * 60


@contextmanager
def running_test_server() -> Generator[str]:
    """The URL of a PostgreSQL server's maintenance database, for the length of the block.

    The server that ``VETCORE_TEST_POSTGRESQL_URL`` names, whose user may create databases; else one
    of our own from the binaries of this machine or of the extra ``postgres-binaries``; else a
    container, where ``testcontainers`` is installed and Docker runs.

    Raises:
        ConfigurationError: there is none of these; it says what would help.
    """
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield given
        return
    from vetcore.database.embedded import running_postgresql  # noqa: PLC0415 -- where it is needed

    with ExitStack() as stack:
        try:
            url = stack.enter_context(running_postgresql()).url("postgres")
        except ConfigurationError as error:
            url = stack.enter_context(_container(error))
        yield url


@contextmanager
def _container(without: ConfigurationError) -> Generator[str]:
    try:
        from testcontainers.postgres import PostgresContainer  # noqa: PLC0415 -- if it is there
    except ImportError:
        message = (
            f"{without.message}. Or name a server in {URL_VARIABLE}, or install testcontainers"
        )
        raise ConfigurationError(message, setting=URL_VARIABLE) from without
    with PostgresContainer("postgres:18-alpine", driver=None) as container:
        yield container.get_connection_url()


class ScratchDatabases:
    """Makes migrated databases for tests, without a row, and takes them back.

    Args:
        directory: where SQLite's files go.
        server: gives the URL of a PostgreSQL server's maintenance database; it is called when the
            first PostgreSQL database is wanted.
        migrate: prepares a new database; ``Database.migrate`` where it is not given.
    """

    def __init__(
        self, directory: Path, server: Callable[[], str], migrate: Migrate = Database.migrate
    ) -> None:
        self._directory = directory
        self._start_server = server
        self._migrate = migrate
        self._server: str | None = None
        self._templates: dict[str, str] = {}
        self._made: State | None = None
        self._spare: list[str] = []
        self._shared: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Shared]] = (
            WeakKeyDictionary()
        )

    async def empty(self, engine: str) -> str:
        """The URL of a new database without a table."""
        url = self._url(engine, f"{_PREFIX}{int(time.time()):x}_{uuid4().hex[:12]}")
        if engine == "postgresql":
            await self._execute(f'CREATE DATABASE "{_name(url)}"')
        return url

    async def migrated(self, engine: str) -> str:
        """The URL of a migrated database without a row; give it back when it is no longer used.

        Raises:
            ConfigurationError: there is no PostgreSQL server, nor can one be started.
        """
        if engine == "postgresql" and self._spare:
            return self._spare.pop()
        if engine not in self._templates:
            self._templates[engine] = await self._template(engine)
        template = _name(self._templates[engine])
        url = self._url(engine, f"{_PREFIX}{int(time.time()):x}_{uuid4().hex[:12]}")
        if engine == "sqlite":
            shutil.copy(template, _name(url))
        else:
            await self._execute(f'CREATE DATABASE "{_name(url)}" TEMPLATE "{template}"')
        return url

    async def give_back(self, url: str) -> None:
        """Take a migrated database back, for another test where that can do no harm."""
        if make_url(url).drivername.startswith("postgresql") and await self._emptied(url):
            self._spare.append(url)
        else:
            await self.drop(url)

    async def drop(self, url: str) -> None:
        """Remove a database for good."""
        if make_url(url).drivername.startswith("postgresql"):
            await self._execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')
            return
        for suffix in ("", "-wal", "-shm"):
            Path(_name(url) + suffix).unlink(missing_ok=True)  # noqa: ASYNC240 -- quick

    @asynccontextmanager
    async def isolated_session(self, engine: str) -> AsyncGenerator[Session]:
        """A session in a surrounding transaction, which takes back whatever it commits.

        SQLite is in memory. The connection is kept for the next session of the same event loop.
        """
        loop = asyncio.get_running_loop()
        kept = self._shared.setdefault(loop, {})
        if engine not in kept:
            kept[engine] = await _Shared.open(self._connection(engine))
        async with kept[engine].connection.begin() as surrounding:
            session = Session(
                kept[engine].connection,
                expire_on_commit=False,
                join_transaction_mode="create_savepoint",
            )
            try:
                yield session
            finally:
                await session.close()
                await surrounding.rollback()

    def close(self) -> None:
        """Remove what is left; from outside of any event loop or in one."""

        async def remove() -> None:
            for url in [*self._spare, *self._templates.values()]:
                await self.drop(url)

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, remove()).result()

    async def _connection(self, engine: str) -> AsyncGenerator[AsyncConnection]:
        url = "sqlite:///:memory:" if engine == "sqlite" else await self.migrated(engine)
        try:
            async with Database(url) as db:
                if engine == "sqlite":
                    await self._migrate(db)
                async with db.engine.connect() as connection:
                    yield connection
        finally:
            if engine == "postgresql":
                await self.drop(url)

    async def _template(self, engine: str) -> str:
        if engine == "postgresql":
            await self._remove_stale()
        url = await self.empty(engine)
        async with Database(url) as db:
            await self._migrate(db)
        if engine == "postgresql":
            connection = await asyncpg.connect(url)
            self._made = await state_of(connection)
            await connection.close()
        return url

    async def _emptied(self, url: str) -> bool:
        connection = await asyncpg.connect(url)
        try:
            return self._made is not None and await empty(connection, self._made)
        except asyncpg.PostgresError:
            return False
        finally:
            await connection.close()

    async def _remove_stale(self) -> None:
        """What runs that were killed have left on a server that outlives them."""
        connection = await asyncpg.connect(self._url("postgresql", _name(self.server)))
        try:
            for (name,) in await connection.fetch(
                "SELECT datname FROM pg_database WHERE datname LIKE $1", f"{_PREFIX}%"
            ):
                made = name.removeprefix(_PREFIX).partition("_")[0]
                if time.time() - int(made, 16) > _STALE_SECONDS:
                    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()

    @property
    def server(self) -> str:
        """The URL of the PostgreSQL server's maintenance database; it is started if need be."""
        if self._server is None:
            self._server = self._start_server()
        return self._server

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url("postgresql", _name(self.server)))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _url(self, engine: str, name: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{self._directory / name}.db"
        server = make_url(self.server).set(drivername="postgresql", database=name)
        return server.render_as_string(hide_password=False)


class _Shared:
    """A connection that ends with its event loop, which closes what generators hold open."""

    def __init__(
        self, connection: AsyncConnection, keeper: AsyncGenerator[AsyncConnection]
    ) -> None:
        self.connection = connection
        self._keeper = keeper

    @classmethod
    async def open(cls, keeper: AsyncGenerator[AsyncConnection]) -> "_Shared":
        return cls(await anext(keeper), keeper)


def _name(url: str) -> str:
    return make_url(url).database or ""
