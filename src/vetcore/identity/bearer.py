"""What the verification of every issuer's tokens has in common: the keys, the signature, the times."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, NoReturn, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as SchemaError

from vetcore.clock import now
from vetcore.errors import ConfigurationError
from vetcore.identity.errors import (
    TokenExpired,
    TokenIssuerMismatch,
    TokenKeyUnknown,
    TokenMalformed,
    TokenNotYetValid,
)
from vetcore.identity.jws import (
    RSAPublicKey,
    public_keys,
    stated_key_id,
    unverified_payload,
    verified_payload,
)
from vetcore.identity.keys import KeyCache, KeyCachePolicy

__all__ = [
    "LEEWAY",
    "ActorClaim",
    "BearerClaims",
    "BearerVerifier",
    "Fetch",
    "Identifier",
    "Seconds",
    "fetch_with_httpx",
    "instant_of",
    "key_set_at",
    "refuse",
    "require_trustworthy",
    "stated_issuer",
]

Fetch = Callable[[str], Awaitable[object]]
"""Gets the JSON document at a URL, parsed; raises whatever it likes when it cannot."""

LEEWAY: Final = timedelta(seconds=5)
"""How far the clocks of an issuer and of this machine may differ."""

_LATEST_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that a datetime holds
Seconds = Annotated[int, Field(ge=0, le=_LATEST_SECOND)]
Identifier = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+\z")]
_READ: Final = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)
_ANY_CLAIMS: Final = TypeAdapter(dict[str, object], config=ConfigDict(hide_input_in_errors=True))


class ActorClaim(BaseModel):
    """Who acts in the name of the subject (RFC 8693)."""

    model_config = _READ

    sub: Identifier


class BearerClaims(BaseModel):
    """What every token has."""

    model_config = _READ

    iss: str
    sub: Identifier
    exp: Seconds
    iat: Seconds
    azp: str | None = None
    aud: str | list[str] | None = None
    act: ActorClaim | None = None

    @property
    def audiences(self) -> list[str]:
        """For whom the token is meant."""
        return [self.aud] if isinstance(self.aud, str) else self.aud or []


C = TypeVar("C", bound=BearerClaims)


class BearerVerifier:
    """Verifies what tokens of one issuer say, whatever else the issuer's own rules are.

    Args:
        issuer: Who must have issued a token, compared as it is.
        jwks: The signing keys themselves: nothing is ever fetched.
        load: Gets the signing keys, where they are not given.
        leeway: How far the clocks may differ.
        cache: How long keys serve and how often they are asked for.
        types: What the header may say that the token is.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    def __init__(  # noqa: PLR0913 -- settings, each by name
        self,
        *,
        issuer: str,
        jwks: Mapping[str, object] | None = None,
        load: Callable[[], Awaitable[object]] | None = None,
        leeway: timedelta = LEEWAY,
        cache: KeyCachePolicy | None = None,
        types: Collection[str] = ("JWT",),
    ) -> None:
        if not issuer:
            refuse("the issuer of session tokens is not configured")
        if leeway < timedelta():
            refuse("the leeway for session tokens must not be negative")
        self.issuer = issuer
        self._leeway = leeway
        self._types = frozenset(types)
        self._key: Callable[[str], Awaitable[RSAPublicKey | None]]
        if jwks is not None:
            self._key = _fixed_keys(jwks)
        elif load is not None:
            self._key = _fetched_keys(load, policy=cache or KeyCachePolicy()).get
        else:
            refuse("give the signing keys, or how to get them")

    async def _verified(self, token: str, shape: type[C]) -> tuple[C, Mapping[str, object]]:
        """Return what a token says, once its signature, its issuer and its form are found right.

        Raises:
            TokenRefused: the token does not verify; each reason is a subclass with its own code.
            SigningKeysUnavailable: the signing keys cannot be fetched.
        """
        key_id = stated_key_id(token, types=self._types)
        key = await self._key(key_id)
        if key is None:
            raise TokenKeyUnknown(key_id=key_id)
        payload = verified_payload(token, key)
        try:
            everything = _ANY_CLAIMS.validate_json(payload)
            claims = shape.model_validate(everything)
        except SchemaError as error:
            raise _malformed(error) from error
        if claims.iss != self.issuer:
            raise TokenIssuerMismatch(issuer=claims.iss)
        return claims, everything

    def _check_time(self, claims: BearerClaims, *, not_before: int) -> None:
        """Refuse a token that is not valid now.

        Raises:
            TokenExpired: it has expired.
            TokenNotYetValid: it is not valid yet.
        """
        expires_at, valid_from = instant_of(claims.exp), instant_of(max(not_before, claims.iat))
        instant = now()
        if instant - self._leeway >= expires_at:
            raise TokenExpired(expired_at=expires_at)
        if instant + self._leeway < valid_from:
            raise TokenNotYetValid(valid_from=valid_from)


