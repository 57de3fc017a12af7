"""Tells the database who asks in a restricted transaction, by a token that the service signs.

``vetcore.access`` makes the function :data:`ENTER`, the views, and the table with the keys. A token
names a user, and is good for one transaction of one connection: SQL that runs in the session can
neither make one, nor use one that it has seen elsewhere.
"""

import hashlib
import hmac
import time
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session

from vetcore.errors import ConfigurationError, DatabaseError
from vetcore.settings.signing import Parts

__all__ = [
    "ENTER",
    "LIFETIME",
    "REFUSED",
    "RESTRICTED",
    "TOKEN",
    "TOO_OLD",
    "enter",
    "halves",
    "signed_token",
    "views_of",
]

RESTRICTED: Final = "vetcore_restricted"
"""Key in ``session.info`` of the key that signs, and in execution options of what is restricted."""

ENTER: Final = "enter"
"""SQL function of a token: from here on the transaction is that person's."""

TOKEN: Final = "vetcore.token"  # noqa: S105 -- the name of a setting
"""The setting of PostgreSQL that holds the token as long as the transaction lasts."""

LIFETIME: Final = 300
"""Seconds for which a token is good."""

REFUSED: Final = "28000"
"""SQLSTATE of a token that is not the key's, or not this transaction's."""

TOO_OLD: Final = "25P04"
"""SQLSTATE of a token that was good once: the transaction has lasted too long."""

_BLOCK: Final = 64
_ABSENT: Final = {"42883", "42501", "3F000"}
"""No such function, no right to it, no such schema."""

_BEGUN: Final = text(
    "SELECT pg_catalog.pg_backend_pid() AS pid,"
    " CAST(extract(epoch FROM pg_catalog.now()) AS pg_catalog.text) AS begun"
)


def views_of(tenant: str | None) -> str:
    """Return what the names of the schemas begin with that hold the views of a tenant."""
    return "vetcore" if tenant is None else tenant


def halves(secret: bytes) -> tuple[bytes, bytes]:
    """Return the inner and the outer block of HMAC: PostgreSQL itself has SHA-256, and no HMAC."""
    key = hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret
    padded = key.ljust(_BLOCK, b"\0")
    return bytes(each ^ 0x36 for each in padded), bytes(each ^ 0x5C for each in padded)


def signed_token(  # noqa: PLR0913 -- what it holds, by name
    key: Parts, user: UUID, *, place: str, pid: int, begun: str, expires: int
) -> str:
    """Return a token of ``user`` for one transaction.

    Args:
        key: signs it.
        user: who asks.
        place: what the views' schemas begin with; not in the token, which is good there only.
        pid: the server process of the connection.
        begun: when the transaction began, as PostgreSQL writes the seconds since 1970.
        expires: seconds since 1970.
    """
    body = f"v1:{key.id}:{user.hex}:{expires}:{pid}:{begun}"
    made = hmac.digest(key.secret, f"{body}:{place}".encode(), "sha256")
    return f"{body}:{made.hex()}"


@lru_cache
def _entering(schema: str) -> TextClause:
    return text(f"SELECT {schema}.{ENTER}(:token)")


def enter(session: Session, connection: Connection, actor: UUID | None) -> None:
    """Restrict the transaction that begins on ``connection`` to what ``actor`` may see.

    Raises:
        ConfigurationError: row-level security is not enabled there, not for this login or with
            another key, or the session has no transactions.
    """
    key: Parts | None = session.info.get(RESTRICTED)
    if key is None:
        return
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        message = "A restricted session needs a transaction: AUTOCOMMIT has none"
        raise ConfigurationError(message)
    place = views_of(session.info.get("tenant"))
    begins: Any = connection.execute(_BEGUN).one()
    token = ""
    if actor is not None:
        token = signed_token(
            key,
            actor,
            place=place,
            pid=begins.pid,
            begun=begins.begun,
            expires=int(time.time()) + LIFETIME,
        )
    schema = connection.dialect.identifier_preparer.quote(f"{place}_restricted")
    try:
        connection.execute(_entering(schema), {"token": token})
    except (DatabaseError, ConfigurationError) as error:
        state = error.details.get("sqlstate")
        if state == REFUSED:
            message = (
                "The database does not know the key that signs for restricted sessions: call "
                "enable_row_level_security(db) with the same VETCORE_DATABASE_RESTRICTED_KEY"
            )
        elif state in _ABSENT:
            message = (
                "Restricted sessions have nothing to see here: call enable_row_level_security(db) "
                "with the tables' owner, for this login, and again after each migration"
            )
        else:
            raise
        raise ConfigurationError(
            message, setting="VETCORE_DATABASE_RESTRICTED_KEY", sqlstate=state
        ) from error
