"""Vaccinations: against what, with what, by whom, and for how long."""

from datetime import date
from enum import StrEnum, unique
from typing import Annotated
from uuid import UUID

from pydantic import Field
from uuid_utils.compat import uuid7

from vetcore.values.documents import Document, Label, Prose

__all__ = ["Antigen", "Vaccination", "VaccinationRoute", "VaccinationSource"]


@unique
class Antigen(StrEnum):
    """The diseases, by their agent, against which animals are vaccinated."""

    RABIES = "rabies"
    CANINE_DISTEMPER = "canine_distemper"
    CANINE_ADENOVIRUS = "canine_adenovirus"
    CANINE_PARVOVIRUS = "canine_parvovirus"
    CANINE_PARAINFLUENZA = "canine_parainfluenza"
    CANINE_INFLUENZA = "canine_influenza"
    LEPTOSPIROSIS = "leptospirosis"
    BORDETELLA = "bordetella"
    LYME = "lyme"
    CROTALUS_ATROX = "crotalus_atrox"
    FELINE_PANLEUKOPENIA = "feline_panleukopenia"
    FELINE_HERPESVIRUS = "feline_herpesvirus"
    FELINE_CALICIVIRUS = "feline_calicivirus"
    FELINE_LEUKEMIA = "feline_leukemia"
    CHLAMYDIA_FELIS = "chlamydia_felis"
    MYXOMATOSIS = "myxomatosis"
    RABBIT_HEMORRHAGIC_DISEASE = "rabbit_hemorrhagic_disease"
    RABBIT_HEMORRHAGIC_DISEASE_2 = "rabbit_hemorrhagic_disease_2"
    TETANUS = "tetanus"
    EASTERN_EQUINE_ENCEPHALITIS = "eastern_equine_encephalitis"
    WESTERN_EQUINE_ENCEPHALITIS = "western_equine_encephalitis"
    WEST_NILE_VIRUS = "west_nile_virus"
    EQUINE_INFLUENZA = "equine_influenza"
    EQUINE_HERPESVIRUS = "equine_herpesvirus"
    STRANGLES = "strangles"
    CLOSTRIDIUM_PERFRINGENS = "clostridium_perfringens"
    OTHER = "other"


@unique
class VaccinationRoute(StrEnum):
    """How the vaccine is given."""

    SUBCUTANEOUS = "subcutaneous"
    INTRAMUSCULAR = "intramuscular"
    INTRANASAL = "intranasal"
    ORAL = "oral"
    TRANSDERMAL = "transdermal"


@unique
class VaccinationSource(StrEnum):
    """How the platform knows of it."""

    RECORDED = "recorded"
    IMPORTED = "imported"
    DECLARED = "declared"


class Vaccination(Document):
    """One vaccine given on one day."""

    id: UUID = Field(default_factory=uuid7)
    antigens: Annotated[tuple[Antigen, ...], Field(min_length=1)]
    product: Label | None = None
    manufacturer: Label | None = None
    lot_number: Label | None = None
    lot_expires_on: date | None = None
    site: Label | None = None
    route: VaccinationRoute | None = None
    administered_on: date
    administered_by_id: UUID | None = None
    valid_until: date | None = None
    label_duration_months: Annotated[int, Field(ge=1, le=120)] | None = None
    source: VaccinationSource = VaccinationSource.RECORDED
    notes: Prose | None = None
