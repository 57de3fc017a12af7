"""The service with vetcore's sample world behind it, and clients who are signed in."""

import json
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import timedelta
from io import StringIO
from logging import getLogger
from typing import Any

import httpx
import jwt
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from jwt.algorithms import RSAAlgorithm
from pydantic import SecretStr

from clinic_service.app import create_app
from clinic_service.settings import ServiceSettings
from vetcore import Database, Settings, clock, logging, samples
from vetcore.identity.clerk import SessionVerifier
from vetcore.models import User

ISSUER, ORIGIN = "https://clerk.example.com", "https://clinic.example.com"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY_SET = {
    "keys": [
        {"kid": "local", "use": "sig", "alg": "RS256"}
        | json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
    ]
}

SignIn = Callable[..., httpx.AsyncClient]


def session_token(user: User, **claims: Any) -> str:
    """What Clerk would issue for the user."""
    now = clock.now()
    usual = {
        "iss": ISSUER,
        "sub": user.clerk_user_id,
        "sid": "sess_1",
        "azp": ORIGIN,
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=1)).timestamp()),
    }
    return jwt.encode(usual | claims, KEY, algorithm="RS256", headers={"kid": "local"})


@pytest.fixture
async def world(db: Database) -> samples.Loaded:
    """Clinics, their people and their patients; everybody has an account at Clerk."""
    async with db.transaction() as session:
        loaded = await samples.load(session, today=clock.now().date())
        for person in loaded.users.values():
            person.clerk_user_id = f"user_{person.id.hex}"
    return loaded


@pytest.fixture
def log() -> Generator[StringIO]:
    """What is logged, a JSON object a line."""
    root = getLogger()
    before = root.handlers[:], root.level
    stream = StringIO()
    logging.configure(Settings.load({"VETCORE_LOGGING_FORMAT": "json"}).logging, stream=stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
async def app(database_url: str, log: StringIO) -> AsyncGenerator[FastAPI]:
    """The service, started; it logs to ``log``."""
    del log
    settings = Settings.load(
        {
            "VETCORE_DATABASE_URL": database_url,
            "VETCORE_CLERK_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        },
        env_file=None,
    )
    verifier = SessionVerifier(issuer=ISSUER, authorized_parties=[ORIGIN], jwks=KEY_SET)
    own = ServiceSettings(calendar_secret=SecretStr("a secret of the tests"))
    made = create_app(settings, own, verifier=verifier)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody who is not signed in."""
    async with _client(app) as opened:
        yield opened


@pytest.fixture
async def sign_in(app: FastAPI) -> SignIn:
    """``sign_in(user)`` is a client with a session token of theirs."""

    def signed_in(user: User, **claims: Any) -> httpx.AsyncClient:
        return _client(app, {"Authorization": f"Bearer {session_token(user, **claims)}"})

    return signed_in


def _client(app: FastAPI, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    # As a real server does, it answers before an error reaches whoever called.
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://clinic", headers=headers)


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
