"""The command line as a whole: help, errors, exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Process, Run
from vetcore import __version__
from vetcore.cli.app import COMMANDS

NOWHERE = "postgresql://nobody:secret-password@127.0.0.1:1/nowhere"


def test_help_names_every_command(vetcore: Run) -> None:
    shown = vetcore("--help")
    assert shown.exit_code == 0
    for command in COMMANDS:
        assert command.name in shown.stdout


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_explains_itself(vetcore: Run, command: str) -> None:
    shown = vetcore(command, "--help")
    assert shown.exit_code == 0
    assert f"Usage: vetcore {command}" in shown.stdout


def test_help_fits_into_eighty_columns(vetcore: Run) -> None:
    assert max(map(len, vetcore("--help").stdout.splitlines())) <= 80


def test_the_version_is_the_packages(vetcore: Run) -> None:
    assert vetcore("--version").stdout == f"vetcore {__version__}\n"


def test_help_loads_neither_the_database_layer_nor_other_commands() -> None:
    code = (
        "import sys\n"
        "from vetcore.cli import main\n"
        "sys.argv = ['vetcore', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit(','.join(m for m in sys.modules if m in "
        "{'sqlalchemy', 'pydantic', 'alembic', 'vetcore.cli.db', 'vetcore.models'}) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_misspelt_command_is_a_usage_error_with_a_suggestion(vetcore: Run) -> None:
    result = vetcore("dbb")
    assert result.exit_code == 2
    assert "'db'" in result.stderr


def test_an_unknown_option_is_a_usage_error(vetcore: Run) -> None:
    assert vetcore("db", "current", "--colour").exit_code == 2


def test_an_error_is_one_sentence_on_standard_error(vetcore: Run) -> None:
    result = vetcore("db", "current", url=NOWHERE)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: The database cannot be reached")
    assert "Traceback" not in result.stderr
    assert "secret-password" not in result.output


def test_an_error_is_a_problem_document_for_programs(vetcore: Run) -> None:
    result = vetcore("db", "current", "--json", url=NOWHERE)
    assert result.exit_code == 1
    problem = json.loads(result.stdout)
    assert problem["code"] == "connection_failed"
    assert "secret-password" not in result.output


def test_an_url_that_is_none_is_refused_without_repeating_it(vetcore: Run) -> None:
    result = vetcore("db", "current", url="hunter2")
    assert result.exit_code == 1
    assert "postgresql://" in result.stderr
    assert "hunter2" not in result.output


def test_a_sqlite_file_that_is_not_there_is_not_made_by_looking(
    vetcore: Run, tmp_path: Path
) -> None:
    result = vetcore("db", "current", url=f"sqlite:///{tmp_path}/typo.db")
    assert result.exit_code == 1
    assert "vetcore db upgrade" in result.stderr
    assert not (tmp_path / "typo.db").exists()


def test_the_environment_names_the_database(
    vetcore: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VETCORE_DATABASE_URL", f"sqlite:///{tmp_path}/named.db")
    assert vetcore("db", "upgrade").exit_code == 0
    assert (tmp_path / "named.db").exists()


def test_ctrl_c_ends_with_130() -> None:
    # A shell starts what it runs in the background with SIGINT ignored, and children inherit that.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heeding}; from vetcore.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "db", "wait", "--timeout", "60", "--url", NOWHERE],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as child:
        assert child.stderr is not None
        assert "waiting for the database" in child.stderr.readline()
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        rest = child.stderr.read()
        assert child.wait(timeout=20) == 130
    assert "Traceback" not in rest


def test_warnings_are_told_in_a_sentence_without_secrets(vetcore: Run) -> None:
    told = vetcore("db", "wait", "--timeout", "0.1", url=NOWHERE)
    assert told.stderr.startswith("Warning: waiting for the database (")
    assert "retry in seconds" in told.stderr
    assert "secret-password" not in told.stderr


def test_where_programs_read_the_log_it_is_json(vetcore_process: Process) -> None:
    told = vetcore_process(
        "db", "wait", "--timeout", "0.1", "--url", NOWHERE, VETCORE_LOGGING_FORMAT="json"
    )
    assert told.returncode == 1
    assert json.loads(told.stderr.splitlines()[0])["event"] == "waiting for the database"
    assert told.stdout == ""
