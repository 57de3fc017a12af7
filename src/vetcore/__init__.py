"""vetcore: the shared core of a veterinary-clinic platform.

The public names load when they are first used, so that ``import vetcore`` stays cheap.
"""

from typing import TYPE_CHECKING

from vetcore._version import __version__

if TYPE_CHECKING:
    from vetcore.database import Acting, Database
    from vetcore.errors import VetcoreError
    from vetcore.settings import Settings

__all__ = ["Acting", "Database", "Settings", "VetcoreError", "__version__"]

_HOMES = {
    "Acting": "vetcore.database",
    "Database": "vetcore.database",
    "Settings": "vetcore.settings",
    "VetcoreError": "vetcore.errors",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module 'vetcore' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- only when a name is asked for

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
