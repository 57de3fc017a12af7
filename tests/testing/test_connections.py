"""A ``Database`` that serves test after test is as new to each of them."""

import pytest
from sqlalchemy import event, text

from vetcore.database import Database
from vetcore.testing import ScratchDatabases

LEFT = {
    "postgresql": {
        "a setting": ("SET statement_timeout = 1234", "SHOW statement_timeout", "30s"),
        "a role": ("SET ROLE pg_monitor", "SELECT current_user = session_user", True),
        "a temporary table": (
            "CREATE TEMPORARY TABLE things (name text)",
            "SELECT to_regclass('things') IS NULL",
            True,
        ),
        "a lock": (
            "SELECT pg_advisory_lock(7)",
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
            0,
        ),
        "a channel": ("LISTEN news", "SELECT count(*) FROM pg_listening_channels()", 0),
        "a cursor": (
            "DECLARE held CURSOR WITH HOLD FOR SELECT 1",
            "SELECT count(*) FROM pg_cursors WHERE name = 'held'",
            0,
        ),
        "a prepared statement": (
            "PREPARE one AS SELECT 1",
            "SELECT count(*) FROM pg_prepared_statements WHERE from_sql",
            0,
        ),
    },
    "sqlite": {
        "a pragma": ("PRAGMA ignore_check_constraints = ON", "PRAGMA ignore_check_constraints", 0),
        "foreign keys": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys", 1),
        "patience": ("PRAGMA busy_timeout = 1", "PRAGMA busy_timeout", 100),
        "a word's case": ("PRAGMA case_sensitive_like = ON", "SELECT 'A' LIKE 'a'", 1),
        "a temporary table": (
            "CREATE TEMPORARY TABLE things (name text)",
            "SELECT count(*) FROM sqlite_temp_master",
            0,
        ),
        "another file": (
            "ATTACH ':memory:' AS other",
            "SELECT count(*) FROM pragma_database_list WHERE name = 'other'",
            0,
        ),
    },
}


async def _first(db: Database, statement: str) -> object:
    async with db.engine.connect() as connection:
        return (await connection.execute(text(statement))).scalar_one()


@pytest.mark.parametrize(
    ("backend", "left"), [(engine, name) for engine, each in LEFT.items() for name in each]
)
async def test_what_a_connection_remembers_does_not_reach_the_next_test(
    databases: ScratchDatabases, database_url: str, backend: str, left: str
) -> None:
    leave, ask, new = LEFT[backend][left]
    async with databases.connected(database_url) as db:
        assert await _first(db, ask) == new
        connection = await db.engine.connect()
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(leave)
        await connection.close()
        assert await _first(db, ask) != new
    async with databases.connected(database_url) as again:
        assert await _first(again, ask) == new


async def test_a_database_serves_again_with_its_connections(
    databases: ScratchDatabases, database_url: str
) -> None:
    async with databases.connected(database_url) as db:
        await _first(db, "SELECT 1")
    async with databases.connected(database_url) as again:
        assert again is db
        assert again.engine is db.engine


async def test_nobody_listens_and_nothing_is_replaced_in_the_next_test(
    databases: ScratchDatabases, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    async def silent() -> None:
        """Ask nothing."""

    def listen(db: Database) -> None:
        event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *a: heard.append(a[2]))

    def hear_connections(db: Database) -> None:
        event.listen(db.engine.sync_engine, "checkout", lambda *_: heard.append("checkout"))

    def hear_errors(db: Database) -> None:
        event.listen(db.engine.sync_engine, "handle_error", lambda *_: heard.append("error"))

    def replace(db: Database) -> None:
        monkeypatch.setattr(db, "ping", silent)

    def slow(db: Database) -> None:
        db.engine = db.engine.execution_options(echo=True)

    for touch in (listen, hear_connections, hear_errors, replace, slow):
        async with databases.connected(database_url) as db:
            touch(db)
        async with databases.connected(database_url) as again:
            assert again is not db, touch.__name__
            heard.clear()
            await _first(again, "SELECT 1")
            assert heard == []


async def test_a_session_that_is_open_and_a_database_that_is_closed_serve_no_other_test(
    databases: ScratchDatabases, database_url: str
) -> None:
    async with databases.connected(database_url) as closed:
        await closed.close()
    async with databases.connected(database_url) as db:
        assert db is not closed
        connection = await db.engine.connect()
        await connection.execute(text("SELECT 1"))
        await connection.close()


async def test_a_file_is_restored_under_connections_that_stay_open(
    databases: ScratchDatabases,
) -> None:
    url = await databases.migrated("sqlite")
    for name in ("clinics", "kennels"):
        async with databases.connected(url) as db:
            tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('kennels', 'pens')"
            assert await _first(db, tables) == 0
            async with db.engine.begin() as connection:
                if name == "kennels":
                    await connection.execute(text("CREATE TABLE kennels (id integer)"))
                else:
                    await connection.execute(text("UPDATE vetcore_version SET version_num = 'x'"))
        await databases.give_back(url)
        again = await databases.migrated("sqlite")
        assert (again == url) is (name == "clinics")
        async with databases.connected(again) as db:
            assert await _first(db, tables) == 0
            assert await _first(db, "SELECT version_num FROM vetcore_version") != "x"
    await databases.give_back(again)
