"""Operations on pets: to register, change, retire, delete and find them."""

from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from vetcore import directory, medical, scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.directory import Found
from vetcore.errors import AlreadyExists, InvalidTransition, InvalidValue, NotFound
from vetcore.models import Clinic, Pet, PetCoOwner, StaffMembership, User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import has_id_like, narrowed, of_ids
from vetcore.operations.naming import named
from vetcore.operations.outcomes import Retired, retired
from vetcore.operations.patients import registered
from vetcore.operations.people import is_claimed, known_person
from vetcore.schemas import ById, PetCreate, PetQuery, PetRetire, PetSearch, PetUpdate
from vetcore.values.animals import PetStatus
from vetcore.values.capacity import Capacity
from vetcore.values.relations import PatientOrigin
from vetcore.values.walltime import zone_named

__all__ = [
    "create_pet",
    "delete_pet",
    "get_pet",
    "list_pets",
    "restore_pet",
    "retire_pet",
    "search_pets",
    "update_pet",
]

_SAID: Final = {
    PetStatus.DECEASED: "The pet has died",
    PetStatus.LOST: "The pet is missing",
    PetStatus.REHOMED: "The pet was given away",
}
_HEALTH: Final = frozenset({"insurance", "notes"})
"""What whoever may not read a pet's health may not overwrite either."""
_DATES: Final = frozenset({"born_on", "primary_clinic_id", "species", "status"})
"""What the date of the next vaccination follows from."""


@operation(permission=Permission.PET_WRITE, entity=Pet, keyed=True, errors=(AlreadyExists,))
async def create_pet(session: Session, wish: PetCreate, asked: Asked) -> Pet:
    """Register a pet: one's own, or a patient of the clinic at which one works.

    An owner need not name themselves. Somebody with a membership names the clinic, and an owner
    whom they may see already or whose account they have opened; the owner may be left out.

    Raises:
        AlreadyExists: another pet has its microchip or its licence.
        InvalidValue: somebody who works at clinics names neither a clinic nor themselves.
    """
    me = None if asked.actor is None else asked.actor.user_id
    owner_id = wish.owner_id or (None if asked.is_at_work else me)
    mine = me is not None and owner_id == me
    if wish.primary_clinic_id is not None:
        asked.require_at(wish.primary_clinic_id, owner=mine)
    elif mine:
        asked.require_own()
    elif asked.actor is None or asked.actor.is_admin or not asked.is_at_work:
        asked.require_system()
    else:
        raise InvalidValue(
            field="primary_clinic_id", rule="is missing", expected="the clinic whose patient it is"
        )
    opened = False
    if owner_id is not None and not mine:
        person = await known_person(asked, session, owner_id)
        opened = await _has_opened(asked, session, person, wish.primary_clinic_id)
    pet = await asked.create(Pet, wish, owner_id=owner_id)
    if wish.primary_clinic_id is not None:
        agreed = mine or (asked.actor is None and owner_id is not None)
        await registered(
            session,
            pet.id,
            wish.primary_clinic_id,
            PatientOrigin.OWNER if agreed else PatientOrigin.CLINIC,
            agreed_by=owner_id if mine else None,
            counts_for_owner=agreed or opened,
        )
    return pet


async def _has_opened(
    asked: Asked, session: ReadSession, person: User, clinic_id: UUID | None
) -> bool:
    """Return whether whoever acts opened an account at a clinic that nobody has claimed yet.

    What one clinic has opened is not another's because somebody works at both by now.
    """
    if asked.actor is None or person.created_by_id != asked.actor.user_id:
        return False
    if await is_claimed(session, person):
        return False
    held = select(StaffMembership.starts_on, StaffMembership.ends_on, Clinic.timezone).where(
        StaffMembership.user_id == asked.actor.user_id,
        StaffMembership.clinic_id == clinic_id,
        Clinic.id == StaffMembership.clinic_id,
    )
    for starts_on, ends_on, zone in await session.execute(held):
        day = person.created_at.astimezone(zone_named(zone)).date()
        if starts_on <= day and (ends_on is None or day <= ends_on):
            return True
    return False


