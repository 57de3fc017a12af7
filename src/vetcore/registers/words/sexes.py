"""The words for sex and neutering, in one column or in two."""

from functools import lru_cache
from typing import Final, NamedTuple

from vetcore.registers.words.folding import is_blank, plain
from vetcore.values.animals import Sex

__all__ = ["Reading", "read_both", "read_neutered", "read_sex"]

_CACHE: Final = 4_096


class Reading(NamedTuple):
    """What a cell says of sex and neutering."""

    sex: Sex | None
    """None where it does not say."""
    neutered: bool | None
    likely_sex: Sex | None
    """What the word goes with: ``Spayed`` is said of females, ``castré`` of males."""
    is_understood: bool
    """Whether each of its words is known."""


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FEMALE: Final = _table("""
    feminin feminine femenino femenina femminile
    f fem female females girl bitch queen mare filly doe ewe sow hen cow heifer nanny jill dam vixen
    w wbl weibl weiblich weibchen hundin huendin katzin kaetzin katze stute
    femelle chienne chatte jument lice
    h hembra perra gata yegua
    femmina cagna gatta cavalla
    v vr vrouw vrouwelijk vrouwtje teef poes kattin merrie voedster
""")
_MALE: Final = _table("""
    masculin masculine masculino masculina maschile varon
    m male males boy dog tom stallion colt stud sire buck ram boar bull cock rooster hob billy
    mannl mnl mannlich maennlich mannchen maennchen rude ruede kater hengst rammler
    chien chat etalon
    macho perro gato
    maschio cane gatto stallone
    man mannelijk mannetje reu ram
""")
_NEUTERED: Final = _table("""
    esterilizar castrar sterilizzare castrare steriliser castrer kastrieren castreren steriliseren
    desexed desex altered fixed sterilised sterilized unsexed
    kastriert kastrierte kastrierter kastriertes kastr sterilisiert sterilisierte sterilisierter
    kastration
    gecastreerd gecastreerde gesteriliseerd gesteriliseerde gecastr gesterl sterilisatie castratie
    n s c k d a
""")
_OF_FEMALES: Final = _table("""
    spayed spay spaid speyed spey ovariohysterectomy ovariectomy ohe ovh
    sterilisee castree ovariectomisee
    esterilizada castrada ovariohisterectomizada
    sterilizzata castrata
    wk kw
""")
_OF_MALES: Final = _table("""
    neutered neuter neut castrated castrate gelding gelded wether barrow steer capon
    wallach kastrat
    sterilise castre hongre
    esterilizado castrado capado capon
    sterilizzato castrato castrone
    ruin
""")
_INTACT: Final = _table("""
    intact entire unaltered unspayed unneutered uncastrated unsterilised unsterilized undesexed
    unfixed whole i e
    intakt intakte intakter unkastriert unkastrierte unkastrierter unsterilisiert unsterilisierte
    entier entiere
    entero entera integro integra
    intero intera intatto intatta
    ongecastreerd ongecastreerde ongesteriliseerd ongesteriliseerde
""")
_YES: Final = _table("yes y true ja j oui o si s wahr vrai verdadero vero waar t x 1")
_NO: Final = _table("no n false nein non nee falsch faux falso onwaar f 0")
_NOT: Final = _table("not non no nicht niet sin pas nein nee kein keine senza geen")
_IN_DOUBT: Final = _table("""
    unknown u unk known sure unsure possibly maybe undetermined unclear bekannt unbekannt
    inconnu inconnue desconocido desconocida sconosciuto sconosciuta onbekend
""")
_PASSED_OVER: Final = _table("""
    and the a of is has been und et e en y ist sex gender animal cat adult puppy kitten surgically
    ja yes oui si status hund chien
""")
_CODES: Final = {
    code: (Sex.FEMALE if sex == "f" else Sex.MALE, neutered)
    for sex, neutered, codes in (
        ("f", True, "fs sf fn nf fd df fx fa wk kw ws fk vs vg vc hc hs"),
        ("m", True, "mn nm mc cm md dm mx mk km mg ms ma"),
        ("f", False, "fi if fe ef"),
        ("m", False, "mi im me em"),
        ("f", None, "fu uf"),
        ("m", None, "mu um"),
    )
    for code in codes.split()
}
_WORDS_TOO: Final = _table("if im ma me mi um")
"""Codes that are words of sentences, too: they are codes where the cell says nothing but sexes."""

