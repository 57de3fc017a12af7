"""A day at the demonstration's clinic: what is booked, what is refused, what stays free."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from vetcore.cli.desk import told
from vetcore.clock import now
from vetcore.database import Acting, Database, Session
from vetcore.errors import BookingRefused
from vetcore.models import Appointment, Clinic, Pet, Room
from vetcore.operations import book_appointment, confirm_appointment, find_slots
from vetcore.operations.results import Slot
from vetcore.samples import CLINIC_OF_THE_DAY, Loaded, Visit, visits
from vetcore.schemas import AppointmentAct, AppointmentCreate, SlotQuery
from vetcore.values.clinics import ServiceType
from vetcore.values.intervals import Interval, instant
from vetcore.values.walltime import midnight, zone_named

__all__ = [
    "AHEAD",
    "Refusal",
    "Timetable",
    "book_visits",
    "collide",
    "free_starts",
    "receptionist",
    "timetable",
]

AHEAD = timedelta(days=14)
_COMMAND = Acting(via="command")


@dataclass(slots=True)
class Timetable:
    """A local day of a clinic."""

    clinic: Clinic
    day: date
    rooms: list[Room]
    booked: list[Appointment] = field(default_factory=list[Appointment])

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return zone_named(self.clinic.timezone)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The instants at which the day begins and ends at the clinic."""
        next_day = self.day + timedelta(days=1)
        return instant(midnight(self.day, self.zone)), instant(midnight(next_day, self.zone))

    def taken(self, resource: str, key: UUID | None) -> list[Interval]:
        """Return when a veterinarian, a room or a pet is occupied, buffers included."""
        return [
            Interval(appointment.occupied_from, appointment.occupied_until)
            for appointment in self.booked
            if getattr(appointment, f"{resource}_id") == key
        ]


async def timetable(db: Database, world: Loaded) -> Timetable:
    """Return the day within a fortnight on which most veterinarians of the clinic have time."""
    clinic = world.clinics[CLINIC_OF_THE_DAY]
    zone = zone_named(clinic.timezone)
    tomorrow = now().astimezone(zone).date() + timedelta(days=1)
    begin = instant(midnight(tomorrow, zone))
    exams = told(
        SlotQuery,
        clinic_id=clinic.id,
        service=ServiceType.WELLNESS_EXAM,
        start=begin,
        end=begin + AHEAD,
    )
    async with db.session(_COMMAND) as session:
        slots = await find_slots(session, exams)
    at_work: dict[date, set[UUID]] = defaultdict(set)
    for slot in slots:
        at_work[slot.start.astimezone(zone).date()].add(slot.practitioner_id)
    best = max(at_work, key=lambda day: (len(at_work[day]), -day.toordinal()))
    rooms = [room for room in world.rooms.values() if room.clinic_id == clinic.id]
    return Timetable(clinic, best, rooms)


async def book_visits(db: Database, world: Loaded, table: Timetable) -> None:
    """Book the sample world's visits, each at the first free start from its time on.

    If the veterinarian is away that day, or has no time left, a colleague sees the pet.
    """
    async with db.transaction(Acting(receptionist(world), via="command")) as session:
        for visit in visits():
            slot = _preferred(
                await _free(session, world, table, visit),
                world.veterinarians[visit.veterinarian].user_id,
            )
            if slot is not None:
                booked = await book_appointment(session, _request(world, table, visit, slot))
                act = AppointmentAct(id=booked.id)
                table.booked.append(await confirm_appointment(session, act))


async def _free(session: Session, world: Loaded, table: Timetable, visit: Visit) -> list[Slot]:
    earliest = datetime.combine(table.day, visit.not_before, table.zone)
    wanted = told(
        SlotQuery,
        clinic_id=table.clinic.id,
        service=visit.service,
        pet_id=world.pets[visit.pet].id,
        start=earliest,
        end=table.bounds[1],
    )
    return await find_slots(session, wanted)


def _preferred(slots: Iterable[Slot], practitioner_id: UUID) -> Slot | None:
    """The first with that veterinarian, or the first there is."""
    return min(
        slots, key=lambda slot: (slot.practitioner_id != practitioner_id, slot.start), default=None
    )


