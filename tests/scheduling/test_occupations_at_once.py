"""One person is one resource, also where two transactions write at once, in whatever order."""

import asyncio
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from tests.scheduling.practice import TEN
from tests.scheduling.surgery import HOUR, Theatre, assists, theatre, visit
from vetcore.database import Database, Session
from vetcore.errors import InvalidValue, SerializationFailure, SlotTaken
from vetcore.models import Appointment

pytestmark = [
    pytest.mark.usefixtures("on_a_friday"),
    # On SQLite, one transaction writes at a time.
    pytest.mark.parametrize("backend", ["postgresql"]),
]
NOT_YET = 0.3
"""Seconds after which what waits for a lock is taken to wait."""


class _Scene(NamedTuple):
    """A visit that somebody is about to assist at, and one that they are about to see."""

    made: Theatre
    helped: Appointment
    seen: Appointment

    async def assist(self, session: Session) -> None:
        session.add(assists(self.made.vets[0].user_id, self.helped))
        await session.flush()

    async def see(self, session: Session) -> None:
        session.add(self.seen)
        await session.flush()


@pytest.fixture
async def scene(db: Database) -> _Scene:
    made = await theatre(db)
    helped = visit(made, vet=1, animal=1)
    async with db.transaction() as session:
        session.add(helped)
    return _Scene(made, helped, visit(made))


async def _move_there(scene: _Scene, session: Session) -> None:
    row = await session.get_one(Appointment, scene.seen.id)
    row.starts_at, row.ends_at = scene.helped.starts_at, scene.helped.ends_at
    row.occupied_from, row.occupied_until = row.starts_at, row.ends_at
    await session.flush()


async def _after(db: Database, first: Any, second: Any, **given: Any) -> None:
    """Let the second wait for the first, which commits; what it raises is raised here."""

    async def follow() -> None:
        async with db.transaction(**given) as session:
            # It has its snapshot, if it keeps one.
            await session.execute(text("SELECT 1 FROM appointments"))
            started.set()
            await begun.wait()
            await second(session)

    begun, started = asyncio.Event(), asyncio.Event()
    async with db.transaction() as session:
        follower = asyncio.create_task(follow())
        await started.wait()
        await first(session)
        begun.set()
        done, _ = await asyncio.wait([follower], timeout=NOT_YET)
        assert not done, "it did not wait"
    await follower


async def test_who_is_booked_first_assists_nowhere_else(db: Database, scene: _Scene) -> None:
    with pytest.raises(SlotTaken) as refused:
        await _after(db, scene.see, scene.assist)
    assert refused.value.details["resource"] == "assistant"


async def test_who_assists_first_is_not_booked(db: Database, scene: _Scene) -> None:
    with pytest.raises(SlotTaken) as refused:
        await _after(db, scene.assist, scene.see)
    assert refused.value.details["resource"] == "practitioner"


async def test_no_visit_is_moved_to_where_its_practitioner_begins_to_assist(
    db: Database, scene: _Scene
) -> None:
    scene.seen.starts_at = scene.seen.occupied_from = TEN + 3 * HOUR
    scene.seen.ends_at = scene.seen.occupied_until = TEN + 4 * HOUR
    async with db.transaction() as session:
        session.add(scene.seen)

    async def move(session: Session) -> None:
        await _move_there(scene, session)

    with pytest.raises(SlotTaken):
        await _after(db, scene.assist, move)
    async with db.transaction() as session:
        await session.execute(text("DELETE FROM occupations"))
    with pytest.raises(SlotTaken):
        await _after(db, move, scene.assist)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
async def test_who_books_with_an_older_snapshot_tries_again(
    db: Database, scene: _Scene, isolation: Any
) -> None:
    with pytest.raises(SerializationFailure):
        await _after(db, scene.assist, scene.see, isolation=isolation)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
async def test_who_moves_with_an_older_snapshot_tries_again(
    db: Database, scene: _Scene, isolation: Any
) -> None:
    """Else the occupation would keep the time that the appointment had."""

    async def move(session: Session) -> None:
        row = await session.get_one(Appointment, scene.helped.id)
        row.ends_at = row.occupied_until = TEN + HOUR
        await session.flush()

    with pytest.raises(SerializationFailure):
        await _after(db, scene.assist, move, isolation=isolation)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
async def test_who_assists_is_not_written_with_an_older_snapshot(
    db: Database, scene: _Scene, isolation: Any
) -> None:
    with pytest.raises(InvalidValue, match="READ COMMITTED"):
        async with db.transaction(isolation=isolation) as session:
            await scene.assist(session)


async def test_an_occupation_waits_for_the_move_of_its_appointment(
    db: Database, scene: _Scene
) -> None:
    async def move(session: Session) -> None:
        row = await session.get_one(Appointment, scene.helped.id)
        row.ends_at = row.occupied_until = TEN + HOUR
        await session.flush()

    await _after(db, move, scene.assist)
    async with db.session() as session:
        found = await session.execute(text("SELECT occupied_until FROM occupations"))
        assert found.scalars().all() == [TEN + HOUR]


async def test_a_tenant_of_another_name_is_guarded_as_before(db: Database, scene: _Scene) -> None:
    """The function that is prepared for a schema must not look into one that has its name since."""
    async with db.transaction() as session:
        await scene.assist(session)
    async with db.transaction() as session:
        await session.execute(text("ALTER SCHEMA public RENAME TO elsewhere"))
        await session.execute(text("CREATE SCHEMA public"))
        await session.execute(text("CREATE TABLE public.occupations (LIKE elsewhere.occupations)"))
        await session.execute(text("SET LOCAL search_path TO elsewhere"))
        with pytest.raises(SlotTaken):
            async with session.begin_nested():
                await scene.see(session)
        await session.execute(text("DROP SCHEMA public CASCADE"))
        await session.execute(text("ALTER SCHEMA elsewhere RENAME TO public"))