_ALONE: Final = {
    "s": Reading(None, neutered=True, likely_sex=Sex.FEMALE, is_understood=True),
    "n": Reading(None, neutered=True, likely_sex=Sex.MALE, is_understood=True),
    "c": Reading(None, neutered=True, likely_sex=Sex.MALE, is_understood=True),
    "g": Reading(None, neutered=True, likely_sex=Sex.MALE, is_understood=True),
}
"""What a single letter means in a column of sexes, where it is none."""

_NOTHING: Final = Reading(None, None, None, is_understood=True)


@lru_cache(maxsize=_CACHE)
def read_sex(text: str) -> Reading:
    """Return what a cell in a column of sexes says. It may tell of neutering, too.

    >>> read_sex("Spayed").neutered, read_sex("Neutered Male").sex, read_sex("F/S").neutered
    (True, <Sex.MALE: 'male'>, True)
    >>> read_sex("weiblich, nicht kastriert").neutered, read_sex("Xyz").is_understood
    (False, False)
    """
    if is_blank(text):
        return _NOTHING
    words = _words(text)
    return _ALONE.get(" ".join(words)) or _read(words)


@lru_cache(maxsize=_CACHE)
def read_neutered(text: str) -> Reading:
    """Return what a cell says in a column that tells whether the animal is neutered.

    A date in the cell is the day on which it was neutered.
    """
    if is_blank(text):
        return _NOTHING
    words = _words(text)
    said = " ".join(words)
    if said in _YES or (all(map(str.isdigit, words)) and len(words) == 3):  # noqa: PLR2004 -- a date
        return _NOTHING._replace(neutered=True)
    if said in _NO:
        return _NOTHING._replace(neutered=False)
    return _read(words)


@lru_cache(maxsize=_CACHE)
def read_both(text: str) -> Reading:
    """Return what a cell says that has neutering first and then the sex, as in ``Yes / Male``."""
    first, slash, rest = text.partition("/")
    answer = plain(first)
    if slash and (answer in _YES or answer in _NO or is_blank(first)) and answer not in {"f", "s"}:
        neutered, sex = read_neutered(first), read_sex(rest)
        return Reading(
            sex.sex,
            neutered.neutered if sex.neutered is None else sex.neutered,
            sex.likely_sex,
            is_understood=sex.is_understood,
        )
    return read_sex(text)


def _words(text: str) -> list[str]:
    text = text.replace("♀", " female ").replace("♂", " male ")
    return plain(text).replace("de sexed", "desexed").replace("un altered", "unaltered").split()


class _Said:
    """What the words so far have said."""

    def __init__(self) -> None:
        self.sexes: set[Sex] = set()
        self.likely: set[Sex] = set()
        self.neutered: bool | None = None
        self.negated = self.in_doubt = False
        self.is_understood = True

    def hear(self, word: str, *, in_sentence: bool) -> None:
        """Take in one more word."""
        if in_sentence and word in _WORDS_TOO:
            return
        if (code := _CODES.get(word)) is not None:
            self.sexes.add(code[0])
            self._answer(answer=code[1])
        elif word in _FEMALE or word in _MALE:
            self.sexes.add(Sex.FEMALE if word in _FEMALE else Sex.MALE)
        elif word in _NOT and word not in _NEUTERED:
            self.negated = True
        elif word in _IN_DOUBT:
            self.in_doubt, self.negated = True, False
        elif word in _ABOUT_NEUTERING:
            self._hear_of_neutering(word)
        elif word in _YES:
            self._answer(answer=True)
        elif word not in _PASSED_OVER:
            self.is_understood = False

    def _answer(self, *, answer: bool | None) -> None:
        self.neutered = answer if self.neutered is None else self.neutered

    def _hear_of_neutering(self, word: str) -> None:
        if word in _OF_FEMALES:
            self.likely.add(Sex.FEMALE)
        elif word in _OF_MALES:
            self.likely.add(Sex.MALE)
        if not self.in_doubt:
            self.neutered = (word in _INTACT) is self.negated
        self.negated = False


_SEXES: Final = _FEMALE | _MALE | _CODES.keys()
_ABOUT_NEUTERING: Final = _NEUTERED | _OF_FEMALES | _OF_MALES | _INTACT


def _read(words: list[str]) -> Reading:
    said = _Said()
    in_sentence = any(word not in _SEXES for word in words)
    for word in words:
        said.hear(word, in_sentence=in_sentence)
    # What is left of a "no" answers for itself: "Neutered: no", and the "No" of "No / Male".
    neutered = False if said.negated else said.neutered
    return Reading(_the_one(said.sexes), neutered, _the_one(said.likely), said.is_understood)


def _the_one(sexes: set[Sex]) -> Sex | None:
    return sexes.pop() if len(sexes) == 1 else None
