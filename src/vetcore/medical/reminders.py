"""Reminders: each is claimed by one worker, and sent once.

The functions check no permission and notify nobody; :mod:`vetcore.operations` does both.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from vetcore import clock
from vetcore.database.inserting import insert_of
from vetcore.database.locking import locking
from vetcore.errors import ConcurrentUpdate, InvalidValue
from vetcore.models import Pet, User, VaccinationReminder
from vetcore.schemas import ReminderClaim, ReminderFailed, ReminderSent
from vetcore.values.animals import PetStatus
from vetcore.values.people import UserStatus
from vetcore.values.preferences import Preferences
from vetcore.values.walltime import zone_named

__all__ = ["claim_reminders", "drop_reminders", "reminder_failed", "reminder_sent"]

_MOST_ATTEMPTS = 5
_LONGEST_ERROR = 200
_TOLD = (UserStatus.ACTIVE, UserStatus.INVITED)


async def claim_reminders(
    session: AsyncSession, wanted: ReminderClaim
) -> list[VaccinationReminder]:
    """Claim reminders that nobody else has. Commit before you send them.

    A reminder is that of a pet's vaccination that is due on a day. Several workers that ask at once
    get different reminders. A worker that does not call :func:`reminder_sent` within the lease
    loses the claim. So a worker that dies delays its reminders and loses none. A reminder is
    abandoned after five attempts.

    Only owners of active pets are reminded: no owner of a pet that has died, is missing or was
    given away, and nobody whose account is suspended or deleted. Their preferences hold
    (:meth:`vetcore.values.preferences.Preferences.wants_reminder`): channels, the longest of the
    lead days, and quiet hours on the owner's own clock.

    No permission is checked, and nobody is notified.

    Args:
        session: of a transaction.
        wanted: who claims, which of them, how many and for how long.

    Returns:
        The reminders with pet and owner loaded, the earliest due first.
    """
    now = clock.now()
    candidates = _candidates(wanted.until, now).limit(wanted.limit)
    if wanted.since is not None:
        candidates = candidates.where(Pet.next_vaccination_due_on >= wanted.since)
    if wanted.clinic_id is not None:
        candidates = candidates.where(Pet.primary_clinic_id == wanted.clinic_id)
    chosen: list[tuple[UUID, date]] = []
    after: tuple[date, UUID] | None = None
    while len(chosen) < wanted.limit:
        page = candidates if after is None else candidates.where(_position() > after)
        found = (await session.execute(page)).all()
        chosen += [
            (pet, due)
            for pet, due, preferences, timezone in found
            if due and preferences.wants_reminder(due, _wall_time(now, timezone), wanted.channel)
        ]
        if len(found) < wanted.limit:
            break
        after = found[-1][1] or wanted.until, found[-1][0]
    if not chosen:
        return []
    claimed = await _claim(session, chosen[: wanted.limit], wanted.worker, now + wanted.lease)
    query = (
        select(VaccinationReminder)
        .where(VaccinationReminder.id.in_(claimed))
        .options(selectinload(VaccinationReminder.pet).selectinload(Pet.owner))
        .order_by(VaccinationReminder.due_on, VaccinationReminder.pet_id)
    )
    fresh = {"populate_existing": True}
    return list(await session.scalars(query, execution_options=fresh))


def _position() -> Any:
    return tuple_(Pet.next_vaccination_due_on, Pet.id)


def _candidates(until: date, now: datetime) -> Select[UUID, date | None, Preferences, str]:
    """Pets of owners who may be reminded, the earliest due first. Claimed ones are passed over."""
    due_on = Pet.next_vaccination_due_on
    return (
        select(Pet.id, due_on, User.preferences, User.timezone)
        .join(User, User.id == Pet.owner_id)
        .where(due_on <= until, Pet.status == PetStatus.ACTIVE, User.status.in_(_TOLD))
        .where(~exists().where(_is_settled(now)))
        .order_by(due_on, Pet.id)
        .with_for_update(of=Pet, key_share=True, skip_locked=True)
    )


def _wall_time(now: datetime, timezone: str) -> datetime:
    """What the owner's clock shows; UTC where no zone of that name is known."""
    try:
        return now.astimezone(zone_named(timezone))
    except InvalidValue:
        return now


