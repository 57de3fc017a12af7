"""``python -m tools.revision "what changes"``: the next revision, for both engines.

Two empty databases of each engine are made: one by the migrations, one from the models. What the
second has and the first has not becomes the revision: tables, columns, constraints, indexes,
triggers, functions. What happens to the rows is left to whoever reads the file: a column that must
be filled, values that a new rule forbids.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from re import sub

import vetcore.models
from tools.revision.catalogue import Catalogue, read
from tools.revision.difference import Step, steps
from tools.revision.rendering import render
from vetcore.database import Database, migrate
from vetcore.embedded import running_postgresql

VERSIONS = Path(migrate.__file__).parent.parent / "migrations" / "versions"


async def catalogues(migrated_url: str, made_url: str) -> tuple[Catalogue, Catalogue]:
    """What the migrations make of an empty database, and what the models make of another."""
    async with Database(migrated_url) as migrated, Database(made_url) as made:
        await migrated.migrate()
        async with made.engine.begin() as connection:
            if made.dialect == "postgresql":
                for extension in migrate.EXTENSIONS:
                    await connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            await connection.run_sync(vetcore.models.Base.metadata.create_all)
        return await _read(migrated), await _read(made)


async def _read(db: Database) -> Catalogue:
    async with db.engine.connect() as connection:
        return await connection.run_sync(read)


@asynccontextmanager
async def _two_of_postgresql() -> AsyncGenerator[tuple[str, str]]:
    with running_postgresql() as server:
        async with Database(server.url("postgres")) as db:
            engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
            async with engine.connect() as connection:
                for name in ("migrated", "made"):
                    await connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield server.url("migrated"), server.url("made")


async def differences() -> tuple[tuple[list[Step], list[Step]], tuple[list[Step], list[Step]]]:
    """The steps up on PostgreSQL and SQLite, and those down."""
    async with _two_of_postgresql() as urls:
        before, after = await catalogues(*urls)
    with tempfile.TemporaryDirectory() as directory:
        old, new = await catalogues(
            f"sqlite:///{directory}/migrated.db", f"sqlite:///{directory}/made.db"
        )
    return (steps(before, after), steps(old, new)), (steps(after, before), steps(new, old))


def main(arguments: Sequence[str]) -> int:
    """Write the file, and say where it is; the exit code is 1 where there is nothing to write."""
    parser = argparse.ArgumentParser(prog='./dev migration "what changes"', description=__doc__)
    parser.add_argument("message", help="what the revision does, in a few words")
    parser.add_argument(
        "--empty", action="store_true", help="write one that changes no table, for rows alone"
    )
    given = parser.parse_args(arguments)
    up, down = asyncio.run(differences())
    if not (any(up) or given.empty):
        print("The models are what the migrations make; there is nothing to write.")
        return 1
    head = str(migrate.scripts().get_current_head())
    number = f"{int(head) + 1:04}"
    slug = sub(r"[^a-z0-9]+", "_", given.message.casefold()).strip("_")[:60]
    path = VERSIONS / f"{number}_{slug}.py"
    path.write_text(render(given.message, number, head, up=up, down=down))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)
    print(f"{path} is written. Read it, and fill or mend the rows that it forgets; then:")
    print("  ./dev migrations && ./dev test tests/database/test_migrations.py")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
