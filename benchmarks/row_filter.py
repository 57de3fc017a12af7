"""What it costs to see only what one may see, among 100,000 pets on PostgreSQL.

The reference is the same query with its WHERE written by hand for the one case: an owner, or
somebody who works at a clinic. Against it stand the filter that ``visible`` makes, and the query
without any filter in a restricted session. All three are asked in turns and find the same rows.

The bars are for the statement. A restricted session also tells the database, as it begins, who asks,
and its connection is reset when it ends; what that adds to a session opened for one statement alone is
told without a bar.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, exists, func, make_url, or_, select

from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore.access import (
    READER,
    Actor,
    enable_row_level_security,
    load_actor,
    visible,
)
from vetcore.database import Acting, Database, ReadSession
from vetcore.models import Appointment, ClinicPatient, Pet, PetCoOwner, StaffMembership
from vetcore.settings.signing import TEST_KEY

PETS = 100_000
PEOPLE = 60_000
CLINICS = 40
PAGE = 50
ROUNDS = 35
WARM_UP = 5

FILL = f"""
INSERT INTO clinics (id, name, kind, status, timezone, opening_hours, address,
    accepts_new_patients, accepts_emergencies, accepts_walk_ins)
    SELECT md5('clinic' || n)::uuid, 'Clinic ' || n, 'general_practice', 'active',
        'America/New_York', 'Mo-Fr 08:00-18:00',
        '{{"line1": "1 Main St", "city": "Here", "postal_code": "10001", "country": "US"}}',
        true, false, false
    FROM generate_series(1, {CLINICS}) n;
INSERT INTO users (id, email, email_verified, phone_verified, first_name, last_name, role, status,
    locale, timezone)
    SELECT md5('user' || n)::uuid, 'user' || n || '@example.com', true, false, 'Ann',
        'Person ' || n, 'pet_owner', 'active', 'en', 'UTC'
    FROM generate_series(1, {PEOPLE}) n;
INSERT INTO staff_memberships (id, user_id, clinic_id, role, employment, starts_on)
    SELECT gen_random_uuid(), md5('user' || n)::uuid,
        md5('clinic' || 1 + n % {CLINICS})::uuid, 'receptionist', 'full_time', '2020-01-01'
    FROM generate_series(1, {CLINICS * 10}) n;
INSERT INTO veterinarians (id, user_id, license_number, license_jurisdiction, license_status,
    accepts_new_patients)
    SELECT md5('vet' || n)::uuid, md5('user' || n)::uuid, 'V' || n, 'US-NY', 'active', true
    FROM generate_series(1, {CLINICS}) n;
INSERT INTO pets (id, owner_id, primary_clinic_id, name, species, sex,
    birth_date_is_estimate, status)
    SELECT md5('pet' || n)::uuid, md5('user' || 1000 + n * 7 % {PEOPLE - 1000})::uuid,
        md5('clinic' || 1 + n % {CLINICS})::uuid, 'Rex ' || md5('name' || n), 'dog', 'unknown',
        false, 'active'
    FROM generate_series(1, {PETS}) n;
INSERT INTO pet_co_owners (pet_id, user_id)
    SELECT md5('pet' || n)::uuid, md5('user' || 1001 + n * 7 % {PEOPLE - 1001})::uuid
    FROM generate_series(1, {PETS}, 10) n;
INSERT INTO clinic_patients (id, pet_id, clinic_id, origin, agreed_at, counts_for_owner)
    SELECT gen_random_uuid(), md5('pet' || n)::uuid, md5('clinic' || 1 + n % {CLINICS})::uuid,
        'owner', now(), true
    FROM generate_series(1, {PETS}) n;
-- Each pet was seen once at its clinic, and each tenth once elsewhere.
INSERT INTO appointments (id, clinic_id, practitioner_id, pet_id, service, service_kind,
    status, starts_at, ends_at, occupied_from, occupied_until, overrides, patient_until)
    SELECT gen_random_uuid(), md5('clinic' || 1 + (n + 7 * again) % {CLINICS})::uuid,
        md5('user' || 1 + n % {CLINICS})::uuid, md5('pet' || n)::uuid, 'wellness_exam',
        'wellness_exam', 'completed',
        at, at + interval '20 min', at, at + interval '20 min', '[]', now() + interval '2 years'
    FROM generate_series(1, {PETS}) n
    CROSS JOIN generate_series(0, 1) again
    CROSS JOIN LATERAL (SELECT timestamptz '2020-01-01 08:00Z'
        + n * interval '30 min' + again * interval '10 years' AS at) t
    WHERE again = 0 OR n % 10 = 0;
