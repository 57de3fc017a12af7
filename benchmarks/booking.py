"""Booking against the bare INSERT, against hand-written asyncpg, and against the ORM's way.

200,000 appointments are there already. The bare INSERT asks nothing: it is what the three exclusion
constraints alone cost, and nothing can be faster. The hand-written reference reads the same facts
with the same statements, judges with the same rules, and inserts with the same ON CONFLICT DO
NOTHING: what it saves is SQLAlchemy's session and our own code around it. The ORM's way is "SELECT
conflicts, then INSERT", as every tutorial has it.

On hot slots, eight workers want the same few. The reference for the longest wait is a worker whose
plain INSERT waits for others until the server ends one of them as a deadlock.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore.database import Acting, Database, inserting
from vetcore.database.driver import _compiled, is_postgresql, rows_of
from vetcore.errors import Deadlock, SlotTaken
from vetcore.models import (
    Appointment,
    Clinic,
    Pet,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.operations import book_appointment
from vetcore.scheduling import booking, loading
from vetcore.schemas import AppointmentCreate
from vetcore.settings import DatabaseSettings
from vetcore.values.address import Address
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role
from vetcore.values.services import BookingPolicy, ServiceCatalog, ServiceOffering

ALREADY = 200_000
BOOKINGS = 400
ROUNDS = 5
SETTINGS = DatabaseSettings(pool_size=12, statement_timeout=0)


class Practice:
    """A clinic with many veterinarians, and an endless supply of free slots."""

    def __init__(self) -> None:
        self.clinic, self.receptionist = uuid4(), uuid4()
        self.vets = [uuid4() for _ in range(40)]
        self.people = [uuid4() for _ in self.vets]
        self.pets = [uuid4() for _ in range(4000)]
        self.opening = datetime.now(UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(days=2)
        self._next = count()

    def vet_of(self, request: AppointmentCreate) -> UUID:
        """The row of the veterinarian whom the request names as a person."""
        return dict(zip(self.people, self.vets, strict=True))[request.performer_id]

    def request(self) -> AppointmentCreate:
        """The next free slot: round the veterinarians, then half an hour on."""
        number = next(self._next)
        slot, vet = divmod(number, len(self.vets))
        return AppointmentCreate(
            clinic_id=self.clinic,
            service=ServiceType.WELLNESS_EXAM,
            pet_id=self.pets[number % len(self.pets)],
            performer_id=self.people[vet],
            starts_at=self.opening + slot * timedelta(minutes=30),
        )


async def _fill(db: Database, practice: Practice) -> None:
    services = ServiceCatalog(
        offerings=(ServiceOffering(service=ServiceType.WELLNESS_EXAM, duration_minutes=30),)
    )
    place = Clinic(
        id=practice.clinic,
        name="Benchmark",
        timezone="UTC",
        opening_hours="24/7",
        address=Address(line1="1 Main St", city="Seattle", postal_code="98101", country="US"),
        services=services,
        booking_policy=BookingPolicy(minimum_notice_minutes=0, horizon_days=730),
    )
    people = [
        User(id=key, email=f"{key.hex}@example.com", first_name="A", last_name="B")
        for key in practice.people
    ]
    async with db.transaction() as session:
        session.add_all([place, *people])
        await session.flush()
        for vet, person in zip(practice.vets, people, strict=True):
            session.add(
                Veterinarian(
                    id=vet, user_id=person.id, license_number=vet.hex, license_jurisdiction="US-WA"
                )
            )
            session.add(
                StaffMembership(
                    user_id=person.id,
                    clinic_id=place.id,
                    role=Role.VETERINARIAN,
                    starts_on=date(2020, 1, 1),
                )
            )
        session.add_all(
            Pet(id=key, name="P", species="dog", primary_clinic_id=place.id)
            for key in practice.pets
        )
        session.add(
            User(id=practice.receptionist, email="desk@example.com", first_name="A", last_name="B")
        )
        await session.flush()
        session.add(
            StaffMembership(
                user_id=practice.receptionist,
                clinic_id=place.id,
                role=Role.RECEPTIONIST,
                starts_on=date(2020, 1, 1),
            )
        )
        await session.flush()
        # Building the indexes once is faster than growing them row by row.
        found = await session.execute(
            text("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'")
        )
        exclusions = found.all()
        for name, _ in exclusions:
            await session.execute(text(f"ALTER TABLE appointments DROP CONSTRAINT {name}"))
        await session.execute(
            text(
                "INSERT INTO appointments (id, clinic_id, veterinarian_id, pet_id, service,"
                " starts_at, ends_at, occupied_from, occupied_until)"
                " SELECT gen_random_uuid(), CAST(:clinic AS uuid),"
                " (CAST(:vets AS uuid[]))[1 + n % 40], (CAST(:pets AS uuid[]))[1 + n % 4000],"
                " 'wellness_exam', at, at + interval '30 min', at, at + interval '30 min'"
                " FROM generate_series(0, :count - 1) n,"
                " LATERAL (SELECT date_trunc('day', now()) - interval '1 day'"
                "   - (n / 40 + 1) * interval '30 min' AS at) t"
            ),
            {
                "clinic": practice.clinic,
                "vets": practice.vets,
                "pets": practice.pets,
                "count": ALREADY,
            },
        )
        for name, definition in exclusions:
            statement = f"ALTER TABLE appointments ADD CONSTRAINT {name} {definition}"
            await session.execute(text(statement.replace(":", "\\:")))
    async with db.transaction() as session:
        await session.execute(text("ANALYZE"))


async def _ours(db: Database, practice: Practice) -> Callable[[], Awaitable[object]]:
    async def once() -> object:
        async with db.transaction() as session:
            return await booking.book(session, practice.request(), by=Capacity.STAFF)

    return once


async def _through_operation(db: Database, practice: Practice) -> Callable[[], Awaitable[object]]:
    """As a service books: a receptionist asks, their permissions are looked up and asked."""
    acting = Acting(practice.receptionist, via="api")

    async def once() -> object:
        async with db.transaction(acting) as session:
            return await book_appointment(session, practice.request())

    return once


async def _by_hand(
    pool: "asyncpg.Pool[Any]", practice: Practice
) -> Callable[[], Awaitable[object]]:
    """The same statements and rules, on asyncpg alone."""

    async def once() -> object:
        request = practice.request()
        async with pool.acquire() as connection, connection.transaction():
            world = await loading.load_world(
                _Direct(connection),
                clinic_id=request.clinic_id,
                service=request.service,
                start=request.starts_at,
                end=request.starts_at + timedelta(minutes=1),
                performer_id=request.performer_id,
                pet_id=request.pet_id,
                by=Capacity.STAFF,
            )
            (vet,) = world.veterinarians
            if booking.refusal(world, vet, booking.floor(request.starts_at)) is not None:
                message = "the reference found a slot taken"
                raise AssertionError(message)
            values = booking._values(world, request, vet, AppointmentStatus.SCHEDULED)
            row = inserting.new_row(_Direct(connection), Appointment, values | {"overrides": "[]"})
            statement = inserting._insertion(Appointment)
            return (await _rows(_Direct(connection), statement, row))[0]

    return once


_BARE = """
INSERT INTO appointments (id, clinic_id, veterinarian_id, pet_id, service, status, starts_at, ends_at,
    occupied_from, occupied_until)
