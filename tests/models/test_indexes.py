"""Options of a dialect load when they are asked for, and everybody still sees them."""

import asyncio
import json
import subprocess
import sys

import pytest
from sqlalchemy import MetaData, text
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import CreateIndex

from vetcore.database import Database, migrate
from vetcore.models import Base
from vetcore.models.indexes import index
from vetcore.testing import ScratchDatabases

POSTGRESQL: Dialect = make_url("postgresql+asyncpg://").get_dialect()()
SQLITE: Dialect = make_url("sqlite+aiosqlite://").get_dialect()()


def _indexes(metadata: MetaData) -> dict[str, str]:
    """Every index as PostgreSQL creates it."""
    return {
        str(each.name): str(CreateIndex(each).compile(dialect=POSTGRESQL))
        for table in metadata.tables.values()
        for each in table.indexes
    }


@pytest.mark.parametrize("dialect", [POSTGRESQL, SQLITE], ids=lambda each: each.name)
def test_an_index_is_created_with_the_options_of_the_dialect(dialect: Dialect) -> None:
    (found,) = (each for each in Base.metadata.tables["pets"].indexes if "microchip" in str(each))
    statement = str(CreateIndex(found).compile(dialect=dialect))
    assert statement == (
        "CREATE UNIQUE INDEX uq_pets_microchip ON pets (microchip) WHERE deleted_at IS NULL"
    )


def test_a_copy_of_the_tables_has_them_too() -> None:
    copy = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        table.to_metadata(copy)
    made = _indexes(copy)
    assert made == _indexes(Base.metadata)
    assert sum("WHERE deleted_at IS NULL" in each for each in made.values()) > 5
    assert sum("USING gin" in each for each in made.values()) > 5


def test_they_read_as_if_the_index_had_been_given_them() -> None:
    active = text("deleted_at IS NULL")
    options = {"where": active, "using": "btree"}
    made = index("ix", "a", postgresql=options, sqlite={"where": active})
    assert len(made.dialect_options) == 2
    assert "postgresql" in made.dialect_options
    assert "mysql" not in made.dialect_options
    assert dict(made.dialect_kwargs) == {
        "postgresql_where": active,
        "postgresql_using": "btree",
        "sqlite_where": active,
    }
    made.kwargs["postgresql_using"] = "gist"
    assert made.dialect_options["postgresql"]["using"] == "gist"
    assert made.dialect_options["postgresql"]["concurrently"] is False


def test_an_option_that_the_dialect_lacks_is_refused() -> None:
    made = index("ix", "a", postgresql={"wear": "x"})
    with pytest.raises(ArgumentError, match="postgresql_wear"):
        assert made.dialect_options["postgresql"]


async def test_who_creates_the_tables_gets_what_stands_beside_them(
    databases: ScratchDatabases, backend: str
) -> None:
    url = await databases.empty(backend)
    async with Database(url) as db:
        async with db.engine.begin() as connection:
            for extension in migrate.EXTENSIONS if backend == "postgresql" else ():
                await connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
            await connection.run_sync(Base.metadata.create_all)
        assert {each.kind for each in await db.check()} == {"revision"}
    await databases.drop(url)


CUBES = """
import asyncio, json, sys, warnings
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine
warnings.simplefilter("error")
{}
async def main():
    engine = create_async_engine(sys.argv[1])
    found = MetaData()
    async with engine.connect() as connection:
        {}
        await connection.run_sync(found.reflect, only=["clinics"])
    await engine.dispose()
    print(json.dumps(type(found.tables["clinics"].c.position.type).__name__))
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("before", "within"),
    [("import vetcore.models", ""), ("", "import vetcore.models")],
    ids=["models first", "connected first"],
)
async def test_anybody_who_reflects_our_tables_knows_their_types(
    databases: ScratchDatabases, before: str, within: str
) -> None:
    url = await databases.migrated("postgresql")
    plain = url.replace("postgresql://", "postgresql+asyncpg://")
    command = [sys.executable, "-c", CUBES.format(before, within or "pass"), plain]
    said = await asyncio.to_thread(subprocess.check_output, command)
    assert json.loads(said) == "Cube"
    await databases.drop(url)
