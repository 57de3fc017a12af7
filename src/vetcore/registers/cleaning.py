"""Turns a row of a register into a pet, or into the rule that it breaks.

The functions are pure. Their results are cached, since values repeat.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import blake2b
from operator import itemgetter
from typing import Final, NamedTuple, NoReturn
from uuid import UUID, uuid5

from vetcore import clock
from vetcore.registers.animals import Refused, as_json, kind_of, name_of, one_line, postal_code_of
from vetcore.registers.days import FIRST_YEAR, LAST_YEAR, DayFound, born_at, read_day
from vetcore.registers.layouts import FIELDS
from vetcore.registers.report import Finding, Outcome
from vetcore.registers.surveying import Survey, latest_of
from vetcore.registers.words.folding import is_blank, plain
from vetcore.registers.words.statuses import read_status
from vetcore.values.animals import PetStatus, Species
from vetcore.values.schedules import DEFAULT_SCHEDULES, earliest_due, next_due
from vetcore.values.vaccination import Antigen, Vaccination, VaccinationSource

__all__ = ["Cleaner", "Entry"]

_NAMESPACE: Final = UUID("5f0c3a52-7d4f-4a0e-9a51-3b1f5a7c2e90")
_LONGEST_NUMBER: Final = 64
_ACTIVE: Final = PetStatus.ACTIVE.value
_DECEASED: Final = PetStatus.DECEASED.value
_RABIES: Final = [each for each in DEFAULT_SCHEDULES if each.antigen is Antigen.RABIES]
_UNKNOWN_WORD: Final = "is a word that is not known"


class Entry(NamedTuple):
    """A pet as it is stored, without values that all share. Dates are in ISO 8601."""

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
    birth_date_is_estimate: bool
    died_on: str | None
    color: str | None
    postal_code: str | None
    status: str
    vaccinations: str
    """JSON."""
    next_vaccination_due_on: str | None


_KIND: Final = ("species", "breed", "second_breed", "neutered_and_sex", "sex", "neutered", "color")
_SAME_ANIMAL: Final = (
    *("owner_number", "name", "species", "breed", "second_breed", "sex", "neutered_and_sex"),
    *("born_on", "color"),
)
"""The fields that stay the same, by which an animal without a number is known."""


class Cleaner:
    """Cleans the rows of a register. ``survey`` says how they are read.

    Args:
        survey: what the first look through the register has shown.
        note: told of each row that is refused or adjusted.
        count: told of each word that is not known, by field.
    """

    def __init__(
        self,
        survey: Survey,
        note: Callable[[Finding], None],
        count: Callable[[str, str], None],
    ) -> None:
        chosen = survey.chosen
        self.layout, self.country = chosen.layout, chosen.country
        self.width = len(chosen.header)
        self.today = clock.now().date().isoformat()
        self._note, self._count = note, count
        self._by_content = chosen.by_content
        self._day_first = survey.day_first
        self._latest = {name: latest_of(name) for name in FIELDS}
        self._letters = as_json(survey.letters)
        # After the row's own cells comes an empty one, for what the register does not have, and
        # one for each field that has a value of its own.
        self._after = [""]
        self._places = {name: chosen.places.get(name, self.width) for name in FIELDS}
        self._stand_ins: list[tuple[int, str]] = []
        for name, value in chosen.given.items():
            if name in chosen.places:
                self._stand_ins.append((self._places[name], value))
            else:
                self._places[name] = self.width + len(self._after)
                self._after.append(value)
        self._name_given = chosen.given.get("name")
        self._kind = itemgetter(*(self._places[name] for name in _KIND))
        self._same = itemgetter(*(self._places[name] for name in _SAME_ANIMAL))
        self._content: Counter[str] = Counter()
        self._number, self._name = self._places["license_number"], self._places["name"]
        self._vaccinated = self._has("vaccinated_on")
        self._aged, self._mortal = self._has("age"), self._has("died_on")
        self._born, self._dated = self._has("born_on") or self._aged, self._has("as_of")
        self._at = (0, "")
        self._age_unit = _unit_of(chosen.header, chosen.places.get("age"))

    def _has(self, name: str) -> bool:
        return self._places[name] != self.width

    def entry(self, line: int, row: Sequence[str]) -> Entry | None:
        """Return the row as a pet, or None if it was refused. A refusal is noted."""
        number = ""
        try:
            if len(row) != self.width:
                self._refuse_width(len(row))
            padded = [*row, *self._after]
            for place, value in self._stand_ins:
                if is_blank(padded[place]):
                    padded[place] = value
            number = self._same_number(padded) if self._by_content else padded[self._number].strip()
            return self._clean(line, number, padded)
        except Refused as refused:
            finding = (line, number, Outcome.REFUSED, refused.field, refused.rule, refused.value)
            self._note(Finding(*finding))
            if refused.is_unknown_word:
                self._count(refused.field, refused.value)
            return None

    def _refuse_width(self, width: int) -> NoReturn:
        raise Refused(field="row", rule=f"has {width} columns, not {self.width}")

    def _same_number(self, row: Sequence[str]) -> str:
        """A number made of what is said of the animal; of equal ones, by their order in the file."""
        said = "\x1f".join(plain(cell) or cell.strip() for cell in self._same(row))
        number = blake2b(said.encode("utf-8", "replace"), digest_size=10).hexdigest()
        self._content[number] += 1
        place = self._content[number]
        return number if place == 1 else f"{number}-{place}"

    def _clean(self, line: int, number: str, row: Sequence[str]) -> Entry:
        if not number or (len(number) < 5 and is_blank(number)):  # noqa: PLR2004 -- "NULL", "N/A"
            raise Refused(field="license_number", rule="is missing")
        if len(number) > _LONGEST_NUMBER or not number.isprintable():
            raise Refused(
                field="license_number", rule="is no number of a licence", value=number[:80]
            )
        self._at = (line, number)
        animal = kind_of(*self._kind(row), self._letters)
        as_of = self._iso(row, "as_of") if self._dated else None
        born_on, is_estimate = self._born_on(row, as_of) if self._born else (None, False)
        died_on = self._died_on(row, born_on) if self._mortal else None
        vaccinations, due_on = "[]", None
        if self._vaccinated:
            vaccinations, due_on = self._vaccination(number, row, animal.species, born_on)
        status = _DECEASED if died_on is not None else self._status(row)
        if status == _DECEASED:
            due_on = None
        name = name_of(row[self._name], self._name_given)
        for field, word in animal.unknown:
            self._adjusted(field, _UNKNOWN_WORD, word)
            self._count(field, word)
        return Entry(
            line,
            number,
            as_of,
            name,
            animal.species,
            animal.breeds,
            animal.sex,
            animal.is_neutered,
            born_on,
            is_estimate,
            died_on,
            animal.color,
            self._postal_code(row),
            status,
            vaccinations,
            due_on,
        )

    def _adjusted(self, field: str, rule: str, value: str) -> None:
        self._note(Finding(*self._at, Outcome.ADJUSTED, field, rule, value[:80]))

    def _day(self, row: Sequence[str], field: str) -> DayFound | None:
        text = row[self._places[field]]
        if not text or is_blank(text):
            return None
        found = read_day(text, self._day_first.get(field, False), self._latest[field])
        if found is None:
            rule = f"is no date of {FIRST_YEAR} to {LAST_YEAR}"
            raise Refused(field=field, rule=rule, value=text.strip()[:80])
        return found

    def _iso(self, row: Sequence[str], field: str) -> str | None:
        found = self._day(row, field)
        return None if found is None else found.iso

    def _born_on(self, row: Sequence[str], as_of: str | None) -> tuple[str | None, bool]:
        """The day of birth, and whether it is an estimate: of a year, or of an age."""
        found = self._day(row, "born_on")
        if found is not None:
            if found.iso > self.today:
                raise Refused(field="born_on", rule="lies in the future", value=found.iso)
            return found.iso, found.precision != "day"
        if not self._aged or as_of is None:
            return None, False
        age = row[self._places["age"]]
        if is_blank(age):
            return None, False
        born_on = born_at(age, as_of, self._age_unit)
        if born_on is None or not f"{FIRST_YEAR}-01-01" <= born_on <= self.today:
            self._adjusted("age", "is no age", age.strip())
            if born_on is None:
                self._count("age", age.strip())
            return None, False
        return born_on, True

    def _died_on(self, row: Sequence[str], born_on: str | None) -> str | None:
        died_on = self._iso(row, "died_on")
        if died_on is not None and died_on > self.today:
            raise Refused(field="died_on", rule="lies in the future", value=died_on)
        if died_on is not None and born_on is not None and died_on < born_on:
            value = f"{died_on}, born {born_on}"
            raise Refused(field="died_on", rule="lies before the birth", value=value)
        return died_on

    def _postal_code(self, row: Sequence[str]) -> str | None:
        text = row[self._places["postal_code"]]
        if not text or is_blank(text):
            return None
        found = postal_code_of(text, self.country)
        if found is None:
            where = self.country or "any country"
            self._adjusted("postal_code", f"is not a postal code of {where}", text)
        return found

    def _status(self, row: Sequence[str]) -> str:
        text = row[self._places["status"]]
        if not text:
            return _ACTIVE
        for word, status in self.layout.statuses.items():
            if word in text:
                return status
        found = read_status(text)
        if found is None:
            self._adjusted("status", _UNKNOWN_WORD, text.strip())
            self._count("status", text.strip())
            return _ACTIVE
        return found.value

    def _vaccination(
        self, number: str, row: Sequence[str], species: str, born_on: str | None
    ) -> tuple[str, str | None]:
        found = self._day(row, "vaccinated_on")
        if found is None:
            return "[]", None
        given_on, until = found.iso, self._iso(row, "vaccinated_until")
        if found.precision != "day":
            raise Refused(field="vaccinated_on", rule="does not say the day", value=given_on)
        if given_on > self.today:
            raise Refused(field="vaccinated_on", rule="lies in the future", value=given_on)
        if born_on is not None and given_on < born_on:
            value = f"{given_on}, born {born_on}"
            raise Refused(field="vaccinated_on", rule="lies before the birth", value=value)
        if until is not None and until < given_on:
            value = f"{until}, given {given_on}"
            raise Refused(field="vaccinated_until", rule="lies before the vaccination", value=value)
        # The same entry has the same id in every import, so that nothing seems to have changed.
        vaccination = Vaccination(
            id=uuid5(_NAMESPACE, f"{self.layout.jurisdiction}/{number}/{given_on}"),
            antigens=(Antigen.RABIES,),
            product=one_line(row[self._places["vaccine"]], "vaccine").strip("* ") or None,
            administered_on=date.fromisoformat(given_on),
            valid_until=_date(until),
            source=VaccinationSource.IMPORTED,
        )
        documents = as_json([vaccination.model_dump(mode="json")])
        return documents, until or self._next_due(vaccination, species, born_on)

    def _next_due(self, given: Vaccination, species: str, born_on: str | None) -> str | None:
        """When the guidelines want the next dose, where the register does not say."""
        born, today = _date(born_on), date.fromisoformat(self.today)
        due = earliest_due(next_due(_RABIES, Species(species), born, [given], today))
        return None if due is None else due.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _unit_of(header: Sequence[str], place: int | None) -> str:
    """What a number without a unit counts in, as the heading says."""
    words = (
        set(plain(header[place]).split())
        if place is not None and place < len(header)
        else set[str]()
    )
    if words & _MONTHS:
        return "month"
    return "week" if words & _WEEKS else "year"


_MONTHS: Final = frozenset("month months mths mos monate monaten mois meses mesi maanden".split())  # noqa: SIM905
_WEEKS: Final = frozenset("week weeks wochen semaines semanas settimane weken".split())  # noqa: SIM905
