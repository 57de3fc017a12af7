"""Operations on veterinarians: to enter, change, delete and find them."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from vetcore import directory, scheduling
from vetcore.access import Permission, load_actor
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.directory import Found
from vetcore.errors import AlreadyExists
from vetcore.models import StaffMembership, User, Veterinarian
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.outcomes import Retired, retired
from vetcore.schemas import (
    ById,
    VeterinarianCreate,
    VeterinarianQuery,
    VeterinarianSearch,
    VeterinarianUpdate,
)
from vetcore.values.capacity import Capacity

__all__ = [
    "create_veterinarian",
    "delete_veterinarian",
    "get_veterinarian",
    "list_veterinarians",
    "restore_veterinarian",
    "search_veterinarians",
    "update_veterinarian",
]

_VOUCHED_FOR: Final = {
    "license_number": Permission.VETERINARIAN_ADMINISTER,
    "license_jurisdiction": Permission.VETERINARIAN_ADMINISTER,
    "license_status": Permission.VETERINARIAN_ADMINISTER,
    "license_expires_on": Permission.VETERINARIAN_ADMINISTER,
    "dea_number": Permission.VETERINARIAN_ADMINISTER,
    "credentials": Permission.VETERINARIAN_ADMINISTER,
}
"""Who holds a licence, and who employs them, does not vouch for it."""


@operation(
    permission=Permission.VETERINARIAN_WRITE,
    also={"license_status": Permission.VETERINARIAN_ADMINISTER},
    entity=Veterinarian,
    keyed=True,
    errors=(AlreadyExists,),
)
async def create_veterinarian(
    session: Session, wish: VeterinarianCreate, asked: Asked
) -> Veterinarian:
    """Enter a veterinarian: oneself, or a person of the clinic that one manages.

    The licence is pending until an administrator has seen it; until then nobody books with them.

    Raises:
        AlreadyExists: the person is a veterinarian already, or another one has that licence.
        NotFound: there is no such account, or none that they may see.
        PermissionDenied: the person is a client of the clinic, and does not work there.
    """
    # There is no row yet of which to ask; whoever may write one may do so for this person.
    _, by = await asked.take(User, wish.user_id, lock=False)
    if by is Capacity.STAFF and not asked.is_admin:
        await _require_colleague(session, asked, wish.user_id)
    return await asked.create(Veterinarian, wish)


async def _require_colleague(session: Session, asked: Asked, user_id: UUID) -> None:
    """Refuse whoever manages no clinic at which the person works today.

    Raises:
        PermissionDenied: they manage none.
    """
    held = await session.scalars(
        select(StaffMembership.clinic_id).where(
            StaffMembership.user_id == user_id, asked.sees(StaffMembership, Permission.STAFF_MANAGE)
        )
    )
    person = await load_actor(session, user_id)
    works_at = {each.clinic_id for each in person.memberships}
    if works_at.isdisjoint(held):
        raise asked.denied(on=f"User {user_id}")


@operation(
    permission=Permission.VETERINARIAN_WRITE,
    also=_VOUCHED_FOR,
    entity=Veterinarian,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def update_veterinarian(
    _session: Session, change: VeterinarianUpdate, asked: Asked
) -> Veterinarian:
    """Change a veterinarian's profile or, as an administrator, what is known of the licence.

    Raises:
        AlreadyExists: another veterinarian has that licence.
    """
    return await asked.change(Veterinarian, change)


@operation(permission=Permission.VETERINARIAN_ADMINISTER, entity=Veterinarian, versioned=True)
async def delete_veterinarian(session: Session, act: ById, asked: Asked) -> Retired[Veterinarian]:
    """Delete a veterinarian. Their coming appointments at every clinic end. It can be undone."""
    vet, _ = await asked.take(Veterinarian, act.id)
    ended = await scheduling.withdraw(
        session, practitioner_id=vet.user_id, reason="The veterinarian has left"
    )
    vet.soft_delete()
    await session.flush()
    return retired(vet, ended)


@operation(
    permission=Permission.VETERINARIAN_ADMINISTER,
    entity=Veterinarian,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def restore_veterinarian(_session: Session, act: ById, asked: Asked) -> Veterinarian:
    """Restore a deleted veterinarian. Appointments that were cancelled with them stay cancelled.

    Raises:
        AlreadyExists: the person is a veterinarian anew, or another one has the licence by now.
    """
    return await asked.restore(Veterinarian, act.id)


@reading(permission=Permission.VETERINARIAN_READ, entity=Veterinarian)
async def get_veterinarian(_session: ReadSession, wanted: ById, asked: Asked) -> Veterinarian:
    """Return a veterinarian."""
    vet, _ = await asked.take(Veterinarian, wanted.id, lock=False)
    return vet


@reading(permission=Permission.VETERINARIAN_READ, entity=Veterinarian)
async def list_veterinarians(
    session: ReadSession, wanted: VeterinarianQuery, asked: Asked
) -> Page[Veterinarian]:
    """Return the veterinarians of the platform with their names, in the order of entry."""
    row = Veterinarian
    query = narrowed(
        asked.seen(select(row), row),
        (row.user_id, wanted.user_id),
        (row.accepts_new_patients, wanted.accepts_new_patients),
    )
    if wanted.clinic_id is not None:
        held = select(StaffMembership.user_id).where(StaffMembership.clinic_id == wanted.clinic_id)
        query = query.where(row.user_id.in_(held))
    query = query.options(joinedload(row.user))
    return await page(session, query, order_by=[row.id], limit=wanted.limit, after=wanted.after)


@reading(permission=Permission.VETERINARIAN_READ, entity=Veterinarian)
async def search_veterinarians(
    session: ReadSession, wanted: VeterinarianSearch, asked: Asked
) -> Page[Found[Veterinarian]]:
    """Return the veterinarians of the platform, by what somebody remembers of them."""
    return await directory.search_veterinarians(
        session,
        wanted.text,
        clinic_id=wanted.clinic_id,
        species=wanted.species,
        where=[asked.sees(Veterinarian)],
        limit=wanted.limit,
        after=wanted.after,
    )
