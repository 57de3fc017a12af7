"""From a row of a register to a pet, or to the rule that it breaks. Pure; values repeat, so cached."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple
from unicodedata import category
from uuid import UUID, uuid5

from vetcore import clock
from vetcore.errors import InvalidValue
from vetcore.registers.layouts import FIELDS, Layout
from vetcore.registers.report import Finding, Outcome
from vetcore.values.animals import PetStatus, Sex, Species
from vetcore.values.breeds import recognize
from vetcore.values.contact import normalize_name, normalize_postal_code
from vetcore.values.schedules import DEFAULT_SCHEDULES, earliest_due, next_due
from vetcore.values.vaccination import Antigen, Vaccination, VaccinationSource

__all__ = ["Cleaner", "Entry"]

_CACHE: Final = 65_536
_NAMESPACE: Final = UUID("5f0c3a52-7d4f-4a0e-9a51-3b1f5a7c2e90")
_LONGEST_NUMBER: Final = 64
_LONGEST_TEXT: Final = 200
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199
_ACTIVE: Final = PetStatus.ACTIVE.value
_RABIES: Final = [each for each in DEFAULT_SCHEDULES if each.antigen is Antigen.RABIES]


class Entry(NamedTuple):
    """A pet as it is stored, but for what is the same for all; dates as ISO 8601 writes them."""

    line: int
    license_number: str
    as_of: str | None
    name: str
    species: str
    breeds: str
    """JSON."""
    sex: str
    is_neutered: bool | None
    born_on: str | None
    color: str | None
    postal_code: str | None
    status: str
    vaccinations: str
    """JSON."""
    next_vaccination_due_on: str | None


class _Refused(Exception):
    def __init__(self, *, field: str, rule: str, value: str = "") -> None:
        super().__init__(rule)
        self.field, self.rule, self.value = field, rule, value


class _Animal(NamedTuple):
    """What repeats from row to row: there are fewer kinds of animals than animals."""

    species: str
    breeds: str
    sex: str
    is_neutered: bool | None
    color: str | None


_KIND: Final = ("species", "breed", "second_breed", "neutered_and_sex", "sex", "neutered", "color")


class Cleaner:
    """Cleans the rows of one register, whose columns are where ``header`` says."""

    def __init__(
        self, layout: Layout, header: Sequence[str], note: Callable[[Finding], None]
    ) -> None:
        self.layout = layout
        self.width = len(header)
        self.today = clock.now().date().isoformat()
        self._note = note
        places = {name: header.index(column) for name, column in layout.columns.items()}
        # A column too many, and empty, stands for what the register does not have.
        self._places = {name: places.get(name, self.width) for name in FIELDS}
        self._kind = itemgetter(*(self._places[name] for name in _KIND))
        self._number, self._name = self._places["license_number"], self._places["name"]
        self._vaccinated = "vaccinated_on" in places

    def entry(self, line: int, row: Sequence[str]) -> Entry | None:
        """The row as a pet; None if it was refused, which is noted."""
        number = ""
        try:
            self._check_width(row)
            padded = [*row, ""]
            number = padded[self._number].strip()
            return self._clean(line, number, padded)
        except _Refused as refused:
            finding = (line, number, Outcome.REFUSED, refused.field, refused.rule, refused.value)
            self._note(Finding(*finding))
            return None

    def _check_width(self, row: Sequence[str]) -> None:
        if len(row) != self.width:
            raise _Refused(field="row", rule=f"has {len(row)} columns, not {self.width}")

    def _clean(self, line: int, number: str, row: Sequence[str]) -> Entry:
        if not number:
            raise _Refused(field="license_number", rule="is missing")
        if len(number) > _LONGEST_NUMBER or not number.isprintable():
            raise _Refused(
                field="license_number", rule="is no number of a licence", value=number[:80]
            )
        animal = _animal(*self._kind(row))
        born_on = self._date(row, "born_on")
        if born_on is not None and born_on > self.today:
            raise _Refused(field="born_on", rule="lies in the future", value=born_on)
        vaccinations, due_on = "[]", None
        if self._vaccinated:
            vaccinations, due_on = self._vaccination(number, row, animal.species, born_on)
        status = self._status(row)
        if status == PetStatus.DECEASED:
            due_on = None
        return Entry(
            line,
            number,
            self._date(row, "as_of"),
            _name(row[self._name]),
            animal.species,
            animal.breeds,
            animal.sex,
            animal.is_neutered,
            born_on,
            animal.color,
            self._postal_code(line, number, row),
            status,
            vaccinations,
            due_on,
        )

    def _date(self, row: Sequence[str], field: str) -> str | None:
        text = row[self._places[field]]
        if not text:
            return None
        found = _date(text, self.layout.day_first)
        if found is None:
            raise _Refused(
                field=field, rule=f"is no date of {_FIRST_YEAR} to {_LAST_YEAR}", value=text[:80]
            )
        return found or None

    def _postal_code(self, line: int, number: str, row: Sequence[str]) -> str | None:
        text = row[self._places["postal_code"]]
        if not text:
            return None
        found = _postal_code(text, self.layout.country)
        if found is None:
            rule = f"is not a postal code of {self.layout.country}"
            self._note(Finding(line, number, Outcome.ADJUSTED, "postal_code", rule, text))
        return found

    def _status(self, row: Sequence[str]) -> str:
        text = row[self._places["status"]]
        if text:
            for word, status in self.layout.statuses.items():
                if word in text:
                    return status
        return _ACTIVE

    def _vaccination(
        self, number: str, row: Sequence[str], species: str, born_on: str | None
    ) -> tuple[str, str | None]:
        given_on = self._date(row, "vaccinated_on")
        if given_on is None:
            return "[]", None
        until = self._date(row, "vaccinated_until")
        if given_on > self.today:
            raise _Refused(field="vaccinated_on", rule="lies in the future", value=given_on)
        if born_on is not None and given_on < born_on:
            value = f"{given_on}, born {born_on}"
            raise _Refused(field="vaccinated_on", rule="lies before the birth", value=value)
        if until is not None and until < given_on:
            value = f"{until}, given {given_on}"
            raise _Refused(
                field="vaccinated_until", rule="lies before the vaccination", value=value
            )
        # The same entry has the same id in every import, so that nothing seems to have changed.
        vaccination = Vaccination(
            id=uuid5(_NAMESPACE, f"{self.layout.jurisdiction}/{number}/{given_on}"),
            antigens=(Antigen.RABIES,),
            product=_text(row[self._places["vaccine"]], "vaccine").strip("* ") or None,
            administered_on=date.fromisoformat(given_on),
            valid_until=_day(until),
            source=VaccinationSource.IMPORTED,
        )
        documents = _json([vaccination.model_dump(mode="json")])
        return documents, until or self._next_due(vaccination, species, born_on)

    def _next_due(self, given: Vaccination, species: str, born_on: str | None) -> str | None:
        """When the guidelines want the next dose, where the register does not say."""
        born, today = _day(born_on), date.fromisoformat(self.today)
        due = earliest_due(next_due(_RABIES, Species(species), born, [given], today))
        return None if due is None else due.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _json(value: object) -> str:
    """As the ORM writes it, so that on SQLite, too, what is equal looks equal."""
    return json.dumps(value)


def _text(value: str, field: str) -> str:
    """The text on one line, or the refusal of a row that holds what no column can."""
    line = " ".join(value.split())
    if not line.isprintable() and any(category(each) == "Cc" for each in line):
        raise _Refused(field=field, rule="has a control character")
    if len(line) > _LONGEST_TEXT:
        raise _Refused(field=field, rule="is too long", value=line[:80])
    return line


@lru_cache(maxsize=_CACHE)
def _animal(  # noqa: PLR0913, PLR0917 -- the key of a cache
    species: str, breed: str, second: str, both: str, sex: str, neutered: str, color: str
) -> _Animal:
    kind = _species(species)
    if both:
        neutered, _, sex = both.partition("/")
    breeds = _breeds(_text(breed, "breed"), _text(second, "second_breed"), kind)
    coat = _text(color, "color") or None
    return _Animal(kind.value, breeds, _sex(sex), _yes_or_no(neutered), coat)


@lru_cache(maxsize=_CACHE)
def _name(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise _Refused(field="name", rule="is blank")
    try:
        return normalize_name(text)
    except InvalidValue as error:
        raise _Refused(field="name", rule=str(error.details["rule"]), value=text[:80]) from error


def _species(text: str) -> Species:
    if not text.strip():
        raise _Refused(field="species", rule="is missing")
    word = text.strip().casefold().replace(" ", "_")
    try:
        return Species(_SPECIES.get(word, word))
    except ValueError as error:
        raise _Refused(field="species", rule="is not known", value=text[:80]) from error


_SPECIES: Final[Mapping[str, str]] = {
    "canine": "dog",
    "feline": "cat",
    "potbelly_pig": "pig",
    "miniature_goat": "goat",
    "cow": "cattle",
}


def _breeds(first: str, second: str, species: Species) -> str:
    found: dict[str, None] = {}
    for text in (first, second):
        if text:
            found.update(dict.fromkeys(recognize(text, species).breeds))
    return _json(list(found))


@lru_cache(maxsize=_CACHE)
def _postal_code(text: str, country: str) -> str | None:
    try:
        return normalize_postal_code(text, country)
    except InvalidValue:
        return None


def _sex(text: str) -> str:
    word = text.strip().casefold()
    if word in {"male", "m"}:
        return Sex.MALE.value
    return Sex.FEMALE.value if word in {"female", "f"} else Sex.UNKNOWN.value


def _yes_or_no(text: str) -> bool | None:
    word = text.strip().casefold()
    if word in {"yes", "y", "true", "1", "neutered", "spayed"}:
        return True
    return False if word in {"no", "n", "false", "0", "intact"} else None


_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")


@lru_cache(maxsize=_CACHE)
def _date(text: str, day_first: bool) -> str | None:
    """The date as ISO 8601 writes it; empty for blanks, None for what is no date."""
    text = text.strip()
    if not text:
        return ""
    try:
        if match := _SLASHED.fullmatch(text):
            month, day, year = map(int, match.groups())
            found = date(year, day, month) if day_first else date(year, month, day)
        else:
            found = datetime.fromisoformat(text).replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return found.isoformat() if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
