"""Migrations beside others: other processes, threads and tenants, and tables that are in use."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import text

from vetcore.database import Database, drift, migrate
from vetcore.errors import MigrationError
from vetcore.testing import ScratchDatabases


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