"""


@dataclass(frozen=True, slots=True)
class Way:
    """How the rows of an actor are found."""

    name: str
    where: Callable[[], list[ColumnElement[bool]]]
    restricted: bool = False


Query = Callable[[ReadSession, Way], Awaitable[int]]


def _of_owner(user_id: UUID) -> list[ColumnElement[bool]]:
    shared = select(PetCoOwner.pet_id).where(PetCoOwner.user_id == user_id).scalar_subquery()
    # IN (SELECT …) beside OR would read the whole table.
    array: Any = func.array(shared, type_=ARRAY(Uuid()))
    return [or_(Pet.owner_id == user_id, Pet.id == any_(array))]


def _of_clinic(clinic_id: UUID) -> list[ColumnElement[bool]]:
    registered = exists().where(
        ClinicPatient.pet_id == Pet.id,
        ClinicPatient.clinic_id == clinic_id,
        ClinicPatient.ended_at.is_(None),
    )
    seen = exists().where(
        Appointment.pet_id == Pet.id,
        Appointment.clinic_id == clinic_id,
        Appointment.patient_until > func.now(),
    )
    return [or_(registered, seen)]


async def _listed(session: ReadSession, way: Way) -> int:
    query = select(Pet.id, Pet.name).where(*way.where()).order_by(Pet.name, Pet.id).limit(PAGE)
    return len((await session.execute(query)).all())


async def _counted(session: ReadSession, way: Way) -> int:
    return await session.scalar(select(func.count(Pet.id)).where(*way.where())) or 0


def _opened(url: str) -> Database:
    reader = make_url(url).set(username=READER, password="only-for-this")  # noqa: S106
    return Database(url, restricted_url=reader, restricted_key=TEST_KEY)


async def _fill(url: str) -> None:
    async with _opened(url) as db:
        await db.migrate()
        connection = await asyncpg.connect(url)
        await connection.execute(FILL)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()
        await enable_row_level_security(db)


async def _in_turns(
    db: Database, user_id: UUID, ways: list[Way], query: Query, *, whole: bool
) -> list[float]:
    """Median seconds of each way: of the statement, or of a session opened for it and closed."""
    taken: list[list[float]] = [[] for _ in ways]
    sessions = {True: db.restricted, False: db.session}
    results: set[int] = set()
    for _ in range(ROUNDS):
        for way, times in zip(ways, taken, strict=True):
            opened = perf_counter()
            async with sessions[way.restricted](Acting(user_id)) as session:
                await session.connection()
                started = perf_counter()
                results.add(await query(session, way))
                ended = perf_counter()
            times.append(perf_counter() - opened if whole else ended - started)
    assert len(results) == 1, f"they find different rows: {results}"
    assert results != {0}, "there is nothing to find"
    return [median(each[WARM_UP:]) for each in taken]


async def _compared(db: Database, actor: Actor) -> list[Comparison]:
    clinics = [post.clinic_id for post in actor.memberships]
    who = "staff" if clinics else "an owner"
    ways = [
        Way(
            "hand-written WHERE",
            lambda: _of_clinic(clinics[0]) if clinics else _of_owner(actor.user_id),
        ),
        Way("filter", lambda: [visible(Pet, actor)]),
        Way("row-level security", list, restricted=True),
    ]
    compared: list[Comparison] = []
    for what, query, whole in (
        ("lists", _listed, False),
        ("counts", _counted, False),
        ("lists in a session of its own", _listed, True),
    ):
        hand, *others = await _in_turns(db, actor.user_id, ways, query, whole=whole)
        compared += [
            Comparison(
                f"{who} {what}: {way.name}",
                seconds * 1000,
                hand * 1000,
                "ms",
                ways[0].name,
                at_most=None if whole else bar,
            )
            for way, bar, seconds in zip(ways[1:], (1.10, 1.30), others, strict=True)
        ]
    return compared


async def _measured(url: str) -> list[Comparison]:
    await _fill(url)
    async with _opened(url) as db:
        async with db.session() as session:
            owner = await session.scalar(select(Pet.owner_id).order_by(Pet.id).limit(1))
            colleague = await session.scalar(select(StaffMembership.user_id).limit(1))
            assert owner is not None
            assert colleague is not None
            actors = [await load_actor(session, each) for each in (owner, colleague)]
        return [each for actor in actors for each in await _compared(db, actor)]


def run() -> list[Comparison]:
    """The filter and row-level security against a WHERE written by hand."""
    with postgresql_database() as url:
        return asyncio.run(_measured(url))


if __name__ == "__main__":
    sys.exit(not show(run()))
