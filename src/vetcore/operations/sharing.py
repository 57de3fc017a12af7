"""Operations on who owns a pet: to transfer it, share it and stop sharing it."""

from sqlalchemy import delete, select

from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Pet, PetCoOwner, User
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.people import account_of, known_person
from vetcore.schemas import ById, PetShare, PetTransfer
from vetcore.values.people import UserStatus

__all__ = ["list_co_owners", "share_pet", "transfer_pet", "unshare_pet"]


@operation(permission=Permission.PET_TRANSFER, entity=Pet, versioned=True, keyed=True)
async def transfer_pet(session: Session, act: PetTransfer, asked: Asked) -> Pet:
    """Give a pet to another owner. Its co-owners are co-owners no longer.

    Its appointments stay. The new owner is a person whom the actor may see, or whose account they
    have opened.

    Raises:
        NotFound: there is no such pet or person, or none that they may see.
    """
    pet, _ = await asked.take(Pet, act.id)
    if pet.owner_id == act.owner_id:
        return pet
    owner = await known_person(asked, session, act.owner_id)
    pet.owner_id = owner.id
    gone = delete(PetCoOwner).where(PetCoOwner.pet_id == pet.id)
    if act.keep_co_owners:
        gone = gone.where(PetCoOwner.user_id == owner.id)
    await session.execute(gone)
    await session.flush()
    return pet


@operation(permission=Permission.PET_SHARE, entity=Pet, versioned=True, keyed=True)
async def share_pet(session: Session, act: PetShare, asked: Asked) -> Pet:
    """Let somebody look after a pet together with its owner, with the same rights.

    To share it again with the same person changes nothing.

    Raises:
        NotFound: there is no such account, or it is not in use.
        InvalidValue: the person is the pet's owner.
    """
    pet, _ = await asked.take(Pet, act.id)
    if pet.owner_id == act.user_id:
        raise InvalidValue(
            field="user_id", rule="is the owner's", expected="somebody else's", value=act.user_id
        )
    person = await account_of(session, act.user_id)
    if person.status is not UserStatus.ACTIVE:
        raise NotFound(entity=User, key=act.user_id)
    key = {"pet_id": pet.id, "user_id": person.id}
    if await session.get(PetCoOwner, key) is None:
        session.add(PetCoOwner(**key))
        await session.flush()
    return pet


@operation(permission=Permission.PET_SHARE, entity=Pet, versioned=True, keyed=True)
async def unshare_pet(session: Session, act: PetShare, asked: Asked) -> Pet:
    """Remove a pet's co-owner. Co-owners may remove themselves.

    Nothing changes if the person is no co-owner.
    """
    pet, _ = await asked.take(Pet, act.id)
    await session.execute(
        delete(PetCoOwner).where(PetCoOwner.pet_id == pet.id, PetCoOwner.user_id == act.user_id)
    )
    return pet


@reading(permission=Permission.PET_READ, entity=Pet)
async def list_co_owners(session: ReadSession, wanted: ById, asked: Asked) -> list[User]:
    """Return who looks after a pet together with its owner, by name."""
    pet, _ = await asked.take(Pet, wanted.id, lock=False)
    query = (
        select(User)
        .join(PetCoOwner, PetCoOwner.user_id == User.id)
        .where(PetCoOwner.pet_id == pet.id)
        .order_by(User.last_name, User.first_name, User.id)
    )
    return list(await session.scalars(query))
