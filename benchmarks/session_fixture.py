"""What a fixture of the pytest plugin costs a test, and that a thousand tests stay apart.

Each run is pytest itself on a project of one module, with the fixture and without it; the cost is
the difference of the two, divided by the number of tests.
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
BAR = 0.005
INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""
PLAIN = f"""
import pytest

@pytest.mark.parametrize("time", range({TESTS}))
async def test_nothing(time):
    pass
"""
WRITING = f"""
import pytest
from sqlalchemy import func, select
from vetcore.models import User

@pytest.mark.parametrize("time", range({TESTS}))
async def test_alone({{fixture}}, time):
    {{body}}
"""
EMPTY = "pass"
WRITE = """
    assert await session.scalar(select(func.count()).select_from(User)) == 0
    session.add(User(email="ana@example.com", first_name="Ana", last_name="Silva"))
    await session.commit()
"""


def _seconds(source: str, *options: str) -> float:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "pytest.ini").write_text(INI)
        Path(directory, "test_service.py").write_text(source)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
        )
    told = re.search(rf"{TESTS} passed in ([0-9.]+)s", done.stdout)
    if told is None:
        message = f"not all passed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return float(told.group(1))


def run() -> list[Comparison]:
    """The cost of each fixture, and the thousand writing tests that must all pass."""
    compared: list[Comparison] = []
    with ExitStack() as stack:
        os.environ.setdefault(
            "VETCORE_TEST_POSTGRESQL_URL", stack.enter_context(running_test_server())
        )
        plain = min(_seconds(PLAIN) for _ in range(3))
        for engine in ("sqlite", "postgresql"):
            chosen = ("--vetcore-database", engine)
            for fixture in ("session", "db"):
                source = WRITING.format(fixture=fixture, body=EMPTY)
                cost = (min(_seconds(source, *chosen) for _ in range(2)) - plain) / TESTS
                bar = BAR if fixture == "session" else None
                compared.append(
                    Comparison(
                        f"fixture {fixture}, {engine}",
                        cost * 1000,
                        BAR * 1000,
                        "ms a test",
                        "the bar itself",
                        at_most=None if bar is None else 1,
                    )
                )
            writing = WRITING.format(fixture="session", body=WRITE)
            _seconds(writing, *chosen, "-p", "randomly")
            _seconds(writing, *chosen, "-n", "2", "-p", "randomly")
    return compared


if __name__ == "__main__":
    sys.exit(not show(run()))
