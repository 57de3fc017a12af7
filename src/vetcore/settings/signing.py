"""The form of a key that signs, and those that everybody knows."""

import base64
import binascii
import re
from typing import Final, NamedTuple

__all__ = ["SAMPLE_KEY", "TEST_KEY", "WELL_KNOWN", "Parts", "parts_of"]

_FORM: Final = re.compile(
    r"(?P<id>[a-z0-9][a-z0-9_-]{0,31}):(?P<algorithm>hmac-sha256|ed25519|ed25519-public):"
    r"(?P<secret>[A-Za-z0-9+/_-]+={0,2})"
)
_SHAPE: Final = "should look like ID:ALGORITHM:BASE64, with hmac-sha256, ed25519 or ed25519-public"
_SIZE: Final = 32

SAMPLE_KEY: Final = "sample:hmac-sha256:QvjSDi+vhQ147i0G9XLeL/q8irQ+QWeLXAqdyc40BaY="
"""Of the sample world and the demonstration."""
TEST_KEY: Final = "test:hmac-sha256:1OpZrGk3MMpiwUORNsT2+gfI0IvT6CpDTJB4Wkg+IhU="
"""Of the pytest plugin."""


class Parts(NamedTuple):
    """A key, taken apart."""

    id: str
    algorithm: str
    secret: bytes


def parts_of(text: str) -> Parts:
    """Take a key apart.

    Raises:
        ValueError: it is none; the message does not repeat it.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(_SHAPE)
    try:
        plain = match["secret"].rstrip("=").replace("-", "+").replace("_", "/")
        secret = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise ValueError(_SHAPE) from None
    if len(secret) < _SIZE or (match["algorithm"] != "hmac-sha256" and len(secret) != _SIZE):
        message = f"should have a secret of {_SIZE} bytes"
        raise ValueError(message)
    return Parts(match["id"], match["algorithm"], secret)


WELL_KNOWN: Final = (parts_of(SAMPLE_KEY), parts_of(TEST_KEY))
"""Keys that are published with the package; what is deployed must not use them."""
