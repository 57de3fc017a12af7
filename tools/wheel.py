"""The wheel as a stranger gets it: built from a copy, installed where nothing else is, and used."""

import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tools.environment import ROOT, VENV, active, install, make

_NOT_SHIPPED = (".git", ".venv", "dist", "build", "__pycache__", "*.db", ".*_cache", ".hypothesis")
_SHIPPED = ("vetcore/py.typed", "vetcore/migrations/versions/0001_initial.py")
# Imports every module that is in the wheel, but for those that Alembic alone can load.
_IMPORT_ALL = """
import importlib, pathlib, pkgutil, sys
import vetcore
home = pathlib.Path(vetcore.__file__).parent
assert home.is_relative_to(sys.prefix), home
names = [info.name for info in pkgutil.walk_packages([str(home)], "vetcore.")]
for name in names:
    if not name.startswith("vetcore.migrations."):
        importlib.import_module(name)
print(len(names), "modules")
"""

# What each extra is for.
_USES = {
    "clerk": """
import httpx
from vetcore.identity.clerk import SessionVerifier
SessionVerifier(issuer="https://clerk.example.com", authorized_parties=None)
""",
    "ical": """
import asyncio
from datetime import timedelta
from uuid import uuid4
from vetcore import Database, clock
from vetcore.errors import NotFound
from vetcore.scheduling import calendar_feed
async def main():
    async with Database("sqlite:///:memory:") as db:
        await db.migrate()
        async with db.session() as session:
            now = clock.now()
            try:
                await calendar_feed(session, pet_id=uuid4(), start=now, end=now + timedelta(1))
            except NotFound:
                return
asyncio.run(main())
""",
    "sanitize": """
from vetcore.values.text import sanitize
assert sanitize("<b>fine</b><script>bad()</script>", tags={"b"}) == "<b>fine</b>"
""",
    "postgres-binaries": """
from vetcore.embedded import running_postgresql
with running_postgresql() as server:
    assert server.url("postgres")
""",
}
_SAYS_WHAT_IS_MISSING = ("ical", "sanitize")

# Without its extra, what is asked for says how to get it.
_REFUSED = """
from vetcore.errors import ConfigurationError
try:
    exec(USE)
except ConfigurationError as error:
    assert f"vetcore[{EXTRA}]" in error.message, error.message
else:
    raise SystemExit(f"it works without {EXTRA}")
"""


def check(keep: Path | None = None) -> None:
    """Build it and use it; then leave it and the sdist in ``keep``.

    Raises:
        subprocess.CalledProcessError: a step failed; it has said why.
        CannotSetUp: pip could not install it.
    """
    with tempfile.TemporaryDirectory(prefix="vetcore-wheel-") as directory:
        place = Path(directory)
        built = _build(place)
        venv = place / "venv"
        make(venv)
        home = place / "home"
        home.mkdir()
        install(venv, [str(built)], cwd=home)
        _use(venv, home, ["vetcore", "--version"])
        _use(venv, home, ["vetcore", "db", "upgrade", "--url", f"sqlite:///{home}/wheel.db"])
        _use(venv, home, ["vetcore", "db", "check", "--url", f"sqlite:///{home}/wheel.db"])
        _use(venv, home, ["vetcore", "demo"])
        for extra in _SAYS_WHAT_IS_MISSING:
            given = f"EXTRA, USE = {extra!r}, {_USES[extra]!r}\n"
            _use(venv, home, ["python", "-I", "-c", given + _REFUSED])
        extras = _extras()
        for extra in extras:
            own = place / f"venv-{extra}"
            _make_above(venv, own)
            install(own, [f"{built}[{extra}]"], cwd=home)
            print(f"with {extra}:", file=sys.stderr)
            _use(own, home, ["python", "-I", "-c", _USES.get(extra, "import vetcore\n")])
            shutil.rmtree(own)
        install(venv, [f"{built}[{','.join(extras)}]"], cwd=home)
        _use(venv, home, ["python", "-I", "-c", _IMPORT_ALL])
        if keep is not None:
            shutil.copytree(built.parent, keep, dirs_exist_ok=True)


def _make_above(venv: Path, own: Path) -> None:
    """A new environment that has what is in ``venv``, too, without installing it once more."""
    make(own)
    (packages,) = (venv / "lib").glob("python*/site-packages")
    (its_own,) = (own / "lib").glob("python*/site-packages")
    (its_own / "below.pth").write_text(f"{packages}\n")


def _extras() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return list(project["project"]["optional-dependencies"])


def _build(place: Path) -> Path:
    """The wheel of a copy of this tree; the copy is gone afterwards."""
    copy = place / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_NOT_SHIPPED, VENV.name))
    project = tomllib.loads((copy / "pyproject.toml").read_text())
    builder, built = place / "builder", place / "dist"
    make(builder)
    install(builder, project["build-system"]["requires"], cwd=place)
    hatchling = ["python", "-m", "hatchling", "build", "-d", str(built)]
    _use(builder, copy, [*hatchling, "-t", "sdist"])
    shutil.rmtree(copy)
    # From the sdist, as those do who package it for a distribution.
    (sdist,) = built.glob("*.tar.gz")
    shutil.unpack_archive(sdist, place / "sdist")
    (unpacked,) = (place / "sdist").iterdir()
    _use(builder, unpacked, [*hatchling, "-t", "wheel"])
    shutil.rmtree(unpacked)
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    missing = [name for name in _SHIPPED if name not in names]
    strangers = [name for name in names if not name.startswith(("vetcore/", "vetcore-"))]
    if missing or strangers:
        sys.exit(f"{wheel.name}: lacks {missing}, and should not have {strangers}")
    return wheel


def _use(venv: Path, home: Path, command: Sequence[str]) -> None:
    print("$", *(word if "\n" not in word else "…" for word in command), file=sys.stderr)
    environment = {
        key: value
        for key, value in active(venv).items()
        if key.startswith("PIP_") or key in {"PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV"}
    }
    program = str(venv / "bin" / command[0])
    subprocess.run(
        [program, *command[1:]], cwd=home, env=environment | {"HOME": str(home)}, check=True
    )
