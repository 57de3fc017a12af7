"""Bookers against each other, and against a server that is killed.

    python -m benchmarks.stress [--seconds 60] [--engine sqlite|postgresql] [--processes 3] [--tasks 8]

Several processes with many tasks each fight over few slots: they book, hold, confirm, move and
cancel at random: single appointments, emergencies beside them, series, visits with an assistant
and equipment, places of classes, and pets that come together. On PostgreSQL the server is killed
(``kill -9``) and started again at random moments; on SQLite the processes are. Whoever does not know
whether a booking was stored asks again with its key. Then the database is looked at:

* no two appointments that occupy share a practitioner, a room or a pet at any moment, but those of one
  group visit, which agree in all but the pet and have a place each;
* nobody assists at two, or assists and sees a pet, and no equipment is in two; what takes an assistant
  and equipment has both;
* every booking that was acknowledged is there;
* every one that was asked for again with its key is there exactly once;
* nobody saw a deadlock, a hang or an error that has no name.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, text

from benchmarks.bookers import SETTINGS, Booker, Stage, prepare
from vetcore.database import Database
from vetcore.embedded import EmbeddedPostgreSQL, running_postgresql
from vetcore.models import (
    Appointment,
    AppointmentSeries,
    CommandKey,
)


def _process(url: str, stage: Stage, seed: int, tasks: int, seconds: float, home: Path) -> None:
    asyncio.run(_tasks(url, stage, seed, tasks, seconds, home))


async def _tasks(url: str, stage: Stage, seed: int, tasks: int, seconds: float, home: Path) -> None:
    deadline = time.monotonic() + seconds
    name = home / f"{seed}"
    with name.with_suffix(".acknowledged").open("w") as log:
        async with Database(url, settings=SETTINGS) as db:
            bookers = [
                Booker(db, stage, random.Random(seed * 1000 + number), log, deadline)
                for number in range(tasks)
            ]
            failures = [
                repr(error)
                for error in await asyncio.gather(
                    *(booker.run() for booker in bookers), return_exceptions=True
                )
                if error is not None
            ]
    result = {
        "seen": sum((booker.seen for booker in bookers), Counter()),
        "longest": max(booker.longest for booker in bookers),
        "failures": failures,
    }
    name.with_suffix(".result").write_text(json.dumps(result))


def _fight(
    url: str,
    stage: Stage,
    home: Path,
    chosen: argparse.Namespace,
    server: EmbeddedPostgreSQL | None,
) -> int:
    """Let the processes fight, and kill at random; how often that was."""
    context = multiprocessing.get_context("spawn")
    chance = random.Random(chosen.seed)
    end = time.monotonic() + chosen.seconds

    def start(seed: int) -> Any:
        left = max(1.0, end - time.monotonic())
        arguments = (url, stage, seed, chosen.tasks, left, home)
        process = context.Process(target=_process, args=arguments)
        process.start()
        return process

    processes = [start(chosen.seed + number) for number in range(chosen.processes)]
    kills = 0
    while time.monotonic() < end:
        time.sleep(max(0.0, min(chance.uniform(2, 6), end - time.monotonic())))
        if end - time.monotonic() < 3:
            break
        kills += 1
        if server is not None:
            server.crash()
            time.sleep(chance.uniform(0.05, 0.5))
            server.start()
        else:
            victim = chance.randrange(len(processes))
            processes[victim].kill()
            processes[victim].join()
            processes[victim] = start(chosen.seed + 1000 * kills)
    for process in processes:
        process.join(chosen.seconds + 90)
        if process.is_alive():
            process.kill()
            (home / f"hung-{process.pid}.result").write_text(
                json.dumps({"seen": {}, "longest": 0, "failures": ["a process hung"]})
            )
    return kills


_OVERLAPS = """
SELECT count(*) FROM appointments a JOIN appointments b
  ON a.id < b.id AND (
    a.occupied_from < b.occupied_until AND b.occupied_from < a.occupied_until
    AND a.squeezed_in = b.squeezed_in
    AND coalesce(a.group_id, a.id) <> coalesce(b.group_id, b.id)
    AND (a.practitioner_id = b.practitioner_id OR a.room_id = b.room_id)
  OR a.starts_at < b.ends_at AND b.starts_at < a.ends_at AND a.pet_id = b.pet_id)
WHERE a.status IN ({0}) AND b.status IN ({0})
"""
_GROUPS = """
SELECT count(*) FROM appointments a JOIN appointments b ON a.id < b.id AND a.group_id = b.group_id
WHERE a.status IN ({0}) AND b.status IN ({0}) AND (
    a.starts_at <> b.starts_at OR a.ends_at <> b.ends_at OR a.practitioner_id <> b.practitioner_id
    OR a.room_id <> b.room_id OR a.group_place = b.group_place
    OR a.group_places <> b.group_places OR a.service <> b.service)
"""
_BESIDE = """
SELECT count(*) FROM occupations a JOIN appointments v ON v.id = a.appointment_id
WHERE v.status IN ({0}) AND (
    NOT a.occupying OR a.occupied_from <> v.occupied_from OR a.occupied_until <> v.occupied_until
    OR EXISTS (SELECT 1 FROM occupations b WHERE b.id <> a.id AND b.occupying
        AND (b.person_id = a.person_id OR b.equipment_id = a.equipment_id)
        AND b.occupied_from < a.occupied_until AND a.occupied_from < b.occupied_until)
    OR EXISTS (SELECT 1 FROM appointments b WHERE b.practitioner_id = a.person_id
        AND b.status IN ({0}) AND NOT b.squeezed_in
        AND b.occupied_from < a.occupied_until AND a.occupied_from < b.occupied_until))
