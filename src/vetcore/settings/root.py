"""``Settings``: all sections, built at once. An error names every fault."""

import os
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final, NoReturn, Self, get_args

import pydantic
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from vetcore.errors import ConfigurationError
from vetcore.errors.wording import in_our_words
from vetcore.settings.accounts import AccountsSettings
from vetcore.settings.database import DatabaseSettings
from vetcore.settings.places import PREFIX, Found, Origin, Reading, SettingSource, nested, shown
from vetcore.settings.sections import (
    ClerkSettings,
    Environment,
    FlagsSettings,
    LoggingSettings,
    Lower,
    OidcSettings,
    RecordsSettings,
    RetentionSettings,
)
from vetcore.settings.signing import WELL_KNOWN, parts_of

__all__ = ["Settings"]

_DATABASE: Final = re.compile(r"(postgres(ql)?(\+asyncpg)?|sqlite(\+aiosqlite)?)://")
_SHAPES: Final = "postgresql://user:password@host/database"


class Settings(BaseSettings):
    """All settings of vetcore, one section each. They are read when this is built.

    Raises:
        ConfigurationError: every setting that is missing, wrong or misspelt, each with its name
            and what would be right. Secrets are not repeated.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    environment: Annotated[Environment, Lower] = Environment.DEVELOPMENT
    database: DatabaseSettings = DatabaseSettings()
    logging: LoggingSettings = LoggingSettings()
    flags: FlagsSettings = FlagsSettings()
    clerk: ClerkSettings = ClerkSettings()
    oidc: OidcSettings = OidcSettings()
    accounts: AccountsSettings = AccountsSettings()
    retention: RetentionSettings = RetentionSettings()
    records: RecordsSettings = RecordsSettings()

    _found: dict[str, Found] = pydantic.PrivateAttr(default_factory=dict[str, Found])
    _unrecognized: tuple[str, ...] = pydantic.PrivateAttr(default=())

    def __init__(self, _reading: Reading | None = None, **given: Any) -> None:
        reading = _reading or Reading(self._names(), os.environ, ".env")
        reading.give(given)
        reading.fill_in()
        found, problems = reading.found, reading.problems
        attempted = found.keys() | {name.removesuffix("_FILE") for name in problems}
        try:
            super().__init__(**nested(reading.names, found))
        except pydantic.ValidationError as error:
            wrong = self._explained(error, found)
        else:
            wrong = {}
        if wrong:
            # Built without them, so that the rules of the environment can speak of the rest.
            rest = {name: value for name, value in found.items() if name not in wrong}
            super().__init__(**nested(reading.names, rest))
        problems |= wrong | dict(self._unfit(attempted))
        if problems:
            _refuse(problems)
        self._found = found
        self._unrecognized = tuple(reading.unrecognized)

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        env_file: str | os.PathLike[str] | None = ".env",
        **given: Any,
    ) -> Self:
        """Return the settings, read from places of your choice.

        Args:
            environ: instead of the process's environment.
            env_file: instead of ``.env``; None reads no such file. One that is not there is empty.
            given: sections, or the environment's name, that go before everything else.

        Raises:
            ConfigurationError: as for the class.
        """
        chosen = os.environ if environ is None else environ
        return cls(_reading=Reading(cls._names(), chosen, env_file), **given)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return only the values that we have read, since we remember the place of each."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    def sources(self) -> list[SettingSource]:
        """Return every setting with the place of its value. Secrets are masked."""
        sources: list[SettingSource] = []
        for name, path in self._names().items():
            value: object = self
            for part in path:
                value = getattr(value, part)
            found = self._found.get(name, Found(None, Origin.DEFAULT))
            sources.append(SettingSource(name, shown(value), found.origin, found.file))
        return sources

    @property
    def unrecognized(self) -> tuple[str, ...]:
        """Names that begin with ``VETCORE_`` but name no setting, nor misspell one."""
        return self._unrecognized

    @classmethod
    def _names(cls) -> dict[str, tuple[str, ...]]:
        """Each name with the path to its field."""
        names: dict[str, tuple[str, ...]] = {}
        for section, info in cls.model_fields.items():
            fields = _fields(info.annotation)
            for path in [(section, field) for field in fields] if fields else [(section,)]:
                names[f"{PREFIX}{'_'.join(path)}".upper()] = path
        return names

    @classmethod
    def _explained(
        cls, error: pydantic.ValidationError, found: Mapping[str, Found]
    ) -> dict[str, str]:
        explained: dict[str, str] = {}
        for issue in error.errors(include_url=False, include_input=False):
            path = tuple(str(part) for part in issue["loc"][:2])
            name = f"{PREFIX}{'_'.join(path)}".upper()
            message = in_our_words(issue["type"], issue["msg"], issue.get("ctx") or {})
            each = found.get(name, Found(None, Origin.DEFAULT))
            if not cls._is_secret(path):
                message += f", got {str(each.value)[:80]!r}"
            if each.file:
                message += f" (from {each.file})"
            explained.setdefault(name, message)
        return explained

    @classmethod
    def _is_secret(cls, path: tuple[str, ...]) -> bool:
        info = cls.model_fields.get(path[0])
        for part in path[1:]:
            info = _fields(info.annotation).get(part) if info else None
        return info is None or _mentions_secret(info.annotation)

    def _unfit(self, attempted: AbstractSet[str]) -> Iterator[tuple[str, str]]:
        """What each value allows, and the environment does not."""
        url = f"{PREFIX}DATABASE_URL"
        if not _DATABASE.match(self.database.url.get_secret_value()):
            yield url, f"should look like {_SHAPES} or sqlite:///file.db"
        elif self.environment.is_deployed and url not in attempted:
            yield url, f"is required in {self.environment}: {_SHAPES}"
        if self.environment is Environment.PRODUCTION and self.database.echo:
            yield f"{PREFIX}DATABASE_ECHO", "should be off in production: it logs personal data"
        yield from self._unfit_keys()

    def _unfit_keys(self) -> Iterator[tuple[str, str]]:
        keys = [parts_of(key.get_secret_value()) for key in self.records.keys]
        names = [key.id for key in keys]
        signing = [key.id for key in keys if key.algorithm != "ed25519-public"]
        public = {part for known in WELL_KNOWN for part in (known.id, known.secret)}
        if len(set(names)) < len(names):
            yield f"{PREFIX}RECORDS_KEYS", "should name each key once"
        elif self.environment.is_deployed and any({key.id, key.secret} & public for key in keys):
            message = f"has a key that is published with vetcore, which {self.environment} refuses"
            yield f"{PREFIX}RECORDS_KEYS", message
        restricted = self.database.restricted_key
        if restricted is not None and self.environment.is_deployed:
            key = parts_of(restricted.get_secret_value())
            if {key.id, key.secret} & public:
                message = f"is published with vetcore, which {self.environment} refuses"
                yield f"{PREFIX}DATABASE_RESTRICTED_KEY", message
        active = self.records.active
        if active is None and len(signing) > 1:
            yield f"{PREFIX}RECORDS_ACTIVE", f"is required: one of {', '.join(signing)} signs"
        elif active is not None and active not in signing:
            listed = ", ".join(signing) or "none yet"
            yield f"{PREFIX}RECORDS_ACTIVE", f"should be the id of a key that signs ({listed})"


def _fields(annotation: object) -> Mapping[str, FieldInfo]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.model_fields
    return {}


def _mentions_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_mentions_secret, get_args(annotation)))


def _refuse(problems: Mapping[str, str]) -> NoReturn:
    lines = [f"{name} {message}" for name, message in sorted(problems.items())]
    message = (
        lines[0]
        if len(lines) == 1
        else "\n- ".join([f"{len(lines)} settings are not usable:", *lines])
    )
    raise ConfigurationError(
        message,
        setting=next(iter(problems)) if len(lines) == 1 else None,
        settings=[{"setting": name, "message": text} for name, text in sorted(problems.items())],
    )
