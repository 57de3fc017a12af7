"""A record that is signed, and what tests of signing share."""

from typing import Any

from sqlalchemy.orm import selectinload

from tests.examples import NINE, world
from vetcore.database import Acting, Database, Session
from vetcore.medical import add_addendum, open_record, sign_record, write_note
from vetcore.medical.signing import sign_as
from vetcore.models import Clinic, MedicalRecord, Pet, Veterinarian
from vetcore.schemas import MedicalRecordCreate, MedicalRecordUpdate

__all__ = ["Practice", "practice", "read_back", "sign_by_hand"]


class Practice:
    """A clinic with a veterinarian who signs."""

    def __init__(self, db: Database, place: Clinic, vet: Veterinarian, animal: Pet) -> None:
        self.db, self.place, self.vet, self.animal = db, place, vet, animal
        self.acting = Acting(vet.user_id)

    async def draft(self, **given: Any) -> MedicalRecord:
        """A record that is not signed yet."""
        ids = {"pet_id": self.animal.id, "clinic_id": self.place.id, "visited_at": NINE}
        async with self.db.transaction(self.acting) as session:
            made = await open_record(session, MedicalRecordCreate(**ids | given))
            note = MedicalRecordUpdate(assessment="sprain", plan="rest")
            return await write_note(session, made.id, note)

    async def signed(self, *addenda: str, **given: Any) -> MedicalRecord:
        """A record that is signed, with these addenda."""
        record = await self.draft(**given)
        async with self.db.transaction(self.acting) as session:
            await sign_record(session, record.id)
            for each in addenda:
                await add_addendum(session, record.id, each)
        return await read_back(self.db, record)


async def practice(db: Database) -> Practice:
    """A stored clinic, its veterinarian and a patient."""
    everything, place, vet, animal = world()
    async with db.transaction() as session:
        session.add_all(everything)
    return Practice(db, place, vet, animal)


async def sign_by_hand(session: Session, *records: MedicalRecord) -> None:
    """Let the veterinarian of each record sign it, whoever acts."""
    for record in records:
        record.assessment = record.assessment or "sprain"
        vet = await session.get_one(
            Veterinarian, record.veterinarian_id, execution_options={"include_deleted": True}
        )
        await sign_as(session, record, vet)


async def read_back(db: Database, record: MedicalRecord) -> MedicalRecord:
    """The record as it is stored, with its addenda."""
    async with db.session() as session:
        options = [selectinload(MedicalRecord.addenda)]
        everything = {"include_deleted": True}
        return await session.get_one(
            MedicalRecord, record.id, options=options, execution_options=everything
        )
