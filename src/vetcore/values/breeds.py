"""Breeds: what people write, and the one name that is meant.

>>> recognize("Retriever, Labrador", Species.DOG).breeds
('Labrador Retriever',)
>>> recognize("Brittany / Border Collie", Species.DOG).breeds
('Brittany', 'Border Collie')
>>> recognize("Lab mix", Species.DOG).is_mixed
True
>>> recognize("Beagle / Snark", Species.DOG).unrecognized
('Snark',)
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
_LONGEST: Final = 200
"""Letters of the longest text that is read: more is no breed, and would take long to compare."""
_LONGEST_TO_CORRECT: Final = 48
_SHORTEST_TO_CORRECT: Final = 7
"""Letters that a name needs before a slip of one is forgiven: short names are too alike."""


@unique
class Recognition(StrEnum):
    """How a breed was recognised, the surest first."""

    EXACT = "exact"
    """By its canonical name, in any order of words."""
    ALIAS = "alias"
    """By another name that stands for it, written short, or in a usual misspelling."""
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
    unrecognized: tuple[str, ...] = ()
    """What is named beside them, or instead, that is no breed that we know of."""


class _Names(NamedTuple):
    canonical: tuple[str, ...]
    exact: dict[str, str]
    """From the words of a canonical name, in order of the alphabet, to the name."""
    alias: dict[str, str]
    joined: dict[str, str]
    """From the letters of any name, written as one word, to the canonical name."""
    loose: frozenset[str]
    """Kinds rather than breeds: with a comma, "Terrier, Pug" may be either."""
    crosses: frozenset[str]


_MIXED: Final = re.compile(
    r"\b(mix(ed|es)?([\s-]*breed)?|cross(ed|es)?([\s-]*bre(e)?d)?|mx|mutt|mongrel|moggie|moggy|x)\b",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(
    r"\([^)]*\d[^)]*\)|\b(small|medium|large)\b(?! munsterlander)", re.IGNORECASE
)
_SEPARATORS: Final = re.compile(
    r"\s*(?:\bw/|[/&+;]|\bwith\b|(?<!\btan)(?<!\bwhite) and (?!tan\b|white\b)| x )\s*",
    re.IGNORECASE,
)
_AND: Final = re.compile(r"&(?= ?(?:tan|white)\b)", re.IGNORECASE)
_LIST: Final = re.compile(r"\s*,\s*|\s*-\s*")
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_UNKNOWN: Final = re.compile(
    r"(unknown|unkown|unknow|unk|none|other|n a|na|not (known|sure|applicable)|dont know"
    r"|undetermined|unspecified|tbd|dog|cat|canine|feline|purebred)"
)
_SAYS_NOTHING: Final = frozenset(
    {"dog", "cat", "canine", "feline", "pure", "bred", "purebred", "breed", "full", "teacup"}
    | {"tabby", "calico", "tortie", "tortoiseshell", "torbie", "tuxedo", "orange", "brown", "grey"}
)
"""Words beside a breed that name none: the animal, its papers, its coat."""
_SIZES_OF_CROSSES: Final = frozenset(
    ("mini", "miniature", "medium", "standard", "toy", "petite", "f1", "f1b", "f2", "f2b", "f3")
)
_WORDS: Final = {
    word: meant
    for meant, words in (
        ("american", "amer"),
        ("australian", "aust aus austr"),
        ("dachshund", "daschund daschhund dauchsund"),
        ("german", "ger germ"),
        ("haired", "hair"),
        ("miniature", "mini min minature miniture"),
        ("mountain", "mtn mt"),
        ("retriever", "retr ret retreiver retriver"),
        ("shepherd", "shep sheperd shepard shephard sheppard"),
        ("spaniel", "span"),
        ("staffordshire", "staff stafford"),
        ("standard", "std stand"),
        ("terrier", "terr ter terrior"),
    )
    for word in words.split()
}
"""What is written short, or wrong by more than one letter so often that it is no accident."""


def canonical_breeds(species: Species) -> tuple[str, ...]:
    """The canonical names of a species' breeds, in the order of the alphabet; none for many."""
    return _names(species).canonical


