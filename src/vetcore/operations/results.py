"""The types that operations return beside rows, so that callers import from one place."""

from vetcore.directory import Found, MatchedBy, NearbyClinic
from vetcore.medical import ChainHead, Fault, Finding, Verification
from vetcore.scheduling import (
    DaySheet,
    DayVisit,
    ImpossibleVisit,
    Occurrence,
    RoomDay,
    SeriesReport,
    Slot,
    StrayedVisit,
    VeterinarianDay,
)

__all__ = [
    "ChainHead",
    "DaySheet",
    "DayVisit",
    "Fault",
    "Finding",
    "Found",
    "ImpossibleVisit",
    "MatchedBy",
    "NearbyClinic",
    "Occurrence",
    "RoomDay",
    "SeriesReport",
    "Slot",
    "StrayedVisit",
    "Verification",
    "VeterinarianDay",
]
