"""Schemas of users: commands, queries and responses."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from typing_extensions import override

from vetcore.schemas.base import Create, ListQuery, Response, SearchQuery, Summary, Update
from vetcore.schemas.fields import (
    EmailAddress,
    ExternalId,
    Ids,
    Instant,
    LanguageTag,
    NotNull,
    PersonName,
    PhoneNumber,
    TimeZoneName,
)
from vetcore.values.address import Address
from vetcore.values.frozenjson import FrozenDict
from vetcore.values.people import Role, UserStatus
from vetcore.values.preferences import Preferences

__all__ = [
    "UserAdminResponse",
    "UserContact",
    "UserCreate",
    "UserQuery",
    "UserResponse",
    "UserSearch",
    "UserSummary",
    "UserUpdate",
]

_NO_PREFERENCES: Final = Preferences.model_construct(extra=FrozenDict({}))


class UserCreate(Create):
    """An account to open. The fields from ``clerk_user_id`` on are for administrators."""

    email: EmailAddress
    phone: PhoneNumber | None = None
    first_name: PersonName
    last_name: PersonName
    locale: LanguageTag = "en"
    timezone: TimeZoneName = "UTC"
    address: Address | None = None
    preferences: Preferences = _NO_PREFERENCES
    terms_accepted_at: Instant | None = None
    privacy_accepted_at: Instant | None = None
    marketing_accepted_at: Instant | None = None
    clerk_user_id: ExternalId | None = None
    email_verified: bool = False
    phone_verified: bool = False
    role: Role = Role.PET_OWNER
    status: UserStatus = UserStatus.ACTIVE


class UserUpdate(Update):
    """A change to an account. The fields from ``clerk_user_id`` on are for administrators.

    If an e-mail address or telephone number changes, it must be verified again.
    """

    email: NotNull[EmailAddress] = None
    phone: PhoneNumber | None = None
    first_name: NotNull[PersonName] = None
    last_name: NotNull[PersonName] = None
    locale: NotNull[LanguageTag] = None
    timezone: NotNull[TimeZoneName] = None
    address: Address | None = None
    preferences: NotNull[Preferences] = None
    terms_accepted_at: Instant | None = None
    privacy_accepted_at: Instant | None = None
    marketing_accepted_at: Instant | None = None
    clerk_user_id: ExternalId | None = None
    email_verified: NotNull[bool] = None
    phone_verified: NotNull[bool] = None
    role: NotNull[Role] = None
    status: NotNull[UserStatus] = None

    @override
    def apply_to(self, entity: Any) -> frozenset[str]:
        """Change the account. What changes is verified only if the change says so itself."""
        changed, said = super().apply_to(entity), self.changes()
        for field in {"email", "phone"} & changed:
            setattr(entity, f"{field}_verified", said.get(f"{field}_verified", False))
        return changed


class UserQuery(ListQuery):
    """Which people to list: those who meet every given condition, by name."""

    role: Role | None = None
    status: UserStatus | None = None
    email: EmailAddress | None = None
    ids: Ids | None = None
    """Only users with these ids."""


class UserSearch(SearchQuery):
    """The name, e-mail address or telephone number of a pet's owner to search for."""

    clinic_id: UUID | None = None
    """Only owners of patients of this clinic."""


class UserSummary(Summary):
    """A person as a list shows them to staff and administrators."""

    id: UUID
    first_name: str
    last_name: str
    email: str
    phone: str | None
    role: Role
    status: UserStatus


class UserContact(Summary):
    """How somebody is reached in an emergency."""

    id: UUID
    first_name: str
    last_name: str
    phone: str | None
    email: str


class UserResponse(Response):
    """An account as the person themselves and the staff who serve them see it.

    It has neither consents nor the identity provider's ids.
    """

    id: UUID
    first_name: str
    last_name: str
    email: str
    email_verified: bool
    phone: str | None
    phone_verified: bool
    role: Role
    status: UserStatus
    locale: str
    timezone: str
    address: Address | None
    preferences: Preferences
    created_at: datetime
    updated_at: datetime
    version: int


class UserAdminResponse(UserResponse):
    """An account as administrators see it, with consents, identity provider and audit stamps."""

    clerk_user_id: str | None
    clerk_updated_at: datetime | None
    terms_accepted_at: datetime | None
    privacy_accepted_at: datetime | None
    marketing_accepted_at: datetime | None
    created_by_id: UUID | None
    updated_by_id: UUID | None
    deleted_at: datetime | None
