r"""Importing a register against the databases' own loaders of the same, already cleaned columns.

    python -m benchmarks.import_registers [FILE.csv] [--memory]

Without a file, a register of 50,000 animals is made up. The references get what ours makes of the
file: ``\\copy`` of psql into the same table with all its indexes, ``.import`` of sqlite3 into a
table of the same columns and ordinary indexes, without the index of names that ours keeps.
``--memory`` imports a file twenty times as large in a process of its own, and tells that process's
peak.
"""

import asyncio
import csv
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import text

from benchmarks.report import Comparison, show
from benchmarks.servers import postgresql_database
from vetcore.database import Database
from vetcore.registers import import_pets

COLUMNS = [
    "id",
    "license_jurisdiction",
    "license_number",
    "name",
    "species",
    "breeds",
    "sex",
    "is_neutered",
    "born_on",
    "color",
    "postal_code",
    "status",
    "medical_history",
    "vaccinations",
    "next_vaccination_due_on",
    "birth_date_is_estimate",
    "owner_id",
    "primary_clinic_id",
    "microchip",
    "created_at",
    "updated_at",
    "version",
]
ROUNDS = 7
BREEDS = ("Retriever, Labrador", "Domestic Shorthair", "Terrier, Jack Russell", "Mix", "Beagle")


def _made_up(path: Path, rows: int, *, animals: int | None = None) -> Path:
    chance = random.Random(1)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                "license_issue_date",
                "license_number",
                "animal_name",
                "species",
                "primary_breed",
                "secondary_breed",
                "zip_code",
            ]
        )
        for number in range(rows):
            breed = chance.choice(BREEDS)
            species = "Cat" if "Domestic" in breed else "Dog"
            name = f"{chance.choice(['Luna', 'Max', 'Bella', 'Zoë'])} {chance.randrange(9000)}"
            writer.writerow(
                (
                    "2018-11-16",
                    f"S{number % (animals or rows):07}",
                    name,
                    species,
                    breed,
                    "",
                    chance.randrange(98101, 98199),
                )
            )
    return path


async def _import(url: str, path: Path, *, clear: bool) -> float:
    async with Database(url) as db:
        await db.migrate()
        if clear:
            await _clear(db)
        started = perf_counter()
        async with db.transaction() as session:
            await import_pets(session, path)
        return perf_counter() - started


def _dump(url: str, path: Path) -> int:
    """What ours made of the file, as CSV for the reference; how many rows."""
    copy = f"\\copy (SELECT {', '.join(COLUMNS)} FROM pets) TO '{path}' CSV"
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", copy], check=True)
    with path.open(newline="") as stream:
        return sum(1 for _ in csv.reader(stream))


def _psql(url: str, cleaned: Path) -> float:
    """Seconds as psql itself tells them: its start is not counted."""
    copy = f"\\copy pets ({', '.join(COLUMNS)}) FROM '{cleaned}' CSV"
    done = subprocess.run(
        ["psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", "\\timing on", "-c", copy],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"LC_ALL": "C"},
    )
    told = re.search(r"Time: ([0-9.]+) ms", done.stdout)
    assert told is not None, done.stdout
    return float(told[1]) / 1000


def _sqlite3(database: Path, cleaned: Path) -> float:
    database.unlink(missing_ok=True)
    indexes = (
        "CREATE UNIQUE INDEX a ON pets (license_jurisdiction, license_number)",
        "CREATE INDEX b ON pets (name)",
        "CREATE INDEX c ON pets (next_vaccination_due_on, id)",
        "CREATE INDEX d ON pets (owner_id)",
        "CREATE INDEX e ON pets (primary_clinic_id, next_vaccination_due_on, id)",
        "CREATE INDEX f ON pets (microchip)",
        "CREATE INDEX g ON pets (license_number)",
    )
    table = f"CREATE TABLE pets ({', '.join(COLUMNS)}, PRIMARY KEY (id)); {'; '.join(indexes)};"
    subprocess.run(
        ["sqlite3", str(database), "PRAGMA journal_mode = WAL;", table],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    started = perf_counter()
    subprocess.run(
        [
            "sqlite3",
            str(database),
            "PRAGMA synchronous = NORMAL;",
            ".mode csv",
            f".import {cleaned} pets",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return perf_counter() - started


def _compared(path: Path, home: Path) -> Iterator[Comparison]:
    cleaned = home / "cleaned.csv"
    with postgresql_database() as url:
        asyncio.run(_import(url, path, clear=True))
        rows = _dump(url, cleaned)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(asyncio.run(_import(url, path, clear=True)))
            asyncio.run(_cleared(url))
            theirs.append(_psql(url, cleaned))
        yield Comparison(
            f"import {rows:,} pets, PostgreSQL",
            rows / median(ours),
            rows / median(theirs),
            "rows/s",
            "psql \\copy of the cleaned columns",
            at_least=0.5,
        )
    url = f"sqlite:///{home / 'ours.db'}"
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(asyncio.run(_import(url, path, clear=True)))
        theirs.append(_sqlite3(home / "theirs.db", cleaned))
    yield Comparison(
        f"import {rows:,} pets, SQLite",
        rows / median(ours),
        rows / median(theirs),
        "rows/s",
        "sqlite3 .import of the same",
        at_least=1 / 3,
    )


async def _clear(db: Database) -> None:
    statement = "TRUNCATE pets CASCADE" if db.dialect == "postgresql" else "DELETE FROM pets"
    async with db.engine.begin() as connection:
        await connection.execute(text(statement))


async def _cleared(url: str) -> None:
    async with Database(url) as db:
        await _clear(db)


def run(given: Path | None = None) -> list[Comparison]:
    """Compare on both engines, in turns."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        home.chmod(0o755)
        path = given or _made_up(home / "register.csv", 50_000)
        return list(_compared(path, home))


def peak_memory() -> float:
    """Megabytes at most, of a process that imports a million rows, two an animal, into SQLite."""
    with tempfile.TemporaryDirectory() as directory:
        path = _made_up(Path(directory) / "large.csv", 1_000_000, animals=500_000)
        url = f"sqlite:///{directory}/large.db"
        program = (
            "import asyncio, pathlib, resource\n"
            "from benchmarks.import_registers import _import\n"
            f"asyncio.run(_import({url!r}, pathlib.Path({str(path)!r}), clear=False))\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return int(done.stdout) / scale


if __name__ == "__main__":
    files = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    held = show(run(files[0] if files else None))
    if "--memory" in sys.argv:
        megabytes = peak_memory()
        print(f"a million rows: {megabytes:.0f} MB at most (bar: 150)")
        held = held and megabytes < 150
    sys.exit(not held)
