"""No way of writing changes what is signed, on either engine; and what the lock lets pass."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import defer

from tests.examples import NINE, pet
from tests.medical.signed import Practice, practice, read_back
from vetcore.database import Database, Session
from vetcore.errors import ConstraintViolation, RecordLocked, VetcoreError
from vetcore.medical import ReleaseReason, released, signature_is_intact
from vetcore.models import (
    MedicalRecord,
    RecordAddendum,
    RecordRelease,
    RecordReleaseEnd,
    RecordSeal,
    ReleasedRow,
)

RECORD, ADDENDUM, SEAL = (model.__table__ for model in (MedicalRecord, RecordAddendum, RecordSeal))
R: Any = MedicalRecord
LATER = datetime(2026, 6, 1, tzinfo=UTC)

Way = Callable[[Session, MedicalRecord], Awaitable[Any]]


def _key(session: Session, key: UUID) -> str:
    return str(key) if session.get_bind().dialect.name == "postgresql" else key.hex


async def _raw(session: Session, sql: str, record: MedicalRecord, **values: Any) -> None:
    given = {name: _key(session, each) for name, each in values.items() if isinstance(each, UUID)}
    key = _key(session, record.id)
    for name, value in {"id": key, **given}.items():
        sql = sql.replace(f":{name}", f"'{value}'")
    await session.execute(text(sql))


async def _orm(session: Session, record: MedicalRecord, **values: Any) -> None:
    everything = {"include_deleted": True}
    found = await session.get_one(MedicalRecord, record.id, execution_options=everything)
    for name, value in values.items():
        setattr(found, name, value)
    await session.flush()


async def _unsign_deferred(session: Session, record: MedicalRecord) -> None:
    query = select(MedicalRecord).where(R.id == record.id).options(defer(R.signed_at))
    found = (await session.scalars(query)).one()
    found.signed_at = found.signed_by_id = found.signed_by_user_id = None
    await session.flush()
    found.plan = "surgery"
    await session.flush()


async def _unsign_expired(session: Session, record: MedicalRecord) -> None:
    found = await session.get_one(MedicalRecord, record.id)
    session.expire(found, ["signed_at", "signature"])
    found.signed_at = found.signed_by_id = found.signed_by_user_id = found.signature = None
    await session.flush()


async def _soft(session: Session, record: MedicalRecord) -> None:
    (await session.get_one(MedicalRecord, record.id)).soft_delete()
    await session.flush()


async def _hard(session: Session, record: MedicalRecord) -> None:
    await session.delete(await session.get_one(MedicalRecord, record.id))
    await session.flush()


async def _by_key(session: Session, record: MedicalRecord) -> None:
    found = await session.get_one(MedicalRecord, record.id)
    rows = [{"id": record.id, "version": found.version, "plan": "surgery"}]
    await session.execute(update(MedicalRecord), rows)


async def _upsert(session: Session, record: MedicalRecord) -> None:
    columns = "id, pet_id, clinic_id, veterinarian_id, visited_at, version"
    await _raw(
        session,
        f"INSERT INTO medical_records ({columns}) SELECT {columns} FROM medical_records"
        " WHERE id = :id ON CONFLICT (id) DO UPDATE SET plan = 'surgery', signed_at = NULL",
        record,
    )


async def _replace(session: Session, record: MedicalRecord) -> None:
    """REPLACE on SQLite; on PostgreSQL, MERGE does as much."""
    columns = "id, pet_id, clinic_id, veterinarian_id, visited_at"
    if session.get_bind().dialect.name == "sqlite":
        sql = f"REPLACE INTO medical_records ({columns}) SELECT {columns} FROM medical_records WHERE id = :id"
    else:
        sql = (
            "WITH gone AS (DELETE FROM medical_records WHERE id = :id RETURNING *)"
            f" INSERT INTO medical_records ({columns}) SELECT gen_random_uuid(), pet_id, clinic_id,"
            " veterinarian_id, visited_at FROM gone"
        )
    await _raw(session, sql, record)


async def _replace_by_place(session: Session, record: MedicalRecord) -> None:
    """Another row that takes the place of this one in the file; on PostgreSQL, its key."""
    columns = "pet_id, clinic_id, veterinarian_id, visited_at"
    if session.get_bind().dialect.name == "sqlite":
        sql = (
            f"INSERT OR REPLACE INTO medical_records (rowid, id, {columns})"
            f" SELECT rowid, :other, {columns} FROM medical_records WHERE id = :id"
        )
    else:
        sql = "UPDATE medical_records SET id = :other WHERE id = :id"
    await _raw(session, sql, record, other=uuid4())


async def _draft_over_it(session: Session, record: MedicalRecord) -> None:
    """A draft that is given the key of the signed record, which REPLACE would take away."""
    values = {
        name: getattr(record, name)
        for name in ("pet_id", "clinic_id", "veterinarian_id", "visited_at")
    }
    other = uuid4()
    await session.execute(insert(RECORD).values(id=other, **values))
    how = "OR REPLACE " if session.get_bind().dialect.name == "sqlite" else ""
    if not how:
        await _raw(session, "DELETE FROM medical_records WHERE id = :id", record)
    await _raw(
        session, f"UPDATE {how}medical_records SET id = :id WHERE id = :other", record, other=other
    )


async def _truncate(session: Session, record: MedicalRecord) -> None:
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(text("DELETE FROM medical_records"))
    else:
        await session.execute(text("TRUNCATE pets CASCADE"))
    del record


async def _everything_at_once(session: Session, record: MedicalRecord) -> None:
    await session.execute(update(MedicalRecord).values(plan="surgery"))
    del record


WAYS: dict[str, Way] = {
    "the ORM": lambda s, r: _orm(s, r, assessment="healthy"),
    "the ORM, un-signed": lambda s, r: _orm(
        s, r, signed_at=None, signed_by_id=None, signed_by_user_id=None, signature=None
    ),
    "deferred, then un-signed": _unsign_deferred,
    "expired, then un-signed": _unsign_expired,
    "soft deletion": _soft,
    "deletion": _hard,
    "bulk, by key": _by_key,
    "bulk": lambda s, r: s.execute(
        update(MedicalRecord).where(R.id == r.id).values(assessment="healthy")
    ),
    "bulk, all": _everything_at_once,
    "bulk deletion": lambda s, r: s.execute(delete(MedicalRecord).where(R.id == r.id)),
    "Core": lambda s, r: s.execute(
        update(RECORD).where(RECORD.c.id == r.id).values(visited_at=LATER)
    ),
    "Core deletion": lambda s, r: s.execute(delete(RECORD).where(RECORD.c.id == r.id)),
    "Core, un-signed": lambda s, r: s.execute(
        update(RECORD)
        .where(RECORD.c.id == r.id)
        .values(signed_at=None, signed_by_id=None, signed_by_user_id=None)
    ),
    "raw": lambda s, r: _raw(s, "UPDATE medical_records SET plan = 'x' WHERE id = :id", r),
    "raw, who made it": lambda s, r: _raw(
        s, "UPDATE medical_records SET created_by_id = pet_id WHERE id = :id", r
    ),
    "raw, its signature": lambda s, r: _raw(
        s, "UPDATE medical_records SET signature = 'v1.test.AAAA' WHERE id = :id", r
    ),
    "raw, another pet": lambda s, r: _raw(
        s,
        "UPDATE medical_records SET signed_pet_id = pet_id, pet_id = (SELECT id FROM pets"
        " WHERE name = 'Stray') WHERE id = :id",
        r,
    ),
    "raw deletion": lambda s, r: _raw(s, "DELETE FROM medical_records WHERE id = :id", r),
    "upsert": _upsert,
    "replace": _replace,
    "replace by its place": _replace_by_place,
    "a draft over it": _draft_over_it,
    "truncate": _truncate,
}

OF_ADDENDA: dict[str, Way] = {
    "Core": lambda s, _: s.execute(update(ADDENDUM).values(text="nothing")),
    "Core, its place": lambda s, _: s.execute(
        update(ADDENDUM).values(number=ADDENDUM.c.number + 5)
    ),
    "the ORM": lambda s, r: s.execute(
        update(RecordAddendum).where(ADDENDUM.c.record_id == r.id).values(written_at=LATER)
    ),
    "deletion": lambda s, _: s.execute(delete(ADDENDUM)),
    "the last": lambda s, _: s.execute(delete(ADDENDUM).where(ADDENDUM.c.number == 2)),
    "raw": lambda s, r: _raw(s, "DELETE FROM record_addenda WHERE record_id = :id", r),
    "truncate": lambda s, _: s.execute(
        text(
            "TRUNCATE record_addenda"
            if s.get_bind().dialect.name == "postgresql"
            else "DELETE FROM record_addenda"
        )
    ),
}


@pytest.fixture
async def made(db: Database) -> Practice:
    made = await practice(db)
    async with db.transaction() as session:
        session.add(pet(name="Stray"))
    return made


async def _all_rows(db: Database, table: Any) -> list[tuple[Any, ...]]:
    async with db.session() as session:
        return sorted(map(repr, await session.execute(select(table))))  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_of_writing_changes_a_signed_record(made: Practice, way: str) -> None:
    record = await made.signed("Culture: negative")
    before = await _all_rows(made.db, RECORD), await _all_rows(made.db, ADDENDUM)
    with pytest.raises(RecordLocked) as caught:
        async with made.db.transaction(made.acting) as session:
            await WAYS[way](session, record)
    assert caught.value.details["record_id"] == str(record.id)
    assert (await _all_rows(made.db, RECORD), await _all_rows(made.db, ADDENDUM)) == before
    assert signature_is_intact(await read_back(made.db, record), made.db.keys)


@pytest.mark.parametrize("way", OF_ADDENDA)
async def test_no_way_of_writing_changes_an_addendum(made: Practice, way: str) -> None:
    record = await made.signed("Culture: negative", "Owner informed")
    before = await _all_rows(made.db, ADDENDUM)
    with pytest.raises(RecordLocked) as caught:
        async with made.db.transaction() as session:
            await OF_ADDENDA[way](session, record)
    assert caught.value.details["record_id"] == str(record.id)
    assert await _all_rows(made.db, ADDENDUM) == before


async def test_a_draft_is_written_and_removed_as_ever(made: Practice) -> None:
    await made.signed()
    draft = await made.draft()
    async with made.db.transaction() as session:
        await _raw(session, "UPDATE medical_records SET plan = 'x' WHERE id = :id", draft)
        await session.execute(delete(MedicalRecord).where(R.id == draft.id))
    assert len(await _all_rows(made.db, RECORD)) == 1


async def test_nobody_writes_a_signed_record_or_an_addendum_without_a_seal(
    made: Practice,
) -> None:
    record = await made.signed("Culture: negative")
    copy = {c.name: getattr(record, c.name) for c in RECORD.columns} | {"id": uuid4()}
    added = {c.name: getattr(record.addenda[0], c.name) for c in ADDENDUM.columns}
    draft = await made.draft()
    for attempt in (
        insert(RECORD).values(copy),
        insert(ADDENDUM).values(added | {"number": 2}),
        insert(ADDENDUM).values(added | {"record_id": draft.id, "number": 1}),
        update(RECORD)
        .where(RECORD.c.id == draft.id)
        .values(signed_at=NINE, signed_by_id=made.vet.id, signature=record.signature),
    ):
        with pytest.raises(ConstraintViolation, match="sealed"):
            async with made.db.transaction() as session:
                await session.execute(attempt)


BOOKS = {"record_seals": RecordSeal, "record_releases": RecordRelease}
BOOKS |= {"record_release_ends": RecordReleaseEnd, "released_rows": ReleasedRow}


@pytest.mark.parametrize("name", BOOKS)
async def test_the_books_are_only_added_to_even_under_a_release(made: Practice, name: str) -> None:
    record = await made.signed()
    async with made.db.transaction() as session, released(session, reason=ReleaseReason.TESTING):
        await _orm(session, record, plan="surgery")
    table = BOOKS[name].__table__
    before = await _all_rows(made.db, table)
    assert before
    column = next(c for c in table.columns if not c.primary_key and not c.foreign_keys)
    attempts = [f"DELETE FROM {name}", f"UPDATE {name} SET {column.name} = {column.name}"]
    if made.db.dialect == "postgresql":
        with pytest.raises(VetcoreError, match="_kept"):
            async with made.db.transaction() as session:
                await session.execute(text(f"TRUNCATE {name} CASCADE"))
    else:
        attempts.append(f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}")
    for attempt in attempts:
        with pytest.raises(VetcoreError, match=f"{name}_kept"):
            async with (
                made.db.transaction() as session,
                released(session, reason=ReleaseReason.TESTING),
            ):
                await session.execute(text(attempt))
    assert await _all_rows(made.db, table) == before


async def test_a_seal_is_the_next_of_its_clinic(made: Practice) -> None:
    await made.signed()
    async with made.db.session() as session:
        seal = (await session.scalars(select(RecordSeal))).one()
    values = {c.name: getattr(seal, c.name) for c in SEAL.columns}
    for number in (1, 3):
        with pytest.raises(VetcoreError):
            async with made.db.transaction() as session:
                await session.execute(insert(SEAL).values(values | {"number": number}))
