"""The types that operations return beside rows, so that callers import from one place."""

from vetcore.directory import Found, MatchedBy, NearbyClinic
from vetcore.identity.own.api_keys import NewApiKey
from vetcore.identity.own.links import Letter
from vetcore.medical import ChainHead, Fault, Finding, Verification
from vetcore.scheduling import (
    ClinicDuty,
    ClinicVisit,
    DayBlock,
    DaySheet,
    DayVisit,
    Foreseen,
    ImpossibleVisit,
    Occurrence,
    PersonalDay,
    Practitioner,
    PractitionerDay,
    Preview,
    RoomDay,
    SeriesPreview,
    SeriesReport,
    Slot,
    StrayedVisit,
)

__all__ = [
    "ChainHead",
    "ClinicDuty",
    "ClinicVisit",
    "DayBlock",
    "DaySheet",
    "DayVisit",
    "Fault",
    "Finding",
    "Foreseen",
    "Found",
    "ImpossibleVisit",
    "Letter",
    "MatchedBy",
    "NearbyClinic",
    "NewApiKey",
    "Occurrence",
    "PersonalDay",
    "Practitioner",
    "PractitionerDay",
    "Preview",
    "RoomDay",
    "SeriesPreview",
    "SeriesReport",
    "Slot",
    "StrayedVisit",
    "Verification",
]
