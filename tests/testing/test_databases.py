"""Databases for tests are gone after the run, also one that ended before it could clean up."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from vetcore.database import Database
from vetcore.testing import ScratchDatabases

Process = Callable[[str], ScratchDatabases]

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from vetcore.testing import ScratchDatabases

async def main():
    made = ScratchDatabases(Path(sys.argv[1]), lambda: sys.argv[2])
    print(await made.empty("postgresql"), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.fixture
def process(postgresql_server: str, tmp_path: Path) -> Iterator[Process]:
    """Makes databases as a process of the run that is named does."""
    made: list[ScratchDatabases] = []

    async def nothing(_: Database) -> None:
        """What is quick to prepare."""

    def process(run: str) -> ScratchDatabases:
        made.append(ScratchDatabases(tmp_path, lambda: postgresql_server, nothing, run=run))
        return made[-1]

    yield process
    for each in made:
        each.close()


async def _there(server: str, *urls: str) -> list[bool]:
    connection = await asyncpg.connect(server)
    try:
        return [
            await connection.fetchval(
                "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", make_url(url).database
            )
            for url in urls
        ]
    finally:
        await connection.close()


async def test_what_a_killed_run_left_goes_when_the_next_one_starts(
    process: Process, postgresql_server: str, tmp_path: Path
) -> None:
    killed = subprocess.run(  # noqa: ASYNC221 -- nothing else is going on
        [sys.executable, "-c", KILLED, str(tmp_path), postgresql_server],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    left = killed.stdout.strip()
    living = await process("another").empty("postgresql")
    assert await _there(postgresql_server, left, living) == [True, True]
    await process("next").migrated("postgresql")
    assert await _there(postgresql_server, left, living) == [False, True]


async def test_the_last_process_of_a_run_removes_what_the_run_has_made(
    process: Process, postgresql_server: str
) -> None:
    run = uuid4().hex
    one, other = process(run), process(run)
    made = [await one.migrated("postgresql"), await other.migrated("postgresql")]
    one.close()
    assert (await _there(postgresql_server, *made))[1]
    other.close()
    assert await _there(postgresql_server, *made) == [False, False]
