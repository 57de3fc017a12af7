"""Entities with everything that the database demands, for tests that need some."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from vetcore.models import (
    Appointment,
    Clinic,
    ClinicPatient,
    Equipment,
    Pet,
    Room,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.models.base import Entity
from vetcore.testing.factories import FACTORIES
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.people import Role
from vetcore.values.relations import PatientOrigin
from vetcore.values.services import ServiceCatalog, ServiceOffering

NINE = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
"""A Monday morning."""

EXAM = ServiceOffering(service=ServiceType.WELLNESS_EXAM, duration_minutes=30)


def user(**given: Any) -> User:
    values = {"email": f"{uuid4().hex}@example.com", "first_name": "Ana", "last_name": "Silva"}
    return User(**{"id": uuid4()} | values | given)


def clinic(**given: Any) -> Clinic:
    values = {
        "name": "Ballard Animal Hospital",
        "timezone": "America/Los_Angeles",
        "opening_hours": "Mo-Fr 08:00-18:00",
        "address": Address(line1="1 Main St", city="Seattle", postal_code="98107", country="US"),
        "latitude": 47.6687,
        "longitude": -122.3847,
        "services": ServiceCatalog(offerings=(EXAM,)),
    }
    return Clinic(**{"id": uuid4()} | values | given)


def equipment(at: Clinic, **given: Any) -> Equipment:
    values = {"clinic_id": at.id, "name": f"Unit {uuid4().hex[:6]}", "kind": "dental_unit"}
    return Equipment(**{"id": uuid4()} | values | given)


def room(at: Clinic, **given: Any) -> Room:
    values = {"clinic_id": at.id, "name": f"Room {uuid4().hex[:6]}", "kind": RoomKind.CONSULTATION}
    return Room(**{"id": uuid4()} | values | given)


def veterinarian(person: User, **given: Any) -> Veterinarian:
    values = {
        "user_id": person.id,
        "license_number": f"VT{uuid4().hex[:8]}",
        "license_jurisdiction": "US-WA",
    }
    return Veterinarian(**{"id": uuid4()} | values | given)


def membership(person: User, at: Clinic, **given: Any) -> StaffMembership:
    values = {
        "user_id": person.id,
        "clinic_id": at.id,
        "role": Role.VETERINARIAN,
        "starts_on": datetime(2020, 1, 1, tzinfo=UTC).date(),
    }
    return StaffMembership(**{"id": uuid4()} | values | given)


def pet(owner: User | None = None, **given: Any) -> Pet:
    values = {
        "owner_id": owner.id if owner else None,
        "name": "Rex",
        "species": Species.DOG,
    }
    if given.get("primary_clinic_id") is not None and "patient_of" not in given:
        given["patient_of"] = [registration(given["primary_clinic_id"])]
    return Pet(**{"id": uuid4()} | values | given)


def registration(clinic_id: UUID, **given: Any) -> ClinicPatient:
    """Of a pet whose owner has agreed to it."""
    values = {
        "clinic_id": clinic_id,
        "origin": PatientOrigin.OWNER,
        "agreed_at": NINE,
        "counts_for_owner": True,
    }
    return ClinicPatient(**{"id": uuid4()} | values | given)


def appointment(
    at: Clinic, vet: Veterinarian, animal: Pet, start: datetime = NINE, **given: Any
) -> Appointment:
    end = start + timedelta(minutes=30)
    values = {
        "clinic_id": at.id,
        "practitioner_id": vet.user_id,
        "pet_id": animal.id,
        "service": ServiceType.WELLNESS_EXAM,
        "starts_at": start,
        "ends_at": end,
        "occupied_from": start,
        "occupied_until": end,
    }
    return Appointment(**{"id": uuid4()} | values | given)


def some(entity: type[Entity], **ends: UUID) -> Entity:
    """What the entity's factory makes, of those of the ends that the entity has as columns."""
    given = {name: key for name, key in ends.items() if name in entity.__table__.columns}
    made: Entity = FACTORIES[entity](**given)
    return made


def world() -> tuple[list[Entity], Clinic, Veterinarian, Pet]:
    """A clinic with one veterinarian who works there, one room, an owner and a pet."""
    place, owner, person = clinic(), user(), user(role=Role.VETERINARIAN)
    vet, animal = veterinarian(person), pet(owner)
    everything: list[Entity] = [
        place,
        owner,
        person,
        vet,
        animal,
        room(place),
        equipment(place),
        membership(person, place),
    ]
    return everything, place, vet, animal
