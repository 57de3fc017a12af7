"""The lock holds against a trick, in a tenant, and when a signing is killed; and who takes it off shows."""

import asyncio
import sys

import pytest
from sqlalchemy import delete, select, text, update

from tests.medical.signed import Practice, practice, read_back
from vetcore.database import Database
from vetcore.errors import RecordLocked
from vetcore.medical import ReleaseReason, released, sign_record
from vetcore.models import MedicalRecord, RecordAddendum, RecordSeal
from vetcore.testing import ScratchDatabases


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db)


async def test_a_temporary_table_does_not_stand_in_for_the_releases(made: Practice) -> None:
    await made.signed()
    for name in ("record_releases", "record_seals"):
        with pytest.raises(RecordLocked):
            async with made.db.transaction() as session:
                await session.execute(
                    text(f"CREATE TEMPORARY TABLE {name} AS SELECT * FROM {name}")
                )
                if name == "record_releases":
                    await session.execute(
                        text(
                            "INSERT INTO record_releases (id, reason, opened_at)"
                            " VALUES ('00000000-0000-0000-0000-000000000001', 'testing',"
                            " '2026-03-09 09:00:00')"
                        )
                    )
                await session.execute(text("UPDATE medical_records SET plan = 'x'"))


async def test_a_signing_that_is_killed_half_way_leaves_nothing(made: Practice) -> None:
    draft = await made.draft()
    program = (
        "import asyncio, os, sys\n"
        "from uuid import UUID\n"
        "from vetcore import Acting, Database\n"
        "from vetcore.medical import add_addendum, sign_record\n"
        "from vetcore.values.signatures import TEST_KEYS\n"
        "async def main():\n"
        "    async with Database(sys.argv[1], keys=TEST_KEYS) as db:\n"
        "        async with db.transaction(Acting(UUID(sys.argv[2]))) as session:\n"
        "            await sign_record(session, UUID(sys.argv[3]))\n"
        "            await add_addendum(session, UUID(sys.argv[3]), 'Culture')\n"
        "            os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        made.db.url.render_as_string(hide_password=False),
        str(made.vet.user_id),
        str(draft.id),
    )
    assert await process.wait() == -9
    assert not (await read_back(made.db, draft)).is_signed
    async with made.db.session() as session:
        assert (await session.scalars(select(RecordSeal))).all() == []
    async with made.db.transaction(made.acting) as session:
        await sign_record(session, draft.id)
    assert (await read_back(made.db, draft)).is_signed


async def test_the_lock_holds_in_the_schema_of_a_tenant(
    databases: ScratchDatabases, made: Practice
) -> None:
    if made.db.dialect == "sqlite":
        return
    url = await databases.empty("postgresql")
    async with Database(url, keys=made.db.keys) as db:
        tenant = db.for_tenant("north")
        await tenant.migrate()
        there = await practice(tenant)
        record = await there.signed("Culture")
        with pytest.raises(RecordLocked):
            async with tenant.transaction() as session:
                await session.execute(update(MedicalRecord).values(plan="x"))
        async with (
            tenant.transaction() as session,
            released(session, reason=ReleaseReason.TESTING),
        ):
            await session.execute(delete(RecordAddendum))
        assert (await read_back(tenant, record)).addenda == []
        assert await tenant.check() == []
    await databases.drop(url)


async def test_check_names_a_lock_that_is_off(made: Practice) -> None:
    name = "record_lock_update" if made.db.dialect == "sqlite" else "record_lock_write"
    async with made.db.engine.begin() as connection:
        await connection.execute(
            text(
                f"DROP TRIGGER {name}"
                if made.db.dialect == "sqlite"
                else f"ALTER TABLE medical_records DISABLE TRIGGER {name}"
            )
        )
    assert name in {each.name for each in await made.db.check()}