VALUES ($1, $2, $3, $4, 'wellness_exam', 'scheduled', $5, $6, $5, $6)
"""


async def _bare(pool: "asyncpg.Pool[Any]", practice: Practice) -> Callable[[], Awaitable[object]]:
    """The INSERT alone, each in a transaction of its own."""
    statement = f"{_BARE} ON CONFLICT DO NOTHING RETURNING id"

    async def once() -> object:
        request = practice.request()
        start = request.starts_at
        async with pool.acquire() as connection:
            found = await connection.fetchval(
                statement,
                uuid4(),
                request.clinic_id,
                practice.vet_of(request),
                request.pet_id,
                start,
                start + timedelta(minutes=30),
            )
        assert found is not None, "the reference found a slot taken"
        return found

    return once


class _Direct(AsyncSession):
    """Stands where a session does, and is nothing but a connection of asyncpg."""

    info: Any = {}  # noqa: RUF012 -- nobody acts

    def __init__(self, connection: Any) -> None:
        self.driver = connection


async def _rows(session: Any, statement: Any, parameters: Any) -> Any:
    if not isinstance(session, _Direct):
        return await rows_of(session, statement, parameters)
    compiled = _compiled(statement, None)
    values = [parameters.get(name, compiled.defaults.get(name)) for name in compiled.names]
    return await session.driver.fetch(compiled.sql, *values)


def _is_postgresql(session: Any) -> bool:
    return isinstance(session, _Direct) or is_postgresql(session)


loading.rows_of = _rows  # type: ignore[assignment]
loading.is_postgresql = _is_postgresql


async def _naive(db: Database, practice: Practice) -> Callable[[], Awaitable[object]]:
    """As every tutorial has it: look for conflicts, then insert; wrong under concurrency."""

    async def once() -> object:
        request = practice.request()
        end = request.starts_at + timedelta(minutes=30)
        async with db.transaction() as session:
            clinic = await session.get_one(Clinic, request.clinic_id)
            pet = await session.get_one(Pet, request.pet_id)
            vet = await session.get_one(Veterinarian, practice.vet_of(request))
            query = select(Appointment).where(
                or_(Appointment.veterinarian_id == vet.id, Appointment.pet_id == pet.id),
                Appointment.occupied_from < end,
                Appointment.occupied_until > request.starts_at,
                Appointment.status.in_(["held", "scheduled", "confirmed"]),
            )
            if (await session.scalars(query)).first() is not None:
                message = "the reference found a slot taken"
                raise AssertionError(message)
            booked = Appointment(
                clinic_id=clinic.id,
                veterinarian_id=vet.id,
                pet_id=pet.id,
                service=request.service,
                starts_at=request.starts_at,
                ends_at=end,
                occupied_from=request.starts_at,
                occupied_until=end,
            )
            session.add(booked)
            await session.flush()
            return booked.id

    return once


async def _rate(once: Callable[[], Awaitable[object]]) -> float:
    started = perf_counter()
    for _ in range(BOOKINGS):
        await once()
    return BOOKINGS / (perf_counter() - started)


WORKERS = 8
HOT_SLOTS = 200


def _hot_starts(practice: Practice, day: int) -> list[datetime]:
    first = practice.opening + timedelta(days=day)
    return [first + timedelta(minutes=30 * number) for number in range(HOT_SLOTS)]


async def _hot(db: Database, practice: Practice) -> tuple[float, int]:
    """Eight workers want the same few slots: the longest wait in ms, and deadlocks."""
    longest, deadlocks = 0.0, 0
    # Each worker's connection is open and has prepared its statements, as in a service at work.
    ready = asyncio.Barrier(WORKERS)

    async def warm_up() -> None:
        async with db.transaction() as session:
            await booking.book(session, practice.request(), by=Capacity.STAFF)
            await ready.wait()

    await asyncio.gather(*(warm_up() for _ in range(WORKERS)))

    async def worker(number: int) -> None:
        nonlocal longest, deadlocks
        for position, start in enumerate(_hot_starts(practice, 300)):
            request = AppointmentCreate(
                clinic_id=practice.clinic,
                service=ServiceType.WELLNESS_EXAM,
                pet_id=practice.pets[number * HOT_SLOTS + position],
                performer_id=practice.people[0],
                starts_at=start,
            )
            began = perf_counter()
            try:
                async with db.transaction() as session:
                    await booking.book(session, request, by=Capacity.STAFF)
            except SlotTaken:
                pass
            except Deadlock:
                deadlocks += 1
            longest = max(longest, (perf_counter() - began) * 1000)

    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    return longest, deadlocks


async def _hot_by_plain_insert(pool: "asyncpg.Pool[Any]", practice: Practice) -> tuple[float, int]:
    """The same with a plain INSERT, which waits for whoever inserts what overlaps."""
    longest, deadlocks = 0.0, 0

    async def worker(number: int) -> None:
        nonlocal longest, deadlocks
        for position, start in enumerate(_hot_starts(practice, 330)):
            pet = practice.pets[number * HOT_SLOTS + position]
            end = start + timedelta(minutes=30)
            began = perf_counter()
            try:
                async with pool.acquire() as connection:
                    await connection.execute(
                        _BARE, uuid4(), practice.clinic, practice.vets[0], pet, start, end
                    )
            except asyncpg.ExclusionViolationError:
                pass
            except asyncpg.DeadlockDetectedError:
                deadlocks += 1
            longest = max(longest, (perf_counter() - began) * 1000)

    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    return longest, deadlocks


async def _measure(url: str) -> list[Comparison]:
    practice = Practice()
    async with Database(url, settings=SETTINGS) as db:
        await db.migrate()
        await _fill(db, practice)
        async with asyncpg.create_pool(
            url, min_size=WORKERS, max_size=WORKERS, server_settings={"jit": "off"}
        ) as pool:
            kinds = {
                "operation": await _through_operation(db, practice),
                "ours": await _ours(db, practice),
                "bare": await _bare(pool, practice),
                "hand": await _by_hand(pool, practice),
                "naive": await _naive(db, practice),
            }
            rates: dict[str, list[float]] = {name: [] for name in kinds}
            for once in kinds.values():
                await once()
            for _ in range(ROUNDS):
                for name, once in kinds.items():
                    rates[name].append(await _rate(once))
            waited, deadlocks = await _hot(db, practice)
            waited_plainly, died = await _hot_by_plain_insert(pool, practice)
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
            at_least=0.2,
        ),
        Comparison("book", rate["ours"], rate["bare"], unit, "the bare INSERT", at_least=0.2),
        Comparison("book", rate["ours"], rate["hand"], unit, "hand-written asyncpg", at_least=0.6),
        Comparison(
            "book", rate["ours"], rate["naive"], unit, "SELECT, then INSERT (ORM)", at_least=1.5
        ),
        Comparison(
            f"longest wait, {hot}", waited, waited_plainly, "ms", "a plain INSERT", at_most=0.5
        ),
        Comparison(
            f"deadlocks, {hot}", deadlocks, max(died, 1), "", f"a plain INSERT: {died}", at_most=0.0
        ),
    ]


def run() -> list[Comparison]:
    """Compare on a PostgreSQL of the run's own."""
    with postgresql_database() as url:
        return asyncio.run(_measure(url))


if __name__ == "__main__":
    sys.exit(not show(run()))
