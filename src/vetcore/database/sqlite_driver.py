"""A connection to SQLite that may be cancelled at any moment.

A statement runs in a thread of its connection. When the waiting task is cancelled, aiosqlite lets
the statement run on, and its write lock stays. Here, a cancellation interrupts the statement, and
is raised when the thread has stopped.
"""

import asyncio
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Self
from weakref import WeakSet

import aiosqlite
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry
from typing_extensions import override

from vetcore.database.cancellation import undisturbed
from vetcore.database.options import UNLIMITED

__all__ = [
    "BUSY_SLICE",
    "Connect",
    "SqliteConnection",
    "SqliteCursor",
    "limit_statements",
    "start_the_clock",
]

BUSY_SLICE: Final = 0.1
"""Seconds for which SQLite itself waits for a lock: it cannot be interrupted while it does."""

_BETWEEN_INTERRUPTS: Final = 0.005
_BETWEEN_TRIES: Final = 0.005
_BETWEEN_LOOKS_AT_THE_CLOCK: Final = 20_000
"""In SQLite's own instructions."""

_DEADLINE: Final = "vetcore_deadline"
_AHEAD: Final = 256
"""Rows that are fetched in advance; a stream of more comes as it is asked for."""
_PRIMARY_CODE: Final = 0xFF
_ENDINGS: Final = frozenset({"_settle", "_let_go", "close"})
"""Calls that are finished though their task is cancelled: they are short, and must be whole."""