def _request(world: Loaded, table: Timetable, visit: Visit, slot: Slot) -> AppointmentCreate:
    offering = table.clinic.services.get(visit.service)
    price = None if offering is None else offering.price
    return AppointmentCreate(
        clinic_id=table.clinic.id,
        service=visit.service,
        pet_id=world.pets[visit.pet].id,
        starts_at=slot.start,
        practitioner_id=slot.practitioner_id,
        priority=visit.priority,
        reason=visit.reason,
        estimated_cost=price,
        currency=None if offering is None or price is None else offering.currency,
    )


def receptionist(world: Loaded) -> UUID:
    """Return a receptionist of the clinic."""
    return next(
        world.users[key.partition("/")[2]].id
        for key, membership in world.memberships.items()
        if key.startswith(CLINIC_OF_THE_DAY) and membership.role == "receptionist"
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A booking that was refused."""

    attempt: str
    """What was tried."""
    error: BookingRefused


async def collide(db: Database, world: Loaded, table: Timetable) -> list[Refusal]:
    """Try to book an appointment's practitioner, room and pet again, and to break other rules.

    Return the refusals.
    """
    busy = {appointment.pet_id for appointment in table.booked}
    other = next(pet for pet in world.pets.values() if pet.id not in busy)
    refused: list[Refusal] = []
    for appointment in table.booked:
        refused = [
            Refusal(attempt, error)
            for attempt, wish in _again(world, table, appointment, other)
            if (error := await _refused(db, table, wish | {"starts_at": appointment.starts_at}))
        ]
        resources = {refusal.error.details.get("resource") for refusal in refused}
        if resources == {"practitioner", "room", "pet"}:
            # Some colleague is free then, so that the room and the pet alone stand in the way.
            break
    at_night = datetime.combine(table.day, time(3), table.zone)
    for attempt, start in (("at night", at_night), ("a fortnight ago", at_night - AHEAD)):
        error = await _refused(db, table, {"pet_id": other.id, "starts_at": start})
        if error is not None:
            refused.append(Refusal(f"{other.name} {attempt}", error))
    return refused


def _again(
    world: Loaded, table: Timetable, appointment: Appointment, other: Pet
) -> Iterator[tuple[str, dict[str, Any]]]:
    name = next(
        name
        for name, vet in world.veterinarians.items()
        if vet.user_id == appointment.practitioner_id
    )
    pet = next(pet for pet in world.pets.values() if pet.id == appointment.pet_id)
    room = next((room for room in table.rooms if room.id == appointment.room_id), None)
    yield (
        f"{other.name} with {name}",
        {"pet_id": other.id, "practitioner_id": world.veterinarians[name].user_id},
    )
    if room is not None:
        yield f"{other.name} in {room.name}", {"pet_id": other.id, "room_id": room.id}
    yield f"{pet.name} with a colleague", {"pet_id": pet.id}


async def _refused(db: Database, table: Timetable, wish: dict[str, Any]) -> BookingRefused | None:
    exam = {"clinic_id": table.clinic.id, "service": ServiceType.WELLNESS_EXAM}
    try:
        async with db.trial(_COMMAND) as session:
            await book_appointment(session, told(AppointmentCreate, **exam, **wish))
    except BookingRefused as error:
        return error
    return None


async def free_starts(
    db: Database, world: Loaded, table: Timetable, service: str
) -> dict[str, list[datetime]]:
    """Return when each veterinarian could still see a pet, in the clinic's wall time."""
    start, end = table.bounds
    wanted = told(SlotQuery, clinic_id=table.clinic.id, service=service, start=start, end=end)
    async with db.session(_COMMAND) as session:
        slots = await find_slots(session, wanted)
    names = {vet.user_id: name for name, vet in world.veterinarians.items()}
    free: dict[str, list[datetime]] = defaultdict(list)
    for appointment in table.booked:
        free[names[appointment.practitioner_id]] = []
    for slot in slots:
        free[names[slot.practitioner_id]].append(slot.start.astimezone(table.zone))
    return dict(sorted(free.items()))
