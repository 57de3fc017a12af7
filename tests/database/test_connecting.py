"""Reaching a database: addresses, waiting, health, and what is said when it fails."""

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from tests.examples import pet
from vetcore.database import Database
from vetcore.database.urls import async_url, masked
from vetcore.errors import (
    ConfigurationError,
    ConnectionFailed,
    LockTimeout,
    MigrationError,
    StatementTimeout,
)
from vetcore.models import Pet
from vetcore.settings import DatabaseSettings, Settings
from vetcore.testing.databases import ScratchDatabases

SECRET = "tr0ub4dor"


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://ann@db.example/clinic", "postgresql+asyncpg"),
        ("postgresql://ann@db.example/clinic", "postgresql+asyncpg"),
        ("postgresql+asyncpg://ann@db.example/clinic", "postgresql+asyncpg"),
        ("sqlite:///clinic.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite"),
    ],
)
def test_urls_are_taken_as_people_have_them(given: str, driver: str) -> None:
    assert async_url(given).drivername == driver


@pytest.mark.parametrize("given", ["mysql://ann@db.example/clinic", "clinic.db", "", "://"])
def test_another_url_is_refused_with_what_would_be_right(given: str) -> None:
    with pytest.raises(ConfigurationError, match="postgresql://"):
        async_url(given)


def test_a_hosting_providers_sslmode_becomes_the_drivers_ssl() -> None:
    url = async_url("postgres://ann@db.example/clinic?sslmode=require")
    assert dict(url.query) == {"ssl": "require"}


def test_a_parameter_that_the_driver_does_not_know_is_named() -> None:
    with pytest.raises(ConfigurationError, match="channel_binding, options"):
        async_url("postgresql://ann@db.example/clinic?options=-c&channel_binding=require")


def test_a_password_among_the_parameters_is_masked_too() -> None:
    url = f"postgresql://db.example/clinic?user=ann&password={SECRET}"
    assert SECRET not in masked(url)
    assert (async_url(url).username, async_url(url).password) == ("ann", SECRET)


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_the_parameters_of_a_url_are_followed(database_url: str) -> None:
    url = make_url(database_url).update_query_dict(
        {"application_name": "front desk", "sslmode": "prefer", "user": "postgres"}
    )
    async with Database(url) as db, db.session() as session:
        assert await session.scalar(text("SHOW application_name")) == "front desk"
        assert await session.scalar(text("SELECT current_user")) == "postgres"
    assert db.url.query["ssl"] == "prefer"
    assert "sslmode" not in db.url.query


async def test_the_connect_timeout_of_a_url_is_followed(unused_tcp_port: int) -> None:
    """A server that accepts and says nothing is given up when the URL says so."""

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", unused_tcp_port):
        address = f"postgresql://ann:pw@127.0.0.1:{unused_tcp_port}/clinic?connect_timeout=0.3"
        db = Database(address, settings=DatabaseSettings(connect_timeout=60))
        began = time.monotonic()
        with pytest.raises(ConnectionFailed):
            await db.ping()
        assert 0.2 < time.monotonic() - began < 2.5
        await db.close()


_PASSWORDS = [
    "s3cret@word",
    "s3cret/word",
    "s3cret#word",
    "s3cret?word",
    "s3cret:word",
    "s3cret@/word",
    "s3cret?w=@ord",
    "s3cret%word",
    "s3cret[word",
    "@s3cretword",
    "s3cretword@",
    "s3cret@word:5432",
    "s3cret@host/word?a=b",
]
_PLACES = ("db.example/clinic", "db.example:5432/clinic?sslmode=require", "/clinic?host=/run", "h")


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize("password", _PASSWORDS)
def test_no_part_of_a_password_shows_whatever_is_in_it(password: str, place: str) -> None:
    url = f"postgresql://ann:{password}@{place}"
    try:
        shown = [repr(Database(url)), masked(url)]
    except ConfigurationError as refused:
        shown = [str(refused), str(refused.problem()), repr(refused.__cause__)]
    for text_ in shown:
        assert "s3cret" not in text_
        assert "ord" not in text_.replace("password", "")


def test_a_url_that_was_read_wrongly_before_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        async_url(make_url("postgresql://ann:s3cret@word@db.example/clinic"))
    assert "word" not in caught.value.message.replace("password", "")
    assert masked("postgresql://ann:s3cret%40word@db.example/clinic").count("@") == 1


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
async def test_a_database_in_memory_lives_as_long_as_its_database(url: str) -> None:
    async with Database(url) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add(pet(name="Rex"))
        async with db.session() as session:
            assert (await session.scalars(select(Pet.name))).all() == ["Rex"]
        assert await db.check() == []


