"""Counts the sessions that are open, so that closing can wait for them."""

import asyncio

from vetcore.database.retries import log
from vetcore.errors import DatabaseError

__all__ = ["Activity"]


class Activity:
    """Counts open sessions, so that closing can wait for them."""

    def __init__(self) -> None:
        self.count = 0
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()

    def __enter__(self) -> None:
        if self._closing:
            message = "This Database is closed or closing; open a new one"
            raise DatabaseError(message)
        self.count += 1
        self._idle.clear()

    def __exit__(self, *_: object) -> None:
        self.count -= 1
        if not self.count:
            self._idle.set()

    async def drain(self, seconds: float) -> None:
        """Refuse new sessions, and wait for those that are open."""
        self._closing = True
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            log.warning("closing with work in flight", sessions=self.count, waited_seconds=seconds)
