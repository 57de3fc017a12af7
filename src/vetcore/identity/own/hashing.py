"""Hashing of passwords, off the event loop: Argon2id, in a few threads with a line before them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from vetcore.errors import ConfigurationError
from vetcore.identity.own.errors import SignInBusy
from vetcore.settings.accounts import AccountsSettings
from vetcore.values.passwords import Password

if TYPE_CHECKING:
    from pwdlib.hashers.argon2 import Argon2Hasher

__all__ = ["Hashing", "hashing_of"]

_LONGEST_LINE: Final = 256
"""How many may wait for each thread; at 50 ms for a hash, the last waits for about ten seconds."""


class Hashing:
    """Hashes and compares passwords, a few at a time.

    Raises:
        ConfigurationError: the extra ``accounts`` is not installed.
    """

    def __init__(self, *, memory: int, rounds: int, workers: int) -> None:
        self._hasher = _argon2(memory, rounds)
        self._threads = ThreadPoolExecutor(workers, "vetcore-hashing")
        self._waiting = 0
        self._most = workers * _LONGEST_LINE

    async def hashed(self, password: Password) -> str:
        """Return the hash of a password, with its parameters and a salt of its own.

        Raises:
            SignInBusy: too many are waiting.
        """
        made: str = await self._off_the_loop(self._hasher.hash, password.reveal())
        return made

    async def matches(self, password: Password, known: str | None) -> bool:
        """Return whether it is the password of that hash. Where there is none, that takes as long.

        Raises:
            SignInBusy: too many are waiting.
        """
        same: bool = await self._off_the_loop(self._compared, password.reveal(), known)
        return same

    def is_outdated(self, known: str) -> bool:
        """Return whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(known)

    def _compared(self, text: str, known: str | None) -> bool:
        nobodys = self._nobodys
        return self._hasher.verify(text, known or nobodys) and known is not None

    @cached_property
    def _nobodys(self) -> str:
        """A hash to compare with where there is no account."""
        return self._hasher.hash("the password of nobody")

    async def _off_the_loop(self, work: Any, *given: object) -> Any:
        if self._waiting >= self._most:
            raise SignInBusy
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, *given)
        finally:
            self._waiting -= 1


def _argon2(memory: int, rounds: int) -> "Argon2Hasher":
    try:
        from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415 -- only who has passwords
    except Exception as missing:
        message = "passwords need pwdlib and argon2-cffi: pip install 'vetcore[accounts]'"
        raise ConfigurationError(message, extra="accounts") from missing
    return Argon2Hasher(time_cost=rounds, memory_cost=memory, parallelism=1)


@cache
def _made(memory: int, rounds: int, workers: int) -> Hashing:
    return Hashing(memory=memory, rounds=rounds, workers=workers)


def hashing_of(settings: AccountsSettings) -> Hashing:
    """Return the one hashing of this process that has these settings.

    Raises:
        ConfigurationError: the extra ``accounts`` is not installed.
    """
    return _made(settings.hash_memory, settings.hash_rounds, settings.hash_workers)
