"""Booking against the bare INSERT, against hand-written asyncpg, and against the ORM's way.

200,000 appointments are there already. The bare INSERT asks nothing: it is what the three exclusion
constraints alone cost, and nothing can be faster. The hand-written reference sends the one statement
that verifies the timetable and the pet and inserts, between BEGIN and COMMIT, and judges nothing: what
it saves is SQLAlchemy's session, the rules, and our own code around them. The ORM's way is "SELECT
conflicts, then INSERT", as every tutorial has it.

On hot slots, eight workers want the same few. The reference for the longest wait is the ORM's way.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import or_, select

from benchmarks.practice import Practice, fill
from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore.database import Acting, Database, inserting
from vetcore.database.driver import _compiled
from vetcore.errors import Deadlock, SlotTaken
from vetcore.models import (
    Appointment,
    Clinic,
    Pet,
    User,
)
from vetcore.operations import book_appointment
from vetcore.scheduling import booking, kept
from vetcore.scheduling.bookable import bookable
from vetcore.schemas import AppointmentCreate
from vetcore.settings import DatabaseSettings
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType

ALREADY = 200_000
BOOKINGS = 400
ROUNDS = 5
SETTINGS = DatabaseSettings(pool_size=12, statement_timeout=0)


Book = Callable[[AppointmentCreate], Awaitable[object]]


def _ours(db: Database) -> Book:
    async def once(request: AppointmentCreate) -> object:
        async with db.transaction() as session:
            return await booking.book(session, request, by=Capacity.STAFF)

    return once


def _through_operation(db: Database, practice: Practice) -> Book:
    """As a service books: a receptionist asks, their permissions are looked up and asked."""
    acting = Acting(practice.receptionist, via="api")

    async def once(request: AppointmentCreate) -> object:
        async with db.transaction(acting) as session:
            return await book_appointment(session, request)

    return once


async def _by_hand(db: Database, pool: "asyncpg.Pool[Any]", practice: Practice) -> Book:
    """The same statement on asyncpg alone, by what is kept of the clinic from its beginning."""
    async with db.session() as session:
        timetable, _ = await kept.read(session, practice.clinic, datetime.now(UTC).date())
    statement, _ = inserting._insertion_from(Appointment, bookable)
    sql, names, defaults = _compiled(statement, None)
    usual = {**defaults, **inserting._plan(Appointment).plain, "overrides": "[]", "species": None}

    async def once(request: AppointmentCreate) -> object:
        start, end = request.starts_at, request.starts_at + timedelta(minutes=30)
        row = usual | timetable.stands_under(request.practitioner_id)
        row |= {
            "id": uuid4(),
            "clinic_id": request.clinic_id,
            "practitioner_id": request.practitioner_id,
            "pet_id": request.pet_id,
            "pet": request.pet_id,
            "person": request.practitioner_id,
            "since": start,
            "until": end,
            "service": "wellness_exam",
            "service_kind": "wellness_exam",
            "starts_at": start,
            "ends_at": end,
            "occupied_from": start,
            "occupied_until": end,
            "created_at": start,
            "updated_at": start,
            "version": 1,
        }
        async with pool.acquire() as connection, connection.transaction():
            found = await connection.fetch(sql, *(row[name] for name in names))
        assert found, "the reference found a slot taken"
        return found[0]

    return once


_BARE = """
INSERT INTO appointments (id, clinic_id, practitioner_id, pet_id, service, service_kind, status, starts_at, ends_at,
    occupied_from, occupied_until)
