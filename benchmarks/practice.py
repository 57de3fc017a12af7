"""A clinic with many veterinarians and a long past, for benchmarks of booking."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

from sqlalchemy import text

from vetcore.database import Database
from vetcore.models import Clinic, ClinicPatient, Pet, StaffMembership, User, Veterinarian
from vetcore.schemas import AppointmentCreate
from vetcore.values.address import Address
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role
from vetcore.values.relations import PatientOrigin
from vetcore.values.services import ServiceCatalog, ServiceOffering

__all__ = ["Practice", "fill"]


class Practice:
    """A clinic with many veterinarians, and an endless supply of free slots."""

    def __init__(self) -> None:
        self.clinic, self.receptionist = uuid4(), uuid4()
        self.vets = [uuid4() for _ in range(40)]
        self.people = [uuid4() for _ in self.vets]
        self.pets = [uuid4() for _ in range(4000)]
        self.opening = datetime.now(UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(days=2)
        self._next = count()

    def request(self) -> AppointmentCreate:
        """The next free slot: round the veterinarians, then half an hour on."""
        number = next(self._next)
        slot, vet = divmod(number, len(self.vets))
        return AppointmentCreate(
            clinic_id=self.clinic,
            service=ServiceType.WELLNESS_EXAM,
            pet_id=self.pets[number % len(self.pets)],
            practitioner_id=self.people[vet],
            starts_at=self.opening + slot * timedelta(minutes=30),
        )


async def fill(db: Database, practice: Practice, already: int) -> None:
    """Write the clinic, and so many appointments that are over."""
    services = ServiceCatalog(
        offerings=(ServiceOffering(service=ServiceType.WELLNESS_EXAM, duration_minutes=30),)
    )
    place = Clinic(
        id=practice.clinic,
        name="Benchmark",
        timezone="UTC",
        opening_hours="24/7",
        address=Address(line1="1 Main St", city="Seattle", postal_code="98101", country="US"),
        services=services,
        booking_policy=BookingPolicy(minimum_notice_minutes=0, horizon_days=730),
    )
    people = [
        User(id=key, email=f"{key.hex}@example.com", first_name="A", last_name="B")
        for key in practice.people
    ]
    async with db.transaction() as session:
        session.add_all([place, *people])
        await session.flush()
        for vet, person in zip(practice.vets, people, strict=True):
            session.add(
                Veterinarian(
                    id=vet, user_id=person.id, license_number=vet.hex, license_jurisdiction="US-WA"
                )
            )
            session.add(
                StaffMembership(
                    user_id=person.id,
                    clinic_id=place.id,
                    role=Role.VETERINARIAN,
                    starts_on=date(2020, 1, 1),
                )
            )
        session.add_all(
            Pet(id=key, name="P", species="dog", primary_clinic_id=place.id)
            for key in practice.pets
        )
        session.add(
            User(id=practice.receptionist, email="desk@example.com", first_name="A", last_name="B")
        )
        await session.flush()
        session.add(
            StaffMembership(
                user_id=practice.receptionist,
                clinic_id=place.id,
                role=Role.RECEPTIONIST,
                starts_on=date(2020, 1, 1),
            )
        )
        session.add_all(
            ClinicPatient(
                pet_id=key,
                clinic_id=place.id,
                origin=PatientOrigin.CLINIC,
                agreed_at=None,
                counts_for_owner=False,
            )
            for key in practice.pets
        )
        await session.flush()
        # Building the indexes once is faster than growing them row by row.
        found = await session.execute(
            text(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'x' AND conrelid = CAST('appointments' AS regclass)"
            )
        )
        exclusions = found.all()
        for name, _ in exclusions:
            await session.execute(text(f"ALTER TABLE appointments DROP CONSTRAINT {name}"))
        await session.execute(
            text(
                "INSERT INTO appointments (id, clinic_id, practitioner_id, pet_id, service, service_kind,"
                " starts_at, ends_at, occupied_from, occupied_until)"
                " SELECT gen_random_uuid(), CAST(:clinic AS uuid),"
                " (CAST(:people AS uuid[]))[1 + n % 40], (CAST(:pets AS uuid[]))[1 + n % 4000],"
                " 'wellness_exam', 'wellness_exam', at, at + interval '30 min', at, at + interval '30 min'"
                " FROM generate_series(0, :count - 1) n,"
                " LATERAL (SELECT date_trunc('day', now()) - interval '1 day'"
                "   - (n / 40 + 1) * interval '30 min' AS at) t"
            ),
            {
                "clinic": practice.clinic,
                "people": practice.people,
                "pets": practice.pets,
                "count": already,
            },
        )
        for name, definition in exclusions:
            statement = f"ALTER TABLE appointments ADD CONSTRAINT {name} {definition}"
            await session.execute(text(statement.replace(":", "\\:")))
    async with db.transaction() as session:
        await session.execute(text("ANALYZE"))
