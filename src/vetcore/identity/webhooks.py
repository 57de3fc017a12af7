"""Verification of webhooks signed by Svix, which delivers Clerk's events.

A delivery carries ``svix-id``, ``svix-timestamp`` (Unix seconds) and ``svix-signature``. The last
holds one or more ``v1,<base64>``, separated by spaces. Each is the HMAC-SHA256 of
``id.timestamp.body`` (https://docs.svix.com/receiving/verifying-payloads/how-manual). A delivery is
retried with a new timestamp and the same id, so a ledger of handled deliveries uses the id.

The library ``standardwebhooks`` is not used for the signature: it reads the system clock, knows one
secret, and accepts some timestamps and signatures that were changed.
"""

import binascii
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from pydantic import SecretStr

from vetcore.clock import now
from vetcore.errors import ConfigurationError
from vetcore.identity.errors import (
    WebhookFromFuture,
    WebhookHeaderMalformed,
    WebhookHeaderMissing,
    WebhookSignatureMismatch,
    WebhookStale,
    WebhookTooLarge,
)

__all__ = [
    "LARGEST_BODY",
    "TOLERANCE",
    "Delivery",
    "read_body",
    "signing_keys",
    "verify_webhook",
]

TOLERANCE: Final = timedelta(minutes=5)
"""How old a delivery may be, or how far in the future, as the sender recommends."""

LARGEST_BODY: Final = 1024 * 1024
"""In bytes. A user's event has a few thousand, 8 KiB of metadata at most among them. Read the body
with :func:`read_body`, which stops there: one that :func:`verify_webhook` refuses is in memory already."""

_ID: Final = "svix-id"
_TIMESTAMP: Final = "svix-timestamp"
_SIGNATURE: Final = "svix-signature"

# A full stop in the id would let part of it pass for the timestamp.
_ID_FORM: Final = re.compile(r"[!-\-/-~]{1,100}")
_TIMESTAMP_FORM: Final = re.compile(r"[1-9][0-9]{0,10}")
_PREFIX: Final = "whsec_"
# A signature has 47 characters, and there is one for each secret that is in use.
_LONGEST_SIGNATURES: Final = 4096
# The Standard Webhooks specification asks for 192 bits at least.
_SHORTEST_SECRET: Final = 24
_LONGEST_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook whose origin and age are verified. Its content is not."""

    id: str
    """The id, which is the same for each attempt to deliver an event."""
    sent_at: datetime
    """When this attempt was made, in UTC."""
    payload: bytes = field(repr=False)
    """The body as it was signed."""


async def read_body(
    chunks: AsyncIterable[bytes],
    *,
    content_length: str | int | None = None,
    largest: int = LARGEST_BODY,
) -> bytes:
    """Return the body of a request, if it has at most ``largest`` bytes.

    ::

        body = await read_body(
            request.stream(), content_length=request.headers.get("content-length")
        )

    Args:
        chunks: the body as it comes in; reading stops when it is too long.
        content_length: the value of the header, if any; a value above ``largest`` is refused at once.
        largest: the limit in bytes.

    Raises:
        WebhookTooLarge: the body is longer than ``largest``.
    """
    declared = str(content_length or "").strip()
    if declared.isdecimal() and (len(declared) > _LONGEST_NUMBER or int(declared) > largest):
        raise WebhookTooLarge(size=None, largest=largest)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > largest:
            raise WebhookTooLarge(size=None, largest=largest)
    return bytes(body)


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    *,
    secrets: Sequence[str | SecretStr],
    tolerance: timedelta = TOLERANCE,
) -> Delivery:
    """Verify that a holder of one of ``secrets`` sent ``body`` within ``tolerance``.

    ``body`` is the raw body. A body that was parsed and serialised again does not match. Header
    names may be in any case. Several secrets allow rotation: one that matches suffices.

    A delivery that is repeated within ``tolerance`` verifies again, so remember the ids. In the
    mappings of some frameworks, a header can be there twice. It must then have the same value both
    times.

    Raises:
        WebhookRefused: a header is missing or malformed, the body has more than
            :data:`LARGEST_BODY` bytes, no signature matches, or the delivery is too old or from the
            future; each is a subclass with its own code. A delivery is only called stale once its
            signature was found genuine.
        ConfigurationError: there is no secret, or one that is not ``whsec_`` and base64.
    """
    keys = signing_keys(secrets)
    if len(body) > LARGEST_BODY:
        raise WebhookTooLarge(size=len(body), largest=LARGEST_BODY)
    delivery_id = _header(headers, _ID)
    timestamp = _header(headers, _TIMESTAMP)
    signatures = _header(headers, _SIGNATURE)
    if not _ID_FORM.fullmatch(delivery_id):
        raise WebhookHeaderMalformed(_ID, expected="up to 100 visible characters, no full stop")
    if not _TIMESTAMP_FORM.fullmatch(timestamp):
        raise WebhookHeaderMalformed(_TIMESTAMP, expected="whole seconds since 1970")
    if len(signatures) > _LONGEST_SIGNATURES:
        raise WebhookHeaderMalformed(
            _SIGNATURE, expected=f"{_LONGEST_SIGNATURES} characters at most"
        )

    signed = f"{delivery_id}.{timestamp}.".encode() + body
    expected = [b64encode(hmac.digest(key, signed, sha256)) for key in keys]
    # Compared as text: several base64 texts decode to the same bytes.
    if not any(
        hmac.compare_digest(candidate, signature)
        for candidate in _candidates(signatures)
        for signature in expected
    ):
        raise WebhookSignatureMismatch

    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    received_at = now()
    if sent_at < received_at - tolerance:
        raise WebhookStale(sent_at=sent_at, received_at=received_at)
    if sent_at > received_at + tolerance:
        raise WebhookFromFuture(sent_at=sent_at, received_at=received_at)
    return Delivery(id=delivery_id, sent_at=sent_at, payload=body)


def signing_keys(secrets: Sequence[str | SecretStr]) -> list[bytes]:
    """Return the keys that the secrets hold.

    Raises:
        ConfigurationError: there is no secret, or one that is not ``whsec_`` and base64.
    """
    keys = [_key(secret, position) for position, secret in enumerate(secrets, start=1)]
    if not keys:
        message = "no webhook signing secret is configured"
        raise ConfigurationError(message, setting="VETCORE_CLERK_WEBHOOK_SECRETS")
    return keys


def _header(headers: Mapping[str, str], name: str) -> str:
    values = {value for key, value in headers.items() if key.lower() == name}
    if not any(values):
        raise WebhookHeaderMissing(name)
    if len(values) > 1:
        raise WebhookHeaderMalformed(name, expected="one value")
    return values.pop()


def _candidates(header: str) -> Iterator[bytes]:
    for signature in header.split(" "):
        version, comma, digest = signature.partition(",")
        if comma and version == "v1":
            yield digest.encode("ascii", "replace")


def _key(secret: str | SecretStr, position: int) -> bytes:
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    encoded = text.removeprefix(_PREFIX)
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _SHORTEST_SECRET:
        message = (
            f"webhook signing secret {position} is not usable: expected {_PREFIX} followed "
            f"by at least {_SHORTEST_SECRET} bytes in base64, as the dashboard of Clerk shows it"
        )
        raise ConfigurationError(message)
    return key
