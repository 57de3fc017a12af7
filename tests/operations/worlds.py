"""Everybody in every relation to clinic *here*, its patient and its veterinarian; see ``platform``."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import update

from tests.access.worlds import TODAY, Platform, platform, post
from tests.examples import clinic, pet, user
from vetcore import clock
from vetcore.database import Acting, Database
from vetcore.models import (
    ApiKey,
    Appointment,
    AppointmentSeries,
    EmergencyAccess,
    Invitation,
    Pet,
    UserSession,
)
from vetcore.values.people import Role
from vetcore.values.relations import InvitationKind

MEMBERSHIPS = {
    "receptionist": Role.RECEPTIONIST,
    "technician": Role.VETERINARY_TECHNICIAN,
    "veterinarian": Role.VETERINARIAN,
    "manager": Role.CLINIC_MANAGER,
}
"""Who works at *here*, as what."""

NO_MEMBERSHIP = frozenset({"owner", "co_owner", "stranger", "former", "future", "admin"})
"""Who works nowhere today."""


@dataclass(frozen=True)
class World:
    """The platform, and what operations need beside."""

    made: Platform
    people: dict[str, UUID]
    """Who there is; ``None`` of :meth:`acting` is the system."""
    there: UUID
    """The clinic at which nobody of *here* works."""
    twin: UUID
    """A second row of the patient, of the same owner and clinic."""
    stranger_pet: UUID
    """A pet that is nobody's patient."""

    def id(self, table: str) -> UUID:
        """The row of a table."""
        return self.made.rows[table].id

    def acting(self, name: str) -> Acting:
        """Somebody who acts."""
        return Acting() if name == "system" else Acting(self.people[name])


async def world(db: Database) -> World:
    """Make it, in the database."""
    made = await platform(db)
    here, owner = made.rows["clinics"].id, made.rows["users"].id
    there = clinic(name="Elsewhere")
    manager = user(role=Role.CLINIC_MANAGER)
    twin = pet(name="Rex II", primary_clinic_id=here)
    twin.owner_id = owner
    made.rows["appointment_series"] = series = AppointmentSeries(
        id=uuid4(),
        clinic_id=here,
        pet_id=made.rows["pets"].id,
        rule="FREQ=DAILY;COUNT=2",
    )
    made.rows["invitations"] = Invitation(
        id=uuid4(),
        kind=InvitationKind.CO_OWNER,
        pet_id=made.rows["pets"].id,
        clinic_id=here,
        user_id=made.actors["stranger"].user_id,
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        created_by_id=owner,
    )
    made.rows["emergency_accesses"] = EmergencyAccess(
        pet_id=made.rows["pets"].id, clinic_id=here, user_id=manager.id, reason="Was run over"
    )
    lonely = pet(name="Lonely")
    lonely.owner_id = made.actors["stranger"].user_id
    made.rows["user_sessions"] = UserSession(
        id=uuid4(),
        user_id=owner,
        token_hash="s" * 64,
        created_at=clock.now(),
        used_at=clock.now(),
        verified_at=clock.now(),
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    made.rows["api_keys"] = ApiKey(
        id=uuid4(),
        user_id=owner,
        name="Lab",
        token_hash="k" * 64,
        permissions="pet:read",
        created_at=clock.now(),
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    async with db.transaction() as session:
        session.add_all([there, manager, made.rows["user_sessions"], made.rows["api_keys"]])
        await session.flush()
        session.add_all([lonely, made.rows["emergency_accesses"]])
        session.add_all([twin, made.rows["invitations"], post(manager, there, Role.CLINIC_MANAGER)])
        session.add(series)
        await session.flush()
        await session.execute(update(Appointment).values(series_id=series.id, series_place=1))
        await session.execute(update(Pet).values(next_vaccination_due_on=TODAY))
    people = {name: actor.user_id for name, actor in made.actors.items()}
    return World(
        made,
        people | {"manager_elsewhere": manager.id},
        there.id,
        twin.id,
        lonely.id,
    )


__all__ = ["MEMBERSHIPS", "NO_MEMBERSHIP", "World", "world"]
