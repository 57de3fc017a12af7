"""Changes a clinic's timetable by plain SQL, and books in several processes that have kept the old one.

Each attempt changes hours, closures, posts, rooms, services, policy, licences or time off, in a
transaction that is committed or rolled back. While it is open and after its end, every process is asked
to book at random times, with somebody and with anybody. Each must answer as a process does that keeps
nothing: book the same, or refuse with the same code.
"""

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
from tests.scheduling.practice import practice

from vetcore.database import Database
from vetcore.errors import VetcoreError
from vetcore.scheduling import book
from vetcore.scheduling.kept import forget_all
from vetcore.schemas import AppointmentCreate
from vetcore.settings import DatabaseSettings
from vetcore.testing.databases import ScratchDatabases
from vetcore.testing.servers import running_test_server
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity

__all__ = ["CI_COUNT", "Prepared", "attempt", "prepared"]

CI_COUNT = 150

_PROCESSES: Final = 3
_WISHES: Final = 4
_SETTINGS: Final = DatabaseSettings(statement_timeout=60)
_HOURS: Final = ("Mo-Su 08:00-18:00", "24/7", "Mo-Fr 09:00-12:00", "Sa 10:00-14:00", "off")
_SHIFTS: Final = (None, "Mo-We 08:00-12:00", "Mo-Su 12:00-18:00", "24/7")
_SERVICES: Final = ("wellness_exam", "surgery")


