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
_EXTRAS = "clerk,ical,sanitize"

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
        install(venv, [f"{built}[{_EXTRAS}]"], cwd=home)
        _use(venv, home, ["python", "-I", "-c", _IMPORT_ALL])
        if keep is not None:
            shutil.copytree(built.parent, keep, dirs_exist_ok=True)


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
