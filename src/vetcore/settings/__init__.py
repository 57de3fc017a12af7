"""Settings: read from the environment when they are built, never at import.

Each setting has one name: ``VETCORE_``, its section, its field: ``VETCORE_DATABASE_POOL_SIZE``.
Its value comes from the first of these that has one; an empty text counts as none:

1. the code: ``Settings(logging={"level": "DEBUG"})``
2. the environment: ``VETCORE_DATABASE_URL``, or ``VETCORE_DATABASE_URL_FILE``, which names a file
   that holds the value
3. ``.env`` in the working directory, with the same names
4. a file of the setting's name, in upper or lower case, in the directory ``VETCORE_SECRETS_DIR``
5. the default of the environment (``VETCORE_ENVIRONMENT``), else the default

>>> settings = Settings.load({"VETCORE_ENVIRONMENT": "test"}, env_file=None)
>>> settings.logging.level
'WARNING'
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.settings.accounts import AccountsSettings
    from vetcore.settings.database import DatabaseSettings
    from vetcore.settings.places import Origin, SettingSource
    from vetcore.settings.root import Settings
    from vetcore.settings.sections import (
        ClerkSettings,
        Environment,
        FlagsSettings,
        LoggingSettings,
        OidcSettings,
        RecordsSettings,
        RetentionSettings,
    )

__all__ = [
    "AccountsSettings",
    "ClerkSettings",
    "DatabaseSettings",
    "Environment",
    "FlagsSettings",
    "LoggingSettings",
    "OidcSettings",
    "Origin",
    "RecordsSettings",
    "RetentionSettings",
    "SettingSource",
    "Settings",
]

_HOMES = {
    "AccountsSettings": "accounts",
    "ClerkSettings": "sections",
    "DatabaseSettings": "database",
    "Environment": "sections",
    "FlagsSettings": "sections",
    "LoggingSettings": "sections",
    "OidcSettings": "sections",
    "Origin": "places",
    "RecordsSettings": "sections",
    "RetentionSettings": "sections",
    "SettingSource": "places",
    "Settings": "root",
}
"""Each loads when it is first asked for; ``root`` reads the environment, with pydantic-settings."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- only when a name is asked for

    value = getattr(import_module(f"vetcore.settings.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
