"""Operations on rooms: to add, change, delete and restore them."""

from sqlalchemy import select

from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import AlreadyExists
from vetcore.models import Room
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.outcomes import Changed, changed
from vetcore.schemas import ById, RoomCreate, RoomQuery, RoomUpdate

__all__ = ["create_room", "delete_room", "get_room", "list_rooms", "restore_room", "update_room"]


@operation(permission=Permission.ROOM_MANAGE, entity=Room, keyed=True, errors=(AlreadyExists,))
async def create_room(_session: Session, wish: RoomCreate, asked: Asked) -> Room:
    """Add a room to a clinic.

    Raises:
        AlreadyExists: the clinic has a room of that name.
    """
    asked.require_at(wish.clinic_id)
    return await asked.create(Room, wish)


@operation(
    permission=Permission.ROOM_MANAGE,
    entity=Room,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def update_room(_session: Session, change: RoomUpdate, asked: Asked) -> Room:
    """Change a room. Appointments that were agreed for it stay in it.

    Raises:
        AlreadyExists: the clinic has a room of that name.
    """
    return await asked.change(Room, change)


@operation(permission=Permission.ROOM_MANAGE, entity=Room, versioned=True)
async def delete_room(session: Session, act: ById, asked: Asked) -> Changed[Room]:
    """Delete a room. The answer tells which appointments cannot take place any more."""
    room = await asked.delete(Room, act.id)
    return await changed(session, room, clinic_id=room.clinic_id)


@operation(
    permission=Permission.ROOM_MANAGE,
    entity=Room,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def restore_room(_session: Session, act: ById, asked: Asked) -> Room:
    """Bring a room back.

    Raises:
        AlreadyExists: the clinic has another room of that name by now.
    """
    return await asked.restore(Room, act.id)


@reading(permission=Permission.ROOM_READ, entity=Room)
async def get_room(_session: ReadSession, wanted: ById, asked: Asked) -> Room:
    """Return a room."""
    room, _ = await asked.take(Room, wanted.id, lock=False)
    return room


@reading(permission=Permission.ROOM_READ, entity=Room)
async def list_rooms(session: ReadSession, wanted: RoomQuery, asked: Asked) -> Page[Room]:
    """Return the rooms of clinics, by name."""
    query = narrowed(
        asked.seen(select(Room), Room), (Room.clinic_id, wanted.clinic_id), (Room.kind, wanted.kind)
    )
    by_name = [Room.name, Room.id]
    return await page(session, query, order_by=by_name, limit=wanted.limit, after=wanted.after)
