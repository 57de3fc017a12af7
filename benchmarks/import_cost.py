"""What a service pays to start with vetcore, in a fresh interpreter, against what it stands on.

The first line is what every service imports. The second is a service that books: what loads late is
paid there, so that nothing gets cheaper by being put off until the next import. The third opens its
database as well, since that loads SQLAlchemy's dialect, whoever asks for it.
"""

import os
import resource
import subprocess
import sys
from statistics import median
from typing import Final, NamedTuple

from benchmarks.report import Comparison, show

ROUNDS: Final = 15

_STANDS_ON: Final = "import sqlalchemy.ext.asyncio, sqlalchemy.orm, pydantic, asyncpg"
_BOOKS: Final = """
from vetcore import Database
from vetcore.scheduling import find_slots
from vetcore.operations import book_appointment
from vetcore.schemas import AppointmentCreate
"""
_URL: Final = "postgresql://nobody@localhost/nothing"


class _Start(NamedTuple):
    subject: str
    ours: str
    reference: str
    against: str
    at_most: float | None = None


STARTS: Final = (
    _Start(
        "Database, models, schemas, scheduling",
        "from vetcore import Database; import vetcore.models, vetcore.schemas, vetcore.scheduling",
        _STANDS_ON,
        "sqlalchemy.ext.asyncio, sqlalchemy.orm, pydantic, asyncpg",
        at_most=1.5,
    ),
    _Start("a service that books", _BOOKS, _STANDS_ON, "the same"),
    _Start(
        "a service that books, and opens PostgreSQL",
        f"{_BOOKS}\nDatabase({_URL!r})",
        f"{_STANDS_ON}\nfrom sqlalchemy.ext.asyncio import create_async_engine\n"
        f"create_async_engine({_URL.replace('postgresql:', 'postgresql+asyncpg:')!r})",
        "the same, and an engine",
    ),
)


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
    """Compare a service's start with that of SQLAlchemy, Pydantic and the driver."""
    # By turns: whatever slows the machine down for a while slows them all.
    taken: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):
        for statement in dict.fromkeys(each for start in STARTS for each in start[1:3]):
            spent = _cpu_seconds(statement)
            if number:  # the first round writes the byte code
                taken.setdefault(statement, []).append(spent)
    return [
        Comparison(
            start.subject,
            median(taken[start.ours]),
            median(taken[start.reference]),
            "s",
            start.against,
            at_most=start.at_most,
        )
        for start in STARTS
    ]


if __name__ == "__main__":
    sys.exit(not show(run()))
