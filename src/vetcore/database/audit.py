"""Who and when, filled in by column defaults.

Defaults, rather than ORM events, because they also apply to bulk and Core statements. The actor is
an execution option of the transaction's connection, so it can neither leak into another
transaction nor be forgotten by a statement.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, text
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import Session, SessionTransaction

from vetcore import clock

__all__ = ["ACTOR", "ROW_SECURITY_ROLE", "actor_of", "bind_actor", "moment_of"]

ACTOR = "vetcore_actor"
"""Key of the acting user's id in ``session.info`` and in the connection's execution options."""

ROW_SECURITY_ROLE = "vetcore_row_security_role"
"""Key, in ``session.info``, of the PostgreSQL role that a transaction takes on."""

_TAKE_ON_ROLE = text(
    "SELECT set_config('role', :role, true), set_config('vetcore.actor', :actor, true)"
)


def actor_of(context: ExecutionContext) -> UUID | None:
    """The user on whose behalf the current transaction runs, if it was said."""
    actor: UUID | None = context.execution_options.get(ACTOR)
    return actor


def moment_of(context: ExecutionContext) -> datetime:  # noqa: ARG001 -- the shape of a default
    """The instant that a row is stamped with, in UTC."""
    return clock.now()


def bind_actor(session_class: type[Session]) -> None:
    """Hand the session's actor, and its role, to each connection on which a transaction begins."""

    @event.listens_for(session_class, "after_begin")
    def _(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
        actor: Any = session.info.get(ACTOR)
        connection.execution_options(**{ACTOR: actor})
        role: str | None = session.info.get(ROW_SECURITY_ROLE)
        if role is not None:
            # Both last as long as the transaction, like the actor above.
            connection.execute(_TAKE_ON_ROLE, {"role": role, "actor": str(actor or "")})
