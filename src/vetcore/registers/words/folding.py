"""The form in which words are compared, and the cells that say nothing."""

import re
from functools import lru_cache
from typing import Final
from unicodedata import combining, normalize

__all__ = ["is_blank", "one_word", "plain"]

_CACHE: Final = 65_536
_LONGEST: Final = 200
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")
_EITHER_ENDING: Final = re.compile(
    r"(?<=\w)(?:[(\[](?:e|a|in|ne|s)[)\]]|[·•](?:e|a|in|ne|s)\b)", re.IGNORECASE
)
"""As in ``stérilisé(e)``, ``esterilizado(a)`` and ``né·e``."""
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain(text: str) -> str:
    """Return the words of a text, without accents, case and punctuation.

    >>> plain("  De-sexed (Männlich) ")
    'de sexed mannlich'
    """
    whole = _EITHER_ENDING.sub("", text[:_LONGEST])
    bare = "".join(c for c in normalize("NFKD", whole) if not combining(c))
    return _NOT_A_WORD.sub(" ", bare.casefold()).strip()


def one_word(text: str) -> str:
    """Return the letters and digits of a heading as one word.

    ``Animal ID`` becomes the same as ``animal_id`` and ``AnimalID``.

    >>> one_word("Animal ID"), one_word("Geschlecht_Hund")
    ('animalid', 'geschlechthund')
    """
    return plain(_CAMEL.sub(" ", text)).replace(" ", "")


@lru_cache(maxsize=_CACHE)
def is_blank(text: str) -> bool:
    """Return whether a cell is empty, or holds a text that means nothing is known.

    >>> is_blank(" NULL "), is_blank("-"), is_blank("0000-00-00"), is_blank("No")
    (True, True, True, False)
    """
    stripped = text.strip()
    if not stripped or len(stripped) > _LONGEST:
        return not stripped
    words = plain(stripped)
    if words in _NOTHING:
        return True
    return not words.strip("0 ") and not stripped.isdigit() and stripped.isascii()


_NOTHING: Final = frozenset(
    line.strip()
    for line in """
    null
    n a
    na
    nan
    nil
    none
    nul
    unknown
    unk
    unkn
    not known
    not recorded
    not provided
    not available
    not applicable
    not specified
    not stated
    unspecified
    undetermined
    undefined
    no data
    tbd
    missing value
    unbekannt
    nicht bekannt
    keine
    kein
    keine angabe
    keine angaben
    ohne angabe
    k a
    aucun
    aucune
    inconnu
    inconnue
    non connu
    non renseigne
    non renseignee
    non precise
    ninguno
    ninguna
    desconocido
    desconocida
    no consta
    sin datos
    no disponible
    nessuno
    nessuna
    sconosciuto
    sconosciuta
    non noto
    non nota
    non disponibile
    geen
    onbekend
    niet bekend
    niet opgegeven
    n v t
    nvt
    """.splitlines()
    if line.strip()
)
