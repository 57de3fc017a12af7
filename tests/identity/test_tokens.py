import asyncio
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from vetcore.clock import frozen
from vetcore.errors import ConfigurationError
from vetcore.identity.clerk import Organization, SessionClaims, SessionVerifier
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
from vetcore.values.people import Role

from .clerk_instance import ISSUER, NOON, PARTY, Issuer, claims, jwk, key_set, private_key, token
from .sessions import base64url, signed, verified, verifier


async def test_a_session_token_says_who_asks_in_which_session_and_until_when() -> None:
    session = await verified(token())

    assert session.clerk_user_id == "user_2abc"
    assert session.session_id == "sess_2xyz"
    assert session.authorized_party == PARTY
    assert session.issued_at == NOON
    assert session.expires_at == NOON + timedelta(seconds=60)
    assert session.organization is None
    assert session.role is None
    assert session.impersonated_by is None
    assert session.claims["fva"] == [7, -1]


@pytest.mark.parametrize(
    "stated",
    [
        {"o": {"id": "org_1", "rol": "admin", "slg": "riverside", "per": "read", "fpm": "3"}},
        {"v": None, "org_id": "org_1", "org_role": "org:admin", "org_slug": "riverside"},
    ],
)
async def test_the_active_organisation_is_read_from_either_version_of_the_claims(
    stated: Mapping[str, object],
) -> None:
    session = await verified(token(**stated))

    assert session.organization == Organization(id="org_1", role="admin", slug="riverside")


async def test_a_token_may_leave_out_that_it_is_one() -> None:
    plain = token(header={"typ": None})
    assert "typ" not in jwt.get_unverified_header(plain)
    assert await verified(plain)


@pytest.mark.parametrize("role", ["owner", "groomer", "admin"])
async def test_of_a_role_the_prefix_goes_and_nothing_else(role: str) -> None:
    session = await verified(token(v=None, org_id="org_1", org_role=f"org:{role}"))
    assert session.organization is not None
    assert session.organization.role == role


@pytest.mark.parametrize(
    ("metadata", "role"),
    [
        ({"role": "veterinarian"}, Role.VETERINARIAN),
        ({"role": "emperor"}, None),
        ({"role": ["veterinarian"]}, None),
        ({}, None),
        ("veterinarian", None),
    ],
)
async def test_the_role_is_the_one_in_the_public_metadata(
    metadata: object, role: Role | None
) -> None:
    assert (await verified(token(metadata=metadata))).role is role


async def test_a_role_in_unsafe_metadata_is_not_a_role() -> None:
    session = await verified(token(unsafe_metadata={"role": "platform_admin"}))

    assert session.role is None


async def test_whoever_acts_in_a_users_name_is_named() -> None:
    session = await verified(token(act={"iss": ISSUER, "sid": "sess_3", "sub": "user_support"}))

    assert session.impersonated_by == "user_support"


async def test_an_actor_that_cannot_be_named_is_refused() -> None:
    with pytest.raises(TokenMalformed):
        await verified(token(act={"iss": ISSUER}))


# --- time ---------------------------------------------------------------------------------------


async def test_a_token_verifies_until_it_expires_and_the_leeway_is_over() -> None:
    expiry = NOON + timedelta(seconds=60)
    leeway = timedelta(seconds=5)

    await verified(token(), at=expiry + leeway - timedelta(microseconds=1))
    with pytest.raises(TokenExpired) as refusal:
        await verified(token(), at=expiry + leeway)

    assert refusal.value.code == "token_expired"
    assert refusal.value.details == {"expired_at": expiry.isoformat()}


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_verifies_from_when_it_is_valid_less_the_leeway(claim: str) -> None:
    start = NOON + timedelta(seconds=5)
    text = token(**{claim: int(start.timestamp())})

    await verified(text, at=NOON)
    with pytest.raises(TokenNotYetValid) as refusal:
        await verified(text, at=NOON - timedelta(microseconds=1))

    assert refusal.value.details == {"valid_from": start.isoformat()}


async def test_without_leeway_the_expiry_is_exact() -> None:
    with pytest.raises(TokenExpired):
        await verified(token(), at=NOON + timedelta(seconds=60), leeway=timedelta())


