"""Puts the sample world into a database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.models import (
    Clinic,
    ClinicClosure,
    ClinicPatient,
    Entity,
    Invitation,
    MedicalRecord,
    Pet,
    Room,
    StaffMembership,
    TimeOff,
    User,
    Veterinarian,
)
from vetcore.samples import records, relations
from vetcore.samples.patients import pet
from vetcore.samples.people import owner, staff_member, veterinarian
from vetcore.samples.reading import ago, document, rows
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.clinics import (
    ClinicKind,
    Employment,
    RoomKind,
    Specialty,
    TimeOffKind,
)
from vetcore.values.people import Role
from vetcore.values.schedules import DEFAULT_SCHEDULES, VaccinationSchedule
from vetcore.values.services import ServiceCatalog, ServiceOffering
from vetcore.values.vaccination import Antigen
from vetcore.values.walltime import zone_named

__all__ = ["Loaded", "identity", "load", "made"]

_FREE_OF_RABIES = frozenset({"AU", "GB", "WS"})
"""Countries of the sample world that are free of rabies in animals on land (WHO, WOAH)."""

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:vetcore:samples")


def identity(kind: str, name: str) -> UUID:
    """Return the key of a row of the sample world.

    It is always the same, so that examples can name it.
    """
    return uuid5(_NAMESPACE, f"{kind}:{name}")


@dataclass(slots=True)
class Loaded:
    """The sample world by name: clinics by short name, people by full name, pets by owner/name."""

    clinics: dict[str, Clinic] = field(default_factory=dict[str, Clinic])
    rooms: dict[str, Room] = field(default_factory=dict[str, Room])
    closures: dict[str, ClinicClosure] = field(default_factory=dict[str, ClinicClosure])
    users: dict[str, User] = field(default_factory=dict[str, User])
    veterinarians: dict[str, Veterinarian] = field(default_factory=dict[str, Veterinarian])
    memberships: dict[str, StaffMembership] = field(default_factory=dict[str, StaffMembership])
    time_off: dict[str, TimeOff] = field(default_factory=dict[str, TimeOff])
    pets: dict[str, Pet] = field(default_factory=dict[str, Pet])
    records: dict[str, MedicalRecord] = field(default_factory=dict[str, MedicalRecord])
    """By pet and how long ago the visit was: ``Abigail Fenwick/Biscuit/5w``."""
    registrations: dict[str, ClinicPatient] = field(default_factory=dict[str, ClinicPatient])
    """Those that have ended, by clinic and pet; the others come with the pets."""
    invitations: dict[str, Invitation] = field(default_factory=dict[str, Invitation])
    """By pet and who is invited."""

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each kind."""
        return {name: len(kind) for name, kind in self._kinds()}

    def entities(self) -> Iterator[Entity]:
        """Yield every row. Rows to which others refer come first."""
        for _, kind in self._kinds():
            yield from kind.values()

    def _kinds(self) -> Iterator[tuple[str, Mapping[str, Entity]]]:
        yield "clinics", self.clinics
        yield "rooms", self.rooms
        yield "closures", self.closures
        yield "users", self.users
        yield "veterinarians", self.veterinarians
        yield "memberships", self.memberships
        yield "time_off", self.time_off
        yield "pets", self.pets
        yield "records", self.records
        yield "registrations", self.registrations
        yield "invitations", self.invitations


async def load(session: AsyncSession, *, today: date) -> Loaded:
    """Add the sample world to an empty database. It depends on ``today`` alone.

    Ages, vaccinations and due dates are counted back from ``today``, so the world never grows old.
    Keys are fixed: loading it twice raises ``AlreadyExists``. Complete records are signed with a key
    that everybody knows (:data:`vetcore.values.signatures.SAMPLE_KEYS`).
    """
    world = made(today)
    session.add_all(world.entities())
    await session.flush()
    await records.sign(session, world.records, world.veterinarians)
    return world


def made(today: date) -> Loaded:
    """Return the sample world before it is stored, with records that are not signed yet."""
    world = Loaded()
    _clinics(world, today)
    _staff(world, today)
    _patients(world, today)
    _records(world, today)
    _relations(world, today)
    return world


def _clinics(world: Loaded, today: date) -> None:
    offerings: dict[str, dict[str, Any]] = document("offerings.json")
    for given in document("clinics.json"):
        key: str = given["key"]
        jurisdiction, number = given["license"]
        clinic = Clinic(
            id=identity("clinic", key),
            name=given["name"],
            kind=ClinicKind(given["kind"]),
            license_jurisdiction=jurisdiction,
            license_number=number,
            phone=given["phone"],
            email=f"{key}@example.com",
            website=f"https://{key}.example.com",
            address=Address(**given["address"]),
            subdivision=given.get("subdivision"),
            latitude=given["latitude"],
            longitude=given["longitude"],
            timezone=given["timezone"],
            opening_hours=given["opening_hours"],
            services=ServiceCatalog(
                offerings=tuple(
                    _offering(service, offerings[service], given) for service in given["services"]
                )
            ),
            specialties=tuple(Specialty(name) for name in given["specialties"]),
            species_treated=tuple(Species(name) for name in given["species"]),
            accepts_new_patients=given.get("new_patients", True),
            accepts_emergencies=given.get("emergencies", False),
            accepts_walk_ins=given["walk_ins"],
            vaccination_schedules=_schedules(given["address"]["country"]),
        )
        world.clinics[key] = clinic
        for name, kind in given["rooms"].items():
            room = identity("room", f"{key}/{name}")
            world.rooms[f"{key}/{name}"] = Room(
                id=room, clinic_id=clinic.id, name=name, kind=RoomKind(kind)
            )
    for given in rows("closures.csv"):
        key = given["clinic"]
        first = today + timedelta(days=int(given["in_days"]))
        world.closures[f"{key}/{given['reason']}"] = ClinicClosure(
            id=identity("closure", f"{key}/{given['reason']}"),
            clinic_id=world.clinics[key].id,
            first_on=first,
            last_on=first + timedelta(days=int(given["days"]) - 1),
            opening_hours=given["opening_hours"] or None,
            reason=given["reason"],
        )


