"""A pool of connections that serves waiting tasks in the order in which they came.

With SQLAlchemy's own pool, a task that gives a connection back can take it again before the waiting
tasks wake up. On SQLite, with its one connection, a loop of short transactions would keep all
others out until they time out.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.pool.base import _ConnectionRecord  # pyright: ignore[reportPrivateUsage]
from sqlalchemy.util.concurrency import await_, greenlet_spawn, in_greenlet
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty, Full
from typing_extensions import override

from vetcore.database.cancellation import undisturbed

__all__ = ["FairPool", "FairQueue"]

T = TypeVar("T")

_ROLLBACK_TRIES: Final = 10
_BETWEEN_ROLLBACK_TRIES: Final = 0.2
"""Seconds for which a server is given to roll back, each time that it is asked."""


class FairQueue(AsyncAdaptedQueue[T]):
    """A queue that hands each item to the first waiting task, and stores it only if none waits.

    So a stored item may be taken at once, because nobody waits for it.
    """

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:
        super().__init__(maxsize, use_lifo)
        self._kept: Final[deque[T]] = deque()
        self._line: Final[deque[asyncio.Future[T]]] = deque()

    @property
    def kept(self) -> Sequence[T]:
        """The items that the queue stores at this moment. Anybody may take them at once."""
        return tuple(self._kept)

    @override
    def empty(self) -> bool:
        return not self._kept

    @override
    def full(self) -> bool:
        return 0 < self.maxsize <= len(self._kept)

    @override
    def qsize(self) -> int:
        return len(self._kept)

    @override
    def put_nowait(self, item: T) -> None:
        if self._hand_over(item):
            return
        if self.full():
            raise Full
        self._kept.append(item)

    @override
    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        # The pool never blocks here: what there is no place for, it closes.
        self.put_nowait(item)

    @override
    def get_nowait(self) -> T:
        if not self._kept:
            raise Empty
        return self._kept.pop() if self.use_lifo else self._kept.popleft()

    @override
    def get(self, block: bool = True, timeout: float | None = None) -> T:
        if self._kept or not block:
            return self.get_nowait()
        try:
            return await_(self._wait(timeout))
        except TimeoutError as error:
            raise Empty from error

    async def _wait(self, timeout: float | None) -> T:  # noqa: ASYNC109 -- SQLAlchemy's signature
        turn: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(timeout):
                return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                # It came at the moment of giving up, and is the next one's.
                if not self._hand_over(turn.result()):
                    self._kept.append(turn.result())
            else:
                turn.cancel()
            raise

    def _hand_over(self, item: T) -> bool:
        while self._line:
            turn = self._line.popleft()
            if not turn.done():  # who gave up is still in the line
                turn.set_result(item)
                return True
        return False


class FairPool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool for asyncio with a fair queue. A cancellation cannot lose a connection."""

    _queue_class = FairQueue[ConnectionPoolEntry]

    @property
    def resting(self) -> Sequence[ConnectionPoolEntry]:
        """The connections that nobody uses, and the empty places for new ones."""
        return cast("FairQueue[ConnectionPoolEntry]", self._pool).kept

    def beside(self, *, size: int, overflow: int) -> "FairPool":
        """Return another pool of connections to the same place, with the same events."""
        return FairPool(
            self._creator,
            pool_size=size,
            max_overflow=overflow,
            use_lifo=True,
            timeout=self._timeout,
            recycle=self._recycle,
            echo=self.echo,
            reset_on_return=self._reset_on_return,
            _dispatch=self.dispatch,
            dialect=self._dialect,
        )

    @override
    def _create_connection(self) -> ConnectionPoolEntry:
        # It connects when it is taken. So a place whose connecting failed, or was cancelled, goes
        # back to the queue, and on to the first in the line.
        return _ConnectionRecord(self, connect=False)

    @override
    def _close_connection(self, connection: DBAPIConnection, *, terminate: bool = False) -> None:
        if in_greenlet():
            await_(undisturbed(self._closed(connection, terminate)))
        else:
            super()._close_connection(connection, terminate=terminate)

    async def _closed(self, connection: DBAPIConnection, terminate: bool) -> None:
        """Close the connection, and let an interrupted statement keep no lock."""
        driver: Any = self._dialect.get_driver_connection(connection)
        if terminate and hasattr(driver, "give_up"):  # that to SQLite
            await driver.give_up()
            return
        if terminate and not driver.is_closed() and driver.is_in_transaction():
            await _rolled_back(driver)
        await greenlet_spawn(super()._close_connection, connection, terminate=terminate)


async def _rolled_back(driver: Any) -> None:
    """Roll back an interrupted transaction. The connection is closed afterwards in any case."""
    loop = asyncio.get_running_loop()
    rollback = loop.create_task(driver.execute("ROLLBACK"))
    for _ in range(_ROLLBACK_TRIES):
        await asyncio.wait([rollback], timeout=_BETWEEN_ROLLBACK_TRIES)
        if rollback.done():
            break
        # The driver has asked the server to end the statement. A server that hears of it before the
        # statement begins does not know what to end, and needs to be asked again.
        driver._cancel_current_command(loop.create_future())  # noqa: SLF001 -- asyncpg cancels with a task only
    rollback.cancel()
    with suppress(Exception, asyncio.CancelledError):
        await rollback


# Pools log by the name of their class: as SQLAlchemy's, and not at INFO among what vetcore says.
FairPool.__module__ = AsyncAdaptedQueuePool.__module__
