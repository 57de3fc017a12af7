"""People who have an account: owners, staff and administrators."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, event, false, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import (
    Entity,
    document,
    searchable_document,
    unique_while_active,
)
from vetcore.models.forms import EmailAddress, LanguageTag, Name, PhoneNumber, TimeZoneName
from vetcore.models.types import BoundedText
from vetcore.values.address import Address
from vetcore.values.frozenjson import FrozenDict
from vetcore.values.people import Role, UserStatus
from vetcore.values.preferences import Preferences

if TYPE_CHECKING:
    from vetcore.models.membership import StaffMembership
    from vetcore.models.pet import Pet
    from vetcore.models.veterinarian import Veterinarian

__all__ = ["User"]


class User(Entity):
    """A person who has an account. E-mail addresses are stored normalised, phones in E.164."""

    __tablename__ = "users"

    clerk_user_id: Mapped[str | None] = mapped_column(BoundedText(64))
    email: Mapped[EmailAddress]
    email_verified: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[PhoneNumber | None]
    phone_verified: Mapped[bool] = mapped_column(default=False)
    first_name: Mapped[Name]
    last_name: Mapped[Name]
    role: Mapped[Role] = mapped_column(default=Role.PET_OWNER)
    status: Mapped[UserStatus] = mapped_column(default=UserStatus.ACTIVE)
    locale: Mapped[LanguageTag] = mapped_column(default="en")
    timezone: Mapped[TimeZoneName] = mapped_column(default="UTC")
    address: Mapped[Address | None] = document(Address, nullable=True)
    preferences: Mapped[Preferences] = document(
        Preferences, default=Preferences.model_construct(extra=FrozenDict({}))
    )
    terms_accepted_at: Mapped[datetime | None]
    privacy_accepted_at: Mapped[datetime | None]
    marketing_accepted_at: Mapped[datetime | None]
    clerk_updated_at: Mapped[datetime | None]
    """When Clerk last changed the account: an older event that arrives late is ignored."""
    clerk_rank: Mapped[str | None] = mapped_column(BoundedText(48))
    """What orders events of one instant."""
    clerk_email: Mapped[EmailAddress | None]
    """The address that Clerk states. Another account may hold it."""
    clerk_email_verified: Mapped[bool] = mapped_column(default=False, server_default=false())

    pets: Mapped[list["Pet"]] = relationship(back_populates="owner", lazy="raise")
    memberships: Mapped[list["StaffMembership"]] = relationship(back_populates="user", lazy="raise")
    veterinarian: Mapped["Veterinarian | None"] = relationship(back_populates="user", lazy="raise")

    __table_args__ = (
        unique_while_active("users", "email"),
        unique_while_active("users", "clerk_user_id"),
        # Of deleted accounts too: an event that arrives late must not bring one back.
        Index("ix_users_clerk_user_id", "clerk_user_id"),
        Index("ix_users_clerk_email", "clerk_email"),
        Index("ix_users_last_name_first_name", "last_name", "first_name"),
        Index("ix_users_phone", "phone"),
        searchable_document("users", "preferences"),
    )

    @property
    def full_name(self) -> str:
        """The first and the last name, as people write them."""
        return f"{self.first_name} {self.last_name}".strip()


def _unverify(name: str) -> None:
    """See to it that a row which gets another address or number does not count as verified by it."""

    @event.listens_for(getattr(User, name), "set")
    def _(user: User, value: Any, old: Any, _initiator: Any) -> None:
        # A new row says itself whether what it has is verified.
        if inspect(user).has_identity and value != old:
            setattr(user, f"{name}_verified", False)


_unverify("email")
_unverify("phone")