@operation(
    permission=Permission.PET_WRITE,
    entity=Pet,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def update_pet(session: Session, change: PetUpdate, asked: Asked) -> Pet:
    """Change what is known of a pet, but neither its owner nor what became of it.

    A pet that was missing, or was retired by mistake, is made active again here.

    Raises:
        AlreadyExists: another pet has that microchip or licence.
        InvalidValue: the change names another owner or retires the pet, or with the row it
            breaks a rule.
        PermissionDenied: the change is one of insurance or notes, and the actor has no part in the
            pet's health.
    """
    pet, by = await asked.take(Pet, named(change))
    _require_no_other_act(pet, change)
    if change.changes().keys() & _HEALTH:
        await asked.require_on(pet, Permission.HEALTH_WRITE)
    changed = change.apply_to(pet)
    await session.flush()
    if "primary_clinic_id" in changed and pet.primary_clinic_id is not None:
        await _register(session, asked, pet, pet.primary_clinic_id, by)
    if changed & _DATES and (pet.vaccinations or pet.next_vaccination_due_on):
        await medical.refresh_due_date(session, pet.id)
    return pet


async def _register(
    session: Session, asked: Asked, pet: Pet, clinic_id: UUID, by: Capacity
) -> None:
    """Register the pet where its owner wishes; its clinic's staff may name their own clinic."""
    if by is Capacity.STAFF:
        asked.require_at(clinic_id)
        return
    me = None if asked.actor is None else asked.actor.user_id
    await registered(session, pet.id, clinic_id, PatientOrigin.OWNER, agreed_by=me)


def _require_no_other_act(pet: Pet, change: PetUpdate) -> None:
    given = change.changes()
    if given.get("owner_id", pet.owner_id) != pet.owner_id:
        raise InvalidValue(
            field="owner_id",
            rule="is not changed by an update",
            expected="the owner that it has; transfer_pet gives a pet to somebody else",
        )
    if given.get("status", pet.status) not in {pet.status, PetStatus.ACTIVE}:
        raise InvalidValue(
            field="status",
            rule="is not changed so by an update",
            expected=f"{PetStatus.ACTIVE}; retire_pet notes that a pet died, is missing or was given"
            " away",
        )


@operation(permission=Permission.PET_RETIRE, entity=Pet, versioned=True)
async def retire_pet(session: Session, act: PetRetire, asked: Asked) -> Retired[Pet]:
    """Note that a pet has died, is missing or was given away. Its appointments to come end with it.

    To say the same again changes nothing, but for a day of death that was not known before.

    Raises:
        InvalidValue: the day lies before its birth or is still to come.
    """
    pet, _ = await asked.take(Pet, act.id)
    died_on = act.on or pet.died_on if act.status is PetStatus.DECEASED else None
    PetUpdate(status=act.status, died_on=died_on).apply_to(pet)
    said = _SAID[act.status] if act.on is None else f"{_SAID[act.status]} ({act.on.isoformat()})"
    return await _ended(session, pet, said)


async def _ended(session: Session, pet: Pet, said: str) -> Retired[Pet]:
    ended = await scheduling.withdraw(session, pet_id=pet.id, reason=said)
    dropped = await medical.drop_reminders(session, pet.id)
    return retired(pet, ended, reminders=dropped)


@operation(permission=Permission.PET_DELETE, entity=Pet, versioned=True)
async def delete_pet(session: Session, act: ById, asked: Asked) -> Retired[Pet]:
    """Delete a pet that should not be there; its history stays, and it can be restored.

    Raises:
        PermissionDenied: the pet has an owner, and it is not they who ask.
    """
    pet, by = await asked.take(Pet, act.id)
    _require_unowned(asked, pet, by)
    pet.soft_delete()
    return await _ended(session, pet, "The pet was deleted")


def _require_unowned(asked: Asked, pet: Pet, by: Capacity) -> None:
    if by is Capacity.STAFF and pet.owner_id is not None and not asked.is_admin:
        raise asked.denied(on=f"Pet {pet.id}")


@operation(
    permission=Permission.PET_DELETE,
    entity=Pet,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists, InvalidTransition),
)
async def restore_pet(session: Session, act: ById, asked: Asked) -> Pet:
    """Restore a deleted pet. Appointments that were cancelled with it stay cancelled.

    Raises:
        AlreadyExists: another pet has its microchip or its licence by now.
        InvalidTransition: the pet was merged into another row, and is that animal.
    """
    pet, by = await asked.take(Pet, act.id, deleted=True)
    _require_unowned(asked, pet, by)
    if pet.merged_into_id is not None:
        raise InvalidTransition(
            entity="Pet",
            current=f"merged into {pet.merged_into_id}",
            requested="restored",
            allowed=(),
        )
    pet.restore()
    await session.flush()
    return pet


@reading(permission=Permission.PET_READ, entity=Pet)
async def get_pet(session: ReadSession, wanted: ById, asked: Asked) -> Pet:
    """Return a pet. For a row that was merged, it is the row that stays."""
    key, seen = wanted.id, set[UUID]()
    while key not in seen:
        seen.add(key)
        try:
            pet, _ = await asked.take(Pet, key, lock=False)
        except NotFound:
            merged = select(Pet.merged_into_id).where(Pet.id == key)
            found = await session.scalar(merged, execution_options={"include_deleted": True})
            if found is None:
                raise
            key = found
        else:
            return pet
    raise NotFound(entity=Pet, key=wanted.id)


@reading(permission=Permission.PET_READ, entity=Pet)
async def list_pets(session: ReadSession, wanted: PetQuery, asked: Asked) -> Page[Pet]:
    """Return the pets that the actor may see, by name."""
    query = narrowed(
        asked.seen(select(Pet), Pet),
        (Pet.primary_clinic_id, wanted.primary_clinic_id),
        (Pet.species, wanted.species),
        (Pet.status, wanted.status),
    )
    query = of_ids(query, Pet.id, wanted.ids)
    if wanted.id_part is not None:
        query = query.where(has_id_like(Pet.id, wanted.id_part))
    if wanted.owner_id is not None:
        shared = select(PetCoOwner.pet_id).where(PetCoOwner.user_id == wanted.owner_id)
        query = query.where(or_(Pet.owner_id == wanted.owner_id, Pet.id.in_(shared)))
    by_name = [Pet.name, Pet.id]
    return await page(session, query, order_by=by_name, limit=wanted.limit, after=wanted.after)


@reading(permission=Permission.PET_READ, entity=Pet)
async def search_pets(session: ReadSession, wanted: PetSearch, asked: Asked) -> Page[Found[Pet]]:
    """Return the pets that the actor may see, by what somebody remembers of them or of owners.

    Only owners whom they may see, too, lead to their pets.
    """
    return await directory.search_pets(
        session,
        wanted.text,
        clinic_id=wanted.clinic_id,
        owner_id=wanted.owner_id,
        species=wanted.species,
        where=[asked.sees(Pet)],
        owner_where=[asked.sees(User, Permission.USER_READ)],
        limit=wanted.limit,
        after=wanted.after,
    )
