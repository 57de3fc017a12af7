"""Database URLs as people write them, and how they are shown."""

import re
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from vetcore.errors import ConfigurationError

__all__ = ["async_url", "in_memory", "masked"]

_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}

_SETTING: Final = "VETCORE_DATABASE_URL"
_HOW_TO_WRITE_IT: Final = (
    "In a user's name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and "
    "% as %25"
)

_NAME: Final = re.compile(r"[a-z_]{1,40}")

_PARAMETERS = {
    "application_name",
    "connect_timeout",
    "host",
    "passfile",
    "password",
    "port",
    "service",
    "servicefile",
    "ssl",
    "sslmode",
    "target_session_attrs",
    "user",
}


def async_url(url: str | URL) -> URL:
    """Return the URL with the async driver of its database.

    >>> async_url("postgres://ann:secret@db.example/clinic").drivername
    'postgresql+asyncpg'
    >>> async_url("sqlite:///clinic.db").drivername
    'sqlite+aiosqlite'

    Raises:
        ConfigurationError: not a URL, or not of PostgreSQL or SQLite, or one of which nobody can
            tell where its password ends.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not repeated, nor kept as the cause.
        parsed = None
    if parsed is None:
        message = (
            "The database URL cannot be read; it should look like "
            "postgresql://user:password@host/database or sqlite:///file.db. "
            f"{_HOW_TO_WRITE_IT}"
        )
        raise ConfigurationError(message, setting=_SETTING)
    if parsed.drivername not in _DRIVERS:
        message = (
            f"vetcore does not speak {parsed.drivername!r}; it speaks postgresql:// (asyncpg) "
            "and sqlite:// (aiosqlite)"
        )
        raise ConfigurationError(message, setting=_SETTING)
    parsed = parsed.set(drivername=_DRIVERS[parsed.drivername])
    if parsed.get_backend_name() != "postgresql":
        return parsed
    if (isinstance(url, str) and url.count("@") > 1) or _misread(parsed):
        message = (
            "The database URL can be read in more than one way: it has a second @, or something "
            f"that is no host, port or database's name after the first. {_HOW_TO_WRITE_IT}"
        )
        raise ConfigurationError(message, setting=_SETTING)
    return _libpq_parameters(parsed)


def _misread(url: URL) -> bool:
    """Whether a part of the password may have been taken for the host or the database."""
    hosts = url.query.get("host", ())
    places = (url.host, url.database, *((hosts,) if isinstance(hosts, str) else hosts), *url.query)
    return any("@" in place for place in places if place)


def _libpq_parameters(url: URL) -> URL:
    """The parameters that hosting providers hand out, as the driver knows them.

    Raises:
        ConfigurationError: there is one that the driver does not know.
    """
    unknown = sorted(set(url.query) - _PARAMETERS)
    if unknown:
        # What stands behind the ? of a password that was not written out is no parameter's name.
        named = [name if _NAME.fullmatch(name) else "one that is no name" for name in unknown]
        message = (
            f"The database URL has parameters that asyncpg does not know: {', '.join(named)}; "
            f"leave them out. It knows {', '.join(sorted(_PARAMETERS))}"
        )
        raise ConfigurationError(message, setting=_SETTING)
    query = dict(url.query)
    if "sslmode" in query:
        query.setdefault("ssl", query.pop("sslmode"))
        query.pop("sslmode", None)
    # Moved to where it is masked.
    user, password = query.pop("user", None), query.pop("password", None)
    if isinstance(user, str):
        url = url.set(username=user)
    if isinstance(password, str):
        url = url.set(password=password)
    return url.set(query=query)


def masked(url: str | URL) -> str:
    """Return the URL without its password, for people and logs."""
    return async_url(url).render_as_string(hide_password=True)


def in_memory(url: URL) -> bool:
    """Return whether a SQLite database lives in memory, and ends with its connection."""
    name = url.database or ":memory:"
    return ":memory:" in name or "mode=memory" in name or url.query.get("mode") == "memory"