class _Process:
    """Another process, which books what it is told and takes it back."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def started(cls, url: str) -> AsyncGenerator["_Process"]:
        """It ends with the block."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "trials.timetables",
            url,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield cls(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()

    async def answer(self, wish: AppointmentCreate) -> str:
        """What came of the wish there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(wish.model_dump_json(exclude_unset=True).encode() + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        told: str = json.loads(line)
        return told


@dataclass(frozen=True)
class Prepared:
    """A clinic, the processes, and a connection that changes its timetable."""

    db: Database
    raw: "asyncpg.Connection[Any]"
    processes: Sequence[_Process]
    clinic: UUID
    people: Sequence[UUID]
    pets: Sequence[UUID]
    rooms: Sequence[UUID]


@asynccontextmanager
async def prepared() -> AsyncGenerator[Prepared]:
    """The clinic stays as the attempts leave it."""
    with tempfile.TemporaryDirectory() as directory, running_test_server() as server:
        scratch = ScratchDatabases(Path(directory), lambda: server)
        url = await scratch.migrated("postgresql")
        async with AsyncExitStack() as stack:
            db = await stack.enter_async_context(Database(url, settings=_SETTINGS))
            made = await practice(
                db,
                vets=3,
                timezone="UTC",
                opening_hours=_HOURS[0],
                booking_policy=BookingPolicy(minimum_notice_minutes=0),
            )
            raw = await asyncpg.connect(url)
            stack.push_async_callback(raw.close)
            processes = [
                await stack.enter_async_context(_Process.started(url)) for _ in range(_PROCESSES)
            ]
            yield Prepared(
                db,
                raw,
                processes,
                made.clinic.id,
                [vet.user_id for vet in made.vets],
                [pet.id for pet in made.pets],
                [room.id for room in made.rooms],
            )
        scratch.close()


async def attempt(prepared: Prepared, chance: random.Random) -> None:
    """Make one change, and ask every process before and after its end."""
    transaction = prepared.raw.transaction()
    await transaction.start()
    what = await _change(prepared, chance)
    await _ask_all(prepared, chance, f"{what}, not committed")
    if chance.random() < 0.75:
        await transaction.commit()
        await _ask_all(prepared, chance, what)
    else:
        await transaction.rollback()
        await _ask_all(prepared, chance, f"{what}, rolled back")


async def _change(prepared: Prepared, chance: random.Random) -> str:
    clinic, person = prepared.clinic, chance.choice(prepared.people)
    today = datetime.now(UTC).date()
    first = today + timedelta(days=chance.randrange(1, 20))
    last = first + timedelta(days=chance.randrange(8))
    later = datetime.now(UTC) + timedelta(hours=chance.randrange(24, 480))
    changes: dict[str, tuple[str, Sequence[Any]]] = {
        "hours": (
            "UPDATE clinics SET opening_hours = $2 WHERE id = $1",
            (clinic, chance.choice(_HOURS)),
        ),
        "step": (
            (
                "UPDATE clinics SET booking_policy = jsonb_set(booking_policy, '{step_minutes}', $2)"
                " WHERE id = $1"
            ),
            (clinic, str(chance.choice((5, 15, 30, 60)))),
        ),
        "horizon": (
            (
                "UPDATE clinics SET booking_policy = jsonb_set(booking_policy, '{horizon_days}', $2)"
                " WHERE id = $1"
            ),
            (clinic, str(chance.choice((5, 15, 180)))),
        ),
        "length": (
            (
                "UPDATE clinics SET services ="
                " jsonb_set(services, '{offerings,0,duration_minutes}', $2) WHERE id = $1"
            ),
            (clinic, str(chance.choice((15, 30, 240)))),
        ),
        "status": (
            "UPDATE clinics SET status = $2 WHERE id = $1",
            (clinic, chance.choice(("active", "active", "active", "suspended"))),
        ),
        "closure": (
            (
                "INSERT INTO clinic_closures (id, clinic_id, first_on, last_on, reason)"
                " VALUES (gen_random_uuid(), $1, $2, $3, 'Trial')"
            ),
            (clinic, first, last),
        ),
        "block": (
            (
                "INSERT INTO schedule_blocks"
                " (id, clinic_id, practitioner_id, label, first_on, last_on, hours)"
                " VALUES (gen_random_uuid(), $1, $2, 'Trial', $3, $4, '10:00-12:00')"
            ),
            (clinic, chance.choice((None, person)), first, last),
        ),
        "no blocks": ("DELETE FROM schedule_blocks WHERE clinic_id = $1", (clinic,)),
        "no closures": ("DELETE FROM clinic_closures WHERE clinic_id = $1", (clinic,)),
        "room": (
            (
                "UPDATE rooms SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END"
                " WHERE id = $1"
            ),
            (chance.choice(prepared.rooms),),
        ),
        "post's end": (
            "UPDATE staff_memberships SET ends_on = $2 WHERE user_id = $1",
            (person, chance.choice((None, first, date(2021, 1, 1)))),
        ),
        "shift": (
            "UPDATE staff_memberships SET working_hours = $2 WHERE user_id = $1",
            (person, chance.choice(_SHIFTS)),
        ),
        "licence": (
            (
                "UPDATE veterinarians SET license_status = $2, license_expires_on = $3"
                " WHERE user_id = $1"
            ),
            (
                person,
                chance.choice(("active", "active", "suspended")),
                chance.choice((None, first)),
            ),
        ),
        "account": (
            (
                "UPDATE users SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END"
                " WHERE id = $1"
            ),
            (person,),
        ),
        "time off": (
            (
                "INSERT INTO time_off (id, practitioner_id, starts_at, ends_at, kind)"
                " VALUES (gen_random_uuid(), $1, $2, $3, 'vacation')"
            ),
            (person, later, later + timedelta(hours=chance.randrange(1, 72))),
        ),
        "no time off": ("DELETE FROM time_off WHERE practitioner_id = $1", (person,)),
    }
    what = chance.choice(sorted(changes))
    statement, values = changes[what]
    await prepared.raw.execute(statement, *values)
    return what


async def _ask_all(prepared: Prepared, chance: random.Random, when: str) -> None:
    for _ in range(_WISHES):
        wish = _wish(prepared, chance)
        forget_all()
        expected = await _answer(prepared.db, wish)
        answers = await asyncio.gather(*(each.answer(wish) for each in prepared.processes))
        if any(answer != expected for answer in answers):
            message = f"{when}: {wish!r} was {answers}, and should have been {expected}"
            raise AssertionError(message)


def _wish(prepared: Prepared, chance: random.Random) -> AppointmentCreate:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    wish: dict[str, Any] = {
        "clinic_id": prepared.clinic,
        "service": chance.choices(_SERVICES, (3, 1))[0],
        "pet_id": chance.choice(prepared.pets),
        "starts_at": midnight
        + timedelta(days=chance.randrange(2, 25), minutes=15 * chance.randrange(96)),
    }
    if chance.random() < 0.7:
        wish["practitioner_id"] = chance.choice(prepared.people)
    return AppointmentCreate(**wish)


async def _answer(db: Database, wish: AppointmentCreate) -> str:
    """Who would be booked and until when, or the code of the refusal; nothing is stored."""
    try:
        async with db.trial() as session:
            booked = await book(session, wish, by=Capacity.STAFF)
            return f"{booked.practitioner_id} {booked.room_id} {booked.ends_at.isoformat()}"
    except VetcoreError as refusal:
        return refusal.code


async def _serve(url: str) -> None:
    """Answer a wish a line."""
    loop = asyncio.get_running_loop()
    async with Database(url, settings=_SETTINGS) as db:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            answer = await _answer(db, AppointmentCreate.model_validate_json(line))
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
