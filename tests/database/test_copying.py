"""A whole database goes to another one, of the same engine or of the other."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, Computed, Integer, MetaData, Table, func, insert, select, text

from tests.conftest import BACKENDS
from tests.examples import NINE, appointment, pet, user, world
from vetcore import clock
from vetcore.database import Database, copying
from vetcore.database.copying import copy_database
from vetcore.database.registry import schema
from vetcore.errors import ConfigurationError, MigrationError, PermissionDenied
from vetcore.models import Pet
from vetcore.samples import load
from vetcore.testing.databases import ScratchDatabases

Everything = dict[str, list[tuple[object, ...]]]


@pytest.fixture(params=BACKENDS)
async def target(
    databases: ScratchDatabases, request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    url = await databases.migrated(request.param)
    async with Database(url) as db:
        yield db
    await databases.give_back(url)


def _tables() -> list[Table]:
    return [table for table in schema.every_table() if table.name in schema.tables]


async def _everything(db: Database) -> Everything:
    async with db.session() as session:
        connection = await session.connection()
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in _tables()
        }


async def test_every_row_arrives_as_it_was(db: Database, target: Database) -> None:
    """Keys, stamps, versions, documents and deleted rows, on each engine from each."""
    with clock.frozen(datetime(2026, 3, 2, 12, tzinfo=UTC)):
        async with db.transaction() as session:
            await load(session, today=date(2026, 3, 2))
            everything, place, vet, animal = world()
            first = appointment(place, vet, animal, id=UUID(int=1))
            later = appointment(place, vet, animal, NINE + timedelta(days=7), id=UUID(int=2))
            session.add_all([*everything, pet(name="Gone", id=UUID(int=3)), first, later])
            await session.flush()
            # It refers to a row that comes after it.
            first.follow_up_of_id = later.id
    async with db.transaction() as session:
        (await session.get_one(Pet, UUID(int=3))).soft_delete()
    copied = await copy_database(db, target)
    before, after = await _everything(db), await _everything(target)
    assert after == before
    assert copied == {name: len(rows) for name, rows in before.items()}
    assert copied["pets"] > 80
    assert await target.check() == []
    async with target.session() as session:
        assert await session.get(Pet, UUID(int=3)) is None


async def test_pages_are_as_long_as_they_are(
    db: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vetcore.database.copying.PAGE", 7)
    async with db.transaction() as session:
        await load(session, today=date(2026, 3, 2))
    seen: list[tuple[str, int]] = []

    def see(table: str, rows: int) -> None:
        seen.append((table, rows))

    copied = await copy_database(db, target, progress=see)
    assert await _everything(target) == await _everything(db)
    assert dict(seen) == {name: rows for name, rows in copied.items() if rows}
    assert len(seen) > copied["pets"] // 7


async def test_tables_of_a_service_come_along(db: Database, target: Database) -> None:
    """In the order of their keys, and with columns that the database computes."""
    invoices = Table(
        "copied_invoices",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("cents", Integer, nullable=False),
        Column("double", Integer, Computed("cents * 2", persisted=True)),
    )
    for each in (db, target):
        async with each.engine.begin() as connection:
            await connection.run_sync(invoices.create)
    async with db.transaction() as session:
        await session.execute(insert(invoices), [{"id": 2, "cents": 5}, {"id": 1, "cents": 7}])
    copied = await copy_database(db, target, also=[invoices])
    async with target.session() as session:
        rows = await session.execute(select(invoices).order_by(invoices.c.id))
        assert rows.all() == [(1, 7, 14), (2, 5, 10)]
    assert copied["copied_invoices"] == 2


async def test_a_target_with_rows_is_left_as_it_is(db: Database, target: Database) -> None:
    async with target.transaction() as session:
        session.add(user())
    before = await _everything(target)
    with pytest.raises(ConfigurationError, match="has rows in"):
        await copy_database(db, target)
    assert await _everything(target) == before


async def test_a_target_gets_all_or_nothing(db: Database, target: Database) -> None:
    async with db.transaction() as session:
        session.add_all(world()[0])

    def fail(table: str, _rows: int) -> None:
        if table == "pets":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await copy_database(db, target, progress=fail)
    assert not any((await _everything(target)).values())


async def test_databases_at_different_revisions_are_not_copied(
    db: Database, target: Database
) -> None:
    async with target.transaction() as session:
        await session.execute(text("DELETE FROM vetcore_version"))
    with pytest.raises(MigrationError, match="at nothing"):
        await copy_database(db, target)
    async with target.transaction() as session:
        head = await db.current_revision()
        await session.execute(text(f"INSERT INTO vetcore_version VALUES ('{head}')"))


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_copy_is_of_one_moment(
    db: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while it runs is in none of its tables; a SQLite file is locked meanwhile."""
    async with db.transaction() as session:
        session.add_all(world()[0])
    before = await _everything(db)
    copy = copying._copy
    written = 0

    async def meanwhile(*arguments: Any) -> int:
        nonlocal written
        async with db.transaction() as session:
            owner = user()
            session.add(owner)
            await session.flush()
            session.add(pet(owner))
        written += 1
        return await copy(*arguments)

    monkeypatch.setattr(copying, "_copy", meanwhile)
    await copy_database(db, target)
    assert written > 10
    assert await _everything(target) == before


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_who_sees_a_part_of_the_rows_is_refused_a_copy(
    db: Database, databases: ScratchDatabases
) -> None:
    """Without this, a user whom policies hide every row from would copy an empty database."""
    login = f"app_{uuid4().hex}"
    async with db.transaction() as session:
        session.add(pet())
    async with db.engine.begin() as connection:
        for statement in (
            f"CREATE ROLE {login} LOGIN PASSWORD 'x'",
            # Autovacuum may have the table, and would wait for whoever has granted something on it.
            "ALTER TABLE pets ENABLE ROW LEVEL SECURITY",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {login}",
        ):
            await connection.execute(text(statement))
    url = await databases.migrated("postgresql")
    count = select(func.count()).select_from(Pet)
    try:
        async with (
            Database(db.url.set(username=login, password="x")) as half_blind,
            Database(url) as target,
        ):
            async with half_blind.session() as session:
                assert await session.scalar(count) == 0
            with pytest.raises(PermissionDenied):
                await copy_database(half_blind, target)
            async with target.session() as session:
                assert await session.scalar(count) == 0
    finally:
        await databases.give_back(url)
        async with db.engine.begin() as connection:
            await connection.execute(text(f"DROP OWNED BY {login}"))
            await connection.execute(text(f"DROP ROLE {login}"))
