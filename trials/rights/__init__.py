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
from trials.rights.playing import DAY_ZERO, Played
from trials.rights.searching import attempts
from trials.rights.starts import PRELUDES, beginning
from trials.rights.world import World
from vetcore import clock
from vetcore.database import Database
from vetcore.testing.databases import ScratchDatabases
from vetcore.testing.servers import running_test_server

__all__ = ["CI_COUNT", "attempt", "prepared"]

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
    jobs, without, steps = chance.choice(PRELUDES)
    began, _ = beginning(jobs, without=without)
    steps = steps[: chance.randrange(len(steps) + 1)]
    worlds = [began]
    for step in steps:
        worlds.append(step.on(worlds[-1]) or worlds[-1])
    chosen = [*steps]
    for _ in range(chance.randrange(3, 7)):
        step = _chosen(worlds[-1], chance)
        chosen.append(step)
        worlds.append(step.on(worlds[-1]) or worlds[-1])
    for db in prepared:
        await play(db, worlds, chosen)


def _chosen(world: World, chance: random.Random) -> Act:
    """An act: each kind as often as another, and rather one that is done."""
    possible = list(attempts(world))
    name = chance.choice(sorted({each.name for each in possible}))
    named = [each for each in possible if each.name == name]
    done = [each for each in named if each.on(world) is not None]
    return chance.choice(done if done and chance.random() < 0.7 else named)


async def play(db: Database, worlds: Sequence[World], steps: Sequence[Act]) -> None:
    """Do the acts on a database, and compare it with the worlds.

    Raises:
        AssertionError: it says what came, and what should have come.
    """
    with clock.frozen(DAY_ZERO) as stopped:
        played = Played(db, stopped, worlds[0])
        await played.begin(worlds[0])
        try:
            for number, step in enumerate(steps):
                before = worlds[number]
                should = step.on(before) is not None
                done = await played.do(step, before)
                told = f"{db.dialect}: {steps[: number + 1]} was done: {done}, in {before}"
                assert done == should, told
            wrong = await played.differences(worlds[-1])
        finally:
            await played.end()
    assert not wrong, f"{db.dialect}: after {steps}, {worlds[-1]}: " + "; ".join(wrong)
