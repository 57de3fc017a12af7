"""Asks the operating system to run programs as another user, to list processes and to end them."""

import os
import signal
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vetcore.errors import ConfigurationError

__all__ = ["Account", "alive", "descendants", "end", "unprivileged"]

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Account:
    """The user account under which a program runs."""

    name: str | None = None
    """None is the user that we are."""
    user: int | None = None
    group: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        """An empty list, so that none of our supplementary groups are passed on."""
        return None if self.user is None else []

    def own(self, path: Path) -> None:
        """Make the account the owner of a file or directory."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def run(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end. The result has both outputs in ``stdout``."""
        return subprocess.run(  # noqa: S603 -- the callers' programs are fixed
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            user=self.user,
            group=self.group,
            extra_groups=self.extra_groups,
        )

    def can(self, command: Sequence[str], *, cwd: Path = Path("/")) -> bool:
        """Return whether the account can run the program there."""
        try:
            return self.run(command, cwd=cwd).returncode == 0
        except OSError:
            return False


def unprivileged() -> Account:
    """Return the user under which PostgreSQL runs: this one, or another because it refuses root.

    Raises:
        ConfigurationError: not on this operating system, or only root is there.
    """
    if os.name != "posix":
        message = "vetcore starts a PostgreSQL of its own on Linux and macOS only; name a server."
        raise ConfigurationError(message)
    if os.geteuid() != 0:
        return Account()
    import pwd  # noqa: PLC0415 -- there is none on Windows

    entries = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid > 0}
    for name in ("postgres", "_postgres", "nobody", *entries):
        if name in entries:
            return Account(name, entries[name].pw_uid, entries[name].pw_gid)
    message = "PostgreSQL refuses to run as root, and this machine has no other user."
    raise ConfigurationError(message)


def descendants(pid: int) -> list[int]:
    """Return the processes that ``pid`` started, and those that they started."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in _parents():
        children[parent].append(child)
    found: list[int] = []
    queue = [pid]
    while queue:
        queue += children[queue[0]]
        found += children[queue.pop(0)]
    return found


def alive(pid: int) -> bool:
    """Return whether a process runs. One that waits to be reaped does not."""
    stat = _stat(pid)
    if stat is not None:
        return stat[0] not in "ZX"
    if _PROC.joinpath("self/stat").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(pid: int) -> None:
    """Kill a process, unless it is gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _parents() -> list[tuple[int, int]]:
    """Every process with its parent. Minimal Linux images lack ``ps``, and macOS lacks ``/proc``."""
    if _PROC.joinpath("self/stat").exists():
        numbers = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal()]
        stats = [(number, _stat(number)) for number in numbers]
        return [(number, int(stat[1])) for number, stat in stats if stat is not None]
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    return [(int(pid), int(parent)) for pid, parent in map(str.split, listed.stdout.splitlines())]


def _stat(pid: int) -> list[str] | None:
    """The fields of ``/proc/PID/stat`` after the name, which may hold spaces: state, parent, …."""
    try:
        text = _PROC.joinpath(str(pid), "stat").read_text(errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