def search(start: str, species: Species, *, limit: int = 10) -> tuple[str, ...]:
    """Breeds for a form that completes: those with a word that begins so, by name.

    >>> search("labr", Species.DOG)
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


def recognize(text: str | None, species: Species) -> BreedMatch:
    """The breeds that ``text`` names, for an animal of ``species``.

    Several are parted by ``/``, ``&``, ``x``, ``with`` or ``and``, or by commas and dashes where
    each part is a breed. A slip of one letter is forgiven in names of seven letters or more, where
    only one name can be meant. An animal of which something else is named beside a breed is mixed,
    also where that is not recognised.
    """
    if text is not None and len(text) > _LONGEST:
        return BreedMatch((), False, Recognition.UNRECOGNIZED, (text[:_LONGEST],))
    return _recognized(text or "", species)


@lru_cache(maxsize=_CACHE)
def _recognized(text: str, species: Species) -> BreedMatch:
    words = _AND.sub("and", " ".join(text.split()))
    if not _plain(words) or _UNKNOWN.fullmatch(_plain(words)):
        return BreedMatch((), is_mixed=False, how=Recognition.UNKNOWN)
    is_mixed = False
    found: dict[str, Recognition] = {}
    missed: list[str] = []
    for part in filter(str.strip, _SEPARATORS.split(words)):
        mixed = bool(_MIXED.search(part))
        named = _MIXED.sub(" ", part)
        is_mixed |= mixed
        some = _some(named, species) or (_some(_SIZE.sub(" ", named), species) if mixed else {})
        for breed, how in some.items():
            found.setdefault(breed, how)
        if not some and not _says_nothing(_SIZE.sub(" ", named)):
            missed.append(part.strip())
    if found:
        least_sure = max(found.values(), key=list(Recognition).index)
        mixed = is_mixed or bool(missed) or len(found) > 1
        return BreedMatch(tuple(found), mixed, least_sure, tuple(missed))
    if missed:
        return BreedMatch((), is_mixed, Recognition.UNRECOGNIZED, tuple(missed))
    return BreedMatch((), is_mixed, Recognition.MIXED if is_mixed else Recognition.UNKNOWN)


def _says_nothing(text: str) -> bool:
    plain = _plain(text)
    return bool(_UNKNOWN.fullmatch(plain)) or _SAYS_NOTHING.issuperset(plain.split())


def _some(text: str, species: Species) -> dict[str, Recognition]:
    """The breed that ``text`` is, or those that it lists; none unless all of it is understood."""
    one = _one(text, species)
    if one is not None:
        return dict([one])
    listed = [each for each in _LIST.split(text) if not _says_nothing(each)]
    if len(listed) < 2:  # noqa: PLR2004 -- a list has two
        return {}
    found = [_one(each, species) for each in listed]
    loose = _names(species).loose
    return (
        {} if any(each is None or each[0] in loose for each in found) else dict(filter(None, found))
    )


def _one(text: str, species: Species) -> tuple[str, Recognition] | None:
    names = _names(species)
    key = _key(text)
    if key in names.exact:
        return names.exact[key], Recognition.EXACT
    alias = names.alias.get(key) or names.joined.get(_plain(text).replace(" ", ""))
    if alias is None:
        alias = _written_short(_plain(text).split(), names)
    if alias is not None:
        return alias, Recognition.ALIAS
    corrected = _corrected(key, names)
    return None if corrected is None else (corrected, Recognition.CORRECTED)


def _written_short(words: list[str], names: _Names) -> str | None:
    """The name when abbreviations are written out and words that say nothing are left out."""
    full = [_WORDS.get(word, word) for word in words]
    said = [word for word in full if word not in _SAYS_NOTHING]
    for these in (full, said):
        key = " ".join(sorted(these))
        name = names.exact.get(key) or names.alias.get(key)
        if name is not None:
            return name
    bare = [word for word in words if word not in _SIZES_OF_CROSSES | _SAYS_NOTHING]
    cross = names.joined.get("".join(bare))
    return cross if cross in names.crosses else None


def _corrected(key: str, names: _Names) -> str | None:
    """The one name that is a single slip away: a letter too many, too few, other or swapped.

    The first letter of a word is hardly ever mistaken, and often all that tells two names apart:
    a Shorkie is no Chorkie.
    """
    letters = len(key.replace(" ", ""))
    if not _SHORTEST_TO_CORRECT <= letters <= _LONGEST_TO_CORRECT:
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
    for at in range(1, len(word) + 1):
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
    from vetcore.values.breed_names import dogs, more_dogs, others  # noqa: PLC0415 -- at first use

    kinds = _lines(dogs.TYPES if species is Species.DOG else "")
    breeds = _lines(
        dogs.NAMES + more_dogs.NAMES if species is Species.DOG else others.NAMES.get(species, "")
    )
    crosses = _lines(dogs.CROSSES + more_dogs.CROSSES if species is Species.DOG else "")
    every = kinds | breeds | crosses
    joined: dict[str, set[str]] = {}
    for name, aliases in every.items():
        for each in (name, *aliases):
            joined.setdefault(_plain(each).replace(" ", ""), set()).add(name)
    return _Names(
        canonical=tuple(sorted(every)),
        exact={_key(name): name for name in every},
        alias={_key(alias): name for name, aliases in every.items() for alias in aliases},
        joined={letters: next(iter(names)) for letters, names in joined.items() if len(names) == 1},
        loose=frozenset(kinds),
        crosses=frozenset(crosses),
    )


def _lines(table: str) -> dict[str, tuple[str, ...]]:
    parted = (line.partition(":") for line in table.splitlines() if line.strip())
    return {
        name.strip(): tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
        for name, _, aliases in parted
    }
