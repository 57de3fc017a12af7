"""What people are invited to, and what they answered."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import Entity, ShortText, document
from vetcore.models.forms import EmailAddress
from vetcore.models.types import BoundedText
from vetcore.values.relations import InvitationAnswer, InvitationKind
from vetcore.values.terms import MembershipTerms

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic
    from vetcore.models.pet import Pet

__all__ = ["Invitation"]


class Invitation(Entity):
    """An offer of a relation. It is no right: one comes of it when the person accepts.

    It is addressed to an account, or to an e-mail address: whoever has verified that address may
    answer. Who invites learns nothing of the account before it does.
    """

    __tablename__ = "invitations"

    kind: Mapped[InvitationKind]
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    email: Mapped[EmailAddress | None]
    clinic_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("clinics.id", ondelete="CASCADE"), index=True
    )
    pet_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("pets.id", ondelete="CASCADE"), index=True
    )
    """The pet that is shared or given away, or that the clinic entered for the person."""
    terms: Mapped[MembershipTerms | None] = document(MembershipTerms, nullable=True)
    """As what a colleague is invited, and from when until when."""
    keeps_co_owners: Mapped[bool] = mapped_column(default=False)
    """Whether those who look after a pet that is given away go on doing so."""
    message: Mapped[ShortText | None]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[InvitationAnswer | None]
    code_hash: Mapped[str | None] = mapped_column(BoundedText(64))
    """SHA-256 of the code that was sent to the person, who may tell it at the desk."""
    code_expires_at: Mapped[datetime | None]
    code_attempts: Mapped[int] = mapped_column(default=0, server_default="0")

    clinic: Mapped["Clinic | None"] = relationship(lazy="raise")
    pet: Mapped["Pet | None"] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("user_id IS NOT NULL OR email IS NOT NULL", name="addressee"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("clinic_id IS NOT NULL OR kind IN ('co_owner', 'owner')", name="clinic"),
        CheckConstraint("pet_id IS NOT NULL OR kind IN ('patient', 'colleague')", name="pet"),
        CheckConstraint("terms IS NOT NULL OR kind <> 'colleague'", name="terms"),
        Index("ix_invitations_email", "email"),
    )