"""
_INCOMPLETE = """
SELECT count(*) FROM appointments v WHERE v.status IN ({0}) AND v.service = 'dental_cleaning'
AND 2 <> (SELECT count(*) FROM occupations a WHERE a.appointment_id = v.id)
"""
_OCCUPYING = "'held','scheduled','confirmed','checked_in','in_progress','completed'"


async def _verdict(url: str, home: Path) -> tuple[list[str], dict[str, int]]:
    """What is wrong with the database, given what was promised; and what is in it."""
    promised: dict[str, str] = {}
    wrong: list[str] = []
    for path in home.glob("*.acknowledged"):
        for line in path.read_text().splitlines():
            if line.endswith("}"):
                entry = json.loads(line)
                if promised.setdefault(entry["key"], entry["id"]) != entry["id"]:
                    wrong.append(f"key {entry['key']} was promised twice")
    async with Database(url, settings=SETTINGS) as db, db.session() as session:
        overlaps = await session.scalar(text(_OVERLAPS.format(_OCCUPYING)))
        apart = await session.scalar(text(_GROUPS.format(_OCCUPYING)))
        twice = await session.scalar(text(_BESIDE.format(_OCCUPYING)))
        incomplete = await session.scalar(text(_INCOMPLETE.format(_OCCUPYING)))
        rows = (
            await session.execute(
                select(
                    CommandKey.key,
                    Appointment.id,
                    Appointment.status,
                    func.coalesce(Appointment.series_id, Appointment.group_id),
                ).join_from(
                    Appointment, CommandKey, CommandKey.result_id == Appointment.id, isouter=True
                )
            )
        ).all()
        series = (
            await session.execute(
                select(CommandKey.key, AppointmentSeries.id).join(
                    AppointmentSeries, CommandKey.result_id == AppointmentSeries.id
                )
            )
        ).all()
    if overlaps:
        wrong.append(f"{overlaps} pairs of appointments overlap")
    if apart:
        wrong.append(f"{apart} pairs of a group visit are not at one place, or have one place")
    if twice:
        wrong.append(f"{twice} assistants or pieces of equipment are occupied twice, or at no time")
    if incomplete:
        wrong.append(f"{incomplete} visits lack their assistant or their equipment")
    # Two for one key would leave one without.
    wrong.extend(
        f"{identity} was booked without a key"
        for key, identity, _, several in rows
        if key is None and several is None
    )
    stored = {key: str(identity) for key, identity, *_ in [*rows, *series]}
    wrong.extend(
        f"promised {identity} is not there"
        for key, identity in promised.items()
        if stored.get(key) != identity
    )
    figures = Counter(f"stored as {status}" for _, _, status, _ in rows)
    return wrong, {"promised": len(promised), **figures}


@contextmanager
def _database(engine: str, home: Path) -> Iterator[tuple[str, EmbeddedPostgreSQL | None]]:
    if engine == "sqlite":
        yield f"sqlite:///{home / 'stress.db'}", None
        return
    with running_postgresql(durable=True) as server:
        yield server.url("postgres"), server


def fight(engine: str, chosen: argparse.Namespace) -> bool:
    """One engine, from preparation to verdict; True if nothing is wrong."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        with _database(engine, home) as (url, server):
            stage = asyncio.run(prepare(url))
            kills = _fight(url, stage, home, chosen, server)
            wrong, figures = asyncio.run(_verdict(url, home))
        results = [json.loads(path.read_text()) for path in home.glob("*.result")]
    seen = sum((Counter(result["seen"]) for result in results), Counter())
    wrong += [failure for result in results for failure in result["failures"]]
    if seen["DEADLOCK"]:
        wrong.append(f"{seen['DEADLOCK']} deadlocks")
    longest = max((result["longest"] for result in results), default=0)
    what = "server" if engine == "postgresql" else "processes"
    table = Table(title=f"{engine}: {chosen.seconds:.0f} s, {what} killed {kills} times")
    table.add_column("what")
    table.add_column("count", justify="right")
    for name, count in sorted((seen + Counter(figures)).items()):
        table.add_row(name, f"{count:,}")
    table.add_row("longest wait, kills included, s", f"{longest:.1f}")
    table.add_row("wrong", str(len(wrong)))
    console = Console()
    console.print(table)
    for line in wrong[:20]:
        console.print(f"WRONG: {line}", style="bold red")
    if not figures["promised"]:
        console.print("WRONG: nothing was booked", style="bold red")
    return not wrong and bool(figures["promised"])


def main() -> bool:
    """Fight on the engines asked for, half of the time each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 10**6))
    chosen = parser.parse_args()
    engines = [chosen.engine] if chosen.engine else ["postgresql", "sqlite"]
    chosen.seconds /= len(engines)
    print(f"seed {chosen.seed}")
    verdicts = [fight(engine, chosen) for engine in engines]
    return all(verdicts)


if __name__ == "__main__":
    sys.exit(not main())
