"""How old an animal is, and which stage of life that is."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import Final

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.dates import add_months

__all__ = ["Age", "LifeStage", "age_on", "life_stage"]

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Age:
    """Completed years, completed months of the next one, and days of the next month.

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
        """Completed months in all."""
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
    """The age on ``day``, in the calendar.

    A month is complete on the same day of the next one, or on its last day where there is no such
    day: who was born on 29 February is a year old on 28 February.

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
    """The stages in which the guidelines think of preventive care."""

    JUVENILE = "juvenile"
    """A kitten or puppy: still growing fast."""
    YOUNG_ADULT = "young_adult"
    MATURE_ADULT = "mature_adult"
    SENIOR = "senior"


_PUPPY_MONTHS: Final = 9
_YOUNG_DOG_MONTHS: Final = 48
_DOG_LIFE_YEARS: Final = 12
_CAT_STAGES: Final = (
    (1 * _MONTHS, LifeStage.JUVENILE),
    (7 * _MONTHS, LifeStage.YOUNG_ADULT),
    (11 * _MONTHS, LifeStage.MATURE_ADULT),
)


def life_stage(
    species: Species, age: Age, *, expected_years: float | None = None
) -> LifeStage | None:
    """The stage of life of a dog or cat; None for species whose stages no guideline draws.

    Cats: a kitten under 1 year, young adult at 1 to 6, mature at 7 to 10, senior over 10 (AAHA/AAFP
    Feline Life Stage Guidelines, 2021). Dogs: a puppy until rapid growth ends, here at 9 months;
    young adult until it is mature in body and conduct, here at 4 years; senior in the last quarter
    of its expected life (AAHA Canine Life Stage Guidelines, 2019, which give 6 to 9 months and 3 to
    4 years).

    >>> rex = Age(years=7, months=0, days=0)
    >>> life_stage(Species.DOG, rex).value, life_stage(Species.DOG, rex, expected_years=8).value
    ('mature_adult', 'senior')

    Args:
        species: the animal's.
        age: on the day that is asked about.
        expected_years: how long a dog of its breed and size lives, 12 years if None.

    Raises:
        InvalidValue: ``expected_years`` is not above zero.
    """
    if expected_years is not None and not expected_years > 0:
        raise InvalidValue(field="expected_years", rule="must be above zero", value=expected_years)
    months = age.in_months
    match species:
        case Species.CAT:
            stages = (stage for limit, stage in _CAT_STAGES if months < limit)
            return next(stages, LifeStage.SENIOR)
        case Species.DOG:
            if months < _PUPPY_MONTHS:
                return LifeStage.JUVENILE
            if months >= (expected_years or _DOG_LIFE_YEARS) * _MONTHS * 3 / 4:
                return LifeStage.SENIOR
            young = months < _YOUNG_DOG_MONTHS
            return LifeStage.YOUNG_ADULT if young else LifeStage.MATURE_ADULT
        case _:
            return None
