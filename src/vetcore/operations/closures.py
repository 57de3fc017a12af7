"""Operations on closures: the days on which a clinic's weekly hours do not hold."""

from uuid import UUID

from sqlalchemy import select

from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.models import ClinicClosure
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.outcomes import Changed, changed
from vetcore.schemas import ById, ClinicClosureCreate, ClinicClosureQuery, ClinicClosureUpdate

__all__ = [
    "create_closure",
    "delete_closure",
    "get_closure",
    "list_closures",
    "restore_closure",
    "update_closure",
]


async def _told(session: ReadSession, closure: ClinicClosure) -> Changed[ClinicClosure]:
    return await changed(session, closure, clinic_id=closure.clinic_id)


async def _again(session: Session, key: UUID, _command: object) -> Changed[ClinicClosure]:
    everything = {"include_deleted": True, "populate_existing": True}
    return await _told(
        session, await session.get_one(ClinicClosure, key, execution_options=everything)
    )


@operation(permission=Permission.CLOSURE_MANAGE, entity=ClinicClosure, keyed=True, again=_again)
async def create_closure(
    session: Session, wish: ClinicClosureCreate, asked: Asked
) -> Changed[ClinicClosure]:
    """Close a clinic on some days, or open it at other hours.

    The answer tells which appointments at the clinic cannot take place any more.
    """
    asked.require_at(wish.clinic_id)
    return await _told(session, await asked.create(ClinicClosure, wish))


@operation(
    permission=Permission.CLOSURE_MANAGE,
    entity=ClinicClosure,
    versioned=True,
    keyed=True,
    again=_again,
)
async def update_closure(
    session: Session, change: ClinicClosureUpdate, asked: Asked
) -> Changed[ClinicClosure]:
    """Change a closure. The answer tells which appointments cannot take place any more.

    Raises:
        InvalidValue: its last day would lie before its first.
    """
    return await _told(session, await asked.change(ClinicClosure, change))


@operation(permission=Permission.CLOSURE_MANAGE, entity=ClinicClosure, versioned=True)
async def delete_closure(session: Session, act: ById, asked: Asked) -> Changed[ClinicClosure]:
    """Delete a closure. The answer tells which appointments still cannot take place."""
    return await _told(session, await asked.delete(ClinicClosure, act.id))


@operation(permission=Permission.CLOSURE_MANAGE, entity=ClinicClosure, versioned=True)
async def restore_closure(session: Session, act: ById, asked: Asked) -> Changed[ClinicClosure]:
    """Restore a deleted closure. The answer is that of :func:`create_closure`."""
    return await _told(session, await asked.restore(ClinicClosure, act.id))


@reading(permission=Permission.CLOSURE_READ, entity=ClinicClosure)
async def get_closure(_session: ReadSession, wanted: ById, asked: Asked) -> ClinicClosure:
    """Return a closure."""
    closure, _ = await asked.take(ClinicClosure, wanted.id, lock=False)
    return closure


@reading(permission=Permission.CLOSURE_READ, entity=ClinicClosure)
async def list_closures(
    session: ReadSession, wanted: ClinicClosureQuery, asked: Asked
) -> Page[ClinicClosure]:
    """Return the closures of clinics, by their first day."""
    query = narrowed(
        asked.seen(select(ClinicClosure), ClinicClosure),
        (ClinicClosure.clinic_id, wanted.clinic_id),
    )
    if wanted.since is not None:
        query = query.where(ClinicClosure.last_on >= wanted.since)
    if wanted.until is not None:
        query = query.where(ClinicClosure.first_on <= wanted.until)
    by_day = [ClinicClosure.first_on, ClinicClosure.id]
    return await page(session, query, order_by=by_day, limit=wanted.limit, after=wanted.after)
