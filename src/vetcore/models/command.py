"""The ledger of commands that came with a key. Each is carried out once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from vetcore.models.base import Base, Code
from vetcore.models.types import BoundedText

__all__ = ["CommandKey"]


class CommandKey(Base):
    """A command that was carried out. The row is written in the transaction of its effect."""

    __tablename__ = "command_keys"

    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    """Whose key it is: nobody meets another's. The system's has an id of zeros."""
    key: Mapped[str] = mapped_column(BoundedText(100), primary_key=True)
    """What the client names the command by."""
    operation: Mapped[Code]
    fingerprint: Mapped[str] = mapped_column(BoundedText(64))
    """The SHA-256 of the command, so that a key which comes with another command is noticed."""
    result_id: Mapped[UUID]
    """The id of the row that came of it."""
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_command_keys_created_at", "created_at"),)
