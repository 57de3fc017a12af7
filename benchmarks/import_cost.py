"""What ``import vetcore`` costs, in a fresh interpreter, against what it stands on."""

import subprocess
import sys
from statistics import median
from time import perf_counter

from benchmarks.report import Comparison, show

REFERENCE = "import sqlalchemy.ext.asyncio, pydantic"
ROUNDS = 11


def _seconds(*statements: str) -> list[float]:
    """Median wall time of a process for each statement, taken in turns so that both see the same machine."""
    taken: list[list[float]] = [[] for _ in statements]
    for round_number in range(ROUNDS + 1):
        for number, statement in enumerate(statements):
            started = perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True)
            if round_number:
                taken[number].append(perf_counter() - started)
    return [median(each) for each in taken]


def run() -> list[Comparison]:
    """Compare the package, its errors and its main class with SQLAlchemy and Pydantic."""
    ours, errors, reference = _seconds("import vetcore", "import vetcore.errors", REFERENCE)
    whole, base = _seconds("from vetcore import Database", REFERENCE)
    against = "sqlalchemy.ext.asyncio, pydantic"
    return [
        Comparison("import vetcore", ours, reference, "s", against, at_most=1.15),
        Comparison("import vetcore.errors", errors, reference, "s", against, at_most=0.5),
        Comparison("from vetcore import Database", whole, base, "s", against),
    ]


if __name__ == "__main__":
    sys.exit(not show(run()))
