"""Schemas of accounts: how people open them, sign in, and keep their passwords, sessions and keys."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import ById, Response, Schema
from vetcore.schemas.fields import (
    EmailAddress,
    Instant,
    LanguageTag,
    PersonName,
    PhoneNumber,
    ShortText,
    TimeZoneName,
)
from vetcore.schemas.secretive import (
    GivenPassword,
    LonePassword,
    NewPassword,
    OneTimeCode,
    Secretive,
    Token,
)
from vetcore.values.people import Role

__all__ = [
    "AccountHandOver",
    "ApiKeyCreate",
    "ApiKeyResponse",
    "ApiKeyRevoke",
    "InvitationSignUp",
    "OfUser",
    "PasskeyAnswer",
    "PasskeyResponse",
    "PasswordChange",
    "PasswordReset",
    "PasswordResetRequest",
    "Reauthentication",
    "SessionEnd",
    "SignIn",
    "SignUpConfirm",
    "UserAppoint",
    "UserInvite",
    "UserSessionResponse",
    "UserSignUp",
]


# Opening an account -------------------------------------------------------------------------------


class UserSignUp(Secretive):
    """An account that an owner opens. It has no role to choose: staff are invited."""

    email: EmailAddress
    password: LonePassword
    first_name: PersonName
    last_name: PersonName
    phone: PhoneNumber | None = None
    locale: LanguageTag = "en"
    timezone: TimeZoneName = "UTC"
    terms_accepted_at: Instant
    privacy_accepted_at: Instant
    marketing_accepted_at: Instant | None = None


class SignUpConfirm(Secretive):
    """The link that came by mail, and the password that the account was opened with.

    Both are needed, so that nobody confirms an account that a stranger has opened in their name.
    """

    token: Token
    password: GivenPassword
    code: OneTimeCode | None = None
    """Of the authenticator app, where the account has one: an address may change later."""


class UserInvite(Schema):
    """An account for somebody who works on the platform. They set their own password."""

    email: EmailAddress
    first_name: PersonName
    last_name: PersonName
    role: Role
    locale: LanguageTag = "en"
    timezone: TimeZoneName = "UTC"
    valid_hours: Annotated[int, Field(ge=1, le=720)] = 72
    """How long the link works."""


class AccountHandOver(Schema):
    """The account of a client that a clinic has opened, to be handed over to them."""

    user_id: UUID
    valid_hours: Annotated[int, Field(ge=1, le=720)] = 72
    """How long the link works."""


class InvitationSignUp(Secretive):
    """What somebody who was invited adds: a password. All else was said by whoever invited them."""

    token: Token
    password: LonePassword
    terms_accepted_at: Instant
    privacy_accepted_at: Instant


class UserAppoint(ById):
    """What a person is to be on the platform. Administrators appoint, and nobody appoints themselves."""

    role: Role


# Signing in ---------------------------------------------------------------------------------------


class SignIn(Secretive):
    """Who wants to sign in, and what shows it."""

    email: EmailAddress
    password: GivenPassword
    code: OneTimeCode | None = None
    """Of the authenticator app, where the account has one."""


class Reauthentication(Secretive):
    """What shows once more who is signed in, before something that matters."""

    password: GivenPassword
    code: OneTimeCode | None = None


class PasskeyAnswer(Secretive):
    """What the browser answers to a challenge, as it gives it (``PublicKeyCredential.toJSON()``)."""

    token: Token
    """That came with the challenge."""
    credential: Annotated[dict[str, Any], Field(repr=False)]
    name: ShortText = "Passkey"


# Passwords and addresses --------------------------------------------------------------------------


class PasswordChange(Secretive):
    """Another password. The person shows the present one."""

    current: GivenPassword
    password: NewPassword
    code: OneTimeCode | None = None


class PasswordResetRequest(Schema):
    """Whose password is to be set anew."""

    email: EmailAddress


class PasswordReset(Secretive):
    """The link that came by mail, and another password."""

    token: Token
    password: NewPassword


# Sessions and keys --------------------------------------------------------------------------------


class OfUser(Schema):
    """Whose sessions or keys are meant: one's own, if nobody is named."""

    user_id: UUID | None = None


class SessionEnd(Schema):
    """A session to end: signing out, here or from afar."""

    id: UUID


class ApiKeyRevoke(Schema):
    """A key to revoke."""

    id: UUID


class ApiKeyCreate(Schema):
    """A key for a program, and what it may be used for."""

    name: ShortText
    permissions: Annotated[frozenset[ShortText], Field(min_length=1, max_length=100)]
    """Names of permissions. The key never has one that the person lacks."""
    expires_at: Instant
    user_id: UUID | None = None
    """On whose behalf it acts: oneself, if nobody is named."""


class UserSessionResponse(Response):
    """A place where one is signed in."""

    id: UUID
    created_at: datetime
    used_at: datetime
    verified_at: datetime
    expires_at: datetime
    second_factor: bool
    address: str | None
    agent: str | None


class ApiKeyResponse(Response):
    """A key of a program, without the key itself."""

    id: UUID
    user_id: UUID
    name: str
    permissions: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class PasskeyResponse(Response):
    """A passkey, as its owner knows it."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None
