"""Operations on equipment: to add, change, delete and restore it, and what an appointment takes."""

from sqlalchemy import select

from vetcore import scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import AlreadyExists
from vetcore.models import Appointment, Equipment
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.outcomes import Changed, changed
from vetcore.scheduling import AppointmentMeans
from vetcore.schemas import (
    ById,
    EquipmentCreate,
    EquipmentQuery,
    EquipmentUpdate,
)

__all__ = [
    "create_equipment",
    "delete_equipment",
    "get_appointment_means",
    "get_equipment",
    "list_equipment",
    "restore_equipment",
    "update_equipment",
]


@operation(
    permission=Permission.EQUIPMENT_MANAGE, entity=Equipment, keyed=True, errors=(AlreadyExists,)
)
async def create_equipment(_session: Session, wish: EquipmentCreate, asked: Asked) -> Equipment:
    """Add a piece of equipment to a clinic.

    Raises:
        AlreadyExists: the clinic has a piece of that name.
    """
    asked.require_at(wish.clinic_id)
    return await asked.create(Equipment, wish)


@operation(
    permission=Permission.EQUIPMENT_MANAGE,
    entity=Equipment,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def update_equipment(_session: Session, change: EquipmentUpdate, asked: Asked) -> Equipment:
    """Change a piece of equipment. Appointments that take it keep it.

    Raises:
        AlreadyExists: the clinic has a piece of that name.
    """
    return await asked.change(Equipment, change)


@operation(permission=Permission.EQUIPMENT_MANAGE, entity=Equipment, versioned=True)
async def delete_equipment(session: Session, act: ById, asked: Asked) -> Changed[Equipment]:
    """Delete a piece of equipment. The answer tells which appointments cannot take place any more."""
    piece = await asked.delete(Equipment, act.id)
    return await changed(session, piece, clinic_id=piece.clinic_id)


@operation(
    permission=Permission.EQUIPMENT_MANAGE,
    entity=Equipment,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def restore_equipment(_session: Session, act: ById, asked: Asked) -> Equipment:
    """Bring a piece of equipment back.

    Raises:
        AlreadyExists: the clinic has another piece of that name by now.
    """
    return await asked.restore(Equipment, act.id)


@reading(permission=Permission.EQUIPMENT_READ, entity=Equipment)
async def get_equipment(_session: ReadSession, wanted: ById, asked: Asked) -> Equipment:
    """Return a piece of equipment."""
    piece, _ = await asked.take(Equipment, wanted.id, lock=False)
    return piece


@reading(permission=Permission.EQUIPMENT_READ, entity=Equipment)
async def list_equipment(
    session: ReadSession, wanted: EquipmentQuery, asked: Asked
) -> Page[Equipment]:
    """Return the equipment of clinics, by name."""
    query = narrowed(
        asked.seen(select(Equipment), Equipment),
        (Equipment.clinic_id, wanted.clinic_id),
        (Equipment.kind, wanted.kind),
    )
    by_name = [Equipment.name, Equipment.id]
    return await page(session, query, order_by=by_name, limit=wanted.limit, after=wanted.after)


@reading(permission=Permission.APPOINTMENT_READ, entity=Appointment)
async def get_appointment_means(
    session: ReadSession, wanted: ById, asked: Asked
) -> AppointmentMeans:
    """Return who assists at an appointment, and which equipment it takes."""
    await asked.take(Appointment, wanted.id, lock=False)
    return await scheduling.means_of(session, wanted.id)
