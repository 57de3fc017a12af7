"""Appointments: book, look at, move and cancel."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response, status
from pydantic import AwareDatetime, BaseModel, Field

from clinic_service.dependencies import ATTEMPTS, App, CurrentActor, IfMatch, Reading, Writing, tag
from clinic_service.pages import PageQuery
from vetcore.access import Permission, fetch, has_permission, require, visible
from vetcore.database import Acting, Session
from vetcore.database.listing import select_for
from vetcore.database.paging import read_page
from vetcore.models import Appointment, Pet
from vetcore.scheduling import book, cancel, reschedule
from vetcore.schemas import (
    AppointmentCreate,
    AppointmentOwnerCreate,
    AppointmentResponse,
    AppointmentSummary,
)
from vetcore.schemas.paging import Page

router = APIRouter(prefix="/appointments", tags=["booking"])

IdempotencyKey = Annotated[str, Header(min_length=1, max_length=60)]
"""New for each intent: sent twice with one key, an appointment is booked once."""


class Cancellation(BaseModel):
    """Why it is cancelled."""

    reason: Annotated[str, Field(max_length=1000)] | None = None


class Move(BaseModel):
    """When it is to be instead, and with whom if not with the same veterinarian."""

    starts_at: AwareDatetime
    veterinarian_id: UUID | None = None


@router.get("")
async def list_appointments(
    page: PageQuery, session: Reading, actor: CurrentActor
) -> Page[AppointmentSummary]:
    """The appointments that the actor may see, the latest first."""
    query = select_for(Appointment, AppointmentSummary).where(visible(Appointment, actor))
    latest_first = [Appointment.starts_at.desc()]
    found = await read_page(session, AppointmentSummary, query, order_by=latest_first, **dict(page))
    return Page[AppointmentSummary].of(found)


@router.post("", status_code=status.HTTP_201_CREATED)
async def book_appointment(
    wish: AppointmentOwnerCreate,
    idempotency_key: IdempotencyKey,
    app: App,
    actor: CurrentActor,
    response: Response,
) -> AppointmentResponse:
    """Book; with the same ``Idempotency-Key``, the answer is what was booked before."""
    # A key is its sender's: nobody can ask for what another has booked by guessing theirs.
    key = {"idempotency_key": f"{actor.user_id}:{idempotency_key}"}
    # The class of the request says who asks: some services are booked by the clinic's staff only.
    staff = has_permission(actor, Permission.APPOINTMENT_RUN, wish.clinic_id)
    kind = AppointmentCreate if staff else AppointmentOwnerCreate
    request = kind.model_validate(wish.model_dump() | key)

    async def work(session: Session) -> Appointment:
        await fetch(session, actor, Pet, request.pet_id)
        appointment = await book(session, request)
        # Where it is, is known once it is there; refused, it never was.
        await require(session, actor, Permission.APPOINTMENT_BOOK, appointment)
        return appointment

    appointment = await app.db.run(work, Acting(actor.user_id), attempts=ATTEMPTS, idempotent=True)
    tag(response, appointment)
    return AppointmentResponse.model_validate(appointment)


@router.get("/{appointment_id}")
async def read_appointment(
    appointment_id: UUID, session: Reading, actor: CurrentActor, response: Response
) -> AppointmentResponse:
    """One appointment."""
    appointment = await fetch(session, actor, Appointment, appointment_id)
    tag(response, appointment)
    return AppointmentResponse.model_validate(appointment)


@router.post("/{appointment_id}/cancellation")
async def cancel_appointment(  # noqa: PLR0913, PLR0917
    appointment_id: UUID,
    cancellation: Cancellation,
    session: Writing,
    actor: CurrentActor,
    if_match: IfMatch,
    response: Response,
) -> AppointmentResponse:
    """Cancel; the clinic's notice binds owners only."""
    appointment = await fetch(
        session, actor, Appointment, appointment_id, Permission.APPOINTMENT_CANCEL, lock=True
    )
    if_match.hold(appointment)
    staff = has_permission(actor, Permission.APPOINTMENT_RUN, appointment.clinic_id)
    await cancel(session, appointment.id, reason=cancellation.reason, by_staff=staff)
    tag(response, appointment)
    return AppointmentResponse.model_validate(appointment)


@router.post("/{appointment_id}/move")
async def move_appointment(  # noqa: PLR0913, PLR0917
    appointment_id: UUID,
    move: Move,
    session: Writing,
    actor: CurrentActor,
    if_match: IfMatch,
    response: Response,
) -> AppointmentResponse:
    """Move to another time; it keeps its old one where the new one is taken."""
    appointment = await fetch(
        session, actor, Appointment, appointment_id, Permission.APPOINTMENT_RESCHEDULE, lock=True
    )
    if_match.hold(appointment)
    await reschedule(
        session,
        appointment.id,
        starts_at=move.starts_at,
        veterinarian_id=move.veterinarian_id,
    )
    tag(response, appointment)
    return AppointmentResponse.model_validate(appointment)
