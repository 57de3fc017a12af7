"""The loop: claim, commit, send, note.

A claim is committed before anything is sent, so no two workers send one reminder. Who wants no
e-mail, or is asleep, is not claimed. A worker that dies between sending and noting leaves a claim
that runs out; the next one sends the message again, under the same id.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from reminder_worker.messages import Send, compose
from vetcore import Acting, Database, clock
from vetcore.database import Session
from vetcore.errors import ConcurrentUpdate, DatabaseError
from vetcore.identity.clerk import has_address
from vetcore.logging import bind
from vetcore.models import VaccinationReminder
from vetcore.operations import claim_reminders, reminder_failed, reminder_sent
from vetcore.schemas import ReminderClaim, ReminderFailed, ReminderSent
from vetcore.values.preferences import NotificationChannel

__all__ = ["Schedule", "send_due", "work"]

log = structlog.stdlib.get_logger(__name__)

JOB = Acting(via="job", reason="reminders of vaccinations")
NOBODY = "none"
"""The channel of a reminder that had nobody to go to."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When what is done."""

    ahead: timedelta = timedelta(days=14)
    """How far to look; how long before the due date a reminder goes out is the owner's choice."""
    batch: int = 20
    """What one worker has in hand at most, and finishes before it stops."""
    pause: timedelta = timedelta(minutes=1)
    """Between two looks when nothing was due."""
    retry_minutes: int = 5
    """After the first failure; twice as long after each further one."""


async def work(
    db: Database, send: Send, *, worker: str, stop: asyncio.Event, schedule: Schedule
) -> None:
    """Send what falls due until ``stop`` is set; what is in hand by then is finished."""
    with bind(worker=worker):
        log.info("started")
        while not stop.is_set():
            try:
                claimed = await send_due(db, send, worker=worker, schedule=schedule)
            except DatabaseError as error:
                log.warning("the database is in trouble", code=error.code, reason=error.message)
                claimed = 0
            if not claimed:
                await _pause(stop, schedule.pause)
        log.info("stopped")


async def send_due(db: Database, send: Send, *, worker: str, schedule: Schedule) -> int:
    """Send one batch; how many reminders were in it."""
    claim = ReminderClaim(
        worker=worker,
        until=(clock.now() + schedule.ahead).date(),
        channel=NotificationChannel.EMAIL,
        limit=schedule.batch,
    )
    reminders = await db.run(lambda session: claim_reminders(session, claim), JOB)
    for reminder in reminders:
        with bind(reminder=reminder.id):
            await _deliver(db, send, reminder, worker, schedule)
    return len(reminders)


async def _deliver(
    db: Database, send: Send, reminder: VaccinationReminder, worker: str, schedule: Schedule
) -> None:
    pet, owner = reminder.pet, reminder.pet.owner
    channel, error, retry_in = NOBODY, "", 0
    if owner is not None and has_address(owner):
        channel = NotificationChannel.EMAIL.value
        try:
            await send(compose(reminder, pet, owner))
        except OSError as trouble:
            error = f"{type(trouble).__name__}: {trouble}"
            retry_in = schedule.retry_minutes * 2 ** (reminder.attempts - 1)

    async def note(session: Session) -> None:
        if error:
            failed = ReminderFailed(
                id=reminder.id, worker=worker, error=error, retry_minutes=retry_in
            )
            await reminder_failed(session, failed)
        else:
            sent = ReminderSent(id=reminder.id, worker=worker, channel=channel)
            await reminder_sent(session, sent)

    try:
        await db.run(note, JOB)
    except ConcurrentUpdate:
        log.warning("the claim ran out before the reminder was sent")
        return
    if error:
        log.warning("not sent", reason=error, attempt=reminder.attempts, again_in_minutes=retry_in)
    else:
        log.info("sent", channel=channel)


async def _pause(stop: asyncio.Event, pause: timedelta) -> None:
    try:
        await asyncio.wait_for(stop.wait(), pause.total_seconds())
    except TimeoutError:
        return
