"""Tables for people, and the same rows for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from vetcore.cli.telling import days_away, words
from vetcore.models import Appointment, Clinic, Pet, User
from vetcore.operations.results import DayBlock, Found, NearbyClinic
from vetcore.values.intervals import Interval
from vetcore.values.schedules import VaccinationSchedule, next_due

__all__ = [
    "ClinicEntry",
    "DayEntry",
    "DueEntry",
    "FoundEntry",
    "NearbyEntry",
    "block_items",
    "clinic_table",
    "due_table",
    "found_table",
    "nearby_table",
    "plain_table",
    "span_items",
]

_KILOMETRE = 1000.0


@dataclass(frozen=True, slots=True)
class DayEntry:
    """An appointment in the clinic's wall time."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    practitioner: str
    room: str | None
    pet: str
    species: str
    owner: str | None
    service: str
    service_kind: str
    status: str
    squeezed_in: bool
    urgent: bool

    @classmethod
    def of(cls, appointment: Appointment, zone: ZoneInfo) -> "DayEntry":
        """Return the entry of an appointment whose pet, owner, room and practitioner are loaded."""
        pet, room = appointment.pet, appointment.room
        return cls(
            id=appointment.id,
            starts_at=appointment.starts_at.astimezone(zone),
            ends_at=appointment.ends_at.astimezone(zone),
            practitioner=appointment.practitioner.full_name,
            room=room.name if room else None,
            pet=pet.name,
            species=pet.species.value,
            owner=pet.owner.full_name if pet.owner else None,
            service=appointment.service,
            service_kind=appointment.service_kind.value,
            status=appointment.status.value,
            squeezed_in=appointment.squeezed_in,
            urgent=appointment.priority != "routine",
        )


@dataclass(frozen=True, slots=True)
class ClinicEntry:
    """A clinic in a list."""

    id: UUID
    name: str
    city: str
    country: str
    open: bool
    timezone: str
    phone: str | None
    status: str

    @classmethod
    def of(cls, clinic: Clinic, *, is_open: bool) -> "ClinicEntry":
        """Return the entry of a clinic."""
        return cls(
            id=clinic.id,
            name=clinic.name,
            city=clinic.address.city,
            country=clinic.address.country,
            open=is_open,
            timezone=clinic.timezone,
            phone=clinic.phone,
            status=clinic.status.value,
        )


@dataclass(frozen=True, slots=True)
class NearbyEntry:
    """A clinic and its distance."""

    id: UUID
    name: str
    city: str
    country: str
    distance_km: float
    open: bool
    timezone: str
    phone: str | None

    @classmethod
    def of(cls, near: NearbyClinic, *, is_open: bool) -> "NearbyEntry":
        """Return the entry of a clinic that was found near a place."""
        clinic = near.clinic
        return cls(
            id=clinic.id,
            name=clinic.name,
            city=clinic.address.city,
            country=clinic.address.country,
            distance_km=round(near.distance_m / _KILOMETRE, 3),
            open=is_open,
            timezone=clinic.timezone,
            phone=clinic.phone,
        )


