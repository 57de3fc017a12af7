"""Makes databases for tests quickly: one is migrated, and the others are its copies.

Copying a PostgreSQL database takes longer than most tests do. So a database that a test gives back
is emptied and serves the next test, unless more than rows was changed in it.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import make_url

from vetcore.database import Database, Session
from vetcore.testing import emptying
from vetcore.testing.connections import KeptDatabases
from vetcore.testing.isolation import IsolatedSessions
from vetcore.testing.maintenance import PREFIX, Maintenance
from vetcore.testing.restoring import Restorer

__all__ = ["Migrate", "ScratchDatabases"]

Migrate = Callable[[Database], Awaitable[None]]


class ScratchDatabases:
    """Makes migrated databases without rows for tests, and takes them back.

    Args:
        directory: where SQLite's files go.
        server: gives the URL of a PostgreSQL server's maintenance database; it is called when the
            first PostgreSQL database is wanted.
        migrate: prepares a new database; ``Database.migrate`` where it is not given.
        run: processes that give the same name prepare one PostgreSQL database among them, and copy
            it; a name of its own where it is not given.
    """

    def __init__(
        self,
        directory: Path,
        server: Callable[[], str],
        migrate: Migrate = Database.migrate,
        *,
        run: str | None = None,
    ) -> None:
        self._directory = directory
        self._start_server = server
        self._migrate = migrate
        self._run = run or uuid4().hex
        self._server: str | None = None
        self._maintenance: Maintenance | None = None
        self._templates: dict[str, str] = {}
        self._made: emptying.State | None = None
        self._spare: dict[str, list[str]] = {"sqlite": [], "postgresql": []}
        self._kept = KeptDatabases()
        self._restorer: Restorer | None = None
        self._emptiers: dict[str, asyncpg.Connection[Any]] = {}
        self._isolated = IsolatedSessions(self._for_isolation)

    async def empty(self, engine: str) -> str:
        """Return the URL of a new database without a table."""
        url = self._new(engine)
        if engine == "postgresql":
            await self._server_side.execute(f'CREATE DATABASE "{_name(url)}"')
        return url

    async def migrated(self, engine: str) -> str:
        """Return the URL of a migrated database without rows. Give it back when it is not used.

        Raises:
            ConfigurationError: there is no PostgreSQL server, nor can one be started.
        """
        if self._spare[engine]:
            return self._spare[engine].pop()
        template = _name(await self._template(engine))
        url = self._new(engine)
        if engine == "sqlite":
            shutil.copy(template, _name(url))
            return url
        await self._server_side.copy(template, _name(url))
        if self._made is None:
            connection = await asyncpg.connect(url)
            self._made = await emptying.state_of(connection)
            await connection.close()
        return url

    async def give_back(self, url: str) -> None:
        """Take a migrated database back. Another test gets it if that can do no harm."""
        if _on_postgresql(url):
            serves_again = await self._server_side.away(self._emptied(url))
        else:
            serves_again = self._kept.holds(url) and await self._restored(_name(url))
        if serves_again:
            self._spare["postgresql" if _on_postgresql(url) else "sqlite"].append(url)
        else:
            await self.drop(url)

    def connected(
        self, url: str, prepare: Callable[[Database], object] = bool
    ) -> AbstractAsyncContextManager[Database]:
        """Return a connected ``Database`` for a test, on a database that is given back after it.

        The next test on that database has the same ``Database`` and its connections, put back to
        what they were; what cannot be put back is closed.

        Args:
            url: of :meth:`migrated`.
            prepare: called with a ``Database`` that is new.
        """
        return self._kept.connected(url, prepare)

    async def drop(self, url: str) -> None:
        """Remove a database for good."""
        await self._kept.forget(url)
        if _on_postgresql(url):
            await self._server_side.drop(_name(url))
            return
        if self._restorer is not None:
            self._restorer.forget(_name(url))
        for suffix in ("", "-wal", "-shm"):
            Path(_name(url) + suffix).unlink(missing_ok=True)  # noqa: ASYNC240 -- quick

    def isolated_session(self, engine: str) -> AbstractAsyncContextManager[Session]:
        """Return a session in a surrounding transaction that undoes whatever the session commits.

        SQLite is in memory. The connection is kept for the next session.
        """
        return self._isolated.session(engine)

    def close(self) -> None:
        """Remove what is left. It may be called within an event loop or without one."""
        maintenance, self._maintenance = self._maintenance, None

        async def remove() -> None:
            await self._isolated.close()
            if self._restorer is not None:
                self._restorer.close()
            if maintenance is not None:
                await maintenance.away(self._no_longer_emptying())
            if "sqlite" in self._templates:
                await self.drop(self._templates["sqlite"])
            if maintenance is not None:
                await maintenance.leave()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, remove()).result()
        if maintenance is not None:
            maintenance.close()

    async def _for_isolation(self, engine: str) -> str:
        return await (self._template(engine) if engine == "sqlite" else self.migrated(engine))

    async def _template(self, engine: str) -> str:
        if engine not in self._templates:
            made = self._sqlite_template() if engine == "sqlite" else self._postgresql_template()
            self._templates[engine] = await made
        return self._templates[engine]

    async def _sqlite_template(self) -> str:
        url = self._new("sqlite")
        async with Database(url) as db:
            await self._migrate(db)
        return url

    async def _postgresql_template(self) -> str:
        server = self._server_side
        await server.remove_stale()
        name = f"{PREFIX}{server.run}_{_signature(self._migrate)}"
        making = f"{name}_making"
        async with server.alone():
            if not await server.fetch("SELECT FROM pg_database WHERE datname = $1", name):
                await server.drop(making)
                await server.execute(f'CREATE DATABASE "{making}"')
                async with Database(self._url("postgresql", making)) as db:
                    await self._migrate(db)
                await server.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
        return self._url("postgresql", name)

    async def _emptied(self, url: str) -> bool:
        """Over a connection that is kept: most of the time would go into making one."""
        connection, emptied = self._emptiers.pop(url, None), False
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError):  # it is dropped, then
            connection = connection or await emptying.connect(url)
            emptied = self._made is not None and await emptying.empty(connection, self._made)
        if connection is None:
            return False
        if emptied:
            self._emptiers[url] = connection
        else:
            connection.terminate()
        return emptied

    async def _restored(self, path: str) -> bool:
        if self._restorer is None:
            self._restorer = Restorer(_name(await self._template("sqlite")))
        return self._restorer.restored(path)

    async def _no_longer_emptying(self) -> None:
        while self._emptiers:
            await self._emptiers.popitem()[1].close()

    @property
    def server(self) -> str:
        """The URL of the PostgreSQL server's maintenance database. Reading it starts the server."""
        if self._server is None:
            self._server = self._start_server()
        return self._server

    @property
    def _server_side(self) -> Maintenance:
        if self._maintenance is None:
            self._maintenance = Maintenance(
                self._url("postgresql", _name(self.server)), run=self._run
            )
        return self._maintenance

    def _new(self, engine: str) -> str:
        name = uuid4().hex[:12]
        if engine == "postgresql":
            name = f"{PREFIX}{self._server_side.run}_{name}"
        return self._url(engine, name)

    def _url(self, engine: str, name: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{self._directory / name}.db"
        server = make_url(self.server).set(drivername="postgresql", database=name)
        return server.render_as_string(hide_password=False)


def _name(url: str) -> str:
    return make_url(url).database or ""


def _on_postgresql(url: str) -> bool:
    return make_url(url).drivername.startswith("postgresql")


def _signature(migrate: Migrate) -> str:
    """What tells two ways of preparing a database apart, in every process of a run."""
    named = getattr(migrate, "__qualname__", type(migrate).__qualname__)
    return f"template_{sha256(f'{migrate.__module__}.{named}'.encode()).hexdigest()[:8]}"
