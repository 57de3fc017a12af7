"""Cancels work on the database at random moments, once or twice, on both engines.

Each case does a few transactions at once on a database of two engines' worth: inserts, savepoints,
long statements, streams, replays, commits. Some are cancelled by a time-out, some by two
cancellations in quick succession, as frameworks send them, some again and again. Afterwards no
connection is checked out, another connection can write at once, every transaction is there whole or
not at all, and whatever was acknowledged is there.
"""

import asyncio
import logging
import random
import sqlite3
import tempfile
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import text

from vetcore.database import Database, Session
from vetcore.errors import DatabaseError
from vetcore.settings import DatabaseSettings
from vetcore.testing.servers import running_test_server

__all__ = ["CI_COUNT", "Prepared", "attempt", "prepared"]

CI_COUNT = 40

_LONG = {
    "postgresql": "SELECT pg_sleep(20)",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000000000)"
    " SELECT count(*) FROM n",
}
_LONG_WRITE = {
    "postgresql": "INSERT INTO trial SELECT {case}, {work}, n FROM"
    " generate_series(1000, 1000) n, pg_sleep(20)",
    "sqlite": "INSERT INTO trial SELECT {case}, {work}, x FROM (WITH RECURSIVE n(x) AS"
    " (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000000000) SELECT max(x) AS x FROM n)",
}
_MANY = {
    "postgresql": "SELECT n FROM generate_series(1, 5000) n",
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 5000)"
    " SELECT x FROM n",
}
_ROWS = 3
_IN_TIME = 2.0
"""Seconds within which a cancellation is answered, on a machine that is busy with other things."""


@dataclass
class Prepared:
    """A database of each engine, and what asyncio and SQLAlchemy complain of meanwhile."""

    databases: dict[str, Database]
    complaints: list[str] = field(default_factory=list[str])
    case: int = 0


@asynccontextmanager
async def prepared() -> AsyncGenerator[Prepared]:
    """Databases with one table, and a listener to what is logged behind our back."""
    settings = DatabaseSettings(
        pool_size=3, max_overflow=1, pool_timeout=10, lock_timeout=2, statement_timeout=60
    )
    with tempfile.TemporaryDirectory() as directory, running_test_server() as server:
        databases = {
            "sqlite": Database(f"sqlite:///{directory}/trial.db", settings=settings),
            "postgresql": Database(server, settings=settings),
        }
        made = Prepared(databases)
        loop = asyncio.get_running_loop()
        before = loop.get_exception_handler()
        loop.set_exception_handler(lambda _, context: made.complaints.append(context["message"]))
        handler = _Listening(made.complaints)
        logging.getLogger("sqlalchemy").addHandler(handler)
        logging.getLogger("asyncio").addHandler(handler)
        try:
            for db in databases.values():
                async with db.transaction() as session:
                    await session.execute(text("DROP TABLE IF EXISTS trial"))
                    await session.execute(
                        text("CREATE TABLE trial (attempt bigint, work int, line bigint)")
                    )
            yield made
        finally:
            for db in databases.values():
                await db.close()
            logging.getLogger("sqlalchemy").removeHandler(handler)
            logging.getLogger("asyncio").removeHandler(handler)
            loop.set_exception_handler(before)


