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

from vetcore.settings.places import Origin, SettingSource
from vetcore.settings.root import Settings
from vetcore.settings.sections import (
    ClerkSettings,
    DatabaseSettings,
    Environment,
    FlagsSettings,
    LoggingSettings,
    RetentionSettings,
)

__all__ = [
    "ClerkSettings",
    "DatabaseSettings",
    "Environment",
    "FlagsSettings",
    "LoggingSettings",
    "Origin",
    "RetentionSettings",
    "SettingSource",
    "Settings",
]
