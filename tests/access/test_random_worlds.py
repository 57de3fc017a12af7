"""No row leaks: over random worlds, what an actor sees is what a plain reading of the rules says."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.access.restricting import enabled
from tests.access.worlds import TODAY, post
from tests.examples import NINE, appointment, clinic, pet, registration, user, veterinarian
from tests.medical.signed import sign_by_hand
from vetcore.access import load_actor, visible
from vetcore.database import Acting, Database
from vetcore.models import (
    Appointment,
    Clinic,
    MedicalRecord,
    Pet,
    PetCoOwner,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.values.people import Role

STAFF = (Role.RECEPTIONIST, Role.VETERINARY_TECHNICIAN, Role.VETERINARIAN, Role.CLINIC_MANAGER)
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC)
READS_RECORDS = set(STAFF) - {Role.RECEPTIONIST}


class World:
    """Random rows, kept in lists so that the reference can loop over them."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.clinics = [clinic(license_number="C1") for _ in range(3)]
        self.users = [
            user(
                role=chance.choices([Role.PET_OWNER, Role.PLATFORM_ADMIN], [12, 1])[0],
                clerk_user_id=uuid4().hex,
            )
            for _ in range(12)
        ]
        self.vets = [veterinarian(person) for person in self.users[:3]]
        self.memberships = [
            post(
                person,
                chance.choice(self.clinics),
                chance.choice(STAFF),
                starts_on=TODAY + timedelta(days=chance.choice([-100, -100, 10])),
                ends_on=chance.choice([None, None, TODAY + timedelta(days=100)]),
                id=uuid4(),
            )
            for person in self.users[:5]
        ]
        for index in (0, 3):
            self.memberships[index].starts_on = TODAY - timedelta(days=50)
            self.memberships[index].ends_on = chance.choice([None, TODAY - timedelta(days=5)])
        self.pets = [
            pet(
                chance.choice([None, *self.users[4:]]),
                notes="Bites",
                created_by_id=chance.choice(self.users).id,
                primary_clinic_id=chance.choice([None, *(each.id for each in self.clinics)]),
                patient_of=[
                    registration(
                        place.id,
                        counts_for_owner=chance.random() < 0.7,
                        agreed_at=chance.choice([None, NINE, NINE]),
                        ended_at=chance.choice([None, None, NINE]),
                    )
                    for place in self.clinics
                    if chance.random() < 0.3
                ],
            )
            for _ in range(12)
        ]
        pairs = {(chance.choice(self.pets).id, chance.choice(self.users[4:]).id) for _ in range(5)}
        self.shared = [PetCoOwner(pet_id=animal, user_id=person) for animal, person in pairs]
        self.visits = [
            appointment(
                chance.choice(self.clinics),
                chance.choice(self.vets),
                chance.choice(self.pets),
                NINE + timedelta(hours=number),
                patient_until=chance.choice([None, NOW - HOUR, NOW + HOUR, NOW + HOUR]),
                internal_notes="Pays late",
            )
            for number in range(8)
        ]
        people = {vet.user_id: vet.id for vet in self.vets}
        self.records = [
            MedicalRecord(
                id=uuid4(),
                pet_id=visit.pet_id,
                clinic_id=visit.clinic_id,
                veterinarian_id=people[visit.practitioner_id],
                visited_at=visit.starts_at,
                subjective="Limps",
            )
            for visit in self.visits[:5]
        ]
        self.signed = [record for record in self.records if chance.choice([False, True])]
        self.visits[0].soft_delete()
        self.pets[0].soft_delete()

    async def store(self, db: Database) -> None:
        async with db.transaction() as session:
            for rows in (
                [*self.clinics, *self.users],
                [*self.vets, *self.memberships, *self.pets],
                self.visits,
                [*self.records, *self.shared],
            ):
                session.add_all(rows)
                await session.flush()
            await sign_by_hand(session, *self.signed)

    def sees_parts(self, person: User) -> dict[Any, set[UUID]]:
        """The reference for columns: of which rows one sees them."""
        here = self.clinics_of(person, set(STAFF))
        clinical = self.clinics_of(person, READS_RECORDS)
        managed = self.clinics_of(person, {Role.CLINIC_MANAGER})
        admin = person.role is Role.PLATFORM_ADMIN
        living = [each for each in self.pets if not each.is_deleted]
        visits = [each for each in self.visits if not each.is_deleted]
        colleagues = {
            each.user_id
            for each in self.memberships
            if each.clinic_id in here and each.is_active_on(TODAY)
        }
        return {
            Pet.notes: {
                each.id
                for each in living
                if admin or self.owns(person, each) or self.is_patient(each, clinical)
            },
            Pet.created_by_id: {each.id for each in living if admin or self.is_patient(each, here)},
            Appointment.internal_notes: {
                each.id for each in visits if admin or each.clinic_id in here
            },
            MedicalRecord.subjective: {
                each.id for each in self.records if admin or each.clinic_id in clinical
            },
            User.clerk_user_id: {each.id for each in self.users if admin},
            StaffMembership.employment: {
                each.id
                for each in self.memberships
                if admin or each.user_id == person.id or each.clinic_id in managed
            },
            Veterinarian.license_number: {
                each.id
                for each in self.vets
                if admin or each.user_id == person.id or each.user_id in colleagues
            },
            Clinic.license_number: {each.id for each in self.clinics if admin or each.id in here},
        }

    def clinics_of(self, person: User, roles: set[Role]) -> set[UUID]:
        return {
            each.clinic_id
            for each in self.memberships
            if each.user_id == person.id and each.role in roles and each.is_active_on(TODAY)
        }

    def owns(self, person: User, animal: Pet) -> bool:
        shared = {(each.pet_id, each.user_id) for each in self.shared}
        return animal.owner_id == person.id or (animal.id, person.id) in shared

    def is_patient(
        self,
        animal: Pet,
        clinics: set[UUID],
        *,
        counts_for_owner: bool = False,
        agreed: bool = False,
    ) -> bool:
        return any(
            each.clinic_id in clinics
            and each.ended_at is None
            and (each.counts_for_owner or not counts_for_owner)
            and (each.agreed_at is not None or not agreed)
            for each in animal.patient_of
        ) or any(
            visit.pet_id == animal.id
            and visit.clinic_id in clinics
            and not visit.is_deleted
            and visit.patient_until is not None
            and visit.patient_until > NOW
            for visit in self.visits
        )

    def sees(self, person: User) -> dict[type, set[UUID]]:
        """The reference: loops, and no SQL."""
        here = self.clinics_of(person, set(STAFF))
        for_records = self.clinics_of(person, READS_RECORDS)
        admin = person.role is Role.PLATFORM_ADMIN
        living = [each for each in self.pets if not each.is_deleted]
        mine = {each.id for each in living if self.owns(person, each)}
        return {
            Pet: {
                each.id
                for each in living
                if admin or each.id in mine or self.is_patient(each, here)
            },
            Appointment: {
                each.id
                for each in self.visits
                if not each.is_deleted and (admin or each.pet_id in mine or each.clinic_id in here)
            },
            MedicalRecord: {
                each.id
                for each in self.records
                if admin
                or (each.signed_at and each.pet_id in mine)
                or each.clinic_id in for_records
            },
            User: {
                each.id
                for each in self.users
                if admin
                or each.id == person.id
                or any(
                    self.is_patient(a, here, counts_for_owner=True)
                    for a in living
                    if a.owner_id == each.id
                )
                or any(
                    self.is_patient(a, here, agreed=True)
                    for a in living
                    if any((s.pet_id, s.user_id) == (a.id, each.id) for s in self.shared)
                )
                or any(
                    p.user_id == each.id and p.clinic_id in here and p.is_active_on(TODAY)
                    for p in self.memberships
                )
            },
            StaffMembership: {
                each.id
                for each in self.memberships
                if admin or each.user_id == person.id or each.clinic_id in here
            },
            Veterinarian: {each.id for each in self.vets},
            Clinic: {each.id for each in self.clinics},
        }


