"""Breeds: what people write, and the one name that is meant.

>>> recognize("Retriever, Labrador", Species.DOG).breeds
('Labrador Retriever',)
>>> recognize("Brittany / Border Collie", Species.DOG).breeds
('Brittany', 'Border Collie')
>>> recognize("Lab mix", Species.DOG)
BreedMatch(breeds=('Labrador Retriever',), is_mixed=True, how=<Recognition.ALIAS: 'alias'>)
"""

import re
from collections.abc import Iterator
from enum import StrEnum, unique
from functools import cache, lru_cache
from typing import Final, NamedTuple
from unicodedata import combining, normalize

from vetcore.values.animals import Species

__all__ = ["BreedMatch", "Recognition", "canonical_breeds", "recognize", "search"]

_CACHE: Final = 16_384
_SHORTEST_TO_CORRECT: Final = 7
"""Letters that a name needs before a slip of one is forgiven: short names are too alike."""


@unique
class Recognition(StrEnum):
    """How a breed was recognised, the surest first."""

    EXACT = "exact"
    """By its canonical name, in any order of words."""
    ALIAS = "alias"
    """By another name that stands for it."""
    CORRECTED = "corrected"
    """After one slip of the pen was mended."""
    MIXED = "mixed"
    """No breed is named, but that it is a mixture."""
    UNKNOWN = "unknown"
    """Nothing is said, or that it is not known."""
    UNRECOGNIZED = "unrecognized"
    """Something is said that is no breed that we know of."""


class BreedMatch(NamedTuple):
    """What was recognised: canonical names, the one that was named first first."""

    breeds: tuple[str, ...]
    is_mixed: bool
    how: Recognition


class _Names(NamedTuple):
    canonical: tuple[str, ...]
    exact: dict[str, str]
    """From the words of a canonical name, in order of the alphabet, to the name."""
    alias: dict[str, str]


_MIXED: Final = re.compile(
    r"\b(mix(ed|es)?( breed)?|cross(bred|breed)?|mutt|mongrel|x)\b", re.IGNORECASE
)
_SIZE: Final = re.compile(r"\([^)]*\)|\b(small|medium|large)\b", re.IGNORECASE)
_UNKNOWN: Final = re.compile(r"(unknown|unk|none|other|n a|na|not known|undetermined|tbd)")
_SEPARATORS: Final = re.compile(r"\s*(?:/|&|\+|;| and (?!tan\b|white\b)| x )\s*", re.IGNORECASE)
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def canonical_breeds(species: Species) -> tuple[str, ...]:
    """The canonical names of a species' breeds, in the order of the alphabet; none for many."""
    return _names(species).canonical


def search(start: str, species: Species, *, limit: int = 10) -> tuple[str, ...]:
    """Breeds for a form that completes: those with a word that begins so, by name.

    >>> search("lab", Species.DOG)
    ('Labradoodle', 'Labrador Retriever')
    """
    wanted = _plain(start)
    if not wanted:
        return ()
    found = [
        name
        for name in _names(species).canonical
        if _plain(name).startswith(wanted) or f" {wanted}" in f" {_plain(name)}"
    ]
    return tuple(
        sorted(found, key=lambda name: (not _plain(name).startswith(wanted), name))[:limit]
    )


@lru_cache(maxsize=_CACHE)
def recognize(text: str | None, species: Species) -> BreedMatch:
    """The breeds that ``text`` names, for an animal of ``species``.

    Several are parted by ``/``, ``&``, ``x`` or ``and``. A slip of one letter is forgiven in names
    of seven letters or more, where only one name can be meant.
    """
    words = " ".join((text or "").split())
    if not _plain(words) or _UNKNOWN.fullmatch(_plain(words)):
        return BreedMatch((), is_mixed=False, how=Recognition.UNKNOWN)
    whole = _one(words, species)
    if whole is not None:
        return BreedMatch((whole[0],), is_mixed=False, how=whole[1])
    is_mixed = False
    found: dict[str, Recognition] = {}
    missed = False
    for part in _parts(words):
        mixed = bool(_MIXED.search(part))
        named = _SIZE.sub(" ", _MIXED.sub(" ", part)) if mixed else part
        is_mixed |= mixed
        if not _plain(named):
            continue
        one = _one(named, species)
        if one is None:
            missed = not (mixed and _UNKNOWN.fullmatch(_plain(named)))
        else:
            found.setdefault(*one)
    if found:
        surest = max(found.values(), key=list(Recognition).index)
        return BreedMatch(tuple(found), is_mixed or len(found) > 1, surest)
    if missed:
        return BreedMatch((), is_mixed, Recognition.UNRECOGNIZED)
    return BreedMatch((), is_mixed, Recognition.MIXED if is_mixed else Recognition.UNKNOWN)


def _parts(words: str) -> Iterator[str]:
    yield from (part for part in _SEPARATORS.split(words) if part.strip())


def _one(text: str, species: Species) -> tuple[str, Recognition] | None:
    names = _names(species)
    key = _key(text)
    if key in names.exact:
        return names.exact[key], Recognition.EXACT
    if key in names.alias:
        return names.alias[key], Recognition.ALIAS
    corrected = _corrected(key, names)
    return None if corrected is None else (corrected, Recognition.CORRECTED)


def _corrected(key: str, names: _Names) -> str | None:
    """The one name that is a single slip away: a letter too many, too few, other or swapped."""
    if len(key.replace(" ", "")) < _SHORTEST_TO_CORRECT:
        return None
    words = key.split()
    meant: set[str] = set()
    for position, word in enumerate(words):
        for slip in _slips(word):
            near = " ".join(sorted([*words[:position], slip, *words[position + 1 :]]))
            name = names.exact.get(near) or names.alias.get(near)
            if name is not None:
                meant.add(name)
    return meant.pop() if len(meant) == 1 else None


def _slips(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def _plain(text: str) -> str:
    """Letters and digits, without accents and case."""
    bare = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return _NOT_A_WORD.sub(" ", bare.replace("'", "").casefold()).strip()


def _key(text: str) -> str:
    return " ".join(sorted(_plain(text).split()))


@cache
def _names(species: Species) -> _Names:
    from vetcore.values.breed_names import dogs, others  # noqa: PLC0415 -- read at first use

    tables = (
        [dogs.TYPES, dogs.NAMES, dogs.CROSSES]
        if species is Species.DOG
        else [others.NAMES.get(species, "")]
    )
    exact: dict[str, str] = {}
    alias: dict[str, str] = {}
    for line in "\n".join(tables).splitlines():
        name, _, others_names = line.partition(":")
        if not name.strip():
            continue
        exact[_key(name)] = name.strip()
        for other in filter(None, (each.strip() for each in others_names.split(","))):
            alias[_key(other)] = name.strip()
    return _Names(tuple(sorted(exact.values())), exact, alias)