class SqliteConnection(aiosqlite.Connection):
    """A connection whose thread has stopped when a cancellation is raised from it.

    Args:
        connector: opens the connection of the standard library, in the thread.
        lock_timeout: seconds for which a statement outside of a transaction waits for another
            process's lock.
        in_memory: the database ends with the connection, so the connection is kept when a
            transaction goes wrong.
    """

    def __init__(
        self,
        connector: Callable[[], sqlite3.Connection],
        *,
        lock_timeout: float,
        in_memory: bool,
    ) -> None:
        super().__init__(connector, 64)
        self.in_memory = in_memory
        self._thread.daemon = True
        self._lock_timeout = lock_timeout
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()
        self._stopping = threading.Event()

    @property
    def is_open(self) -> bool:
        """Whether the connection can still be used."""
        return self._running and self._connection is not None

    @override
    def cursor(self) -> "SqliteCursor":  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride, reportIncompatibleMethodOverride]
        return SqliteCursor(self)

    @override
    async def commit(self) -> None:
        await self._execute(self._settle)

    @override
    async def rollback(self) -> None:
        # The pool asks for it after each commit, when there is nothing to roll back.
        if self._conn.in_transaction or self._cursors:
            await self._execute(self._let_go)

    @override
    async def close(self) -> None:
        if self._connection is not None:
            await self._execute(self._let_go)
        await super().close()

    @override
    def stop(self) -> "asyncio.Future[Any] | None":
        if self._connection is not None:
            self._enqueue(None, self._let_go)
        return super().stop()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    def interrupt_when(self, overdue: Callable[[], bool]) -> None:
        """Ask ``overdue`` now and then while a statement runs, and interrupt it when that is so."""
        self._conn.set_progress_handler(overdue, _BETWEEN_LOOKS_AT_THE_CLOCK)

    async def give_up(self) -> None:
        """End whatever runs, roll back and close. A connection to memory stays open."""
        if self.is_open:
            await self._rest(interrupting=True)
            await self.rollback()
        if not self.in_memory:
            await self.close()

    @override
    async def _connect(self) -> "SqliteConnection":
        try:
            await undisturbed(super()._connect())
        except asyncio.CancelledError:
            await undisturbed(self.close())
            raise
        return self

    @override
    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self.is_open:
            message = "Connection closed"
            raise ValueError(message)
        answer = asyncio.get_running_loop().create_future()
        self._enqueue(answer, partial(self._patiently, fn, *args, **kwargs))
        try:
            return await answer
        except asyncio.CancelledError:
            await self._rest(interrupting=fn.__name__ not in _ENDINGS)
            if fn.__name__ == "_let_go":
                # SQLAlchemy would log the cancellation as trouble with its pool.
                _cancel_with_the_next_await()
                return None
            raise

    async def _rest(self, *, interrupting: bool) -> None:
        """Wait until the thread has finished its work, even if this task is cancelled again."""
        resting = asyncio.get_running_loop().create_future()
        if interrupting:
            self._stopping.set()
        self._enqueue(resting, _nothing)
        while not resting.done():
            if interrupting and self._connection is not None:
                # Again and again: the statement may not have begun when it was first interrupted.
                self._connection.interrupt()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([resting], timeout=_BETWEEN_INTERRUPTS if interrupting else None)
        self._stopping.clear()

    def _enqueue(self, answer: "asyncio.Future[Any] | None", call: Callable[[], Any]) -> None:
        self._tx.put_nowait((answer, call))  # pyright: ignore[reportUnknownMemberType]

    # In the thread -----------------------------------------------------------------------------

    def _patiently(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call ``fn``, again and again as long as another process holds the lock that it needs."""
        if self._stopping.is_set():
            raise sqlite3.OperationalError("interrupted")  # noqa: EM101 -- as SQLite says it
        until = math.inf
        while True:
            try:
                result = fn(*args, **kwargs)
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
                if not busy or self._stopping.is_set() or self._conn.in_transaction:
                    raise
                until = min(until, time.monotonic() + self._lock_timeout - BUSY_SLICE)
                if time.monotonic() >= until:
                    raise
                time.sleep(_BETWEEN_TRIES)
            else:
                if isinstance(result, sqlite3.Cursor):
                    self._cursors.add(result)
                return result

    def _settle(self) -> None:
        self._close_cursors()
        self._conn.commit()

    def _let_go(self) -> None:
        # A cursor that is still open keeps SQLite's locks, and what the next reader sees, in place.
        self._close_cursors()
        self._conn.rollback()

    def _close_cursors(self) -> None:
        for cursor in list(self._cursors):
            cursor.close()
        self._cursors.clear()


class SqliteCursor(aiosqlite.Cursor):
    """A cursor that needs one call into the thread for most statements.

    aiosqlite calls into the thread to make the cursor, to execute, to fetch and to close. Each call
    takes longer than a short statement.
    """

    _cursor: sqlite3.Cursor

    def __init__(self, connection: SqliteConnection) -> None:
        self.iter_chunk_size = _AHEAD
        self._conn = connection
        self._connection: Any = connection
        self._ahead: list[Any] = []
        self._unread = False

    def __await__(self) -> Generator[Any, None, Self]:
        """The cursor itself, as when aiosqlite's is awaited."""
        return self.__aenter__().__await__()

    @override
    async def __aenter__(self) -> Self:
        if not self._connection.is_open:
            message = "Connection closed"
            raise ValueError(message)
        self._cursor = self._connection._conn.cursor()  # noqa: SLF001 -- aiosqlite hides its connection
        return self

    @override
    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        given = () if parameters is None else parameters
        await self._connection._execute(self._executed, sql, given)  # noqa: SLF001 -- and its way into the thread
        return self

    @override
    async def fetchone(self) -> Any:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    @override
    async def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = self.arraysize if size is None else size
        rows, self._ahead = self._ahead[:wanted], self._ahead[wanted:]
        if len(rows) < wanted and self._unread:
            rows += await super().fetchmany(wanted - len(rows))
        return rows

    @override
    async def fetchall(self) -> list[Any]:
        rows, self._ahead = self._ahead, []
        if self._unread:
            rows += await super().fetchall()
        return rows

    @override
    async def close(self) -> None:
        self._ahead = []
        if self._unread:
            await super().close()
        else:
            self._cursor.close()

    def _executed(self, sql: str, parameters: Any) -> sqlite3.Cursor | None:
        """In the thread: the cursor, which keeps locks, as long as there are rows in it."""
        self._unread, self._ahead = False, []
        self._cursor.execute(sql, parameters)
        if self._cursor.description is None:
            return None
        self._ahead = self._cursor.fetchmany(_AHEAD)
        self._unread = len(self._ahead) == _AHEAD
        return self._cursor if self._unread else None


class Connect:
    """Opens connections. A database in memory has a single one, which is handed out again."""

    def __init__(self, *, lock_timeout: float, in_memory: bool) -> None:
        self._lock_timeout = lock_timeout
        self._in_memory = in_memory
        self._kept: SqliteConnection | None = None

    async def __call__(self, database: str, **options: Any) -> SqliteConnection:
        """An open connection to ``database``."""
        if self._kept is not None and self._kept.is_open:
            return self._kept
        connection = SqliteConnection(
            partial(sqlite3.connect, database, **options),
            lock_timeout=self._lock_timeout,
            in_memory=self._in_memory,
        )
        await connection
        if self._in_memory:
            self._kept = connection
        return connection


def limit_statements(connection: SqliteConnection, record: ConnectionPoolEntry) -> None:
    """SQLite has no statement timeout. Its progress handler may interrupt."""

    def overdue() -> bool:
        deadline: float = record.info.get(_DEADLINE, math.inf)
        return time.monotonic() > deadline

    connection.interrupt_when(overdue)


def start_the_clock(engine: Engine, seconds: float) -> None:
    """Give each statement of ``engine`` at most ``seconds``, unless its connection is unlimited."""

    @event.listens_for(engine, "before_cursor_execute")
    def _(connection: Connection, *_: Any) -> None:
        unlimited: bool = connection.get_execution_options().get(UNLIMITED, False)
        connection.info[_DEADLINE] = math.inf if unlimited else time.monotonic() + seconds


def _nothing() -> None:
    """A call that does nothing; when it returns, all earlier calls of the thread have ended."""


def _cancel_with_the_next_await() -> None:
    """Cancel the current task anew, so that the cancellation which was put off is not lost."""
    task = asyncio.current_task()
    if task is not None:
        # The number of cancellations stays as it is: time-outs tell by it whose they are.
        task.uncancel()
        task.cancel()
