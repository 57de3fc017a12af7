"""A clinic with its people and a patient, for acts that change them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from tests.examples import appointment, clinic, membership, pet, room, user, veterinarian
from vetcore.database import Acting, Database
from vetcore.models import (
    Appointment,
    Clinic,
    Invitation,
    Pet,
    Room,
    User,
    Veterinarian,
    WaitlistEntry,
)
from vetcore.models.base import Entity
from vetcore.operations import accept_invitation, share_pet
from vetcore.schemas import InvitationAccept, PetShare
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role

E = TypeVar("E", bound=Entity)

LATER = datetime(2030, 3, 4, 18, 0, tzinfo=UTC)
"""Ten in the morning where the clinic is, on a Monday to come."""


@dataclass(frozen=True)
class Scene:
    """The rows, as they were made."""

    clinic: Clinic
    room: Room
    vet: Veterinarian
    pet: Pet
    twin: Pet
    """A second row of the same animal."""
    people: dict[str, User]

    def who(self, name: str) -> UUID:
        """Somebody's id."""
        return self.people[name].id

    def acting(self, name: str) -> Acting:
        """Somebody who acts."""
        return Acting(self.who(name))

    def visit(
        self, animal: Pet | None = None, start: datetime = LATER, **given: Any
    ) -> Appointment:
        """An appointment at the clinic, not written yet."""
        return appointment(self.clinic, self.vet, animal or self.pet, start, **given)

    def wish(self, animal: Pet | None = None, **given: Any) -> WaitlistEntry:
        """A wish for a slot, not written yet."""
        values: dict[str, Any] = {
            "clinic_id": self.clinic.id,
            "pet_id": (animal or self.pet).id,
            "service": ServiceType.WELLNESS_EXAM,
            "earliest_at": LATER,
            "latest_at": LATER + timedelta(days=1),
        }
        return WaitlistEntry(**{"id": uuid4()} | values | given)


async def scene(db: Database) -> Scene:
    """Make it, in the database."""
    place = clinic()
    roles = {
        "owner": Role.PET_OWNER,
        "co_owner": Role.PET_OWNER,
        "stranger": Role.PET_OWNER,
        "receptionist": Role.RECEPTIONIST,
        "veterinarian": Role.VETERINARIAN,
        "manager": Role.CLINIC_MANAGER,
        "admin": Role.PLATFORM_ADMIN,
    }
    people = {name: user(role=role, first_name=name.title()) for name, role in roles.items()}
    vet = veterinarian(people["veterinarian"])
    here = {"primary_clinic_id": place.id}
    made = Scene(
        clinic=place,
        room=room(place),
        vet=vet,
        pet=pet(people["owner"], **here),
        twin=pet(people["owner"], name="Rexi", **here),
        people=people,
    )
    await stored(db, place, *people.values())
    working = ("receptionist", "veterinarian", "manager")
    await stored(db, made.room, vet, made.pet, made.twin)
    await stored(db, *(membership(people[name], place, role=roles[name]) for name in working))
    return made


async def stored(db: Database, *rows: Entity) -> None:
    """Write rows."""
    async with db.transaction() as session:
        session.add_all(rows)


async def accepted(
    db: Database, made: Scene, name: str, invitation: Invitation, **given: Any
) -> None:
    """Let somebody accept an invitation."""
    async with db.transaction(made.acting(name)) as session:
        await accept_invitation(session, InvitationAccept(id=invitation.id, **given))


async def share(db: Database, made: Scene, animal: Pet, name: str) -> None:
    """Let the owner share a pet with somebody, who accepts."""
    async with db.transaction(made.acting("owner")) as session:
        wish = PetShare(id=animal.id, user_id=made.who(name))
        invitation = await share_pet(session, wish)
    await accepted(db, made, name, invitation)


async def fresh(db: Database, row: E) -> E:
    """The row as it is in the database now, a deleted one too."""
    async with db.session(include_deleted=True) as session:
        return await session.get_one(type(row), row.id)


TODAY = date(2026, 3, 9)

__all__ = ["LATER", "TODAY", "Scene", "accepted", "fresh", "scene", "share", "stored"]
