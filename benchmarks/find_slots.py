"""Free slots among 200,000 appointments, against SQL that computes the same, in turns in one run.

The references are hand-written for asyncpg: one query with multiranges, one that asks for each
start on the grid, and one that asks for each minute. All three are checked to find the same slots.
"""

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore import clock
from vetcore.database import Database
from vetcore.models import Clinic, ClinicClosure, Pet, StaffMembership, TimeOff, User, Veterinarian
from vetcore.scheduling import Slot, find_slots
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role
from vetcore.values.services import ServiceCatalog, ServiceOffering

ZONE = "America/New_York"
VETS = 20
SIZES = (VETS, 10, 40, *[3] * 70)
"""The veterinarians of each clinic; the first is asked about, and twenty of three at once."""
WEEKDAYS, SHARE = 60, 12
"""Each of the 280 has ``SHARE`` appointments on each weekday: 201,600 together."""
FIRST = date(2026, 2, 16)
NOW = datetime(2026, 2, 14, 12, tzinfo=UTC)
START = datetime(2026, 2, 23, 5, tzinfo=UTC)
DAYS = 30
"""From a Monday's midnight in New York until after the clocks go forward."""
HALF, STEP, BUFFER = (timedelta(minutes=length) for length in (30, 15, 5))
ROUNDS = 25

HOURS = "Mo-Fr 08:00-12:00,13:00-18:00"
SHORT_WEEK = "Mo-Th 08:00-12:00,13:00-17:00"
SPANS, SHORT_SPANS = ([(time(8), time(12)), (time(13), time(end))] for end in (18, 17))

FILL = """
INSERT INTO appointments (id, clinic_id, practitioner_id, pet_id, service, service_kind, status,
    starts_at, ends_at, occupied_from, occupied_until, overrides, created_at, updated_at, version)
SELECT gen_random_uuid(), v.clinic, v.vet, p.pets[1 + v.number * 18 + s.slot], 'wellness_exam',
    'wellness_exam', 'scheduled', at.start, at.start + interval '30 min', at.start, at.start + interval '30 min',
    '[]', now(), now(), 1
FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS v0(clinic, vet, nth)
CROSS JOIN LATERAL (SELECT v0.clinic, v0.vet, v0.nth::int - 1 AS number) AS v
CROSS JOIN (SELECT $3::uuid[] AS pets) AS p
CROSS JOIN generate_series(0, 83) AS d(day)
CROSS JOIN generate_series(0, 17) AS s(slot)
CROSS JOIN LATERAL (SELECT ($4::date + d.day + time '08:00' + s.slot * interval '30 min'
    + CASE WHEN s.slot >= 8 THEN interval '1 hour' ELSE interval '0' END)
    AT TIME ZONE 'America/New_York' AS start) AS at
WHERE extract(isodow FROM $4::date + d.day) <= 5
  AND (s.slot + v.number * 5 + d.day * 2) % 9 < $5
ORDER BY at.start
"""

PREPARED = """
WITH days AS (
    SELECT day::date AS day
    FROM generate_series($2::timestamptz AT TIME ZONE $10 - interval '1 day',
                         $3::timestamptz AT TIME ZONE $10, '1 day') AS day
), clinic_days AS (
    SELECT day FROM days WHERE NOT EXISTS (
        SELECT FROM clinic_closures c WHERE c.clinic_id = $1 AND c.deleted_at IS NULL
        AND day BETWEEN c.first_on AND c.last_on)
), openings AS (
    SELECT day, (day + opens) AT TIME ZONE $10 AS opens, (day + closes) AT TIME ZONE $10 AS closes
    FROM clinic_days JOIN unnest($4::int[], $5::time[], $6::time[]) AS h(dow, opens, closes)
        ON extract(isodow FROM day) = dow
), working AS (
    SELECT v.user_id AS id, range_agg(tstzrange((day + opens) AT TIME ZONE $10,
                                     (day + closes) AT TIME ZONE $10)) AS spans
    FROM staff_memberships m
    JOIN veterinarians v ON v.user_id = m.user_id AND v.deleted_at IS NULL
        AND v.license_status = 'active'
    JOIN unnest($7::uuid[], $8::int[], $9::time[], $11::time[]) AS h(vet, dow, opens, closes)
        ON h.vet = v.user_id
    JOIN clinic_days ON extract(isodow FROM day) = dow AND day >= m.starts_on
        AND (m.ends_on IS NULL OR day <= m.ends_on)
        AND (v.license_expires_on IS NULL OR day <= v.license_expires_on)
    WHERE m.clinic_id = $1 AND m.deleted_at IS NULL AND v.user_id = ANY($12::uuid[])
    GROUP BY v.user_id
), away AS (
    SELECT practitioner_id AS id, range_agg(tstzrange(starts_at, ends_at)) AS spans FROM time_off
    WHERE deleted_at IS NULL AND ends_at > $2 AND starts_at < $3
      AND practitioner_id IN (SELECT id FROM working)
    GROUP BY 1
)
"""

