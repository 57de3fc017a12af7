"""The project that the guide on testing shows is what it says: short, complete and quick."""

import os
import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "testing.md"
FILE = re.compile(r"```\w+\n# (\w+\.\w+)\n(.*?)```", re.DOTALL)
LINES = 30


def test_thirty_lines_in_an_empty_directory_are_three_green_tests(
    tmp_path: Path,
) -> None:
    """On PostgreSQL, too, with no server given: one is started for the run."""
    lines = 0
    for name, content in FILE.findall(GUIDE.read_text().partition("```console")[0]):
        tmp_path.joinpath(name).write_text(content)
        lines += sum(bool(line.strip()) for line in content.splitlines())
    assert lines <= LINES
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if "VETCORE" not in name},
        capture_output=True,
        text=True,
        check=False,
    )
    told = re.search(r"^3 passed in ", done.stdout, re.MULTILINE)
    assert told is not None, done.stdout + done.stderr
