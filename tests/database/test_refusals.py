"""What the databases refuse comes out as an error that names the table, the field and the rule.

The same statements on both engines; the same errors.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, delete, insert, text, update

from tests.examples import NINE, appointment, clinic, pet, room, user, veterinarian, world
from vetcore.database import Database
from vetcore.database.registry import schema
from vetcore.database.translation import translate
from vetcore.errors import (
    AlreadyExists,
    ConstraintViolation,
    DatabaseError,
    InvalidInput,
    SlotTaken,
    StillReferenced,
    VetcoreError,
)
from vetcore.models import Appointment, Pet, User
from vetcore.models.base import Entity


async def _refused(db: Database, *rows: Entity) -> VetcoreError:
    with pytest.raises(VetcoreError) as caught:
        async with db.transaction() as session:
            session.add_all(rows)
    json.dumps(caught.value.problem())
    return caught.value


async def test_a_value_that_must_be_unique(db: Database) -> None:
    error = await _refused(db, user(email="ana@example.com"), user(email="ana@example.com"))
    assert isinstance(error, AlreadyExists)
    assert error.details == {
        "table": "users",
        "fields": ["email"],
        "constraint": "uq_users_email",
    }


async def test_a_pair_that_must_be_unique(db: Database) -> None:
    same = {"license_jurisdiction": "seattle", "license_number": "S1"}
    error = await _refused(db, pet(**same), pet(**same))
    assert isinstance(error, AlreadyExists)
    assert error.details["fields"] == ["license_jurisdiction", "license_number"]


async def test_a_primary_key_that_is_taken(db: Database) -> None:
    identity = uuid4()
    async with db.transaction() as session:
        session.add(pet(id=identity))
    error = await _refused(db, pet(id=identity))
    assert isinstance(error, AlreadyExists)
    assert error.details["constraint"] == "pk_pets"


async def test_a_reference_to_nothing(db: Database) -> None:
    error = await _refused(db, pet(owner_id=uuid4()))
    assert isinstance(error, ConstraintViolation)
    assert error.details["constraint"] == "fk_pets_owner_id"
    assert error.details["fields"] == ["owner_id"]
    assert "does not exist" in error.message


async def test_a_row_that_others_refer_to(db: Database) -> None:
    owner = user()
    async with db.transaction() as session:
        session.add(owner)
        await session.flush()
        session.add(pet(owner))
    with pytest.raises(StillReferenced):
        async with db.transaction() as session:
            await session.execute(delete(User).where(User.id == owner.id))


async def test_a_key_that_others_refer_to_cannot_change(db: Database) -> None:
    owner = user()
    async with db.transaction() as session:
        session.add(owner)
        await session.flush()
        session.add(pet(owner))
    with pytest.raises(StillReferenced):
        async with db.transaction() as session:
            await session.execute(update(User).where(User.id == owner.id).values(id=uuid4()))


async def test_a_reference_to_nothing_in_sql_of_ones_own(db: Database) -> None:
    statement = text("UPDATE pets SET owner_id = :nobody")
    nobody: object = uuid4() if db.dialect == "postgresql" else uuid4().hex
    async with db.transaction() as session:
        session.add(pet())
    with pytest.raises(ConstraintViolation) as caught:
        async with db.transaction() as session:
            await session.execute(statement, {"nobody": nobody})
    assert caught.value.details["kind"] == "foreign_key"


@pytest.mark.parametrize("named", [True, False])
async def test_a_reference_to_nothing_in_a_services_tables(
    db: Database, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """The constraints of a service's own have names if its MetaData gives them any."""
    theirs = MetaData(naming_convention=schema.metadata[0].naming_convention if named else None)
    Table("invoices", theirs, Column("number", Integer, primary_key=True))
    lines = Table("invoice_lines", theirs, Column("invoice", ForeignKey("invoices.number")))
    monkeypatch.setattr(schema, "metadata", [*schema.metadata, theirs])
    async with db.engine.begin() as connection:
        await connection.run_sync(theirs.create_all)
    with pytest.raises(ConstraintViolation) as caught:
        async with db.transaction() as session:
            await session.execute(insert(lines).values(invoice=7))
    usual = {"postgresql": "invoice_lines_invoice_fkey", "sqlite": None}[db.dialect]
    assert caught.value.details["table"] == "invoice_lines"
    constraint = caught.value.details.get("constraint")
    assert constraint == ("fk_invoice_lines_invoice" if named else usual)


