"""``./dev migration``: what it writes brings a database to the models and back, rows and all."""

from collections.abc import AsyncIterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text
from tools.revision.catalogue import Catalogue, read
from tools.revision.difference import Rebuild, Step, steps
from tools.revision.rendering import render

from vetcore.database import Database
from vetcore.database.options import WITHOUT_FOREIGN_KEYS
from vetcore.migrations import operations_on

BEFORE = {
    "postgresql": """
        CREATE TABLE people (id integer PRIMARY KEY, name varchar(20) NOT NULL);
        CREATE TABLE beasts (
            id integer PRIMARY KEY, owner_id integer, kind varchar(8) NOT NULL, weight integer,
            heavy boolean GENERATED ALWAYS AS (weight > 10) STORED,
            CONSTRAINT ck_beasts_kind CHECK (kind IN ('cat', 'dog')),
            CONSTRAINT fk_beasts_owner_id FOREIGN KEY (owner_id) REFERENCES people (id)
                ON DELETE CASCADE
        );
        CREATE INDEX ix_beasts_kind ON beasts (kind);
        CREATE INDEX ix_beasts_heavy ON beasts (heavy);
        CREATE TABLE forgotten (id integer PRIMARY KEY);
        CREATE FUNCTION weigh() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN NEW.weight := coalesce(NEW.weight, 1); RETURN NEW; END $$;
        CREATE TRIGGER beasts_weigh BEFORE INSERT ON beasts
            FOR EACH ROW EXECUTE FUNCTION weigh()
    """,
    "sqlite": """
        CREATE TABLE people (id integer PRIMARY KEY, name varchar(20) NOT NULL);
        CREATE TABLE beasts (
            id integer PRIMARY KEY, owner_id integer, kind varchar(8) NOT NULL, weight integer,
            CONSTRAINT ck_beasts_kind CHECK (kind IN ('cat', 'dog')),
            CONSTRAINT fk_beasts_owner_id FOREIGN KEY (owner_id) REFERENCES people (id)
                ON DELETE CASCADE
        );
        CREATE INDEX ix_beasts_kind ON beasts (kind);
        CREATE TABLE toys (
            beast_id integer,
            CONSTRAINT fk_toys_beast_id FOREIGN KEY (beast_id) REFERENCES beasts (id)
                ON DELETE CASCADE
        );
        CREATE TABLE forgotten (id integer PRIMARY KEY);
        CREATE TRIGGER beasts_weigh AFTER INSERT ON beasts WHEN NEW.weight IS NULL
            BEGIN UPDATE beasts SET weight = 1 WHERE id = NEW.id\\; END;
        CREATE TRIGGER people_rename AFTER UPDATE OF name ON people
            BEGIN UPDATE beasts SET weight = 7 WHERE owner_id = NEW.id\\; END
    """,
}
AFTER = {
    "postgresql": """
        CREATE TABLE people (
            id integer PRIMARY KEY, name varchar(40), note varchar(9) DEFAULT ':x%' NOT NULL
        );
        CREATE TABLE beasts (
            id integer PRIMARY KEY, owner_id integer, kind varchar(8) NOT NULL, weight integer,
            heavy boolean GENERATED ALWAYS AS (weight > 20) STORED,
            CONSTRAINT ck_beasts_kind CHECK (kind IN ('cat', 'dog', 'emu')),
            CONSTRAINT fk_beasts_owner_id FOREIGN KEY (owner_id) REFERENCES people (id)
                ON DELETE CASCADE
        );
        CREATE INDEX ix_beasts_kind ON beasts (kind, id);
        CREATE INDEX ix_beasts_heavy ON beasts (heavy);
        CREATE TABLE visits (
            id integer PRIMARY KEY, beast_id integer NOT NULL,
            CONSTRAINT fk_visits_beast_id FOREIGN KEY (beast_id) REFERENCES beasts (id)
        );
        CREATE FUNCTION weigh() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN NEW.weight := coalesce(NEW.weight, 2); RETURN NEW; END $$;
        CREATE TRIGGER beasts_weigh BEFORE INSERT OR UPDATE ON beasts
            FOR EACH ROW EXECUTE FUNCTION weigh()
    """,
    "sqlite": """
        CREATE TABLE people (
            id integer PRIMARY KEY, name varchar(40), note varchar(9) DEFAULT ':x%' NOT NULL
        );
        CREATE TABLE beasts (
            id integer PRIMARY KEY, owner_id integer, kind varchar(8) NOT NULL, weight integer,
            colour varchar(9),
            CONSTRAINT ck_beasts_kind CHECK (kind IN ('cat', 'dog', 'emu')),
            CONSTRAINT fk_beasts_owner_id FOREIGN KEY (owner_id) REFERENCES people (id)
                ON DELETE CASCADE
        );
        CREATE INDEX ix_beasts_kind ON beasts (kind, id);
        CREATE TABLE toys (
            beast_id integer, name varchar(9),
            CONSTRAINT ck_toys_name CHECK (name IN ('ball', 'bone')),
            CONSTRAINT fk_toys_beast_id FOREIGN KEY (beast_id) REFERENCES beasts (id)
                ON DELETE CASCADE
        );
        CREATE TRIGGER beasts_weigh AFTER INSERT ON beasts WHEN NEW.weight IS NULL
            BEGIN UPDATE beasts SET weight = 2 WHERE id = NEW.id\\; END;
        CREATE TRIGGER people_rename AFTER UPDATE OF name ON people
            BEGIN UPDATE beasts SET weight = 7 WHERE owner_id = NEW.id\\; END
    """,
}
ROWS = """
    INSERT INTO people (id, name) VALUES (1, 'Ana');
    INSERT INTO beasts (id, owner_id, kind) VALUES (1, 1, 'cat')
"""


