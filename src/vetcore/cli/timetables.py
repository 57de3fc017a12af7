"""What a clinic has free and what it has booked, for people and for programs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from vetcore.cli.views import plain_table, words
from vetcore.errors import NotBookable, SlotTaken
from vetcore.models import Appointment, Clinic, Pet
from vetcore.scheduling import Slot
from vetcore.values.clinics import ServiceType

__all__ = ["Booked", "FreeSlots", "NotBooked"]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)")
_STEPS = 3
"""As many starts at one distance are told as a row."""


@dataclass(frozen=True, slots=True)
class FreeSlots:
    """Free slots of one clinic, by start and veterinarian."""

    clinic_id: UUID
    clinic: str
    timezone: str
    service: ServiceType
    names: Mapping[UUID, str]
    slots: Sequence[Slot]

    @classmethod
    def at(
        cls, clinic: Clinic, service: ServiceType, names: Mapping[UUID, str], slots: Sequence[Slot]
    ) -> "FreeSlots":
        """The slots that were found at a clinic whose staff have those names."""
        return cls(clinic.id, clinic.name, clinic.timezone, service, names, slots)

    def as_dict(self) -> dict[str, Any]:
        """For programs: starts and ends in the clinic's wall time, with its offset."""
        zone = ZoneInfo(self.timezone)
        return {
            "clinic": {"id": self.clinic_id, "name": self.clinic, "timezone": self.timezone},
            "service": self.service,
            "slots": [
                {
                    "start": slot.start.astimezone(zone),
                    "end": slot.end.astimezone(zone),
                    "veterinarian_id": slot.veterinarian_id,
                    "veterinarian": self.names.get(slot.veterinarian_id),
                }
                for slot in self.slots
            ],
        }

    def table(self) -> Table:
        """For people: a line for each day and veterinarian."""
        zone = ZoneInfo(self.timezone)
        told = plain_table(f"{self.clinic}: free for {words(self.service)} ({self.timezone})")
        told.add_column("Day", no_wrap=True)
        told.add_column("Veterinarian", no_wrap=True, max_width=22)
        told.add_column("Starts")
        rows = sorted(
            (slot.start.astimezone(zone).date(), self.names.get(slot.veterinarian_id, ""), slot)
            for slot in self.slots
        )
        previous = None
        for (day, name), group in groupby(rows, key=lambda row: row[:2]):
            starts = [slot.start.astimezone(zone) for _, _, slot in group]
            shown = f"{day:%a} {day.day} {day:%b}" if day != previous else ""
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


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment that was made, or had been with the same key."""

    appointment: Appointment
    clinic: Clinic
    pet: Pet
    veterinarian: str
    well = True

    @classmethod
    def of(
        cls, appointment: Appointment, clinic: Clinic, pet: Pet, names: Mapping[UUID, str]
    ) -> "Booked":
        """What was made of a request."""
        return cls(appointment, clinic, pet, names.get(appointment.veterinarian_id, ""))

    def as_dict(self) -> dict[str, Any]:
        """For programs: times in the clinic's wall time, with its offset."""
        zone = ZoneInfo(self.clinic.timezone)
        made = self.appointment
        return {
            "id": made.id,
            "status": made.status,
            "service": made.service,
            "start": made.starts_at.astimezone(zone),
            "end": made.ends_at.astimezone(zone),
            "timezone": self.clinic.timezone,
            "clinic": {"id": self.clinic.id, "name": self.clinic.name},
            "pet": {"id": self.pet.id, "name": self.pet.name},
            "veterinarian": {"id": made.veterinarian_id, "name": self.veterinarian},
            "room_id": made.room_id,
            "overrides": made.overrides,
        }

    def tell(self) -> Iterable[RenderableType]:
        """For people."""
        zone = ZoneInfo(self.clinic.timezone)
        start, end = (
            moment.astimezone(zone)
            for moment in (self.appointment.starts_at, self.appointment.ends_at)
        )
        yield Text.assemble(
            ("Booked ", "bold green"),
            f"{words(self.appointment.service)} for {self.pet.name} with {self.veterinarian} ",
            f"at {self.clinic.name}, {start:%A} {start.day} {start:%B %Y}, ",
            f"{start:%H:%M}-{end:%H:%M} {start:%Z}",
        )
        yield Text(f"Appointment {self.appointment.id}, {self.appointment.status}", "dim")


@dataclass(frozen=True, slots=True)
class NotBooked:
    """A booking that was refused, and what could be booked instead."""

    error: SlotTaken | NotBookable
    instead: FreeSlots
    well = False

    def as_dict(self) -> dict[str, Any]:
        """For programs: a problem document, and the free slots beside it."""
        return self.error.problem(for_operators=True) | {
            "free_instead": self.instead.as_dict()["slots"]
        }

    def tell(self) -> Iterable[RenderableType]:
        """For people."""
        yield Text.assemble(("Not booked: ", "bold red"), self._in_words())
        if self.instead.slots:
            yield self.instead.table()

    def _in_words(self) -> str:
        """The error's sentence, with names for keys and times as people write them."""
        told = self.error.message
        for key, name in self.instead.names.items():
            told = told.replace(str(key), name)
        zone = ZoneInfo(self.instead.timezone)
        return _INSTANT.sub(lambda found: _spoken(found[0], zone), told)


def _spoken(text: str, zone: ZoneInfo) -> str:
    there = datetime.fromisoformat(text).astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %H:%M %Z}"
