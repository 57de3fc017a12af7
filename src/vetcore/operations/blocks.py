"""Operations on blocks: time that a clinic keeps free under a label."""

from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from vetcore import clock
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import NotFound
from vetcore.models import Clinic, Room, ScheduleBlock, StaffMembership
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.naming import named
from vetcore.operations.outcomes import Changed, changed
from vetcore.schemas import ById, ScheduleBlockCreate, ScheduleBlockQuery, ScheduleBlockUpdate
from vetcore.values.hours import require_calendar
from vetcore.values.walltime import zone_named

__all__ = [
    "create_schedule_block",
    "delete_schedule_block",
    "get_schedule_block",
    "list_schedule_blocks",
    "require_block_fits",
    "restore_schedule_block",
    "update_schedule_block",
]


_EVERYTHING: Final = {"include_deleted": True}


async def _told(session: ReadSession, block: ScheduleBlock) -> Changed[ScheduleBlock]:
    return await changed(
        session, block, clinic_id=block.clinic_id, practitioner_id=block.practitioner_id
    )


async def _again(session: Session, key: UUID, _command: object) -> Changed[ScheduleBlock]:
    everything = {"include_deleted": True, "populate_existing": True}
    return await _told(
        session, await session.get_one(ScheduleBlock, key, execution_options=everything)
    )


@operation(permission=Permission.BLOCK_MANAGE, entity=ScheduleBlock, keyed=True, again=_again)
async def create_schedule_block(
    session: Session, wish: ScheduleBlockCreate, asked: Asked
) -> Changed[ScheduleBlock]:
    """Keep time free at a clinic: of a practitioner, of a room, or of everybody there.

    The answer tells which appointments cannot take place any more.

    Raises:
        NotFound: there is no such clinic, or the room or the practitioner is none of its own.
        InvalidValue: the hours depend on public holidays that are not known.
    """
    await require_block_fits(session, wish, asked)
    block = await asked.create(ScheduleBlock, wish)
    await asked.require_on(block)
    return await _told(session, block)


async def require_block_fits(session: ReadSession, wish: ScheduleBlockCreate, asked: Asked) -> None:
    """Refuse a block of a room or a practitioner that the clinic does not have.

    Raises:
        NotFound: there is no such clinic, room or practitioner there.
        PermissionDenied: it is for the clinic's staff to know who works there.
        InvalidValue: the hours depend on public holidays that are not known.
    """
    clinic = await session.get(Clinic, wish.clinic_id)
    if clinic is None:
        raise NotFound(entity=Clinic, key=wish.clinic_id)
    require_calendar(wish.hours, clinic.address.country, field="hours")
    if wish.room_id is not None:
        room = select(Room.id).where(Room.id == wish.room_id, Room.clinic_id == clinic.id)
        if await session.scalar(room) is None:
            raise NotFound(entity=Room, key=wish.room_id)
    if wish.practitioner_id is not None:
        today = clock.now().astimezone(zone_named(clinic.timezone)).date()
        held = StaffMembership.ends_on.is_(None) | (StaffMembership.ends_on >= today)
        works = select(StaffMembership.id).where(
            StaffMembership.clinic_id == clinic.id,
            StaffMembership.user_id == wish.practitioner_id,
            held,
        )
        if (await session.scalars(works.limit(1))).first() is None:
            asked.require_at(clinic.id)
            raise NotFound(entity="practitioner", key=wish.practitioner_id)


@operation(
    permission=Permission.BLOCK_MANAGE,
    entity=ScheduleBlock,
    versioned=True,
    keyed=True,
    again=_again,
)
async def update_schedule_block(
    session: Session, change: ScheduleBlockUpdate, asked: Asked
) -> Changed[ScheduleBlock]:
    """Change a block. The answer tells which appointments cannot take place any more.

    Raises:
        InvalidValue: its last day would lie before its first, or its hours depend on public
            holidays that are not known.
    """
    if change.hours is not None:
        block, _ = await asked.take(ScheduleBlock, named(change))
        clinic = await session.get_one(Clinic, block.clinic_id, execution_options=_EVERYTHING)
        require_calendar(change.hours, clinic.address.country, field="hours")
    return await _told(session, await asked.change(ScheduleBlock, change))


@operation(permission=Permission.BLOCK_MANAGE, entity=ScheduleBlock, versioned=True)
async def delete_schedule_block(
    session: Session, act: ById, asked: Asked
) -> Changed[ScheduleBlock]:
    """Delete a block. The answer tells which appointments still cannot take place."""
    return await _told(session, await asked.delete(ScheduleBlock, act.id))


@operation(permission=Permission.BLOCK_MANAGE, entity=ScheduleBlock, versioned=True)
async def restore_schedule_block(
    session: Session, act: ById, asked: Asked
) -> Changed[ScheduleBlock]:
    """Restore a deleted block. The answer is that of :func:`create_schedule_block`."""
    return await _told(session, await asked.restore(ScheduleBlock, act.id))


@reading(permission=Permission.BLOCK_READ, entity=ScheduleBlock)
async def get_schedule_block(_session: ReadSession, wanted: ById, asked: Asked) -> ScheduleBlock:
    """Return a block."""
    block, _ = await asked.take(ScheduleBlock, wanted.id, lock=False)
    return block


@reading(permission=Permission.BLOCK_READ, entity=ScheduleBlock)
async def list_schedule_blocks(
    session: ReadSession, wanted: ScheduleBlockQuery, asked: Asked
) -> Page[ScheduleBlock]:
    """Return the blocks that the actor may see, by their first day."""
    query = narrowed(
        asked.seen(select(ScheduleBlock), ScheduleBlock),
        (ScheduleBlock.clinic_id, wanted.clinic_id),
        (ScheduleBlock.practitioner_id, wanted.practitioner_id),
        (ScheduleBlock.room_id, wanted.room_id),
    )
    if wanted.since is not None:
        lasts = or_(ScheduleBlock.last_on.is_(None), ScheduleBlock.last_on >= wanted.since)
        query = query.where(lasts)
    if wanted.until is not None:
        query = query.where(ScheduleBlock.first_on <= wanted.until)
    by_day = [ScheduleBlock.first_on, ScheduleBlock.id]
    return await page(session, query, order_by=by_day, limit=wanted.limit, after=wanted.after)
