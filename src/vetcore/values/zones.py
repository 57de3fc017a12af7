"""Time zones, by the newest data that are installed.

Governments change their clocks at short notice. The operating system has a time-zone database, and
the installed package ``tzdata`` is another. The newer of the two is used, so that two hosts that
share a database agree about when a clinic opens. If the system does not say how old its data are,
those of the package are used.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError, available_timezones

from typing_extensions import override

from vetcore.errors import InvalidValue

__all__ = ["ZoneData", "system_zone", "zone_data", "zone_named", "zone_names"]

_PACKAGE: Final = "tzdata"
_VERSION: Final = re.compile(r"(\d{4})([a-z]+)")
_VERSION_FILES: Final = ("+VERSION", "tzdata.zi")
"""macOS and the BSDs have the first, whose whole text it is; the second's first line tells it."""


class ZoneData(NamedTuple):
    """Which time-zone data are installed. A version has the form ``2026a``."""

    package: str | None
    """The version of the installed package; None without it."""
    system: str | None
    """The version of the system's data; None where they are absent or do not say."""

    @property
    def uses_package(self) -> bool:
        """Whether the package's data are used. They also are if both versions are equal."""
        return self.package is not None and _age(self.package) >= _age(self.system)

    @property
    def version(self) -> str | None:
        """The version of the data that are used."""
        return self.package if self.uses_package else self.system


def _age(version: str | None) -> tuple[int, int, str]:
    found = _VERSION.search(version or "")
    # After the 26th release of a year, its letters would be two.
    return (0, 0, "") if found is None else (int(found[1]), len(found[2]), found[2])


@cache
def zone_data() -> ZoneData:
    """Return the time-zone data of this process. They are looked up once."""
    return ZoneData(_of_package(), _of_system())


def _of_package() -> str | None:
    try:
        return str(import_module(_PACKAGE).IANA_VERSION)
    except ImportError:
        return None


def _of_system() -> str | None:
    for place in map(Path, TZPATH):
        if not (place / "UTC").exists():
            continue
        for name in _VERSION_FILES:
            if found := _VERSION.search(_first_line(place / name)):
                return found.group()
        return None
    return None


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as lines:
            return lines.readline(100)
    except OSError:
        return ""


class _PackagedZone(ZoneInfo):
    """A zone that was read from the package; a copy or a pickle of it is that zone again."""

    @override
    def __reduce__(self) -> tuple[Callable[[str], ZoneInfo], tuple[str]]:
        return zone_named, (self.key,)


@cache
def _packaged() -> frozenset[str]:
    """The names of the zones that the package has."""
    return frozenset(_resource("zones").read_text(encoding="ascii").split())


def _resource(*path: str) -> Any:
    from importlib.resources import files  # noqa: PLC0415 -- costs more than a process may need

    return files(_PACKAGE).joinpath(*path)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """Return the IANA time zone with that name, by the newest data that are installed.

    Raises:
        InvalidValue: there is no zone of that name.
    """
    # No name is made into a path of the package unless its own list has it.
    if zone_data().uses_package and name in _packaged():
        with _resource("zoneinfo", *name.split("/")).open("rb") as data:
            return _PackagedZone.from_file(data, key=name)
    return _ordinary(name)


def _ordinary(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue(
            field="timezone",
            rule="is not an IANA time zone",
            expected="a name such as America/New_York",
            value=name,
        ) from error


def system_zone(name: str) -> ZoneInfo | None:
    """Return the zone by the system's data, for comparison, or None if they do not have it."""
    for place in map(Path, TZPATH):
        if (place / "UTC").exists():
            try:
                with place.joinpath(*name.split("/")).open("rb") as data:
                    return ZoneInfo.from_file(data, key=name)
            except (OSError, ValueError):
                return None
    return None


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones.

    The system's own "localtime" is left out, because it differs from host to host.
    """
    if zone_data().uses_package:
        return _packaged()
    return frozenset(available_timezones() - {"localtime"})
