"""Two imports at once: the second waits for the first, however long that takes, and goes on."""

import asyncio

import pytest

from tests.registers.samples import Write, imported, pets
from vetcore.database import Database
from vetcore.registers import import_pets
from vetcore.settings import DatabaseSettings

HEAD = "license_number,name,species"
IMPATIENT = DatabaseSettings(lock_timeout=0.2, pool_timeout=0.2)


@pytest.mark.parametrize("update", [False, True])
async def test_the_second_import_waits_says_for_what_and_goes_on(
    database_url: str, write: Write, update: bool
) -> None:
    first, second = write(HEAD, "1,Rex,dog"), write(HEAD, "1,Max,dog", "2,Ada,cat")
    told: list[str] = []
    async with (
        Database(database_url, settings=IMPATIENT) as one,
        Database(database_url, settings=IMPATIENT) as other,
    ):
        async with one.transaction() as session:
            await import_pets(session, first, jurisdiction="GB-X")
            waiting = asyncio.create_task(
                imported(other, second, jurisdiction="GB-X", update=update, waiting=told.append)
            )
            await asyncio.sleep(1)
            assert not waiting.done()
        report = await asyncio.wait_for(waiting, 20)
        names = {number: pet.name for number, pet in (await pets(one)).items()}
    assert (report.inserted, report.updated) == (1, update)
    assert names == {"1": "Max" if update else "Rex", "2": "Ada"}
    assert any(word in told[0] for word in ("another import of GB-X", "another program"))


async def test_imports_of_one_process_share_one_pool(database_url: str, write: Write) -> None:
    files = [write(HEAD, f"{number},Rex,dog") for number in range(3)]
    async with Database(database_url, settings=IMPATIENT) as db:
        async with db.transaction() as session:
            await import_pets(session, files[0], jurisdiction="GB-X")
            others = [
                asyncio.create_task(imported(db, path, jurisdiction="GB-X")) for path in files[1:]
            ]
            await asyncio.sleep(0.7)
        reports = await asyncio.wait_for(asyncio.gather(*others), 20)
        assert [report.inserted for report in reports] == [1, 1]
        assert set(await pets(db)) == {"0", "1", "2"}


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_the_limit_of_waiting_for_locks_is_set_back(database_url: str, write: Write) -> None:
    from sqlalchemy import text

    path = write(HEAD, "1,Rex,dog")
    limit = text("SELECT current_setting('lock_timeout')")
    async with (
        Database(database_url, settings=IMPATIENT) as one,
        Database(database_url, settings=IMPATIENT) as other,
    ):

        async def held_after() -> str:
            async with other.transaction() as session:
                await import_pets(session, path, jurisdiction="GB-X")
                return str(await session.scalar(limit))

        async with one.transaction() as session:
            await import_pets(session, path, jurisdiction="GB-X")
            waiting = asyncio.create_task(held_after())
            await asyncio.sleep(0.5)
        assert await asyncio.wait_for(waiting, 20) == "200ms"