OCCUPIES = """a.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
    AND a.deleted_at IS NULL
    AND NOT (a.status = 'held' AND a.hold_expires_at <= clock_timestamp())"""

MULTIRANGES = f"""{PREPARED}, busy AS (
    SELECT a.practitioner_id AS id, range_agg(tstzrange(
        a.occupied_from - interval '35 min', a.occupied_until + interval '5 min', '()')) AS spans
    FROM appointments a
    WHERE a.practitioner_id = ANY($12::uuid[])
      AND a.occupied_from > $2::timestamptz - interval '1 day'
      AND a.occupied_from < $3::timestamptz + interval '1 day' AND {OCCUPIES}
    GROUP BY 1
), opened AS (
    SELECT range_agg(tstzrange(opens, closes)) AS spans FROM openings
), duty AS (
    SELECT id, range_agg(tstzrange(lower(span), upper(span) - interval '30 min', '[]')) AS spans
    FROM (
        SELECT w.id, unnest(w.spans * opened.spans - coalesce(away.spans, '{{}}')) AS span
        FROM opened CROSS JOIN working w LEFT JOIN away USING (id)) AS whole
    WHERE upper(span) - lower(span) >= interval '30 min' GROUP BY id
), free AS (
    SELECT id, unnest(
        (duty.spans - coalesce(busy.spans, '{{}}')) * tstzmultirange(tstzrange($2, $3))) AS span
    FROM duty LEFT JOIN busy USING (id)
)
SELECT at, at + interval '30 min', id, $1::uuid
FROM free
JOIN openings ON lower(span) >= opens AND lower(span) < closes
    AND day = (lower(span) AT TIME ZONE $10)::date
CROSS JOIN LATERAL generate_series(
    opens + ceil(extract(epoch FROM lower(span) - opens) / 900) * interval '15 min',
    upper(span), '15 min') AS at
WHERE at <@ span
ORDER BY at, id
"""


def _asking(distance: str) -> str:
    """Each start that far apart is asked for on its own; then what is not on the grid is left out."""
    return f"""{PREPARED}, asked AS MATERIALIZED (
    SELECT at, opens, w.id
    FROM openings
    CROSS JOIN generate_series(opens, closes - interval '30 min', '{distance}') AS at
    JOIN working w ON w.spans @> tstzrange(at, at + interval '30 min')
    LEFT JOIN away ON away.id = w.id
    WHERE at >= $2 AND at < $3
      AND NOT coalesce(away.spans && tstzrange(at, at + interval '30 min'), false)
      AND NOT EXISTS (
        SELECT FROM appointments a WHERE a.practitioner_id = w.id AND w.id = ANY($12::uuid[])
          AND a.occupied_from > at - interval '1 day' AND a.occupied_from < at + interval '35 min'
          AND a.occupied_until > at - interval '5 min' AND {OCCUPIES})
)
SELECT at, at + interval '30 min', id, $1::uuid FROM asked
WHERE extract(epoch FROM at - opens)::int % 900 = 0
ORDER BY at, id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The clinics, and the veterinarians of the first, some of whom work a short week."""

    clinics: list[UUID]
    vets: list[UUID]
    short: frozenset[UUID]

    def parameters(self, vets: list[UUID], start: datetime, end: datetime) -> list[Any]:
        hours = [(dow, *span) for dow in range(1, 6) for span in SPANS]
        work = [
            (vet, dow, *span)
            for vet in vets
            for dow in range(1, 5 if vet in self.short else 6)
            for span in (SHORT_SPANS if vet in self.short else SPANS)
        ]
        opens = [list(column) for column in zip(*hours, strict=True)]
        works = [list(column) for column in zip(*work, strict=True)]
        return [self.clinics[0], start, end, *opens, *works[:3], ZONE, works[3], vets]


