"""Checks RS256 signatures and reads published keys, by means of PyJWT."""

from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from typing import Final, cast

from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as SchemaError

from vetcore.errors import ConfigurationError
from vetcore.identity.errors import (
    TokenAlgorithmRefused,
    TokenMalformed,
    TokenSignatureMismatch,
)

try:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from jwt import PyJWS
    from jwt.algorithms import RSAAlgorithm
    from jwt.exceptions import InvalidSignatureError, PyJWTError
except ImportError as missing:
    _MESSAGE = "session tokens need PyJWT and cryptography: pip install 'vetcore[clerk]'"
    raise ConfigurationError(_MESSAGE, extra="clerk") from missing

__all__ = [
    "RSAPublicKey",
    "public_keys",
    "stated_key_id",
    "unverified_payload",
    "verified_payload",
]

_ALGORITHM: Final = "RS256"
# A browser keeps no cookie above 4 KiB, so Clerk's tokens stay well below.
_LONGEST_TOKEN: Final = 16_384
# NIST SP 800-131A
_SMALLEST_KEY_BITS: Final = 2048

_DOTS: Final = 2

_jws = PyJWS(algorithms=[_ALGORITHM])


def stated_key_id(token: str, *, types: Collection[str] = ("JWT",)) -> str:
    """Return the id of the key that ``token`` says it is signed with. Nothing is verified.

    Raises:
        TokenMalformed: the text is not a signed token that names its key.
        TokenAlgorithmRefused: the token states another algorithm than RS256, or none.
    """
    if not token.isascii() or len(token) > _LONGEST_TOKEN:
        message = "this is not a session token"
        raise TokenMalformed(message)
    try:
        header = _jws.get_unverified_header(token)
    except PyJWTError as error:
        message = "this is not a signed token in compact form"
        raise TokenMalformed(message) from error
    if header.get("alg") != _ALGORITHM:
        raise TokenAlgorithmRefused
    kind: object = header.get("typ", "JWT")
    # RFC 7515, 4.1.9: the type is a media type, whose case does not count; nobody writes it otherwise.
    if not isinstance(kind, str) or kind not in types:
        message = "the token is of another type than session tokens are"
        raise TokenMalformed(message)
    key_id: object = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        message = "the token does not name its signing key (kid)"
        raise TokenMalformed(message)
    return key_id


def unverified_payload(token: str) -> bytes:
    """Return what a token says, which nobody has verified yet.

    Raises:
        TokenMalformed: the text is not a token in compact form.
    """
    if not token.isascii() or len(token) > _LONGEST_TOKEN or token.count(".") != _DOTS:
        message = "this is not a session token"
        raise TokenMalformed(message)
    encoded = token.split(".")[1]
    try:
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError as error:
        message = "this is not a signed token in compact form"
        raise TokenMalformed(message) from error


def verified_payload(token: str, key: RSAPublicKey) -> bytes:
    """Return the payload of ``token``, after its signature was verified with ``key``.

    Raises:
        TokenSignatureMismatch: the signature was not made with ``key``.
        TokenMalformed: the text is not a token in compact form.
    """
    try:
        payload = _jws.decode(token, key, algorithms=[_ALGORITHM])
    except InvalidSignatureError as error:
        raise TokenSignatureMismatch from error
    except PyJWTError as error:
        message = "this is not a signed token in compact form"
        raise TokenMalformed(message) from error
    return cast("bytes", payload)


class _Jwk(BaseModel):
    """The public part of an RSA key for signatures; a private part is never looked at."""

    model_config = ConfigDict(strict=True, extra="ignore")

    kid: str
    kty: str
    use: str = Field(default="sig", pattern=r"^sig\z")
    alg: str = Field(default=_ALGORITHM, pattern=rf"^{_ALGORITHM}\z")
    n: str
    e: str


class _KeySet(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    keys: list[object]


def public_keys(document: object) -> Mapping[str, RSAPublicKey]:
    """Return the keys for RS256 signatures in a JSON Web Key Set (RFC 7517), by id.

    Keys for other purposes or algorithms, without an id, or shorter than 2048 bits are left out.

    Raises:
        ValueError: the document is not a key set, or none of its keys can be used.
    """
    try:
        entries = _KeySet.model_validate(document).keys
    except SchemaError as error:
        message = "this is not a JSON Web Key Set"
        raise ValueError(message) from error
    keys = {key_id: key for entry in entries for key_id, key in _public_key(entry)}
    if not keys:
        message = f"the JSON Web Key Set has no {_ALGORITHM} key"
        raise ValueError(message)
    return keys


def _public_key(entry: object) -> list[tuple[str, RSAPublicKey]]:
    try:
        jwk = _Jwk.model_validate(entry)
        key = RSAAlgorithm.from_jwk({"kty": jwk.kty, "n": jwk.n, "e": jwk.e})
    except (SchemaError, PyJWTError, ValueError):
        return []
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY_BITS:
        return []
    return [(jwk.kid, key)]
