"""Verification of Clerk's session tokens.

A session token is a JWT that lives for about a minute. Its claims are listed at
https://clerk.com/docs/guides/sessions/session-tokens (versions 1 and 2 are both read). Clerk signs
other things with the same keys. So a token without a session, of another type, or for another
audience is refused even if its signature is right.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, NoReturn, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as SchemaError

from vetcore.clock import now
from vetcore.errors import ConfigurationError
from vetcore.identity.claims import Organization, SessionClaims
from vetcore.identity.errors import (
    SessionPending,
    TokenAudienceMismatch,
    TokenExpired,
    TokenIssuerMismatch,
    TokenKeyUnknown,
    TokenMalformed,
    TokenNotYetValid,
    TokenPartyRefused,
)
from vetcore.identity.jws import RSAPublicKey, public_keys, stated_key_id, verified_payload
from vetcore.identity.keys import KeyCache, KeyCachePolicy
from vetcore.identity.roles import stated_role
from vetcore.settings import ClerkSettings

__all__ = ["Fetch", "SessionVerifier"]

Fetch = Callable[[str], Awaitable[object]]
"""Gets the JSON document at a URL, parsed; raises whatever it likes when it cannot."""

# As browsers send it (RFC 6454, ASCII serialization of an origin).
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._\[\]:-]+")
_LATEST_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that a datetime holds
_Seconds = Annotated[int, Field(ge=0, le=_LATEST_SECOND)]
_Identifier = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+\z")]


class SessionVerifier:
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
        leeway: timedelta = timedelta(seconds=5),
        fetch: Fetch | None = None,
        cache: KeyCachePolicy | None = None,
    ) -> None:
        if not issuer:
            _refuse("the issuer of session tokens is not configured")
        if issuer.endswith("/"):
            _refuse(f"the issuer {issuer!r} would match no token: leave out the slash at its end")
        if authorized_parties is not None and (
            isinstance(authorized_parties, str) or not authorized_parties
        ):
            _refuse("authorized_parties must be a collection of origins, or None for any")
        if strange := [party for party in authorized_parties or () if not _ORIGIN.fullmatch(party)]:
            _refuse(
                f"authorised parties that are no origins would match no token: {', '.join(strange)} "
                "(expected such as https://app.example.com: small letters, no path)"
            )
        if leeway < timedelta():
            _refuse("the leeway for session tokens must not be negative")
        if jwks is not None and (jwks_url or fetch or cache):
            _refuse("give either the signing keys or where and how to fetch them, not both")

        self._issuer = issuer
        self._parties = None if authorized_parties is None else frozenset(authorized_parties)
        self._audience = audience
        self._leeway = leeway
        self._key: Callable[[str], Awaitable[RSAPublicKey | None]]
        if jwks is not None:
            self._key = _fixed_keys(jwks)
        else:
            url = jwks_url or f"{issuer}/.well-known/jwks.json"
            policy = cache or KeyCachePolicy()
            self._key = _fetched_keys(url, fetch=fetch, policy=policy).get

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
            _refuse(f"session tokens cannot be verified without {' and '.join(missing)}")
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
        key_id = stated_key_id(token)
        key = await self._key(key_id)
        if key is None:
            raise TokenKeyUnknown(key_id=key_id)
        payload = verified_payload(token, key)
        try:
            everything = _ANY_CLAIMS.validate_json(payload)
            claims = _Claims.model_validate(everything)
        except SchemaError as error:
            raise _malformed(error) from error
        self._check(claims)
        return _session(claims, everything)

    def _check(self, claims: "_Claims") -> None:
        if claims.iss != self._issuer:
            raise TokenIssuerMismatch(issuer=claims.iss)
        named = [claims.aud] if isinstance(claims.aud, str) else claims.aud or []
        if (self._audience is None and named) or (
            self._audience is not None and self._audience not in named
        ):
            raise TokenAudienceMismatch
        if self._parties is not None and claims.azp not in self._parties:
            raise TokenPartyRefused(party=claims.azp)

        expires_at, valid_from = _instant(claims.exp), _instant(max(claims.nbf, claims.iat))
        instant = now()
        if instant - self._leeway >= expires_at:
            raise TokenExpired(expired_at=expires_at)
        if instant + self._leeway < valid_from:
            raise TokenNotYetValid(valid_from=valid_from)
        if claims.sts not in {None, "active"}:
            raise SessionPending(status=str(claims.sts))


def _refuse(message: str) -> NoReturn:
    raise ConfigurationError(message)


def _fixed_keys(jwks: Mapping[str, object]) -> Callable[[str], Awaitable[RSAPublicKey | None]]:
    try:
        keys = public_keys(jwks)
    except ValueError as error:
        message = f"the signing keys for session tokens are not usable: {error}"
        raise ConfigurationError(message) from error

    async def get(key_id: str) -> RSAPublicKey | None:
        return keys.get(key_id)

    return get


def _fetched_keys(
    url: str, *, fetch: Fetch | None, policy: KeyCachePolicy
) -> KeyCache[RSAPublicKey]:
    if not _is_trustworthy(url):
        _refuse(f"signing keys must come by https, so {url!r} cannot be used")
    get_document = fetch or _fetch_with_httpx(policy.timeout)

    async def load() -> Mapping[str, RSAPublicKey]:
        return public_keys(await get_document(url))

    return KeyCache(load, policy=policy)


def _is_trustworthy(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "http":
        return parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return parts.scheme == "https" and bool(parts.hostname)


def _fetch_with_httpx(timeout: timedelta) -> Fetch:
    try:
        import httpx  # noqa: PLC0415 -- only who fetches by it needs it
    except ImportError as missing:
        message = "fetching signing keys needs httpx: pip install 'vetcore[clerk]'"
        raise ConfigurationError(message, extra="clerk") from missing

    async def fetch(url: str) -> object:
        # A client for each fetch: it happens every few minutes, and nothing is left to close.
        async with httpx.AsyncClient(timeout=timeout.total_seconds()) as client:
            response = await client.get(url, headers={"accept": "application/json"})
            return response.raise_for_status().json()

    return fetch


class _Actor(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    sub: _Identifier


class _ActiveOrganization(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    id: str
    rol: str | None = None
    slg: str | None = None


class _Claims(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    iss: str
    sub: _Identifier
    sid: _Identifier
    exp: _Seconds
    nbf: _Seconds
    iat: _Seconds
    azp: str | None = None
    aud: str | list[str] | None = None
    sts: str | None = None
    act: _Actor | None = None
    o: _ActiveOrganization | None = None
    org_id: str | None = None
    org_role: str | None = None
    org_slug: str | None = None


_ANY_CLAIMS: Final = TypeAdapter(dict[str, object], config=ConfigDict(hide_input_in_errors=True))


def _malformed(error: SchemaError) -> TokenMalformed:
    names = sorted({str(issue["loc"][0]) for issue in error.errors() if issue["loc"]})
    return TokenMalformed(
        f"the token lacks what a session token has, or has it in another form: {', '.join(names)}"
        if names
        else "the token's claims are not a JSON object",
        claims=names,
    )


def _session(claims: _Claims, everything: Mapping[str, object]) -> SessionClaims:
    return SessionClaims(
        clerk_user_id=claims.sub,
        session_id=claims.sid,
        issued_at=_instant(claims.iat),
        expires_at=_instant(claims.exp),
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


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
