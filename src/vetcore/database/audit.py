"""Who and when, filled in by column defaults.

Defaults, rather than ORM events, because they also apply to bulk and Core statements. The actor is
an execution option of the transaction's connection, so it can neither leak into another
transaction nor be forgotten by a statement.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import Session, SessionTransaction

from vetcore import clock
from vetcore.database.row_security import take_on_role

__all__ = ["ACTOR", "actor_of", "bind_actor", "moment_of"]

ACTOR = "vetcore_actor"
"""Key of the acting user's id in ``session.info`` and in the connection's execution options."""


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
    def _(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
        actor: UUID | None = session.info.get(ACTOR)
        connection.execution_options(**{ACTOR: actor})
        if not transaction.nested:
            take_on_role(session, connection, actor)