async def test_an_expression_that_must_be_unique(db: Database) -> None:
    """An index of a service's own, which no model of ours knows."""
    async with db.transaction() as session:
        await session.execute(text("CREATE UNIQUE INDEX uq_pets_call ON pets (lower(name))"))
    error = await _refused(db, pet(name="Rex"), pet(name="REX"))
    assert isinstance(error, AlreadyExists)
    assert error.details["constraint"] == "uq_pets_call"


async def test_a_missing_value(db: Database) -> None:
    error = await _refused(db, pet(name=None))
    assert isinstance(error, ConstraintViolation)
    assert (error.details["kind"], error.details["fields"]) == ("not_null", ["name"])


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"latitude": 91.0}, "ck_clinics_latitude"),
        ({"longitude": -180.5}, "ck_clinics_longitude"),
        ({"latitude": None}, "ck_clinics_coordinates"),
    ],
)
async def test_a_rule_of_the_table(db: Database, broken: dict[str, Any], constraint: str) -> None:
    error = await _refused(db, clinic(**broken))
    assert isinstance(error, ConstraintViolation)
    assert error.details["constraint"] == constraint
    assert error.details["table"] == "clinics"


async def test_a_word_that_the_vocabulary_lacks(db: Database) -> None:
    statement = text(
        "INSERT INTO pets (id, name, species, sex, birth_date_is_estimate, status)"
        " VALUES (:id, 'Rex', 'unicorn', 'male', :no, 'active')"
    )
    identity: object = uuid4() if db.dialect == "postgresql" else uuid4().hex
    with pytest.raises(ConstraintViolation) as caught:
        async with db.transaction() as session:
            await session.execute(statement, {"id": identity, "no": False})
    assert caught.value.details["constraint"] == "ck_pets_species"


async def test_a_document_that_breaks_its_shape_is_refused_where_it_is_assigned() -> None:
    with pytest.raises(InvalidInput) as caught:
        clinic(address={"line1": "1 Main St", "country": "Narnia"})
    assert "country" in str(caught.value.details["issues"])


@pytest.mark.parametrize("resource", ["practitioner", "room", "pet"])
async def test_an_overlap_names_the_resource_and_its_time(db: Database, resource: str) -> None:
    everything, place, vet, animal = world()
    place_room = next(row for row in everything if row.__tablename__ == "rooms")
    another_person = user()
    other_vet, other_pet, other_room = veterinarian(another_person), pet(), room(place)
    async with db.transaction() as session:
        session.add_all([*everything, another_person])
        await session.flush()
        session.add_all([other_vet, other_pet, other_room])
        await session.flush()
        session.add(appointment(place, vet, animal, room_id=place_room.id))
    shared = {
        "practitioner": (vet, other_pet, other_room),
        "room": (other_vet, other_pet, place_room),
        "pet": (other_vet, animal, other_room),
    }
    with_vet, with_pet, with_room = shared[resource]
    start = NINE + timedelta(minutes=29)
    again = appointment(place, with_vet, with_pet, start, room_id=with_room.id)  # type: ignore[arg-type]
    error = await _refused(db, again)
    assert isinstance(error, SlotTaken)
    assert error.details["resource"] == resource
    assert error.details["start"] == start.isoformat()


async def test_two_connections_past_all_our_code_cannot_double_book(
    db: Database, database_url: str
) -> None:
    """Plain SQL, two connections: the second overlapping row is refused by the engine itself."""
    everything, place, vet, animal = world()
    other_pet = pet()
    async with db.transaction() as session:
        session.add_all([*everything, other_pet])
    statement = (
        "INSERT INTO appointments (id, clinic_id, practitioner_id, pet_id, service, service_kind,"
        " starts_at, ends_at, occupied_from, occupied_until, status, priority)"
        " VALUES (:id, :clinic, :vet, :pet, 'wellness_exam', 'wellness_exam', {0}, {1}, {0}, {1},"
        " 'scheduled', 'routine')"
    )

    async def book(pet_id: Any, begin: str, end: str) -> None:
        async with Database(database_url) as connection, connection.engine.begin() as raw:
            keys = {"id": uuid4(), "clinic": place.id, "vet": vet.user_id, "pet": pet_id}
            if connection.dialect == "sqlite":
                keys = {name: key.hex for name, key in keys.items()}
            await raw.execute(text(statement.format(f"'{begin}'", f"'{end}'")), keys)

    await book(animal.id, "2026-03-09 09:00:00", "2026-03-09 09:30:00")
    with pytest.raises(SlotTaken):
        await book(other_pet.id, "2026-03-09 09:29:00", "2026-03-09 10:00:00")
    await book(other_pet.id, "2026-03-09 09:30:00", "2026-03-09 10:00:00")
    async with db.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM appointments")) == 2


