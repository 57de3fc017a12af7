"""A pet's appointments, to subscribe to from a calendar.

Calendar programs cannot sign in, so a feed's address is its key: it is signed, and gives away no
more than when and where. A new secret makes every old address void.
"""

import hmac
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response

from clinic_service.dependencies import App, Reading
from vetcore import Acting, clock, operations
from vetcore.errors import ConfigurationError, NotFound
from vetcore.schemas import ById, CalendarQuery

router = APIRouter(tags=["calendars"])

PAST, FUTURE = timedelta(days=90), timedelta(days=366)


@router.get("/pets/{pet_id}/calendar")
async def calendar_address(
    pet_id: UUID, request: Request, app: App, session: Reading
) -> dict[str, str]:
    """Where the pet's feed is."""
    pet = await operations.get_pet(session, ById(id=pet_id))
    url = request.url_for("pet_calendar", pet_id=pet.id, signature=_signature(app, pet.id))
    return {"url": str(url)}


@router.get("/calendars/{pet_id}/{signature}.ics")
async def pet_calendar(pet_id: UUID, signature: str, request: Request, app: App) -> Response:
    """The feed, for whoever knows its address."""
    if not hmac.compare_digest(_signature(app, pet_id).encode(), signature.encode()):
        raise NotFound(entity="calendar", key=pet_id)
    now = clock.now()
    wanted = CalendarQuery(pet_id=pet_id, start=now - PAST, end=now + FUTURE)
    # Nobody has signed in: whoever was given the address is shown what it stands for.
    by_address = Acting(via="api", request=request.state.request_id)
    async with app.db.session(by_address) as session:
        feed = await operations.read_calendar(session, wanted)
    return Response(feed, media_type="text/calendar; charset=utf-8")


def _signature(app: App, pet_id: UUID) -> str:
    secret = app.own.calendar_secret.get_secret_value()
    if not secret:
        message = "Calendar feeds need CLINIC_CALENDAR_SECRET"
        raise ConfigurationError(message, setting="CLINIC_CALENDAR_SECRET")
    return hmac.digest(secret.encode(), b"calendar:" + pet_id.bytes, "sha256").hex()
