"""Passwords: a text that shows itself to nobody, and what makes one good.

The rules are those of NIST SP 800-63B-4: length counts, composition does not. A password that is all
that one needs to sign in has 15 characters at least; beside a second factor, 8 will do. It is normalised
(NFKC), so that it is the same from every keyboard.
"""

from hmac import compare_digest
from typing import Final, NoReturn
from unicodedata import normalize

from vetcore.errors import InvalidValue

__all__ = ["LONGEST", "SHORTEST", "SHORTEST_ALONE", "Password"]

SHORTEST: Final = 8
"""In characters, beside a second factor."""
SHORTEST_ALONE: Final = 15
"""In characters, where nothing else is asked for."""
LONGEST: Final = 256
"""In characters, as they are typed."""

_MASK: Final = "**********"


class Password:
    """A password as a person types it. Only :meth:`reveal` shows it.

    >>> password = Password("correct horse battery")
    >>> password
    Password('**********')
    >>> f"{password}", len(password)
    ('**********', 21)

    Raises:
        InvalidValue: it is empty, too long, or has a character that no keyboard makes.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not text or len(text) > LONGEST:
            raise InvalidValue(
                field="password", rule="has the wrong length", expected=f"1 to {LONGEST} characters"
            )
        if not all(_is_typed(character) for character in text):
            raise InvalidValue(
                field="password", rule="has control characters", expected="letters, digits, signs"
            )
        self._text = normalize("NFKC", text)

    def reveal(self) -> str:
        """Return the text, for hashing and for nothing else."""
        return self._text

    def __len__(self) -> int:
        """Return how many characters it has, once normalised."""
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Password) and compare_digest(
            self._text.encode(), other.reveal().encode()
        )

    __hash__ = None  # type: ignore[assignment]  # what is in no dictionary is in no dump of one

    def __repr__(self) -> str:
        return f"Password({_MASK!r})"

    def __str__(self) -> str:
        return _MASK

    def __reduce__(self) -> NoReturn:
        message = "a password is not to be written anywhere"
        raise TypeError(message)


def _is_typed(character: str) -> bool:
    return character >= " " and character != "\x7f" and not "\ud800" <= character <= "\udfff"