def refuse(message: str) -> NoReturn:
    """Say that a setting is wrong.

    Raises:
        ConfigurationError: always.
    """
    raise ConfigurationError(message)


def instant_of(seconds: int) -> datetime:
    """Return the instant of a claim, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def stated_issuer(token: str) -> str | None:
    """Return who issued a token by its own word, to choose who verifies it. Nothing is verified."""
    try:
        said = _ANY_CLAIMS.validate_json(unverified_payload(token))
    except (SchemaError, TokenMalformed):
        return None
    issuer = said.get("iss")
    return issuer if isinstance(issuer, str) else None


def _malformed(error: SchemaError) -> TokenMalformed:
    names = sorted({str(issue["loc"][0]) for issue in error.errors() if issue["loc"]})
    return TokenMalformed(
        f"the token lacks what a session token has, or has it in another form: {', '.join(names)}"
        if names
        else "the token's claims are not a JSON object",
        claims=names,
    )


# Keys ---------------------------------------------------------------------------------------------


def key_set_at(
    url: str, *, fetch: Fetch | None, timeout: timedelta
) -> Callable[[], Awaitable[object]]:
    """Return what gets the JSON document at a URL, which must be one that can be trusted.

    Raises:
        ConfigurationError: the URL is neither https nor of this machine, or the extra is missing.
    """
    require_trustworthy(url)
    get_document = fetch or fetch_with_httpx(timeout)

    async def load() -> object:
        return await get_document(url)

    return load


def require_trustworthy(url: str) -> None:
    """Refuse a URL whose answer anybody on the way could change.

    Raises:
        ConfigurationError: it is neither https nor of this machine.
    """
    if not _is_trustworthy(url):
        refuse(f"signing keys must come by https, so {url!r} cannot be used")


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
    get_document: Callable[[], Awaitable[object]], *, policy: KeyCachePolicy
) -> KeyCache[RSAPublicKey]:
    async def load() -> Mapping[str, RSAPublicKey]:
        return public_keys(await get_document())

    return KeyCache(load, policy=policy)


def _is_trustworthy(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "http":
        return parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return parts.scheme == "https" and bool(parts.hostname)


def fetch_with_httpx(timeout: timedelta) -> Fetch:
    """Return what gets a JSON document through httpx.

    Raises:
        ConfigurationError: httpx is not installed.
    """
    try:
        import httpx  # noqa: PLC0415 -- only who fetches by it needs it
    except ImportError as missing:
        message = "fetching signing keys needs httpx: pip install 'vetcore[clerk]'"
        raise ConfigurationError(message, extra="clerk") from missing

    async def fetch(url: str) -> object:
        # A client for each fetch: it happens every few minutes, and nothing is left to close.
        async with httpx.AsyncClient(timeout=timeout.total_seconds()) as client:
            response = await client.get(url, headers={"accept": "application/json"})
            return cast("object", response.raise_for_status().json())

    return fetch
