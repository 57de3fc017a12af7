"""What a veterinarian may read in an emergency, and who has done so."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import NotFound
from vetcore.models import Clinic, EmergencyAccess, MedicalRecord, Pet, PetCoOwner, User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.schemas import (
    ById,
    EmergencyAccessQuery,
    EmergencyAccessResponse,
    EmergencyChart,
    EmergencyRead,
    MedicalRecordResponse,
    PetStaffResponse,
    UserContact,
)

__all__ = ["get_emergency_access", "list_emergency_accesses", "read_in_emergency"]

_LAST: Final = 50


@operation(permission=Permission.EMERGENCY_READ, entity=EmergencyAccess)
async def read_in_emergency(session: Session, wish: EmergencyRead, asked: Asked) -> EmergencyChart:
    """Read the health of a pet that is no patient of the clinic, and keep who did and why.

    The transaction must be committed before anybody is shown the answer: what is rolled back is not
    kept. The pet's owners find it with ``list_emergency_accesses``.

    Raises:
        NotFound: there is no such clinic or pet.
        PermissionDenied: whoever asks is no veterinarian there.
    """
    asked.require_at(wish.clinic_id)
    if await session.get(Clinic, wish.clinic_id) is None:
        raise NotFound(entity=Clinic, key=wish.clinic_id)
    by = Pet.microchip == wish.microchip if wish.pet_id is None else Pet.id == wish.pet_id
    pet = await session.scalar(select(Pet).where(by))
    if pet is None:
        raise NotFound(entity=Pet, key=wish.pet_id or wish.microchip)
    look = EmergencyAccess(
        pet_id=pet.id,
        clinic_id=wish.clinic_id,
        user_id=None if asked.actor is None else asked.actor.user_id,
        reason=wish.reason,
    )
    session.add(look)
    await session.flush()
    return EmergencyChart(
        access=EmergencyAccessResponse.model_validate(look),
        pet=PetStaffResponse.model_validate(pet),
        owners=tuple(UserContact.model_validate(person) for person in await _owners(session, pet)),
        records=tuple(
            MedicalRecordResponse.model_validate(record)
            for record in await _records(session, pet.id)
        ),
    )


async def _owners(session: ReadSession, pet: Pet) -> list[User]:
    together = select(PetCoOwner.user_id).where(PetCoOwner.pet_id == pet.id)
    people = await session.scalars(
        select(User).where((User.id == pet.owner_id) | User.id.in_(together)).order_by(User.id)
    )
    return sorted(people, key=lambda person: person.id != pet.owner_id)


async def _records(session: ReadSession, pet_id: UUID) -> list[MedicalRecord]:
    query = (
        select(MedicalRecord)
        .where(MedicalRecord.pet_id == pet_id, MedicalRecord.signed_at.is_not(None))
        .order_by(MedicalRecord.visited_at.desc(), MedicalRecord.id.desc())
        .limit(_LAST)
    )
    return list(await session.scalars(query))


@reading(permission=Permission.EMERGENCY_LIST, entity=EmergencyAccess)
async def get_emergency_access(
    _session: ReadSession, wanted: ById, asked: Asked
) -> EmergencyAccess:
    """Return what is kept of a look at a pet's health in an emergency."""
    row, _ = await asked.take(EmergencyAccess, wanted.id, lock=False)
    return row


@reading(permission=Permission.EMERGENCY_LIST, entity=EmergencyAccess)
async def list_emergency_accesses(
    session: ReadSession, wanted: EmergencyAccessQuery, asked: Asked
) -> Page[EmergencyAccess]:
    """Return who has read the health of pets in an emergency, the latest first.

    Owners see it of their pets, managers of their clinic.
    """
    row = EmergencyAccess
    query = narrowed(
        asked.seen(select(row), row),
        (row.pet_id, wanted.pet_id),
        (row.clinic_id, wanted.clinic_id),
    )
    latest = [row.created_at.desc(), row.id.desc()]
    return await page(session, query, order_by=latest, limit=wanted.limit, after=wanted.after)
