"""Operations on memberships: who works at a clinic, in which role, and when."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.errors import AlreadyExists, InvalidValue
from vetcore.models import StaffMembership
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.operations.naming import named
from vetcore.operations.outcomes import Changed, changed
from vetcore.operations.people import account_of
from vetcore.schemas import (
    ById,
    StaffMembershipCreate,
    StaffMembershipEnd,
    StaffMembershipQuery,
    StaffMembershipUpdate,
)

__all__ = [
    "create_membership",
    "delete_membership",
    "end_membership",
    "get_membership",
    "list_memberships",
    "require_no_later",
    "restore_membership",
    "update_membership",
]


async def _told(session: ReadSession, held: StaffMembership) -> Changed[StaffMembership]:
    """The membership with the appointments there that its holder cannot keep."""
    return await changed(session, held, clinic_id=held.clinic_id, practitioner_id=held.user_id)


async def _again(session: Session, key: UUID, _command: object) -> Changed[StaffMembership]:
    everything = {"include_deleted": True, "populate_existing": True}
    held = await session.get_one(StaffMembership, key, execution_options=everything)
    return await _told(session, held)


@operation(
    permission=Permission.STAFF_ADMINISTER,
    entity=StaffMembership,
    keyed=True,
    errors=(AlreadyExists,),
)
async def create_membership(
    session: Session, wish: StaffMembershipCreate, asked: Asked
) -> StaffMembership:
    """Let somebody work at a clinic without asking them: its first manager, say.

    A manager invites colleagues instead (``invite_colleague``), who accept.

    Raises:
        AlreadyExists: the person has a membership there from that day on.
        NotFound: there is no such account, or it was deleted.
    """
    asked.require_at(wish.clinic_id)
    await account_of(session, wish.user_id)
    return await asked.create(StaffMembership, wish)


@operation(
    permission=Permission.STAFF_MANAGE,
    entity=StaffMembership,
    versioned=True,
    keyed=True,
    again=_again,
    errors=(AlreadyExists,),
)
async def update_membership(
    session: Session, change: StaffMembershipUpdate, asked: Asked
) -> Changed[StaffMembership]:
    """Change a membership. The answer tells which appointments cannot take place any more.

    A membership keeps its role, to which its holder has agreed, and it lasts no longer than they have
    accepted. For another role or other days they are invited anew. Administrators may change it.

    Raises:
        AlreadyExists: the person has another membership there from that day on.
        InvalidValue: it would end before it begins, last longer than its holder has accepted, or
            be one in another role.
    """
    held, _ = await asked.take(StaffMembership, named(change))
    if change.changes().get("role", held.role) != held.role and not asked.is_admin:
        raise InvalidValue(
            field="role",
            rule="is not changed by an update",
            expected=f"{held.role}, or an invitation to a membership in another role",
            value=change.role,
        )
    _require_no_longer(asked, held, change)
    change.apply_to(held)
    await session.flush()
    return await _told(session, held)


def _require_no_longer(asked: Asked, held: StaffMembership, change: StaffMembershipUpdate) -> None:
    """Refuse to let a membership last longer than its holder has accepted.

    Raises:
        InvalidValue: it would.
    """
    given = change.changes()
    starts_on, ends_on = given.get("starts_on"), given.get("ends_on", held.ends_on)
    if asked.is_admin:
        return
    if starts_on is not None and starts_on < held.starts_on:
        raise _longer(field="starts_on", expected=f"{held.starts_on} or later", value=starts_on)
    if held.ends_on is not None and (ends_on is None or ends_on > held.ends_on):
        raise _longer(field="ends_on", expected=f"{held.ends_on} or earlier", value=ends_on)


def _longer(*, field: str, expected: str, value: date | None) -> InvalidValue:
    return InvalidValue(
        field=field,
        rule="is not what the person has accepted",
        expected=f"{expected}, or an invitation to another membership",
        value=value,
    )


@operation(
    permission=Permission.STAFF_LEAVE,
    entity=StaffMembership,
    versioned=True,
    keyed=True,
    again=_again,
)
async def end_membership(
    session: Session, act: StaffMembershipEnd, asked: Asked
) -> Changed[StaffMembership]:
    """End a membership on a day: one's own, or that of a colleague.

    Returns:
        The membership, and the appointments that cannot take place any more.

    Raises:
        InvalidValue: it begins after that day, or it ended before.
    """
    held, _ = await asked.take(StaffMembership, act.id)
    require_no_later(held, act)
    StaffMembershipUpdate(ends_on=act.ends_on).apply_to(held)
    await session.flush()
    return await _told(session, held)


def require_no_later(held: StaffMembership, act: StaffMembershipEnd) -> None:
    """Refuse to end a membership after its last day.

    Raises:
        InvalidValue: it would end later than it does.
    """
    if held.ends_on is not None and act.ends_on > held.ends_on:
        raise InvalidValue(
            field="ends_on",
            rule="is later than its last day",
            expected=f"{held.ends_on} or earlier",
            value=act.ends_on,
        )


@operation(permission=Permission.STAFF_MANAGE, entity=StaffMembership, versioned=True)
async def delete_membership(session: Session, act: ById, asked: Asked) -> Changed[StaffMembership]:
    """Delete a membership that was entered by mistake. A membership that was real is ended."""
    return await _told(session, await asked.delete(StaffMembership, act.id))


@operation(
    permission=Permission.STAFF_ADMINISTER,
    entity=StaffMembership,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def restore_membership(_session: Session, act: ById, asked: Asked) -> StaffMembership:
    """Bring a deleted membership back.

    Raises:
        AlreadyExists: the person has another one there from that day on by now.
    """
    return await asked.restore(StaffMembership, act.id)


@reading(permission=Permission.STAFF_READ, entity=StaffMembership)
async def get_membership(_session: ReadSession, wanted: ById, asked: Asked) -> StaffMembership:
    """Return a membership."""
    held, _ = await asked.take(StaffMembership, wanted.id, lock=False)
    return held


@reading(permission=Permission.STAFF_READ, entity=StaffMembership)
async def list_memberships(
    session: ReadSession, wanted: StaffMembershipQuery, asked: Asked
) -> Page[StaffMembership]:
    """Return the memberships that the actor may see, by their first day."""
    row = StaffMembership
    query = narrowed(
        asked.seen(select(row), row),
        (row.clinic_id, wanted.clinic_id),
        (row.user_id, wanted.user_id),
    )
    if (day := wanted.held_on) is not None:
        query = query.where(row.starts_on <= day, or_(row.ends_on.is_(None), row.ends_on >= day))
    by_day = [row.starts_on, row.id]
    return await page(session, query, order_by=by_day, limit=wanted.limit, after=wanted.after)
