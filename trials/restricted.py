"""Random statements in restricted sessions, against the same in a copy of what operations return.

Each attempt is a statement of a random person: joins, aggregates, subqueries, functions, set
operations. Some of them begin with an attempt at more: to write, to take on another role, to be
somebody else. The answer must be that of a database that holds only the rows and columns which the
reading operations show that person. At the end, nothing has changed.
"""

import random
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from tests.access.copies import TABLES, made_for, name_of
from tests.access.restricting import enabled
from tests.access.statements import attempt_at_more, question
from tests.access.test_random_worlds import World
from tests.access.worlds import platform

from vetcore.database import Acting, Database, ReadSession
from vetcore.database.translation import translate
from vetcore.errors import VetcoreError
from vetcore.testing.databases import ScratchDatabases
from vetcore.testing.servers import running_test_server
from vetcore.values.signatures import TEST_KEYS

__all__ = ["CI_COUNT", "Prepared", "attempt", "prepared"]

CI_COUNT = 2_000

_SEED = 3
_WHOLE = "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {name} t"
_MORE = 0.15
"""How often a statement begins with an attempt at more."""


@dataclass(frozen=True)
class Prepared:
    """A database, and a copy of it for each person."""

    db: Database
    copies: "asyncpg.Connection[Any]"
    people: list[UUID]
    keys: list[UUID]


@asynccontextmanager
async def prepared() -> AsyncGenerator[Prepared]:
    """A random world, beside one with everybody in it, and the copies; what they hold at the end is what they held."""
    with tempfile.TemporaryDirectory() as directory, running_test_server() as server:
        scratch = ScratchDatabases(Path(directory), lambda: server)
        url = await scratch.migrated("postgresql")
        async with Database(url, keys=TEST_KEYS) as plain:
            world = World(_SEED)
            await world.store(plain)
            made = await platform(plain)
            people = [person.id for person in world.users]
            people += [actor.user_id for actor in made.actors.values()]
            await made_for(plain, people)
            async with plain.session() as session:
                keys = list(
                    await session.scalars(text("SELECT id FROM pets UNION SELECT id FROM users"))
                )
            async with await enabled(plain) as db:
                before = await _content(db)
                copies = await asyncpg.connect(url)
                yield Prepared(db, copies, people, sorted(keys))
                await copies.close()
                if await _content(db) != before:
                    message = "What the tables hold has changed"
                    raise AssertionError(message)
        scratch.close()


async def _content(db: Database) -> list[str]:
    """What each table holds, in a word."""
    async with db.session() as session:
        return [str(await session.scalar(text(_WHOLE.format(name=name)))) for name in TABLES]


async def attempt(prepared: Prepared, chance: random.Random) -> None:
    """One statement of one person."""
    person = (
        chance.choice([*prepared.people, None])
        if chance.random() < 0.1
        else chance.choice(prepared.people)
    )
    asked = question(chance, prepared.keys)
    seen_as, before = person, ""
    if chance.random() < _MORE:
        before, ends = attempt_at_more(chance, prepared.keys, person)
        seen_as = None if ends else person
    async with prepared.db.restricted(Acting(person)) as session:
        if before:
            await _tried(session, before)
        found = await _answered(session, asked)
    expected = await _answered_in_copy(prepared.copies, name_of(seen_as), asked)
    if found != expected:
        message = f"{person} asks\n{before}\n{asked}\n{found}\ninstead of\n{expected}"
        raise AssertionError(message)


async def _tried(session: ReadSession, statement: str) -> None:
    """Carried out or refused; what it did inside the transaction stays if it was carried out."""
    connection = await session.connection()
    try:
        async with connection.begin_nested():
            await connection.execute(text(statement))
    except VetcoreError:
        pass


_Answer = Counter[tuple[str, ...]] | str
"""Rows in any order, or the name of an error."""


async def _answered(session: ReadSession, asked: str) -> _Answer:
    try:
        rows = await session.execute(text(asked.replace(":", "\\:")))
    except VetcoreError as error:
        return type(error).__name__
    return Counter(tuple(str(each) for each in row) for row in rows)


async def _answered_in_copy(copies: "asyncpg.Connection[Any]", schema: str, asked: str) -> _Answer:
    """Asked of the driver itself, which is quicker."""
    await copies.execute(f"SET search_path = {schema}")
    try:
        rows = await copies.fetch(asked)
    except asyncpg.PostgresError as error:
        return type(translate(error)).__name__
    return Counter(tuple(str(each) for each in row) for row in rows)
