"""Recognises breeds: which canonical name is meant by what people write.

>>> recognize("Retriever, Labrador", Species.DOG).breeds
('Labrador Retriever',)
>>> recognize("Brittany / Border Collie", Species.DOG).breeds
('Brittany', 'Border Collie')
>>> recognize("Lab mix", Species.DOG).is_mixed
True
>>> unrecognized("Beagle / Snark", Species.DOG)
('Snark',)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache, lru_cache
from typing import Final, NamedTuple
from unicodedata import combining, normalize

from vetcore.values.animals import Species

__all__ = [
    "BreedMatch",
    "Recognition",
    "canonical_breeds",
    "recognize",
    "search",
    "unrecognized",
]

_CACHE: Final = 16_384
_LONGEST: Final = 200
"""Letters of the longest text that is read: more is no breed, and would take long to compare."""
_LONGEST_TO_CORRECT: Final = 48
_SHORTEST_TO_CORRECT: Final = 7
"""Letters that a name needs before a slip of one is forgiven: short names are too alike."""


@unique
class Recognition(StrEnum):
    """How a breed was recognised. The surest way comes first."""

    EXACT = "exact"
    """The text has the canonical name, in any order of words."""
    ALIAS = "alias"
    """The text has another name of the breed: a short form or a usual misspelling."""
    CORRECTED = "corrected"
    """The text has the name with one slip of the pen."""
    MIXED = "mixed"
    """The text names no breed, but says that the animal is mixed."""
    UNKNOWN = "unknown"
    """The text is empty, or says that the breed is not known."""
    UNRECOGNIZED = "unrecognized"
    """The text names something that is no known breed."""


@dataclass(frozen=True, slots=True)
class BreedMatch:
    """What was recognised: canonical names, in the order in which the text names them."""

    breeds: tuple[str, ...]
    is_mixed: bool
    how: Recognition


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
    r"\b(mix(ed|es)?(\s?-?\s?breed)?|cross(ed|es)?(\s?-?\s?bree?d)?|mx|mutt|mongrel|moggie|moggy|x"
    r"|mischling(shund|skatze)?|kreuzung|crois(e|é)(e|é)?|b(a|â)tarde?|mestiz[oa]|cruce|cruzad[oa]"
    r"|meticci[oa]|incrocio|kruising|bastaard)\b",
    re.IGNORECASE,
)
_SIZE: Final = re.compile(
    r"\([^()]*\)|\b(small|medium|large|klein(er|e)?|mittel(gross|groß)?|gro(ss|ß)(er|e)?|petite?|moyen"
    r"|grande?|peque(n|ñ)[oa]|median[oa]|piccol[oa]|medi[oa]|taglia|groot|middelgroot)\b"
    r"(?! munsterlander)",
    re.IGNORECASE,
)
_SEPARATORS: Final = re.compile(
    r"(?:(?<!\s)\s+)?(?:\bw/|[/&+;]|\b(?:with|mit|und|con)\b|(?<!\btan)(?<!\bwhite) and (?!tan\b|white\b)| x )\s*",
    re.IGNORECASE,
)
_AND: Final = re.compile(r"&(?= ?(?:tan|white)\b)", re.IGNORECASE)
_LIST: Final = re.compile(r"(?:(?<!\s)\s+)?[,\-]\s*")
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_UNKNOWN: Final = re.compile(
    r"(unknown|unkown|unknow|unk|none|other|n a|na|not (known|sure|applicable)|dont know"
    r"|undetermined|unspecified|tbd|dog|cat|canine|feline|purebred"
    r"|unbekannt|keine angaben?|k a|hund|katze|inconnue?|chien|chat|desconocid[oa]|perro|gato"
    r"|sconosciut[oa]|cane|gatto|onbekend|hond|kat|sin raza|senza razza|sans race|rasloos)"
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
        ("alaskan", "alask"),
        ("american", "amer am"),
        ("anatolian", "anatol"),
        ("australian", "aust aus austr austral"),
        ("belgian", "belg"),
        ("brussels", "bruss"),
        ("bulldog", "bulld"),
        ("chesapeake", "chesa ches"),
        ("coated", "coat"),
        ("dachshund", "daschund daschhund dauchsund"),
        ("english", "eng engl"),
        ("german", "ger germ"),
        ("great", "grt"),
        ("haired", "hair"),
        ("heeler", "heel"),
        ("italian", "ital"),
        ("long haired", "lh"),
        ("medium haired", "mh"),
        ("miniature", "mini min minature miniture"),
        ("mountain", "mtn mt"),
        ("pinscher", "pinsch"),
        ("pointer", "point"),
        ("rhodesian", "rhod"),
        ("russell", "russ russel"),
        ("short haired", "sh"),
        ("siberian", "sib"),
        ("springer", "sprngr"),
        ("wire haired", "wh"),
        ("retriever", "retr ret retreiver retriver"),
        ("shepherd", "shep sheperd shepard shephard sheppard"),
        ("spaniel", "span"),
        ("staffordshire", "staff stafford"),
        ("standard", "std stand stnd stan"),
        ("terrier", "terr ter terrior tr"),
    )
    for word in words.split()
}
"""What is written short, or wrong by more than one letter so often that it is no accident."""


def canonical_breeds(species: Species) -> tuple[str, ...]:
    """Return the canonical names of a species' breeds, in alphabetical order.

    The result is empty for a species of which no breeds are listed.
    """
    return _names(species).canonical


def search(start: str, species: Species, *, limit: int = 10) -> tuple[str, ...]:
    """Return the breeds of a species that have a word which begins with ``start``, by name.

    A form uses this to complete what somebody types.

    >>> search("labr", Species.DOG)
    ('Labradoodle', 'Labrador Retriever')
    """
    wanted = _plain(start)
    if not wanted:
        return ()
    found = [
        (not plain.startswith(wanted), name)
        for name, plain in _plain_names(species)
        if f" {wanted}" in f" {plain}"
    ]
    return tuple(name for _, name in sorted(found)[:limit])


def recognize(text: str | None, species: Species) -> BreedMatch:
    """Return the breeds that ``text`` names, for an animal of ``species``.

    Several breeds may be separated by ``/``, ``&``, ``x``, ``with`` or ``and``. They may also be
    separated by commas and dashes, if each part is a breed. A slip of one letter is forgiven in a
    name of seven letters or more, if only one breed can be meant. An animal counts as mixed if the
    text names something else beside a breed, even if that is not recognised.
    """
    return _recognized(text or "", species)[0]


def unrecognized(text: str, species: Species) -> tuple[str, ...]:
    """Return the parts of ``text`` that name no known breed.

    The text may name known breeds beside them.
    """
    return _recognized(text, species)[1]


def _recognized(text: str, species: Species) -> tuple[BreedMatch, tuple[str, ...]]:
    if len(text) > _LONGEST:
        return BreedMatch((), is_mixed=False, how=Recognition.UNRECOGNIZED), (text[:_LONGEST],)
    return _read(text, species)


@lru_cache(maxsize=_CACHE)
def _read(text: str, species: Species) -> tuple[BreedMatch, tuple[str, ...]]:
    words = _AND.sub("and", " ".join(text.split()))
    if not _plain(words) or _UNKNOWN.fullmatch(_plain(words)):
        return BreedMatch((), is_mixed=False, how=Recognition.UNKNOWN), ()
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
        is_mixed = is_mixed or bool(missed) or len(found) > 1
        return BreedMatch(tuple(found), is_mixed, least_sure), tuple(missed)
    how = Recognition.MIXED if is_mixed else Recognition.UNKNOWN
    return BreedMatch((), is_mixed, Recognition.UNRECOGNIZED if missed else how), tuple(missed)


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
    full = " ".join(_WORDS.get(word, word) for word in words).split()
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


@cache
def _plain_names(species: Species) -> tuple[tuple[str, str], ...]:
    return tuple((name, _plain(name)) for name in _names(species).canonical)


def _key(text: str) -> str:
    return " ".join(sorted(_plain(text).split()))


@cache
def _names(species: Species) -> _Names:
    # At first use: few processes need them.
    from vetcore.values.breed_names import (  # noqa: PLC0415
        abroad,
        dogs,
        more_dogs,
        others,
        shelters,
    )

    kinds = _lines(dogs.TYPES if species is Species.DOG else "")
    breeds = _lines(
        dogs.NAMES + more_dogs.NAMES if species is Species.DOG else others.NAMES.get(species, "")
    )
    crosses = _lines(dogs.CROSSES + more_dogs.CROSSES if species is Species.DOG else "")
    every = kinds | breeds | crosses
    also = {Species.DOG: (abroad.DOGS, shelters.DOGS), Species.CAT: (abroad.CATS, shelters.CATS)}
    for table in also.get(species, ()):
        for name, aliases in _lines(table).items():
            every[name] += aliases
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
    found: dict[str, tuple[str, ...]] = {}
    for name, _, aliases in parted:
        some = tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
        found[name.strip()] = found.get(name.strip(), ()) + some
    return found
