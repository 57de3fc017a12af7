"""Invitations: what one is asked, and what one answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from clinic_service.dependencies import IfMatch, Key, Reading, Writing, command, tagged
from vetcore import operations
from vetcore.schemas import (
    ById,
    InvitationAccept,
    InvitationQuery,
    InvitationResponse,
    InvitationSummary,
)
from vetcore.schemas.paging import Page

router = APIRouter(prefix="/invitations", tags=["invitations"])


class Answer(BaseModel):
    """What comes with a yes."""

    pet_ids: tuple[UUID, ...] = ()
    keep_clinics: bool = True


@router.get("")
async def list_invitations(
    wanted: Annotated[InvitationQuery, Query()], session: Reading
) -> Page[InvitationSummary]:
    """The invitations to oneself, and those that one may take back."""
    return Page[InvitationSummary].of(await operations.list_invitations(session, wanted))


@router.post("/{invitation_id}/accept")
async def accept_invitation(  # noqa: PLR0913, PLR0917
    invitation_id: UUID,
    answer: Answer,
    session: Writing,
    version: IfMatch,
    response: Response,
    key: Key = None,
) -> InvitationResponse:
    """Say yes: the relation counts from now on."""
    act = command(InvitationAccept, answer, id=invitation_id, version=version)
    accepted = await operations.accept_invitation(session, act, key=key)
    return tagged(response, InvitationResponse, accepted)


@router.post("/{invitation_id}/decline")
async def decline_invitation(
    invitation_id: UUID, session: Writing, version: IfMatch, response: Response
) -> InvitationResponse:
    """Say no."""
    act = ById(id=invitation_id, version=version)
    return tagged(response, InvitationResponse, await operations.decline_invitation(session, act))
