"""Tells how alike two names are, whatever their case and accents, and despite a slip of the pen.

Text is compared in a folded form, which the databases make in the same way. The folded form is in
lower case, has no accents on Latin, Greek and Cyrillic letters, and has ligatures spelt out.

>>> fold("Zoë Ñandú"), fold("STRAßE"), fold("Ångström")
('zoe nandu', 'strasse', 'angstrom')
"""

# ruff: noqa: RUF001 -- letters that look alike are folded each into its own

from collections.abc import Iterator
from functools import cache
from typing import Final
from unicodedata import normalize

__all__ = ["EXPANSIONS", "NEAR", "fold", "letters", "likeness", "slips", "trigrams"]

EXPANSIONS: Final = (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th"))
"""Letters that are folded into two."""

_ALPHABETS: Final = ((0xC0, 0x24F), (0x370, 0x52F), (0x531, 0x556), (0x1E00, 0x1FFF))
_MARKS: Final = (0x300, 0x36F)
_PLAIN: Final = dict(
    zip("ÆæŒœÞþẞßØøŁłĐđÐðĦħıŦŧς’‘ʼ‐‑‒–—", "ææœœþþßßoollddddhhittσ'''-----", strict=True)
)
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"
_SCRIPTS: Final = (
    (0x3B1, 0x3C9),
    (0x430, 0x44F),
    (0x561, 0x586),
    (0x5D0, 0x5EA),
    (0x621, 0x64A),
)
"""The small letters of Greek, Cyrillic, Armenian, Hebrew and Arabic."""

_SHORTEST_TO_CORRECT: Final = 2
_WHOLE_WORDS: Final = 0.95
NEAR: Final = 0.8
"""The likeness of what is one slip away, at least."""

_REST: Final = 0.1


@cache
def letters() -> tuple[str, str]:
    """Return two strings that fold characters: each of the first becomes its partner in the second.

    Characters of the first string beyond the length of the second are removed.
    """
    table = dict(_PLAIN)
    for first, last in _ALPHABETS:
        for code in range(first, last + 1):
            letter = chr(code)
            bare = "".join(c for c in normalize("NFKD", letter) if not _is_mark(c)).casefold()
            if letter not in table and len(bare) == 1 and bare != letter:
                table[letter] = table.get(bare, bare)
    marks = "".join(map(chr, range(_MARKS[0], _MARKS[1] + 1)))
    return "".join(table) + marks, "".join(table.values())


def _is_mark(character: str) -> bool:
    return _MARKS[0] <= ord(character) <= _MARKS[1]


@cache
def _table() -> dict[int, str | None]:
    source, target = letters()
    kept: list[str | None] = [*target]
    removed = len(source) - len(target)
    table = dict(zip(map(ord, source), kept + [None] * removed, strict=True))
    return table | {ord(c): c.lower() for c in _LATIN.upper()}


def fold(text: str) -> str:
    """Return ``text`` in the folded form in which names are compared."""
    folded = text.translate(_table())
    for ligature, spelt in EXPANSIONS:
        folded = folded.replace(ligature, spelt)
    return folded


def trigrams(folded: str) -> frozenset[str]:
    """Return the runs of three characters in each word, with two blanks before it and one after it.

    >>> sorted(trigrams("bo"))
    ['  b', ' bo', 'bo ']
    """
    return frozenset(
        padded[at : at + 3]
        for word in folded.split()
        for padded in [f"  {word} "]
        for at in range(len(padded) - 2)
    )


def slips(folded: str) -> Iterator[str]:
    """Return the texts that may have been meant by ``folded``, if one slip was made.

    A slip is a letter that is missing, added or wrong, or that changed places with the next one.
    Each text is returned once, and ``folded`` itself comes first. A single letter is never taken
    for a slip.
    """
    seen = {folded}
    yield folded
    if len(folded) < _SHORTEST_TO_CORRECT:
        return
    for each in _edited(folded, _alphabet(folded)):
        if each not in seen and each:
            seen.add(each)
            yield each


def _alphabet(folded: str) -> str:
    if folded.isascii() and folded.isdigit():
        return _DIGITS
    extra = "'-. " + (_DIGITS if any(c in _DIGITS for c in folded) else "")
    found = "".join(
        "".join(map(chr, range(first, last + 1)))
        for first, last in _SCRIPTS
        if any(first <= ord(c) <= last for c in folded)
    )
    return (found or _LATIN) + extra


def _edited(text: str, alphabet: str) -> Iterator[str]:
    for at in range(len(text) + 1):
        before, after = text[:at], text[at:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in alphabet)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in alphabet)


def likeness(wanted: str, found: str) -> float:
    """Return how well ``found`` matches ``wanted``, both folded, as a number from 0 to 1.

    1 means the same text. At 0.95 or more, the same words are at the beginning of ``found``. At 0.8
    or more, ``found`` begins with the text, or its first words are one slip away. Below that, the
    number is the share of trigrams in common, of the whole text or of its best words.

    >>> [round(likeness("bela", name), 2) for name in ("bela", "bela luna", "bella", "max")]
    [1.0, 0.96, 0.86, 0.0]
    """
    if wanted == found:
        return 1.0
    ours = trigrams(wanted)
    alike = _jaccard(ours, trigrams(found))
    if found.startswith(f"{wanted} "):
        return _WHOLE_WORDS + (1 - _WHOLE_WORDS) * alike / 2
    words, length = found.split(), max(1, len(wanted.split()))
    windows = [" ".join(words[at : at + length]) for at in range(len(words) - length + 1)]
    if found.startswith(wanted) or any(map(_is_slip, (wanted,) * 2, (found, *windows[:1]))):
        return NEAR + _REST * alike
    part = max((_jaccard(ours, trigrams(window)) for window in windows), default=0.0)
    return NEAR * max(alike, _WHOLE_WORDS * part)


def _jaccard(ours: frozenset[str], theirs: frozenset[str]) -> float:
    either = len(ours | theirs)
    return len(ours & theirs) / either if either else 0.0


def _is_slip(one: str, other: str) -> bool:
    """Whether one letter is missing, too many, wrong, or has changed places with the next."""
    if abs(len(one) - len(other)) > 1 or len(one) < _SHORTEST_TO_CORRECT:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return True
    rest, others = one[at:], other[at:]
    swapped = rest[:2] == others[1::-1] and rest[2:] == others[2:]
    return swapped or rest[1:] == others[1:] or rest[1:] == others or rest == others[1:]
