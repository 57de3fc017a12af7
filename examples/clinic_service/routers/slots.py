"""Free slots: whatever is listed can be booked at this moment."""

from typing import Annotated

from fastapi import APIRouter, Query

from clinic_service.dependencies import Reading
from vetcore import operations
from vetcore.operations.results import Slot
from vetcore.schemas import SlotQuery

router = APIRouter(prefix="/slots", tags=["booking"])


@router.get("")
async def list_slots(wanted: Annotated[SlotQuery, Query()], session: Reading) -> list[Slot]:
    """The slots of a clinic that start in ``[start, end)``, the earliest first."""
    return await operations.find_slots(session, wanted)
