"""Free slots: whatever is listed can be booked at this moment."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from clinic_service.dependencies import CurrentActor, Reading
from vetcore.access import Permission, fetch, has_permission
from vetcore.models import Pet
from vetcore.scheduling import find_slots
from vetcore.values.clinics import ServiceType

router = APIRouter(prefix="/clinics/{clinic_id}/slots", tags=["booking"])


class SlotResponse(BaseModel):
    """A time at which a veterinarian can be booked."""

    start: datetime
    end: datetime
    veterinarian_id: UUID


class SlotQuery(BaseModel):
    """What is looked for; the times carry an offset."""

    service: ServiceType
    start: datetime
    end: datetime
    pet_id: UUID | None = None
    veterinarian_id: UUID | None = None
    limit: Annotated[int, Query(ge=1, le=1000)] = 100


@router.get("")
async def list_slots(
    clinic_id: UUID, query: Annotated[SlotQuery, Query()], session: Reading, actor: CurrentActor
) -> list[SlotResponse]:
    """The slots that start in ``[start, end)``, the earliest first."""
    if query.pet_id is not None:
        await fetch(session, actor, Pet, query.pet_id)
    staff = has_permission(actor, Permission.APPOINTMENT_RUN, clinic_id)
    slots = await find_slots(session, clinic_id=clinic_id, online=not staff, **dict(query))
    return [
        SlotResponse(start=slot.start, end=slot.end, veterinarian_id=slot.veterinarian_id)
        for slot in slots
    ]
