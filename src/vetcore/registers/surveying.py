"""A first look through the whole register: its form of dates, and its words.

Nothing is stored before that, so what cannot be read with certainty is reported in time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, Literal

from vetcore import clock
from vetcore.errors import InvalidValue
from vetcore.registers.choosing import Chosen
from vetcore.registers.days import born_at, day_first_in, order_of, read_day
from vetcore.registers.reading import Rows
from vetcore.registers.words.folding import is_blank, plain
from vetcore.registers.words.kinds import letters_of, read_species
from vetcore.registers.words.sexes import read_both, read_neutered, read_sex
from vetcore.registers.words.statuses import read_status
from vetcore.values.animals import Species
from vetcore.values.dates import add_months

__all__ = ["DATES", "Survey", "latest_of", "surveyed"]

DATES: Final = ("born_on", "died_on", "vaccinated_on", "vaccinated_until", "as_of")
_PAST: Final = frozenset({"born_on", "died_on", "vaccinated_on"})
_WORDS: Final = ("species", "sex", "neutered", "neutered_and_sex", "status", "age")
_BATCH: Final = 5_000
_MOST_WORDS: Final = 20_000
_MOST_DATES: Final = 200_000
_MONTHS_AHEAD: Final = 20 * 12
_SHOWN: Final = 5

Order = Literal["day", "month", "either", "either."]


@dataclass(slots=True)
class _Dates:
    seen: set[str] = field(default_factory=set[str])
    shown: dict[Order, tuple[int, str]] = field(default_factory=dict["Order", tuple[int, str]])
    """Of each order the first row that shows it, by its place, and what it says."""
    is_readable: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first look through a register has shown."""

    chosen: Chosen
    day_first: Mapping[str, bool]
    """By column of dates."""
    reasons: Mapping[str, str]
    """By column of dates: how they are read, and why."""
    letters: Mapping[str, Species]
    """What single letters mean as species."""


def latest_of(name: str) -> str:
    """Return the day after which no date of a field can be. Years of two digits depend on it."""
    ahead = 0 if name in _PAST else _MONTHS_AHEAD
    return add_months(clock.now().date(), ahead).isoformat()


def surveyed(chosen: Chosen, rows: Rows, again: Callable[[], Rows]) -> Survey:
    """Look through the rows of a register, and return what they show.

    Args:
        chosen: which column holds what.
        rows: those after the heading.
        again: opens the same rows once more, to find the lines of a few.

    Raises:
        InvalidValue: a column of dates contradicts itself or can be read in two ways, or a column
            that the caller mapped has no word that is known.
    """
    dates = {name: _Dates() for name in DATES if name in chosen.places}
    words: dict[str, set[str]] = {name: set() for name in _WORDS if name in chosen.places}
    width, first = len(chosen.header), 0
    for batch in rows.batches(_BATCH) if dates or words else ():
        cells = [row for row in batch if len(row) == width]
        for name, found in dates.items():
            _look_at(found, name, chosen.places[name], batch, cells, first)
        for name, seen in words.items():
            if len(seen) < _MOST_WORDS:
                seen.update(map(itemgetter(chosen.places[name]), cells))
        first += len(batch)
    _find_lines(dates, again)
    said = {name: {word for word in seen if not is_blank(word)} for name, seen in words.items()}
    letters = letters_of(said.get("species", ()))
    chosen = _without_effect(chosen, said, letters)
    for name, found in dates.items():
        if name in chosen.explicit and found.seen and not found.is_readable:
            some = ", ".join(sorted(filter(None, found.seen))[:_SHOWN])
            if any(not is_blank(each) for each in found.seen):
                raise InvalidValue(
                    field=name, rule="is mapped to a column that has no date", value=some
                )
    decided = _Decided(chosen, dates)
    return Survey(chosen, decided.day_first, decided.reasons, letters)


def _look_at(  # noqa: PLR0913, PLR0917
    found: _Dates,
    name: str,
    column: int,
    batch: Sequence[Sequence[str]],
    cells: Sequence[Sequence[str]],
    first: int,
) -> None:
    new = set(map(itemgetter(column), cells)) - found.seen
    if len(found.seen) > _MOST_DATES:
        found.seen.clear()
    found.seen |= new
    orders: dict[Order, set[str]] = {}
    for text in new:
        order = order_of(text)
        if order is not None and order not in found.shown:
            orders.setdefault(order, set()).add(text)
        if not found.is_readable:
            latest = latest_of(name)
            found.is_readable = any(read_day(text, each, latest) for each in (True, False))
    for order, texts in orders.items():
        found.shown[order] = next(
            (place, row[column].strip())
            for place, row in enumerate(batch, first)
            if len(row) > column and row[column] in texts
        )


