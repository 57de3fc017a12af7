"""What a service pays to start with vetcore, in a fresh interpreter, against what it stands on."""

import os
import resource
import subprocess
import sys
from statistics import median

from benchmarks.report import Comparison, show

OURS = "from vetcore import Database; import vetcore.models, vetcore.schemas, vetcore.scheduling"
REFERENCE = "import sqlalchemy.ext.asyncio, sqlalchemy.orm, pydantic, asyncpg"
ROUNDS = 15


def _cpu_seconds(statement: str) -> float:
    """CPU time of a process that does no more than that; other programs do not count."""
    # An installed package has its byte code, whatever this environment says of writing it.
    environment = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


def run() -> list[Comparison]:
    """Compare a service's imports with those of SQLAlchemy, Pydantic and the driver."""
    taken: dict[str, list[float]] = {OURS: [], REFERENCE: []}
    for number in range(ROUNDS + 1):
        for statement, seconds in taken.items():
            spent = _cpu_seconds(statement)
            if number:  # the first round writes the byte code
                seconds.append(spent)
    ours, reference = median(taken[OURS]), median(taken[REFERENCE])
    against = "sqlalchemy.ext.asyncio, sqlalchemy.orm, pydantic, asyncpg"
    return [
        Comparison(
            "Database, models, schemas, scheduling", ours, reference, "s", against, at_most=1.5
        )
    ]


if __name__ == "__main__":
    sys.exit(not show(run()))
