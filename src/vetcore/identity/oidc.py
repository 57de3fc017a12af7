"""OpenID Connect: tokens of whatever provider, and the accounts that belong to them.

::

    verifier = OidcVerifier.from_settings(settings.oidc)
    claims = await verifier.verify(token)
    user = await db.run(lambda session: ensure_oidc_user(session, claims))

A provider's configuration is found by its issuer (OpenID Connect Discovery 1.0), and its keys where that
says. Verifying needs the extra ``oidc``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.locking import locking, take_turns
from vetcore.database.softdelete import INCLUDE_DELETED
from vetcore.errors import AlreadyExists, InvalidValue, SerializationFailure
from vetcore.identity.bearer import (
    LEEWAY,
    BearerClaims,
    BearerVerifier,
    Fetch,
    Seconds,
    fetch_with_httpx,
    instant_of,
    refuse,
    require_trustworthy,
)
from vetcore.identity.errors import AccountDeleted, TokenAudienceMismatch, TokenPartyRefused
from vetcore.identity.keys import KeyCachePolicy
from vetcore.models import User, UserIdentity
from vetcore.settings import OidcSettings
from vetcore.values.contact import normalize_email
from vetcore.values.people import Role, UserStatus

__all__ = ["OidcClaims", "OidcVerifier", "ensure_oidc_user", "find_oidc_user"]

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_LONGEST_NAME: Final = 100
_EVERYTHING: Final = {INCLUDE_DELETED: True}


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcClaims:
    """What a token says that was verified."""

    issuer: str
    subject: str
    issued_at: datetime
    expires_at: datetime
    email: str | None = field(repr=False)
    """The address, normalised; None also where it is one that nobody can write to."""
    email_verified: bool
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    impersonated_by: str | None
    """The subject who acts in this one's name (``act``)."""
    claims: Mapping[str, object] = field(repr=False, hash=False)
    """All claims, for those that a service added."""


class OidcVerifier(BearerVerifier):
    """Verifies tokens of an OpenID Connect provider. Make it once, and use it for all requests.

    Args:
        issuer: The provider, exactly as its configuration writes it.
        audience: For whom a token must be meant: the id under which the provider knows the service.
        jwks: The signing keys themselves: nothing is ever fetched.
        leeway: How far the clocks of the provider and of this machine may differ.
        fetch: Gets the configuration and the keys; by default through httpx.
        cache: How long keys serve and how often they are asked for.
        types: What the header may say that a token is: ``JWT``, and ``at+jwt`` for access tokens (RFC 9068).

    Raises:
        ConfigurationError: a setting is missing or wrong, or the extra ``oidc`` is needed and not
            installed.
    """

    def __init__(  # noqa: PLR0913 -- settings, each by name
        self,
        *,
        issuer: str,
        audience: str,
        jwks: Mapping[str, object] | None = None,
        leeway: timedelta = LEEWAY,
        fetch: Fetch | None = None,
        cache: KeyCachePolicy | None = None,
        types: Collection[str] = ("JWT", "at+jwt"),
    ) -> None:
        if not audience:
            refuse("tokens need an audience: without one, those for any other service would do")
        policy = cache or KeyCachePolicy()
        load = None
        if jwks is None:
            require_trustworthy(issuer)
            load = _discovered(issuer, fetch or fetch_with_httpx(policy.timeout))
        super().__init__(
            issuer=issuer, jwks=jwks, load=load, leeway=leeway, cache=policy, types=types
        )
        self._audience = audience

    @classmethod
    def from_settings(cls, settings: OidcSettings, *, cache: KeyCachePolicy | None = None) -> Self:
        """Return the verifier that ``VETCORE_OIDC_ISSUER`` and ``VETCORE_OIDC_AUDIENCE`` describe.

        Raises:
            ConfigurationError: a setting is missing, or the extra ``oidc`` is.
        """
        if not settings.issuer or not settings.audience:
            refuse(
                "tokens cannot be verified without VETCORE_OIDC_ISSUER and VETCORE_OIDC_AUDIENCE"
            )
        return cls(issuer=settings.issuer, audience=settings.audience, cache=cache)

    async def verify(self, token: str) -> OidcClaims:
        """Verify ``token``, and return its claims.

        Raises:
            TokenRefused: the token does not verify; each reason is a subclass with its own code.
            SigningKeysUnavailable: the signing keys cannot be fetched, so the token cannot be verified.
        """
        claims, everything = await self._verified(token, _Claims)
        if self._audience not in claims.audiences:
            raise TokenAudienceMismatch
        # OpenID Connect Core 1.0, 3.1.3.7: a token for several audiences names whom it was issued to.
        if len(claims.audiences) > 1 and claims.azp is None:
            raise TokenPartyRefused(party=None)
        if claims.azp is not None and claims.azp != self._audience:
            raise TokenPartyRefused(party=claims.azp)
        self._check_time(claims, not_before=claims.nbf)
        return OidcClaims(
            issuer=claims.iss,
            subject=claims.sub,
            issued_at=instant_of(claims.iat),
            expires_at=instant_of(claims.exp),
            email=_address(claims.email),
            email_verified=claims.email_verified is True and _address(claims.email) is not None,
            given_name=_name(claims.given_name),
            family_name=_name(claims.family_name),
            impersonated_by=claims.act.sub if claims.act else None,
            claims=everything,
        )


