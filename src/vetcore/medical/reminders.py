"""Reminders: each is claimed by one worker, however many there are, and sent once."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from vetcore import clock
from vetcore.database.driver import is_postgresql
from vetcore.errors import ConcurrentUpdate
from vetcore.models import Pet, VaccinationReminder
from vetcore.values.animals import PetStatus

__all__ = ["claim_reminders", "reminder_failed", "reminder_sent"]

_LEASE = timedelta(minutes=10)
_MOST_ATTEMPTS = 5


async def claim_reminders(  # noqa: PLR0913
    session: AsyncSession,
    *,
    worker: str,
    until: date,
    since: date | None = None,
    clinic_id: UUID | None = None,
    limit: int = 100,
    lease: timedelta = _LEASE,
) -> list[VaccinationReminder]:
    """Take up to ``limit`` reminders in hand that nobody else has; commit before you send.

    A reminder is that of one pet's vaccination due on one day. Of several workers that ask at
    once each gets others. Who does not call :func:`reminder_sent` within ``lease`` loses the claim,
    so a worker that dies delays its reminders and loses none; after five attempts one is left.

    Args:
        session: of a transaction.
        worker: the name of who claims, at most 64 characters.
        until: vaccinations due on this day or before.
        since: and on this day or after; None for no limit.
        clinic_id: of the pets whose primary clinic this is only.
        limit: how many at most.
        lease: how long the claim holds.

    Returns:
        The reminders with pet and owner loaded, the earliest due first.
    """
    now = clock.now()
    due_on = Pet.next_vaccination_due_on
    candidates = (
        select(Pet.id, due_on)
        .where(due_on <= until, Pet.status != PetStatus.DECEASED, Pet.owner_id.is_not(None))
        .where(~exists().where(_is_settled(now)))
        .order_by(due_on, Pet.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    if since is not None:
        candidates = candidates.where(due_on >= since)
    if clinic_id is not None:
        candidates = candidates.where(Pet.primary_clinic_id == clinic_id)
    found = (await session.execute(candidates)).all()
    if not found:
        return []
    claimed = await _claim(session, [(pet, due) for pet, due in found if due], worker, now + lease)
    query = (
        select(VaccinationReminder)
        .where(VaccinationReminder.id.in_(claimed))
        .options(selectinload(VaccinationReminder.pet).selectinload(Pet.owner))
        .order_by(VaccinationReminder.due_on, VaccinationReminder.pet_id)
    )
    fresh = {"populate_existing": True}
    return list(await session.scalars(query, execution_options=fresh))


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
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    values = [
        {"pet_id": pet, "due_on": due_on, "claimed_by": worker, "claimed_until": until}
        for pet, due_on in pets
    ]
    statement = insert(VaccinationReminder).values(values)
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


async def reminder_sent(
    session: AsyncSession, reminder_id: UUID, *, worker: str, channel: str
) -> None:
    """Note that a reminder went out.

    Raises:
        ConcurrentUpdate: the claim ran out and another worker has the reminder, or it was sent.
    """
    reminder = await _in_hand(session, reminder_id, worker)
    reminder.sent_at, reminder.channel, reminder.error = clock.now(), channel, None
    await session.flush()


async def reminder_failed(
    session: AsyncSession,
    reminder_id: UUID,
    *,
    worker: str,
    error: str,
    retry_in: timedelta = timedelta(),
) -> None:
    """Give a reminder back, to be tried again by whoever claims next.

    Args:
        session: of a transaction.
        reminder_id: which.
        worker: who has it in hand.
        error: why it did not go out, for the record.
        retry_in: nobody gets it before that time has passed; at once if none is given.

    Raises:
        ConcurrentUpdate: the claim ran out and another worker has the reminder, or it was sent.
    """
    reminder = await _in_hand(session, reminder_id, worker)
    reminder.claimed_until, reminder.error = clock.now() + retry_in, error[:200]
    await session.flush()


async def _in_hand(session: AsyncSession, reminder_id: UUID, worker: str) -> VaccinationReminder:
    query = select(VaccinationReminder).where(
        VaccinationReminder.id == reminder_id,
        VaccinationReminder.claimed_by == worker,
        VaccinationReminder.sent_at.is_(None),
    )
    reminder = await session.scalar(
        query.with_for_update(), execution_options={"populate_existing": True}
    )
    if reminder is None:
        message = f"reminder {reminder_id} is not in the hands of {worker!r}"
        raise ConcurrentUpdate(message, table="vaccination_reminders")
    return reminder
