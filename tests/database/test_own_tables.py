"""A service's own tables beside ours: migrated, compared and copied as ours are."""

import asyncio
import json
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, insert, select, text

from tests.conftest import BACKENDS
from tests.examples import pet
from vetcore.database import Database
from vetcore.database.copying import copy_database
from vetcore.errors import ConfigurationError
from vetcore.models import Pet
from vetcore.models.types import Identifier, UtcDateTime
from vetcore.testing import ScratchDatabases

OWN = MetaData()
INVOICES = Table(
    "own_invoices",
    OWN,
    Column("id", Integer, primary_key=True),
    Column("pet_id", Identifier, ForeignKey(Pet.__table__.c.id), nullable=False),
    Column("paid_at", UtcDateTime),
)

MODELS = """
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from vetcore.models import Base, Entity
from vetcore.models.base import LongText, Money, ShortText, document
from vetcore.models.forms import EmailAddress

class State(StrEnum):
    OPEN = "open"
    PAID = "paid"

class Invoice(Entity):
    __tablename__ = "invoices"
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"), index=True)
    total: Mapped[Money]
    sent_to: Mapped[EmailAddress]
    title: Mapped[ShortText]
    text: Mapped[LongText | None]
    state: Mapped[State] = mapped_column(default=State.OPEN)
    due_on: Mapped[date]
    paid_at: Mapped[datetime | None]
    lines: Mapped[tuple[str, ...]] = document(tuple[str, ...], default=())
"""
ENVIRONMENT = """
from own_models import Invoice
from vetcore.database.alembic import run

run(Invoice.metadata)
"""
PROGRAM = """
import asyncio, sys
from alembic import command
from alembic.config import Config
from vetcore import Database

sys.path.insert(0, ".")
config = Config("alembic.ini")
command.revision(config, message="invoices", autogenerate=True)
command.upgrade(config, "head")
command.check(config)
command.downgrade(config, "base")
command.upgrade(config, "head")
command.upgrade(config, "head", sql=True)

async def main():
    from own_models import Invoice
    async with Database(sys.argv[1]) as db:
        for found in (await db.check(), await db.check(Invoice.metadata)):
            assert found == [], found

asyncio.run(main())
"""


async def _ran(program: str, *arguments: str, cwd: Path, url: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        cwd=cwd,
        env={"VETCORE_DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def test_what_alembic_writes_for_own_tables_runs_as_written(
    db: Database, tmp_path: Path
) -> None:
    """With the templates of ``alembic init`` and an ``env.py`` of three lines."""
    url = db.url.render_as_string(hide_password=False)
    start = "from alembic.config import main; main(argv=['init', 'migrations'])"
    await _ran(start, cwd=tmp_path, url=url)
    ini = (tmp_path / "alembic.ini").read_text()
    lines = [line for line in ini.splitlines() if not line.startswith("sqlalchemy.url")]
    (tmp_path / "alembic.ini").write_text("\n".join(lines))
    (tmp_path / "migrations" / "env.py").write_text(ENVIRONMENT)
    (tmp_path / "own_models.py").write_text(MODELS)
    await _ran(PROGRAM, url, cwd=tmp_path, url=url)
    written = next((tmp_path / "migrations" / "versions").glob("*.py")).read_text()
    assert written.count("op.create_table") == 1
    assert "vetcore" not in written, "a revision stays right whatever becomes of our types"
    if db.dialect == "postgresql":
        async with db.engine.begin() as connection:
            await connection.execute(text("DROP TABLE invoices, alembic_version"))


@pytest.fixture
async def target(databases: ScratchDatabases, backend: str) -> str:
    other = BACKENDS[1 - BACKENDS.index(backend)]
    return await databases.migrated(other)


async def _make(db: Database) -> None:
    async with db.engine.begin() as connection:
        await connection.run_sync(INVOICES.create)


async def test_own_rows_are_copied_or_the_copy_is_refused(
    databases: ScratchDatabases, backend: str, target: str
) -> None:
    source = await databases.migrated(backend)
    async with Database(source) as db, Database(target) as other:
        await _make(db)
        await copy_database(db, other)  # without a row, nothing is left behind
        rex = pet()
        async with db.transaction() as session:
            session.add(rex)
            await session.flush()
            await session.execute(insert(INVOICES).values(id=7, pet_id=rex.id))
            await session.execute(text("CREATE TABLE own_version (version_num varchar(32))"))
            await session.execute(text("INSERT INTO own_version VALUES ('abc')"))
        with pytest.raises(ConfigurationError, match="own_invoices"):
            await copy_database(db, other)
        async with other.session() as session:
            assert (await session.scalars(select(Pet.id))).all() == []
        await _make(other)
        copied = await copy_database(db, other, also=[OWN])
        assert copied["own_invoices"] == 1
        async with other.session() as session:
            assert (await session.scalars(select(INVOICES.c.pet_id))).all() == [rex.id]
    for url in (source, target):
        await databases.drop(url)


async def test_own_tables_are_compared_where_they_are_handed_over(
    databases: ScratchDatabases, backend: str
) -> None:
    url = await databases.migrated(backend)
    async with Database(url) as db:
        assert await db.check() == []
        assert [found.name for found in await db.check(OWN)] == ["own_invoices"]
        await _make(db)
        assert await db.check(OWN) == []
        async with db.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE own_invoices ADD COLUMN extra integer"))
        assert [str(found.kind) for found in await db.check(OWN)] == ["unexpected"]
        assert await db.check() == []
    await databases.drop(url)


async def test_the_command_takes_tables_of_ones_own(
    databases: ScratchDatabases, backend: str, tmp_path: Path
) -> None:
    (tmp_path / "own_place.py").write_text(
        dedent(
            """
            from sqlalchemy import Column, Integer, MetaData, Table
            metadata = MetaData()
            Table("own_things", metadata, Column("id", Integer, primary_key=True))
            """
        )
    )
    url = await databases.migrated(backend)
    program = (
        "import sys; from vetcore.cli import main; sys.argv[1:] = sys.argv[1:] + ['--json']; main()"
    )

    async def checked(place: str) -> dict[str, object]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            *("db", "check", "--metadata", place),
            cwd=tmp_path,
            env={"VETCORE_DATABASE_URL": url},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        answer: dict[str, object] = json.loads(output)
        return answer

    answer = await checked("own_place:metadata")
    assert [found["name"] for found in answer["differences"]] == ["own_things"]  # type: ignore[attr-defined]
    assert "own_place:nothing" in str((await checked("own_place:nothing"))["detail"])
    await databases.drop(url)
