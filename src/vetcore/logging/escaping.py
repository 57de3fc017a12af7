"""Makes characters visible that a terminal or a reader of lines would obey."""

import re
from typing import Final

__all__ = ["escaped", "escaped_json"]

# Controls, line and paragraph separators, half characters, and what hides or reorders text. The
# joiners U+200C and U+200D belong to scripts and pictures.
_OBEYED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def escaped(text: str) -> str:
    r"""Return ``text`` on one line, with control characters as Python writes them.

    >>> print(escaped("Rex\n\x1b[31m2026-03-08 [info] forged \u202etxt"))
    Rex\n\x1b[31m2026-03-08 [info] forged \u202etxt
    """
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def escaped_json(text: str) -> str:
    r"""Return a JSON text with control characters as JSON writes them.

    Such characters stand only in the strings of a JSON text.

    >>> print(escaped_json('{"name": "Rex\u202e"}'))
    {"name": "Rex\u202e"}
    """
    return _OBEYED.sub(_as_json, text)


def _as_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
