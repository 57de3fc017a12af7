"""What is due at one clinic within a week, among a million pets on PostgreSQL; with the plan.

The reference is the same statement, written by hand for asyncpg.
"""

import asyncio
import sys
from datetime import date, timedelta
from statistics import median
from time import perf_counter
from uuid import UUID

import asyncpg
from rich.console import Console
from sqlalchemy import event

from benchmarks.filling import filling
from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore.database import Database
from vetcore.medical import vaccinations_due
from vetcore.schemas import DueQuery

PETS = 1_000_000
CLINICS = 400
MONDAY = date(2026, 3, 9)
SUNDAY = MONDAY + timedelta(days=6)
ROUNDS = 200

FILL = f"""
INSERT INTO clinics (id, name, kind, status, timezone, opening_hours, address,
    accepts_new_patients, accepts_emergencies, accepts_walk_ins)
    SELECT md5('clinic' || n)::uuid, 'Clinic ' || n, 'general_practice', 'active',
        'America/New_York', 'Mo-Fr 08:00-18:00',
        '{{"line1": "1 Main St", "city": "Here", "postal_code": "10001", "country": "US"}}',
        true, false, false
    FROM generate_series(1, {CLINICS}) n;
INSERT INTO pets (id, primary_clinic_id, name, species, sex, birth_date_is_estimate, status,
    next_vaccination_due_on)
    SELECT md5('pet' || n)::uuid, md5('clinic' || 1 + n % {CLINICS})::uuid, 'Rex', 'dog', 'unknown',
        false, CASE WHEN n % 19 = 0 THEN 'deceased' ELSE 'active' END,
        date '2025-10-01' + (n / {CLINICS} * 7 + n) % 365
    FROM generate_series(1, {PETS}) n
"""

BY_HAND = """
SELECT id, name, species, owner_id, primary_clinic_id, next_vaccination_due_on FROM pets
WHERE primary_clinic_id = $1 AND next_vaccination_due_on BETWEEN $2 AND $3
    AND status <> 'deceased' AND deleted_at IS NULL
ORDER BY next_vaccination_due_on, id LIMIT 101
"""


async def _fill(url: str) -> list[UUID]:
    async with filling(url, "pets") as connection:
        await connection.execute(FILL)
        clinics = await connection.fetch("SELECT id FROM clinics ORDER BY id")
    return [UUID(str(row["id"])) for row in clinics]


def _week_at(clinic_id: UUID) -> DueQuery:
    return DueQuery(clinic_id=clinic_id, since=MONDAY, until=SUNDAY, limit=100)


async def _plan(db: Database, clinic_id: UUID) -> list[str]:
    """The plan of the statement that is measured, as it is sent."""
    statements: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(db.engine.sync_engine, "before_cursor_execute")
    def _(
        _connection: object, _cursor: object, sql: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        statements.append((sql, parameters))

    async with db.session() as session:
        await vaccinations_due(session, _week_at(clinic_id))
        sql, parameters = statements[-1]
        connection = await session.connection()
        rows = await connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", parameters
        )
        return [row[0] for row in rows]


async def _measured(url: str) -> list[Comparison]:
    async with Database(url) as db:
        await db.migrate()
        clinics = await _fill(url)
        raw = await asyncpg.connect(url)
        taken: list[tuple[float, float, float]] = []
        for turn in range(ROUNDS):
            clinic_id = clinics[turn % len(clinics)]
            opened = perf_counter()
            async with db.session() as session:
                await session.connection()
                started = perf_counter()
                due = await vaccinations_due(session, _week_at(clinic_id))
                ended = perf_counter()
            closed = perf_counter()
            expected = await raw.fetch(BY_HAND, clinic_id, MONDAY, SUNDAY)
            taken.append((ended - started, closed - opened, perf_counter() - closed))
            assert [each.pet_id for each in due] == [UUID(str(row["id"])) for row in expected]
        await raw.close()
        Console(width=160).print(
            f"A week at one clinic among {PETS:,} pets",
            *await _plan(db, clinics[0]),
            sep="\n    ",
            highlight=False,
            markup=False,
        )
    asked, whole, by_hand = (median(each) * 1000 for each in zip(*taken[20:], strict=True))
    what = "a week's vaccinations due at a clinic"
    return [
        Comparison(what, asked, by_hand, "ms", "by hand, asyncpg", at_most=4),
        Comparison(f"{what}, in a session of its own", whole, by_hand, "ms", "by hand, asyncpg"),
    ]


def run() -> list[Comparison]:
    """Fill a database with a million pets, then ask."""
    with postgresql_database() as url:
        return asyncio.run(_measured(url))


if __name__ == "__main__":
    sys.exit(not show(run()))
