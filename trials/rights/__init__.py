"""Sequences of acts through the operations on both engines, against rules that know of no database.

An attempt begins with a few people, pets and clinics, does acts of random people, and compares after
each whether it was done or refused, and at the end what each person may do with each row.
"""

import random
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from trials.rights.acts import Act
from trials.rights.playing import play
from trials.rights.searching import attempts
from trials.rights.starts import PRELUDES, beginning
from trials.rights.world import World
from vetcore.database import Database
from vetcore.testing.databases import ScratchDatabases
from vetcore.testing.servers import running_test_server

__all__ = ["CI_COUNT", "attempt", "prepared", "sequence"]

CI_COUNT = 60


@asynccontextmanager
async def prepared() -> AsyncGenerator[Sequence[Database]]:
    """A database of each engine, with vetcore's tables."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(running_test_server())
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scratch = ScratchDatabases(directory, lambda: server)
        stack.callback(scratch.close)
        urls = [await scratch.migrated(engine) for engine in ("sqlite", "postgresql")]
        yield [await stack.enter_async_context(Database(url)) for url in urls]


async def attempt(prepared: Sequence[Database], chance: random.Random) -> None:
    """One sequence of acts, on each engine."""
    worlds, steps = sequence(chance)
    for db in prepared:
        await play(db, worlds, steps)


def sequence(chance: random.Random) -> tuple[list[World], list[Act]]:
    """Acts by chance, and the worlds before, between and after them."""
    jobs, without, prelude = chance.choice(PRELUDES)
    began, _ = beginning(jobs, without=without)
    worlds, steps = [began], list(prelude[: chance.randrange(len(prelude) + 1)])
    for step in steps:
        worlds.append(step.on(worlds[-1]) or worlds[-1])
    for _ in range(chance.randrange(3, 7)):
        step = _chosen(worlds[-1], chance)
        steps.append(step)
        worlds.append(step.on(worlds[-1]) or worlds[-1])
    return worlds, steps


def _chosen(world: World, chance: random.Random) -> Act:
    """An act: each kind as often as another, and rather one that is done."""
    possible = list(attempts(world))
    name = chance.choice(sorted({each.name for each in possible}))
    named = [each for each in possible if each.name == name]
    done = [each for each in named if each.on(world) is not None]
    return chance.choice(done if done and chance.random() < 0.7 else named)
