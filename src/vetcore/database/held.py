"""Remembers which rows a transaction has locked, so that none is read or locked twice."""

from collections.abc import MutableMapping
from typing import Any, Final, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, object_session

__all__ = ["forget_locks", "held", "note_locked"]

E = TypeVar("E", bound=DeclarativeBase)
_LOCKED: Final = "vetcore_locked"
"""Key of the rows in ``session.info``."""


def note_locked(session: AsyncSession, row: Any) -> None:
    """Note that the transaction has locked a row, and that the session has it as it is now."""
    rows: MutableMapping[tuple[type[Any], UUID], Any] = session.info.setdefault(
        _LOCKED, WeakValueDictionary()
    )
    rows[type(row), row.id] = row


def held(session: AsyncSession, entity: type[E], key: UUID) -> E | None:
    """Return the row if the transaction has locked it and the session still has it, else None."""
    row: E | None = session.info.get(_LOCKED, {}).get((entity, key))
    if row is None or object_session(row) is not session.sync_session:
        return None
    return row


def forget_locks(session_class: type[Session]) -> None:
    """Forget the locks of a transaction that ended, or of a savepoint that was rolled back."""

    @event.listens_for(session_class, "after_transaction_end")
    def _(session: Session, transaction: SessionTransaction) -> None:
        if not transaction.nested:
            session.info.pop(_LOCKED, None)

    @event.listens_for(session_class, "after_soft_rollback")
    def _(session: Session, _previous: SessionTransaction) -> None:
        session.info.pop(_LOCKED, None)
