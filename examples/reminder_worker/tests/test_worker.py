import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from reminder_worker.messages import Message
from reminder_worker.worker import Schedule, send_due, work
from vetcore import Database, clock
from vetcore.models import Pet, User, VaccinationReminder
from vetcore.values.animals import Species
from vetcore.values.preferences import Preferences, QuietHours

EXAMPLES = Path(__file__).parents[2]
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
SCHEDULE = Schedule(batch=4, pause=timedelta(milliseconds=10))


class Mail:
    """Takes messages, ``wanted`` of them; refuses the first ``failures``."""

    def __init__(self, failures: int = 0, seconds: float = 0, wanted: int = 1) -> None:
        self.messages: list[Message] = []
        self.failures = failures
        self.seconds = seconds
        self.wanted = wanted
        self.begun, self.complete = asyncio.Event(), asyncio.Event()

    async def __call__(self, message: Message, /) -> None:
        self.begun.set()
        await asyncio.sleep(self.seconds)
        if self.failures:
            self.failures -= 1
            raise ConnectionError("no route to the provider")
        self.messages.append(message)
        if len(self.messages) == self.wanted:
            self.complete.set()


@pytest.fixture
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


async def _due(db: Database, count: int = 1, **owner: object) -> User:
    person = User(id=uuid4(), email="ana@example.com", first_name="Ana", last_name="Silva", **owner)
    due_on = clock.now().date() + timedelta(days=3)
    async with db.transaction() as session:
        session.add(person)
        await session.flush()
        session.add_all(
            Pet(
                name=f"Pet {number}",
                species=Species.DOG,
                owner_id=person.id,
                next_vaccination_due_on=due_on,
            )
            for number in range(count)
        )
    return person


async def _reminders(db: Database) -> list[VaccinationReminder]:
    async with db.session() as session:
        return list(await session.scalars(select(VaccinationReminder)))


@pytest.mark.usefixtures("noon")
async def test_an_owner_is_told_which_pet_and_when(db: Database) -> None:
    await _due(db)
    mail = Mail()
    assert await send_due(db, mail, worker="a", schedule=SCHEDULE) == 1
    (message,) = mail.messages
    assert message.to == "ana@example.com"
    assert message.subject == "Pet 0 is due for a vaccination"
    assert "12 March 2026" in message.text
    assert await send_due(db, mail, worker="a", schedule=SCHEDULE) == 0


@pytest.mark.usefixtures("noon")
async def test_a_failure_is_tried_again_later_under_the_same_id(db: Database) -> None:
    await _due(db)
    mail = Mail(failures=2)
    tried: list[int] = []
    for minutes in (0, 4, 5, 14, 15, 60):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            if await send_due(db, mail, worker="a", schedule=SCHEDULE):
                tried.append(minutes)
    assert tried == [0, 5, 15]
    (reminder,) = await _reminders(db)
    assert [message.id for message in mail.messages] == [str(reminder.id)]
    assert (reminder.attempts, reminder.error) == (3, None)


@pytest.mark.usefixtures("noon")
async def test_nobody_is_woken_at_night(db: Database) -> None:
    night = Preferences(quiet_hours=QuietHours(start=time(22), end=time(7)))
    await _due(db, preferences=night, timezone="Asia/Tokyo")
    mail = Mail()
    midnight, morning = NOON + timedelta(hours=3), NOON + timedelta(hours=10)
    for moment, expected in (
        (midnight, 0),
        (morning - timedelta(minutes=1), 0),
        (morning, 1),
    ):
        with clock.frozen(moment):
            await send_due(db, mail, worker="a", schedule=SCHEDULE)
        assert len(mail.messages) == expected
    (reminder,) = await _reminders(db)
    assert reminder.attempts == 1


@pytest.mark.usefixtures("noon")
async def test_who_wants_no_e_mail_gets_none(db: Database) -> None:
    await _due(db, preferences=Preferences(email_enabled=False))
    mail = Mail()
    await send_due(db, mail, worker="a", schedule=SCHEDULE)
    assert (mail.messages, await _reminders(db)) == ([], [])


async def test_two_workers_share_the_work_and_send_nothing_twice(db: Database) -> None:
    await _due(db, 30)
    mail, stop = Mail(seconds=0.005, wanted=30), asyncio.Event()

    async def until_done() -> None:
        await mail.complete.wait()
        await asyncio.sleep(0.1)  # for one too many
        stop.set()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(until_done())
        for name in ("a", "b"):
            tasks.create_task(work(db, mail, worker=name, stop=stop, schedule=SCHEDULE))
    assert len({message.subject for message in mail.messages}) == len(mail.messages) == 30
    shares = Counter(reminder.claimed_by for reminder in await _reminders(db))
    assert shares.keys() == {"a", "b"}


async def test_a_worker_that_is_stopped_finishes_what_it_has_in_hand(db: Database) -> None:
    await _due(db, 10)
    mail, stop = Mail(seconds=0.02), asyncio.Event()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(work(db, mail, worker="a", stop=stop, schedule=SCHEDULE))
        await mail.begun.wait()
        stop.set()
    assert len(mail.messages) == SCHEDULE.batch
    assert all(reminder.sent_at for reminder in await _reminders(db))


async def _process(name: str, url: str, outbox: Path) -> asyncio.subprocess.Process:
    inherited = {key: text for key, text in os.environ.items() if not key.startswith("VETCORE_")}
    given = {
        "VETCORE_DATABASE_URL": url,
        "VETCORE_LOGGING_FORMAT": "json",
        "REMINDER_OUTBOX": str(outbox),
        "REMINDER_NAME": name,
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reminder_worker"),
        cwd=EXAMPLES,
        env=inherited | given,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.mark.vetcore_database("postgresql")
async def test_two_processes_send_each_reminder_once_and_leave_at_sigterm(
    database_url: str, tmp_path: Path
) -> None:
    outbox = tmp_path / "outbox"
    outbox.touch()
    async with Database(database_url) as db:
        await _due(db, 100)
    workers = [await _process(name, database_url, outbox) for name in ("a", "b")]

    def sent() -> list[str]:
        return [json.loads(line)["subject"] for line in outbox.read_text().splitlines()]

    async with asyncio.timeout(60):
        while len(sent()) < 100:  # noqa: ASYNC110 -- other processes write it
            await asyncio.sleep(0.05)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        _, said = await asyncio.wait_for(worker.communicate(), 20)
        assert worker.returncode == 0
        assert json.loads(said.splitlines()[-1])["event"] == "stopped"
    assert sorted(sent()) == sorted(
        f"Pet {number} is due for a vaccination" for number in range(100)
    )