def _discovered(issuer: str, fetch: Fetch) -> Any:
    """What gets the keys where the provider's configuration says that they are."""

    async def load() -> object:
        found = await fetch(issuer.rstrip("/") + _WELL_KNOWN)
        configuration = _Configuration.model_validate(found)
        if configuration.issuer != issuer:
            message = "the provider's configuration is that of another issuer"
            raise ValueError(message)
        require_trustworthy(configuration.jwks_uri)
        return await fetch(configuration.jwks_uri)

    return load


class _Configuration(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    issuer: str
    jwks_uri: str


class _Claims(BearerClaims):
    nbf: Seconds = 0
    email: str | None = None
    email_verified: bool | None = None
    given_name: str | None = None
    family_name: str | None = None


def _address(text: str | None) -> str | None:
    try:
        return None if text is None else normalize_email(text)
    except InvalidValue:
        return None


def _name(text: str | None) -> str:
    printable = "".join(each if each.isprintable() else " " for each in text or "")
    return " ".join(printable.split())[:_LONGEST_NAME].strip()


# Accounts -----------------------------------------------------------------------------------------


async def find_oidc_user(session: ReadSession, claims: OidcClaims) -> User | None:
    """Return the account of the bearer of a verified token, or None on first sight. It only reads.

    Raises:
        AccountDeleted: the account was deleted after the token was issued.
    """
    return await _of_subject(session, claims.issuer, claims.subject)


async def _of_subject(session: ReadSession, issuer: str, subject: str) -> User | None:
    query = (
        select(User)
        .join(UserIdentity, UserIdentity.user_id == User.id)
        .where(UserIdentity.issuer == issuer, UserIdentity.subject == subject)
    )
    user = await session.scalar(query, execution_options=_EVERYTHING)
    if user is not None and (user.is_deleted or user.status is UserStatus.DELETED):
        raise AccountDeleted
    return user


async def ensure_oidc_user(session: AsyncSession, claims: OidcClaims) -> User:
    """Return the account of the bearer of a verified token; make it on first sight.

    An account that has the same address becomes theirs if the address is verified in both, and no
    other subject of the provider has the account. Otherwise they get a new one as an owner. If
    somebody else has the address, the new one has none: it is never taken away. What they change at
    the provider later is changed here by themselves.

    Raises:
        AccountDeleted: the account was deleted after the token was issued.
        SerializationFailure: a race was lost; replay the transaction, as ``Database.run`` does.
    """
    known = await find_oidc_user(session, claims)
    if known is not None:
        return known
    await take_turns(session, "account", f"oidc:{claims.issuer} {claims.subject}")
    if claims.email is not None:
        await take_turns(session, "account", f"email:{claims.email}")
    known = await find_oidc_user(session, claims)
    if known is not None:
        return known
    query = locking(select(User), User).where(User.email == (claims.email or ""))
    holder = await session.scalar(query, execution_options={"populate_existing": True})
    if holder is not None and await _is_theirs(session, holder, claims):
        user = holder
    else:
        user = _new(claims, holder)
    session.add(user)
    try:
        await session.flush()
        session.add(
            UserIdentity(
                issuer=claims.issuer,
                subject=claims.subject,
                user_id=user.id,
                created_at=clock.now(),
            )
        )
        await session.flush()
    except AlreadyExists as error:
        message = "somebody else took the address or made the account in the meantime"
        raise SerializationFailure(message) from error
    return user


async def _is_theirs(session: AsyncSession, holder: User, claims: OidcClaims) -> bool:
    is_one_person = (
        holder.email_verified and claims.email_verified and holder.status is UserStatus.ACTIVE
    )
    if not is_one_person:
        return False
    # An address that was given to somebody else at the provider comes with another subject.
    of_another = select(
        exists().where(UserIdentity.user_id == holder.id, UserIdentity.issuer == claims.issuer)
    )
    return not await session.scalar(of_another)


def _new(claims: OidcClaims, holder: User | None) -> User:
    from uuid_utils.compat import uuid7  # noqa: PLC0415 -- a new account is rare

    key = uuid7()
    is_free = claims.email is not None and holder is None
    return User(
        id=key,
        email=claims.email if is_free else f"{key}@unknown.invalid",
        email_verified=is_free and claims.email_verified,
        first_name=claims.given_name,
        last_name=claims.family_name,
        role=Role.PET_OWNER,
    )
