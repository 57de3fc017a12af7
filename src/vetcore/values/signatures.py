"""Signatures that only the holder of a key can make, and their text: ``v1.KEYID.BASE64``.

What is signed is a mapping, written as canonical JSON together with the key's id and the algorithm.
What was signed before there were keys has a plain SHA-256 in place of a signature, which anybody can
make: it tells a slip, and no forgery.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

from vetcore.errors import ConfigurationError
from vetcore.settings.signing import SAMPLE_KEY, TEST_KEY, Parts, parts_of

if TYPE_CHECKING:
    from vetcore.settings import RecordsSettings

__all__ = [
    "SAMPLE_KEYS",
    "TEST_KEYS",
    "Keyring",
    "SigningKey",
    "Verdict",
    "canonical",
    "digest",
    "is_digest",
]

_SETTING: Final = "VETCORE_RECORDS_KEYS"
_SIGNATURE: Final = re.compile(r"v1\.(?P<key>[a-z0-9][a-z0-9_-]{0,31})\.(?P<made>[A-Za-z0-9_-]+)")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Verdict(StrEnum):
    """What a signature is worth."""

    GOOD = "good"
    FORGED = "forged"
    """It is not the key's, or what it was made for has been changed."""
    UNKNOWN_KEY = "unknown_key"
    """The key that it names is not at hand."""
    UNKEYED = "unkeyed"
    """A plain SHA-256 that fits: of the time before there were keys."""


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return ``content``, which is plain JSON, as bytes. There is one way to write it."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of ``content`` in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def is_digest(signature: str | None) -> bool:
    """Return whether this is a plain SHA-256, of the time before there were keys."""
    return signature is not None and _DIGEST.fullmatch(signature) is not None


class SigningKey:
    """One key: HMAC with SHA-256, or Ed25519. Its secret is never shown."""

    __slots__ = ("_secret", "algorithm", "id")

    def __init__(self, parts: Parts) -> None:
        self.id, self.algorithm, self._secret = parts

    def __repr__(self) -> str:
        return f"SigningKey({self.id!r}, {self.algorithm!r})"

    def __reduce__(self) -> str:
        message = "A key that signs does not leave its process"
        raise TypeError(message)

    @property
    def signs(self) -> bool:
        """Whether it can sign, and not only verify."""
        return self.algorithm != "ed25519-public"

    @property
    def family(self) -> str:
        """The algorithm, without which half of a pair of keys this is."""
        return self.algorithm.removesuffix("-public")

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``."""
        if self.family == "ed25519":
            made: bytes = _private(self._secret).sign(message)
            return made
        return hmac.digest(self._secret, message, "sha256")

    def verifies(self, message: bytes, made: bytes) -> bool:
        """Return whether ``made`` is the signature of ``message``."""
        if self.family == "ed25519":
            return _verifies(self._secret, message, made, is_public=not self.signs)
        return hmac.compare_digest(hmac.digest(self._secret, message, "sha256"), made)


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import (  # noqa: PLC0415 -- an extra
            ed25519,
        )
    except ImportError as missing:
        message = "Ed25519 keys need cryptography: pip install 'vetcore[clerk]'"
        raise ConfigurationError(message, extra="clerk") from missing
    return ed25519


def _private(secret: bytes) -> Any:
    return _ed25519().Ed25519PrivateKey.from_private_bytes(secret)


def _verifies(secret: bytes, message: bytes, made: bytes, *, is_public: bool) -> bool:
    if is_public:
        public = _ed25519().Ed25519PublicKey.from_public_bytes(secret)
    else:
        public = _private(secret).public_key()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- an extra

    try:
        public.verify(made, message)
    except InvalidSignature:
        return False
    return True


class Keyring:
    """The keys of a service by their ids; one of them signs, all of them verify."""

    def __init__(self, keys: Iterable[SigningKey] = (), active: str | None = None) -> None:
        self._keys = {key.id: key for key in keys}
        signing = [key.id for key in self._keys.values() if key.signs]
        self.active = active or (signing[0] if len(signing) == 1 else None)
        if self.active is not None and self.active not in signing:
            message = f"There is no key {self.active!r} that signs"
            raise ConfigurationError(message, setting="VETCORE_RECORDS_ACTIVE")

    @classmethod
    def parse(cls, *keys: str, active: str | None = None) -> Self:
        """Return the keys that texts such as ``ID:ALGORITHM:BASE64`` say, as the settings have them.

        Raises:
            ConfigurationError: one is no key; it is not repeated.
        """
        try:
            return cls(map(SigningKey, map(parts_of, keys)), active)
        except ValueError as error:
            message = f"A key that signs {error}"
            raise ConfigurationError(message, setting=_SETTING) from None

    @classmethod
    def of(cls, settings: "RecordsSettings") -> Self:
        """Return the keys of the settings."""
        keys = (key.get_secret_value() for key in settings.keys)
        return cls.parse(*keys, active=settings.active)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(sorted(self._keys))}; active={self.active!r})"

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(self._keys.values())

    def __or__(self, other: "Keyring") -> "Keyring":
        """These keys, and those of ``other`` to verify with."""
        both = Keyring((*other, *self), self.active or other.active)
        both.active = self.active
        return both

    def require(self) -> SigningKey:
        """Return the key that signs.

        Raises:
            ConfigurationError: there is none; it says which setting to set.
        """
        if self.active is None:
            message = (
                f"Nothing can be signed without a key: set {_SETTING} to ID:hmac-sha256:BASE64, with"
                " 32 random bytes, or hand keys over in code: Database(url, keys=Keyring.parse(…))"
            )
            raise ConfigurationError(message, setting=_SETTING)
        return self._keys[self.active]

    def sign(self, content: Mapping[str, Any]) -> str:
        """Return the signature of ``content`` by the active key.

        Raises:
            ConfigurationError: there is none.
        """
        key = self.require()
        made = base64.urlsafe_b64encode(key.sign(_message(content, key))).decode()
        return f"v1.{key.id}.{made.rstrip('=')}"

    def judge(self, content: Mapping[str, Any], signature: str | None) -> Verdict:
        """Return what ``signature`` says about ``content``."""
        if signature is not None and is_digest(signature):
            same = hmac.compare_digest(digest(content), signature)
            return Verdict.UNKEYED if same else Verdict.FORGED
        match = _SIGNATURE.fullmatch(signature or "")
        if match is None:
            return Verdict.FORGED
        key = self._keys.get(match["key"])
        if key is None:
            return Verdict.UNKNOWN_KEY
        made = match["made"]
        try:
            given = base64.b64decode(made + "=" * (-len(made) % 4), b"-_", validate=True)
        except binascii.Error:
            return Verdict.FORGED
        return Verdict.GOOD if key.verifies(_message(content, key), given) else Verdict.FORGED


def _message(content: Mapping[str, Any], key: SigningKey) -> bytes:
    return canonical({**content, "signature": {"key": key.id, "algorithm": key.family}})


SAMPLE_KEYS: Final = Keyring.parse(SAMPLE_KEY)
"""What the sample world is signed with: everybody knows it."""
TEST_KEYS: Final = Keyring.parse(TEST_KEY)
"""What the pytest plugin signs with: everybody knows it."""
