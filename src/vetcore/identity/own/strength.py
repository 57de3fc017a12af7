"""Whether a password is one that would be guessed."""

import asyncio
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any, Final, Protocol

from vetcore.errors import ConfigurationError
from vetcore.identity.own.errors import PasswordRefused
from vetcore.models import User
from vetcore.values.passwords import SHORTEST, SHORTEST_ALONE, Password

__all__ = ["Person", "require_good"]

_PIECE: Final = 72
"""In characters: more than that, the estimate takes too long to make."""
_LEAST_SCORE: Final = {False: 3, True: 2}
"""Of 0 to 4: more than a hundred million guesses or, beside a second factor, than a million."""
_SHORTEST_WORD: Final = 3

# The library keeps the words of the person in a table that all its callers share.
_alone = Lock()


class Person(Protocol):
    """Whose password it is to be."""

    @property
    def email(self) -> str: ...  # noqa: D102
    @property
    def first_name(self) -> str: ...  # noqa: D102
    @property
    def last_name(self) -> str: ...  # noqa: D102
    @property
    def phone(self) -> str | None: ...  # noqa: D102


async def require_good(
    password: Password, person: Person | User, *, beside_another: bool, words: Iterable[str] = ()
) -> None:
    """Refuse a password that is too short, common, easy to guess, or made of what is known.

    Args:
        password: the one that is to be set.
        person: whose it is to be; their name and their addresses count as known.
        beside_another: whether the account has a second factor.
        words: what else everybody knows, such as the name of the clinic.

    Raises:
        PasswordRefused: choose another one.
        ConfigurationError: the extra ``accounts`` is not installed.
    """
    shortest = SHORTEST if beside_another else SHORTEST_ALONE
    if len(password) < shortest:
        raise PasswordRefused(rule="is too short", expected=f"{shortest} characters or more")
    known = [*_words(person), *(word.casefold() for word in words)]
    text, least = password.reveal(), _LEAST_SCORE[beside_another]
    # The estimate takes up to a tenth of a second.
    if not _has_its_own(text, known, shortest // 2) or not await asyncio.to_thread(
        _is_hard, text, known, least
    ):
        raise PasswordRefused(
            rule="is easy to guess",
            expected="no common word, no row of keys, and nothing of your name or address;"
            " four words that have nothing to do with each other are good",
        )


def _words(person: Person | User) -> Iterator[str]:
    local, _, domain = person.email.partition("@")
    name = [person.first_name, person.last_name]
    told = (person.email, domain, local, *name, "".join(name), person.phone or "", "vetcore")
    parts = (part for text in told for part in (text, *_split(text)))
    yield from dict.fromkeys(part.casefold() for part in parts if len(part) >= _SHORTEST_WORD)


def _split(text: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in text).split()


def _has_its_own(text: str, known: list[str], least: int) -> bool:
    """Whether enough is left of a password when all that is known of the person is taken out."""
    left = text.casefold()
    for word in sorted(known, key=len, reverse=True):
        left = left.replace(word, "")
    is_like = left != text.casefold()
    return not is_like or sum(each.isalnum() for each in left) >= least


def _is_hard(text: str, known: list[str], least: int) -> bool:
    estimate = _zxcvbn()
    # What is strong in one place is strong; looked at from both ends, each of one length.
    pieces = {text[:_PIECE], text[-_PIECE:]}
    with _alone:
        return any(estimate(each, known)["score"] >= least for each in pieces)


def _zxcvbn() -> Any:
    try:
        from zxcvbn import zxcvbn  # noqa: PLC0415 -- two megabytes of words
    except ImportError as missing:
        message = "passwords need zxcvbn: pip install 'vetcore[accounts]'"
        raise ConfigurationError(message, extra="accounts") from missing
    return zxcvbn
