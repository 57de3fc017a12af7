"""The virtual environment beside the sources: made and kept up to date without being asked.

It takes Python 3.11 and pip, wherever pip is: with the interpreter, with the system, or in the
``ensurepip`` that some distributions leave out.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("VETCORE_VENV") or ROOT / ".venv").absolute()
LEVELS = ("core", "postgres", "dev")
"""What is installed; each level has all that is in those before it."""

_BUILT_FROM = ("pyproject.toml", "src/vetcore/_version.py")
_LOG_LINES = 30
# These would send the packages elsewhere than into the environment.
_MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PYTHONHOME", "PYTHONPATH")


class CannotSetUp(Exception):
    """The environment could not be made; the message says what is missing."""


def base_python() -> str:
    """The interpreter that environments are made of, also when this one is an environment's."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return getattr(sys, "_base_executable", sys.executable)


def clean_environment() -> dict[str, str]:
    """This process's variables without those that would mislead pip or Python."""
    kept = {key: value for key, value in os.environ.items() if key not in _MISLEADING}
    return kept | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def active(venv: Path = VENV) -> dict[str, str]:
    """The variables of a shell in which ``venv`` is active."""
    path = f"{venv / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return clean_environment() | {"VIRTUAL_ENV": str(venv), "PATH": path}


def ready(level: str) -> Path:
    """The environment's Python, with what ``level`` names installed.

    Raises:
        CannotSetUp: there is no pip, or it failed.
    """
    python = VENV / "bin" / "python"
    with _alone():
        if _is_current(level):
            return python
        if not _is_ours():
            make(VENV)
            _stamp("python").write_text(_identity())
        with _progress(f"Installing what {'vetcore' if level == 'core' else level} needs") as show:
            install(VENV, requirements(level), show=show)
        _stamp(level).write_text(_fingerprint(level))
    return python


def make(venv: Path) -> None:
    """A new, empty environment, with pip in it where this Python can put it there.

    Raises:
        CannotSetUp: Python could not make one.
    """
    shutil.rmtree(venv, ignore_errors=True)
    for options in ([], ["--without-pip"]):
        command = [base_python(), "-m", "venv", *options, str(venv)]
        made = _run(command)
        if made.returncode == 0 and (venv / "bin" / "python").exists():
            return
        shutil.rmtree(venv, ignore_errors=True)
    raise CannotSetUp(f"No virtual environment could be made in {venv}:\n{made.stdout.strip()}")


def install(
    venv: Path, packages: Sequence[str], *, cwd: Path = ROOT, show: "Show | None" = None
) -> None:
    """Install packages into an environment.

    Raises:
        CannotSetUp: there is no pip, or it failed; the message ends with what it said.
    """
    command = [*_pip(venv), "install", "--root-user-action=ignore", *packages]
    said: list[str] = []
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        for line in pip.stdout or ():
            said.append(line.rstrip())
            if show is not None:
                show(line.strip())
    if pip.returncode != 0:
        raise CannotSetUp("\n".join(["pip failed:", *said[-_LOG_LINES:]]))


def requirements(level: str) -> list[str]:
    """What pip is told to install. Its own ``--group`` is too new to count on."""
    if level == "core":
        return ["-e", "."]
    if level == "postgres":
        return ["-e", ".[postgres-binaries]"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[str] = []
    for requirement in _group(project["dependency-groups"], "dev"):
        name = project["project"]["name"]
        if requirement.startswith(f"{name}["):
            found += ["-e", f".{requirement.removeprefix(name)}"]
        else:
            found.append(requirement)
    return found


def _group(groups: dict[str, list[str | dict[str, str]]], name: str) -> Iterator[str]:
    for entry in groups[name]:
        if isinstance(entry, dict):
            yield from _group(groups, entry["include-group"])
        else:
            yield entry


def _pip(venv: Path) -> list[str]:
    python = str(venv / "bin" / "python")
    ways = [[python, "-m", "pip"], [base_python(), "-m", "pip", "--python", python]]
    for name in ("pip3", "pip"):
        on_path = shutil.which(name)
        if on_path:
            ways.append([on_path, "--python", python])
    for way in ways:
        if _run([*way, "--version"]).returncode == 0:
            return way
    message = (
        f"{base_python()} has no pip (22.3 or later) that can be used. On Debian and Ubuntu: "
        "apt install python3-pip; elsewhere: python3 -m ensurepip."
    )
    raise CannotSetUp(message)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _stamp(level: str) -> Path:
    return VENV / f"{level}.stamp"


def _is_current(level: str) -> bool:
    """Whether it, or a level that has it all, was installed from these very files."""
    candidates = LEVELS[LEVELS.index(level) :]
    return _is_ours() and any(
        _stamp(name).is_file() and _stamp(name).read_text() == _fingerprint(name)
        for name in candidates
    )


def _is_ours() -> bool:
    """Whether the environment is there, made here by this Python."""
    stamp = _stamp("python")
    there = (VENV / "bin" / "python").exists()  # its interpreter may have been removed
    return there and stamp.is_file() and stamp.read_text() == _identity()


def _identity() -> str:
    return f"{base_python()} {sys.version_info[:3]} {VENV} {ROOT}"


def _fingerprint(level: str) -> str:
    parts = [level, _identity(), *((ROOT / name).read_text() for name in _BUILT_FROM)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@contextmanager
def _alone() -> Generator[None]:
    """One process at a time sets the environment up; the others wait and find it there."""
    with (ROOT / "pyproject.toml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Show:
    """One line of progress on a terminal; elsewhere nothing but the beginning and the end."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self.terminal = sys.stderr.isatty()
        if not self.terminal:
            print(f"{title} …", file=sys.stderr, flush=True)

    def __call__(self, line: str) -> None:
        """Say what is being done."""
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            text = f"{self.title} ({self._seconds()} s): {line}"[:width]
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        """Say how long it took."""
        start = "\r\033[K" if self.terminal else ""
        print(f"{start}{self.title}: done in {self._seconds()} s", file=sys.stderr, flush=True)

    def _seconds(self) -> int:
        return round(time.monotonic() - self.started)


@contextmanager
def _progress(title: str) -> Generator["Show"]:
    show = Show(title)
    try:
        yield show
    except BaseException:
        print(file=sys.stderr)
        raise
    show.done()
