"""Bookers against each other, and against a server that is killed.

    python -m benchmarks.stress [--seconds 60] [--engine sqlite|postgresql] [--processes 3] [--tasks 8]

Several processes with many tasks each fight over few slots: they book, hold, confirm, move and
cancel at random. On PostgreSQL the server is killed (``kill -9``) and started again at random
moments; on SQLite the processes are. Whoever does not know whether a booking was stored asks again
with its key. Then the database is looked at:

* no two appointments that occupy share a veterinarian, a room or a pet at any moment;
* every booking that was acknowledged is there;
* every one that was asked for again with its key is there exactly once;
* nobody saw a deadlock, a hang or an error that has no name.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from rich.console import Console
from rich.table import Table
from sqlalchemy import select, text

from vetcore.database import Database, Session
from vetcore.embedded import EmbeddedPostgreSQL, running_postgresql
from vetcore.errors import (
    BookingRefused,
    CommitOutcomeUnknown,
    Conflict,
    DatabaseError,
    Deadlock,
    InvalidTransition,
    NotFound,
)
from vetcore.models import (
    Appointment,
    Clinic,
    CommandKey,
    Pet,
    Room,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.operations import (
    book_appointment,
    cancel_appointment,
    confirm_hold,
    hold_appointment,
    move_appointment,
)
from vetcore.schemas import (
    AppointmentAct,
    AppointmentCancel,
    AppointmentCreate,
    AppointmentHoldCreate,
    AppointmentMove,
)
from vetcore.settings import DatabaseSettings
from vetcore.values.address import Address
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.people import Role
from vetcore.values.services import BookingPolicy, ServiceCatalog, ServiceOffering

SETTINGS = DatabaseSettings(connect_wait=60, pool_size=10, statement_timeout=20, lock_timeout=20)
HOURS = 6
STEP = 15
_TRANSIENT = (DatabaseError, CommitOutcomeUnknown)


@dataclass
class Stage:
    """The few things that many want."""

    clinic: UUID
    pets: list[UUID]
    opening: datetime


async def _prepare(url: str) -> Stage:
    opening = (datetime.now(UTC) + timedelta(days=2)).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    services = ServiceCatalog(
        offerings=(
            ServiceOffering(
                service=ServiceType.WELLNESS_EXAM,
                duration_minutes=30,
                buffer_after_minutes=5,
                room_kind=RoomKind.CONSULTATION,
            ),
        )
    )
    place = Clinic(
        id=uuid4(),
        name="The Busy Clinic",
        timezone="UTC",
        opening_hours="24/7",
        address=Address(line1="1 Main St", city="Seattle", postal_code="98101", country="US"),
        services=services,
        booking_policy=BookingPolicy(minimum_notice_minutes=0, step_minutes=STEP, hold_minutes=1),
    )
    people = [
        User(id=uuid4(), email=f"{uuid4().hex}@example.com", first_name="A", last_name="B")
        for _ in range(4)
    ]
    pets = [Pet(id=uuid4(), name=f"Pet {number}", species="dog") for number in range(12)]
    async with Database(url, settings=SETTINGS) as db:
        await db.migrate()
        async with db.transaction() as session:
            session.add_all([place, *people, *pets])
            await session.flush()
            session.add_all(
                Veterinarian(
                    user_id=person.id, license_number=str(number), license_jurisdiction="US-WA"
                )
                for number, person in enumerate(people)
            )
            session.add_all(
                StaffMembership(
                    user_id=person.id,
                    clinic_id=place.id,
                    role=Role.VETERINARIAN,
                    starts_on=datetime(2020, 1, 1, tzinfo=UTC).date(),
                )
                for person in people
            )
            session.add_all(
                Room(clinic_id=place.id, name=f"Room {number}", kind=RoomKind.CONSULTATION)
                for number in range(3)
            )
    return Stage(place.id, [each.id for each in pets], opening)


@dataclass
class Booker:
    """One task of one process: acts at random, and writes down what it was promised."""

    db: Database
    stage: Stage
    chance: random.Random
    log: Any
    deadline: float
    seen: Counter[str] = field(default_factory=Counter[str])
    longest: float = 0.0

    def _request(self, **given: Any) -> dict[str, Any]:
        minutes = self.chance.randrange(0, HOURS * 60, STEP)
        return {
            "clinic_id": self.stage.clinic,
            "service": ServiceType.WELLNESS_EXAM,
            "pet_id": self.chance.choice(self.stage.pets),
            "starts_at": self.stage.opening + timedelta(minutes=minutes),
            **given,
        }

    async def run(self) -> None:
        """Act until the time is over."""
        mine: list[UUID] = []
        while time.monotonic() < self.deadline:
            act = self.chance.choices(
                (self._book, self._hold, self._cancel, self._move), (5, 2, 2, 2)
            )[0]
            started = time.monotonic()
            await act(mine)
            self.longest = max(self.longest, time.monotonic() - started)

    async def _settle(self, name: str, work: Any) -> Any:
        """Do ``work`` until it is known to be done or refused, however often it takes."""
        asked = 0
        while True:
            asked += 1
            try:
                async with self.db.transaction() as session:
                    result = await work(session)
            except Deadlock:
                self.seen["DEADLOCK"] += 1
            except _TRANSIENT as trouble:
                self.seen[f"trouble: {trouble.code}"] += 1
                await asyncio.sleep(self.chance.uniform(0.05, 0.3))
            except (Conflict, BookingRefused, InvalidTransition, NotFound) as refused:
                self.seen[f"{name}: {refused.code}"] += 1
                return None
            else:
                self.seen[f"{name}: done"] += 1
                self.seen["asked again, and answered"] += asked > 1
                return result

    def _acknowledge(self, appointment: Appointment, key: str) -> None:
        entry = {"id": str(appointment.id), "key": key}
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()

    async def _book(self, mine: list[UUID]) -> None:
        request, key = AppointmentCreate(**self._request()), uuid4().hex
        booked = await self._settle(
            "book", lambda session: book_appointment(session, request, key=key)
        )
        if booked is not None:
            self._acknowledge(booked, key)
            mine.append(booked.id)

    async def _hold(self, mine: list[UUID]) -> None:
        soon = datetime.now(UTC) + timedelta(seconds=self.chance.uniform(0.3, 2))
        request, key = AppointmentHoldCreate(**self._request(hold_expires_at=soon)), uuid4().hex
        held = await self._settle(
            "hold", lambda session: hold_appointment(session, request, key=key)
        )
        if held is None:
            return
        self._acknowledge(held, key)
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.uniform(0, 0.5))

            async def confirm(session: Session) -> Appointment:
                return await confirm_hold(session, AppointmentAct(id=held.id))

            if await self._settle("confirm", confirm) is not None:
                mine.append(held.id)

    async def _cancel(self, mine: list[UUID]) -> None:
        if mine:
            act = AppointmentCancel(id=mine.pop(self.chance.randrange(len(mine))))
            await self._settle("cancel", lambda session: cancel_appointment(session, act))

    async def _move(self, mine: list[UUID]) -> None:
        if mine:
            to = self._request()["starts_at"]
            act = AppointmentMove(id=self.chance.choice(mine), starts_at=to)
            await self._settle("move", lambda session: move_appointment(session, act))


def _process(url: str, stage: Stage, seed: int, tasks: int, seconds: float, home: Path) -> None:
    asyncio.run(_tasks(url, stage, seed, tasks, seconds, home))


async def _tasks(url: str, stage: Stage, seed: int, tasks: int, seconds: float, home: Path) -> None:
    deadline = time.monotonic() + seconds
    name = home / f"{seed}"
    with name.with_suffix(".acknowledged").open("w") as log:
        async with Database(url, settings=SETTINGS) as db:
            bookers = [
                Booker(db, stage, random.Random(seed * 1000 + number), log, deadline)
                for number in range(tasks)
            ]
            failures = [
                repr(error)
                for error in await asyncio.gather(
                    *(booker.run() for booker in bookers), return_exceptions=True
                )
                if error is not None
            ]
    result = {
        "seen": sum((booker.seen for booker in bookers), Counter()),
        "longest": max(booker.longest for booker in bookers),
        "failures": failures,
    }
    name.with_suffix(".result").write_text(json.dumps(result))


def _fight(
    url: str,
    stage: Stage,
    home: Path,
    chosen: argparse.Namespace,
    server: EmbeddedPostgreSQL | None,
) -> int:
    """Let the processes fight, and kill at random; how often that was."""
    context = multiprocessing.get_context("spawn")
    chance = random.Random(chosen.seed)
    end = time.monotonic() + chosen.seconds

    def start(seed: int) -> Any:
        left = max(1.0, end - time.monotonic())
        arguments = (url, stage, seed, chosen.tasks, left, home)
        process = context.Process(target=_process, args=arguments)
        process.start()
        return process

    processes = [start(chosen.seed + number) for number in range(chosen.processes)]
    kills = 0
    while time.monotonic() < end:
        time.sleep(max(0.0, min(chance.uniform(2, 6), end - time.monotonic())))
        if end - time.monotonic() < 3:
            break
        kills += 1
        if server is not None:
            server.crash()
            time.sleep(chance.uniform(0.05, 0.5))
            server.start()
        else:
            victim = chance.randrange(len(processes))
            processes[victim].kill()
            processes[victim].join()
            processes[victim] = start(chosen.seed + 1000 * kills)
    for process in processes:
        process.join(chosen.seconds + 90)
        if process.is_alive():
            process.kill()
            (home / f"hung-{process.pid}.result").write_text(
                json.dumps({"seen": {}, "longest": 0, "failures": ["a process hung"]})
            )
    return kills


_OVERLAPS = """
SELECT count(*) FROM appointments a JOIN appointments b
  ON a.id < b.id AND a.occupied_from < b.occupied_until AND b.occupied_from < a.occupied_until
 AND (a.veterinarian_id = b.veterinarian_id OR a.room_id = b.room_id OR a.pet_id = b.pet_id)
