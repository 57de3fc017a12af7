"""The revision that names people by their user keeps every row, and who saw which pet."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text

from tests.examples import NINE, appointment, clinic, membership, pet, user, veterinarian
from vetcore.database import Database
from vetcore.models import Appointment, TimeOff, WaitlistEntry
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role

HOUR = timedelta(hours=1)


async def _filled(db: Database) -> dict[str, Any]:
    """Two veterinarians, one of them gone, with appointments, time off and a wish."""
    place = clinic()
    people = [user(role=Role.VETERINARIAN) for _ in range(3)]
    vets = [veterinarian(person) for person in people]
    vets[1].deleted_at = NINE
    animal, other = pet(), pet()
    async with db.transaction() as session:
        session.add_all([place, *people])
        await session.flush()
        session.add_all([*vets, animal, other])
        session.add_all([membership(person, place) for person in people])
        await session.flush()
        visits = [
            appointment(place, vet, animal, NINE + number * HOUR)
            for number, vet in enumerate(vets * 20)
        ]
        for number, visit in enumerate(visits):
            visit.service = list(ServiceType)[number % len(ServiceType)]
        away = TimeOff(practitioner_id=people[0].id, starts_at=NINE, ends_at=NINE + HOUR)
        wish = WaitlistEntry(
            clinic_id=place.id,
            pet_id=other.id,
            practitioner_id=people[2].id,
            service=ServiceType.SURGERY,
            earliest_at=NINE,
            latest_at=NINE + HOUR,
        )
        session.add_all([*visits, away, wish])
    return {
        "visits": {visit.id: (visit.practitioner_id, visit.service) for visit in visits},
        "vets": {vet.user_id: vet.id for vet in vets},
        "away": people[0].id,
        "wish": people[2].id,
    }


async def test_every_row_is_kept_and_names_the_person(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        before = await _filled(db)
        await db.downgrade("0012")
        async with db.engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT id, veterinarian_id, service FROM appointments")
            )
            old = {_key(key): (_key(vet), service) for key, vet, service in rows}
        vets = before["vets"]
        assert old == {key: (vets[who], code) for key, (who, code) in before["visits"].items()}
        await db.migrate()
        async with db.session() as session:
            found = (await session.scalars(select(Appointment))).all()
            away = (await session.scalars(select(TimeOff))).one()
            wish = (await session.scalars(select(WaitlistEntry))).one()
        assert {each.id: (each.practitioner_id, each.service) for each in found} == before["visits"]
        assert all(each.service_kind == each.service for each in found)
        assert not any(each.squeezed_in for each in found)
        assert (away.practitioner_id, wish.practitioner_id) == (before["away"], before["wish"])
        assert {each.version for each in (*found, away, wish)} == {1}
        assert await db.check() == []


async def test_there_is_no_way_back_for_whoever_is_no_veterinarian(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        await _filled(db)
        technician = user(role=Role.GROOMER)
        async with db.transaction() as session:
            session.add(technician)
            await session.flush()
            session.add(TimeOff(practitioner_id=technician.id, starts_at=NINE, ends_at=NINE + HOUR))
        with pytest.raises(RuntimeError, match="1 rows of time_off"):
            await db.downgrade("0012")
        assert await db.check() == []


async def test_what_is_squeezed_in_has_no_place_in_the_earlier_model(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        await _filled(db)
        async with db.transaction() as session:
            one = (await session.scalars(select(Appointment).limit(1))).one()
            row = {each.key: getattr(one, each.key) for each in Appointment.__table__.columns}
            other = pet()
            session.add(other)
            await session.flush()
            beside = {"id": uuid4(), "pet_id": other.id, "squeezed_in": True, "squeeze_reason": "x"}
            await session.execute(insert(Appointment).values(**row | beside))
        with pytest.raises(RuntimeError, match="1 appointments are squeezed in"):
            await db.downgrade("0014")
        async with db.session() as session:
            squeezed = await session.scalars(select(Appointment).where(Appointment.squeezed_in))
            assert len(squeezed.all()) == 1


def _key(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
