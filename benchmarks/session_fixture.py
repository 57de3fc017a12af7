"""What the plugin's fixtures cost a test, against fixtures written by hand; and that tests stay apart.

Each run is pytest itself on a project of one module, with the fixture and without it; the cost is
the difference of the two, divided by the number of tests. The reference for ``session`` is what
SQLAlchemy's documentation shows: one connection with an outer transaction, and a session that makes
savepoints in it. The reference for ``db`` makes a database anew for each test, with ``create_all``.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.report import Comparison, show
from vetcore.testing import running_test_server

TESTS = 300
DATABASES = 15
ROUNDS = 2
WRITING = 500
INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""
PLAIN = """
import pytest

@pytest.mark.parametrize("time", range({tests}))
async def test_nothing(time):
    pass
"""
TESTED = """
import pytest
from sqlalchemy import func, select
from vetcore.models import User

@pytest.mark.parametrize("time", range({tests}))
async def test_alone({fixture}, time):
    {body}
"""
EMPTY = "pass"
BY_HAND = """
import os
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import vetcore.models

SERVER = os.environ.get("BY_HAND_SERVER")

async def made(directory):
    if SERVER is None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{directory}/{uuid4().hex}.db")

        @event.listens_for(engine.sync_engine, "connect")
        def _(connection, _record):
            connection.isolation_level = None

        @event.listens_for(engine.sync_engine, "begin")
        def _(connection):
            connection.exec_driver_sql("BEGIN")
    else:
        name = f"hand_{uuid4().hex}"
        admin = create_async_engine(SERVER, isolation_level="AUTOCOMMIT")
        async with admin.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await admin.dispose()
        engine = create_async_engine(SERVER.replace("@/postgres", f"@/{name}"))
    async with engine.begin() as connection:
        if SERVER is not None:
            for extension in ("btree_gist", "cube", "pg_trgm"):
                await connection.execute(text(f"CREATE EXTENSION {extension}"))
        await connection.run_sync(vetcore.models.Base.metadata.create_all)
    return engine

@pytest_asyncio.fixture(scope="session")
async def engine(tmp_path_factory):
    engine = await made(tmp_path_factory.mktemp("hand"))
    yield engine
    await engine.dispose()

@pytest_asyncio.fixture
async def session(engine):
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        await outer.rollback()

@pytest_asyncio.fixture
async def db(tmp_path):
    engine = await made(tmp_path)
    yield engine
    await engine.dispose()

@pytest.mark.parametrize("time", range({tests}))
async def test_alone({fixture}, time):
    pass
"""
WRITE = """
    assert await session.scalar(select(func.count()).select_from(User)) == 0
    session.add(User(email="ana@example.com", first_name="Ana", last_name="Silva"))
    await session.commit()
"""


def _seconds(
    source: str, *options: str, tests: int = TESTS, variables: Mapping[str, str] | None = None
) -> float:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "pytest.ini").write_text(INI)
        Path(directory, "test_service.py").write_text(source.replace("{tests}", str(tests)))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
            cwd=directory,
            env={**os.environ, **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    told = re.search(rf"{tests} passed in ([0-9.]+)s", done.stdout)
    if told is None:
        message = f"not all passed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return float(told.group(1))


def _compared(fixture: str, engine: str, server: str, *, tests: int, bar: float) -> Comparison:
    """The cost of a fixture for a test, ours and the one by hand, in turns."""
    url = make_url(server).set(drivername="postgresql+asyncpg")
    at = url.render_as_string(hide_password=False)
    variables = {"BY_HAND_SERVER": at} if engine == "postgresql" else {}
    ways: dict[str, Callable[[], float]] = {
        "plain": lambda: _seconds(PLAIN, tests=tests),
        "ours": lambda: _seconds(
            TESTED.replace("{fixture}", fixture).replace("{body}", EMPTY),
            "--vetcore-database",
            engine,
            tests=tests,
        ),
        "hand": lambda: _seconds(
            BY_HAND.replace("{fixture}", fixture),
            "-p",
            "no:vetcore",
            tests=tests,
            variables=variables,
        ),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            took[name].append(way())
    plain, ours, hand = (min(took[name]) for name in ways)
    return Comparison(
        f"fixture {fixture}, {engine}",
        (ours - plain) / tests * 1000,
        (hand - plain) / tests * 1000,
        "ms a test",
        "written by hand",
        at_most=bar,
    )


def run() -> list[Comparison]:
    """The cost of each fixture, and the writing tests that must all pass."""
    with running_test_server() as server, patched("VETCORE_TEST_POSTGRESQL_URL", server):
        writing = TESTED.replace("{fixture}", "session").replace("{body}", WRITE)
        for engine in ("sqlite", "postgresql"):
            chosen = ("--vetcore-database", engine, "-p", "randomly")
            _seconds(writing, *chosen, tests=WRITING)
            _seconds(writing, *chosen, "-n", "2", tests=WRITING)
        return [
            _compared(fixture, engine, server, tests=tests, bar=bar)
            for fixture, tests, bar in (("session", TESTS, 1.5), ("db", DATABASES, 0.75))
            for engine in ("sqlite", "postgresql")
        ]


@contextmanager
def patched(name: str, value: str) -> Generator[None]:
    """An environment variable, for the length of the block."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


if __name__ == "__main__":
    sys.exit(not show(run()))
