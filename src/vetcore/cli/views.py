"""Tables that people look at, and the same rows for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from vetcore.directory import Found, NearbyClinic
from vetcore.models import Appointment, Clinic, Pet, User
from vetcore.values.intervals import Interval

__all__ = [
    "DayEntry",
    "DueEntry",
    "FoundEntry",
    "NearbyEntry",
    "day_table",
    "due_table",
    "found_table",
    "free_table",
    "nearby_table",
    "plain_table",
    "room_table",
    "words",
]

_QUARTER, _NARROW = timedelta(minutes=15), timedelta(hours=13)
_TAKEN, _FREE = "█", "·"
_KILOMETRE = 1000.0


@dataclass(frozen=True, slots=True)
class DayEntry:
    """An appointment in the clinic's wall time."""

    starts_at: datetime
    ends_at: datetime
    veterinarian: str
    room: str | None
    pet: str
    species: str
    owner: str | None
    service: str
    status: str
    urgent: bool

    @classmethod
    def of(cls, appointment: Appointment, zone: ZoneInfo) -> "DayEntry":
        """The entry of an appointment whose pet, owner, room and veterinarian are loaded."""
        pet, room = appointment.pet, appointment.room
        return cls(
            starts_at=appointment.starts_at.astimezone(zone),
            ends_at=appointment.ends_at.astimezone(zone),
            veterinarian=appointment.veterinarian.user.full_name,
            room=room.name if room else None,
            pet=pet.name,
            species=pet.species.value,
            owner=pet.owner.full_name if pet.owner else None,
            service=appointment.service.value,
            status=appointment.status.value,
            urgent=appointment.priority != "routine",
        )


