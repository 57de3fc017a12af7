"""Verification of Clerk's session tokens.

A session token is a JWT that lives for about a minute. Its claims are listed at
https://clerk.com/docs/guides/sessions/session-tokens (versions 1 and 2 are both read). Clerk signs
other things with the same keys. So a token without a session, of another type, or for another
audience is refused even if its signature is right.
"""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

from vetcore.identity.bearer import (
    LEEWAY,
    BearerClaims,
    BearerVerifier,
    Fetch,
    Identifier,
    Seconds,
    instant_of,
    key_set_at,
    refuse,
)
from vetcore.identity.claims import Organization, SessionClaims
from vetcore.identity.errors import SessionPending, TokenAudienceMismatch, TokenPartyRefused
from vetcore.identity.keys import KeyCachePolicy
from vetcore.identity.roles import stated_role
from vetcore.settings import ClerkSettings

__all__ = ["Fetch", "SessionVerifier"]

# As browsers send it (RFC 6454, ASCII serialization of an origin).
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._\[\]:-]+")


class SessionVerifier(BearerVerifier):
    """Verifies session tokens of a Clerk instance. Make it once, and use it for all requests.

    Args:
        issuer: The instance's Frontend API URL, such as ``https://clerk.example.com``.
        authorized_parties: The origins that may ask for tokens, compared as they are; a token that
            names none is refused. None accepts any, which native apps need (they send no origin)
            and which leaves cookies open to other sites of the same domain.
        jwks_url: Where the signing keys are published; by default
            ``{issuer}/.well-known/jwks.json``.
        jwks: The signing keys themselves: nothing is ever fetched.
        audience: Who the token must be for (``aud``). Without it, a token that names an audience
            is refused; Clerk's own name none.
        leeway: How far the clocks of Clerk and this machine may differ.
        fetch: Gets the key set; by default through httpx.
        cache: How long keys serve and how often they are asked for.

    Raises:
        ConfigurationError: a setting is missing or wrong, or the extra ``clerk`` is needed and
            not installed.
    """

    def __init__(  # noqa: PLR0913 -- settings, each by name
        self,
        *,
        issuer: str,
        authorized_parties: Collection[str] | None,
        jwks_url: str | None = None,
        jwks: Mapping[str, object] | None = None,
        audience: str | None = None,
        leeway: timedelta = LEEWAY,
        fetch: Fetch | None = None,
        cache: KeyCachePolicy | None = None,
    ) -> None:
        if issuer.endswith("/"):
            refuse(f"the issuer {issuer!r} would match no token: leave out the slash at its end")
        if authorized_parties is not None and (
            isinstance(authorized_parties, str) or not authorized_parties
        ):
            refuse("authorized_parties must be a collection of origins, or None for any")
        if strange := [party for party in authorized_parties or () if not _ORIGIN.fullmatch(party)]:
            refuse(
                f"authorised parties that are no origins would match no token: {', '.join(strange)} "
                "(expected such as https://app.example.com: small letters, no path)"
            )
        if jwks is not None and (jwks_url or fetch or cache):
            refuse("give either the signing keys or where and how to fetch them, not both")
        policy = cache or KeyCachePolicy()
        url = jwks_url or f"{issuer or 'https://issuer.invalid'}/.well-known/jwks.json"
        load = None if jwks is not None else key_set_at(url, fetch=fetch, timeout=policy.timeout)
        super().__init__(issuer=issuer, jwks=jwks, load=load, leeway=leeway, cache=policy)
        self._parties = None if authorized_parties is None else frozenset(authorized_parties)
        self._audience = audience

    @classmethod
    def from_settings(cls, settings: ClerkSettings, *, cache: KeyCachePolicy | None = None) -> Self:
        """Return the verifier that ``VETCORE_CLERK_ISSUER`` and related settings describe.

        Authorised parties must be named. To accept any, for native apps, call the constructor.

        Raises:
            ConfigurationError: settings are missing (each is named), or the extra ``clerk`` is missing.
        """
        missing = [
            name
            for name, value in (
                ("VETCORE_CLERK_ISSUER", settings.issuer),
                ("VETCORE_CLERK_AUTHORIZED_PARTIES", settings.authorized_parties),
            )
            if not value
        ]
        if missing:
            refuse(f"session tokens cannot be verified without {' and '.join(missing)}")
        return cls(
            issuer=settings.issuer or "",
            authorized_parties=settings.authorized_parties,
            jwks_url=settings.jwks_url,
            audience=settings.audience,
            cache=cache,
        )

    async def verify(self, token: str) -> SessionClaims:
        """Verify ``token``, and return its claims.

        Raises:
            TokenRefused: the token does not verify; each reason is a subclass with its own code.
            SigningKeysUnavailable: the signing keys cannot be fetched, so the token cannot be verified.
        """
        claims, everything = await self._verified(token, _Claims)
        self._check(claims)
        return _session(claims, everything)

    def _check(self, claims: "_Claims") -> None:
        named = claims.audiences
        if (self._audience is None and named) or (
            self._audience is not None and self._audience not in named
        ):
            raise TokenAudienceMismatch
        if self._parties is not None and claims.azp not in self._parties:
            raise TokenPartyRefused(party=claims.azp)
        self._check_time(claims, not_before=claims.nbf)
        if claims.sts not in {None, "active"}:
            raise SessionPending(status=str(claims.sts))


class _ActiveOrganization(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    id: str
    rol: str | None = None
    slg: str | None = None


class _Claims(BearerClaims):
    sid: Identifier
    nbf: Seconds
    sts: str | None = None
    o: _ActiveOrganization | None = None
    org_id: str | None = None
    org_role: str | None = None
    org_slug: str | None = None


def _session(claims: _Claims, everything: Mapping[str, object]) -> SessionClaims:
    return SessionClaims(
        clerk_user_id=claims.sub,
        session_id=claims.sid,
        issued_at=instant_of(claims.iat),
        expires_at=instant_of(claims.exp),
        authorized_party=claims.azp,
        organization=_organization(claims),
        role=stated_role(everything.get("metadata")),
        impersonated_by=claims.act.sub if claims.act else None,
        claims=everything,
    )


def _organization(claims: _Claims) -> Organization | None:
    active = claims.o or (
        _ActiveOrganization(id=claims.org_id, rol=claims.org_role, slg=claims.org_slug)
        if claims.org_id
        else None
    )
    if active is None:
        return None
    role = active.rol and active.rol.removeprefix("org:")
    return Organization(id=active.id, role=role, slug=active.slg)
