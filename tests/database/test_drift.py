"""``Database.check`` names each difference between a database and the models."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text

from vetcore.database import Database, copying, drift
from vetcore.database.registry import Schema, schema
from vetcore.errors import ConfigurationError

DRIFTS = {
    "a missing index": ("DROP INDEX ix_pets_name", "missing", "pets.ix_pets_name"),
    "an unexpected column": (
        "ALTER TABLE pets ADD COLUMN favourite_toy VARCHAR",
        "unexpected",
        "pets.favourite_toy",
    ),
    "a missing table": ("DROP TABLE time_off", "missing", "time_off"),
}


@pytest.mark.parametrize("drift", DRIFTS, ids=str)
async def test_check_names_each_difference(db: Database, drift: str) -> None:
    statement, kind, name = DRIFTS[drift]
    async with db.engine.begin() as connection:
        await connection.execute(text(statement))
    assert (kind, name) in {(each.kind, each.name) for each in await db.check()}


@pytest.mark.parametrize(
    ("backend", "statement", "name"),
    [
        ("sqlite", "DROP TRIGGER ex_appointments_insert", "ex_appointments_insert"),
        (
            "postgresql",
            "ALTER TABLE appointments DROP CONSTRAINT ex_appointments_room",
            "ex_appointments_room",
        ),
        ("postgresql", "DROP INDEX ix_clinics_position", "ix_clinics_position"),
        (
            "postgresql",
            "ALTER TABLE pets ALTER COLUMN name DROP NOT NULL",
            "pets.name",
        ),
        ("postgresql", "ALTER TABLE pets ALTER COLUMN color TYPE VARCHAR(7)", "pets.color"),
    ],
)
async def test_check_misses_no_guard(db: Database, statement: str, name: str) -> None:
    async with db.engine.begin() as connection:
        await connection.execute(text(statement))
    assert name in {each.name for each in await db.check()}


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_check_sees_a_trigger_that_is_not_ours_under_the_name_of_ours(db: Database) -> None:
    name = "ex_appointments_insert"
    weaker = f"CREATE TRIGGER {name} BEFORE INSERT ON appointments BEGIN SELECT 1; END"
    async with db.engine.begin() as connection:
        await connection.execute(text(f"DROP TRIGGER {name}"))
        await connection.exec_driver_sql(weaker)
    assert [(each.kind, each.name) for each in await db.check()] == [("changed", name)]


async def test_check_leaves_a_services_tables_alone_whoever_declares_them(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one in the database of which the models know nothing, and one the other way."""
    theirs = MetaData(naming_convention=schema.metadata[0].naming_convention)
    Table("invoices", theirs, Column("id", Integer, primary_key=True))
    monkeypatch.setattr(schema, "metadata", [*schema.metadata, theirs])
    async with db.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE receipts (id INTEGER PRIMARY KEY)"))
    assert await db.check() == []


async def test_without_the_models_there_is_nothing_to_compare_or_copy(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "schema", Schema())
    monkeypatch.setattr(copying, "schema", Schema())
    with pytest.raises(ConfigurationError, match=r"import vetcore\.models first"):
        await db.check()
    with pytest.raises(ConfigurationError, match=r"import vetcore\.models first"):
        await copying.copy_database(db, db)


async def test_an_older_database_is_told_apart(db: Database) -> None:
    async with db.engine.begin() as connection:
        await connection.execute(text("DELETE FROM vetcore_version"))
    differences = await db.check()
    assert [each.kind for each in differences] == ["revision"]
    assert "vetcore db upgrade" in str(differences[0])
