"""Audit columns: who wrote a row and when, filled in by column defaults.

Defaults, rather than ORM events, because they also apply to bulk and Core statements. Who acts is an
execution option of the transaction's connection, so it can neither leak into another transaction
nor be forgotten by a statement.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import Session, SessionTransaction

from vetcore import clock
from vetcore.database.acting import ACTING, Acting, acting_of
from vetcore.database.row_security import take_on_role

__all__ = ["actor_of", "hand_on_acting", "moment_of"]


def actor_of(context: ExecutionContext) -> UUID | None:
    """Return the user on whose behalf the current transaction runs, if there is one."""
    acting: Acting | None = context.execution_options.get(ACTING)
    return None if acting is None else acting.actor


def moment_of(context: ExecutionContext) -> datetime:  # noqa: ARG001 -- the shape of a default
    """Return the instant that a row is stamped with, in UTC."""
    return clock.now()


def hand_on_acting(session_class: type[Session]) -> None:
    """Hand on who acts, and the session's role, to each connection on which a transaction begins."""

    @event.listens_for(session_class, "after_begin")
    def _(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
        acting = acting_of(session)
        connection.execution_options(**{ACTING: acting})
        if not transaction.nested:
            take_on_role(session, connection, acting.actor)
