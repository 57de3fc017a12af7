"""A Clerk instance of our own: real RSA keys, real tokens, a real server for the key set."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://clerk.clinic.example"
PARTY = "https://app.clinic.example"
NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


@cache
def private_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key for each name, made once."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(name: str, **changes: Any) -> dict[str, Any]:
    """The published form of that key."""
    public: dict[str, Any] = RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True)
    del public["key_ops"]
    return {**public, "kid": name, "use": "sig", "alg": "RS256", **changes}


def key_set(*names: str) -> dict[str, Any]:
    return {"keys": [jwk(name) for name in names]}


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of an ordinary session token, valid for a minute; None removes one."""
    issued = int(NOON.timestamp())
    ordinary = {
        "iss": ISSUER,
        "sub": "user_2abc",
        "sid": "sess_2xyz",
        "azp": PARTY,
        "iat": issued,
        "nbf": issued - 10,
        "exp": issued + 60,
        "v": 2,
        "fva": [7, -1],
    }
    return {name: value for name, value in {**ordinary, **changes}.items() if value is not None}


def token(key: str = "first", *, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A session token signed with that key."""
    return jwt.encode(
        claims(**changes),
        private_key(key),
        algorithm="RS256",
        headers={"kid": key, **(header or {})},
    )


@dataclass
class Issuer:
    """What the server of the key set does, and how often it was asked."""

    document: Any = None
    status: int = 200
    delay: timedelta = timedelta()
    requests: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, *names: str) -> None:
        self.document, self.status = key_set(*names), 200
