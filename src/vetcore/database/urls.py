"""Database URLs as people have them, and how they are shown."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from vetcore.errors import ConfigurationError

__all__ = ["async_url", "masked"]

_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}

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
    """The URL with the async driver of its database.

    >>> async_url("postgres://ann:secret@db.example/clinic").drivername
    'postgresql+asyncpg'
    >>> async_url("sqlite:///clinic.db").drivername
    'sqlite+aiosqlite'

    Raises:
        ConfigurationError: not a URL, or not of PostgreSQL or SQLite.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not repeated, nor kept as the cause.
        parsed = None
    if parsed is None:
        message = (
            "The database URL cannot be read; it should look like "
            "postgresql://user:password@host/database or sqlite:///file.db"
        )
        raise ConfigurationError(message, setting="VETCORE_DATABASE_URL")
    if parsed.drivername not in _DRIVERS:
        message = (
            f"vetcore does not speak {parsed.drivername!r}; it speaks postgresql:// (asyncpg) "
            "and sqlite:// (aiosqlite)"
        )
        raise ConfigurationError(message, setting="VETCORE_DATABASE_URL")
    return _libpq_parameters(parsed.set(drivername=_DRIVERS[parsed.drivername]))


def _libpq_parameters(url: URL) -> URL:
    """The parameters that hosting providers hand out, as the driver knows them.

    Raises:
        ConfigurationError: there is one that the driver does not know.
    """
    if url.get_backend_name() != "postgresql":
        return url
    unknown = sorted(set(url.query) - _PARAMETERS)
    if unknown:
        message = (
            f"The database URL has parameters that asyncpg does not know: {', '.join(unknown)}; "
            f"leave them out. It knows {', '.join(sorted(_PARAMETERS))}"
        )
        raise ConfigurationError(message, setting="VETCORE_DATABASE_URL")
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
    """The URL without its password, for people and logs."""
    return async_url(url).render_as_string(hide_password=True)
