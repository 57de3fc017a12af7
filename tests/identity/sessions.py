"""Verifying session tokens without a network, for the tests of it."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt

from vetcore.clock import frozen
from vetcore.identity.clerk import SessionClaims, SessionVerifier

from .clerk_instance import ISSUER, NOON, PARTY, key_set, private_key


def verifier(**settings: Any) -> SessionVerifier:
    """A verifier that knows the key ``first`` and never fetches."""
    return SessionVerifier(
        **{
            "issuer": ISSUER,
            "authorized_parties": {PARTY},
            "jwks": key_set("first"),
            **settings,
        }
    )


async def verified(text: str, *, at: datetime = NOON, **settings: Any) -> SessionClaims:
    with frozen(at):
        return await verifier(**settings).verify(text)


def signed(payload: Mapping[str, object]) -> str:
    """What ``jwt.encode`` refuses to make: claims of wrong types, rightly signed."""
    return jwt.PyJWS().encode(
        json.dumps(payload).encode(), private_key("first"), "RS256", headers={"kid": "first"}
    )


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
