"""A day at the demonstration's clinic: who works, what is booked, what is free."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from vetcore.database import Database
from vetcore.directory.hours import hours_of
from vetcore.errors import NotBookable, SlotTaken
from vetcore.models import Appointment, Clinic, Room
from vetcore.samples import CLINIC_OF_THE_DAY, Loaded, Visit, visits
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.services import ServiceOffering

__all__ = ["Refusal", "Timetable", "book_visits", "collide", "free_starts", "timetable"]

Interval = tuple[datetime, datetime]

_DAYS_AHEAD = 14


@dataclass(slots=True)
class Timetable:
    """One local day of one clinic."""

    clinic: Clinic
    day: date
    shifts: dict[str, list[Interval]]
    """When each veterinarian works, by name."""
    rooms: list[Room]
    booked: list[Appointment] = field(default_factory=list[Appointment])

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's zone."""
        return ZoneInfo(self.clinic.timezone)

    def taken(self, resource: str, key: UUID | None) -> list[Interval]:
        """When a veterinarian, a room or a pet is occupied, buffers included."""
        return [
            (appointment.occupied_from, appointment.occupied_until)
            for appointment in self.booked
            if getattr(appointment, f"{resource}_id") == key
        ]

    def starts(
        self, name: str, veterinarian_id: UUID, offering: ServiceOffering
    ) -> Iterator[tuple[datetime, Room | None]]:
        """The starts at which the service could begin, and a room for it, in order."""
        step = self.clinic.booking_policy.step
        busy = self.taken("veterinarian", veterinarian_id)
        for begin, end in self.shifts.get(name, ()):
            start = begin
            while start + offering.duration <= end:
                span = (
                    start - offering.buffer_before,
                    start + offering.duration + offering.buffer_after,
                )
                room = self._room(offering.room_kind, span)
                if not _overlaps(span, busy) and (room or offering.room_kind is None):
                    yield start, room
                start += step

    def _room(self, kind: RoomKind | None, span: Interval) -> Room | None:
        suitable = (room for room in self.rooms if room.kind is kind)
        return next(
            (room for room in suitable if not _overlaps(span, self.taken("room", room.id))), None
        )


def timetable(world: Loaded, today: date) -> Timetable:
    """The day of the coming fortnight on which most veterinarians of the clinic are at work."""
    clinic = world.clinics[CLINIC_OF_THE_DAY]
    days = [today + timedelta(days=ahead) for ahead in range(1, _DAYS_AHEAD + 1)]
    shifts = {day: _shifts(world, clinic, day) for day in days}
    best = max(days, key=lambda day: (len(shifts[day]), -day.toordinal()))
    rooms = [room for room in world.rooms.values() if room.clinic_id == clinic.id]
    return Timetable(clinic, best, shifts[best], rooms)


def _shifts(world: Loaded, clinic: Clinic, day: date) -> dict[str, list[Interval]]:
    zone = ZoneInfo(clinic.timezone)
    midnight = datetime.combine(day, time(), zone)
    bounds = midnight, datetime.combine(day + timedelta(days=1), time(), zone)
    closed = [c for c in world.closures.values() if c.clinic_id == clinic.id]
    if any(closure.first_on <= day <= closure.last_on for closure in closed):
        return {}
    opening = _open(clinic.opening_hours, clinic, bounds)
    shifts: dict[str, list[Interval]] = {}
    for key, post in world.memberships.items():
        name = key.partition("/")[2]
        absence = world.time_off.get(name)
        if post.clinic_id != clinic.id or name not in world.veterinarians:
            continue
        if absence and absence.starts_at < bounds[1] and bounds[0] < absence.ends_at:
            continue
        work = _open(post.working_hours or clinic.opening_hours, clinic, bounds)
        present = [shared for span in work for shared in _within(span, opening)]
        if present:
            shifts[name] = present
    return shifts


def _open(hours: str, clinic: Clinic, bounds: Interval) -> list[Interval]:
    known = hours_of(hours, clinic.timezone, clinic.address.country)
    return [(span.start, span.end) for span in known.intervals(*bounds)]


def _within(span: Interval, others: Sequence[Interval]) -> Iterator[Interval]:
    for other in others:
        begin, end = max(span[0], other[0]), min(span[1], other[1])
        if begin < end:
            yield begin, end


def _overlaps(span: Interval, others: Sequence[Interval]) -> bool:
    return any(begin < span[1] and span[0] < end for begin, end in others)


