"""Operations on practitioners' absences."""

from uuid import UUID

from sqlalchemy import select

from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.models import TimeOff
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.outcomes import Changed, changed
from vetcore.operations.people import take_practitioner
from vetcore.schemas import ById, TimeOffCreate, TimeOffQuery, TimeOffUpdate

__all__ = [
    "create_time_off",
    "delete_time_off",
    "get_time_off",
    "list_time_off",
    "restore_time_off",
    "update_time_off",
]


async def _told(session: ReadSession, absence: TimeOff) -> Changed[TimeOff]:
    return await changed(session, absence, practitioner_id=absence.practitioner_id)


async def _again(session: Session, key: UUID, _command: object) -> Changed[TimeOff]:
    everything = {"include_deleted": True, "populate_existing": True}
    return await _told(session, await session.get_one(TimeOff, key, execution_options=everything))


@operation(permission=Permission.TIME_OFF_WRITE, entity=TimeOff, keyed=True, again=_again)
async def create_time_off(session: Session, wish: TimeOffCreate, asked: Asked) -> Changed[TimeOff]:
    """Note a practitioner's absence, which holds at every clinic.

    The answer tells which of their appointments cannot take place any more.

    Raises:
        NotFound: there is no such person with a membership.
    """
    await take_practitioner(asked, session, wish.practitioner_id)
    absence = await asked.create(TimeOff, wish)
    await asked.require_on(absence)
    return await _told(session, absence)


@operation(
    permission=Permission.TIME_OFF_WRITE, entity=TimeOff, versioned=True, keyed=True, again=_again
)
async def update_time_off(
    session: Session, change: TimeOffUpdate, asked: Asked
) -> Changed[TimeOff]:
    """Change an absence. The answer tells which appointments cannot take place any more.

    Raises:
        InvalidValue: the absence would end before it begins.
    """
    return await _told(session, await asked.change(TimeOff, change))


@operation(permission=Permission.TIME_OFF_WRITE, entity=TimeOff, versioned=True)
async def delete_time_off(session: Session, act: ById, asked: Asked) -> Changed[TimeOff]:
    """Delete an absence. The answer tells which appointments still cannot take place."""
    return await _told(session, await asked.delete(TimeOff, act.id))


@operation(permission=Permission.TIME_OFF_WRITE, entity=TimeOff, versioned=True)
async def restore_time_off(session: Session, act: ById, asked: Asked) -> Changed[TimeOff]:
    """Restore a deleted absence. The answer is that of :func:`create_time_off`."""
    return await _told(session, await asked.restore(TimeOff, act.id))


@reading(permission=Permission.TIME_OFF_READ, entity=TimeOff)
async def get_time_off(_session: ReadSession, wanted: ById, asked: Asked) -> TimeOff:
    """Return an absence."""
    absence, _ = await asked.take(TimeOff, wanted.id, lock=False)
    return absence


@reading(permission=Permission.TIME_OFF_READ, entity=TimeOff)
async def list_time_off(session: ReadSession, wanted: TimeOffQuery, asked: Asked) -> Page[TimeOff]:
    """Return the absences that the actor may see, by their start."""
    query = narrowed(
        asked.seen(select(TimeOff), TimeOff), (TimeOff.practitioner_id, wanted.practitioner_id)
    )
    if wanted.since is not None:
        query = query.where(TimeOff.ends_at > wanted.since)
    if wanted.until is not None:
        query = query.where(TimeOff.starts_at < wanted.until)
    by_start = [TimeOff.starts_at, TimeOff.id]
    return await page(session, query, order_by=by_start, limit=wanted.limit, after=wanted.after)
