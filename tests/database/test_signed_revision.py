"""The revision that locks what is signed keeps every row, up, down and up again."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import column, insert, select, table, text
from sqlalchemy.orm import selectinload

from tests.examples import NINE, appointment, world
from tests.medical.signed import Practice
from vetcore.database import Database
from vetcore.errors import MigrationError, RecordLocked
from vetcore.medical import Fault, seal_earlier, verify_records
from vetcore.medical.sealing import record_content
from vetcore.models import MedicalRecord
from vetcore.values.signatures import TEST_KEYS, digest

BEFORE, AFTER = "0007", "0008"
DAY = timedelta(days=1)

_NEW = {"signed_by_user_id"}
OLD: Any = table(
    "medical_records",
    *(column(c.name, c.type) for c in MedicalRecord.__table__.c if c.name not in _NEW),
    column("addenda"),
)


class _Before:
    """A database of the time before there were keys."""

    def __init__(self) -> None:
        self.everything, self.place, self.vet, self.animal = world()
        self.visit = appointment(self.place, self.vet, self.animal)

    def record(self, *addenda: str, author: UUID | None = None, **given: Any) -> dict[str, Any]:
        """A row of that time; with a signature where it is signed."""
        row = {
            "id": uuid4(),
            "pet_id": self.animal.id,
            "clinic_id": self.place.id,
            "veterinarian_id": self.vet.id,
            "visited_at": NINE,
            "assessment": "sprain",
            "created_at": NINE,
            "updated_at": NINE,
            **given,
        }
        if "signed_at" in given:
            row["signed_by_id"] = self.vet.id
            made = MedicalRecord(**row, signature="0" * 64)
            row["signature"] = digest(record_content(made))
        told = [
            {
                "author_id": str(author or self.vet.user_id),
                "written_at": (NINE + number * DAY).isoformat().replace("+00:00", "Z"),
                "text": words,
            }
            for number, words in enumerate(addenda, start=2)
        ]
        return {**row, "addenda": json.dumps(told)}

    async def store(self, db: Database, *rows: dict[str, Any]) -> None:
        """Store it at the revision of that time."""
        await db.migrate()
        async with db.transaction() as session:
            session.add_all(self.everything)
            await session.flush()
            session.add(self.visit)
        await db.downgrade(BEFORE)
        async with db.transaction() as session:
            for row in rows:
                added = row["addenda"]
                values = {name: value for name, value in row.items() if name != "addenda"}
                await session.execute(insert(OLD).values(values))
                cast = "CAST(:added AS jsonb)" if db.dialect == "postgresql" else ":added"
                key = row["id"] if db.dialect == "postgresql" else row["id"].hex
                note = text(f"UPDATE medical_records SET addenda = {cast} WHERE id = '{key}'")
                await session.execute(note, {"added": added})


async def _read(db: Database, key: UUID) -> MedicalRecord:
    async with db.session() as session:
        options = [selectinload(MedicalRecord.addenda)]
        return await session.get_one(MedicalRecord, key, options=options)


async def test_what_was_signed_before_is_kept_locked_and_vouched_for_by_the_next_seal(
    empty_url: str,
) -> None:
    before = _Before()
    signed = before.record("Culture", "Größe 猫", signed_at=NINE + DAY)
    draft = before.record()
    async with Database(empty_url, keys=TEST_KEYS) as db:
        await before.store(db, signed, draft)
        await db.migrate()
        kept = await _read(db, signed["id"])
        assert [(each.number, each.text, each.author_id) for each in kept.addenda] == [
            (1, "Culture", before.vet.user_id),
            (2, "Größe 猫", before.vet.user_id),
        ]
        assert kept.addenda[0].written_at == NINE + 2 * DAY
        assert (kept.signature, kept.signed_by_user_id) == (
            signed["signature"],
            before.vet.user_id,
        )
        assert not (await _read(db, draft["id"])).is_signed
        with pytest.raises(RecordLocked):
            async with db.transaction() as session:
                await session.execute(text("UPDATE medical_records SET plan = 'x'"))
        async with db.session() as session:
            (unvouched,) = (await verify_records(session)).findings
        assert unvouched.fault is Fault.UNVOUCHED
        async with db.transaction() as session:
            assert await seal_earlier(session) == 1
            assert await seal_earlier(session) == 0
        async with db.session() as session:
            found = await verify_records(session)
        assert (found.findings, found.records, found.addenda, found.before_keys) == ([], 1, 2, 1)


async def test_down_and_up_again_keeps_what_is_signed_with_its_signatures(empty_url: str) -> None:
    before = _Before()
    async with Database(empty_url, keys=TEST_KEYS) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add_all(before.everything)
        made = Practice(db, before.place, before.vet, before.animal)
        record = await made.signed("Culture", "Owner called")
        await db.downgrade(BEFORE)
        async with db.session() as session:
            told = await session.scalar(text("SELECT CAST(addenda AS TEXT) FROM medical_records"))
        assert [each["text"] for each in json.loads(told)] == ["Culture", "Owner called"]
        await db.migrate()
        kept = await _read(db, record.id)
        assert kept.signature == record.signature
        assert [each.signature for each in kept.addenda] == [
            each.signature for each in record.addenda
        ]
        async with db.session() as session:
            found = await verify_records(session)
        assert (found.findings, found.records, found.addenda) == ([], 1, 2)
        assert await db.check() == []
        await db.downgrade("base")


async def test_of_two_records_of_an_appointment_the_signed_one_keeps_it(empty_url: str) -> None:
    before = _Before()
    ids = {"appointment_id": before.visit.id}
    oldest = before.record(**ids, created_at=NINE - DAY)
    signed = before.record(**ids, signed_at=NINE + DAY)
    deleted = before.record(**ids, deleted_at=datetime(2026, 4, 1, tzinfo=UTC))
    async with Database(empty_url) as db:
        await before.store(db, oldest, signed, deleted)
        await db.migrate()
        async with db.session() as session:
            everything = {"include_deleted": True}
            query = select(MedicalRecord.id, MedicalRecord.appointment_id)
            rows = await session.execute(query, execution_options=everything)
            assert {row.id: row.appointment_id for row in rows} == {
                oldest["id"]: None,
                signed["id"]: before.visit.id,
                deleted["id"]: before.visit.id,
            }


async def test_an_addendum_by_nobody_is_named_and_nothing_is_changed(empty_url: str) -> None:
    before = _Before()
    signed = before.record("Culture", author=uuid4(), signed_at=NINE)
    async with Database(empty_url) as db:
        await before.store(db, signed)
        with pytest.raises(MigrationError, match=str(signed["id"])):
            await db.migrate()
        assert await db.current_revision() == BEFORE
