"""The outcome of an act on an appointment: it was done, or it was refused and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rich.console import RenderableType
from rich.text import Text

from vetcore.cli.telling import day_told, error_told, span_told, words
from vetcore.cli.timetables import FreeSlots
from vetcore.errors import BusinessRuleError, InvalidTransition
from vetcore.models import Appointment, Clinic, Pet
from vetcore.values.walltime import zone_named

__all__ = ["Done", "Refused"]


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done, and the appointment as it is now."""

    verb: str
    """The first word of the sentence: ``Booked``, ``Moved`` and so on."""
    appointment: Appointment
    clinic: Clinic
    pet: Pet
    practitioner: str
    note: str = ""
    """Further remarks."""

    @property
    def well(self) -> bool:
        """True, since the act was done."""
        return True

    def as_dict(self) -> dict[str, Any]:
        """Return the appointment for programs: instants in UTC, and the clinic's time zone."""
        made = self.appointment
        return {
            "id": made.id,
            "status": made.status,
            "service": made.service,
            "start": made.starts_at,
            "end": made.ends_at,
            "timezone": self.clinic.timezone,
            "clinic": {"id": self.clinic.id, "name": self.clinic.name},
            "pet": {"id": self.pet.id, "name": self.pet.name},
            "practitioner": {"id": made.practitioner_id, "name": self.practitioner},
            "room_id": made.room_id,
            "overrides": made.overrides,
        }

    @property
    def sentence(self) -> Text:
        """Return the outcome as a sentence for people."""
        zone = zone_named(self.clinic.timezone)
        made = self.appointment
        start, end = made.starts_at.astimezone(zone), made.ends_at.astimezone(zone)
        year = f"{day_told(start)} {start.year}"
        when = span_told(start, end).replace(day_told(start), year, 1)
        return Text.assemble(
            (f"{self.verb}: ", "bold green"),
            f"{words(made.service)} for {self.pet.name} with {self.practitioner} ",
            f"at {self.clinic.name}, {when} {start:%Z}{self.note}.",
        )

    @property
    def below(self) -> Iterable[RenderableType]:
        """Return what is shown below the sentence."""
        yield Text(f"Appointment {self.appointment.id}, {words(self.appointment.status)}", "dim")


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that the rules refused, and what could be booked instead."""

    verb: str
    error: BusinessRuleError
    timezone: str
    names: Mapping[UUID, str]
    instead: FreeSlots | None = None

    @property
    def well(self) -> bool:
        """False, since the act was not done."""
        return False

    def as_dict(self) -> dict[str, Any]:
        """Return the refusal for programs: a problem document, and the free slots beside it."""
        problem: dict[str, Any] = self.error.problem(for_operators=True)
        if self.instead is not None:
            problem["free_instead"] = self.instead.as_dict()["items"]
        return problem

    @property
    def sentence(self) -> Text:
        """Return the refusal for people: names in place of keys, and times as people say them."""
        return Text.assemble((f"Not {self.verb.lower()}: ", "bold red"), f"{self._why()}.")

    def _why(self) -> str:
        if isinstance(self.error, InvalidTransition):
            return f"the appointment is {words(str(self.error.details['current']))}"
        return error_told(self.error, zone_named(self.timezone), self.names)

    @property
    def below(self) -> Iterable[RenderableType]:
        """Return what is shown below the sentence."""
        if self.instead is not None and self.instead.slots:
            yield self.instead.table()
