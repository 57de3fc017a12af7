"""Tells how old an animal is, and in which stage of life it is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from typing import Final, NamedTuple

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.dates import add_months

__all__ = ["Age", "DogSize", "LifeStage", "age_on", "life_stage"]

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Age:
    """An age in completed years, completed months after these, and days after these months.

    >>> (
    ...     str(age_on(date(2024, 1, 31), date(2026, 3, 2))),
    ...     str(age_on(date(2026, 3, 1), date(2026, 3, 2))),
    ... )
    ('2 years 1 month', '1 day')
    """

    years: int
    months: int
    days: int

    @property
    def in_months(self) -> int:
        """The whole age in completed months."""
        return self.years * _MONTHS + self.months

    def __str__(self) -> str:
        if self.years:
            parts = ((self.years, "year"), (self.months, "month"))
        elif self.months:
            parts = ((self.months, "month"), (self.days, "day"))
        else:
            return _counted(self.days, "day")
        return " ".join(_counted(number, unit) for number, unit in parts if number)


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def age_on(born_on: date, day: date) -> Age:
    """Return the age on ``day`` of an animal that was born on ``born_on``, by the calendar.

    A month is complete on the same day of the next month, or on its last day where that month has
    no such day. An animal that was born on 29 February is a year old on 28 February.

    >>> age_on(date(2024, 2, 29), date(2025, 2, 28))
    Age(years=1, months=0, days=0)

    Raises:
        InvalidValue: ``day`` is before the birth.
    """
    if day < born_on:
        raise InvalidValue(
            field="born_on",
            rule="is still to come on that day",
            expected=f"{day.isoformat()} or earlier",
            value=born_on.isoformat(),
        )
    months = (day.year - born_on.year) * _MONTHS + day.month - born_on.month
    if add_months(born_on, months) > day:
        months -= 1
    years, months_of_year = divmod(months, _MONTHS)
    return Age(years, months_of_year, (day - add_months(born_on, months)).days)


@unique
class LifeStage(StrEnum):
    """A stage of life, as the guidelines for preventive care name it."""

    JUVENILE = "juvenile"
    """A kitten or puppy: still growing fast."""
    YOUNG_ADULT = "young_adult"
    MATURE_ADULT = "mature_adult"
    SENIOR = "senior"


class _Growth(NamedTuple):
    heaviest: Decimal
    expected_years: Decimal
    puppy_months: int
    mature_years: int


@unique
class DogSize(StrEnum):
    """The size of an adult dog, on which its growth and its length of life depend.

    The expected years of life at birth are rounded to half a year. They come from Montoya and
    others, "Life expectancy tables for dogs and cats derived from clinical data", Frontiers in
    Veterinary Science, 2023. The weights between the sizes are customary, and so are the ages
    within the spans that the guidelines give.
    """

    TOY = "toy"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    GIANT = "giant"

    @classmethod
    def of(cls, adult_weight_kg: Decimal) -> "DogSize":
        """Return the size of a dog that weighs ``adult_weight_kg`` kilograms when it is grown.

        >>> DogSize.of(Decimal("31.5"))
        <DogSize.LARGE: 'large'>
        """
        return next(size for size in cls if adult_weight_kg <= _GROWTH[size].heaviest)

    @property
    def expected_years(self) -> Decimal:
        """The expected length of life at birth, in years."""
        return _GROWTH[self].expected_years

    @property
    def puppy_months(self) -> int:
        """The age in months at which rapid growth ends."""
        return _GROWTH[self].puppy_months

    @property
    def mature_years(self) -> int:
        """The age in years at which the dog is mature in body and conduct."""
        return _GROWTH[self].mature_years


_GROWTH: Final = {
    DogSize.TOY: _Growth(Decimal(5), Decimal("13.5"), 6, 3),
    DogSize.SMALL: _Growth(Decimal(10), Decimal("13.5"), 6, 3),
    DogSize.MEDIUM: _Growth(Decimal(25), Decimal("12.5"), 7, 3),
    DogSize.LARGE: _Growth(Decimal(45), Decimal("11.5"), 9, 4),
    DogSize.GIANT: _Growth(Decimal("Infinity"), Decimal("9.5"), 9, 4),
}
_CAT_STAGES: Final = (
    (1 * _MONTHS, LifeStage.JUVENILE),
    (7 * _MONTHS, LifeStage.YOUNG_ADULT),
    (11 * _MONTHS, LifeStage.MATURE_ADULT),
)


def life_stage(
    species: Species,
    age: Age,
    *,
    adult_weight_kg: Decimal | None = None,
    expected_years: Decimal | float | None = None,
) -> LifeStage | None:
    """Return the stage of life of a dog or cat, or None for another species.

    No guideline draws the stages of other species. A cat is a kitten under 1 year, a young adult at
    1 to 6, mature at 7 to 10 and senior over 10, in completed years (AAHA/AAFP Feline Life Stage
    Guidelines, 2021). A dog is a puppy until rapid growth ends, a young adult until it is mature in
    body and conduct, and senior in the last quarter of its expected life (AAHA Canine Life Stage
    Guidelines, 2019).

    >>> rex = Age(years=7, months=6, days=0)
    >>> [
    ...     life_stage(Species.DOG, rex, adult_weight_kg=Decimal(kg)).value
    ...     for kg in ("4", "30", "60")
    ... ]
    ['mature_adult', 'mature_adult', 'senior']

    Args:
        species: the animal's.
        age: on the day that is asked about.
        adult_weight_kg: what a dog weighs when it is grown, for its :class:`DogSize`; it is taken
            for a medium one if None.
        expected_years: how long a dog of its breed lives, where that is known better.

    Raises:
        InvalidValue: ``expected_years`` is not above zero.
    """
    if expected_years is not None and not expected_years > 0:
        raise InvalidValue(field="expected_years", rule="must be above zero", value=expected_years)
    size = DogSize.MEDIUM if adult_weight_kg is None else DogSize.of(adult_weight_kg)
    senior_months = Decimal(expected_years or size.expected_years) * _MONTHS * 3 / 4
    match species:
        case Species.CAT:
            limits: tuple[tuple[int | Decimal, LifeStage], ...] = _CAT_STAGES
        case Species.DOG:
            limits = (
                (size.puppy_months, LifeStage.JUVENILE),
                (min(Decimal(_MONTHS * size.mature_years), senior_months), LifeStage.YOUNG_ADULT),
                (senior_months, LifeStage.MATURE_ADULT),
            )
        case _:
            return None
    stages = (stage for limit, stage in limits if age.in_months < limit)
    return next(stages, LifeStage.SENIOR)