@dataclass(frozen=True, slots=True)
class NearbyEntry:
    """A clinic and its distance."""

    name: str
    city: str
    country: str
    distance_km: float
    open: bool
    timezone: str
    phone: str | None

    @classmethod
    def of(cls, near: NearbyClinic, *, is_open: bool) -> "NearbyEntry":
        """The entry of a clinic that was found."""
        clinic = near.clinic
        return cls(
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
    """A pet whose protection ends."""

    pet: str
    species: str
    owner: str | None
    against: tuple[str, ...]
    due_on: date
    days: int
    """Days from today; negative when it is overdue."""

    @classmethod
    def of(cls, pet: Pet, today: date) -> "DueEntry":
        """The entry of a pet that has a due date and whose owner is loaded."""
        due_on = pet.next_vaccination_due_on or today
        ends = {
            antigen: vaccination.valid_until
            for vaccination in pet.vaccinations
            for antigen in vaccination.antigens
        }
        return cls(
            pet=pet.name,
            species=pet.species.value,
            owner=pet.owner.full_name if pet.owner else None,
            against=tuple(antigen.value for antigen, end in ends.items() if end == due_on),
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
    def of_pet(cls, found: Found[Pet], owner: User | None) -> "FoundEntry":
        """The entry of a pet."""
        pet = found.item
        details = (pet.species.value, *pet.breeds[:1], owner.full_name if owner else None)
        told = tuple(detail for detail in (*details, pet.license_number) if detail)
        return cls(pet.id, pet.name, told, round(found.score, 3), found.matched.value)

    @classmethod
    def of_owner(cls, found: Found[User]) -> "FoundEntry":
        """The entry of an owner."""
        user = found.item
        told = tuple(detail for detail in (user.email, user.phone) if detail)
        return cls(user.id, user.full_name, told, round(found.score, 3), found.matched.value)


def day_table(clinic: Clinic, day: date, entries: Sequence[DayEntry]) -> Table:
    """A clinic's day by veterinarian, in its wall time."""
    table = plain_table(f"{clinic.name}, {day:%A} {day.day} {day:%B %Y} ({clinic.timezone})")
    table.add_column("Time", no_wrap=True, min_width=17)
    table.add_column("Pet", no_wrap=True, max_width=17)
    table.add_column("Species", no_wrap=True, min_width=10)
    table.add_column("Service", no_wrap=True)
    table.add_column("Room", no_wrap=True)
    ordered = sorted(entries, key=lambda entry: (entry.veterinarian, entry.starts_at))
    for veterinarian, visits in groupby(ordered, key=lambda entry: entry.veterinarian):
        table.add_row(Text(veterinarian, "bold cyan"))
        for visit in visits:
            table.add_row(
                f"  {visit.starts_at:%H:%M}-{visit.ends_at:%H:%M}",
                Text(visit.pet, "bold red" if visit.urgent else ""),
                words(visit.species),
                words(visit.service),
                visit.room or "",
            )
        table.add_section()
    return table


def room_table(
    rooms: Mapping[str, Sequence[Interval]], zone: ZoneInfo, opening: Sequence[Interval]
) -> Table:
    """How each room is used over the day.

    Args:
        rooms: by name, in the order in which they are shown, with what is occupied of each.
        zone: the clinic's.
        opening: the hours of the day, which the table is to show even where nobody comes.
    """
    spans = [*opening, *(span for used in rooms.values() for span in used)]
    table = plain_table("Rooms, cleaning included")
    table.add_column("Room", no_wrap=True)
    if not spans:
        return table
    first = min(span.start for span in spans).replace(minute=0, second=0, microsecond=0)
    last = max(span.end for span in spans)
    cell = _QUARTER if last - first <= _NARROW else 2 * _QUARTER
    cells = [first + n * cell for n in range(-(-(last - first) // cell))]
    table.add_column(_hours(cells, zone), no_wrap=True)
    table.add_column("Used", justify="right", no_wrap=True)
    for name, used in rooms.items():
        full = [any(each.start < at + cell and at < each.end for each in used) for at in cells]
        strip = Text("".join(_TAKEN if taken else _FREE for taken in full), "cyan")
        table.add_row(Text(name), strip, f"{sum(full) / len(full):.0%}")
    return table


def _hours(cells: Sequence[datetime], zone: ZoneInfo) -> str:
    """The full hours of the wall time, each above the cell in which it begins."""
    line = [" "] * (len(cells) + 1)
    for position, moment in enumerate(cells):
        there = moment.astimezone(zone)
        if there.minute == 0:
            line[position : position + 2] = f"{there:%H}"
    return "".join(line)


def free_table(title: str, free: Mapping[str, Sequence[datetime]], shown: int = 9) -> Table:
    """The first free starts of each veterinarian, in wall time."""
    table = plain_table(title)
    table.add_column("Veterinarian", no_wrap=True)
    table.add_column("Free starts")
    for name, starts in sorted(free.items()):
        first = "  ".join(f"{start:%H:%M}" for start in starts[:shown])
        more = f"  and {len(starts) - shown} more" if len(starts) > shown else ""
        table.add_row(name, Text.assemble(first or "none", (more, "dim")))
    return table


def nearby_table(title: str, entries: Sequence[NearbyEntry]) -> Table:
    """Clinics by distance."""
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
    """Vaccinations that are due, the longest overdue first."""
    table = plain_table(title)
    table.add_column("Pet", no_wrap=True, max_width=16)
    table.add_column("Owner", no_wrap=True, max_width=20)
    table.add_column("Against", max_width=20)
    table.add_column("Due", no_wrap=True)
    for entry in entries:
        if entry.days < 0:
            when = Text(f"{entry.due_on}, {-entry.days} d late", "bold red")
        else:
            when = Text(f"{entry.due_on}, in {entry.days} d")
        against = ", ".join(words(name.removeprefix(_family(name))) for name in entry.against[:1])
        more = f" +{len(entry.against) - 1}" if len(entry.against) > 1 else ""
        table.add_row(Text(entry.pet), Text(entry.owner or ""), against + more, when)
    return table


def found_table(title: str, entries: Sequence[FoundEntry]) -> Table:
    """What a search found, the best answer first."""
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
    """An empty table in the manner of all of them."""
    return Table(
        title=Text(title, "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def words(value: str) -> str:
    """A value of an enumeration as people write it."""
    return value.replace("_", " ")


def _family(antigen: str) -> str:
    """What the pet's species says already."""
    return next((name for name in ("canine_", "feline_") if antigen.startswith(name)), "")
