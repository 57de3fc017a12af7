"""A connection to a PostgreSQL server that makes and removes databases during a test run.

The connection holds a lock, by which other processes see that the run is alive. The lock ends with
the process, however that ends. So what a killed run has left can be told from what is in use.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from hashlib import sha256
from threading import Thread
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import make_url

from vetcore.database.urls import masked
from vetcore.errors import ConfigurationError
from vetcore.testing.servers import URL_VARIABLE

__all__ = ["PREFIX", "Maintenance"]

T = TypeVar("T")

PREFIX = "vetcore_scratch_"
"""Of the name of every database that is made for tests; the run's name follows."""
_MADE = re.compile(rf"{PREFIX}([0-9a-f]{{12}})_")
_LIVING, _MAKING, _SWEEPING = 1_986_356_320, 1_986_356_321, 1_986_356_322
_OF_ALL = 0


class Maintenance:
    """Runs statements on a server from any event loop, by means of a thread and loop of its own.

    Whatever asks the server for the first time raises ``ConfigurationError`` if it cannot be reached.

    Args:
        url: of the server's maintenance database.
        run: what every process of this run calls it.
    """

    def __init__(self, url: str, run: str) -> None:
        self.run = sha256(run.encode()).hexdigest()[:12]
        self._url = url
        self._connection: asyncpg.Connection[Any] | None = None
        self._may_choose: bool | None = None
        self._turn = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="vetcore-testing", daemon=True)
        self._thread.start()

    async def away(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop of this thread, and return its result."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def execute(self, statement: str) -> None:
        """Run a statement that must not be within a transaction."""
        await self.away(self._execute(statement))

    async def fetch(self, statement: str, *values: object) -> list[Any]:
        """Return the rows of a query."""
        return await self.away(self._fetch(statement, *values))

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[None]:
        """Wait until no other process of the run is in such a block."""
        await self.fetch("SELECT pg_advisory_lock($1, $2)", _MAKING, _key(self.run))
        try:
            yield
        finally:
            await self.fetch("SELECT pg_advisory_unlock($1, $2)", _MAKING, _key(self.run))

    async def remove_stale(self) -> None:
        """Remove what earlier runs have left that ended without removing it."""
        if not await self._first("SELECT pg_try_advisory_lock($1, $2)", _SWEEPING, _OF_ALL):
            return
        try:
            names = await self._names(PREFIX)
            living = {
                key
                for (key,) in await self.fetch(
                    "SELECT objid::bigint FROM pg_locks"
                    " WHERE locktype = 'advisory' AND classid = $1::bigint::oid",
                    _LIVING,
                )
            }
            for name in names:
                made = _MADE.match(name)
                if made and made[1] != self.run and _key(made[1]) not in living:
                    await self.drop(name)
        finally:
            await self.fetch("SELECT pg_advisory_unlock($1, $2)", _SWEEPING, _OF_ALL)

    async def copy(self, template: str, name: str) -> None:
        """Create a database as a copy of another one, to which nobody is connected."""
        # The other strategy, which writes each page to the log as well, costs three times as much.
        choice = "STRATEGY file_copy" if await self._copies_files() else ""
        await self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {choice}')

    async def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        await self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def leave(self) -> None:
        """End this process's part in the run. The last one removes all that the run has made."""
        if self._connection is None:
            return
        mine = (_LIVING, _key(self.run))
        await self.fetch("SELECT pg_advisory_unlock_shared($1, $2)", *mine)
        if await self._first("SELECT pg_try_advisory_lock($1, $2)", *mine):
            for name in await self._names(f"{PREFIX}{self.run}_"):
                await self.drop(name)
        await self.away(self._connection.close())

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _copies_files(self) -> bool:
        """Whether the server may be told how to copy; before version 15 it knew one way."""
        if self._may_choose is None:
            version = await self._first("SELECT current_setting('server_version_num')::int")
            self._may_choose = bool(version >= 150_000)  # noqa: PLR2004
        return self._may_choose

    async def _names(self, prefix: str) -> list[str]:
        found = await self.fetch(
            "SELECT datname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba"
            " WHERE starts_with(datname, $1) AND rolname = current_user",
            prefix,
        )
        return [name for (name,) in found]

    async def _first(self, statement: str, *values: object) -> Any:
        return (await self.fetch(statement, *values))[0][0]

    async def _execute(self, statement: str) -> None:
        async with self._turn:
            await (await self._connected()).execute(statement)

    async def _fetch(self, statement: str, *values: object) -> list[Any]:
        async with self._turn:
            return await (await self._connected()).fetch(statement, *values)

    async def _connected(self) -> "asyncpg.Connection[Any]":
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection = await asyncpg.connect(self._url)
            except (OSError, asyncpg.PostgresError) as error:
                where = masked(make_url(self._url))
                message = f"The tests' PostgreSQL at {where} does not let us in: {error}"
                raise ConfigurationError(message, setting=URL_VARIABLE) from error
            await self._connection.fetch(
                "SELECT pg_advisory_lock_shared($1, $2)", _LIVING, _key(self.run)
            )
        return self._connection


def _key(run: str) -> int:
    """A run's name as the number of its lock."""
    return int(run[:7], 16)
