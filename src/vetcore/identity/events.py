"""Clerk's events about users, and what vetcore stores of a Clerk user.

Clerk adds fields over time, so unknown fields are ignored. ``unsafe_metadata`` and
``private_metadata`` are not read: a user may write the former from the browser.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import ValidationError as SchemaError

from vetcore.errors import InvalidInput, InvalidValue
from vetcore.identity.roles import stated_role
from vetcore.logging import logger
from vetcore.values.contact import normalize_email, normalize_name, normalize_phone
from vetcore.values.people import Role, UserStatus

__all__ = [
    "ClerkEvent",
    "ClerkUser",
    "DeletedUserData",
    "EmailAddress",
    "PhoneNumber",
    "UserCreated",
    "UserData",
    "UserDeleted",
    "UserUpdated",
    "Verification",
    "normalize_user",
    "parse_event",
]

log = logger("vetcore.identity")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z in milliseconds


def _from_milliseconds(value: object) -> datetime:
    # Pydantic guesses from the magnitude whether a number means seconds or milliseconds.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LATEST:
        raise InvalidValue(field="instant", rule="must be milliseconds since 1970")
    return _EPOCH + timedelta(milliseconds=value)


Instant = Annotated[datetime, BeforeValidator(_from_milliseconds)]
ClerkId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+\z")]


class _Received(BaseModel):
    # Errors are logged with their causes: what a person's event says has no place there.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Verification(_Received):
    """Whether an address or number was shown to be the user's."""

    status: str | None = None


class _Contact(_Received):
    id: ClerkId
    verification: Verification | None = None

    @property
    def is_verified(self) -> bool:
        """Whether it was shown to be the user's own."""
        return self.verification is not None and self.verification.status == "verified"


class EmailAddress(_Contact):
    """An e-mail address of a user, as the user typed it."""

    email_address: str = Field(repr=False, pattern=r"^[^@\s\p{Cc}]+@[^@\s\p{Cc}]+\z")


class PhoneNumber(_Contact):
    """A phone number of a user."""

    phone_number: str = Field(repr=False)


class UserData(_Received):
    """A Clerk user, as ``user.created`` and ``user.updated`` carry it."""

    id: ClerkId
    email_addresses: tuple[EmailAddress, ...] = Field(default=(), repr=False)
    primary_email_address_id: str | None = None
    phone_numbers: tuple[PhoneNumber, ...] = Field(default=(), repr=False)
    primary_phone_number_id: str | None = None
    first_name: str | None = Field(default=None, repr=False)
    last_name: str | None = Field(default=None, repr=False)
    public_metadata: Mapping[str, object] | None = Field(default=None, repr=False)
    banned: bool | None = None
    created_at: Instant
    updated_at: Instant


class DeletedUserData(_Received):
    """What Clerk still says of a user who was deleted."""

    id: ClerkId


class _Event(_Received):
    occurred_at: Instant | None = Field(default=None, validation_alias="timestamp")
    """When the event happened at Clerk; None if the sender does not say."""


class UserCreated(_Event):
    """Somebody signed up."""

    type: Literal["user.created"]
    data: UserData


class UserUpdated(_Event):
    """A user changed. ``data`` is the whole user."""

    type: Literal["user.updated"]
    data: UserData


class UserDeleted(_Event):
    """A user was deleted for good."""

    type: Literal["user.deleted"]
    data: DeletedUserData


ClerkEvent = UserCreated | UserUpdated | UserDeleted

_EVENTS: Final[Mapping[str, type[ClerkEvent]]] = {
    "user.created": UserCreated,
    "user.updated": UserUpdated,
    "user.deleted": UserDeleted,
}


class _Envelope(_Received):
    type: str


def parse_event(payload: bytes) -> ClerkEvent | None:
    """Return the event of a verified delivery, or None if vetcore has no use for its type.

    Raises:
        InvalidInput: the payload is not a Clerk event, or lacks what its type must carry.
    """
    try:
        kind = _EVENTS.get(_Envelope.model_validate_json(payload).type)
        return kind.model_validate_json(payload) if kind else None
    except SchemaError as error:
        raise InvalidInput.from_pydantic(error) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkUser:
    """What vetcore stores of a Clerk user, in the forms in which it is stored."""

    clerk_user_id: str
    email: str | None = field(repr=False)
    """The primary address, normalised; None also when Clerk's is one that nobody can write to."""
    email_verified: bool
    phone: str | None = field(repr=False)
    """The primary number, E.164; None also when Clerk's is not a possible number."""
    phone_verified: bool
    first_name: str | None = field(repr=False)
    last_name: str | None = field(repr=False)
    role: Role
    """From ``public_metadata.role``; ``pet_owner`` when that names no role."""
    status: UserStatus
    """Suspended while Clerk has the user banned, else active. A lock after too many failed attempts
    to sign in is Clerk's to enforce: it ends without an event."""
    created_at: datetime
    updated_at: datetime
    """Orders the events of one user, whatever the order in which they arrive."""


def normalize_user(data: UserData) -> ClerkUser:
    """Return what to store of ``data``.

    If Clerk names no primary address or number, the first verified one is used, or else the first.
    """
    address = _primary(data.email_addresses, data.primary_email_address_id)
    email = _email(address, data.id)
    number = _primary(data.phone_numbers, data.primary_phone_number_id)
    phone = _phone(number)
    return ClerkUser(
        clerk_user_id=data.id,
        email=email,
        email_verified=email is not None and address is not None and address.is_verified,
        phone=phone,
        phone_verified=phone is not None and number is not None and number.is_verified,
        first_name=_name(data.first_name),
        last_name=_name(data.last_name),
        role=stated_role(data.public_metadata) or Role.PET_OWNER,
        status=UserStatus.SUSPENDED if data.banned else UserStatus.ACTIVE,
        created_at=data.created_at,
        updated_at=data.updated_at,
    )


_ContactT = TypeVar("_ContactT", bound=_Contact)


def _primary(contacts: Sequence[_ContactT], primary_id: str | None) -> _ContactT | None:
    """The one that Clerk names, else the first verified one, else the first."""
    ordered = sorted(contacts, key=lambda each: (each.id != primary_id, not each.is_verified))
    return ordered[0] if ordered else None


def _email(address: EmailAddress | None, clerk_user_id: str) -> str | None:
    try:
        return None if address is None else normalize_email(address.email_address)
    except InvalidValue:
        # Clerk takes addresses such as those of .test. Refused for that, a suspension would be lost.
        log.warning("address_not_usable", clerk_user_id=clerk_user_id)
        return None


def _phone(number: PhoneNumber | None) -> str | None:
    try:
        return None if number is None else normalize_phone(number.phone_number)
    except InvalidValue:
        # Clerk lets people in with numbers that nobody can call; they are not worth losing a user.
        return None


def _name(text: str | None) -> str | None:
    try:
        return normalize_name(text) if text and text.strip() else None
    except InvalidValue:
        return None
