"""Tries work again if that can help: at start-up, and after a lost race."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from vetcore.errors import CommitOutcomeUnknown, ConnectionFailed, PoolExhausted, VetcoreError
from vetcore.logging import logger

__all__ = ["commit_failed", "log", "replay", "until_available"]

T = TypeVar("T")

log = logger("vetcore.database")

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 1.0
"""The longest pause before a replay after a lost race, which is over in a moment."""
_LONGEST_PAUSE_IN_AN_OUTAGE = 2.0
"""The longest pause before a replay after a lost connection, in seconds."""


async def replay(
    work: Callable[[], Awaitable[T]], *, attempts: int, failover_wait: float, idempotent: bool
) -> T:
    """Await ``work()``, and repeat it while its error is one that a replay may cure."""
    import stamina  # noqa: PLC0415 -- not every process has something to replay

    patience = _Patience(attempts, failover_wait, idempotent=idempotent)
    async for attempt in stamina.retry_context(on=patience.pause, attempts=None, timeout=None):
        with attempt:
            return await work()
    raise AssertionError  # pragma: no cover -- stamina returns or raises


_BEFORE_SENDING = "the underlying connection is closed"
"""How asyncpg refuses to commit on a connection that it knows to be lost."""


def commit_failed(error: ConnectionFailed) -> CommitOutcomeUnknown:
    """Return the error for a connection that was lost while committing.

    The error says whether the COMMIT was sent.
    """
    if _BEFORE_SENDING in error.message:
        message = "The connection was lost before the commit was sent; nothing is stored"
        return CommitOutcomeUnknown(message, sent=False)
    message = (
        "The connection was lost while committing; the work is stored whole or not at "
        "all. Look before doing it again, or repeat it with its idempotency key"
    )
    return CommitOutcomeUnknown(message)


class _Patience:
    """How long to pause after an error; False where a replay cannot help, or has not often enough.

    Lost races are counted. An outage is measured: a restart takes many attempts, or few that wait.
    """

    def __init__(self, attempts: int, failover_wait: float, *, idempotent: bool) -> None:
        self._attempts = attempts
        self._failover_wait = failover_wait
        self._idempotent = idempotent
        self._made = 0
        self._lost = 0
        self._lost_since: float | None = None

    def pause(self, error: Exception) -> float | bool:
        if self._is_loss(error):
            now = time.monotonic()
            if self._lost_since is None:
                self._lost_since = now
            left = self._lost_since + self._failover_wait - now
            self._lost += 1
            return left > 0 and min(left, _pause(self._lost, _LONGEST_PAUSE_IN_AN_OUTAGE))
        # Whatever else went wrong, the database has answered: the next outage is another one.
        self._lost_since, self._lost = None, 0
        if not (isinstance(error, VetcoreError) and error.retryable):
            return False
        self._made += 1
        return self._made < self._attempts and _pause(self._made, _LONGEST_PAUSE)

    def _is_loss(self, error: Exception) -> bool:
        if isinstance(error, CommitOutcomeUnknown):
            return self._idempotent or error.details.get("sent") is False
        if isinstance(error, PoolExhausted):
            # While connecting fails, those who try hold every place in the pool.
            return self._lost_since is not None
        return isinstance(error, ConnectionFailed)


def _pause(attempt: int, longest: float) -> float:
    """Exponential, with jitter, and never longer than ``longest``."""
    whole = min(longest, _FIRST_PAUSE * 2 ** min(attempt, 30))
    return random.uniform(whole / 2, whole)  # noqa: S311 -- no secret


async def until_available(
    ping: Callable[[], Awaitable[None]], *, seconds: float, database: str
) -> None:
    """Await ``ping()`` until it no longer raises ``ConnectionFailed``, and log the waiting."""
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
