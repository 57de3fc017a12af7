"""Pets: what one may see of them, and change. Each route is a command, an operation, an answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel

from clinic_service.dependencies import (
    IfMatch,
    Key,
    Reading,
    Writing,
    answer,
    command,
    tagged,
)
from vetcore import operations
from vetcore.schemas import (
    ById,
    InvitationResponse,
    PetAdminResponse,
    PetCreate,
    PetQuery,
    PetReceptionResponse,
    PetResponse,
    PetStaffResponse,
    PetSummary,
    PetTransfer,
    PetUpdate,
)
from vetcore.schemas.paging import Page

router = APIRouter(prefix="/pets", tags=["pets"])

AnyPet = PetAdminResponse | PetStaffResponse | PetResponse | PetReceptionResponse
"""A pet, as whoever asks may see it: reception has no part in its health."""


class Transfer(BaseModel):
    """To whom it is offered."""

    owner_id: UUID | None = None
    email: str | None = None


@router.get("")
async def list_pets(wanted: Annotated[PetQuery, Query()], session: Reading) -> Page[PetSummary]:
    """The pets that one may see, by name."""
    found = await operations.list_pets(session, wanted)
    return Page[PetSummary].of(found)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_pet(
    wish: PetCreate, session: Writing, response: Response, key: Key = None
) -> AnyPet:
    """Register a pet: one's own, or a patient of the clinic that one works for."""
    pet = await operations.create_pet(session, wish, key=key)
    told: AnyPet = await answer(session, response, pet)
    return told


@router.get("/{pet_id}")
async def read_pet(pet_id: UUID, session: Reading, response: Response) -> AnyPet:
    """One pet, as one may see it."""
    pet = await operations.get_pet(session, ById(id=pet_id))
    told: AnyPet = await answer(session, response, pet)
    return told


@router.patch("/{pet_id}")
async def update_pet(
    pet_id: UUID, change: PetUpdate, session: Writing, version: IfMatch, response: Response
) -> AnyPet:
    """Change what is named, and leave the rest; null clears."""
    wish = command(PetUpdate, change, id=pet_id, version=version)
    told: AnyPet = await answer(session, response, await operations.update_pet(session, wish))
    return told


@router.post("/{pet_id}/transfer")
async def transfer_pet(  # noqa: PLR0913, PLR0917
    pet_id: UUID,
    transfer: Transfer,
    session: Writing,
    version: IfMatch,
    response: Response,
    key: Key = None,
) -> InvitationResponse:
    """Offer it to a new owner, who accepts or declines."""
    wish = command(PetTransfer, transfer, id=pet_id, version=version)
    offer = await operations.transfer_pet(session, wish, key=key)
    return tagged(response, InvitationResponse, offer)


@router.delete("/{pet_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_pet(pet_id: UUID, session: Writing, version: IfMatch) -> None:
    """Mark a pet as deleted; its history stays."""
    await operations.delete_pet(session, ById(id=pet_id, version=version))
