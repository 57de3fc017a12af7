"""Removes markup from text that comes from outside, so that a page that shows the text is safe.

This module needs the ``sanitize`` extra.
"""

import re
from collections.abc import Set as AbstractSet
from html import unescape
from typing import TYPE_CHECKING, Annotated, Final
from unicodedata import normalize

from pydantic import AfterValidator

from vetcore.errors import ConfigurationError, InvalidValue

if TYPE_CHECKING:
    import types

__all__ = ["PlainText", "plain_text", "sanitize"]

_ROUNDS: Final = 8
_ENDS_A_LINE: Final = re.compile(
    r"<(?:br(?:\s*+/)?|/(?:p|div|li|tr|blockquote|h[1-6]))\s*+>", re.IGNORECASE
)
_BARE_AMPERSAND: Final = re.compile(r"&(?!(?:[a-zA-Z][a-zA-Z0-9]*|#[0-9]+|#[xX][0-9a-fA-F]+);)")
_LINE_BREAK: Final = re.compile(r"\r\n?|[\u2028\u2029\x85]")
# Controls, half characters, and what reorders or hides text; joiners belong to scripts and pictures.
_UNREADABLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060"
    r"\u2066-\u2069\ufeff\ud800-\udfff]"
)


def sanitize(text: str, *, tags: AbstractSet[str] = frozenset(), field: str = "text") -> str:
    """Return ``text`` as HTML that is safe to show. Only the elements in ``tags`` remain.

    Scripts and styles are removed with their content. Other elements are removed, and their text
    stays. Attributes that could run code are removed, and links get ``rel="noopener noreferrer"``.
    The result is HTML: a ``<`` in the text is written ``&lt;``.

    >>> sanitize("<b onclick='x()'>calm</b>, T < 39<script>x()</script>", tags={"b"})
    '<b>calm</b>, T &lt; 39'

    Raises:
        InvalidValue: the text has half a surrogate pair, which cannot be stored.
        ConfigurationError: the ``sanitize`` extra is not installed.
    """
    try:
        clean: str = _nh3().clean(text, tags=set(tags))
    except UnicodeEncodeError as error:
        raise InvalidValue(
            field=field, rule="has half a character", expected="Unicode text"
        ) from error
    return clean


def plain_text(text: str, *, field: str = "text") -> str:
    r"""Return ``text`` without any markup. Nothing in the result is escaped.

    Markup that is written in entities is removed too. The ends of paragraphs and lines become line
    breaks. Line breaks and tabs stay. Other control characters are removed, and so are characters
    that hide or reorder text. A ``<`` stays if no element can begin there: ``T < b`` is kept, and
    ``T <b`` looks like an element. The result is composed Unicode (NFC) without outer white space.
    It comes out unchanged if it is passed in again.

    >>> plain_text("<p>Calm &amp; bright</p>T < 39 &lt;script&gt;x()&lt;/script&gt;")
    'Calm & bright\nT < 39'

    Raises:
        InvalidValue: the text hides markup in markup without end.
        ConfigurationError: the ``sanitize`` extra is not installed.
    """
    plain = _tidied(text)
    for _ in range(_ROUNDS):
        # An ampersand that begins no entity is one, whatever old HTML makes of "&not eating".
        marked = _BARE_AMPERSAND.sub("&amp;", _ENDS_A_LINE.sub("\n", plain))
        bare = _tidied(unescape(sanitize(marked, field=field)))
        if bare == plain:
            return bare
        plain = bare
    raise InvalidValue(field=field, rule="hides markup in markup", expected="plain text")


def _tidied(text: str) -> str:
    return normalize("NFC", _UNREADABLE.sub("", _LINE_BREAK.sub("\n", text))).strip()


PlainText = Annotated[str, AfterValidator(plain_text)]
"""Text for a schema of your own: markup is taken out of it on the way in."""


def _nh3() -> "types.ModuleType":
    try:
        import nh3  # noqa: PLC0415 -- an extra, and only for who asks
    except ImportError as error:
        message = (
            "text is sanitised by nh3, which is not installed: pip install 'vetcore[sanitize]'"
        )
        raise ConfigurationError(message, extra="sanitize") from error
    return nh3
