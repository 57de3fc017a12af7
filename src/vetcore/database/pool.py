"""A pool that serves whoever waits in the order in which they came.

SQLAlchemy's own lets a task that gives a connection back take it again before those who wait have
been woken: on SQLite, with its one connection, a loop of short transactions keeps everybody else
out until they time out.
"""

import asyncio
from collections import deque
from typing import Final, TypeVar

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util.concurrency import await_
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty, Full
from typing_extensions import override

__all__ = ["FairPool", "FairQueue"]

T = TypeVar("T")


class FairQueue(AsyncAdaptedQueue[T]):
    """What is put goes straight to the first in the line; only if nobody waits is it kept.

    So whatever is kept may be taken at once: nobody is waiting for it.
    """

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:
        super().__init__(maxsize, use_lifo)
        self._kept: Final[deque[T]] = deque()
        self._line: Final[deque[asyncio.Future[T]]] = deque()

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
    """SQLAlchemy's pool for asyncio, with a fair queue."""

    _queue_class = FairQueue[ConnectionPoolEntry]


# Pools log by the name of their class: as SQLAlchemy's, and not at INFO among what vetcore says.
FairPool.__module__ = AsyncAdaptedQueuePool.__module__
