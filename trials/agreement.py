"""Books in random worlds around days on which clocks change, in any zone of the world.

Each attempt makes a clinic with its exceptions, memberships, time off, rooms and appointments, around a
day of the years 2000 to 2037, and asks it in four ways: what ``find_slots`` lists, what ``book``
accepts, by name and of anybody, which minutes no rule refuses, and what a slow reading of the rows
says, minute by minute. They must agree. The engines take turns.
"""

import random
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from tests.scheduling.agreeing import agree, listed
from tests.scheduling.worlds import scene, store

from vetcore import clock
from vetcore.database import Database
from vetcore.settings import DatabaseSettings
from vetcore.testing.databases import ScratchDatabases
from vetcore.testing.servers import running_test_server
from vetcore.values.walltime import zone_named

__all__ = ["CI_COUNT", "Prepared", "attempt", "prepared"]

CI_COUNT = 60

_ZONES: Final = tuple(
    sorted(each for each in available_timezones() if "/" in each and not each.startswith("Etc/"))
)
_DAY: Final = timedelta(days=1)
_YEARS: Final = range(2000, 2038)


@dataclass(frozen=True)
class Prepared:
    """A migrated database of each engine."""

    databases: tuple[Database, ...]


@asynccontextmanager
async def prepared() -> AsyncGenerator[Prepared]:
    """The databases; what an attempt writes is taken back."""
    settings = DatabaseSettings(statement_timeout=60)
    with tempfile.TemporaryDirectory() as directory, running_test_server() as server:
        scratch = ScratchDatabases(Path(directory), lambda: server)
        databases = tuple(
            [
                Database(await scratch.migrated(engine), settings=settings)
                for engine in ("sqlite", "postgresql")
            ]
        )
        try:
            yield Prepared(databases)
        finally:
            for db in databases:
                await db.close()
            scratch.close()


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[date, ...]:
    """The days of that year on which the clocks of the zone change."""
    there = zone_named(zone)
    days = [date(year, 1, 1) + number * _DAY for number in range(366)]
    offsets = [datetime.combine(day, time(), there).utcoffset() for day in (*days, days[-1] + _DAY)]
    return tuple(
        day
        for day, before, after in zip(days, offsets, offsets[1:], strict=False)
        if before != after
    )


async def attempt(prepared: Prepared, chance: random.Random) -> None:
    """Make one world, and ask it in four ways."""
    db = chance.choice(prepared.databases)
    zone, year = chance.choice(_ZONES), chance.choice(_YEARS)
    changes = _changes(zone, year)
    usual = date(year, 1, 1) + chance.randrange(365) * _DAY
    day = chance.choice(changes) if changes and chance.randrange(8) else usual
    made = scene(zone, chance.getrandbits(32), day)
    async with db.trial() as session:
        await store(session, [made])
        with clock.frozen(made.now):
            try:
                await listed(session, made)
                made.question.pet_id, made.question.species = made.pets[0].id, None
                made.question.practitioner_id = None
                await agree(session, made)
            except AssertionError as difference:
                message = f"{db.dialect}, {zone}, {day}, seed {made.seed}: {difference}"
                raise AssertionError(message) from difference
