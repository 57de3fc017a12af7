"""What a practice does beside consultations: a nurse clinic, a surgery morning, and an emergency."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from vetcore.cli.demo.day import AHEAD, Timetable, receptionist
from vetcore.cli.desk import told
from vetcore.database import Acting, Database, Session
from vetcore.errors import BookingRefused
from vetcore.models import Appointment, Pet
from vetcore.operations import book_appointment, find_slots
from vetcore.samples import Loaded
from vetcore.schemas import AppointmentCreate, SlotQuery
from vetcore.values.clinics import ServiceType

__all__ = ["Practised", "practise"]

_KINDS: Final = (
    ("Nurse clinic", "nurse_clinic"),
    ("Surgery morning", ServiceType.SURGERY),
    ("Emergency", ServiceType.SICK_VISIT),
)
_WHY: Final = "Hit by a car"


@dataclass(frozen=True, slots=True)
class Practised:
    """An appointment that is with a technician, at the hours of its service, or squeezed in."""

    what: str
    pet: str
    who: str
    starts_at: datetime
    """By the clinic's clock."""
    squeeze_reason: str | None

    def told(self) -> str:
        """Return it in a line."""
        line = f"{self.what}: {self.pet} with {self.who}, {self.starts_at:%A %H:%M}"
        return f"{line}, beside a visit: {self.squeeze_reason}" if self.squeeze_reason else line


async def practise(db: Database, world: Loaded, table: Timetable) -> list[Practised]:
    """Book with a technician, in the hours of surgery, and beside a visit. Return what was booked."""
    busy = {appointment.pet_id for appointment in table.booked}
    # Those who are there for nothing else; the first of them has the series.
    pets = [
        each
        for each in world.pets.values()
        if each.id not in busy
        and each.status.bookable
        and each.primary_clinic_id == table.clinic.id
    ]
    names = {person.id: name for name, person in world.users.items()}
    found: list[Practised] = []
    async with db.transaction(Acting(receptionist(world), via="command")) as session:
        for pet, (what, service) in zip(pets[1:], _KINDS, strict=False):
            made = (
                await _beside(session, table, pet)
                if service == ServiceType.SICK_VISIT
                else await _first(session, table, service, pet)
            )
            if made is not None:
                found.append(_shown(table, names, what, pet, made))
    return found


def _shown(
    table: Timetable, names: dict[UUID, str], what: str, pet: Pet, made: Appointment
) -> Practised:
    at = made.starts_at.astimezone(table.zone)
    return Practised(what, pet.name, names[made.practitioner_id], at, made.squeeze_reason)


async def _first(session: Session, table: Timetable, service: str, pet: Pet) -> Appointment | None:
    begin = table.bounds[0]
    wanted: dict[str, Any] = {
        "clinic_id": table.clinic.id,
        "service": service,
        "pet_id": pet.id,
        "start": begin,
        "end": begin + AHEAD,
        "limit": 1,
    }
    slots = await find_slots(session, told(SlotQuery, **wanted))
    for slot in slots:
        wish = told(
            AppointmentCreate,
            clinic_id=table.clinic.id,
            service=service,
            pet_id=pet.id,
            starts_at=slot.start,
            practitioner_id=slot.practitioner_id,
        )
        return await book_appointment(session, wish)
    return None


async def _beside(session: Session, table: Timetable, pet: Pet) -> Appointment | None:
    """Squeeze an emergency in beside the first visit where the rules allow it."""
    for visit in table.booked:
        wish = told(
            AppointmentCreate,
            clinic_id=table.clinic.id,
            service=ServiceType.SICK_VISIT,
            pet_id=pet.id,
            starts_at=visit.starts_at,
            practitioner_id=visit.practitioner_id,
            priority="emergency",
            squeeze_reason=_WHY,
        )
        try:
            async with session.begin_nested():
                return await book_appointment(session, wish)
        except BookingRefused:
            continue
    return None
