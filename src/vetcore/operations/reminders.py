"""Operations on reminders of vaccinations. Jobs claim and send them, and people look at them."""

from sqlalchemy import select

from vetcore import medical
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.models import VaccinationReminder
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.schemas import (
    ById,
    ReminderClaim,
    ReminderDrop,
    ReminderFailed,
    ReminderQuery,
    ReminderSent,
)

__all__ = [
    "claim_reminders",
    "drop_reminders",
    "get_reminder",
    "list_reminders",
    "reminder_failed",
    "reminder_sent",
]


@operation(permission=Permission.SYSTEM_RUN, entity=VaccinationReminder)
async def claim_reminders(
    session: Session, wanted: ReminderClaim, asked: Asked
) -> list[VaccinationReminder]:
    """Claim reminders that nobody else has, with pet and owner. Commit before you send them."""
    asked.require_system()
    return await medical.claim_reminders(session, wanted)


@operation(
    permission=Permission.SYSTEM_RUN,
    entity=VaccinationReminder,
    keyed=True,
)
async def reminder_sent(session: Session, note: ReminderSent, asked: Asked) -> VaccinationReminder:
    """Note that a reminder was sent.

    Raises:
        ConcurrentUpdate: the claim ran out and another worker has the reminder, or it was sent.
    """
    asked.require_system()
    return await medical.reminder_sent(session, note)


@operation(
    permission=Permission.SYSTEM_RUN,
    entity=VaccinationReminder,
    keyed=True,
)
async def reminder_failed(
    session: Session, note: ReminderFailed, asked: Asked
) -> VaccinationReminder:
    """Give a reminder back, to be tried again by whoever claims next.

    Raises:
        ConcurrentUpdate: the claim ran out and another worker has the reminder, or it was sent.
    """
    asked.require_system()
    return await medical.reminder_failed(session, note)


@operation(permission=Permission.SYSTEM_RUN, entity=VaccinationReminder)
async def drop_reminders(session: Session, wanted: ReminderDrop, asked: Asked) -> int:
    """Delete the reminders of a pet that were not sent, and return their number."""
    asked.require_system()
    return await medical.drop_reminders(session, wanted.pet_id)


@reading(permission=Permission.REMINDER_READ, entity=VaccinationReminder)
async def get_reminder(_session: ReadSession, wanted: ById, asked: Asked) -> VaccinationReminder:
    """Return a reminder: what it is about, and what became of it."""
    reminder, _ = await asked.take(VaccinationReminder, wanted.id, lock=False)
    return reminder


@reading(permission=Permission.REMINDER_READ, entity=VaccinationReminder)
async def list_reminders(
    session: ReadSession, wanted: ReminderQuery, asked: Asked
) -> Page[VaccinationReminder]:
    """Return the reminders that the actor may see, the latest due first."""
    row = VaccinationReminder
    query = asked.seen(select(row), row)
    if wanted.pet_id is not None:
        query = query.where(row.pet_id == wanted.pet_id)
    if wanted.since is not None:
        query = query.where(row.due_on >= wanted.since)
    if wanted.until is not None:
        query = query.where(row.due_on <= wanted.until)
    if wanted.is_sent is not None:
        query = query.where(row.sent_at.is_not(None) if wanted.is_sent else row.sent_at.is_(None))
    latest_first = [row.due_on.desc(), row.id.desc()]
    return await page(session, query, order_by=latest_first, limit=wanted.limit, after=wanted.after)