async def book_visits(db: Database, world: Loaded, table: Timetable) -> None:
    """Book the sample world's visits, each at the first start that is free from its time on.

    Where the veterinarian is not in that day, or has no time left, a colleague sees the pet.
    """
    async with db.transaction(actor=_receptionist(world)) as session:
        for visit in visits():
            names = sorted(table.shifts, key=lambda name: (name != visit.veterinarian, name))
            options = (_placed(world, table, visit, name) for name in names)
            appointment = next((option for option in options if option is not None), None)
            if appointment is not None:
                session.add(appointment)
                await session.flush()
                table.booked.append(appointment)


def _placed(world: Loaded, table: Timetable, visit: Visit, name: str) -> Appointment | None:
    earliest = datetime.combine(table.day, visit.not_before, table.zone)
    veterinarian = world.veterinarians[name]
    offering = _offering(table, visit.service)
    for start, room in table.starts(name, veterinarian.id, offering):
        if start >= earliest:
            pet = world.pets[visit.pet]
            return Appointment(
                clinic_id=table.clinic.id,
                veterinarian_id=veterinarian.id,
                pet_id=pet.id,
                room_id=room.id if room else None,
                booked_by_id=pet.owner_id,
                service=visit.service,
                status=AppointmentStatus.CONFIRMED,
                priority=visit.priority,
                reason=visit.reason,
                estimated_cost=offering.price,
                currency=offering.currency if offering.price is not None else None,
                **_times(start, offering),
            )
    return None


def _offering(table: Timetable, service: ServiceType) -> ServiceOffering:
    offering = table.clinic.services.get(service)
    if offering is None:
        message = f"{table.clinic.name} does not offer {service}"
        raise NotBookable(message)
    return offering


def _times(start: datetime, offering: ServiceOffering) -> dict[str, datetime]:
    return {
        "starts_at": start,
        "ends_at": start + offering.duration,
        "occupied_from": start - offering.buffer_before,
        "occupied_until": start + offering.duration + offering.buffer_after,
    }


def _receptionist(world: Loaded) -> UUID:
    return next(
        world.users[key.partition("/")[2]].id
        for key, post in world.memberships.items()
        if key.startswith(CLINIC_OF_THE_DAY) and post.role == "receptionist"
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """A booking that the database refused."""

    resource: str
    attempt: str
    """What was tried."""
    error: SlotTaken


async def collide(db: Database, world: Loaded, table: Timetable) -> list[Refusal]:
    """Try to book the veterinarian, the room and the pet of one appointment a second time."""
    first = next(appointment for appointment in table.booked if appointment.room_id)
    busy = {appointment.pet_id for appointment in table.booked}
    other_pet = next(pet for pet in world.pets.values() if pet.id not in busy)
    names = {vet.id: name for name, vet in world.veterinarians.items()}
    veterinarian_id = first.veterinarian_id
    locum_id, locum = next(item for item in names.items() if item[1] not in table.shifts)
    pets = {pet.id: pet.name for pet in world.pets.values()}
    room = next(room for room in table.rooms if room.id == first.room_id)
    attempts = (
        ("veterinarian", f"{names[veterinarian_id]} for {other_pet.name}", veterinarian_id, None),
        ("room", f"{room.name} for {other_pet.name} with {locum}", locum_id, room.id),
        ("pet", f"{pets[first.pet_id]} with {locum}", locum_id, None),
    )
    # In the clinic's wall time, since that is how the refusals will speak of it.
    start = first.starts_at.astimezone(table.zone) + timedelta(minutes=10)
    refused: list[Refusal] = []
    for resource, attempt, with_id, in_id in attempts:
        try:
            async with db.transaction() as session:
                session.add(
                    Appointment(
                        clinic_id=table.clinic.id,
                        veterinarian_id=with_id,
                        pet_id=first.pet_id if resource == "pet" else other_pet.id,
                        room_id=in_id,
                        service=ServiceType.WELLNESS_EXAM,
                        priority=AppointmentPriority.ROUTINE,
                        **_times(start, _offering(table, ServiceType.WELLNESS_EXAM)),
                    )
                )
        except SlotTaken as error:
            refused.append(Refusal(resource, f"{attempt} at {start:%H:%M}", error))
    return refused


def free_starts(world: Loaded, table: Timetable, service: ServiceType) -> dict[str, list[datetime]]:
    """When each veterinarian could still see a pet for the service, in the clinic's wall time."""
    offering = _offering(table, service)
    return {
        name: [
            start.astimezone(table.zone)
            for start, _ in table.starts(name, world.veterinarians[name].id, offering)
        ]
        for name in table.shifts
    }
