"""A small platform with somebody in every relation to everything."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.examples import appointment, clinic, pet, room, some, user, veterinarian
from tests.medical.signed import sign_by_hand
from vetcore.access import Actor, Membership
from vetcore.access.entities import ACCESS
from vetcore.database import Database
from vetcore.models import (
    Clinic,
    ClinicClosure,
    MedicalRecord,
    Pet,
    PetCoOwner,
    ScheduleBlock,
    StaffMembership,
    TimeOff,
    User,
    VaccinationReminder,
    Veterinarian,
    WaitlistEntry,
)
from vetcore.models.base import Entity
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role

TODAY = datetime.now(UTC).date()  # the database's policies use its own clock


def post(person: User, at: Clinic, role: Role, **given: Any) -> StaffMembership:
    values = {
        "id": uuid4(),
        "user_id": person.id,
        "clinic_id": at.id,
        "role": role,
        "starts_on": date(2020, 1, 1),
    }
    return StaffMembership(**values | given)


@dataclass
class Platform:
    """Rows, by what they are, and the people, by how they stand to clinic "here"."""

    rows: dict[str, Entity] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)


async def platform(db: Database) -> Platform:
    """Clinic *here* with a patient, clinic *there* without; an owner, a co-owner, a stranger.

    What is not written out here is made by the entity's factory, for that clinic and patient.
    """
    made = Platform()
    here, there = clinic(name="Here"), clinic(name="There")
    people = {
        name: user(role=role)
        for name, role in {
            "owner": Role.PET_OWNER,
            "co_owner": Role.PET_OWNER,
            "stranger": Role.PET_OWNER,
            "receptionist": Role.RECEPTIONIST,
            "technician": Role.VETERINARY_TECHNICIAN,
            "veterinarian": Role.VETERINARIAN,
            "manager": Role.CLINIC_MANAGER,
            "elsewhere": Role.VETERINARIAN,
            "former": Role.VETERINARIAN,
            "future": Role.VETERINARIAN,
            "admin": Role.PLATFORM_ADMIN,
        }.items()
    }
    vet = veterinarian(people["veterinarian"])
    animal = pet(people["owner"], primary_clinic_id=here.id)
    memberships = [
        post(people["receptionist"], here, Role.RECEPTIONIST),
        post(people["technician"], here, Role.VETERINARY_TECHNICIAN),
        post(people["veterinarian"], here, Role.VETERINARIAN),
        post(people["manager"], here, Role.CLINIC_MANAGER),
        post(people["elsewhere"], there, Role.VETERINARIAN),
        post(people["former"], here, Role.VETERINARIAN, ends_on=TODAY - timedelta(days=3)),
        post(people["future"], here, Role.VETERINARIAN, starts_on=TODAY + timedelta(days=3)),
    ]
    visit = appointment(here, vet, animal)
    now = datetime(2026, 3, 9, tzinfo=UTC)
    later: list[Entity] = [
        visit,
        MedicalRecord(
            id=uuid4(),
            pet_id=animal.id,
            clinic_id=here.id,
            veterinarian_id=vet.id,
            visited_at=now,
        ),
        WaitlistEntry(
            id=uuid4(),
            clinic_id=here.id,
            pet_id=animal.id,
            service=ServiceType.VACCINATION,
            earliest_at=now,
            latest_at=now + timedelta(days=1),
        ),
        VaccinationReminder(
            id=uuid4(), pet_id=animal.id, due_on=TODAY, claimed_by="w", claimed_until=now
        ),
        room(here),
        ClinicClosure(
            id=uuid4(), clinic_id=here.id, first_on=TODAY, last_on=TODAY, reason="Stocktaking"
        ),
        ScheduleBlock(
            id=uuid4(),
            clinic_id=here.id,
            practitioner_id=vet.user_id,
            label="Lunch",
            first_on=TODAY,
            hours="12:00-13:00",
        ),
        TimeOff(
            id=uuid4(), practitioner_id=vet.user_id, starts_at=now, ends_at=now + timedelta(days=1)
        ),
    ]
    ends = {"clinic_id": here.id, "pet_id": animal.id, "veterinarian_id": vet.id}
    registered = animal.patient_of[0]
    known = {type(row) for row in [*later, registered]}
    known |= {Clinic, User, Pet, Veterinarian, StaffMembership}
    later += (some(entity, **ends) for entity in ACCESS.keys() - known)
    async with db.transaction() as session:
        session.add_all([here, there, *people.values()])
        await session.flush()
        session.add_all([vet, animal, *memberships])
        await session.flush()
        session.add_all([*later, PetCoOwner(pet_id=animal.id, user_id=people["co_owner"].id)])
        await session.flush()
        await sign_by_hand(session, *(each for each in later if isinstance(each, MedicalRecord)))
    made.rows = {row.__tablename__: row for row in later}
    made.rows |= {
        "clinics": here,
        "users": people["owner"],
        "pets": animal,
        "clinic_patients": registered,
        "veterinarians": vet,
        "staff_memberships": memberships[2],
    }
    made.actors = {name: _actor(person, memberships) for name, person in people.items()}
    return made


def _actor(person: User, memberships: list[StaffMembership]) -> Actor:
    held = frozenset(
        Membership(each.clinic_id, each.role)
        for each in memberships
        if each.user_id == person.id and each.is_active_on(TODAY)
    )
    return Actor(person.id, person.role, held)


def ids(rows: list[Any]) -> set[UUID]:
    """The keys of some rows."""
    return {row.id for row in rows}


__all__ = ["TODAY", "Clinic", "Pet", "Platform", "Veterinarian", "ids", "platform", "post"]
