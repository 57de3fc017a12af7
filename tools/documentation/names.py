"""Which modules and names are public, and under which name the reference shows each."""

import pkgutil
from collections.abc import Iterator
from functools import cache

import vetcore
from tools.documentation.sources import home_of, loaded

__all__ = ["canonical", "modules", "public_names", "shown_in"]

FACES = ("vetcore.identity.clerk", "vetcore.identity.own")
"""Modules that stand for their room, beside the packages that do."""

MACHINERY = ("vetcore.cli.", "vetcore.migrations", "vetcore.values.breed_names", "vetcore._")
"""What begins so is nobody's to import: the command, the history of the schema, bare data."""


@cache
def modules() -> tuple[str, ...]:
    """Every public module: those that say what they offer, in ``__all__``."""
    found = pkgutil.walk_packages(vetcore.__path__, "vetcore.")
    names = ["vetcore", *(one.name for one in found if not one.name.startswith(MACHINERY))]
    return tuple(sorted(name for name in names if hasattr(loaded(name), "__all__")))


def public_names() -> Iterator[tuple[str, str]]:
    """Every public name, with the module that offers it; some are offered by several."""
    for module in modules():
        for name in loaded(module).__all__:
            if not name.startswith("__"):
                yield module, name


@cache
def _canonical() -> dict[tuple[str, str], tuple[str, str]]:
    """Where each definition is shown: at the face of its room, else where it is defined."""
    chosen: dict[tuple[str, str], tuple[str, str]] = {}
    for module, name in sorted(public_names(), key=_preference):
        chosen.setdefault((home_of(module, name), name), (module, name))
    return chosen


def _preference(offered: tuple[str, str]) -> tuple[int, str]:
    module, name = offered
    home = home_of(module, name)
    room = ".".join(home.split(".")[:2])
    if module == room or (module in FACES and home.startswith(room)):
        return 0, module
    return (1 if module == home else 2), module


def canonical(module: str, name: str) -> str:
    """The name under which the reference shows what ``module`` offers as ``name``."""
    shown = _canonical().get((home_of(module, name), name))
    return ".".join(shown) if shown else f"{module}.{name}"


def shown_in(module: str) -> list[str]:
    """The names that the reference shows in a module, in its own order."""
    return [
        name
        for name in getattr(loaded(module), "__all__", ())
        if not name.startswith("__") and canonical(module, name) == f"{module}.{name}"
    ]
