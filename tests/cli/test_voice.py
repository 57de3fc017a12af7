"""How the command speaks on terminals of every width, encoding and patience."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from tests.cli.conftest import Process, Run, call
from vetcore.cli.voice import lines

PROGRAM = [sys.executable, "-c", "from vetcore.cli import main; main()"]
IN_TURN = [
    sys.executable,
    "-c",
    """
import json, sys
from vetcore.cli import main

for call in json.loads(sys.argv[1]):
    sys.argv[1:] = call
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, call
    print(end="\\f")
""",
]
"""Calls of the command in one process, which takes a second to start; each ends with a form feed."""
REFUSAL = "the practitioner is already booked Wed 2 Dec 11:30-12:00; try `vetcore slots driftwood`"


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The demonstration's database, kept."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    assert call("demo", "--quiet", "--keep", str(path)).exit_code == 0
    return f"sqlite:///{path}"


@pytest.mark.parametrize("width", range(20, 100, 7))
def test_no_line_ends_within_a_time_or_a_command(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    told = [line.plain for line in lines(Text(REFUSAL), Console(width=width), hang=2)]
    assert " ".join(line.strip() for line in told) == REFUSAL
    assert any("Wed 2 Dec 11:30-12:00" in line for line in told)
    assert any("`vetcore slots driftwood`" in line for line in told)
    assert all(len(line) <= max(width, 28) for line in told)


def test_where_nobody_says_a_width_a_sentence_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    (line,) = lines(Text(REFUSAL), Console(width=40, force_terminal=False))
    assert line.plain == REFUSAL


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_demonstration_is_readable_at_every_width(
    vetcore: Run, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = vetcore("demo")
    told = [*shown.stdout.splitlines(), *shown.stderr.splitlines()]
    assert max(len(line.rstrip()) for line in told) <= width
    assert len(told) <= (105 if width < 80 else 80)
    assert "…" not in shown.stdout
    assert "T11:" not in shown.output
    assert ":00-08:00" not in shown.output


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_day_is_readable_at_every_width(
    vetcore: Run, demo_url: str, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = vetcore("day", "driftwood", "tomorrow", url=demo_url)
    assert shown.exit_code == 0
    assert max(len(line.rstrip()) for line in shown.stdout.splitlines()) <= width


@pytest.mark.parametrize(
    "environ",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=["C", "ascii", "latin-1"],
)
def test_a_terminal_without_unicode_reads_stand_ins(demo_url: str, environ: dict[str, str]) -> None:
    asked = (["clinics", "brazil", "sao"], ["day", "driftwood"], ["clinics", "--json"])
    calls = json.dumps([[*each, "--url", demo_url] for each in (*asked, ["clinics", "ipe"])])
    done = subprocess.run(
        [*IN_TURN, calls],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=os.environ | environ,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *others, told, end = done.stdout.split("\f")
    assert (len(others), all(others), end) == (3, True, "")
    latin = environ.get("PYTHONIOENCODING") == "latin-1"
    assert latin or "Clinica Veterinaria Ipe Amarelo" in " ".join(told.split())


def test_a_pipe_gets_no_colours_and_neither_does_no_color(
    vetcore_process: Process, demo_url: str
) -> None:
    assert "\x1b" not in vetcore_process("day", "driftwood", "--url", demo_url).stdout
    read, write = pty.openpty()
    child = subprocess.Popen(
        [*PROGRAM, "clinics", "--url", demo_url],
        stdout=write,
        env=os.environ | {"NO_COLOR": "1", "TERM": "xterm-256color"},
    )
    os.close(write)
    assert child.wait(timeout=60) == 0
    told = os.read(read, 65536)
    os.close(read)
    assert b"Driftwood" in told
    assert b"\x1b[3" not in told


@pytest.mark.parametrize("options", [["--json"], []], ids=["json", "people"])
def test_who_stops_reading_ends_it_in_silence(
    tmp_path: Path, demo_url: str, options: list[str]
) -> None:
    read, write = os.pipe()
    os.close(read)
    with (tmp_path / "errors").open("w+") as errors:
        done = subprocess.run(
            [*PROGRAM, "clinics", *options, "--url", demo_url],
            stdout=write,
            stderr=errors,
            check=False,
            timeout=60,
        )
        os.close(write)
        errors.seek(0)
        assert (done.returncode, errors.read()) == (141, "")