async def _run(db: Database, script: str) -> None:
    async with db.engine.begin() as connection:
        for statement in script.replace("\\;", "\0").split(";\n"):
            await connection.exec_driver_sql(statement.replace("\0", ";"))


async def _read(db: Database) -> Catalogue:
    async with db.engine.connect() as connection:
        return await connection.run_sync(read)


async def _apply(db: Database, module: Any, direction: str) -> None:
    def work(connection: Connection) -> None:
        with operations_on(Operations(MigrationContext.configure(connection))):
            getattr(module, direction)()

    engine = db.engine.execution_options(**{WITHOUT_FOREIGN_KEYS: True})
    async with engine.begin() as connection:
        await connection.run_sync(work)


@pytest.fixture
async def old(empty_url: str) -> AsyncIterator[Database]:
    async with Database(empty_url) as db:
        await _run(db, BEFORE[db.dialect])
        yield db


@pytest.fixture
async def new(databases: Any, backend: str) -> AsyncIterator[Database]:
    url = await databases.empty(backend)
    async with Database(url) as db:
        await _run(db, AFTER[db.dialect])
        yield db
    await databases.drop(url)


def _module(path: Path, up: Sequence[Step], down: Sequence[Step], dialect: str) -> Any:
    """The revision's file, written and read as Alembic would."""
    on_one = dialect == "postgresql"
    none: list[Step] = []
    path.write_text(
        render(
            "beasts may be emus",
            "0002",
            "0001",
            up=(up, none) if on_one else (none, up),
            down=(down, none) if on_one else (none, down),
        )
    )
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_revision_brings_the_old_database_to_the_new_one_and_back(
    old: Database, new: Database, tmp_path: Path
) -> None:
    before, after = await _read(old), await _read(new)
    module = _module(tmp_path / "emus.py", steps(before, after), steps(after, before), old.dialect)
    await _run(old, ROWS)
    await _apply(old, module, "upgrade")
    assert steps(await _read(old), after) == []
    async with old.engine.connect() as connection:
        found = await connection.execute(
            text("SELECT kind, weight, name, note FROM beasts JOIN people ON owner_id = people.id")
        )
        assert found.all() == [("cat", 1, "Ana", ":x%")]
    await _run(old, "INSERT INTO beasts (id, kind) VALUES (2, 'emu')")
    await _run(old, "DELETE FROM beasts WHERE id = 2")
    await _apply(old, module, "downgrade")
    assert steps(await _read(old), before) == []
    async with old.engine.connect() as connection:
        found = await connection.execute(text("SELECT id, owner_id, kind, weight FROM beasts"))
        assert found.all() == [(1, 1, "cat", 1)]


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_table_that_is_made_again_takes_no_row_of_another_with_it(
    old: Database, new: Database, tmp_path: Path
) -> None:
    await _run(old, ROWS + "; INSERT INTO toys (beast_id) VALUES (1)".replace("; ", ";\n"))
    wanted = steps(await _read(old), await _read(new))
    assert {step.table for step in wanted if isinstance(step, Rebuild)} == {"beasts", "people"}
    await _apply(old, _module(tmp_path / "again.py", wanted, [], "sqlite"), "upgrade")
    async with old.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM toys"))).scalar() == 1
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == 1


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_table_is_not_made_again_while_foreign_keys_would_act(
    old: Database, new: Database, tmp_path: Path
) -> None:
    module = _module(
        tmp_path / "acting.py", steps(await _read(old), await _read(new)), [], "sqlite"
    )

    def work(connection: Connection) -> None:
        with operations_on(Operations(MigrationContext.configure(connection))):
            module.upgrade()

    async with old.engine.connect() as connection, connection.begin():
        with pytest.raises(RuntimeError, match="Foreign keys are on"):
            await connection.run_sync(work)


async def test_models_and_migrations_leave_nothing_to_write(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools.revision.__main__ import differences

    up, down = await differences()
    assert (up, down) == (([], []), ([], []))
