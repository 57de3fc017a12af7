"""Moves what is known of an animal's health from one of its rows to another."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database.locking import locked, locked_rows
from vetcore.errors import Conflict, InvalidValue
from vetcore.medical.sealing import seal_move, wait_for_chain
from vetcore.medical.vaccinations import refresh_due_date
from vetcore.models import MedicalRecord, Pet, VaccinationReminder
from vetcore.values.animals import PetStatus
from vetcore.values.vaccination import with_vaccination

__all__ = ["NotTheSameAnimal", "merge_health", "require_same_animal"]

_SAME: Final = ("species", "microchip", "owner_id")
_EVERYTHING: Final = {"include_deleted": True, "synchronize_session": "fetch"}


class NotTheSameAnimal(Conflict):
    """The two pets differ in what is known of them, or belong to different people."""

    code = "not_the_same_animal"
    title = "These are not the same animal"

    def __init__(self, *, field: str, kept: object, other: object) -> None:
        super().__init__(
            f"the two pets differ in {field} ({kept} and {other}); correct one of them first",
            field=field,
            kept=str(kept),
            other=str(other),
        )


def require_same_animal(kept: Pet, other: Pet) -> None:
    """Refuse two pets that differ in what is known of them.

    Raises:
        NotTheSameAnimal: species, microchips or owners are known, and differ, or one has died.
    """
    if PetStatus.DECEASED in {kept.status, other.status} and kept.status is not other.status:
        raise NotTheSameAnimal(field="status", kept=kept.status, other=other.status)
    for field in _SAME:
        one, another = getattr(kept, field), getattr(other, field)
        if one is not None and another is not None and one != another:
            raise NotTheSameAnimal(field=field, kept=one, other=another)


async def merge_health(session: AsyncSession, *, pet_id: UUID, into: UUID) -> Pet:
    """Move a pet's history, vaccinations, records and reminders to another row of the same animal.

    If both have the same entry, vaccination or reminder, one is kept; a reminder that was sent goes
    before one that was not. A signed record keeps its signature, and says for which pet it was
    signed. The caller moves everything else. No permission is checked, and nobody is notified.

    Raises:
        NotFound: there is no such pet.
        InvalidInput: together they have more entries than a history may.
        ConfigurationError: a record is signed, and there is no key to seal that it moves.
    """
    gone, kept = await locked(session, Pet, pet_id), await locked(session, Pet, into)
    kept.medical_history = kept.medical_history.joined_with(gone.medical_history)
    if (weight := kept.medical_history.latest_weight) is not None:
        kept.weight_kg = weight.kilograms
    for vaccination in gone.vaccinations:
        try:
            kept.vaccinations = with_vaccination(kept.vaccinations, vaccination)
        except InvalidValue:
            # Both rows have it.
            continue
    await _move_records(session, gone.id, kept.id)
    await _move_reminders(session, gone.id, kept.id)
    await refresh_due_date(session, kept.id)
    return kept


async def _move_records(session: AsyncSession, pet_id: UUID, into: UUID) -> None:
    record: Any = MedicalRecord
    query = select(MedicalRecord).where(record.pet_id == pet_id, record.signed_at.is_not(None))
    everything = query.execution_options(include_deleted=True)
    signed = await locked_rows(session, everything)
    await wait_for_chain(session, *{each.clinic_id for each in signed})
    for each in signed:
        await seal_move(session, each, into)
        each.signed_pet_id = each.signed_pet_id or each.pet_id
        each.pet_id = into
    await session.flush()
    await session.execute(
        update(MedicalRecord)
        .where(record.pet_id == pet_id)
        .values(pet_id=into, version=record.version + 1),
        execution_options=_EVERYTHING,
    )


async def _move_reminders(session: AsyncSession, pet_id: UUID, into: UUID) -> None:
    both = select(VaccinationReminder).where(VaccinationReminder.pet_id.in_([pet_id, into]))
    rows = await locked_rows(session, both.execution_options(include_deleted=True))
    # Of two for one day, the later in this order stays.
    order = sorted(rows, key=lambda row: (row.sent_at is not None, row.pet_id == into))
    staying = {row.due_on: row for row in order}
    going = [row.id for row in rows if staying[row.due_on] is not row]
    await session.execute(
        delete(VaccinationReminder).where(VaccinationReminder.id.in_(going)),
        execution_options=_EVERYTHING,
    )
    for row in staying.values():
        row.pet_id = into
    await session.flush()
