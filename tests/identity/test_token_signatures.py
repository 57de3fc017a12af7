"""A session token is believed only if it was signed as it must be, whatever is done to it."""

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import example, given
from hypothesis import strategies as st

from vetcore.errors import AccessError, NotAuthenticated
from vetcore.identity.errors import (
    TokenAlgorithmRefused,
    TokenKeyUnknown,
    TokenMalformed,
    TokenRefused,
    TokenSignatureMismatch,
)

from .clerk_instance import PARTY, claims, jwk, private_key, token
from .sessions import base64url, signed, verified


def _public_pem(name: str) -> bytes:
    return (
        private_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


async def test_a_token_signed_with_another_key_under_a_known_id_is_refused() -> None:
    with pytest.raises(TokenSignatureMismatch):
        await verified(token("second", header={"kid": "first"}))


async def test_a_token_signed_with_a_key_that_is_not_published_is_refused() -> None:
    with pytest.raises(TokenKeyUnknown) as refusal:
        await verified(token("second"))

    assert refusal.value.details == {"key_id": "second"}


async def test_the_public_key_does_not_serve_as_a_shared_secret() -> None:
    """The classic confusion: HS256 with the public key, which everybody has, as the secret."""
    import hashlib
    import hmac

    for alg in ("HS256", "hs256", "RS256 "):
        header = base64url(json.dumps({"alg": alg, "typ": "JWT", "kid": "first"}).encode())
        signing_input = f"{header}.{base64url(json.dumps(claims()).encode())}"
        mac = hmac.digest(_public_pem("first"), signing_input.encode(), hashlib.sha256)

        with pytest.raises(TokenAlgorithmRefused):
            await verified(f"{signing_input}.{base64url(mac)}")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, ["RS256"]])
async def test_an_unsigned_token_is_refused(alg: object) -> None:
    header = base64url(json.dumps({"alg": alg, "typ": "JWT", "kid": "first"}).encode())

    with pytest.raises(TokenAlgorithmRefused):
        await verified(f"{header}.{base64url(json.dumps(claims()).encode())}.")


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
async def test_only_rs256_is_accepted_even_with_the_right_key(alg: str) -> None:
    text = jwt.encode(claims(), private_key("first"), alg, headers={"kid": "first"})

    with pytest.raises(TokenAlgorithmRefused):
        await verified(text)


@pytest.mark.parametrize(
    "header",
    [{"kid": ""}, {"typ": "at+jwt"}, {"crit": ["exp"], "exp": 1}],
)
async def test_a_token_that_names_no_key_or_is_of_another_type_is_refused(
    header: dict[str, Any],
) -> None:
    with pytest.raises(TokenMalformed):
        await verified(token(header=header))


async def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    text = token("second", header={"kid": "first", "jwk": jwk("second"), "jku": "https://evil"})

    with pytest.raises(TokenSignatureMismatch):
        await verified(text)


async def test_a_payload_exchanged_under_a_right_signature_is_refused() -> None:
    header, _, signature = token().split(".")
    payload = base64url(json.dumps(claims(sub="user_admin")).encode())

    with pytest.raises(TokenSignatureMismatch):
        await verified(f"{header}.{payload}.{signature}")


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 20_000, "é.é.é", "\ud800", "a b"])
async def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenMalformed):
        await verified(text)


async def test_a_token_too_long_for_any_cookie_is_refused_unread() -> None:
    assert await verified(token(padding="x" * 10_000))
    with pytest.raises(TokenMalformed):
        await verified(token(padding="x" * 16_000))


RIGHT = token()


anything = st.characters(max_codepoint=0x2FF, exclude_categories=[])


@given(st.integers(0, len(RIGHT) - 1), anything, st.sampled_from(["change", "add", "drop", "cut"]))
@example(RIGHT.index("."), " ", "change")
@example(len(RIGHT) - 1, "=", "add")
async def test_no_mutation_of_a_token_is_accepted(place: int, character: str, how: str) -> None:
    mutation = {
        "change": RIGHT[:place] + character + RIGHT[place + 1 :],
        "add": RIGHT[:place] + character + RIGHT[place:],
        "drop": RIGHT[:place] + RIGHT[place + 1 :],
        "cut": RIGHT[:place],
    }[how]
    if mutation == RIGHT:
        return
    with pytest.raises(AccessError) as refusal:
        await verified(mutation)
    assert isinstance(refusal.value, NotAuthenticated)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "x5c"]), json_values),
    st.binary(max_size=20),
)
async def test_an_arbitrary_header_is_refused_and_nothing_else(
    header: dict[str, object], signature: bytes
) -> None:
    text = ".".join(
        base64url(part)
        for part in (json.dumps(header).encode(), json.dumps(claims()).encode(), signature)
    )
    with pytest.raises(TokenRefused):
        await verified(text)


@given(st.dictionaries(st.sampled_from(["iss", "sub", "sid", "exp", "nbf", "iat", "azp", "aud",
       "sts", "act", "o", "org_id", "metadata", "v"]), json_values, max_size=4))  # fmt: skip
async def test_arbitrary_claims_are_accepted_or_refused_and_nothing_else(
    changes: dict[str, object],
) -> None:
    try:
        session = await verified(signed({**claims(), **changes}))
    except AccessError as refusal:
        assert isinstance(refusal, TokenRefused)  # noqa: PT017 -- either outcome is right
    else:
        assert session.authorized_party == PARTY