def _clinic(number: int) -> Clinic:
    return Clinic(
        id=uuid4(),
        name=f"Clinic {number}",
        timezone=ZONE,
        opening_hours=HOURS,
        address=Address(line1="1 Main St", city="New York", postal_code="10001", country="US"),
        services=ServiceCatalog(
            offerings=(
                ServiceOffering(
                    service=ServiceType.WELLNESS_EXAM,
                    duration_minutes=30,
                    buffer_before_minutes=5,
                    buffer_after_minutes=5,
                ),
            )
        ),
        booking_policy=BookingPolicy(minimum_notice_minutes=60, horizon_days=365),
    )


async def filled(db: Database, raw: Any) -> Place:
    """Fill a database with clinics, people and 201,600 appointments."""
    await db.migrate()
    places = [_clinic(number) for number in range(len(SIZES))]
    homes = [place for place, size in zip(places, SIZES, strict=True) for _ in range(size)]
    people = [
        User(
            id=uuid4(),
            email=f"{number}@example.com",
            first_name="Ana",
            last_name="Silva",
            role=Role.VETERINARIAN,
        )
        for number in range(sum(SIZES))
    ]
    vets = [
        Veterinarian(
            id=uuid4(),
            user_id=person.id,
            license_number=person.email,
            license_jurisdiction="US-NY",
        )
        for person in people
    ]
    pets = [Pet(id=uuid4(), name="Rex", species=Species.DOG) for _ in range(len(people) * 18)]
    memberships = [
        StaffMembership(
            user_id=person.id,
            clinic_id=homes[number].id,
            role=Role.VETERINARIAN,
            starts_on=date(2020, 1, 1),
            working_hours=SHORT_WEEK if number % 2 else None,
        )
        for number, person in enumerate(people)
    ]
    async with db.transaction() as session:
        session.add_all([*places, *people])
        await session.flush()
        session.add_all([*vets, *pets, *memberships])
        closed = date(2026, 3, 17)
        session.add(
            ClinicClosure(
                clinic_id=places[0].id, first_on=closed, last_on=closed, reason="Inventory"
            )
        )
        session.add_all(
            TimeOff(
                practitioner_id=person.id,
                starts_at=START + timedelta(days=number, hours=14),
                ends_at=START + timedelta(days=number + 2),
            )
            for number, person in enumerate(people[:VETS:3])
        )
    await raw.execute(
        FILL,
        [home.id for home in homes],
        [person.id for person in people],
        [pet.id for pet in pets],
        FIRST,
        SHARE // 2,
    )
    await raw.execute("ANALYZE")
    count = await raw.fetchval("SELECT count(*) FROM appointments")
    assert count == sum(SIZES) * WEEKDAYS * SHARE, count
    ours = [person.id for person in people[:VETS]]
    short = frozenset(person.id for person in people[1:VETS:2])
    return Place([place.id for place in places], ours, short)


Work = Callable[[], Awaitable[list[Any]]]


