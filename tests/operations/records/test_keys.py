"""A key or a version makes an act on a record happen once, also when two act at once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.operations.records.charts import (
    ACTS,
    SPRAIN,
    command_for,
    draft_record,
    record_for,
    stored_record,
    visit_command,
)
from tests.operations.wards import NOON, Ward
from vetcore.errors import (
    ConcurrentUpdate,
    KeyReused,
    NotFound,
)
from vetcore.models import CommandKey, MedicalRecord, StaffMembership
from vetcore.operations import (
    add_diagnosis,
    open_record,
    sign_record,
    write_note,
)
from vetcore.schemas import (
    MedicalRecordSign,
    MedicalRecordUpdate,
)


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_that_was_decided_for_another_version_is_refused(
    made: Ward, name: str
) -> None:
    record = await record_for(made, name)
    operation, _ = ACTS[name]
    stale = command_for(name, record.id, version=record.version + 1)
    code = await made.refusal("veterinarian", operation, stale, key="k")
    assert code == ConcurrentUpdate.code
    await made.act("veterinarian", operation, command_for(name, record.id, version=record.version))
    assert (await stored_record(made, record)).version == record.version + 1


async def test_a_change_without_a_row_is_refused(made: Ward) -> None:
    command = MedicalRecordUpdate(plan="Rest")
    assert await made.refusal("veterinarian", write_note, command) == "invalid_value"


async def _records(made: Ward) -> int:
    async with made.db.session() as session:
        return int(await session.scalar(select(func.count()).select_from(MedicalRecord)) or 0)


async def test_a_key_opens_one_record(made: Ward) -> None:
    visit = visit_command(made, chief_complaint="Limps")
    first = await made.act("veterinarian", open_record, visit, key="k")
    again = await made.act("veterinarian", open_record, visit, key="k")
    assert again.id == first.id
    with pytest.raises(KeyReused):
        await made.act("veterinarian", open_record, visit_command(made), key="k")
    theirs = await made.act(
        "technician",
        open_record,
        visit_command(made, practitioner_id=made.people["veterinarian"]),
        key="k",
    )
    assert theirs.id != first.id
    assert await _records(made) == 2


async def test_of_two_at_once_with_one_key_one_opens_the_record(made: Ward) -> None:
    visit = visit_command(made)
    both = await asyncio.gather(
        *(made.act("veterinarian", open_record, visit, key="k") for _ in range(2))
    )
    assert len({each.id for each in both}) == 1
    assert await _records(made) == 1


@pytest.mark.parametrize("name", ACTS)
async def test_a_key_acts_on_a_record_once(made: Ward, name: str) -> None:
    record = await record_for(made, name)
    operation, _ = ACTS[name]
    command = command_for(name, record.id)
    once = await made.act("veterinarian", operation, command, key="k")
    kept = await made.everything()
    again = await made.act("veterinarian", operation, command, key="k")
    assert await made.everything() == kept
    if isinstance(once, tuple):
        assert (once[0].id, once[1]) == (again[0].id, again[1])
        assert again[1], "it warns again"
    else:
        assert (again.id, again.version) == (once.id, once.version)
    with pytest.raises(KeyReused):
        await made.act("veterinarian", open_record, visit_command(made), key="k")
    assert await made.everything() == kept


@pytest.mark.parametrize("name", ["add_diagnosis", "prescribe", "add_addendum"])
async def test_of_two_at_once_with_one_key_one_adds(made: Ward, name: str) -> None:
    record = await record_for(made, name)
    command = command_for(name, record.id)
    await asyncio.gather(
        *(made.act("veterinarian", ACTS[name][0], command, key="k") for _ in range(2))
    )
    kept = await stored_record(made, record)
    assert len(kept.diagnoses) + len(kept.prescriptions) + len(kept.addenda) == 1


async def test_two_at_once_with_keys_of_their_own_both_add(made: Ward) -> None:
    record = await draft_record(made)
    command = command_for("add_diagnosis", record.id)
    await asyncio.gather(
        *(made.act("veterinarian", add_diagnosis, command, key=f"k{turn}") for turn in range(2))
    )
    assert (await stored_record(made, record)).diagnoses == (SPRAIN, SPRAIN)


@pytest.mark.parametrize("name", ["record_vitals", "prescribe", "write_note"])
async def test_a_key_shows_nothing_to_those_who_have_left(made: Ward, name: str) -> None:
    record = await draft_record(made)
    command = command_for(name, record.id)
    await made.act("veterinarian", ACTS[name][0], command, key="k")
    async with made.db.transaction() as session:
        held = await session.scalars(
            select(StaffMembership).where(StaffMembership.user_id == made.people["veterinarian"])
        )
        held.one().ends_on = NOON.date() - timedelta(days=1)
    with pytest.raises(NotFound):
        await made.act("veterinarian", ACTS[name][0], command, key="k")


async def test_a_refused_command_leaves_its_key_free(made: Ward) -> None:
    record = await draft_record(made, assessment=None)
    command = MedicalRecordSign(id=record.id)
    assert await made.refusal("veterinarian", sign_record, command, key="k") == "invalid_value"
    async with made.db.session() as session:
        assert await session.scalar(select(func.count()).select_from(CommandKey)) == 0
    await made.act(
        "veterinarian", write_note, MedicalRecordUpdate(id=record.id, assessment="Sprain")
    )
    assert (await made.act("veterinarian", sign_record, command, key="k")).is_signed
