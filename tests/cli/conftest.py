import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import Compiled, share
from vetcore import clock
from vetcore.cli.app import application
from vetcore.database import Database
from vetcore.samples import load
from vetcore.testing import ScratchDatabases

MONDAY = datetime(2026, 3, 2, 17, tzinfo=UTC)  # 09:00 in Seattle

Run = Callable[..., Result]


def sentence(text: str) -> str:
    """What was said, as if on one line."""
    return " ".join(text.split())


Process = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="package", autouse=True)
def _compiled_once(compiled: Compiled) -> Iterator[None]:
    """Each call of the command opens a database, and compiling took most of its time."""
    wait = Database.wait

    async def waited(db: Database, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await wait(db, timeout)
        share(compiled, db)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Database, "wait", waited)
        yield


@pytest.fixture(scope="session")
def sample_databases(
    databases: ScratchDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ScratchDatabases]:
    """Makes databases with the sample world of :data:`MONDAY` in them, which is loaded once."""

    async def filled(db: Database) -> None:
        await db.migrate()
        with clock.frozen(MONDAY):
            async with db.transaction() as session:
                await load(session, today=MONDAY.date())

    made = ScratchDatabases(
        tmp_path_factory.mktemp("samples"), lambda: databases.server, migrate=filled
    )
    yield made
    made.close()


@pytest.fixture
def sample_url(sample_databases: ScratchDatabases, backend: str) -> Iterator[str]:
    """A database with the sample world in it, of the test's own, on each engine in turn."""
    url = asyncio.run(sample_databases.migrated(backend))
    yield url
    asyncio.run(sample_databases.drop(url))


def call(*arguments: str, url: str | None = None, answers: str | None = None) -> Result:
    """The command, called in this process: ``call("db", "current", url=…)``."""
    given = [*arguments] if url is None else [*arguments, "--url", url]
    result = CliRunner().invoke(application(), given, input=answers, prog_name="vetcore")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def vetcore(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """:func:`call`, as on a terminal of 80 columns, for which no database is worth a wait."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("VETCORE_DATABASE_CONNECT_TIMEOUT", "2")
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield call
    # Where programs read the log, the command sets it up for good: for a stream that is closed now.
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def vetcore_process() -> Process:
    """The command in a process of its own; keywords are environment variables."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from vetcore.cli import main; main()", *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=os.environ | environ,
        )

    return run