class _Listening(logging.Handler):
    def __init__(self, complaints: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._complaints = complaints

    def emit(self, record: logging.LogRecord) -> None:
        self._complaints.append(record.getMessage())


async def attempt(prepared: Prepared, chance: random.Random) -> None:
    """One case on one of the engines: some work at once, some of it cancelled."""
    engine = chance.choice(["sqlite", "postgresql"])
    db = prepared.databases[engine]
    prepared.case += 1
    prepared.complaints.clear()
    count = chance.choice([1, 1, 2, 3])
    works = [_Work(db, engine, prepared.case, number, chance) for number in range(count)]
    told = f"{engine}: {'; '.join(map(str, works))}"
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        await asyncio.gather(*(work.do() for work in works))
        await _nothing_is_held(db, engine, prepared.case, told)
    for work in works:
        await _whole_or_not_at_all(db, work, told)
    complaints = [*prepared.complaints, *(str(each.message) for each in warned)]
    assert not complaints, f"{told}: {complaints}"


class _Work:
    """One transaction, and how it is disturbed."""

    def __init__(
        self, db: Database, engine: str, case: int, number: int, chance: random.Random
    ) -> None:
        self.db, self.engine, self.case, self.number = db, engine, case, number
        self.kind = chance.choice(
            ["commit", "run", "long", "long write", "savepoint", "stream", "read", "trial", "group"]
        )
        self.how = chance.choice(["once", "twice", "again and again", "time-out", "never"])
        if self.kind.startswith("long") and self.how == "never":
            self.how = "time-out"
        self.after = chance.choice([0, 1, 2, 3, 5, 8]) if chance.getrandbits(1) else None
        self.seconds = chance.uniform(0, 0.02)
        self.between = chance.randrange(4)
        self.acknowledged = False

    def __str__(self) -> str:
        moment = f"{self.after} turns" if self.after is not None else f"{self.seconds:.4f} s"
        return f"{self.kind} cancelled {self.how} after {moment}, then {self.between}"

    async def do(self) -> None:
        loop = asyncio.get_running_loop()
        if self.how == "time-out":
            cancelled_at = loop.time() + self.seconds
            try:
                async with asyncio.timeout(self.seconds):
                    await self._work()
            except (TimeoutError, DatabaseError):
                pass
        else:
            task = asyncio.create_task(self._work())
            await self._moment()
            cancelled_at = loop.time()
            await self._disturb(task)
            if self.how != "never":
                await asyncio.wait([task], timeout=30)
            with suppress(asyncio.CancelledError, DatabaseError):
                await task
        if self.how != "never":
            took = loop.time() - cancelled_at
            assert took < _IN_TIME, f"{self}: answered after {took:.2f} s"

    async def _moment(self) -> None:
        if self.after is None:
            await asyncio.sleep(self.seconds)
            return
        for _ in range(self.after):
            await asyncio.sleep(0)

    async def _disturb(self, task: asyncio.Task[None]) -> None:
        if self.how in {"once", "twice"}:
            task.cancel()
        if self.how == "twice":
            for _ in range(self.between):
                await asyncio.sleep(0)
            task.cancel()
        while self.how == "again and again" and not task.done():
            task.cancel()
            await asyncio.sleep(0)

    async def _work(self) -> None:
        works: dict[str, Callable[[], Awaitable[None]]] = {
            "commit": self._commit,
            "run": self._run,
            "long": self._long,
            "long write": self._long_write,
            "savepoint": self._savepoint,
            "stream": self._stream,
            "read": self._read,
            "trial": self._trial,
            "group": self._group,
        }
        await works[self.kind]()

    async def _insert(self, session: Session, rows: int = _ROWS) -> None:
        for line in range(rows):
            await session.execute(
                text("INSERT INTO trial VALUES (:case, :work, :line)"),
                {"case": self.case, "work": self.number, "line": line},
            )

    async def _commit(self) -> None:
        async with self.db.transaction() as session:
            await self._insert(session)
        self.acknowledged = True

    async def _run(self) -> None:
        await self.db.run(self._insert)
        self.acknowledged = True

    async def _long(self) -> None:
        async with self.db.transaction() as session:
            await self._insert(session)
            await session.execute(text(_LONG[self.engine]))

    async def _long_write(self) -> None:
        async with self.db.transaction() as session:
            await self._insert(session)
            statement = _LONG_WRITE[self.engine].format(case=self.case, work=self.number)
            await session.execute(text(statement))

    async def _savepoint(self) -> None:
        async with self.db.transaction() as session:
            async with session.begin_nested():
                await self._insert(session, 1)
            async with session.begin_nested() as undone:
                await self._insert(session)
                await undone.rollback()
            for line in range(1, _ROWS):
                async with session.begin_nested():
                    await session.execute(
                        text("INSERT INTO trial VALUES (:case, :work, :line)"),
                        {"case": self.case, "work": self.number, "line": line},
                    )
        self.acknowledged = True

    async def _stream(self) -> None:
        async with self.db.transaction() as session:
            await self._insert(session)
            seen = 0
            async for _ in await session.stream(text(_MANY[self.engine])):
                seen += 1
                if seen % 500 == 0:
                    await asyncio.sleep(0)
        self.acknowledged = True

    async def _read(self) -> None:
        async with self.db.session() as session:
            await session.execute(text("SELECT count(*) FROM trial"))
            await session.execute(text(_LONG[self.engine] if self.how != "never" else "SELECT 1"))

    async def _trial(self) -> None:
        async with self.db.trial() as session:
            await self._insert(session)
            await session.commit()

    async def _group(self) -> None:
        async with asyncio.TaskGroup() as group, self.db.transaction() as session:
            await group.create_task(self._insert(session))
        self.acknowledged = True


async def _nothing_is_held(db: Database, engine: str, case: int, told: str) -> None:
    health = await db.health()
    assert health.ok, f"{told}: {health.error}"
    assert health.pool.in_use == 0, f"{told}: {health.pool.in_use} connections are checked out"
    assert health.sessions == 0, f"{told}: {health.sessions} sessions are open"
    statement = f"INSERT INTO trial VALUES ({case}, -1, 0)"  # noqa: S608 -- a number
    if engine == "sqlite":
        other = sqlite3.connect(str(db.url.database), timeout=0, isolation_level=None)
        try:
            other.execute(statement)
        except sqlite3.OperationalError as error:
            message = f"{told}: another connection cannot write: {error}"
            raise AssertionError(message) from error
        finally:
            other.close()
        return
    connection: Any = await asyncpg.connect(db.url.set(drivername="postgresql").render_as_string())
    try:
        await connection.execute("SET lock_timeout = '1ms'")
        await connection.execute(statement)
        locks = await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE relation = 'trial'::regclass"
            " AND pid <> pg_backend_pid()"
        )
        assert locks == 0, f"{told}: {locks} locks are held"
    finally:
        await connection.close()


async def _whole_or_not_at_all(db: Database, work: _Work, told: str) -> None:
    async with db.session() as session:
        found = await session.scalar(
            text("SELECT count(*) FROM trial WHERE attempt = :case AND work = :work"),
            {"case": work.case, "work": work.number},
        )
    assert found in {0, _ROWS}, f"{told}: {found} rows of {work}"
    assert found == _ROWS or not work.acknowledged, f"{told}: {work} was acknowledged, and is lost"
    if work.kind in {"long", "long write", "read", "trial"}:
        assert found == 0, f"{told}: {work} was never committed, and is there"
