"""Medical records are listed by what is said of them, and read and locked once."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.operations.records.charts import (
    ACTS,
    command_for,
    draft_record,
    record_for,
    signed_record,
)
from tests.operations.wards import NOON, Ward
from vetcore.operations import (
    list_records,
)
from vetcore.schemas import (
    MedicalRecordQuery,
)


async def test_records_are_listed_by_what_is_said_of_them_the_latest_first(made: Ward) -> None:
    early = await signed_record(made, visited_at=NOON - timedelta(days=3))
    late = await draft_record(made, visited_at=NOON - timedelta(days=1))
    for said, expected in (
        ({}, [late, early]),
        ({"pet_id": made.pet.id}, [late, early]),
        ({"pet_id": made.clinic.id}, []),
        ({"clinic_id": made.clinic.id}, [late, early]),
        ({"veterinarian_id": made.vet.id}, [late, early]),
        ({"is_signed": True}, [early]),
        ({"is_signed": False}, [late]),
        ({"since": NOON - timedelta(days=3)}, [late, early]),
        ({"since": NOON - timedelta(days=2)}, [late]),
        ({"until": NOON - timedelta(days=1)}, [early]),
    ):
        found = await made.ask("veterinarian", list_records, MedicalRecordQuery(**said))
        assert [each.id for each in found] == [each.id for each in expected], said
    first = await made.ask("veterinarian", list_records, MedicalRecordQuery(limit=1))
    following = MedicalRecordQuery(limit=1, after=first.next_cursor)
    (second,) = await made.ask("veterinarian", list_records, following)
    assert [first[0].id, second.id] == [late.id, early.id]


@pytest.mark.parametrize("name", ACTS)
async def test_the_record_is_read_and_locked_once(made: Ward, name: str) -> None:
    record = await record_for(made, name)
    command = command_for(name, record.id)
    reads: list[str] = []

    @event.listens_for(made.db.engine.sync_engine, "before_cursor_execute")
    def _(_: object, __: object, sql: str, *___: object) -> None:
        if "FROM medical_records" in sql:
            reads.append(sql)

    await made.act("veterinarian", ACTS[name][0], command)
    (sql,) = reads
    assert ("FOR NO KEY UPDATE" in sql) is (made.db.dialect == "postgresql")
