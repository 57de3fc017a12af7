"""The schema's history: one head, up and down, one at a time, all or nothing, and no drift."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any

import alembic.op
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect, select, text
from sqlalchemy.engine import make_url

from tests.examples import clinic, pet
from vetcore.database import Database, copying, drift, migrate
from vetcore.database.registry import Schema, schema
from vetcore.errors import ConfigurationError, MigrationError, StatementTimeout
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


async def test_two_processes_that_migrate_at_once_are_safe(empty_url: str) -> None:
    """Real processes: each brings the same empty database to the head."""
    program = dedent(
        """
        import asyncio, sys
        from vetcore import Database

        async def main():
            async with Database(sys.argv[1]) as db:
                await db.migrate()
                print(await db.current_revision())

        asyncio.run(main())
        """
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            empty_url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    results = await asyncio.gather(*(process.communicate() for process in processes))
    head = migrate.scripts().get_current_head()
    assert [(out.decode().strip(), err.decode()) for out, err in results] == [(head, "")] * 2
    async with Database(empty_url) as db:
        assert await db.check() == []


async def test_many_databases_migrate_at_once_in_one_process(
    databases: ScratchDatabases,
) -> None:
    urls = [await databases.empty(engine) for engine in ("sqlite", "postgresql") * 4]
    async with AsyncExitStack() as stack:
        all_of_them = [await stack.enter_async_context(Database(url)) for url in urls]
        await asyncio.gather(*(db.migrate() for db in all_of_them))
        head = migrate.scripts().get_current_head()
        assert [await db.current_revision() for db in all_of_them] == [head] * 8
        assert [await db.check() for db in all_of_them[:2]] == [[], []]
        await asyncio.gather(*(db.downgrade("base") for db in all_of_them))
        assert [await db.current_revision() for db in all_of_them] == [None] * 8
    for url in urls:
        await databases.drop(url)


def test_many_databases_migrate_at_once_in_threads_of_one_process(tmp_path: Path) -> None:
    async def migrated(number: int) -> list[drift.Difference]:
        async with Database(f"sqlite:///{tmp_path}/{number}.db") as db:
            await db.migrate()
            return await db.check()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: asyncio.run(migrated(number)), range(4)))
    assert found == [[]] * 4


async def test_tenants_of_one_database_migrate_at_once(databases: ScratchDatabases) -> None:
    url = await databases.empty("postgresql")
    async with Database(url) as db:
        await asyncio.gather(*(db.for_tenant(f"tenant_{number}").migrate() for number in range(4)))
        for number in range(4):
            assert await db.for_tenant(f"tenant_{number}").check() == []
    await databases.drop(url)


async def test_alembic_of_ones_own_may_run_beside_ours(empty_url: str) -> None:
    """Its proxies are the whole process's; ours are left out of it."""
    async with Database(empty_url) as db:
        proxy: Any = object()
        alembic.op._proxy, before = proxy, getattr(alembic.op, "_proxy", None)  # type: ignore[attr-defined]
        try:
            await db.migrate()
            assert alembic.op._proxy is proxy  # type: ignore[attr-defined]
        finally:
            alembic.op._proxy = before  # type: ignore[attr-defined]


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


async def test_migrating_does_not_queue_others_behind_a_table_that_is_in_use(
    databases: ScratchDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for a table's lock makes all wait who come later: so the wait is short."""
    monkeypatch.setattr(migrate, "_WAIT_FOR_TABLES", "200ms")
    url = await databases.migrated("postgresql")
    async with Database(url) as db, db.transaction() as reader:
        await reader.execute(text("SELECT count(*) FROM pets"))
        with pytest.raises(MigrationError, match="lock timeout"):
            await asyncio.wait_for(db.downgrade("base"), 5)
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


async def test_a_services_own_tables_and_migrations_live_beside_ours(
    db: Database, tmp_path: Path
) -> None:
    """A service's own Alembic environment: its autogenerate sees its tables alone."""
    (tmp_path / "versions").mkdir()
    (tmp_path / "models.py").write_text(
        dedent(
            """
            from uuid import UUID
            from sqlalchemy import ForeignKey
            from sqlalchemy.orm import Mapped, mapped_column
            from vetcore.models import Base, Entity

            class Invoice(Entity):
                __tablename__ = "invoices"
                appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
                total_cents: Mapped[int]
            """
        )
    )
    (tmp_path / "env.py").write_text(
        dedent(
            """
            from alembic import context
            from sqlalchemy import create_engine
            from models import Invoice
            from vetcore.database.migrate import not_vetcore

            connection = context.config.attributes["connection"]
            context.configure(
                connection=connection,
                target_metadata=Invoice.metadata,
                include_object=not_vetcore,
                transaction_per_migration=False,
            )
            with context.begin_transaction():
                context.run_migrations()
            """
        )
    )
    (tmp_path / "script.py.mako").write_text(
        dedent(
            '''
            """${message}"""
            from alembic import op
            import sqlalchemy as sa
            import vetcore.models.types
            revision = ${repr(up_revision)}
            down_revision = ${repr(down_revision)}
            branch_labels = depends_on = None

            def upgrade():
                ${upgrades if upgrades else "pass"}

            def downgrade():
                ${downgrades if downgrades else "pass"}
            '''
        )
    )
    program = dedent(
        """
        import asyncio, sys
        from alembic import command
        from alembic.config import Config
        from vetcore import Database

        sys.path.insert(0, sys.argv[2])

        def work(connection):
            config = Config()
            config.set_main_option("script_location", sys.argv[2])
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            command.revision(config, message="invoices", autogenerate=True)
            command.upgrade(config, "head")
            command.check(config)

        async def main():
            async with Database(sys.argv[1]) as db:
                async with db.engine.begin() as connection:
                    await connection.run_sync(work)
                differences = await db.check()
                assert differences == [], differences
                await db.migrate()

        asyncio.run(main())
        """
    )
    url = db.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        url,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    migration = next((tmp_path / "versions").glob("*.py")).read_text()
    assert migration.count("op.create_table") == 1
    assert "op.drop" not in migration.partition("def downgrade")[0]
    async with db.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert {"invoices", "alembic_version", "vetcore_version"} <= set(tables)
    assert make_url(url).database


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
