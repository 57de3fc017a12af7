"""The schema's history: one head, up and down, all or nothing."""

from pathlib import Path
from textwrap import dedent

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from tests.examples import clinic, pet
from vetcore.database import Database, migrate
from vetcore.errors import MigrationError, StatementTimeout
from vetcore.models import Clinic, Pet
from vetcore.settings import DatabaseSettings
from vetcore.testing import ScratchDatabases


def _shown(value: object) -> str:
    """The same text for the same thing; a clause shows its SQL, not its place in memory."""
    if isinstance(value, dict):
        return str({key: _shown(item) for key, item in value.items()})
    return str(value)


async def _schema(db: Database) -> dict[str, object]:
    """All that the database knows about its tables, indexes, constraints and triggers."""

    def read(connection: object) -> dict[str, object]:
        inspector = inspect(connection)
        tables = sorted(inspector.get_table_names())  # type: ignore[attr-defined]
        return {
            table: [
                sorted(map(_shown, getattr(inspector, f"get_{kind}")(table)))
                for kind in ("columns", "indexes", "foreign_keys", "check_constraints")
            ]
            for table in tables
        }

    async with db.engine.connect() as connection:
        found = await connection.run_sync(read)
        if db.dialect == "sqlite":
            rows = await connection.execute(text("SELECT name, sql FROM sqlite_master"))
        else:
            rows = await connection.execute(
                text("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint")
            )
        found["objects"] = sorted(map(str, rows))
    return found


def test_there_is_one_head() -> None:
    assert len(migrate.scripts().get_heads()) == 1


async def test_upgrade_downgrade_upgrade_leaves_the_same_schema(empty_url: str) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        first = await _schema(db)
        await db.downgrade("base")
        assert await db.current_revision() is None
        async with db.engine.connect() as connection:
            left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert set(left) <= {"vetcore_version"}
        await db.migrate()
        assert await _schema(db) == first


async def test_models_and_migrated_database_agree(db: Database) -> None:
    assert await db.check() == []


async def test_create_all_and_the_migrations_build_the_same(empty_url: str, db: Database) -> None:
    async with Database(empty_url) as other:
        async with other.engine.begin() as connection:
            for extension in migrate.EXTENSIONS if other.dialect == "postgresql" else ():
                await connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
            await connection.run_sync(Pet.metadata.create_all)
        made, migrated = await _schema(other), await _schema(db)
    migrated.pop("vetcore_version")
    assert set(made) == set(migrated)
    for table in set(made) - {"objects"}:
        assert made[table] == migrated[table], table


async def test_migrating_twice_changes_nothing(db: Database) -> None:
    async with db.transaction() as session:
        session.add(pet())
    before = await _schema(db)
    await db.migrate()
    assert await _schema(db) == before
    async with db.session() as session:
        assert len((await session.scalars(select(Pet.id))).all()) == 1


async def test_history_says_what_is_applied(empty_url: str) -> None:
    async with Database(empty_url) as db:
        assert not any(step.applied for step in await db.history())
        await db.migrate()
        steps = await db.history()
        assert all(step.applied for step in steps)
        assert steps[-1].id == await db.current_revision()


async def test_an_unknown_revision_is_named(db: Database) -> None:
    with pytest.raises(MigrationError, match="no_such"):
        await db.migrate("no_such")


def test_revisions_take_their_operations_from_us() -> None:
    room = Path(migrate.__file__).parents[1] / "migrations"
    written = [path for path in room.rglob("*.py") if "alembic import op" in path.read_text()]
    assert written == []


async def test_migrating_ignores_the_limit_of_a_statement(
    databases: ScratchDatabases, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await databases.empty(backend)
    slow = {
        "postgresql": "SELECT pg_sleep(0.4)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) "
        "SELECT max(i) FROM n",
    }[backend]
    prepare = migrate._prepare

    def slowly(connection: Connection, tenant: str | None) -> None:
        prepare(connection, tenant)
        connection.execute(text(slow))

    monkeypatch.setattr(migrate, "_prepare", slowly)
    async with Database(url, settings=DatabaseSettings(statement_timeout=0.15)) as db:
        await db.migrate()
        with pytest.raises(StatementTimeout):
            async with db.transaction() as session:
                await session.execute(text(slow))
    await databases.drop(url)


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = str(migrate.scripts().get_current_head())
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").touch()
    for own in (Path(migrate.__file__).parents[1] / "migrations" / "versions").glob("0*.py"):
        (tmp_path / "versions" / own.name).write_text(own.read_text())
    (tmp_path / "versions" / "broken.py").write_text(
        dedent(
            '''
            """Half-way, then wrong."""
            import sqlalchemy as sa
            from alembic import op
            revision, down_revision, branch_labels, depends_on = "broken", "HEAD", None, None

            def upgrade():
                op.create_table("half_done", sa.Column("id", sa.Integer, primary_key=True))
                op.add_column("pets", sa.Column("half", sa.Integer))
                op.execute("UPDATE pets SET name = 'half'")
                op.execute("SELECT * FROM nowhere_to_be_found")

            def downgrade():
                pass
            '''
        ).replace("HEAD", head)
    )
    async with db.transaction() as session:
        session.add(pet(name="Rex"))
    before = await _schema(db)
    monkeypatch.setattr(migrate, "scripts", lambda: ScriptDirectory(str(tmp_path)))
    with pytest.raises(MigrationError, match="nowhere_to_be_found"):
        await db.migrate()
    monkeypatch.undo()
    assert await _schema(db) == before
    assert await db.current_revision() == head
    async with db.session() as session:
        assert (await session.scalars(select(Pet.name))).all() == ["Rex"]


async def test_a_clinic_that_was_there_keeps_the_holidays_of_its_whole_country(
    empty_url: str,
) -> None:
    async with Database(empty_url) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add(clinic(name="Ballard", subdivision="US-WA"))
        await db.downgrade("0001")
        async with db.session() as session:
            names = (await session.scalars(text("SELECT name FROM clinics"))).all()
        await db.migrate()
        async with db.session() as session:
            (kept,) = await session.scalars(select(Clinic))
    assert names == [kept.name] == ["Ballard"]
    assert kept.subdivision is None
