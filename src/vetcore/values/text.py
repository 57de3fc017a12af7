"""Free text from outside: freed of markup, so that no page that shows it runs it.

Needs the ``sanitize`` extra.
"""

from collections.abc import Set as AbstractSet
from html import unescape
from typing import TYPE_CHECKING, Annotated, Final
from unicodedata import category

from pydantic import AfterValidator

from vetcore.errors import ConfigurationError, InvalidValue

if TYPE_CHECKING:
    import types

__all__ = ["PlainText", "plain_text", "sanitize"]

_ROUNDS: Final = 8
_KEPT: Final = "\n\t"


def sanitize(text: str, *, tags: AbstractSet[str] = frozenset(), field: str = "text") -> str:
    """``text`` as HTML that is safe to show: of its elements only ``tags`` remain.

    Scripts and styles go with what is in them, other elements leave their text; attributes that
    could run anything go, and links get ``rel="noopener noreferrer"``. What comes out is HTML:
    ``<`` as text is ``&lt;``.

    >>> sanitize("<b onclick='x()'>calm</b>, T < 39<script>x()</script>", tags={"b"})
    '<b>calm</b>, T &lt; 39'

    Raises:
        InvalidValue: it has half a character, which nothing can store.
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
    """``text`` without any markup, also none that is written in entities; nothing is escaped.

    Line breaks and tabs stay, other control characters go. ``<`` stays where no element could
    begin: write ``T < 39`` with spaces, since ``T<b`` looks like one.

    >>> plain_text("<p>Calm &amp; bright, T < 39 &lt;script&gt;x()&lt;/script&gt;</p>")
    'Calm & bright, T < 39 '

    Raises:
        InvalidValue: it has half a character, or hides markup in markup without end.
        ConfigurationError: the ``sanitize`` extra is not installed.
    """
    for _ in range(_ROUNDS):
        bare = unescape(sanitize(text, field=field))
        bare = "".join(c for c in bare if c in _KEPT or category(c) != "Cc")
        if bare == text:
            return bare
        text = bare
    raise InvalidValue(field=field, rule="hides markup in markup", expected="plain text")


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
