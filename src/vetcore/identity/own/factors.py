"""The second factor of an authenticator app (RFC 6238): six digits that change every half minute."""

from datetime import datetime
from typing import Any, Final

from vetcore.errors import ConfigurationError

__all__ = ["new_secret", "setup_address", "step_of"]

_PERIOD: Final = 30
_DRIFT: Final = 1
"""How many periods a clock may be off."""


def new_secret() -> str:
    """Return a secret for an app and for us: 160 random bits in base32."""
    made: str = _pyotp().random_base32()
    return made


def setup_address(secret: str, *, email: str, platform: str) -> str:
    """Return the address that an app reads from a QR code."""
    made: str = _pyotp().TOTP(secret).provisioning_uri(name=email, issuer_name=platform)
    return made


def step_of(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """Return the period whose code this is, or None if it is no code of about now.

    Args:
        secret: what the app has.
        code: the six digits.
        at: now.
        after: the period of the last code that was taken; no code is taken twice.
    """
    now = int(at.timestamp()) // _PERIOD
    totp = _pyotp().TOTP(secret)
    found = [
        step
        for step in range(now - _DRIFT, now + _DRIFT + 1)
        if step > after and totp.verify(code, for_time=step * _PERIOD)
    ]
    return found[0] if found else None


def _pyotp() -> Any:
    try:
        import pyotp  # noqa: PLC0415 -- only who has a second factor
    except ImportError as missing:
        message = "codes of authenticator apps need pyotp: pip install 'vetcore[accounts]'"
        raise ConfigurationError(message, extra="accounts") from missing
    return pyotp