@dataclass(frozen=True, slots=True)
class DueEntry:
    """A pet whose vaccination falls due."""

    id: UUID
    """The pet's id."""
    pet: str
    species: str
    owner_id: UUID | None
    owner: str | None
    clinic_id: UUID | None
    """Where the pet is registered."""
    against: tuple[str, ...]
    due_on: date
    days: int
    """Days from today; negative if it is overdue."""

    @classmethod
    def of(
        cls,
        pet: Pet,
        owner: str | None,
        schedules: Sequence[VaccinationSchedule],
        today: date,
    ) -> "DueEntry":
        """Return the entry of a pet that has a due date."""
        due_on = pet.next_vaccination_due_on or today
        due = next_due(schedules, pet.species, pet.born_on, pet.vaccinations, today)
        # What was computed on another day may differ by the days since.
        last = max([due_on, *(each.due_on for each in due[:1])])
        return cls(
            id=pet.id,
            pet=pet.name,
            species=pet.species.value,
            owner_id=pet.owner_id,
            owner=owner,
            clinic_id=pet.primary_clinic_id,
            against=tuple(dict.fromkeys(each.antigen.value for each in due if each.due_on <= last)),
            due_on=due_on,
            days=(due_on - today).days,
        )


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A pet or an owner that a search found."""

    id: UUID
    name: str
    details: tuple[str, ...]
    score: float
    matched: str

    @classmethod
    def of_pet(cls, found: Found[Pet], owner: str | None) -> "FoundEntry":
        """Return the entry of a pet."""
        pet = found.item
        details = (pet.species.value, *pet.breeds[:1], owner)
        told = tuple(detail for detail in (*details, pet.license_number) if detail)
        return cls(pet.id, pet.name, told, round(found.score, 3), found.matched.value)

    @classmethod
    def of_owner(cls, found: Found[User]) -> "FoundEntry":
        """Return the entry of an owner."""
        user = found.item
        told = tuple(detail for detail in (user.email, user.phone) if detail)
        return cls(user.id, user.full_name, told, round(found.score, 3), found.matched.value)


def clinic_table(title: str, entries: Sequence[ClinicEntry]) -> Table:
    """Return a table of clinics by name."""
    table = plain_table(title)
    table.add_column("Clinic", max_width=34)
    table.add_column("Place", max_width=20)
    table.add_column("Now", no_wrap=True)
    table.add_column("Telephone", no_wrap=True)
    for entry in entries:
        table.add_row(
            Text(entry.name),
            Text(f"{entry.city}, {entry.country}"),
            Text("open", "green") if entry.open else Text("closed", "dim"),
            Text(entry.phone or ""),
        )
    return table


def nearby_table(title: str, entries: Sequence[NearbyEntry]) -> Table:
    """Return a table of clinics by distance."""
    table = plain_table(title)
    table.add_column("Clinic", max_width=34)
    table.add_column("Place", max_width=18)
    table.add_column("Distance", justify="right", no_wrap=True)
    table.add_column("Now", no_wrap=True)
    for entry in entries:
        table.add_row(
            Text(entry.name),
            Text(f"{entry.city}, {entry.country}"),
            f"{entry.distance_km:,.1f} km",
            Text("open", "green") if entry.open else Text("closed", "dim"),
        )
    return table


def due_table(title: str, entries: Sequence[DueEntry]) -> Table:
    """Return a table of vaccinations that are due, the longest overdue first."""
    table = plain_table(title)
    table.add_column("Pet", no_wrap=True, max_width=16)
    table.add_column("Owner", no_wrap=True, max_width=20)
    table.add_column("Against", overflow="fold", max_width=20)
    table.add_column("Due", no_wrap=True)
    for entry in entries:
        when = Text(f"{entry.due_on}, {days_away(entry.days)}")
        when.stylize("bold red" if entry.days < 0 else "")
        against = ", ".join(words(name.removeprefix(_family(name))) for name in entry.against[:1])
        more = f" +{len(entry.against) - 1}" if len(entry.against) > 1 else ""
        table.add_row(Text(entry.pet), Text(entry.owner or ""), against + more, when)
    return table


def found_table(title: str, entries: Sequence[FoundEntry]) -> Table:
    """Return a table of what a search found, the best match first."""
    table = plain_table(title)
    table.add_column("Name", max_width=24)
    table.add_column("What is known")
    table.add_column("By", no_wrap=True)
    table.add_column("Sure", justify="right", no_wrap=True)
    for entry in entries:
        details = Text(", ".join(words(detail) for detail in entry.details))
        table.add_row(Text(entry.name), details, words(entry.matched), f"{entry.score:.0%}")
    return table


def plain_table(title: str) -> Table:
    """Return an empty table in the style of all tables."""
    return Table(
        title=Text(title, "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def _family(antigen: str) -> str:
    """What the pet's species says already."""
    return next((name for name in ("canine_", "feline_") if antigen.startswith(name)), "")


def span_items(spans: Iterable[Interval]) -> list[dict[str, Any]]:
    """Return spans for programs."""
    return [{"start": span.start, "end": span.end} for span in spans]


def block_items(blocks: Iterable[DayBlock]) -> list[dict[str, Any]]:
    """Return blocks for programs."""
    return [
        {"start": each.start, "end": each.end, "block_id": each.block_id, "label": each.label}
        for each in blocks
    ]
