"""Of two rows of one animal the records come together, and what was signed stays as it was signed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.examples import pet, world
from vetcore import clock
from vetcore.database import Acting, Database
from vetcore.medical import open_record, sign_record, signature_is_intact, write_note
from vetcore.medical.merging import merge_health
from vetcore.models import MedicalRecord
from vetcore.schemas import MedicalRecordCreate, MedicalRecordUpdate

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


async def test_a_signed_record_that_is_moved_says_for_which_pet_it_was_signed(db: Database) -> None:
    everything, place, vet, kept = world()
    gone, last, other = pet(), pet(), pet()
    async with db.transaction() as session:
        for each in (*everything, gone, last, other):
            session.add(each)
            await session.flush()

    async def written(animal: Any, *, is_signed: bool) -> UUID:
        given = MedicalRecordCreate(
            pet_id=animal.id,
            clinic_id=place.id,
            practitioner_id=vet.user_id,
            chief_complaint="limps",
        )
        async with db.transaction() as session:
            record = await open_record(session, given)
            if is_signed:
                await write_note(session, record.id, MedicalRecordUpdate(assessment="sprain"))
        if is_signed:
            # Only who wrote it may sign it.
            async with db.transaction(Acting(vet.user_id)) as session:
                await sign_record(session, record.id)
        return record.id

    signed, draft = await written(gone, is_signed=True), await written(gone, is_signed=False)
    own, elsewhere = await written(kept, is_signed=True), await written(other, is_signed=True)
    async with db.session() as session:
        before = {each.id: each.version for each in await session.scalars(select(MedicalRecord))}
    await db.run(lambda s: merge_health(s, pet_id=gone.id, into=kept.id))
    # Merged once more, it still says for which pet it was signed at first.
    await db.run(lambda s: merge_health(s, pet_id=kept.id, into=last.id))
    async with db.session() as session:
        found = {each.id: each for each in await session.scalars(select(MedicalRecord))}
    where = {key: (each.pet_id, each.signed_pet_id) for key, each in found.items()}
    assert where == {
        signed: (last.id, gone.id),
        draft: (last.id, None),
        own: (last.id, kept.id),
        elsewhere: (other.id, None),
    }
    assert all(signature_is_intact(found[key], db.keys) for key in (signed, own, elsewhere))
    moved = {key: each.version - before[key] for key, each in found.items()}
    assert moved == {signed: 2, draft: 2, own: 1, elsewhere: 0}
