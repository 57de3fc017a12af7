"""Reads settings by name from their places: the environment, ``.env`` and secret files."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings, DotEnvSettingsSource

from vetcore.settings.sections import ENVIRONMENT_DEFAULTS, Environment

__all__ = ["PREFIX", "Found", "Names", "Origin", "Reading", "SettingSource", "nested", "shown"]

Names = Mapping[str, tuple[str, ...]]
"""Each setting's name with the path to its field."""

PREFIX: Final = "VETCORE_"
_SECRETS_DIR: Final = "VETCORE_SECRETS_DIR"
_LEFT_TO_THE_TESTING_PLUGIN: Final = "VETCORE_TEST_"
_MISSPELT: Final = 0.7
"""How alike an unknown name and a known one are, from 0 to 1, to be taken for a slip."""


class Origin(StrEnum):
    """The kind of place from which a value came."""

    CODE = "code"
    ENVIRONMENT = "environment"
    ENV_FILE = "env file"
    SECRET_FILE = "secret file"  # noqa: S105 -- the name of a kind of place
    ENVIRONMENT_DEFAULT = "default of the environment"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class SettingSource:
    """A setting and where its value came from, for people to look at."""

    name: str
    """As the environment has it: ``VETCORE_DATABASE_URL``."""
    value: str
    """Secrets and passwords are masked; empty for None and for empty lists."""
    origin: Origin
    file: str | None = None
    """The file that held the value, if it was one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value as it was written or given, and its place."""

    value: object
    origin: Origin
    file: str | None = None


class Reading:
    """The values that the places have, by name, and what is wrong with them."""

    def __init__(
        self,
        names: Names,
        environ: Mapping[str, str],
        env_file: str | os.PathLike[str] | None,
    ) -> None:
        self.names = names
        self.found: dict[str, Found] = {}
        self.problems: dict[str, str] = {}
        self.unrecognized: list[str] = []
        outer = _ours(environ)
        self._take(outer, Origin.ENVIRONMENT)
        inner = self._env_file(env_file) if env_file is not None else {}
        self._take(inner, Origin.ENV_FILE, file=str(env_file))
        if directory := outer.get(_SECRETS_DIR) or inner.get(_SECRETS_DIR):
            self._take_directory(Path(directory))

    def give(self, sections: Mapping[str, object]) -> None:
        """Put the values given in code before all others. An instance gives a whole section."""
        for section, content in sections.items():
            given = {section: content}
            if isinstance(content, BaseModel | Mapping):
                fields = dict(cast("Mapping[str, object]", content))
                given = {f"{section}_{field}": value for field, value in fields.items()}
            for tail, value in given.items():
                name = f"{PREFIX}{tail}".upper()
                if name in self.names:
                    self.found[name] = Found(value, Origin.CODE)
                else:
                    self._look_for_slips([name])
                    self.problems.setdefault(name, "is not a setting")

    def fill_in(self) -> None:
        """Add the defaults of the environment for settings that have no value."""
        said = self.found.get(f"{PREFIX}ENVIRONMENT")
        try:
            environment = (
                Environment(str(said.value).strip().lower()) if said else Environment.DEVELOPMENT
            )
        except ValueError:  # reported when the settings are built
            return
        for name, value in ENVIRONMENT_DEFAULTS[environment].items():
            self.found.setdefault(name, Found(value, Origin.ENVIRONMENT_DEFAULT))

    def _env_file(self, path: str | os.PathLike[str]) -> dict[str, str]:
        try:
            return _ours(DotEnvSettingsSource(BaseSettings, env_file=Path(path)).env_vars)
        except (OSError, UnicodeDecodeError) as error:
            self.problems[str(path)] = f"cannot be read: {_reason(error)}"
            return {}

    def _take(self, values: Mapping[str, str], origin: Origin, file: str | None = None) -> None:
        for name in self.names:
            value, path = values.get(name), values.get(f"{name}_FILE")
            if value and path:
                self.problems[name] = f"is given, and so is {name}_FILE; keep one of them"
            elif value:
                self.found.setdefault(name, Found(value, origin, file))
            elif path and name not in self.found:
                self._take_file(name, Path(path), named_by=f"{name}_FILE")
        self._look_for_slips(values)

    def _take_directory(self, directory: Path) -> None:
        try:
            files = {path.name.upper(): path for path in directory.iterdir() if path.is_file()}
        except OSError as error:
            self.problems[_SECRETS_DIR] = (
                f"names {str(directory)!r}, which cannot be read: {_reason(error)}"
            )
            return
        for name in self.names.keys() & files.keys() - self.found.keys():
            self._take_file(name, files[name], named_by=name)
        self._look_for_slips([name for name in files if name.startswith(PREFIX)])

    def _take_file(self, name: str, path: Path, *, named_by: str) -> None:
        try:
            value = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems[named_by] = f"the file {str(path)!r} cannot be read: {_reason(error)}"
        else:
            if value:
                self.found.setdefault(name, Found(value, Origin.SECRET_FILE, str(path)))

    def _look_for_slips(self, given: Iterable[str]) -> None:
        known = [*self.names, *(f"{name}_FILE" for name in self.names), _SECRETS_DIR]
        sections = tuple({f"{PREFIX}{path[0]}_".upper() for path in self.names.values()})
        for name in given:
            if name in known or name.startswith(_LEFT_TO_THE_TESTING_PLUGIN):
                continue
            tails = {each.removeprefix(PREFIX): each for each in known}
            alike = get_close_matches(name.removeprefix(PREFIX), tails, n=1, cutoff=_MISSPELT)
            if alike:
                self.problems[name] = f"is not a setting; did you mean {tails[alike[0]]}?"
            elif name.startswith(sections):
                self.problems[name] = "is not a setting of that section"
            elif name not in self.unrecognized:
                self.unrecognized.append(name)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)


def _ours(values: Mapping[str, str | None]) -> dict[str, str]:
    upper = {name.upper(): value for name, value in values.items() if value}
    return {name: value for name, value in upper.items() if name.startswith(PREFIX)}


def nested(names: Names, found: Mapping[str, Found]) -> dict[str, Any]:
    """Return the values from which settings are built: a dictionary for each section."""
    values: dict[str, Any] = {}
    for name, each in found.items():
        *sections, field = names[name]
        target = values
        for section in sections:
            target = target.setdefault(section, {})
        target[field] = each.value
    return values


def shown(value: object) -> str:
    """Return a value for people, with its secrets masked."""
    match value:
        case None:
            return ""
        case SecretStr():
            return _masked(value.get_secret_value())
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(map(shown, cast("tuple[object, ...]", value)))
        case frozenset():
            return ", ".join(sorted(map(shown, cast("frozenset[object]", value))))
        case _:
            return str(value)


def _masked(secret: str) -> str:
    """Nothing of a secret; of a URL, all but its password and what may hold one."""
    scheme, is_url, rest = secret.partition("://")
    if not is_url:
        return "********"
    if rest.count("@") > 1:
        # Which @ ends the password cannot be told, so nothing is shown of what may be one.
        return f"{scheme}://********"
    credentials, at, place = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    shown, query, _ = place.partition("?")
    return f"{scheme}://{user}{':***' if colon else ''}{at}{shown}{'?***' if query else ''}"