# --- whose token it is --------------------------------------------------------------------------


@pytest.mark.parametrize("party", ["https://evil.example", PARTY + "/", PARTY.upper(), "", None])
async def test_a_token_asked_for_by_anybody_but_an_authorised_party_is_refused(
    party: str | None,
) -> None:
    with pytest.raises(TokenPartyRefused) as refusal:
        await verified(token(azp=party))

    assert refusal.value.code == "token_party_refused"


async def test_a_token_without_a_party_is_accepted_only_where_any_party_is() -> None:
    session = await verified(token(azp=None), authorized_parties=None)

    assert session.authorized_party is None


@pytest.mark.parametrize("issuer", ["https://clerk.other.example", ISSUER + "/", ""])
async def test_a_token_of_another_issuer_is_refused(issuer: str) -> None:
    with pytest.raises(TokenIssuerMismatch):
        await verified(token(iss=issuer))


@pytest.mark.parametrize("audience", ["billing", ["billing", "mail"]])
async def test_a_token_for_a_named_audience_is_refused_where_none_is_configured(
    audience: object,
) -> None:
    with pytest.raises(TokenAudienceMismatch):
        await verified(token(aud=audience))


async def test_a_configured_audience_must_be_among_those_named() -> None:
    assert await verified(token(aud="api"), audience="api")
    assert await verified(token(aud=["mail", "api"]), audience="api")
    for aud in ("apiary", ["mail"], [], None):
        with pytest.raises(TokenAudienceMismatch):
            await verified(token(aud=aud), audience="api")


async def test_a_session_with_a_step_left_is_not_a_session_yet() -> None:
    assert await verified(token(sts="active"))
    with pytest.raises(SessionPending):
        await verified(token(sts="pending"))


@pytest.mark.parametrize("claim", ["iss", "sub", "sid", "exp", "nbf", "iat"])
async def test_a_token_without_a_claim_that_every_session_token_has_is_refused(claim: str) -> None:
    """Among them tokens from Clerk's JWT templates, signed with the same key but of no session."""
    with pytest.raises(TokenMalformed) as refusal:
        await verified(token(**{claim: None}) if claim != "iss" else signed(claims(iss=None)))

    assert refusal.value.details == {"claims": [claim]}


@pytest.mark.parametrize(
    "change",
    [{"exp": "soon"}, {"exp": True}, {"exp": 1e300}, {"exp": -1}, {"exp": 10**15}, {"exp": 10**400},
     {"nbf": [1]}, {"iat": {}}, {"sub": ""}, {"sub": "user 1"}, {"sub": "user\u0000"},
     {"sid": "s" * 256}, {"o": []}, {"azp": 1}, {"aud": {"api": 1}}],
)  # fmt: skip
async def test_a_claim_of_another_form_is_refused(change: Mapping[str, object]) -> None:
    with pytest.raises(TokenMalformed) as refusal:
        await verified(signed(claims(**change)))

    assert refusal.value.details == {"claims": list(change)}


@pytest.mark.parametrize("payload", [b"", b"[]", b"7", b"{", b'{"exp": NaN}', b"\xff", b"[" * 6000])
async def test_claims_that_are_not_a_json_object_are_refused(payload: bytes) -> None:
    text = jwt.PyJWS().encode(payload, private_key("first"), "RS256", headers={"kid": "first"})

    with pytest.raises(TokenMalformed):
        await verified(text)


