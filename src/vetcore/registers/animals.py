"""Reads the cells that say what an animal is. Results are cached, since they repeat."""

import json
from functools import lru_cache
from typing import Final, NamedTuple
from unicodedata import category

from vetcore.errors import InvalidValue
from vetcore.registers.words.folding import is_blank, plain
from vetcore.registers.words.kinds import read_species
from vetcore.registers.words.sexes import Reading, read_both, read_neutered, read_sex
from vetcore.values.animals import Sex, Species
from vetcore.values.breeds import recognize, unrecognized
from vetcore.values.contact import normalize_name, normalize_postal_code

__all__ = ["Kind", "Refused", "as_json", "kind_of", "name_of", "one_line", "postal_code_of"]

_CACHE: Final = 65_536
_LONGEST_TEXT: Final = 200
_NO_NAME: Final = frozenset(
    line.strip()
    for line in """
    unknown dog name
    unknown cat name
    unknown pet name
    unknown name
    name unknown
    name not provided
    no name
    noname
    not named
    unnamed
    un named
    no name given
    name not known
    not named yet
    ohne name
    ohne namen
    namenlos
    kein name
    sans nom
    pas de nom
    sin nombre
    senza nome
    zonder naam
    geen naam
    naamloos
    """.splitlines()
    if line.strip()
)
_NULLS: Final = frozenset(
    "NULL Null null (NULL) (null) N/A n/a #N/A NA NaN nan None none NONE NIL nil".split()  # noqa: SIM905
)
"""Words that programs write for a missing name. "Nan" and "Na" are not here: people bear them."""


class Refused(Exception):
    """The row breaks a rule, and is refused."""

    def __init__(
        self, *, field: str, rule: str, value: str = "", is_unknown_word: bool = False
    ) -> None:
        super().__init__(rule)
        self.field, self.rule, self.value = field, rule, value
        self.is_unknown_word = is_unknown_word


class Kind(NamedTuple):
    """The values of a row that many rows share."""

    species: str
    breeds: str
    """JSON."""
    sex: str
    is_neutered: bool | None
    color: str | None
    unknown: tuple[tuple[str, str], ...]
    """Words that are not known, each with its field."""


def as_json(value: object) -> str:
    """Return JSON as the ORM writes it, so that equal values look equal on SQLite too."""
    return json.dumps(value)


def one_line(value: str, field: str) -> str:
    """Return the text on one line, or an empty text for a cell that says nothing.

    Raises:
        Refused: the text holds what no column can store.
    """
    line = " ".join(value.split())
    if not line.isprintable() and any(category(each) == "Cc" for each in line):
        raise Refused(field=field, rule="has a control character")
    if len(line) > _LONGEST_TEXT:
        raise Refused(field=field, rule="is too long", value=line[:80])
    return "" if is_blank(line) else line


@lru_cache(maxsize=_CACHE)
def kind_of(  # noqa: PLR0913, PLR0917 -- the key of a cache
    species: str,
    breed: str,
    second: str,
    both: str,
    sex: str,
    neutered: str,
    color: str,
    letters: str,
) -> Kind:
    """Return what these cells say of an animal. ``letters`` is JSON, from letters to species.

    Raises:
        Refused: the species is missing or not known, or a text holds what no column can.
    """
    first, other = one_line(breed, "breed"), one_line(second, "second_breed")
    kind = _species(species, first, letters)
    unknown: list[tuple[str, str]] = []
    breeds: dict[str, None] = {}
    for text in filter(None, (first, other)):
        breeds.update(dict.fromkeys(recognize(text, kind).breeds))
        # A goat whose breed is "Goat" has none.
        missed = unrecognized(text, kind)
        unknown += [("breed", each) for each in missed if not read_species(each)]
    is_female_or_male, is_neutered = _sex(both, sex, neutered, unknown)
    coat = one_line(color, "color") or None
    return Kind(
        kind.value,
        as_json(list(breeds)),
        is_female_or_male.value,
        is_neutered,
        coat,
        tuple(dict.fromkeys(unknown)),
    )


def _species(text: str, breed: str, letters: str) -> Species:
    if is_blank(text):
        raise Refused(field="species", rule="is missing")
    letter = json.loads(letters).get(plain(text))
    found = Species(letter) if letter else read_species(text)
    if found is None:
        raise Refused(
            field="species", rule="is not known", value=text.strip()[:80], is_unknown_word=True
        )
    if found is Species.OTHER and breed:
        # Shelters know dogs, cats and others, and write "RABBIT SH" where the breed is.
        return read_species(breed) or found
    return found


def _sex(
    both: str, sex: str, neutered: str, unknown: list[tuple[str, str]]
) -> tuple[Sex, bool | None]:
    """Sex and neutering out of up to three columns; the one that asks for a thing comes first."""
    readings: dict[str, Reading] = {
        name: read(cell)
        for name, read, cell in (
            ("neutered", read_neutered, neutered),
            ("sex", read_sex, sex),
            ("neutered_and_sex", read_both, both),
        )
        if cell
    }
    cells = {"neutered": neutered, "sex": sex, "neutered_and_sex": both}
    unknown += [
        (name, cells[name].strip()[:80])
        for name, reading in readings.items()
        if not reading.is_understood
    ]
    said = [readings[name] for name in ("sex", "neutered_and_sex", "neutered") if name in readings]
    # "Neutered" is said of males in a column of sexes, and of all in one that asks for neutering.
    likely = [reading.likely_sex for name, reading in readings.items() if name != "neutered"]
    found = next((each.sex for each in said if each.sex is not None), None) or next(
        (each for each in likely if each is not None), None
    )
    is_neutered = next(
        (each.neutered for each in readings.values() if each.neutered is not None), None
    )
    return found or Sex.UNKNOWN, is_neutered


@lru_cache(maxsize=_CACHE)
def name_of(text: str, stand_in: str | None) -> str:
    """Return the animal's name, without the asterisk of names that a shelter gave.

    Where something stands in for blanks, it takes the place of "Unknown" and "No name", too.

    Raises:
        Refused: the name is blank, or is none.
    """
    name = " ".join(text.split()).strip("*").strip()
    if stand_in is not None and plain(name) in _NO_NAME:
        name = stand_in
    if name in _NULLS or not any(map(str.isalnum, name)):
        raise Refused(field="name", rule="is blank")
    try:
        return normalize_name(name)
    except InvalidValue as error:
        raise Refused(field="name", rule=str(error.details["rule"]), value=text[:80]) from error


@lru_cache(maxsize=_CACHE)
def postal_code_of(text: str, country: str | None) -> str | None:
    """Return the postal code as the country writes it, or None for what is no postal code."""
    try:
        return normalize_postal_code(text, country)
    except InvalidValue:
        return None
