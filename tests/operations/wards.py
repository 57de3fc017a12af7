"""A clinic with a patient, and people of every kind who may or may not do something to it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tests.examples import clinic, membership, pet, user, veterinarian
from vetcore.database import Acting, Database
from vetcore.errors import VetcoreError
from vetcore.models import Base, Clinic, Pet, Veterinarian
from vetcore.values.people import Role

__all__ = ["EVERYBODY", "NOON", "Ward", "ward"]

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
"""A Monday."""

EVERYBODY = (
    "owner",
    "stranger",
    "receptionist",
    "technician",
    "veterinarian",
    "manager",
    "other_veterinarian",
    "former_veterinarian",
    "admin",
    "system",
)
"""Everybody: the owner of the patient and the staff of its clinic, people from elsewhere, the system."""

_STAFF = {
    "receptionist": Role.RECEPTIONIST,
    "technician": Role.VETERINARY_TECHNICIAN,
    "veterinarian": Role.VETERINARIAN,
    "manager": Role.CLINIC_MANAGER,
    "former_veterinarian": Role.VETERINARIAN,
}
_KEPT = (
    "medical_records",
    "record_addenda",
    "record_seals",
    "pets",
    "vaccination_reminders",
    "command_keys",
)


@dataclass
class Ward:
    """What there is, and how somebody does something."""

    db: Database
    clinic: Clinic
    pet: Pet
    vet: Veterinarian
    people: dict[str, UUID | None]

    async def act(
        self, who: str, operation: Any, command: Any, *, key: str | None = None, **how: Any
    ) -> Any:
        """Let somebody carry a command out, in a transaction of its own."""
        more = {} if key is None else {"key": key}
        acting = Acting(self.people[who], **how)
        return await self.db.run(lambda session: operation(session, command, **more), acting)

    async def ask(self, who: str, operation: Any, command: Any) -> Any:
        """Let somebody ask."""
        async with self.db.session(Acting(self.people[who])) as session:
            return await operation(session, command)

    async def refusal(
        self, who: str, operation: Any, command: Any, *, key: str | None = None
    ) -> str | None:
        """The code of the error with which somebody is refused; None where they are not.

        A refusal leaves everything as it was, the keys of commands too.
        """
        before = await self.everything()
        try:
            await self.act(who, operation, command, key=key)
        except VetcoreError as error:
            assert await self.everything() == before, f"{who} was refused, and something is written"
            return error.code
        return None

    async def everything(self) -> dict[str, set[Any]]:
        """All rows that the operations under test write."""
        async with self.db.session() as session:
            return {
                name: {
                    tuple(map(repr, row))
                    for row in await session.execute(select(Base.metadata.tables[name]))
                }
                for name in _KEPT
            }


async def ward(db: Database, **given: Any) -> Ward:
    """A stored clinic; ``given`` are columns of its patient."""
    place, elsewhere = clinic(), clinic()
    people = {name: user() for name in EVERYBODY if name != "system"}
    people["admin"].role = Role.PLATFORM_ADMIN
    animal = pet(people["owner"], primary_clinic_id=place.id, **given)
    vets = {
        name: veterinarian(people[name])
        for name in ("veterinarian", "other_veterinarian", "former_veterinarian")
    }
    held = [membership(people[name], place, role=role) for name, role in _STAFF.items()]
    held[-1].ends_on = NOON.date() - timedelta(days=400)
    held.append(membership(people["other_veterinarian"], elsewhere))
    async with db.transaction() as session:
        session.add_all([place, elsewhere, *people.values()])
        await session.flush()
        session.add_all([animal, *vets.values(), *held])
    ids: dict[str, UUID | None] = {name: person.id for name, person in people.items()}
    return Ward(db, place, animal, vets["veterinarian"], ids | {"system": None})
