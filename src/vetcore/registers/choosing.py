"""Finds out, from headings and options, which column of a register holds what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vetcore.errors import InvalidValue
from vetcore.registers.layouts import FIELDS, LAYOUTS, Layout, layout_of, place_of, several
from vetcore.registers.words.folding import one_word
from vetcore.registers.words.headings import known_headings, looks_like_a_number
from vetcore.values.countries import COUNTRIES

__all__ = ["Chosen", "Options", "chosen_for"]

_LONGEST_JURISDICTION: Final = 32
_BY_HEADINGS: Final = "headings"
_MUST: Final = ("name", "species")
_NEEDS: Final = {
    "vaccine": ("vaccinated_on", "when it was given"),
    "vaccinated_until": ("vaccinated_on", "when it was given"),
    "age": ("as_of", "the day on which it was so"),
}
"""Fields that mean nothing without another field."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller says about a register."""

    layout: Layout | str | None = None
    columns: Mapping[str, str] | None = None
    given: Mapping[str, str] | None = None
    jurisdiction: str | None = None
    country: str | None = None
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which column holds what, and what is known of the whole register."""

    layout: Layout
    header: Sequence[str]
    places: Mapping[str, int]
    explicit: frozenset[str]
    """Fields that the caller mapped: they must have an effect."""
    found: frozenset[str]
    """Fields that only their headings speak for."""
    given: Mapping[str, str]
    """What stands in where a register has no column, or a cell is blank."""
    country: str | None
    day_first: bool | None

    @property
    def by_content(self) -> bool:
        """Whether animals have no number, so that their row's content identifies them."""
        return "license_number" not in self.places

    def without(self, fields: frozenset[str]) -> "Chosen":
        """Return the choice with some columns left unused."""
        places = {name: place for name, place in self.places.items() if name not in fields}
        return replace(self, places=places)


def chosen_for(header: Sequence[str], options: Options) -> Chosen:
    """Return which column holds what, by a layout, by the headings and by what the caller says.

    Raises:
        InvalidValue: something an entry must have is nowhere, or an option can have no effect.
    """
    given = _checked_given(options.given or {})
    named = _named(options.layout) or layout_of(header)
    found = {} if named else _found(header, options.columns or {})
    base = named or Layout(name=_BY_HEADINGS, jurisdiction="", columns={})
    layout = base.with_columns(options.columns or {})
    places = {name: place_of(column, name, header) for name, column in layout.columns.items()}
    if named is None:
        taken = set(places.values())
        places |= {
            name: place
            for name, place in found.items()
            if name not in (options.columns or {}) and place not in taken
        }
        _require(places, given, header)
    else:
        _require_number(places, header)
        layout.checked(
            header, given | ({} if "license_number" in places else {"license_number": ""})
        )
    _require_effect(places, given, frozenset(options.columns or ()) | frozenset(given))
    places, known = _useful(places, given), _known_country(options, base)
    jurisdiction = _jurisdiction(options.jurisdiction or base.jurisdiction, base, header)
    return Chosen(
        replace(layout, jurisdiction=jurisdiction),
        header,
        places,
        frozenset(name for name, column in (options.columns or {}).items() if column),
        frozenset(found) - frozenset(options.columns or ()),
        given,
        known,
        base.day_first if options.day_first is None else options.day_first,
    )


def _named(layout: Layout | str | None) -> Layout | None:
    if not isinstance(layout, str):
        return layout
    known = {each.name: each for each in LAYOUTS}
    if layout not in known:
        raise InvalidValue(
            field="layout", rule="is not known", expected=", ".join(known), value=layout
        )
    return known[layout]


def _checked_given(given: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(given) - set(FIELDS) | set(given) & {"license_number", "owner_number"})
    if unknown:
        raise InvalidValue(
            field="set",
            rule=f"gives {', '.join(unknown)}, which is not the same for all animals",
            expected=f"some of {', '.join(sorted(set(FIELDS) - {'license_number', 'owner_number'}))}",
        )
    for name, value in given.items():
        if not value.strip():
            raise InvalidValue(field=name, rule="is set to nothing", expected="a value")
    return {name: value.strip() for name, value in given.items()}