@pytest.mark.parametrize("written", ["2026-03-09T09:10:00Z", "2026-03-09 10:10:00+01:00"])
@pytest.mark.parametrize("backend", ["sqlite"])
async def test_sqlite_refuses_an_overlap_however_the_instant_is_written(
    db: Database, written: str
) -> None:
    everything, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(everything)
        await session.flush()
        session.add(appointment(place, vet, animal))
    with pytest.raises(SlotTaken):
        async with db.transaction() as session:
            await session.execute(
                text(
                    "INSERT INTO appointments (id, clinic_id, practitioner_id, pet_id, service, service_kind,"
                    " starts_at, ends_at, occupied_from, occupied_until, status, priority)"
                    " VALUES (:id, :clinic, :vet, :pet, 'wellness_exam', 'wellness_exam', :at, :until, :at, :until,"
                    " 'scheduled', 'routine')"
                ),
                {
                    "id": uuid4().hex,
                    "clinic": place.id.hex,
                    "vet": vet.user_id.hex,
                    "pet": animal.id.hex,
                    "at": written,
                    "until": "2026-03-09 09:40:00",
                },
            )


async def test_a_cancelled_appointment_frees_its_slot(db: Database) -> None:
    everything, place, vet, animal = world()
    first = appointment(place, vet, animal)
    async with db.transaction() as session:
        session.add_all(everything)
        await session.flush()
        session.add(first)
    async with db.transaction() as session:
        await session.execute(text("UPDATE appointments SET status = 'cancelled'"))
        session.add(appointment(place, vet, animal))
    with pytest.raises(SlotTaken):
        async with db.transaction() as session:
            await session.execute(
                text("UPDATE appointments SET status = 'scheduled' WHERE status = 'cancelled'")
            )


async def test_a_soft_deleted_appointment_frees_its_slot(db: Database) -> None:
    everything, place, vet, animal = world()
    first = appointment(place, vet, animal)
    async with db.transaction() as session:
        session.add_all(everything)
        await session.flush()
        session.add(first)
    async with db.transaction() as session:
        (await session.get_one(Appointment, first.id)).soft_delete()
        await session.flush()
        session.add(appointment(place, vet, animal))
    with pytest.raises(SlotTaken):
        async with db.transaction(include_deleted=True) as session:
            (await session.get_one(Appointment, first.id)).restore()


async def test_an_appointment_longer_than_a_day_is_refused(db: Database) -> None:
    everything, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(everything)
    end = NINE + timedelta(hours=24, minutes=1)
    error = await _refused(db, appointment(place, vet, animal, ends_at=end, occupied_until=end))
    assert isinstance(error, ConstraintViolation)
    assert error.details["constraint"] == "ck_appointments_length"


async def test_the_drivers_own_error_stays_as_the_cause(db: Database) -> None:
    error = await _refused(db, pet(name=None))
    assert error.__cause__ is not None
    assert not isinstance(error.__cause__, VetcoreError)


async def test_refused_core_statements_read_the_same(db: Database) -> None:
    rows = [
        {"name": "A", "species": "dog", "microchip": "985112345678903"},
        {"name": "B", "species": "dog", "microchip": "985112345678903"},
    ]
    with pytest.raises(AlreadyExists) as caught:
        async with db.transaction() as session:
            await session.execute(insert(Pet.__table__), rows)
    assert caught.value.details["fields"] == ["microchip"]


async def test_wrong_sql_is_a_database_error(db: Database) -> None:
    with pytest.raises(DatabaseError):
        async with db.session() as session:
            await session.execute(text("SELEKT 1"))


class _CitusError(Exception):
    """What asyncpg tells of a violation on a Citus shard: no constraint name, a suffixed text."""

    sqlstate = "23505"
    constraint_name = None
    table_name = None


def test_a_violation_on_a_citus_shard_is_recognised() -> None:
    error = translate(
        _CitusError('duplicate key value violates unique constraint "uq_users_email_102248"')
    )
    assert isinstance(error, AlreadyExists)
    assert error.details["fields"] == ["email"]


def test_an_exclusion_on_a_citus_shard_is_a_taken_slot() -> None:
    shard = _CitusError(
        'conflicting key value violates exclusion constraint "ex_appointments_room_102248"'
    )
    shard.sqlstate = "23P01"
    error = translate(shard)
    assert isinstance(error, SlotTaken)
    assert error.details["resource"] == "room"


def test_what_is_no_database_error_is_left_alone() -> None:
    assert translate(KeyError("x")) is None
