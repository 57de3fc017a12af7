"""What the drivers raise of themselves, past any constraint, is told in our errors, too."""

import asyncpg
import pytest
from sqlalchemy import select, text

from tests.examples import pet, user
from vetcore.database import Database, Session
from vetcore.database.driver import asyncpg_connection
from vetcore.database.translation import translate
from vetcore.errors import (
    ConnectionFailed,
    InvalidValue,
    MigrationError,
    SerializationFailure,
)
from vetcore.models import Pet, User
from vetcore.settings import DatabaseSettings


async def _break(session: Session) -> None:
    """Take the driver's own connection away, as a network or a killed process does."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    await driver.close()


async def test_a_connection_that_went_away_is_told_and_replaced(db: Database) -> None:
    with pytest.raises(ConnectionFailed, match="was lost"):
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            await _break(session)
            await session.scalar(select(1))
    async with db.session() as session:
        assert (await session.scalars(select(User))).all() == []


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_an_error_is_not_hidden_by_a_connection_that_went_away(db: Database) -> None:
    with pytest.raises(KeyError):
        async with db.transaction() as session:
            session.add(user())
            await session.flush()
            await _break(session)
            raise KeyError
    async with db.session() as session:
        assert (await session.scalars(select(User))).all() == []


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_who_writes_after_others_wrote_what_they_have_read_may_replay(db: Database) -> None:
    async with db.transaction() as session:
        session.add(animal := pet(name="Rex"))
    async with Session(db.engine) as reader:
        assert (await reader.scalars(select(Pet.name))).all() == ["Rex"]
        async with Database(db.url) as other, other.transaction() as session:
            (await session.get_one(Pet, animal.id)).name = "Bo"
        with pytest.raises(SerializationFailure):
            await reader.execute(text("UPDATE pets SET name = 'Al'"))


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_what_the_driver_cannot_encode_is_refused_by_name(db: Database) -> None:
    async with db.session() as session:
        with pytest.raises(InvalidValue) as caught:
            await session.scalar(text("SELECT CAST(:n AS integer)"), {"n": "seven"})
    assert caught.value.details["field"] == "n"


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_errors_on_the_drivers_own_connection_are_ours(db: Database) -> None:
    async with db.session() as session:
        with pytest.raises(MigrationError, match="vetcore db upgrade"):
            async with asyncpg_connection(session) as driver:
                await driver.execute("SELECT 1 FROM nowhere")
    async with db.session() as session:
        with pytest.raises(KeyError):
            async with asyncpg_connection(session):
                raise KeyError


def test_a_connection_that_the_driver_has_given_up_is_lost() -> None:
    error = translate(asyncpg.InternalClientError("got result for unknown protocol state 3"))
    assert isinstance(error, ConnectionFailed)


async def test_closing_does_not_wait_for_ever(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    db = Database(database_url)
    async with db.session() as session:
        await session.scalar(select(1))
        await db.close(timeout=0.01)
        await session.invalidate()
    assert [(entry.message, vars(entry)["sessions"]) for entry in caplog.records] == [
        ("closing with work in flight", 1)
    ]


async def test_statements_may_take_as_long_as_they_like(database_url: str) -> None:
    settings = DatabaseSettings(statement_timeout=0, lock_timeout=0.05)
    slow = {
        "postgresql": "SELECT pg_sleep(0.1)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) "
        "SELECT count(*) FROM n",
    }
    async with Database(database_url, settings=settings) as db, db.session() as session:
        assert (await session.execute(text(slow[db.dialect]))).all()
