"""The visits that owners in the sample world want on a day at a clinic."""

from dataclasses import dataclass
from datetime import time

from vetcore.samples.reading import rows
from vetcore.values.appointments import AppointmentPriority

__all__ = ["CLINIC_OF_THE_DAY", "Visit", "visits"]

CLINIC_OF_THE_DAY = "driftwood"
"""The clinic at which the visits of :func:`visits` take place."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A wish for an appointment, with the names that ``Loaded`` knows."""

    veterinarian: str
    not_before: time
    """The clinic's wall time."""
    pet: str
    service: str
    priority: AppointmentPriority
    reason: str


def visits() -> list[Visit]:
    """Return a day's visits for three veterinarians."""
    return [
        Visit(
            veterinarian=given["veterinarian"],
            not_before=time.fromisoformat(given["not_before"]),
            pet=given["pet"],
            service=given["service"],
            priority=AppointmentPriority(given["priority"]),
            reason=given["reason"],
        )
        for given in rows("day.csv")
    ]
