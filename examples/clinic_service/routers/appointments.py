"""Appointments: book, look at, move and cancel. Each route is a command, an operation, an answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel

from clinic_service.dependencies import (
    ATTEMPTS,
    App,
    IfMatch,
    Key,
    NewKey,
    Reading,
    SignedIn,
    Writing,
    command,
    tagged,
)
from vetcore import operations
from vetcore.schemas import (
    AppointmentCancel,
    AppointmentCreate,
    AppointmentMove,
    AppointmentQuery,
    AppointmentResponse,
    AppointmentSummary,
    ById,
)
from vetcore.schemas.paging import Page
from vetcore.values.dates import Instant

router = APIRouter(prefix="/appointments", tags=["booking"])


class Cancellation(BaseModel):
    """Why it is cancelled."""

    reason: str | None = None


class Move(BaseModel):
    """When it is to be instead, and with whom if not with the same person."""

    starts_at: Instant
    practitioner_id: UUID | None = None


@router.get("")
async def list_appointments(
    wanted: Annotated[AppointmentQuery, Query()], session: Reading
) -> Page[AppointmentSummary]:
    """The appointments that one may see, the latest first."""
    found = await operations.list_appointments(session, wanted)
    return Page[AppointmentSummary].of(found)


@router.post("", status_code=status.HTTP_201_CREATED)
async def book_appointment(
    wish: AppointmentCreate, key: NewKey, app: App, acting: SignedIn, response: Response
) -> AppointmentResponse:
    """Book; with the same ``Idempotency-Key``, the answer is what was booked before."""
    booked = await app.db.run(
        lambda session: operations.book_appointment(session, wish, key=key),
        acting,
        attempts=ATTEMPTS,
        idempotent=True,
    )
    return tagged(response, AppointmentResponse, booked)


@router.get("/{appointment_id}")
async def read_appointment(
    appointment_id: UUID, session: Reading, response: Response
) -> AppointmentResponse:
    """One appointment."""
    found = await operations.get_appointment(session, ById(id=appointment_id))
    return tagged(response, AppointmentResponse, found)


@router.post("/{appointment_id}/cancellation")
async def cancel_appointment(  # noqa: PLR0913, PLR0917
    appointment_id: UUID,
    cancellation: Cancellation,
    session: Writing,
    version: IfMatch,
    response: Response,
    key: Key = None,
) -> AppointmentResponse:
    """Cancel; the clinic's notice binds owners only."""
    wish = command(AppointmentCancel, cancellation, id=appointment_id, version=version)
    cancelled = await operations.cancel_appointment(session, wish, key=key)
    return tagged(response, AppointmentResponse, cancelled)


@router.post("/{appointment_id}/move")
async def move_appointment(  # noqa: PLR0913, PLR0917
    appointment_id: UUID,
    move: Move,
    session: Writing,
    version: IfMatch,
    response: Response,
    key: Key = None,
) -> AppointmentResponse:
    """Move to another time; it keeps its old one where the new one is taken."""
    wish = command(AppointmentMove, move, id=appointment_id, version=version)
    moved = await operations.move_appointment(session, wish, key=key)
    return tagged(response, AppointmentResponse, moved)