def _schedules(country: str) -> tuple[VaccinationSchedule, ...]:
    """A clinic's own schedules: where there is no rabies, only animals that travel have the vaccine."""
    if country not in _FREE_OF_RABIES:
        return ()
    return tuple(
        schedule.replace(core=False, source="No rabies on land here: for animals that travel")
        for schedule in DEFAULT_SCHEDULES
        if schedule.antigen is Antigen.RABIES
    )


def _offering(service: str, given: dict[str, Any], clinic: dict[str, Any]) -> ServiceOffering:
    terms = dict(given)
    price = terms.pop("price", None)
    if price is not None:
        terms["price"] = round(Decimal(price) * Decimal(str(clinic["price_factor"])))
    hours = clinic.get("service_hours", {}).get(service)
    return ServiceOffering(service=service, currency=clinic["currency"], hours=hours, **terms)


def _staff(world: Loaded, today: date) -> None:
    for given in rows("staff.csv"):
        name = f"{given['first_name']} {given['last_name']}"
        clinic = world.clinics[given["clinic"]]
        if name not in world.users:
            person = staff_member(given, clinic, identity("user", name))
            world.users[name] = person
            if given["license"]:
                world.veterinarians[name] = veterinarian(
                    given, person, clinic, identity("veterinarian", name), today
                )
        key = f"{given['clinic']}/{name}"
        world.memberships[key] = StaffMembership(
            id=identity("membership", key),
            user_id=world.users[name].id,
            clinic_id=clinic.id,
            role=Role(given["role"]),
            employment=Employment(given["employment"]),
            starts_on=ago("2y", today),
            working_hours=given["working_hours"],
        )
    for given in rows("time_off.csv"):
        name = given["veterinarian"]
        day = today + timedelta(days=int(given["in_days"]))
        zone = world.clinics[given["clinic"]].timezone
        world.time_off[name] = TimeOff(
            id=identity("time_off", name),
            practitioner_id=world.veterinarians[name].user_id,
            starts_at=_midnight(day, zone),
            ends_at=_midnight(day + timedelta(days=int(given["days"])), zone),
            kind=TimeOffKind(given["kind"]),
            reason=given["reason"] or None,
        )


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, zone_named(zone))


def _patients(world: Loaded, today: date) -> None:
    clinics: dict[str, Clinic] = {}
    for given in rows("owners.csv"):
        name = f"{given['first_name']} {given['last_name']}"
        clinics[name] = world.clinics[given["clinic"]]
        world.users[name] = owner(given, clinics[name], identity("user", name), today)
    vaccines = document("vaccines.json")
    histories = document("histories.json")
    for number, given in enumerate(rows("pets.csv"), start=1):
        key = f"{given['owner']}/{given['name']}"
        clinic = clinics[given["owner"]]
        vets = [
            world.veterinarians[name].id
            for place, name in (entry.split("/") for entry in world.memberships)
            if world.clinics[place] is clinic and name in world.veterinarians
        ]
        world.pets[key] = pet(
            given,
            today=today,
            key=identity("pet", key),
            number=number,
            owner_id=world.users[given["owner"]].id,
            clinic=clinic,
            given_by=vets[number % len(vets)],
            vaccines=vaccines,
            history=histories.get(key, {}),
        )


def _records(world: Loaded, today: date) -> None:
    for given in rows("records.csv"):
        key = records.key_of(given)
        world.records[key] = records.record(
            given,
            key=identity("record", key),
            today=today,
            clinic=world.clinics[given["clinic"]],
            pet=world.pets[given["pet"]],
            veterinarian=world.veterinarians[given["veterinarian"]],
        )


def _relations(world: Loaded, today: date) -> None:
    """What has ended, and what waits for an answer."""
    gone, left = "columbia-court/Marcus Oyelaran/Duke", "columbia-court/Teresa Delgado"
    waits = "Abigail Fenwick/Biscuit/Marcus Oyelaran"
    place = world.clinics["columbia-court"]
    world.registrations[gone] = relations.former_patient(
        world.pets["Marcus Oyelaran/Duke"], place, identity("registration", gone), today
    )
    world.memberships[left] = relations.former_colleague(
        world.users["Teresa Delgado"], place, identity("membership", left), today
    )
    world.invitations[waits] = relations.invitation(
        world.pets["Abigail Fenwick/Biscuit"],
        world.users["Marcus Oyelaran"],
        identity("invitation", waits),
        today,
    )