def _find_lines(dates: Mapping[str, _Dates], again: Callable[[], Rows]) -> None:
    places = {place for found in dates.values() for place, _ in found.shown.values()}
    lines = again().lines_of(places) if places else {}
    for found in dates.values():
        found.shown = {order: (lines[at], text) for order, (at, text) in found.shown.items()}


def _without_effect(
    chosen: Chosen, said: Mapping[str, set[str]], letters: Mapping[str, Species]
) -> Chosen:
    """Refuse a mapping, or leave a column that only its heading speaks for, with no known word."""
    known: dict[str, Callable[[str], bool]] = {
        "species": lambda word: plain(word) in letters or read_species(word) is not None,
        "sex": lambda word: read_sex(word).sex is not None or read_sex(word).neutered is not None,
        "neutered": lambda word: read_neutered(word).neutered is not None,
        "neutered_and_sex": lambda word: read_both(word)[:2] != (None, None),
        "status": lambda word: (
            any(each in word for each in chosen.layout.statuses) or read_status(word) is not None
        ),
        "age": lambda word: born_at(word, "2020-01-01") is not None,
    }
    left: set[str] = set()
    for name, words in said.items():
        if not words or any(map(known[name], words)):
            continue
        if name in chosen.found and name != "species":
            left.add(name)
        elif name in chosen.explicit:
            heading = chosen.header[chosen.places[name]]
            raise InvalidValue(
                field=name,
                rule=f"is mapped to {heading}, of whose words none is known",
                expected="another column",
                value=", ".join(sorted(words)[:_SHOWN]),
            )
    return chosen.without(frozenset(left))


class _Decided:
    """How each column of dates is read: by what is said, what it shows, or where it is from."""

    def __init__(self, chosen: Chosen, dates: Mapping[str, _Dates]) -> None:
        self.chosen = chosen
        self.day_first: dict[str, bool] = {}
        self.reasons: dict[str, str] = {}
        open_: list[str] = []
        for name, found in dates.items():
            if not self._decide(name, found):
                open_.append(name)
        others = {self.day_first[name] for name in dates if _shows(dates[name])}
        for name in open_:
            self._by_others(name, dates[name], others)

    def _set(self, name: str, reason: str, *, day_first: bool) -> None:
        self.day_first[name] = day_first
        self.reasons[name] = f"{'the day' if day_first else 'the month'} comes first, {reason}"

    def _decide(self, name: str, found: _Dates) -> bool:
        day, month = found.shown.get("day"), found.shown.get("month")
        said = self.chosen.day_first
        if said is not None:
            self._follow(name, day, month, said=said)
            return True
        if day and month:
            raise InvalidValue(
                field=name,
                rule=f"contradicts itself: {day[1]!r} (line {day[0]}) has the day first, "
                f"{month[1]!r} (line {month[0]}) the month",
                expected="--day-first or --month-first, and the other rows are refused",
            )
        if shown := day or month:
            self._set(name, f"as {shown[1]!r} (line {shown[0]}) shows", day_first=shown is day)
            return True
        if "either" in found.shown or "either." in found.shown:
            return False
        self.day_first[name] = False
        self.reasons[name] = "each can be read in one way only"
        return True

    def _follow(
        self, name: str, day: tuple[int, str] | None, month: tuple[int, str] | None, *, said: bool
    ) -> None:
        agrees, differs = (day, month) if said else (month, day)
        if differs and not agrees:
            first = "day" if said else "month"
            raise InvalidValue(
                field=name,
                rule=f"does not have the {first} first: line {differs[0]} says {differs[1]!r}",
                expected="--month-first" if said else "--day-first",
            )
        self._set(name, "as was said", day_first=said)

    def _by_others(self, name: str, found: _Dates, others: set[bool]) -> None:
        by_country = day_first_in(self.chosen.country)
        if len(others) == 1:
            self._set(name, "as the other dates of this file show", day_first=others == {True})
        elif by_country is not None:
            self._set(name, f"as in {self.chosen.country}", day_first=by_country)
        elif "either" not in found.shown:
            self._set(name, "as dates with dots have it", day_first=True)
        else:
            line, text = found.shown["either"]
            raise InvalidValue(
                field=name,
                rule=f"may be read in two ways, and nothing in the file says in which: {text!r} "
                f"(line {line})",
                expected="--day-first or --month-first, or --country with one of the two",
            )


def _shows(found: _Dates) -> bool:
    return bool({"day", "month"} & found.shown.keys())
