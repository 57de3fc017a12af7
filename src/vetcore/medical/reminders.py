"""Reminders: each is claimed by one worker, however many there are, and sent once."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from vetcore import clock
from vetcore.database.cursors import require_limit
from vetcore.database.driver import is_postgresql
from vetcore.database.locking import locking
from vetcore.errors import ConcurrentUpdate, InvalidValue
from vetcore.models import Pet, User, VaccinationReminder
from vetcore.values.animals import PetStatus
from vetcore.values.people import UserStatus
from vetcore.values.preferences import NotificationChannel, Preferences
from vetcore.values.walltime import zone_named

__all__ = ["claim_reminders", "drop_reminders", "reminder_failed", "reminder_sent"]

_LEASE = timedelta(minutes=10)
_MOST_ATTEMPTS = 5
_LONGEST_NAME = 64
_LONGEST_ERROR = 200
_TOLD = (UserStatus.ACTIVE, UserStatus.INVITED)


async def claim_reminders(  # noqa: PLR0913
    session: AsyncSession,
    *,
    worker: str,
    until: date,
    since: date | None = None,
    clinic_id: UUID | None = None,
    channel: NotificationChannel | None = None,
    limit: int = 100,
    lease: timedelta = _LEASE,
) -> list[VaccinationReminder]:
    """Take up to ``limit`` reminders in hand that nobody else has; commit before you send.

    A reminder is that of one pet's vaccination due on one day. Of several workers that ask at
    once each gets others. Who does not call :func:`reminder_sent` within ``lease`` loses the claim,
    so a worker that dies delays its reminders and loses none. A reminder is abandoned after five
    attempts.

    Only owners of active pets are reminded: not of one that has died, is missing or was given away,
    and nobody whose account is suspended or deleted. Their preferences hold
    (:meth:`vetcore.values.preferences.Preferences.wants_reminder`): channels, the longest of the
    lead days, and quiet hours on the owner's own clock.

    Args:
        session: of a transaction.
        worker: the name of who claims, at most 64 characters.
        until: vaccinations due on this day or before.
        since: and on this day or after; None for no limit.
        clinic_id: of the pets whose primary clinic this is only.
        channel: of owners who want to be reached on this one; on any if none is given.
        limit: how many at most.
        lease: how long the claim holds.

    Returns:
        The reminders with pet and owner loaded, the earliest due first.

    Raises:
        InvalidValue: ``worker`` has no name or a longer one, ``limit`` or ``lease`` is not positive.
    """
    _require_sensible(worker, limit, lease)
    now = clock.now()
    candidates = _candidates(until, now).limit(limit)
    if since is not None:
        candidates = candidates.where(Pet.next_vaccination_due_on >= since)
    if clinic_id is not None:
        candidates = candidates.where(Pet.primary_clinic_id == clinic_id)
    chosen: list[tuple[UUID, date]] = []
    after: tuple[date, UUID] | None = None
    while len(chosen) < limit:
        page = candidates if after is None else candidates.where(_position() > after)
        found = (await session.execute(page)).all()
        chosen += [
            (pet, due)
            for pet, due, preferences, timezone in found
            if due and preferences.wants_reminder(due, _wall_time(now, timezone), channel)
        ]
        if len(found) < limit:
            break
        after = found[-1][1] or until, found[-1][0]
    if not chosen:
        return []
    claimed = await _claim(session, chosen[:limit], worker, now + lease)
    query = (
        select(VaccinationReminder)
        .where(VaccinationReminder.id.in_(claimed))
        .options(selectinload(VaccinationReminder.pet).selectinload(Pet.owner))
        .order_by(VaccinationReminder.due_on, VaccinationReminder.pet_id)
    )
    fresh = {"populate_existing": True}
    return list(await session.scalars(query, execution_options=fresh))


def _require_sensible(worker: str, limit: int, lease: timedelta) -> None:
    if not 0 < len(worker) <= _LONGEST_NAME:
        raise InvalidValue(
            field="worker",
            rule="has no name, or too long a one",
            expected=f"1 to {_LONGEST_NAME} characters",
            value=worker,
        )
    require_limit(limit)
    if lease <= timedelta():
        raise InvalidValue(field="lease", rule="must be positive", value=str(lease))


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
        error: why it did not go out, for the record; of a long one the first 200 characters.
        retry_in: nobody gets it before that time has passed; at once if none is given.

    Raises:
        ConcurrentUpdate: the claim ran out and another worker has the reminder, or it was sent.
    """
    reminder = await _in_hand(session, reminder_id, worker)
    reminder.claimed_until, reminder.error = clock.now() + retry_in, error[:_LONGEST_ERROR]
    await session.flush()


async def drop_reminders(session: AsyncSession, pet_id: UUID) -> int:
    """Forget the reminders of a pet that did not go out yet; how many they were.

    Who has one in hand is told ``ConcurrentUpdate`` when they say how it went. Nothing new is
    claimed for a pet that is not active; this frees what was claimed before it was retired.
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
