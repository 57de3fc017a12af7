"""A run in which a test was skipped is a failed run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(directory: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    module = directory / "test_example.py"
    module.write_text(source)
    (directory / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", f"--rootdir={directory}"]
    return subprocess.run(
        [*command, "-c", str(directory / "pytest.ini"), *options, str(module)],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "skipped",
    [
        "import pytest\ndef test_it(): pytest.skip('no PostgreSQL')",
        "import pytest\n@pytest.mark.skip\ndef test_it(): pass",
        "import pytest\n@pytest.fixture\ndef db(): pytest.skip()\ndef test_it(db): pass",
        "import pytest\npytest.skip(allow_module_level=True)",
        "import pytest\npytest.importorskip('no_such_module')",
    ],
    ids=["in the test", "by a mark", "in a fixture", "a whole module", "for want of a module"],
)
def test_a_skipped_test_fails_the_run_and_is_named(tmp_path: Path, skipped: str) -> None:
    done = run(tmp_path, skipped)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "skipped tests fail this run" in done.stdout
    assert "test_example.py" in done.stdout.partition("skipped tests fail this run")[2]


def test_a_test_that_was_skipped_in_another_process_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, "import pytest\ndef test_it(): pytest.skip()", "-p", "xdist", "-n", "1")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout


def test_a_run_without_skipped_tests_passes_an_expected_failure_included(tmp_path: Path) -> None:
    source = "import pytest\ndef test_it(): pass\n@pytest.mark.xfail\ndef test_not(): assert False"
    assert run(tmp_path, source).returncode == pytest.ExitCode.OK


def test_a_failure_stays_a_failure(tmp_path: Path) -> None:
    assert run(tmp_path, "def test_it(): assert False").returncode == pytest.ExitCode.TESTS_FAILED
