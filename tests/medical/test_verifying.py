"""Whoever owns the database, but not the key, changes nothing that is signed unseen."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update

from tests.examples import clinic, pet
from tests.medical.signed import Practice, practice, read_back
from vetcore.database import Database, Session
from vetcore.errors import ConfigurationError, InvalidValue
from vetcore.medical import (
    ChainHead,
    Fault,
    ReleaseOpen,
    ReleaseReason,
    Verification,
    add_addendum,
    released,
    sign_record,
    signature_is_intact,
    verify_records,
)
from vetcore.medical.sealing import record_content
from vetcore.models import (
    MedicalRecord,
    RecordAddendum,
    RecordRelease,
    RecordSeal,
    ReleasedRow,
)
from vetcore.values.signatures import Keyring, digest

RECORD, ADDENDUM, SEAL, RELEASED = (
    model.__table__ for model in (MedicalRecord, RecordAddendum, RecordSeal, ReleasedRow)
)
SECRET = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
OTHER = Keyring.parse(f"other:hmac-sha256:{SECRET}")


@pytest.fixture
async def made(db: Database) -> Practice:
    return await practice(db)


@asynccontextmanager
async def owning(db: Database) -> AsyncIterator[Session]:
    """A transaction of somebody who owns the database, and takes the triggers away for it."""
    async with db.transaction() as session:
        if db.dialect == "postgresql":
            await session.execute(text("SET LOCAL session_replication_role = replica"))
            yield session
            return
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rec%'"
        triggers = (await session.execute(text(query))).all()
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'released%'"
        )
        triggers += (await session.execute(text(query))).all()
        for name, _ in triggers:
            await session.execute(text(f"DROP TRIGGER {name}"))
        await session.execute(text("PRAGMA defer_foreign_keys = ON"))
        yield session
        await session.flush()
        connection = await session.connection()
        for _, sql in triggers:
            await connection.exec_driver_sql(sql)


async def verified(db: Database, **given: Any) -> Verification:
    async with db.session() as session:
        return await verify_records(session, **given)


Deed = Callable[[Session, list[MedicalRecord]], Awaitable[Any]]


async def _forge(session: Session, records: list[MedicalRecord]) -> None:
    """A note with another text, and its hash computed anew."""
    records[1].plan = "none"
    records[1].signature = digest(record_content(records[1]))
    records[1].signature = digest(record_content(records[1]))
    values = {"plan": "none", "signature": records[1].signature}
    await session.execute(update(RECORD).where(RECORD.c.id == records[1].id).values(values))


async def _forge_seal_too(session: Session, records: list[MedicalRecord]) -> None:
    await _forge(session, records)
    values = {"signed": records[1].signature, "signature": "0" * 64}
    await session.execute(update(SEAL).where(SEAL.c.record_id == records[1].id).values(values))


async def _with_another_key(session: Session, records: list[MedicalRecord]) -> None:
    forged = OTHER.sign(record_content(records[1]))
    where = RECORD.c.id == records[1].id
    await session.execute(update(RECORD).where(where).values(signature=forged))


async def _slip_in(session: Session, records: list[MedicalRecord]) -> None:
    copy = {c.name: getattr(records[1], c.name) for c in RECORD.columns}
    await session.execute(insert(RECORD).values(copy | {"id": uuid4(), "appointment_id": None}))


async def _swap(session: Session, _: list[MedicalRecord]) -> None:
    for before, after in ((1, 100), (2, 1), (100, 2)):
        await session.execute(update(SEAL).where(SEAL.c.number == before).values(number=after))


async def _swap_addenda(session: Session, _: list[MedicalRecord]) -> None:
    for before, after in ((1, 100), (2, 1), (100, 2)):
        where = ADDENDUM.c.number == before
        await session.execute(update(ADDENDUM).where(where).values(number=after))


async def _remove(session: Session, records: list[MedicalRecord]) -> None:
    await session.execute(delete(RECORD).where(RECORD.c.id == records[0].id))


async def _remove_and_close_up(session: Session, records: list[MedicalRecord]) -> None:
    await _remove(session, records)
    gone = select(SEAL.c.number).where(SEAL.c.record_id == records[0].id).scalar_subquery()
    number = await session.scalar(select(gone))
    await session.execute(delete(SEAL).where(SEAL.c.record_id == records[0].id))
    for later in range(int(number or 0) + 1, 6):
        await session.execute(update(SEAL).where(SEAL.c.number == later).values(number=later - 1))


def _one(column: str, value: Any) -> Deed:
    return lambda s, r: s.execute(
        update(RECORD).where(RECORD.c.id == r[1].id).values({column: value})
    )


async def _other_pet(session: Session, records: list[MedicalRecord]) -> None:
    stray = pet(name="Stray")
    session.add(stray)
    await session.flush()
    values = {"signed_pet_id": records[1].pet_id, "pet_id": stray.id}
    await session.execute(update(RECORD).where(RECORD.c.id == records[1].id).values(values))


async def _under_a_made_up_release(session: Session, records: list[MedicalRecord]) -> None:
    release = uuid4()
    await session.execute(
        insert(RELEASED).values(
            release_id=release,
            record_id=records[0].id,
            addendum=0,
            act="delete",
            clinic_id=records[0].clinic_id,
            signature=records[0].signature,
        )
    )
    await _remove(session, records)


DEEDS: dict[str, tuple[Deed, set[Fault]]] = {
    "a text": (_one("plan", "none"), {Fault.CHANGED}),
    "a text of nothing": (_one("subjective", ""), {Fault.CHANGED}),
    "who made it": (_one("created_by_id", uuid4()), {Fault.CHANGED}),
    "hidden": (_one("deleted_at", RECORD.c.visited_at), {Fault.CHANGED}),
    "un-signed": (
        lambda s, r: s.execute(
            update(RECORD)
            .where(RECORD.c.id == r[1].id)
            .values(signed_at=None, signed_by_id=None, signed_by_user_id=None, signature=None)
        ),
        {Fault.REMOVED},
    ),
    "forged, its hash computed anew": (_forge, {Fault.CHANGED}),
    "forged, its seal too": (_forge_seal_too, {Fault.BROKEN}),
    "signed with another key": (_with_another_key, {Fault.CHANGED}),
    "unreadable": (
        lambda s, r: s.execute(
            text(
                "UPDATE medical_records SET diagnoses = '[{\"x\": 1}]' WHERE assessment = 'sprain'"
            )
        ),
        {Fault.REMOVED},
    ),
    "another pet's": (_other_pet, {Fault.CHANGED}),
    "removed": (_remove, {Fault.REMOVED}),
    "removed with its seal": (_remove_and_close_up, {Fault.BROKEN}),
    "removed under a release that never was": (_under_a_made_up_release, {Fault.REMOVED}),
    "slipped in": (_slip_in, {Fault.SLIPPED_IN}),
    "seals in another order": (_swap, {Fault.BROKEN}),
    "a seal removed": (
        lambda s, _: s.execute(delete(SEAL).where(SEAL.c.number == 2)),
        {Fault.BROKEN, Fault.SLIPPED_IN},
    ),
    "an addendum's text": (
        lambda s, _: s.execute(update(ADDENDUM).where(ADDENDUM.c.number == 2).values(text="x")),
        {Fault.CHANGED},
    ),
    "an addendum removed": (
        lambda s, _: s.execute(delete(ADDENDUM).where(ADDENDUM.c.number == 2)),
        {Fault.REMOVED},
    ),
    "addenda in another order": (_swap_addenda, {Fault.CHANGED}),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_what_an_owner_without_the_key_does_is_found(made: Practice, deed: str) -> None:
    records = [
        await made.signed(),
        await made.signed("Culture", "Owner called"),
        await made.signed(),
    ]
    assert (await verified(made.db)).findings == []
    do, expected = DEEDS[deed]
    async with owning(made.db) as session:
        await do(session, records)
    found = await verified(made.db)
    assert {each.fault for each in found.findings} >= expected
    assert not found.is_intact


async def test_what_is_whole_is_found_whole_and_counted(made: Practice) -> None:
    await made.signed("Culture")
    await made.signed()
    await made.draft()
    found = await verified(made.db)
    assert (found.records, found.addenda, found.seals, found.findings) == (2, 1, 3, [])
    (head,) = found.heads
    assert (head.clinic_id, head.number) == (made.place.id, 3)
    assert ChainHead.parse(str(head)) == head


async def test_a_chain_that_was_cut_off_shows_against_a_head_that_was_kept(made: Practice) -> None:
    await made.signed()
    early = (await verified(made.db)).heads
    last = await made.signed()
    late = (await verified(made.db)).heads
    async with owning(made.db) as session:
        await session.execute(delete(SEAL).where(SEAL.c.number == 2))
        await session.execute(delete(RECORD).where(RECORD.c.id == last.id))
    assert (await verified(made.db)).is_intact, "it cannot be seen otherwise"
    assert (await verified(made.db, heads=early)).is_intact
    (finding,) = (await verified(made.db, heads=late)).findings
    assert (finding.fault, finding.number) == (Fault.CUT_OFF, 2)
    with pytest.raises(InvalidValue, match="head"):
        ChainHead.parse("nonsense")


async def test_keys_are_rotated_by_adding_one(made: Practice, database_url: str) -> None:
    old = await made.signed("Culture")
    both = Keyring.parse(
        *(f"{name}:hmac-sha256:{SECRET}" for name in ("spare",)),
        f"next:ed25519:{SECRET}",
        active="next",
    )
    async with Database(database_url, keys=both | made.db.keys) as later:
        other = Practice(later, made.place, made.vet, made.animal)
        new = await other.signed("Culture")
        assert new.signature is not None
        assert new.signature.startswith("v1.next.")
        async with later.transaction(made.acting) as session:
            await add_addendum(session, old.id, "by the new key")
        assert signature_is_intact(await read_back(later, old), later.keys)
        assert (await verified(later)).findings == []
        assert (await verified(later, keys=made.db.keys)).findings != []
    unknown = {each.fault for each in (await verified(made.db)).findings}
    assert unknown == {Fault.UNKNOWN_KEY}


async def test_without_a_key_nothing_is_signed_and_the_setting_is_named(
    made: Practice, database_url: str
) -> None:
    draft = await made.draft()
    async with Database(database_url) as keyless:
        with pytest.raises(ConfigurationError, match="VETCORE_RECORDS_KEYS"):
            async with keyless.transaction(made.acting) as session:
                await sign_record(session, draft.id)
    assert not (await read_back(made.db, draft)).is_signed
    assert (await verified(made.db)).seals == 0


async def test_two_who_sign_at_once_make_one_chain(made: Practice) -> None:
    drafts = [await made.draft() for _ in range(6)]
    await asyncio.gather(
        *(
            made.db.run(lambda s, key=draft.id: sign_record(s, key), made.acting)  # type: ignore[misc]
            for draft in drafts
        )
    )
    found = await verified(made.db)
    assert (found.records, found.seals, found.findings) == (6, 6, [])


async def test_chains_of_clinics_are_their_own(made: Practice) -> None:
    await made.signed()
    other = clinic()
    async with made.db.transaction() as session:
        session.add(other)
    await made.signed(clinic_id=other.id)
    found = await verified(made.db)
    assert sorted(head.number for head in found.heads) == [1, 1]
    assert (await verified(made.db, clinic_id=other.id)).records == 1


# Releases -----------------------------------------------------------------------------------------


async def test_under_a_release_signed_rows_go_and_what_went_is_kept(made: Practice) -> None:
    record, stays = await made.signed("Culture"), await made.signed()
    async with (
        made.db.transaction(made.acting) as session,
        released(session, reason=ReleaseReason.RETENTION, note="ten years") as release,
    ):
        await session.execute(delete(ADDENDUM).where(ADDENDUM.c.record_id == record.id))
        await session.execute(delete(RECORD).where(RECORD.c.id == record.id))
    async with made.db.session() as session:
        kept = (await session.scalars(select(RecordRelease))).one()
        assert (kept.id, kept.reason, kept.note) == (release.id, "retention", "ten years")
        assert kept.by_id == made.acting.actor
        rows = (await session.scalars(select(ReleasedRow))).all()
    assert {(row.record_id, row.addendum, row.act, row.signature) for row in rows} == {
        (record.id, 0, "delete", record.signature),
        (record.id, 1, "delete", record.addenda[0].signature),
    }
    assert (await verified(made.db)).findings == []
    async with owning(made.db) as session:
        await session.execute(
            update(RELEASED).values(record_id=stays.id, addendum=RELEASED.c.addendum + 7)
        )
    assert {each.fault for each in (await verified(made.db)).findings} >= {Fault.BROKEN}


async def test_a_release_ends_with_its_block_and_is_no_bodys_else(made: Practice) -> None:
    record = await made.signed()
    change = update(RECORD).where(RECORD.c.id == record.id).values(plan="x")
    with pytest.raises(Exception, match="signed"):
        async with made.db.transaction() as session:
            async with released(session, reason=ReleaseReason.MIGRATION):
                pass
            await session.execute(change)
    async with made.db.transaction() as session:
        with pytest.raises(RuntimeError):
            async with released(session, reason=ReleaseReason.MIGRATION):
                await session.execute(change)
                raise RuntimeError
        with pytest.raises(ReleaseOpen):
            async with (
                released(session, reason=ReleaseReason.MIGRATION),
                released(session, reason=ReleaseReason.MIGRATION),
            ):
                pass
    assert signature_is_intact(await read_back(made.db, record), made.db.keys)
    assert (await verified(made.db)).findings == []


async def test_a_release_without_an_end_is_not_committed(made: Practice) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 -- each engine's own
        async with made.db.transaction() as session:
            await session.execute(
                insert(RecordRelease.__table__).values(
                    id=uuid4(), reason="testing", opened_at=made.animal.created_at
                )
            )
    async with made.db.session() as session:
        assert (await session.scalars(select(RecordRelease))).all() == []


async def test_a_change_under_a_release_is_still_a_change(made: Practice) -> None:
    record = await made.signed()
    async with made.db.transaction() as session, released(session, reason=ReleaseReason.MIGRATION):
        await session.execute(update(RECORD).where(RECORD.c.id == record.id).values(plan="x"))
    (finding,) = (await verified(made.db)).findings
    assert (finding.fault, "under a release" in finding.text) == (Fault.CHANGED, True)


async def test_a_release_that_was_left_open_past_all_rules_is_found(made: Practice) -> None:
    await made.signed()
    if made.db.dialect == "sqlite":
        # As a program does that ignores foreign keys, which SQLite does by default.
        with closing(sqlite3.connect(str(made.db.url.database))) as other:
            sql = "INSERT INTO record_releases (id, reason, opened_at) VALUES (?, 'testing', ?)"
            other.execute(sql, (uuid4().hex, "2026-03-09 09:00:00"))
            other.commit()
    else:
        values = {"id": uuid4(), "reason": "testing", "opened_at": made.animal.created_at}
        async with owning(made.db) as session:
            await session.execute(insert(RecordRelease.__table__).values(values))
    (finding,) = (await verified(made.db)).findings
    assert (finding.fault, "left open" in finding.text) == (Fault.BROKEN, True)