async def medians(works: dict[str, Work], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each, taken in turns so that all see the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for round_number in range(rounds + 2):
        for name, work in works.items():
            started = perf_counter()
            await work()
            if round_number > 1:
                taken[name].append(perf_counter() - started)
    return {name: median(each) for name, each in taken.items()}


async def _measure(url: str) -> list[Comparison]:
    raw = await asyncpg.connect(url)
    async with Database(url) as db:
        place = await filled(db, raw)
        with clock.frozen(NOW):
            async with db.session() as session:

                async def ours(
                    start: datetime = START, days: int = DAYS, clinic: int = 0
                ) -> list[Any]:
                    return await find_slots(
                        session,
                        clinic_id=place.clinics[clinic],
                        service=ServiceType.WELLNESS_EXAM,
                        start=start,
                        end=start + timedelta(days=days),
                        by=Capacity.STAFF,
                    )

                return [
                    *await _against_sql(raw, place, ours),
                    *await _growth(ours),
                    await _memory(ours),
                ]


def _told(row: Any) -> tuple[Any, ...]:
    return astuple(row)[:4] if isinstance(row, Slot) else tuple(row)


async def _against_sql(
    raw: Any, place: Place, ours: Callable[..., Awaitable[list[Any]]]
) -> list[Comparison]:
    parameters = place.parameters(place.vets, START, START + timedelta(days=DAYS))
    each_start, each_minute = _asking("15 min"), _asking("1 min")

    def sql(query: str) -> Work:
        async def work() -> list[Any]:
            rows: list[Any] = await raw.fetch(query, *parameters)
            return rows

        return work

    works = {
        "ours": ours,
        "multiranges": sql(MULTIRANGES),
        "each start": sql(each_start),
        "each minute": sql(each_minute),
    }
    found = {name: [_told(row) for row in await work()] for name, work in works.items()}
    assert found["ours"], "nothing is free"
    for name, rows in found.items():
        assert rows == found["ours"], f"{name} finds other slots"
    fast = await medians({name: works[name] for name in ("ours", "multiranges")})
    slow = await medians({name: works[name] for name in ("ours", "each start", "each minute")}, 5)
    what = f"{len(found['ours']):,} slots of {VETS} veterinarians in {DAYS} days"
    return [
        Comparison(
            what, fast["ours"], fast["multiranges"], "s", "one query, multiranges", at_most=0.8
        ),
        Comparison(what, slow["ours"], slow["each start"], "s", "one query, each start"),
        Comparison(
            what, slow["ours"], slow["each minute"], "s", "one query, each minute", at_most=1 / 20
        ),
    ]


async def _growth(ours: Callable[..., Awaitable[list[Any]]]) -> list[Comparison]:
    """What a day costs in a longer window, and a veterinarian in a larger clinic."""
    taken = await medians(
        {
            "14 days": lambda: ours(days=14),
            "56 days": lambda: ours(days=56),
            "10 veterinarians": lambda: ours(clinic=1),
            "40 veterinarians": lambda: ours(clinic=2),
        }
    )
    days = taken["56 days"] / 56, taken["14 days"] / 14
    vets = taken["40 veterinarians"] / 40, taken["10 veterinarians"] / 10
    return [
        Comparison("a day of 56", *days, "s", "a day of 14", at_most=1.25),
        Comparison("a veterinarian of 40", *vets, "s", "a veterinarian of 10", at_most=1.25),
    ]


async def _memory(ours: Callable[..., Awaitable[list[Any]]]) -> Comparison:
    """What is kept after many windows, all different, against what is kept after some."""

    async def kept(first: int, last: int) -> float:
        for number in range(first, last):
            await ours(start=START + timedelta(days=number % 300, hours=number // 300), days=7)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / 2**20

    tracemalloc.start()
    try:
        some, many = await kept(0, 300), await kept(300, 900)
    finally:
        tracemalloc.stop()
    return Comparison("memory kept after 900 windows", many, some, "MiB", "after 300", at_most=1.1)


def run() -> list[Comparison]:
    """Fill a database, then compare."""
    with postgresql_database() as url:
        return asyncio.run(_measure(url))


if __name__ == "__main__":
    sys.exit(not show(run()))
