"""Pets: what an actor may see of them, and change."""

from uuid import UUID

from fastapi import APIRouter, Response, status

from clinic_service.dependencies import CurrentActor, IfMatch, Reading, Writing, tag
from clinic_service.pages import PageQuery
from vetcore.access import Permission, fetch, require, visible
from vetcore.database.listing import select_for
from vetcore.database.paging import read_page
from vetcore.models import Pet
from vetcore.schemas import PetCreate, PetResponse, PetSummary, PetUpdate
from vetcore.schemas.paging import Page

router = APIRouter(prefix="/pets", tags=["pets"])


@router.get("")
async def list_pets(page: PageQuery, session: Reading, actor: CurrentActor) -> Page[PetSummary]:
    """The pets that the actor may see, by name."""
    query = select_for(Pet, PetSummary).where(visible(Pet, actor))
    found = await read_page(session, PetSummary, query, order_by=[Pet.name], **dict(page))
    return Page[PetSummary].of(found)


@router.post("", status_code=status.HTTP_201_CREATED)
async def register_pet(
    given: PetCreate, session: Writing, actor: CurrentActor, response: Response
) -> PetResponse:
    """Register a pet: one's own, or a patient of the clinic that one works for."""
    pet = given.make(Pet)
    if not actor.posts:
        pet.owner_id = pet.owner_id or actor.user_id
    session.add(pet)
    await session.flush()
    # Whose it is, is known once it is there; refused, it never was.
    await require(session, actor, Permission.PET_WRITE, pet)
    tag(response, pet)
    return PetResponse.model_validate(pet)


@router.get("/{pet_id}")
async def read_pet(
    pet_id: UUID, session: Reading, actor: CurrentActor, response: Response
) -> PetResponse:
    """One pet, health included."""
    pet = await fetch(session, actor, Pet, pet_id)
    tag(response, pet)
    return PetResponse.model_validate(pet)


@router.patch("/{pet_id}")
async def change_pet(  # noqa: PLR0913, PLR0917
    pet_id: UUID,
    change: PetUpdate,
    session: Writing,
    actor: CurrentActor,
    if_match: IfMatch,
    response: Response,
) -> PetResponse:
    """Change what is named, and leave the rest; null clears."""
    pet = await fetch(session, actor, Pet, pet_id, Permission.PET_WRITE, lock=True)
    if_match.hold(pet)
    if change.changes().get("owner_id", pet.owner_id) != pet.owner_id:
        await require(session, actor, Permission.PET_TRANSFER, pet)
    change.apply_to(pet)
    await session.flush()
    tag(response, pet)
    return PetResponse.model_validate(pet)


@router.delete("/{pet_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_pet(
    pet_id: UUID, session: Writing, actor: CurrentActor, if_match: IfMatch
) -> None:
    """Mark a pet as deleted; its history stays."""
    pet = await fetch(session, actor, Pet, pet_id, Permission.PET_WRITE, lock=True)
    if_match.hold(pet)
    pet.soft_delete()