def _is_settled(now: datetime) -> ColumnElement[bool]:
    """Sent, in somebody's hands, or given up."""
    reminder = VaccinationReminder
    return and_(
        reminder.pet_id == Pet.id,
        reminder.due_on == Pet.next_vaccination_due_on,
        or_(
            reminder.sent_at.is_not(None),
            reminder.claimed_until > now,
            reminder.attempts >= _MOST_ATTEMPTS,
        ),
    )


async def _claim(
    session: AsyncSession, pets: list[tuple[UUID, date]], worker: str, until: datetime
) -> list[UUID]:
    dialect = session.get_bind().dialect.name
    values = [
        {"pet_id": pet, "due_on": due_on, "claimed_by": worker, "claimed_until": until}
        for pet, due_on in pets
    ]
    statement = insert_of(dialect, VaccinationReminder).values(values)
    statement = statement.on_conflict_do_update(
        index_elements=["pet_id", "due_on"],
        set_={
            "claimed_by": worker,
            "claimed_until": until,
            "attempts": VaccinationReminder.attempts + 1,
        },
        where=and_(
            VaccinationReminder.sent_at.is_(None),
            VaccinationReminder.claimed_until <= clock.now(),
        ),
    )
    return list(await session.scalars(statement.returning(VaccinationReminder.id)))


async def reminder_sent(session: AsyncSession, note: ReminderSent) -> VaccinationReminder:
    """Note that a reminder was sent. No permission is checked, and nobody is notified.

    Raises:
        ConcurrentUpdate: the claim ran out and another worker has the reminder, or it was sent.
    """
    reminder = await _in_hand(session, note.id, note.worker)
    reminder.sent_at, reminder.channel, reminder.error = clock.now(), note.channel, None
    await session.flush()
    return reminder


async def reminder_failed(session: AsyncSession, note: ReminderFailed) -> VaccinationReminder:
    """Give a reminder back, so that whoever claims next tries again.

    No permission is checked, and nobody is notified.

    Raises:
        ConcurrentUpdate: the claim ran out and another worker has the reminder, or it was sent.
    """
    reminder = await _in_hand(session, note.id, note.worker)
    reminder.claimed_until = clock.now() + timedelta(minutes=note.retry_minutes)
    reminder.error = note.error[:_LONGEST_ERROR]
    await session.flush()
    return reminder


async def drop_reminders(session: AsyncSession, pet_id: UUID) -> int:
    """Delete the reminders of a pet that were not sent, and return their number.

    A worker that has claimed one gets ``ConcurrentUpdate`` when it reports. Nothing new is claimed
    for a pet that is not active; this function frees what was claimed before the pet was retired.
    No permission is checked, and nobody is notified.
    """
    gone = await session.scalars(
        delete(VaccinationReminder)
        .where(VaccinationReminder.pet_id == pet_id, VaccinationReminder.sent_at.is_(None))
        .returning(VaccinationReminder.id)
    )
    return len(gone.all())


async def _in_hand(session: AsyncSession, reminder_id: UUID, worker: str) -> VaccinationReminder:
    query = select(VaccinationReminder).where(
        VaccinationReminder.id == reminder_id,
        VaccinationReminder.claimed_by == worker,
        VaccinationReminder.sent_at.is_(None),
    )
    reminder = await session.scalar(
        locking(query, VaccinationReminder), execution_options={"populate_existing": True}
    )
    if reminder is None:
        message = f"reminder {reminder_id} is not in the hands of {worker!r}"
        raise ConcurrentUpdate(message, table="vaccination_reminders")
    return reminder
