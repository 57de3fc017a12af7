"""Vaccinations: against what, with which product, by whom, and for how long."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum, unique
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator
from uuid_utils.compat import uuid7

from vetcore.errors import InvalidValue
from vetcore.values.dates import Day, add_months, not_before
from vetcore.values.documents import Document, Label, Prose

__all__ = [
    "Antigen",
    "Vaccination",
    "VaccinationRoute",
    "VaccinationSource",
    "chronological",
    "with_vaccination",
]


@unique
class Antigen(StrEnum):
    """An agent against which animals are vaccinated."""

    RABIES = "rabies"
    CANINE_DISTEMPER = "canine_distemper"
    """Dogs and ferrets."""
    CANINE_ADENOVIRUS = "canine_adenovirus"
    """Type 2 in the vaccine, which protects against infectious hepatitis (type 1) too."""
    CANINE_PARVOVIRUS = "canine_parvovirus"
    CANINE_PARAINFLUENZA = "canine_parainfluenza"
    CANINE_INFLUENZA = "canine_influenza"
    LEPTOSPIROSIS = "leptospirosis"
    BORDETELLA = "bordetella"
    LYME = "lyme"
    RATTLESNAKE_TOXOID = "rattlesnake_toxoid"
    LEISHMANIA = "leishmania"
    FELINE_PANLEUKOPENIA = "feline_panleukopenia"
    FELINE_HERPESVIRUS = "feline_herpesvirus"
    """Herpesvirus 1, viral rhinotracheitis."""
    FELINE_CALICIVIRUS = "feline_calicivirus"
    FELINE_LEUKEMIA = "feline_leukemia"
    FELINE_CHLAMYDIA = "feline_chlamydia"
    MYXOMATOSIS = "myxomatosis"
    RABBIT_HEMORRHAGIC_DISEASE_1 = "rabbit_hemorrhagic_disease_1"
    RABBIT_HEMORRHAGIC_DISEASE_2 = "rabbit_hemorrhagic_disease_2"
    TETANUS = "tetanus"
    EASTERN_EQUINE_ENCEPHALITIS = "eastern_equine_encephalitis"
    WESTERN_EQUINE_ENCEPHALITIS = "western_equine_encephalitis"
    WEST_NILE_VIRUS = "west_nile_virus"
    EQUINE_INFLUENZA = "equine_influenza"
    EQUINE_HERPESVIRUS = "equine_herpesvirus"
    POTOMAC_HORSE_FEVER = "potomac_horse_fever"
    STRANGLES = "strangles"
    CLOSTRIDIUM_PERFRINGENS = "clostridium_perfringens"
    CASEOUS_LYMPHADENITIS = "caseous_lymphadenitis"
    ERYSIPELAS = "erysipelas"
    BLACKLEG = "blackleg"
    BRUCELLOSIS = "brucellosis"
    BOVINE_VIRAL_DIARRHEA = "bovine_viral_diarrhea"
    INFECTIOUS_BOVINE_RHINOTRACHEITIS = "infectious_bovine_rhinotracheitis"
    NEWCASTLE_DISEASE = "newcastle_disease"
    MAREKS_DISEASE = "mareks_disease"
    POLYOMAVIRUS = "polyomavirus"
    OTHER = "other"
    """An agent that the list lacks. The product says which."""


@unique
class VaccinationRoute(StrEnum):
    """How the vaccine was given."""

    SUBCUTANEOUS = "subcutaneous"
    INTRAMUSCULAR = "intramuscular"
    INTRANASAL = "intranasal"
    ORAL = "oral"
    TRANSDERMAL = "transdermal"
    OCULAR = "ocular"
    WATER = "water"


@unique
class VaccinationSource(StrEnum):
    """How the platform learnt of the vaccination."""

    RECORDED = "recorded"
    """The clinic that gave the vaccine recorded it."""
    IMPORTED = "imported"
    """It was taken over from a register or another system."""
    DECLARED = "declared"
    """The owner told of it, without a document."""


class Vaccination(Document):
    """A vaccine that was given on a day, with all fields of a rabies certificate.

    ``valid_until`` is the date on the certificate, as a veterinarian or the local law set it.
    Without that date, the schedule says when the next dose is due. Without a schedule, the label of
    the product does.
    """

    id: UUID = Field(default_factory=uuid7)
    antigens: Annotated[tuple[Antigen, ...], Field(min_length=1, max_length=100)]
    product: Label | None = None
    manufacturer: Label | None = None
    lot_number: Label | None = None
    lot_expires_on: Day | None = None
    site: Label | None = None
    """The place on the body, such as ``right hind limb, distal``."""
    route: VaccinationRoute | None = None
    administered_on: Day
    """The day on which it was given, by the clinic's calendar."""
    administered_by_id: UUID | None = None
    """The veterinarian's id; None for what was given elsewhere."""
    valid_until: Annotated[Day | None, not_before("administered_on")] = None
    """The last day on which it counts."""
    label_duration_months: Annotated[int, Field(ge=1, le=120)] | None = None
    """The duration of immunity on the product's label."""
    source: VaccinationSource = VaccinationSource.RECORDED
    notes: Prose | None = None

    @field_validator("antigens")
    @classmethod
    def _each_antigen_once(cls, antigens: tuple[Antigen, ...]) -> tuple[Antigen, ...]:
        return tuple(dict.fromkeys(antigens))

    @property
    def counts_until(self) -> date | None:
        """The day until which the dose counts: ``valid_until``, or else what the label says."""
        if self.valid_until is not None or self.label_duration_months is None:
            return self.valid_until
        return add_months(self.administered_on, self.label_duration_months)

    def protects_against(self, antigen: Antigen) -> bool:
        """Return whether the vaccine contains ``antigen``."""
        return antigen in self.antigens


def chronological(vaccinations: Iterable[Vaccination]) -> tuple[Vaccination, ...]:
    """Return the vaccinations in the order of their days.

    Those of one day are ordered by id, which follows the order of entry.
    """
    return tuple(sorted(vaccinations, key=lambda entry: (entry.administered_on, entry.id)))


def with_vaccination(
    vaccinations: Iterable[Vaccination], vaccination: Vaccination
) -> tuple[Vaccination, ...]:
    """Return the vaccinations with one more, in the order of their days.

    Raises:
        InvalidValue: the dose is there already: the same id, or the same antigen on the same day.
    """
    given = tuple(vaccinations)
    for earlier in given:
        same_day = earlier.administered_on == vaccination.administered_on
        if earlier.id == vaccination.id or (
            same_day and not set(earlier.antigens).isdisjoint(vaccination.antigens)
        ):
            raise InvalidValue(
                field="vaccination",
                rule="is recorded already",
                expected="a dose of another antigen or of another day",
                value=f"{', '.join(vaccination.antigens)} on {vaccination.administered_on}",
            )
    return chronological((*given, vaccination))
