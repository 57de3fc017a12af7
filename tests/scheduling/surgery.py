"""Visits that take more than one person, and equipment, for the tests of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.examples import appointment, equipment, membership, user
from tests.scheduling.practice import SERVICES, TEN, Practice, practice
from vetcore.database import Database, Session
from vetcore.models import Appointment, Equipment, Occupation, User
from vetcore.scheduling import book
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role
from vetcore.values.services import ServiceOffering

__all__ = [
    "HOUR",
    "TECHNICIAN",
    "VET",
    "Theatre",
    "acted",
    "assists",
    "dental_booked",
    "having",
    "occupations",
    "theatre",
    "uses",
    "visit",
]

HOUR = timedelta(hours=1)
TECHNICIAN, VET = Role.VETERINARY_TECHNICIAN, Role.VETERINARIAN


@dataclass
class Theatre(Practice):
    """The practice, with technicians and equipment; a dental cleaning takes one of each."""

    technicians: list[User] = field(default_factory=list[User])
    equipment: list[Equipment] = field(default_factory=list[Equipment])

    def dental(self, starts_at: datetime = TEN, **given: Any) -> Any:
        """A wish for a dental cleaning."""
        return self.request(starts_at, service=ServiceType.DENTAL_CLEANING, **given)


async def theatre(
    db: Database,
    *,
    vets: int = 2,
    pets: int = 6,
    technicians: int = 2,
    units: int = 1,
    **given: Any,
) -> Theatre:
    """A stored practice; ``given`` is of the dental cleaning in its catalogue."""
    values: dict[str, Any] = {
        "service": ServiceType.DENTAL_CLEANING,
        "duration_minutes": 60,
        "buffer_after_minutes": 15,
        "assisted_by": (TECHNICIAN,),
        "equipment": ("dental_unit",),
    }
    services = SERVICES.with_offering(ServiceOffering(**values | given))
    made = await practice(db, vets=vets, pets=pets, services=services)
    people = [user(role=TECHNICIAN) for _ in range(technicians)]
    pieces = [equipment(made.clinic, name=f"Unit {number}") for number in range(units)]
    async with db.transaction() as session:
        session.add_all([*people, *pieces])
        await session.flush()
        session.add_all([membership(each, made.clinic, role=TECHNICIAN) for each in people])
    return Theatre(**vars(made), technicians=people, equipment=pieces)


def visit(
    made: Practice, start: datetime = TEN, *, vet: int = 0, animal: int = 0, **given: Any
) -> Appointment:
    """An appointment of half an hour, which nothing has judged."""
    return appointment(made.clinic, made.vets[vet], made.pets[animal], start, **given)


def assists(person: UUID, at: Appointment, **given: Any) -> Occupation:
    """Somebody who assists at it."""
    times = {"occupied_from": at.occupied_from, "occupied_until": at.occupied_until}
    values = {"person_id": person, "role": TECHNICIAN, "occupying": True, **times}
    return Occupation(**{"appointment_id": at.id} | values | given)


def uses(piece: UUID, at: Appointment) -> Occupation:
    """A piece of equipment that it takes."""
    return assists(piece, at, person_id=None, role=None, equipment_id=piece)


async def occupations(session: Session, appointment_id: UUID) -> list[Occupation]:
    """What an appointment occupies beside, as it is stored."""
    found = await session.scalars(
        select(Occupation)
        .where(Occupation.appointment_id == appointment_id)
        .order_by(Occupation.person_id, Occupation.equipment_id)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def dental_booked(
    db: Database, made: Theatre, starts_at: Any = TEN, **given: Any
) -> Appointment:
    """A dental cleaning that ``book`` made, committed."""
    async with db.transaction() as session:
        return await book(session, made.dental(starts_at, **given), by=Capacity.STAFF)


async def having(db: Database, row: Appointment) -> tuple[set[UUID], set[UUID]]:
    """The assistants and the equipment that an appointment has, as stored."""
    async with db.session() as session:
        found = await occupations(session, row.id)
    return (
        {each.person_id for each in found if each.person_id is not None},
        {each.equipment_id for each in found if each.equipment_id is not None},
    )


async def acted(db: Database, act: Any, row: Appointment, **given: Any) -> Appointment:
    """What an act made of an appointment, committed."""
    async with db.transaction() as session:
        moved: Appointment = await act(session, row.id, **given)
        return moved