def _found(header: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    mapped = {place_of(column, name, header) for name, column in columns.items() if column}
    best: dict[str, int] = {}
    for name, ranked in known_headings(header).items():
        free = [(rank, place) for rank, place in ranked if place not in mapped]
        if not free or name in columns:
            continue
        place = free[0][1]
        same = [at for _, at in free if one_word(header[at]) == one_word(header[place])]
        if len(same) > 1:
            raise several(name, header, sorted(same))
        best[name] = place
    return best


def _require(places: Mapping[str, int], given: Mapping[str, str], header: Sequence[str]) -> None:
    lacking = [name for name in _MUST if name not in places and name not in given]
    if lacking:
        also = " or ".join(f"--set {name}={_EXAMPLES[name]}" for name in lacking)
        raise InvalidValue(
            field="layout",
            rule=f"is not known by these headings, of which none says {' or '.join(lacking)}"
            f"{_nearly(header)}",
            expected=f"{' '.join(f'--map {name}=COLUMN' for name in lacking)}, or {also} where it "
            f"is the same for all; the columns are {', '.join(header)}",
        )
    _require_number(places, header)


_EXAMPLES: Final = {"name": "Unknown", "species": "dog"}


def _require_number(places: Mapping[str, int], header: Sequence[str]) -> None:
    """Without a number, animals are known by what is said of them; not where one may be there."""
    if "license_number" in places:
        return
    used = set(places.values())
    numbers = [
        heading
        for place, heading in enumerate(header)
        if place not in used and looks_like_a_number(heading)
    ]
    if numbers:
        raise InvalidValue(
            field="license_number",
            rule="is not mapped to a column",
            expected=" or ".join(f"--map license_number={each!r}" for each in numbers[:3])
            + f"; the columns are {', '.join(header)}",
        )


def _require_effect(
    places: Mapping[str, int], given: Mapping[str, str], asked: frozenset[str]
) -> None:
    for name, (needed, why) in _NEEDS.items():
        if name in asked and needed not in places and needed not in given:
            raise InvalidValue(
                field=name,
                rule=f"can have no effect without {needed}: {why}",
                expected=f"--map {needed}=COLUMN or --set {needed}=…",
            )
    if "owner_number" in asked and "license_number" in places:
        raise InvalidValue(
            field="owner_number",
            rule="can have no effect beside license_number, which tells animals apart",
        )


def _useful(places: Mapping[str, int], given: Mapping[str, str]) -> dict[str, int]:
    there = set(places) | set(given)
    return {
        name: place
        for name, place in places.items()
        if (name not in _NEEDS or _NEEDS[name][0] in there)
        and not (name == "owner_number" and "license_number" in places)
    }


def _nearly(header: Sequence[str]) -> str:
    """Which known layout this would be but for some columns, if there is one."""
    present = {one_word(heading) for heading in header}
    for layout in LAYOUTS:
        lacking = [each for each in layout.columns.values() if one_word(each) not in present]
        if len(lacking) < len(layout.columns) / 2:
            return f" ({layout.name} has {', '.join(lacking)} too)"
    return ""


def _known_country(options: Options, base: Layout) -> str | None:
    """The country that is named, or that the name of the jurisdiction begins with."""
    if options.country is not None:
        country = options.country.strip().upper()
        country = {"UK": "GB"}.get(country, country)
        if country not in COUNTRIES:
            raise InvalidValue(
                field="country",
                rule="is not an ISO 3166-1 country",
                expected="two letters such as US, GB or DE",
                value=options.country,
            )
        return country
    if base.country is not None:
        return base.country
    begins = (options.jurisdiction or base.jurisdiction).partition("-")[0].strip().upper()
    begins = {"UK": "GB"}.get(begins, begins)
    return begins if begins in COUNTRIES else None


def _jurisdiction(jurisdiction: str, base: Layout, header: Sequence[str]) -> str:
    if not 0 < len(jurisdiction) <= _LONGEST_JURISDICTION:
        near = _nearly(header) if base.name == _BY_HEADINGS else ""
        raise InvalidValue(
            field="jurisdiction",
            rule=f"says whose register this is, in 1 to 32 characters{near}",
            expected="such as --jurisdiction US-WA-Seattle",
            value=jurisdiction or None,
        )
    return jurisdiction