VALUES ($1, $2, $3, $4, 'wellness_exam', 'wellness_exam', 'scheduled', $5, $6, $5, $6)
"""


def _bare(pool: "asyncpg.Pool[Any]") -> Book:
    """The INSERT alone, each in a transaction of its own."""
    statement = f"{_BARE} ON CONFLICT DO NOTHING RETURNING id"

    async def once(request: AppointmentCreate) -> object:
        start = request.starts_at
        async with pool.acquire() as connection:
            found = await connection.fetchval(
                statement,
                uuid4(),
                request.clinic_id,
                request.practitioner_id,
                request.pet_id,
                start,
                start + timedelta(minutes=30),
            )
        assert found is not None, "the reference found a slot taken"
        return found

    return once


def _naive(db: Database) -> Book:
    """As every tutorial has it: look for conflicts, then insert; wrong under concurrency."""

    async def once(request: AppointmentCreate) -> object:
        end = request.starts_at + timedelta(minutes=30)
        async with db.transaction() as session:
            clinic = await session.get_one(Clinic, request.clinic_id)
            pet = await session.get_one(Pet, request.pet_id)
            vet = await session.get_one(User, request.practitioner_id)
            query = select(Appointment).where(
                or_(Appointment.practitioner_id == vet.id, Appointment.pet_id == pet.id),
                Appointment.occupied_from < end,
                Appointment.occupied_until > request.starts_at,
                Appointment.status.in_(["held", "scheduled", "confirmed"]),
            )
            if (await session.scalars(query)).first() is not None:
                raise SlotTaken(resource="practitioner")
            booked = Appointment(
                clinic_id=clinic.id,
                practitioner_id=vet.id,
                pet_id=pet.id,
                service=request.service,
                service_kind=ServiceType.WELLNESS_EXAM,
                starts_at=request.starts_at,
                ends_at=end,
                occupied_from=request.starts_at,
                occupied_until=end,
            )
            session.add(booked)
            await session.flush()
            return booked.id

    return once


async def _rate(practice: Practice, book: Book) -> float:
    started = perf_counter()
    for _ in range(BOOKINGS):
        await book(practice.request())
    return BOOKINGS / (perf_counter() - started)


WORKERS = 8
HOT_SLOTS = 200


def _hot_wish(practice: Practice, worker: int, position: int, day: int) -> AppointmentCreate:
    """What a worker wants: the same slot as the others, for a pet of its own."""
    return AppointmentCreate(
        clinic_id=practice.clinic,
        service=ServiceType.WELLNESS_EXAM,
        pet_id=practice.pets[worker * HOT_SLOTS + position],
        practitioner_id=practice.people[0],
        starts_at=practice.opening + timedelta(days=day, minutes=30 * position),
    )


async def _hot(practice: Practice, book: Book, day: int) -> tuple[float, int]:
    """Eight workers want the same few slots: the longest wait in ms, and deadlocks."""
    longest, deadlocks = 0.0, 0
    ready = asyncio.Barrier(WORKERS)

    async def worker(number: int) -> None:
        nonlocal longest, deadlocks
        # Each connection is open and has prepared its statements, as in a service at work.
        for _ in range(10):
            await book(practice.request())
        await ready.wait()
        for position in range(HOT_SLOTS):
            began = perf_counter()
            try:
                await book(_hot_wish(practice, number, position, day))
            except SlotTaken:
                pass
            except Deadlock:
                deadlocks += 1
            longest = max(longest, (perf_counter() - began) * 1000)

    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    return longest, deadlocks


async def _measure(url: str) -> list[Comparison]:
    practice = Practice()
    async with Database(url, settings=SETTINGS) as db:
        await db.migrate()
        await fill(db, practice, ALREADY)
        async with asyncpg.create_pool(
            url, min_size=WORKERS, max_size=WORKERS, server_settings={"jit": "off"}
        ) as pool:
            kinds = {
                "operation": _through_operation(db, practice),
                "ours": _ours(db),
                "bare": _bare(pool),
                "hand": await _by_hand(db, pool, practice),
                "naive": _naive(db),
            }
            rates: dict[str, list[float]] = {name: [] for name in kinds}
            for book in kinds.values():
                await book(practice.request())
            for _ in range(ROUNDS):
                for name, book in kinds.items():
                    rates[name].append(await _rate(practice, book))
            waited, deadlocks = await _hot(practice, kinds["operation"], 300)
            waited_naively, died = await _hot(practice, kinds["naive"], 330)
    rate = {name: median(each) for name, each in rates.items()}
    unit = "bookings/s"
    hot = f"hot slots, {WORKERS} workers"
    return [
        Comparison(
            "book_appointment, permissions asked",
            rate["operation"],
            rate["bare"],
            unit,
            "the bare INSERT",
            at_least=0.35,
        ),
        Comparison("book", rate["ours"], rate["bare"], unit, "the bare INSERT", at_least=0.44),
        Comparison("book", rate["ours"], rate["hand"], unit, "hand-written asyncpg", at_least=0.6),
        Comparison(
            "book", rate["ours"], rate["naive"], unit, "SELECT, then INSERT (ORM)", at_least=1.5
        ),
        Comparison(
            f"longest wait, {hot}",
            waited,
            waited_naively,
            "ms",
            "SELECT, then INSERT (ORM)",
            at_most=1,
        ),
        Comparison(
            f"deadlocks, {hot}",
            deadlocks,
            max(died, 1),
            "",
            f"SELECT, then INSERT (ORM): {died}",
            at_most=0.0,
        ),
    ]


def run() -> list[Comparison]:
    """Compare on a PostgreSQL of the run's own."""
    with postgresql_database() as url:
        return asyncio.run(_measure(url))


if __name__ == "__main__":
    sys.exit(not show(run()))
