"""The operation that merges two rows of the same pet."""

from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update

from vetcore import medical, scheduling
from vetcore.access import Permission
from vetcore.database import Session
from vetcore.errors import InvalidValue, SlotTaken
from vetcore.medical import NotTheSameAnimal
from vetcore.models import EmergencyAccess, Pet, PetCoOwner
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation
from vetcore.operations.patients import merge_patients
from vetcore.schemas import PetMerge
from vetcore.values.animals import Sex

__all__ = ["merge_pets"]

_TOGETHER: Final = (
    ("owner_id",),
    ("primary_clinic_id",),
    ("is_neutered",),
    ("born_on", "birth_date_is_estimate"),
    ("weight_kg",),
    ("color",),
    ("microchip",),
    ("license_number", "license_jurisdiction"),
    ("postal_code",),
    ("insurance",),
)
"""What the row that stays takes from the other one where it has none; some only together."""


@operation(
    permission=Permission.PET_MERGE,
    entity=Pet,
    versioned=True,
    keyed=True,
    errors=(NotTheSameAnimal, SlotTaken),
)
async def merge_pets(session: Session, act: PetMerge, asked: Asked) -> Pet:
    """Merge two rows of the same animal. One is deleted, and says where it went.

    Appointments, records, wishes for slots, co-owners, vaccinations, history and reminders move to
    the row that stays. That row keeps its own values, and takes from the other row only what it
    lacks. A clinic that has entered one of them goes on caring for the pet only if it cares for the
    other one, too, or nobody owns that.

    Raises:
        NotTheSameAnimal: species, microchips or owners are known, and differ, or one has died.
        SlotTaken: both have an appointment at one time.
        InvalidValue: both are one row already.
    """
    if act.id == act.other_id:
        raise InvalidValue(field="other_id", rule="is the same row", expected="another pet")
    # In one order, so that two who merge the same pets do not wait for each other in a ring.
    first, second = sorted((act.id, act.other_id))
    rows = {key: (await asked.take(Pet, key))[0] for key in (first, second)}
    kept, gone = rows[act.id], rows[act.other_id]
    medical.require_same_animal(kept, gone)
    owned = {row.id for row in (kept, gone) if row.owner_id is not None}
    await scheduling.merge_visits(session, pet_id=gone.id, into=kept.id)
    await medical.merge_health(session, pet_id=gone.id, into=kept.id)
    gone.merged_into_id = kept.id
    gone.soft_delete()
    # A chip is one active row's: this one must let go of it before the other can have it.
    await session.flush()
    _fill_in(kept, gone)
    await _share_alike(session, gone.id, kept)
    await merge_patients(session, pet_id=gone.id, into=kept.id, owned=owned)
    looks = update(EmergencyAccess).where(EmergencyAccess.pet_id == gone.id)
    await session.execute(looks.values(pet_id=kept.id))
    await session.flush()
    await medical.refresh_due_date(session, kept.id)
    return kept


def _fill_in(kept: Pet, gone: Pet) -> None:
    for fields in _TOGETHER:
        if getattr(kept, fields[0]) is None:
            for name in fields:
                setattr(kept, name, getattr(gone, name))
    if kept.sex is Sex.UNKNOWN:
        kept.sex = gone.sex
    kept.breeds = kept.breeds or gone.breeds
    if gone.notes and gone.notes != kept.notes:
        kept.notes = "\n".join(filter(None, (kept.notes, gone.notes)))


async def _share_alike(session: Session, gone_id: UUID, kept: Pet) -> None:
    """Let everybody who looked after either row look after the one that stays."""
    query = select(PetCoOwner).where(PetCoOwner.pet_id.in_([gone_id, kept.id]))
    pairs = (await session.scalars(query)).all()
    known = {pair.user_id for pair in pairs if pair.pet_id == kept.id} | {kept.owner_id}
    people = {pair.user_id for pair in pairs if pair.pet_id == gone_id}
    session.add_all(PetCoOwner(pet_id=kept.id, user_id=user) for user in sorted(people - known))
    await session.execute(delete(PetCoOwner).where(PetCoOwner.pet_id == gone_id))
