"""The free slots of a clinic, for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from rich.table import Table
from rich.text import Text

from vetcore.cli.telling import day_told, words
from vetcore.cli.views import plain_table
from vetcore.models import Clinic
from vetcore.operations.results import Slot
from vetcore.values.walltime import zone_named

__all__ = ["FreeSlots"]

_STEPS = 3
"""As many starts at one distance are told as a row."""


@dataclass(frozen=True, slots=True)
class FreeSlots:
    """The free slots of a clinic, by start and veterinarian."""

    clinic_id: UUID
    clinic: str
    timezone: str
    service: str
    names: Mapping[UUID, str]
    slots: Sequence[Slot]

    @classmethod
    def at(
        cls, clinic: Clinic, service: str, names: Mapping[UUID, str], slots: Sequence[Slot]
    ) -> "FreeSlots":
        """Return the slots that were found at a clinic, with the names of its staff."""
        return cls(clinic.id, clinic.name, clinic.timezone, service, names, slots)

    def as_dict(self) -> dict[str, Any]:
        """Return the slots for programs: instants in UTC, and the clinic's time zone."""
        return {
            "clinic": {"id": self.clinic_id, "name": self.clinic, "timezone": self.timezone},
            "service": self.service,
            "items": [
                {
                    "start": slot.start,
                    "end": slot.end,
                    "places": slot.places,
                    "practitioner": {
                        "id": slot.practitioner_id,
                        "name": self.names.get(slot.practitioner_id),
                    },
                }
                for slot in self.slots
            ],
            "next_cursor": None,
        }

    def table(self) -> Table:
        """Return the slots for people, as a line for each day and practitioner."""
        zone = zone_named(self.timezone)
        told = plain_table(f"{self.clinic}: free for {words(self.service)} ({self.timezone})")
        told.add_column("Day", no_wrap=True)
        told.add_column("With", no_wrap=True, max_width=22)
        told.add_column("Starts")
        rows = sorted(
            (slot.start.astimezone(zone).date(), self.names.get(slot.practitioner_id, ""), slot)
            for slot in self.slots
        )
        previous = None
        for (day, name), group in groupby(rows, key=lambda row: row[:2]):
            starts = [slot.start.astimezone(zone) for _, _, slot in group]
            shown = day_told(day) if day != previous else ""
            told.add_row(shown, Text(name), _told(starts))
            previous = day
        return told


def _told(starts: Sequence[datetime]) -> str:
    """Starts as ``09:00-11:45, 13:00-14:30 every 15 min, 17:00``."""
    parts: list[str] = []
    for step, runs in groupby(_runs(starts), key=itemgetter(0)):
        distance = step // timedelta(minutes=1)
        told = ", ".join(text for _, text in runs)
        parts.append(f"{told} every {distance} min" if distance else told)
    return ", ".join(parts)


def _runs(starts: Sequence[datetime]) -> Iterator[tuple[timedelta, str]]:
    """Starts that follow each other at one distance, and single ones, whose distance is none."""
    position = 0
    while position < len(starts):
        first, end = starts[position], position + 1
        step = starts[end] - first if end < len(starts) else timedelta()
        while end < len(starts) and starts[end] - starts[end - 1] == step:
            end += 1
        if end - position < _STEPS:
            yield timedelta(), f"{first:%H:%M}"
            position += 1
        else:
            yield step, f"{first:%H:%M}-{starts[end - 1]:%H:%M}"
            position = end
