"""Trying again, where that can help: at start-up, and after a lost race."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from vetcore.errors import CommitOutcomeUnknown, ConnectionFailed, VetcoreError
from vetcore.logging import logger

__all__ = ["log", "replay", "until_available"]

T = TypeVar("T")

log = logger("vetcore.database")

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0


async def replay(work: Callable[[], Awaitable[T]], *, attempts: int, idempotent: bool) -> T:
    """Await ``work()``, anew as long as its error is one that a replay may cure."""

    def curable(error: Exception) -> bool:
        if isinstance(error, CommitOutcomeUnknown):
            return idempotent
        return isinstance(error, VetcoreError) and error.retryable

    import stamina  # noqa: PLC0415 -- not every process has something to replay

    async for attempt in stamina.retry_context(
        on=curable,
        attempts=attempts,
        timeout=None,
        wait_initial=0.01,
        wait_max=1.0,
        wait_jitter=0.05,
    ):
        with attempt:
            return await work()
    raise AssertionError  # pragma: no cover -- stamina returns or raises


async def until_available(
    ping: Callable[[], Awaitable[None]], *, seconds: float, database: str
) -> None:
    """Await ``ping()`` until it stops raising ``ConnectionFailed``, and say what is waited for."""
    deadline = time.monotonic() + seconds
    wait = _FIRST_WAIT
    while True:
        try:
            return await ping()
        except ConnectionFailed as error:
            left = deadline - time.monotonic()
            if left <= 0:
                raise
            # Full jitter: many processes that start at once do not knock in step.
            pause = min(left, random.uniform(wait / 2, wait))  # noqa: S311 -- no secret
            log.warning(
                "waiting for the database",
                database=database,
                retry_in_seconds=round(pause, 2),
                give_up_in_seconds=round(left, 1),
                reason=error.message,
            )
            await asyncio.sleep(pause)
            wait = min(wait * 2, _LONGEST_WAIT)
