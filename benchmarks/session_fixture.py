"""What a fixture of the pytest plugin costs a test, and that a thousand tests stay apart.

Each run is pytest itself on a project of one module, with the fixture and without it; the cost is
the difference of the two, divided by the number of tests. Of ``session`` it has its share of what is
prepared once; of ``db``, which is slower, it is the cost of one test more.
"""

import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.report import Comparison, show
from vetcore.testing import running_test_server

TESTS = 1_000
FEW, MORE = 50, 150
ROUNDS = 3
BAR = 0.005
LOOPS = {"one loop": "session", "a loop for each test": "function"}
INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = {scope}
asyncio_default_test_loop_scope = {scope}
"""
PLAIN = """
import pytest

@pytest.mark.parametrize("time", range({tests}))
async def test_nothing(time):
    pass
"""
TESTED = """
import pytest
from sqlalchemy import func, select
from vetcore.models import User

@pytest.mark.parametrize("time", range({tests}))
async def test_alone({fixture}, time):
    {body}
"""
EMPTY = "pass"
WRITE = """
    assert await session.scalar(select(func.count()).select_from(User)) == 0
    session.add(User(email="ana@example.com", first_name="Ana", last_name="Silva"))
    await session.commit()
"""


def _seconds(source: str, *options: str, tests: int = TESTS, scope: str = "session") -> float:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "pytest.ini").write_text(INI.format(scope=scope))
        Path(directory, "test_service.py").write_text(source.replace("{tests}", str(tests)))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
        )
    told = re.search(rf"{tests} passed in ([0-9.]+)s", done.stdout)
    if told is None:
        message = f"not all passed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return float(told.group(1))


def _cost(what: str, seconds: float, *, bar: bool) -> Comparison:
    at_most = 1 if bar else None
    milliseconds = (seconds * 1000, BAR * 1000)
    return Comparison(what, *milliseconds, "ms a test", "the bar itself", at_most=at_most)


def _session(scope: str, loop: str) -> list[Comparison]:
    source = TESTED.replace("{fixture}", "session").replace("{body}", EMPTY)
    plain: list[float] = []
    took: dict[str, list[float]] = {"sqlite": [], "postgresql": []}
    for _ in range(ROUNDS):
        plain.append(_seconds(PLAIN, scope=scope))
        for engine, seconds in took.items():
            seconds.append(_seconds(source, "--vetcore-database", engine, scope=scope))
    # With a loop for each test, PostgreSQL is connected to again for each.
    return [
        _cost(
            f"fixture session, {engine}, {loop}",
            (min(seconds) - min(plain)) / TESTS,
            bar=engine == "sqlite" or scope == "session",
        )
        for engine, seconds in took.items()
    ]


def _database() -> list[Comparison]:
    source = TESTED.replace("{fixture}", "db").replace("{body}", EMPTY)
    compared: list[Comparison] = []
    for engine in ("sqlite", "postgresql"):
        few, more = (
            min(_seconds(source, "--vetcore-database", engine, tests=tests) for _ in range(2))
            for tests in (FEW, MORE)
        )
        compared.append(_cost(f"fixture db, {engine}", (more - few) / (MORE - FEW), bar=False))
    return compared


def run() -> list[Comparison]:
    """The cost of each fixture, and the thousand writing tests that must all pass."""
    with ExitStack() as stack:
        if "VETCORE_TEST_POSTGRESQL_URL" not in os.environ:
            os.environ["VETCORE_TEST_POSTGRESQL_URL"] = stack.enter_context(running_test_server())
            stack.callback(os.environ.pop, "VETCORE_TEST_POSTGRESQL_URL")
        writing = TESTED.replace("{fixture}", "session").replace("{body}", WRITE)
        for engine in ("sqlite", "postgresql"):
            chosen = ("--vetcore-database", engine, "-p", "randomly")
            _seconds(writing, *chosen)
            _seconds(writing, *chosen, "-n", "2")
        sessions = [each for loop, scope in LOOPS.items() for each in _session(scope, loop)]
        return sessions + _database()


if __name__ == "__main__":
    sys.exit(not show(run()))
