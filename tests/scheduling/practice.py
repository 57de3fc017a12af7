"""A practice to book at: two veterinarians, two rooms, pets; open on weekdays in New York."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from tests.examples import clinic, membership, pet, room, user, veterinarian
from vetcore.database import Database
from vetcore.models import Appointment, Clinic, Pet, Room, Veterinarian
from vetcore.scheduling import book, hold
from vetcore.schemas import AppointmentCreate, AppointmentHoldCreate
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.people import Role
from vetcore.values.services import ServiceCatalog, ServiceOffering

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
"""A Friday."""

TEN = datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
"""Ten in the morning in New York, on the Monday after the clocks went forward."""

SERVICES = ServiceCatalog(
    offerings=(
        ServiceOffering(service=ServiceType.WELLNESS_EXAM, duration_minutes=30),
        ServiceOffering(
            service=ServiceType.SURGERY,
            duration_minutes=60,
            buffer_before_minutes=15,
            buffer_after_minutes=30,
            room_kind=RoomKind.SURGERY,
        ),
    )
)


@dataclass
class Practice:
    """What there is, and how to ask for a slot."""

    clinic: Clinic
    vets: list[Veterinarian]
    rooms: list[Room]
    pets: list[Pet]

    def request(
        self, starts_at: datetime = TEN, *, animal: int = 0, **given: Any
    ) -> AppointmentCreate:
        """A wish for a wellness exam of the first pet, by any veterinarian."""
        values: dict[str, Any] = {
            "clinic_id": self.clinic.id,
            "service": ServiceType.WELLNESS_EXAM,
            "pet_id": self.pets[animal].id,
            "starts_at": starts_at,
        }
        return AppointmentCreate(**values | given)

    @property
    def vet_ids(self) -> set[UUID]:
        """The veterinarians, as a command names them."""
        return {vet.user_id for vet in self.vets}


async def practice(db: Database, *, vets: int = 2, pets: int = 4, **given: Any) -> Practice:
    """A stored practice; ``given`` are columns of the clinic."""
    values: dict[str, Any] = {
        "timezone": "America/New_York",
        "opening_hours": "Mo-Fr 08:00-12:00,13:00-18:00",
        "services": SERVICES,
        "booking_policy": BookingPolicy(minimum_notice_minutes=0),
    }
    place = clinic(**values | given)
    people = [user(role=Role.VETERINARIAN) for _ in range(vets)]
    owner = user()
    made = Practice(
        clinic=place,
        vets=[veterinarian(person) for person in people],
        rooms=[
            room(place, name="Theatre 1", kind=RoomKind.SURGERY),
            room(place, name="Theatre 2", kind=RoomKind.SURGERY),
        ],
        pets=[pet(owner, name=f"Pet {number}") for number in range(pets)],
    )
    async with db.transaction() as session:
        session.add_all([place, owner, *people])
        await session.flush()
        session.add_all([*made.vets, *made.rooms, *made.pets])
        session.add_all([membership(person, place) for person in people])
    return made


HALF_AN_HOUR = timedelta(minutes=30)


async def booked_at(
    db: Database, made: Practice, starts_at: datetime = TEN, **given: Any
) -> Appointment:
    """An appointment that ``book`` made, committed."""
    async with db.transaction() as session:
        return await book(session, made.request(starts_at, **given), by=Capacity.STAFF)


async def held_at(db: Database, made: Practice, **given: Any) -> Appointment:
    """A hold that ``hold`` made, committed."""
    wish = made.request(**given).model_dump()
    async with db.transaction() as session:
        return await hold(session, AppointmentHoldCreate(**wish), by=Capacity.STAFF)


async def run_out(db: Database, held: Appointment) -> None:
    """Let a hold run out, by whatever clock."""
    await _expires(db, held, NOW - timedelta(days=365))


async def lasting(db: Database, held: Appointment) -> None:
    """Let a hold last, by whatever clock."""
    await _expires(db, held, datetime(2900, 1, 1, tzinfo=UTC))


async def _expires(db: Database, held: Appointment, at: datetime) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(Appointment).where(Appointment.id == held.id).values(hold_expires_at=at)
        )


async def stored(db: Database, appointment: Appointment) -> Appointment:
    """The appointment as it is in the database now."""
    async with db.session() as session:
        return await session.get_one(Appointment, appointment.id)
