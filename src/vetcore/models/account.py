"""How people sign in: what only the person knows or has, where they are signed in, and their keys.

None of it is a column of ``users``, so no response about a person can show it. What opens a door is
stored as a digest only: a copy of the database opens none.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vetcore.models.base import Base, Code, PrimaryKey, ShortText
from vetcore.models.forms import EmailAddress
from vetcore.models.types import BoundedText, FreeText
from vetcore.values.accounts import LinkPurpose

__all__ = [
    "AccountLink",
    "ApiKey",
    "Passkey",
    "SignInLimit",
    "UserCredential",
    "UserIdentity",
    "UserSession",
]

_HASH_LENGTH = 64
"""Of a SHA-256 in hexadecimal digits."""


class UserCredential(Base):
    """A person's password and the second factor that goes with it."""

    __tablename__ = "user_credentials"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    password_hash: Mapped[str | None] = mapped_column(BoundedText(255))
    """Argon2id, with its parameters and its salt."""
    password_set_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the person first showed that the address was theirs. Until then nobody has used it."""
    totp_secret: Mapped[str | None] = mapped_column(BoundedText(64))
    """What the person's authenticator app has, too: base32."""
    totp_confirmed_at: Mapped[datetime | None]
    """When the app told the first right code. Before that the factor does not count."""
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")
    """The period of the last code that was taken. Each code is taken once."""


class UserSession(Base):
    """A place where a person is signed in."""

    __tablename__ = "user_sessions"

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(BoundedText(_HASH_LENGTH))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    """When it was last used, to the minute."""
    verified_at: Mapped[datetime]
    """When the person last showed who they are."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    second_factor: Mapped[bool] = mapped_column(default=False)
    address: Mapped[Code | None]
    """From which network address the person signed in."""
    agent: Mapped[ShortText | None]
    """With which program."""

    __table_args__ = (
        Index("uq_user_sessions_token_hash", "token_hash", unique=True),
        Index("ix_user_sessions_expires_at", "expires_at"),
    )


class AccountLink(Base):
    """A link or a challenge that works once, within a time."""

    __tablename__ = "account_links"

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    """Whose it is; None of a challenge to whoever has a passkey."""
    purpose: Mapped[LinkPurpose]
    token_hash: Mapped[str] = mapped_column(BoundedText(_HASH_LENGTH))
    email: Mapped[EmailAddress | None]
    """The address that it was sent to. If the account has another by then, it is worth nothing."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_account_links_token_hash", "token_hash", unique=True),
        Index("ix_account_links_expires_at", "expires_at"),
    )


class Passkey(Base):
    """A public key of which a person's device has the private one."""

    __tablename__ = "passkeys"

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(BoundedText(1400))
    """What the device calls it: base64url, of 1,023 bytes at most."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary())
    sign_count: Mapped[int] = mapped_column(default=0)
    """What the device last counted. One that counts backwards is a copy."""
    name: Mapped[ShortText]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("uq_passkeys_credential_id", "credential_id", unique=True),)


class ApiKey(Base):
    """A key with which a program acts on behalf of a person, within what it was given."""

    __tablename__ = "api_keys"

    id: Mapped[PrimaryKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[ShortText]
    token_hash: Mapped[str] = mapped_column(BoundedText(_HASH_LENGTH))
    permissions: Mapped[str] = mapped_column(FreeText())
    """What it may be used for: the names of permissions, one a line, sorted."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was last used, to the minute."""
    revoked_at: Mapped[datetime | None]

    __table_args__ = (Index("uq_api_keys_token_hash", "token_hash", unique=True),)


class UserIdentity(Base):
    """Who a person is to an OpenID Connect provider."""

    __tablename__ = "user_identities"

    issuer: Mapped[ShortText] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(BoundedText(255), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]


class SignInLimit(Base):
    """How often somebody has tried to sign in, of late: to an account, from an address, or both."""

    __tablename__ = "sign_in_limits"

    subject: Mapped[str] = mapped_column(BoundedText(_HASH_LENGTH), primary_key=True)
    """A digest of what is counted, so that the table lists no addresses."""
    tries: Mapped[int]
    since: Mapped[datetime]
    """When the first of them was made."""
    until: Mapped[datetime]
    """When they are forgotten."""

    __table_args__ = (
        CheckConstraint("tries > 0", name="tries"),
        Index("ix_sign_in_limits_until", "until"),
    )
