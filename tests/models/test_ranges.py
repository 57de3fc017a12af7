"""What another program writes can be read, or is refused by name."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update

from tests.examples import membership, pet, world
from vetcore.database import Database
from vetcore.errors import ConstraintViolation, DatabaseError, MigrationError
from vetcore.models import Pet, StaffMembership
from vetcore.testing import ScratchDatabases

SQLITE = ["''", "0", "1.5", "x'00'", "'now'", "'2027-02-31'", "'0000-01-01'", "'2027-1-1'"]
NO_INSTANT = [
    *SQLITE,
    "'2027-01-01 24:00:00'",
    "'2027-01-01 10:60:00'",
    "'2027-01-01 10:00 '",
    "'2027-01-01 10:00 +02:00'",
    "'2027-01-01  10:00:00'",
    "'2461000.5'",
]
INSTANTS = [
    "'2027-01-01 10:00:00.000000'",
    "'2027-01-01 10:00:00'",
    "'2027-01-01T10:00:00Z'",
    "'2027-01-01 10:00'",
    "'2027-01-01T12:00:00.123+02:00'",
    "'2027-01-01'",
    "'9999-12-31 23:59:59.999999'",
    "'0001-01-01 00:00:00.000000'",
]
POSTGRESQL = ["'294276-01-01'", "'0044-03-15 BC'", "'10000-01-01'"]


async def _write(db: Database, column: str, value: str) -> None:
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql(f"UPDATE pets SET {column} = {value}")


@pytest.fixture
async def rex(db: Database) -> Pet:
    animal = pet()
    async with db.transaction() as session:
        session.add(animal)
    return animal


@pytest.mark.usefixtures("rex")
@pytest.mark.parametrize("column", ["deleted_at", "created_at", "born_on"])
async def test_what_cannot_be_read_is_refused_by_name(db: Database, column: str) -> None:
    on_sqlite = SQLITE if column == "born_on" else NO_INSTANT
    for value in on_sqlite if db.dialect == "sqlite" else POSTGRESQL:
        with pytest.raises(ConstraintViolation) as refused:
            await _write(db, column, value)
        assert refused.value.details["constraint"] == f"ck_pets_{column}_range", value
        assert refused.value.details["fields"] == [column]
        assert refused.value.details["table"] == "pets"


@pytest.mark.usefixtures("rex")
async def test_every_form_that_is_taken_can_be_read(db: Database) -> None:
    for value in INSTANTS:
        await _write(db, "created_at", value if db.dialect == "sqlite" else f"{value}::timestamptz")
        async with db.session() as session:
            read = await session.scalar(select(Pet.created_at))
            assert read is not None
            assert read.tzinfo is UTC, value


async def test_the_first_and_the_last_day_and_instant_come_back(db: Database) -> None:
    rows, place, _, animal = world()
    person = rows[1]
    async with db.transaction() as session:
        session.add_all(rows)
        await session.flush()
        session.add(membership(person, place, starts_on=date.min, ends_on=date.max))  # type: ignore[arg-type]
        last = datetime.max.replace(tzinfo=UTC)
        await session.execute(update(Pet).values(created_at=last))
    async with db.session() as session:
        query = select(StaffMembership.starts_on, StaffMembership.ends_on)
        found = (await session.execute(query.order_by(StaffMembership.starts_on))).first()
        assert found == (date.min, date.max)
        assert (await session.scalar(select(Pet.created_at))) == last
    del animal


@pytest.mark.usefixtures("rex")
async def test_a_row_that_came_in_without_the_rule_is_named(db: Database) -> None:
    """Written past the guard, as by a version that had none."""
    if db.dialect == "sqlite":
        guard, bad = "DROP TRIGGER ck_pets_range_update", "'soon'"
    else:
        guard, bad = "ALTER TABLE pets DROP CONSTRAINT ck_pets_created_at_range", "'294276-01-01'"
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql(guard)
    await _write(db, "created_at", bad)
    with pytest.raises(DatabaseError, match="created_at" if db.dialect == "sqlite" else "9999"):
        async with db.session() as session:
            (await session.scalars(select(Pet))).all()
    assert any("range" in found.name for found in await db.check())
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM pets")


async def test_the_migration_refuses_rows_that_cannot_be_read_by_name(
    databases: ScratchDatabases, backend: str
) -> None:
    url = await databases.migrated(backend)
    kept, bad = pet(name="Kept"), pet(name="Bad")
    async with Database(url) as db:
        async with db.transaction() as session:
            session.add_all([kept, bad])
        await db.downgrade("0001")
        value = "0" if backend == "sqlite" else "'294276-01-01'"
        async with db.transaction() as session:
            chosen = text(f"UPDATE pets SET updated_at = {value} WHERE name = 'Bad'")
            await session.execute(chosen)
        identity = bad.id.hex if backend == "sqlite" else str(bad.id)
        with pytest.raises(MigrationError, match=f"pets.updated_at of {identity}"):
            await db.migrate()
        assert await db.current_revision() == "0001"
        async with db.transaction() as session:
            await session.execute(
                update(Pet).where(Pet.name == "Bad").values(updated_at=datetime.now(UTC))
            )
        await db.migrate()
        async with db.session() as session:
            names: Any = (await session.scalars(select(Pet.name).order_by(Pet.name))).all()
            assert names == ["Bad", "Kept"]
        assert await db.check() == []
    await databases.drop(url)
