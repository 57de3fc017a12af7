"""A SQLite file while somebody reports: what reads, writes and bookings take beside readers.

Ratios only. A report of several seconds must leave reads and writes as quick as they are alone, up to
a tenth of the report; eight open read transactions, idle between reads of one row, must leave the
writer most of its bookings.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count
from statistics import median
from time import perf_counter

from sqlalchemy import func, select, text

from benchmarks.report import Comparison, show
from vetcore.clock import now
from vetcore.database import Database, Session
from vetcore.models import Clinic
from vetcore.scheduling import book
from vetcore.schemas import AppointmentCreate
from vetcore.settings import DatabaseSettings
from vetcore.testing import Scenario, World
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

REPORT = """
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT {rows})
SELECT sum(x % 7) FROM n
"""
ROWS = 5_000_000
ACTS = 40
BOOKINGS = 150
READERS = 8
IDLE = 0.5
ROUNDS = 3
SETTINGS = DatabaseSettings(statement_timeout=0)


async def _report(db: Database) -> float:
    started = perf_counter()
    async with db.session() as session:
        await session.execute(text(REPORT.format(rows=ROWS)))
    return perf_counter() - started


async def _read(db: Database) -> None:
    async with db.session() as session:
        await session.scalar(select(func.count(Clinic.id)))


async def _write(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(text("UPDATE clinics SET phone = phone"))


async def _longest(act: Callable[[Database], Awaitable[None]], db: Database) -> float:
    longest = 0.0
    for _ in range(ACTS):
        started = perf_counter()
        await act(db)
        longest = max(longest, perf_counter() - started)
        await asyncio.sleep(0.01)
    return longest


async def _beside_a_report(db: Database) -> list[Comparison]:
    found: list[Comparison] = []
    for what, act in (("a read", _read), ("a write", _write)):
        await _longest(act, db)
        alone = await _longest(act, db)
        reporting = asyncio.create_task(_report(db))
        await asyncio.sleep(0.2)
        beside = await _longest(act, db)
        report = await reporting
        found.append(
            Comparison(
                f"the longest wait of {what} beside a report, less alone",
                max(0.0, beside - alone) * 1000,
                report * 1000,
                "ms",
                "the report itself",
                at_most=0.1,
            )
        )
    return found


class _Desk:
    """Books one free time after another, at a clinic that never closes."""

    def __init__(self, db: Database, world: World) -> None:
        self._db = db
        self._world = world
        self._next = count()
        self._first = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)

    async def bookings_a_second(self) -> float:
        started = perf_counter()
        for _ in range(BOOKINGS):
            async with self._db.transaction() as session:
                await book(session, self._request(next(self._next)), by=Capacity.STAFF)
        return BOOKINGS / (perf_counter() - started)

    def _request(self, number: int) -> AppointmentCreate:
        world = self._world
        slot, vet = divmod(number, len(world.veterinarians))
        return AppointmentCreate(
            clinic_id=world.clinic.id,
            pet_id=world.pets[number % len(world.pets)].id,
            practitioner_id=world.veterinarians[vet].user_id,
            service=ServiceType.WELLNESS_EXAM,
            starts_at=self._first + slot * timedelta(minutes=30),
        )


@asynccontextmanager
async def _idle_readers(db: Database) -> AsyncGenerator[None]:
    """Eight read transactions that stay open and read one row now and then."""
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(db.session()) for _ in range(READERS)]

        async def now_and_then(session: Session) -> None:
            while True:
                await session.scalar(select(Clinic.id).limit(1))
                await asyncio.sleep(IDLE)

        reading = [asyncio.create_task(now_and_then(session)) for session in sessions]
        try:
            await asyncio.sleep(0.2)
            yield
        finally:
            for task in reading:
                task.cancel()
            await asyncio.wait(reading)


async def _measured() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as directory:
        async with Database(f"sqlite:///{directory}/clinic.db", settings=SETTINGS) as db:
            await db.migrate()
            async with db.transaction() as session:
                services = ServiceCatalog(
                    offerings=(
                        ServiceOffering(service=ServiceType.WELLNESS_EXAM, duration_minutes=30),
                    )
                )
                world = await (
                    Scenario(seed=1)
                    .clinic(
                        veterinarians=10,
                        rooms=10,
                        opening_hours="24/7",
                        services=services,
                        booking_policy=BookingPolicy(minimum_notice_minutes=0, horizon_days=730),
                    )
                    .owners(20, pets=2)
                    .create(session)
                )
            found = await _beside_a_report(db)
            desk = _Desk(db, world)
            await desk.bookings_a_second()
            alone, beside = [], []
            for _ in range(ROUNDS):
                alone.append(await desk.bookings_a_second())
                async with _idle_readers(db):
                    beside.append(await desk.bookings_a_second())
            found.append(
                Comparison(
                    f"bookings beside {READERS} open read transactions",
                    median(beside),
                    median(alone),
                    "1/s",
                    "bookings alone",
                    at_least=0.8,
                )
            )
            return found


def run() -> list[Comparison]:
    """Report and read beside the writer of a SQLite file."""
    return asyncio.run(_measured())


if __name__ == "__main__":
    sys.exit(not show(run()))