# --- configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"issuer": ""}, "issuer"),
        ({"authorized_parties": PARTY}, "authorized_parties"),
        ({"authorized_parties": []}, "authorized_parties"),
        ({"issuer": f"{ISSUER}/"}, "slash"),
        ({"authorized_parties": [PARTY, f"{PARTY}/"]}, r"no origins.*example/ \("),
        ({"authorized_parties": [f"{PARTY}/login"]}, "no origins"),
        ({"authorized_parties": ["app.clinic.example"]}, "no origins"),
        ({"authorized_parties": ["https://*.clinic.example"]}, "no origins"),
        ({"authorized_parties": ["https://App.clinic.example"]}, "no origins"),
        ({"authorized_parties": [""]}, "no origins"),
        ({"leeway": timedelta(seconds=-1)}, "leeway"),
        ({"jwks_url": "https://clerk.clinic.example/jwks"}, "not both"),
        ({"jwks": {}}, "signing keys"),
        ({"jwks": {"keys": []}}, "signing keys"),
        ({"jwks": {"keys": [jwk("first", use="enc")]}}, "signing keys"),
        ({"jwks": None, "jwks_url": "http://clerk.clinic.example/jwks"}, "https"),
        ({"jwks": None, "jwks_url": "file:///etc/passwd"}, "https"),
        ({"jwks": None, "jwks_url": "jwks.json"}, "https"),
        ({"jwks": None, "jwks_url": "https:///jwks"}, "https"),
        ({"jwks": None, "jwks_url": "https://["}, "https"),
    ],
)
def test_settings_that_cannot_work_are_refused_when_the_verifier_is_made(
    settings: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        verifier(**settings)


@pytest.mark.parametrize(
    "origin",
    [PARTY, "http://localhost:3000", "http://[::1]:8000", "chrome-extension://abcdefghijklmnop"],
)
async def test_an_origin_is_what_browsers_send(origin: str) -> None:
    assert await verified(token(azp=origin), authorized_parties=[origin])


def test_by_default_the_keys_come_from_the_issuers_well_known_place() -> None:
    asked: list[str] = []

    async def fetch(url: str) -> object:
        asked.append(url)
        return key_set("first")

    settings = {"issuer": ISSUER, "authorized_parties": {PARTY}, "fetch": fetch}

    async def verify() -> SessionClaims:
        with frozen(NOON):
            return await SessionVerifier(**settings).verify(token())

    assert asyncio.run(verify()).clerk_user_id == "user_2abc"
    assert asked == [f"{ISSUER}/.well-known/jwks.json"]


async def test_keys_for_other_purposes_short_keys_and_nonsense_are_left_out() -> None:
    first = jwk("first")
    keys = [
        None,
        {},
        "key",
        jwk("no modulus", n=""),
        jwk("bad modulus", n="é"),
        {**first, "kid": ""},
        jwk("first", kid="encryption", use="enc"),
        jwk("first", kid="other algorithm", alg="RS512"),
        {"kty": "oct", "kid": "shared secret", "k": "c2VjcmV0", "alg": "HS256"},
        RSAJWK_1024,
        first,
    ]

    assert await verified(token(), jwks={"keys": keys})
    for kid in ("encryption", "other algorithm", "shared secret", "short", "no modulus"):
        with pytest.raises(TokenKeyUnknown):
            await verified(token(header={"kid": kid}), jwks={"keys": keys})


RSAJWK_1024 = {
    **jwk("first", kid="short"),
    "n": base64url(private_key("short", 1024).public_key().public_numbers().n.to_bytes(128)),
}


async def test_a_private_key_published_by_mistake_serves_as_the_public_key_that_it_holds() -> None:
    private = jwt.algorithms.RSAAlgorithm.to_jwk(private_key("first"), as_dict=True)

    assert await verified(token(), jwks={"keys": [{**private, "kid": "first"}]})


def test_without_the_extra_the_error_says_what_to_install() -> None:
    for blocked in ("jwt", "cryptography", "httpx"):
        outcome = subprocess.run(
            [sys.executable, "-c", _WITHOUT.format(blocked=blocked)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.stdout.strip() == "refused", outcome.stderr


_WITHOUT = """
import sys
sys.modules["{blocked}"] = None
from vetcore.errors import ConfigurationError
from vetcore.identity.clerk import verify_webhook  # needs no extra
try:
    from vetcore.identity.clerk import SessionVerifier
    SessionVerifier(issuer="https://clerk.example.com", authorized_parties=None)
except ConfigurationError as error:
    assert "pip install 'vetcore[clerk]'" in str(error), error
    print("refused")
"""


async def test_a_token_verifies_against_a_key_set_fetched_over_http(issuer: Issuer) -> None:
    with frozen(datetime.now(UTC)):
        issued = int(datetime.now(UTC).timestamp())
        text = token(iat=issued, nbf=issued - 10, exp=issued + 60)
        session = await verifier(jwks=None, jwks_url=issuer.url).verify(text)

    assert session.clerk_user_id == "user_2abc"
    assert issuer.requests == 1