async def test_a_password_appears_in_no_representation_and_no_error(
    unused_tcp_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"postgresql://ann:{SECRET}@127.0.0.1:{unused_tcp_port}/clinic"
    db = Database(url, settings=DatabaseSettings(connect_wait=0))
    assert SECRET not in repr(db)
    assert SECRET not in masked(url)
    with pytest.raises(ConnectionFailed) as caught:
        await db.wait()
    await db.close()
    logs = [vars(entry) for entry in caplog.records]
    assert SECRET not in f"{caught.value} {caught.value.problem()} {logs}"
    with pytest.raises(ConfigurationError) as malformed:
        Database(f"postgresql://ann:{SECRET}@host:port/clinic")
    assert SECRET not in str(malformed.value)
    assert malformed.value.__cause__ is None


async def test_starting_waits_for_the_database_and_says_so(
    databases: ScratchDatabases,
    postgresql_server: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A proxy that starts to listen a moment later stands for a server that is still starting."""
    target = make_url(await databases.migrated("postgresql"))
    query = {str(key): str(value) for key, value in target.query.items()}
    directory = query.get("host", target.host or "localhost")
    port = int(query.get("port", target.port or 5432))
    place = tmp_path / f".s.PGSQL.{port}"

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if directory.startswith("/"):
            there = await asyncio.open_unix_connection(f"{directory}/.s.PGSQL.{port}")
        else:
            there = await asyncio.open_connection(directory, port)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    async def start_later() -> asyncio.Server:
        await asyncio.sleep(0.5)
        return await asyncio.start_unix_server(relay, place)

    starting = asyncio.create_task(start_later())
    url = target.set(host=None, port=None, query={"host": str(tmp_path), "port": str(port)})
    async with Database(url) as db:
        assert (await db.health()).ok
    waits = [vars(each) for each in caplog.records if each.message == "waiting for the database"]
    assert waits
    assert waits[0]["retry_in_seconds"] > 0
    (await starting).close()
    await databases.drop(str(target))
    assert postgresql_server


async def test_waiting_ends_with_a_clear_error(unused_tcp_port: int) -> None:
    url = f"postgresql://ann@127.0.0.1:{unused_tcp_port}/clinic"
    db = Database(url, settings=DatabaseSettings(connect_wait=0.3))
    started = time.monotonic()
    with pytest.raises(ConnectionFailed):
        await db.wait()
    assert 0.3 <= time.monotonic() - started < 5
    await db.close()


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_wrong_database_name_is_not_waited_for(database_url: str) -> None:
    url = make_url(database_url).set(database="no_such_database")
    db = Database(url)
    started = time.monotonic()
    with pytest.raises(ConfigurationError, match="no_such_database"):
        await db.wait()
    assert time.monotonic() - started < 5
    await db.close()


async def test_a_sqlite_file_in_no_folder_is_a_configuration_error(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/missing/clinic.db")
    with pytest.raises(ConfigurationError, match="folder"):
        await db.wait()
    await db.close()


async def test_health_tells_latency_and_the_pool(db: Database) -> None:
    async with db.session() as session:
        await session.scalar(select(1))
        busy = await db.health() if db.dialect == "postgresql" else None
    idle = await db.health()
    assert idle.ok
    assert idle.latency_ms is not None
    assert idle.latency_ms > 0
    assert idle.pool.in_use == 0
    assert idle.server_version
    if busy is not None:
        assert busy.pool.in_use == 1
        assert busy.sessions == 1
    assert idle.as_dict()["ok"] is True
    assert isinstance(idle.as_dict()["pool"], dict)


async def test_health_never_raises(unused_tcp_port: int) -> None:
    db = Database(f"postgresql://ann@127.0.0.1:{unused_tcp_port}/clinic")
    health = await db.health()
    assert not health.ok
    assert health.latency_ms is None
    assert health.error
    await db.close()


async def test_a_statement_that_runs_too_long_is_stopped(database_url: str) -> None:
    settings = DatabaseSettings(statement_timeout=0.2)
    endless = {
        "postgresql": "SELECT pg_sleep(30)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT count(*) FROM n",
    }
    async with Database(database_url, settings=settings) as db:
        async with db.session() as session:
            with pytest.raises(StatementTimeout):
                await session.execute(text(endless[db.dialect]))
        async with db.session() as session:
            assert await session.scalar(select(1)) == 1


async def test_a_lock_that_is_not_released_ends_the_wait(database_url: str) -> None:
    settings = DatabaseSettings(lock_timeout=0.2)
    async with Database(database_url) as db, Database(database_url, settings=settings) as other:
        async with db.transaction() as session:
            session.add(animal := pet())
        async with db.transaction() as session:
            held = await session.get_one(Pet, animal.id, with_for_update=True)
            held.name = "Bo"
            await session.flush()
            with pytest.raises(LockTimeout):
                async with other.transaction() as waiting:
                    found = await waiting.get_one(Pet, animal.id)
                    found.name = "Al"
                    await waiting.flush()


async def test_a_database_without_tables_says_what_to_run(empty_url: str) -> None:
    async with Database(empty_url) as db, db.session() as session:
        with pytest.raises(MigrationError, match="vetcore db upgrade"):
            await session.scalars(select(Pet))


async def test_the_database_of_the_environment(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_DATABASE_URL", database_url)
    monkeypatch.setenv("VETCORE_DATABASE_POOL_SIZE", "3")
    async with Database.from_settings(Settings()) as db:
        assert db.settings.pool_size == 3
        assert (await db.health()).ok


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_each_tenant_has_its_own_rows(empty_url: str) -> None:
    async with Database(empty_url) as db:
        tenants = [db.for_tenant(name) for name in ("clinic_a", "clinic_b")]
        for tenant in tenants:
            await tenant.migrate()
            assert await tenant.check() == []
        async with tenants[0].transaction() as session:
            session.add(pet(name="Only in A"))
        names = []
        for tenant in tenants:
            async with tenant.session() as session:
                names.append((await session.scalars(select(Pet.name))).all())
        assert names == [["Only in A"], []]


async def test_sqlite_knows_no_tenants(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="SQLite has none"):
        Database(f"sqlite:///{tmp_path}/clinic.db", tenant="clinic_a")


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_process_that_leaves_its_database_open_ends(tmp_path: Path) -> None:
    """Each connection of SQLite has a thread, and none of them keeps the process alive."""
    script = (
        "import asyncio\n"
        "from vetcore import Database\n"
        "async def main():\n"
        f"    db = Database('sqlite:///{tmp_path / 'left.db'}')\n"
        "    await db.ping()\n"
        "asyncio.run(main())\n"
        "print('done')\n"
    )
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "done\n")
