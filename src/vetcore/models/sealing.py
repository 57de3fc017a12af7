"""What follows a signature: addenda, the chain of a clinic's seals, and the releases of the lock.

Nothing here is ever changed or removed; the guards in :mod:`vetcore.models.locks` see to it.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from vetcore.models.base import Base, LongText
from vetcore.models.types import BoundedText
from vetcore.values.sealing import ReleaseReason, SealKind

__all__ = [
    "RecordAddendum",
    "RecordRelease",
    "RecordReleaseEnd",
    "RecordSeal",
    "ReleasedRow",
    "SignatureText",
]

SignatureText = Annotated[str, mapped_column(BoundedText(200))]


class RecordAddendum(Base):
    """What was added to a record after it was signed."""

    __tablename__ = "record_addenda"

    record_id: Mapped[UUID] = mapped_column(
        ForeignKey("medical_records.id", ondelete="RESTRICT"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place among the addenda of the record, from 1 on."""
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    written_at: Mapped[datetime]
    text: Mapped[LongText]
    signature: Mapped[SignatureText]
    """It covers the signatures of the record and of the addendum before as well."""

    __table_args__ = (CheckConstraint("number > 0", name="number"),)


class RecordSeal(Base):
    """A link of the chain in which a clinic's signings stand, so that none goes or comes unseen."""

    __tablename__ = "record_seals"

    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="RESTRICT"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the chain of the clinic, from 1 on."""
    kind: Mapped[SealKind]
    # No foreign keys: the seal outlives what it was made for.
    record_id: Mapped[UUID | None]
    addendum: Mapped[int | None]
    """The number of the addendum, where one was signed."""
    pet_id: Mapped[UUID | None]
    """Where the record was moved to, as two pets became one."""
    release_id: Mapped[UUID | None]
    signed: Mapped[SignatureText]
    """The signature that was made, or the SHA-256 of what was released."""
    by_id: Mapped[UUID | None]
    """The user who acted; None is the system."""
    sealed_at: Mapped[datetime]
    signature: Mapped[SignatureText]
    """It covers all of this, and the signature of the seal before."""

    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        Index("ix_record_seals_record_id", "record_id"),
    )


class RecordReleaseEnd(Base):
    """The end of a release, in the transaction in which it began."""

    __tablename__ = "record_release_ends"

    release_id: Mapped[UUID] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]
    released: Mapped[int]
    """How many rows were changed or removed under it."""


class RecordRelease(Base):
    """Why, and by whom, what is signed was released from its lock for one transaction."""

    __tablename__ = "record_releases"

    # A release without an end cannot be committed: whoever sees one open is in its transaction.
    id: Mapped[UUID] = mapped_column(
        ForeignKey(
            "record_release_ends.release_id",
            ondelete="RESTRICT",
            deferrable=True,
            initially="DEFERRED",
        ),
        primary_key=True,
        default=uuid7,
    )
    reason: Mapped[ReleaseReason]
    note: Mapped[LongText | None]
    by_id: Mapped[UUID | None]
    """The user who acted; None is the system."""
    opened_at: Mapped[datetime]


class ReleasedRow(Base):
    """A signed row that was changed or removed under a release; written by the guards alone."""

    __tablename__ = "released_rows"

    release_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    addendum: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The number of the addendum; 0 is the record itself."""
    act: Mapped[str] = mapped_column(BoundedText(6), primary_key=True)
    """``update`` or ``delete``."""
    clinic_id: Mapped[UUID]
    signature: Mapped[SignatureText]
    """The signature that the row had when it was first touched."""

    __table_args__ = (
        Index("ix_released_rows_record_id", "record_id"),
        Index("ix_released_rows_clinic_id", "clinic_id"),
    )
