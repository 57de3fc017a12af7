"""The issuer's signing keys. They are fetched seldom, and by one caller at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from vetcore.clock import now
from vetcore.errors import ConfigurationError
from vetcore.identity.errors import SigningKeysUnavailable
from vetcore.logging import logger

__all__ = ["KeyCache", "KeyCachePolicy"]

Key = TypeVar("Key")

log = logger("vetcore.identity")

# Without any key nobody can be let in, so the first fetch is tried again sooner.
_FIRST_FETCH_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCachePolicy:
    """How long fetched keys are used, and how often they are fetched.

    Raises:
        ConfigurationError: a duration is not positive (``stale_for`` may be zero), or
            ``refetch_interval`` is longer than ``ttl``.
    """

    ttl: timedelta = timedelta(minutes=10)
    """Until they are fetched again: a key that the issuer withdraws is accepted this long."""
    refetch_interval: timedelta = timedelta(seconds=30)
    """The least time between two fetches, whatever tokens name."""
    stale_for: timedelta = timedelta(hours=6)
    """How long after ``ttl`` keys still serve while the issuer cannot be reached."""
    timeout: timedelta = timedelta(seconds=5)
    """The longest time for a whole fetch."""

    def __post_init__(self) -> None:
        zero = timedelta()
        if (
            min(self.ttl, self.refetch_interval, self.timeout) <= zero
            or self.stale_for < zero
            or self.refetch_interval > self.ttl
        ):
            message = (
                "the key cache is not usable: ttl, refetch_interval and timeout must be positive, "
                "stale_for not negative, and refetch_interval at most ttl"
            )
            raise ConfigurationError(message)


class KeyCache(Generic[Key]):
    """A cache of keys by id, which ``load`` fetches.

    However many callers need keys at once, only one fetch runs, and the next begins no earlier than
    ``refetch_interval`` later. So tokens with invented key ids cannot make this service flood the
    issuer. A fetch replaces all keys.
    """

    def __init__(
        self, load: Callable[[], Awaitable[Mapping[str, Key]]], *, policy: KeyCachePolicy
    ) -> None:
        self._load = load
        self._policy = policy
        self._keys: Mapping[str, Key] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._failure: Exception | None = None
        self._flight: asyncio.Task[None] | None = None

    async def get(self, key_id: str) -> Key | None:
        """Return the key of that id, or None if the issuer publishes no such key.

        Raises:
            SigningKeysUnavailable: the keys could not be fetched, and the cached keys are too old or
                do not include that id.
        """
        if key_id in self._keys and _within(self._policy.ttl, self._fetched_at):
            return self._keys[key_id]
        flight = self._flight_in_progress()
        if flight is None and not _within(self._pause(), self._tried_at):
            flight = self._flight = asyncio.create_task(self._fetch())
        # While the issuer is out of reach, old keys serve at once and it is asked behind their back.
        if flight and not (self._failure and self._usable(key_id)):
            await asyncio.shield(flight)
        if self._usable(key_id):
            return self._keys[key_id]
        if self._failure:
            raise SigningKeysUnavailable from self._failure
        return None

    def _usable(self, key_id: str) -> bool:
        longest = self._policy.ttl + self._policy.stale_for
        return key_id in self._keys and _within(longest, self._fetched_at)

    def _pause(self) -> timedelta:
        interval = self._policy.refetch_interval
        return interval if self._keys else min(interval, _FIRST_FETCH_PAUSE)

    def _flight_in_progress(self) -> asyncio.Task[None] | None:
        flight = self._flight
        if flight is None or flight.done():
            return None
        # A task of another event loop, perhaps one that was stopped, cannot be waited for.
        return flight if flight.get_loop() is asyncio.get_running_loop() else None

    async def _fetch(self) -> None:
        started_at = now()
        try:
            async with asyncio.timeout(self._policy.timeout.total_seconds()):
                keys = await self._load()
        except Exception as error:  # noqa: BLE001 -- whatever a caller's fetch raises: no keys now
            self._failure = error
            log.warning("signing_keys_fetch_failed", error=repr(error), cached=len(self._keys))
        else:
            self._keys, self._fetched_at, self._failure = keys, started_at, None
        finally:
            self._tried_at = now()


def _within(span: timedelta, since: datetime | None) -> bool:
    # A clock that was set back must not keep keys for ever: hence the lower bound.
    return since is not None and timedelta() <= now() - since < span
