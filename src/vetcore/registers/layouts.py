"""Layouts: which column of a register holds what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vetcore.errors import InvalidValue
from vetcore.registers.words.folding import one_word

__all__ = ["FIELDS", "LAYOUTS", "Layout", "layout_of", "place_of"]

FIELDS: Final[Mapping[str, str]] = {
    "license_number": "identifies the animal within the register",
    "name": "the animal's name",
    "species": "dog, cat, goat, …",
    "breed": "the breed; several are separated by /",
    "second_breed": "a second breed, for a cross",
    "sex": "male or female, and neutering where the word says it",
    "neutered": "yes or no",
    "neutered_and_sex": "both in one, such as `Yes / Male`",
    "born_on": "date of birth, or its year",
    "age": "how old it was on `as_of`, such as `2 years`",
    "color": "the coat's colour",
    "postal_code": "where the animal lives",
    "status": "what became of the animal or its licence",
    "died_on": "date of death",
    "vaccine": "the rabies vaccine that was given",
    "vaccinated_on": "when it was given",
    "vaccinated_until": "until when it counts",
    "as_of": "the date of the entry: of two for one animal, the later counts",
    "owner_number": "tells animals apart where none has a number of its own",
}
"""What a column can be mapped to."""

_REQUIRED: Final = ("license_number", "name", "species")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of a register are laid out.

    ``jurisdiction`` is whose register it is: a licence number is unique within it.
    """

    name: str
    jurisdiction: str
    columns: Mapping[str, str]
    """From what is in :data:`FIELDS` to the heading of a column, or to its position: ``#3``."""
    country: str | None = None
    """ISO 3166 code of the country whose dates and postal codes these are.

    Where it is not given, the country that ``jurisdiction`` begins with.
    """
    day_first: bool | None = None
    """Whether ``3/4/2026`` is the third of April; None to go by the dates and by the country."""
    statuses: Mapping[str, str] = field(default_factory=dict[str, str])
    """From a word in the register's status to a pet's status, before the words that all know."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.columns) - set(FIELDS))
        if unknown:
            raise InvalidValue(
                field="columns",
                rule=f"maps {', '.join(unknown)}, which a pet does not have",
                expected=f"some of {', '.join(FIELDS)}",
            )

    def checked(self, header: Sequence[str], given: Mapping[str, str] | None = None) -> "Layout":
        """Return the layout, if the register has every column that it names.

        Args:
            header: the headings of the register.
            given: what is the same for all, or stands in for blanks.

        Raises:
            InvalidValue: a column is missing or cannot be told from another, or what an entry must
                have is mapped to none.
        """
        for needed in _REQUIRED:
            if needed not in self.columns and needed not in (given or {}):
                raise InvalidValue(
                    field=needed,
                    rule="is not mapped to a column",
                    expected=f"--map {needed}=COLUMN, with one of {', '.join(header)}"
                    + ("" if needed == "license_number" else f"; or --set {needed}=…"),
                )
        for name, column in self.columns.items():
            place_of(column, name, header)
        return self

    def with_columns(self, columns: Mapping[str, str]) -> "Layout":
        """Return the layout with some columns mapped otherwise. An empty heading unmaps."""
        merged = {**self.columns, **columns}
        return replace(self, columns={name: column for name, column in merged.items() if column})


def place_of(column: str, name: str, header: Sequence[str]) -> int:
    """Return the place of the column that a heading or a position names, in any case and spacing.

    >>> (
    ...     place_of("animal id", "license_number", ["Name", "Animal_ID"]),
    ...     place_of("#1", "name", ["A"]),
    ... )
    (1, 0)

    Raises:
        InvalidValue: there is no such column, or there are several.
    """
    places = [place for place, heading in enumerate(header) if heading == column.strip()]
    if not places and column.startswith("#") and column[1:].isdecimal():
        places = [place] if (place := int(column[1:]) - 1) in range(len(header)) else []
    if not places:
        wanted = _loose(column)
        places = [place for place, heading in enumerate(header) if _loose(heading) == wanted]
    if not places:
        raise InvalidValue(
            field=column,
            rule=f"is no column of this file, but is to hold {name}",
            expected=f"one of {', '.join(header)}",
        )
    if len(places) > 1:
        raise several(name, header, places)
    return places[0]


def several(name: str, header: Sequence[str], places: Sequence[int]) -> InvalidValue:
    """Return the error for several columns with the same heading."""
    positions = [str(place + 1) for place in places]
    which = f"{', '.join(positions[:-1])} and {positions[-1]}"
    return InvalidValue(
        field=name,
        rule=f"is to come from {header[places[0]]!r}, which is the heading of columns {which}",
        expected=" or ".join(f"--map {name}=#{position}" for position in positions),
    )


def _loose(heading: str) -> str:
    return one_word(heading) or " ".join(heading.casefold().split())


LAYOUTS: Final = (
    Layout(
        name="seattle",
        jurisdiction="US-WA-Seattle",
        columns={
            "license_number": "license_number",
            "name": "animal_name",
            "species": "species",
            "breed": "primary_breed",
            "second_breed": "secondary_breed",
            "postal_code": "zip_code",
            "as_of": "license_issue_date",
        },
    ),
    Layout(
        name="dc",
        jurisdiction="US-DC",
        columns={
            # Licence numbers are given out anew each year; this one stays with the animal.
            "license_number": "animalN",
            "name": "name",
            "species": "species",
            "breed": "breed",
            "neutered_and_sex": "gender",
            "born_on": "DOB",
            "color": "color",
            "status": "licenseStatus",
            "vaccine": "rabiesVac",
            "vaccinated_on": "vacDate",
            "vaccinated_until": "reVacD",
            "as_of": "expireD",
        },
        statuses={"Deceased": "deceased", "No longer owns": "rehomed"},
    ),
)
"""The registers that are known by their headings."""


def layout_of(header: Sequence[str]) -> Layout | None:
    """Return the known layout that has these columns or fewer, or None if there is none."""
    present = {_loose(heading) for heading in header}
    return next(
        (
            layout
            for layout in LAYOUTS
            if present.issuperset(_loose(column) for column in layout.columns.values())
        ),
        None,
    )