@pytest.mark.parametrize("seed", range(12))
async def test_what_an_actor_sees_is_what_the_rules_say(db: Database, seed: int) -> None:
    world = World(seed)
    await world.store(db)
    for person in world.users:
        expected = world.sees(person)
        async with db.session() as session:
            actor = await load_actor(session, person.id)
            for entity, ids in expected.items():
                query = select(entity.id).where(visible(entity, actor))  # type: ignore[attr-defined]
                assert set(await session.scalars(query)) == ids, (person.role, entity)


@pytest.mark.parametrize("backend", ["postgresql"])
@pytest.mark.parametrize("seed", range(12))
async def test_a_restricted_session_shows_just_that_and_of_each_column_just_its_part(
    db: Database, seed: int
) -> None:
    world = World(seed)
    await world.store(db)
    async with await enabled(db) as service:
        for person in world.users:
            async with service.restricted(Acting(person.id)) as session:
                for entity, ids in world.sees(person).items():
                    seen = set(await session.scalars(select(entity.id)))  # type: ignore[attr-defined]
                    assert seen == ids, (person.role, entity)
                for part, ids in world.sees_parts(person).items():
                    query = select(part.class_.id).where(part.is_not(None))
                    assert set(await session.scalars(query)) == ids, (person.role, part)
