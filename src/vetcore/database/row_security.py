"""Takes on the restricted role at the beginning of each transaction.

``vetcore.access`` makes the role, and decides what it may see. It also makes the function
:data:`ENTER`, which tells which variant of the role an actor has.
"""

from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session

from vetcore.errors import ConfigurationError, ConstraintViolation, DatabaseError

__all__ = ["ENTER", "ROW_SECURITY_ROLE", "SETTING", "take_on_role"]

ROW_SECURITY_ROLE: Final = "vetcore_row_security_role"
"""Key, in ``session.info``, of the PostgreSQL role that its transactions take on."""

SETTING: Final = "VETCORE_DATABASE_ROW_SECURITY_ROLE"

ENTER: Final = "vetcore_access_enter"
"""SQL function of role and actor: the variant of the role to take on, and the actor if active."""

_UNFIT: Final = {"42883", "42501", "42704", "3F000"}
"""No such function, no right to the role, no such role, no such schema."""


@lru_cache
def _entering(schema: str) -> TextClause:
    # Both settings last as long as the transaction, so that a pooler between transactions, and
    # whoever gets the connection next, meets neither.
    return text(
        "SELECT set_config('role', entered.role, true),"  # noqa: S608 -- the schema is quoted
        " set_config('vetcore.actor', entered.actor, true)"
        f" FROM {schema}{ENTER}(:role, CAST(:actor AS uuid)) AS entered"
    )


def take_on_role(session: Session, connection: Connection, actor: UUID | None) -> None:
    """Restrict the transaction that begins on ``connection`` to what ``actor`` may see.

    Raises:
        ConfigurationError: row-level security is not enabled there, or not for this user.
    """
    role: str | None = session.info.get(ROW_SECURITY_ROLE)
    if role is None:
        return
    tenant: str | None = session.info.get("tenant")
    quote = connection.dialect.identifier_preparer.quote
    schema = "" if tenant is None else f"{quote(tenant)}."
    try:
        connection.execute(
            _entering(schema), {"role": role, "actor": None if actor is None else str(actor)}
        )
    except (DatabaseError, ConstraintViolation) as error:
        state = error.details.get("sqlstate")
        if isinstance(error, DatabaseError) and state not in _UNFIT:
            raise
        message = (
            f"The role {role!r} cannot be taken on: call enable_row_level_security(db, "
            f"role={role!r}) with the tables' owner, and again after each migration"
        )
        raise ConfigurationError(message, setting=SETTING, sqlstate=state) from error
