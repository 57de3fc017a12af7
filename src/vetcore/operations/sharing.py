"""Operations on who owns a pet: to transfer it, share it and stop sharing it."""

from uuid import UUID

from sqlalchemy import delete, select

from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.errors import InvalidValue
from vetcore.models import Invitation, Pet, PetCoOwner, User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.invitations import invite
from vetcore.schemas import ById, PetShare, PetTransfer, PetUnshare
from vetcore.values.capacity import Capacity
from vetcore.values.relations import InvitationKind

__all__ = ["list_co_owners", "share_pet", "transfer_pet", "unshare_pet"]


@operation(
    permission=Permission.PET_TRANSFER,
    entity=Invitation,
    versioned=True,
    keyed=True,
    unrelated=True,
)
async def transfer_pet(session: Session, act: PetTransfer, asked: Asked) -> Invitation:
    """Offer a pet to a new owner; it is theirs once they have accepted.

    An owner gives their pet away, and a clinic one that has no owner. Its appointments stand.

    Raises:
        NotFound: there is no such pet, or none that they may see; or there is no such account.
        PermissionDenied: the pet has an owner, and it is not they who ask.
        ConcurrentUpdate: the pet is no longer at the version that the command names.
        InvalidValue: it is the person's already.
    """
    pet, by = await asked.take(Pet, act.id)
    theirs = asked.actor is not None and pet.owner_id == asked.actor.user_id
    if not (theirs or asked.is_admin or (by is Capacity.STAFF and pet.owner_id is None)):
        raise asked.denied(on=f"Pet {pet.id}")
    _require_another(pet, act.owner_id, "owner_id")
    return await invite(
        asked,
        session,
        InvitationKind.OWNER,
        pet_id=pet.id,
        clinic_id=pet.primary_clinic_id if by is Capacity.STAFF else None,
        user_id=act.owner_id,
        email=act.email,
        keeps_co_owners=act.keep_co_owners,
    )


def _require_another(pet: Pet, user_id: UUID | None, field: str) -> None:
    if user_id is not None and pet.owner_id == user_id:
        raise InvalidValue(
            field=field, rule="is the owner's", expected="somebody else's", value=user_id
        )


@operation(permission=Permission.PET_SHARE, entity=Invitation, versioned=True, keyed=True)
async def share_pet(session: Session, act: PetShare, asked: Asked) -> Invitation:
    """Ask somebody to look after a pet together with its owner, with the same rights.

    They do so once they have accepted. The answer is the same whether there is such an account or
    not.

    Raises:
        NotFound: there is no such pet, or none that they may see; or there is no such account.
        InvalidValue: the person is the pet's owner.
    """
    pet, _ = await asked.take(Pet, act.id)
    _require_another(pet, act.user_id, "user_id")
    return await invite(
        asked,
        session,
        InvitationKind.CO_OWNER,
        pet_id=pet.id,
        user_id=act.user_id,
        email=act.email,
    )


@operation(permission=Permission.PET_SHARE, entity=Pet, versioned=True, keyed=True)
async def unshare_pet(session: Session, act: PetUnshare, asked: Asked) -> Pet:
    """Let somebody look after a pet no longer; a co-owner may name themselves.

    Nothing changes if the person is no co-owner.
    """
    pet, _ = await asked.take(Pet, act.id)
    await session.execute(
        delete(PetCoOwner).where(PetCoOwner.pet_id == pet.id, PetCoOwner.user_id == act.user_id)
    )
    return pet


@reading(permission=Permission.PET_READ, entity=Pet)
async def list_co_owners(session: ReadSession, wanted: ById, asked: Asked) -> list[User]:
    """Return who looks after a pet together with its owner, by name.

    Who cares for it at a clinic sees those of them who are its clients.
    """
    pet, by = await asked.take(Pet, wanted.id, lock=False)
    query = (
        select(User)
        .join(PetCoOwner, PetCoOwner.user_id == User.id)
        .where(PetCoOwner.pet_id == pet.id)
        .order_by(User.last_name, User.first_name, User.id)
    )
    if by is Capacity.STAFF:
        query = query.where(asked.sees(User, Permission.USER_READ))
    return list(await session.scalars(query))