WHERE a.status IN ({0}) AND b.status IN ({0})
"""
_OCCUPYING = "'held','scheduled','confirmed','checked_in','in_progress','completed'"


async def _verdict(url: str, home: Path) -> tuple[list[str], dict[str, int]]:
    """What is wrong with the database, given what was promised; and what is in it."""
    promised: dict[str, str] = {}
    wrong: list[str] = []
    for path in home.glob("*.acknowledged"):
        for line in path.read_text().splitlines():
            if line.endswith("}"):
                entry = json.loads(line)
                if promised.setdefault(entry["key"], entry["id"]) != entry["id"]:
                    wrong.append(f"key {entry['key']} was promised twice")
    async with Database(url, settings=SETTINGS) as db, db.session() as session:
        overlaps = await session.scalar(text(_OVERLAPS.format(_OCCUPYING)))
        rows = (
            await session.execute(
                select(CommandKey.key, Appointment.id, Appointment.status).join_from(
                    Appointment, CommandKey, CommandKey.result_id == Appointment.id, isouter=True
                )
            )
        ).all()
    if overlaps:
        wrong.append(f"{overlaps} pairs of appointments overlap")
    # Two for one key would leave one without.
    wrong.extend(f"{identity} was booked without a key" for key, identity, _ in rows if key is None)
    stored = {key: str(identity) for key, identity, _ in rows}
    wrong.extend(
        f"promised {identity} is not there"
        for key, identity in promised.items()
        if stored.get(key) != identity
    )
    figures = Counter(f"stored as {status}" for _, _, status in rows)
    return wrong, {"promised": len(promised), **figures}


@contextmanager
def _database(engine: str, home: Path) -> Iterator[tuple[str, EmbeddedPostgreSQL | None]]:
    if engine == "sqlite":
        yield f"sqlite:///{home / 'stress.db'}", None
        return
    with running_postgresql(durable=True) as server:
        yield server.url("postgres"), server


def fight(engine: str, chosen: argparse.Namespace) -> bool:
    """One engine, from preparation to verdict; True if nothing is wrong."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        with _database(engine, home) as (url, server):
            stage = asyncio.run(_prepare(url))
            kills = _fight(url, stage, home, chosen, server)
            wrong, figures = asyncio.run(_verdict(url, home))
        results = [json.loads(path.read_text()) for path in home.glob("*.result")]
    seen = sum((Counter(result["seen"]) for result in results), Counter())
    wrong += [failure for result in results for failure in result["failures"]]
    if seen["DEADLOCK"]:
        wrong.append(f"{seen['DEADLOCK']} deadlocks")
    longest = max((result["longest"] for result in results), default=0)
    what = "server" if engine == "postgresql" else "processes"
    table = Table(title=f"{engine}: {chosen.seconds:.0f} s, {what} killed {kills} times")
    table.add_column("what")
    table.add_column("count", justify="right")
    for name, count in sorted((seen + Counter(figures)).items()):
        table.add_row(name, f"{count:,}")
    table.add_row("longest wait, kills included, s", f"{longest:.1f}")
    table.add_row("wrong", str(len(wrong)))
    console = Console()
    console.print(table)
    for line in wrong[:20]:
        console.print(f"WRONG: {line}", style="bold red")
    if not figures["promised"]:
        console.print("WRONG: nothing was booked", style="bold red")
    return not wrong and bool(figures["promised"])


def main() -> bool:
    """Fight on the engines asked for, half of the time each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 10**6))
    chosen = parser.parse_args()
    engines = [chosen.engine] if chosen.engine else ["postgresql", "sqlite"]
    chosen.seconds /= len(engines)
    print(f"seed {chosen.seed}")
    verdicts = [fight(engine, chosen) for engine in engines]
    return all(verdicts)


if __name__ == "__main__":
    sys.exit(not main())
