"""Vaccination schedules as data: what the guidelines recommend, and where they say so."""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.documents import Document, Prose
from vetcore.values.vaccination import Antigen

__all__ = ["DEFAULT_SCHEDULES", "VaccinationSchedule", "replace_schedules"]

Days = Annotated[int, Field(ge=0, le=3650)]
Months = Annotated[int, Field(ge=1, le=120)]


class VaccinationSchedule(Document):
    """A schedule by which animals of a species are vaccinated against a disease.

    First comes a primary series, then a first booster, then boosters for life. Ages and intervals
    are in days. The intervals between boosters are in calendar months.
    """

    species: Species
    antigen: Antigen
    core: bool
    """Whether every animal of the species needs it. Others are due only after a first dose."""
    core_until_days: Days | None = None
    """The age from which an animal without a dose need not begin; None if it always must."""
    source: Prose
    first_dose_days: Days
    """The youngest age at which a dose counts."""
    primary_doses: Annotated[int, Field(ge=1, le=6)] = 1
    """The fewest doses that make a primary series."""
    primary_until_days: Days | None = None
    """The age at or after which the last dose of the primary series is given; younger animals get
    more doses, since what they have from their mother stands in the vaccine's way."""
    interval_days: Days = 28
    """The days between the doses of the primary series."""
    shortest_interval_days: Days = 14
    """A dose that follows sooner does not count."""
    restart_after_days: Days | None = None
    """A primary series that was interrupted for longer begins anew; None if it never does."""
    first_booster_months: Months = 12
    """The months from the last dose of the primary series to the first booster."""
    first_booster_age_days: Days | None = None
    """Where the primary series was given to a young animal: the age of the first booster instead."""
    booster_not_before_days: Days = 182
    """A dose that follows the primary series sooner is one more of the series, not a booster."""
    booster_months: Months = 12
    """The months between boosters."""
    by_label: bool = False
    """Whether the duration on the product's label goes before ``booster_months``."""
    immune_after_days: Days = 14
    """The days until the primary series protects. Boosters protect at once."""

    @field_validator("primary_until_days")
    @classmethod
    def _after_the_first_dose(cls, until: int | None, info: ValidationInfo) -> int | None:
        first = info.data.get("first_dose_days")
        if until is not None and first is not None and until < first:
            raise InvalidValue(
                field="primary_until_days",
                rule="must not be before first_dose_days",
                expected=f"{first} or more",
                value=until,
            )
        return until


def replace_schedules(
    schedules: Iterable[VaccinationSchedule], own: Iterable[VaccinationSchedule]
) -> tuple[VaccinationSchedule, ...]:
    """Return ``schedules`` with each of ``own`` in the place of the same species and antigen."""
    merged = {(one.species, one.antigen): one for one in (*schedules, *own)}
    return tuple(merged.values())


_RABIES: Final = (
    "NASPHV, Compendium of Animal Rabies Prevention and Control, 2016: first dose from 12 weeks of"
    " age, immunised 28 days after it, a booster one year later whatever the label says, then by"
    " the label; an overdue booster makes the animal currently vaccinated at once. Local law"
    " overrides."
)
_AAHA: Final = (
    "AAHA Canine Vaccination Guidelines, 2022: at least two doses, puppies every 2 to 4 weeks"
    " until 16 weeks of age or older; a booster within one year, then every 3 years."
)
_AAHA_YEARLY: Final = (
    "AAHA Canine Vaccination Guidelines, 2022: two doses 2 to 4 weeks apart, then every year."
)
_AAHA_LEPTO: Final = (
    "AAHA Canine Vaccination Guidelines, 2022, as revised in 2024: core; two doses 2 to 4 weeks"
    " apart from 12 weeks of age, then every year."
)
_AAHA_BORDETELLA: Final = (
    "AAHA Canine Vaccination Guidelines, 2022: one mucosal dose, then every year; the parenteral"
    " vaccine needs two doses."
)
_AAFP: Final = (
    "AAHA/AAFP Feline Vaccination Guidelines, 2020: kittens every 3 to 4 weeks until 16 to 20"
    " weeks of age, older cats two doses; a booster at 6 to 12 months, then every 3 years."
)
_AAFP_FELV: Final = (
    "AAHA/AAFP Feline Vaccination Guidelines, 2020: core for cats under one year; two doses 3 to 4"
    " weeks apart from 8 weeks of age, a booster after 12 months, then by risk and label."
)
_WEEK: Final = 7


def _rabies(species: Species) -> VaccinationSchedule:
    return VaccinationSchedule.model_construct(
        species=species,
        antigen=Antigen.RABIES,
        core=True,
        source=_RABIES,
        first_dose_days=84,
        by_label=True,
        immune_after_days=28,
    )


def _dog(antigen: Antigen, *, core: bool) -> VaccinationSchedule:
    return VaccinationSchedule.model_construct(
        species=Species.DOG,
        antigen=antigen,
        core=core,
        source=_AAHA,
        first_dose_days=6 * _WEEK,
        primary_doses=2,
        primary_until_days=16 * _WEEK,
        booster_months=36,
    )


def _yearly_for_dogs(
    antigen: Antigen, source: str, *, core: bool = False, from_weeks: int = 8, doses: int = 2
) -> VaccinationSchedule:
    return VaccinationSchedule.model_construct(
        species=Species.DOG,
        antigen=antigen,
        core=core,
        source=source,
        first_dose_days=from_weeks * _WEEK,
        primary_doses=doses,
        restart_after_days=None if doses == 1 else 6 * _WEEK,
    )


def _cat(antigen: Antigen) -> VaccinationSchedule:
    return VaccinationSchedule.model_construct(
        species=Species.CAT,
        antigen=antigen,
        core=True,
        source=_AAFP,
        first_dose_days=6 * _WEEK,
        primary_doses=2,
        primary_until_days=16 * _WEEK,
        shortest_interval_days=2 * _WEEK,
        first_booster_age_days=26 * _WEEK,
        booster_months=36,
    )


DEFAULT_SCHEDULES: Final[tuple[VaccinationSchedule, ...]] = (
    _rabies(Species.DOG),
    _rabies(Species.CAT),
    _rabies(Species.FERRET),
    _dog(Antigen.CANINE_DISTEMPER, core=True),
    _dog(Antigen.CANINE_ADENOVIRUS, core=True),
    _dog(Antigen.CANINE_PARVOVIRUS, core=True),
    _dog(Antigen.CANINE_PARAINFLUENZA, core=False),
    _yearly_for_dogs(Antigen.LEPTOSPIROSIS, _AAHA_LEPTO, core=True, from_weeks=12),
    _yearly_for_dogs(Antigen.LYME, _AAHA_YEARLY),
    _yearly_for_dogs(Antigen.CANINE_INFLUENZA, _AAHA_YEARLY),
    _yearly_for_dogs(Antigen.BORDETELLA, _AAHA_BORDETELLA, doses=1),
    _cat(Antigen.FELINE_PANLEUKOPENIA),
    _cat(Antigen.FELINE_HERPESVIRUS),
    _cat(Antigen.FELINE_CALICIVIRUS),
    VaccinationSchedule.model_construct(
        species=Species.CAT,
        antigen=Antigen.FELINE_LEUKEMIA,
        core=True,
        core_until_days=365,
        source=_AAFP_FELV,
        first_dose_days=8 * _WEEK,
        primary_doses=2,
        restart_after_days=6 * _WEEK,
        by_label=True,
    ),
)
"""What the guidelines recommend; each with its source."""
