"""Transactions that are replayed: only where that can help, and never where it would do harm."""

import asyncio

import pytest
from sqlalchemy import select, update

from tests.examples import pet, user
from vetcore.database import Database, Session
from vetcore.errors import CommitOutcomeUnknown, Deadlock, InvalidValue, SerializationFailure
from vetcore.models import Pet, User


async def test_run_replays_what_a_replay_can_cure(db: Database) -> None:
    attempts: list[int] = []

    async def work(session: Session) -> str:
        session.add(user(email=f"{len(attempts)}@example.com"))
        await session.flush()
        attempts.append(1)
        if len(attempts) < 3:
            raise SerializationFailure("in the way")
        return "done"

    assert await db.run(work) == "done"
    assert len(attempts) == 3
    async with db.session() as session:
        assert (await session.scalars(select(User.email))).all() == ["2@example.com"]


async def test_run_gives_up_after_its_attempts(db: Database) -> None:
    attempts: list[int] = []

    async def work(_session: Session) -> None:
        attempts.append(1)
        raise Deadlock("again")

    with pytest.raises(Deadlock):
        await db.run(work, attempts=3)
    assert len(attempts) == 3


async def test_run_never_replays_another_error(db: Database) -> None:
    attempts: list[int] = []

    async def work(_session: Session) -> None:
        attempts.append(1)
        raise InvalidValue(field="name", rule="is wrong")

    with pytest.raises(InvalidValue):
        await db.run(work)
    assert len(attempts) == 1


@pytest.mark.parametrize("idempotent", [False, True])
async def test_an_unknown_commit_is_replayed_only_if_that_does_no_harm(
    db: Database, idempotent: bool
) -> None:
    attempts: list[int] = []

    async def work(_session: Session) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise CommitOutcomeUnknown("lost while committing")

    if idempotent:
        await db.run(work, idempotent=True)
    else:
        with pytest.raises(CommitOutcomeUnknown):
            await db.run(work)
    assert len(attempts) == (2 if idempotent else 1)


async def test_concurrent_increments_lose_nothing(db: Database) -> None:
    """Eight tasks read, add and write one row under SERIALIZABLE; all eight additions count."""
    async with db.transaction() as session:
        session.add(animal := pet(color="0"))

    async def add_one(session: Session) -> None:
        found = await session.get_one(Pet, animal.id)
        found.color = str(int(found.color or 0) + 1)
        await session.flush()

    async def patiently() -> None:
        await db.run(add_one, isolation="SERIALIZABLE", attempts=50)

    await asyncio.gather(*(patiently() for _ in range(8)))
    async with db.session() as session:
        assert await session.scalar(select(Pet.color)) == "8"


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_real_deadlock_is_a_deadlock_and_curable(db: Database) -> None:
    animals = [pet(name="A"), pet(name="B")]
    async with db.transaction() as session:
        session.add_all(animals)
    first, second = (animal.id for animal in animals)
    both_hold_one = asyncio.Barrier(2)
    met = False

    async def cross(order: tuple[object, object]) -> int:
        attempts = 0

        async def work(session: Session) -> None:
            nonlocal attempts, met
            attempts += 1
            for identity in order:
                await session.execute(update(Pet).where(Pet.id == identity).values(color="red"))
                if not met:
                    await both_hold_one.wait()
                    met = True

        await db.run(work)
        return attempts

    attempts = await asyncio.gather(cross((first, second)), cross((second, first)))
    assert sum(attempts) == 3, "one of the two was ended once, replayed, and succeeded"
