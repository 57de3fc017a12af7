"""A practice with everybody who may want something of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.examples import clinic, membership, pet, registration, user
from tests.scheduling.practice import Practice, practice
from vetcore.database import Acting, Database
from vetcore.models import Appointment, CommandKey, Pet, User
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.people import Role

__all__ = ["ACTORS", "OUTSIDERS", "House", "house_at"]

ACTORS = ("owner", "staff", "other", "stranger", "system")
OUTSIDERS = ("other", "stranger")
"""Staff of another clinic, and an owner of another pet: they see nothing of it."""


@dataclass
class House:
    """The practice, its people, and in whose name they act."""

    made: Practice
    people: dict[str, UUID]
    their_pet: Pet
    """The pet of ``both``, who works at the desk and owns it."""

    def id_of(self, name: str) -> UUID | None:
        """The user's id; None for the system."""
        return None if name == "system" else self.people[name]

    def acting(self, name: str, *, as_owner: bool = False) -> Acting:
        """Who opens the session."""
        return Acting(self.id_of(name), as_owner=as_owner)


async def house_at(db: Database, **given: Any) -> House:
    """A stored house: its pets are patients there, and owners move and cancel until a day before."""
    policy = BookingPolicy(minimum_notice_minutes=0, cancellation_notice_minutes=24 * 60)
    made = await practice(db, **{"booking_policy": policy} | given)
    elsewhere = clinic()
    staff, technician, other, both = (user(role=Role.RECEPTIONIST) for _ in range(4))
    stranger = user()
    admin = user(role=Role.PLATFORM_ADMIN)
    owner_id = made.pets[0].owner_id
    assert owner_id is not None
    everybody: dict[str, User] = {
        "staff": staff,
        "technician": technician,
        "other": other,
        "both": both,
        "stranger": stranger,
        "admin": admin,
    }
    their_pet = pet(both, name="Their own", primary_clinic_id=made.clinic.id)
    async with db.transaction() as session:
        session.add_all([elsewhere, *everybody.values()])
        await session.flush()
        session.add_all(
            [
                their_pet,
                pet(stranger),
                membership(staff, made.clinic, role=Role.RECEPTIONIST),
                membership(technician, made.clinic, role=Role.VETERINARY_TECHNICIAN),
                membership(both, made.clinic, role=Role.RECEPTIONIST),
                membership(other, elsewhere, role=Role.CLINIC_MANAGER),
            ]
        )
        for animal in made.pets:
            (await session.get_one(Pet, animal.id)).primary_clinic_id = made.clinic.id
            session.add(registration(made.clinic.id, pet_id=animal.id))
    people = {name: person.id for name, person in everybody.items()}
    return House(made, people | {"owner": owner_id}, their_pet)


async def appointments_at(db: Database, house: House) -> dict[UUID, dict[str, Any]]:
    """Every appointment of the practice, column by column."""
    columns = [column.key for column in Appointment.__mapper__.column_attrs]
    query = select(Appointment).where(Appointment.clinic_id == house.made.clinic.id)
    async with db.session(include_deleted=True) as session:
        rows = await session.scalars(query)
        return {row.id: {name: getattr(row, name) for name in columns} for row in rows}


async def results_of(db: Database, key: str) -> list[tuple[UUID, UUID]]:
    """Whose the key is, and what came of its command; for each actor who has used it."""
    query = select(CommandKey.actor_id, CommandKey.result_id).where(CommandKey.key == key)
    async with db.session() as session:
        return [(actor, result) for actor, result in await session.execute(query)]
