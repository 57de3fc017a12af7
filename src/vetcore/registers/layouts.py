"""Which column of a register holds what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vetcore.errors import InvalidValue

__all__ = ["FIELDS", "LAYOUTS", "Layout", "layout_of"]

FIELDS: Final[Mapping[str, str]] = {
    "license_number": "identifies the animal within the register",
    "name": "the animal's name",
    "species": "dog, cat, goat, …",
    "breed": "the breed; several are separated by /",
    "second_breed": "a second breed, for a cross",
    "sex": "male or female",
    "neutered": "yes or no",
    "neutered_and_sex": "both in one, such as `Yes / Male`",
    "born_on": "date of birth",
    "color": "the coat's colour",
    "postal_code": "where the animal lives",
    "status": "what became of the licence",
    "vaccine": "the rabies vaccine that was given",
    "vaccinated_on": "when it was given",
    "vaccinated_until": "until when it counts",
    "as_of": "the date of the entry: of two for one animal, the later counts",
}
"""What a column can be mapped to."""

_REQUIRED: Final = ("license_number", "name", "species")


@dataclass(frozen=True, slots=True)
class Layout:
    """How one register is laid out.

    ``jurisdiction`` is whose register it is: a licence number is unique within it.
    """

    name: str
    jurisdiction: str
    columns: Mapping[str, str]
    """From what is in :data:`FIELDS` to the heading of a column."""
    country: str = "US"
    """ISO 3166 code of the country whose postal codes these are."""
    day_first: bool = False
    """Whether ``3/4/2026`` is the third of April; ISO dates are always understood."""
    statuses: Mapping[str, str] = field(default_factory=dict[str, str])
    """From a word in the register's status to a pet's status; any other means active."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.columns) - set(FIELDS))
        if unknown:
            raise InvalidValue(
                field="columns",
                rule=f"maps {', '.join(unknown)}, which a pet does not have",
                expected=f"some of {', '.join(FIELDS)}",
            )

    def checked(self, header: Sequence[str]) -> "Layout":
        """The layout, if the register has every column that it names.

        Raises:
            InvalidValue: a column is missing, or what an entry must have is mapped to none.
        """
        for needed in _REQUIRED:
            if needed not in self.columns:
                raise InvalidValue(
                    field=needed,
                    rule="is not mapped to a column",
                    expected=f"--map {needed}=COLUMN, with one of {', '.join(header)}",
                )
        for name, column in self.columns.items():
            if column not in header:
                raise InvalidValue(
                    field=column,
                    rule=f"is no column of this file, but is to hold {name}",
                    expected=f"one of {', '.join(header)}",
                )
        return self

    def with_columns(self, columns: Mapping[str, str]) -> "Layout":
        """The layout with some columns mapped otherwise; an empty heading unmaps."""
        merged = {**self.columns, **columns}
        return replace(self, columns={name: column for name, column in merged.items() if column})


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
    """The known layout that has just these columns or fewer; None if there is none."""
    present = set(header)
    return next((layout for layout in LAYOUTS if present.issuperset(layout.columns.values())), None)
