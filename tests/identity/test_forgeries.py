"""More than three hundred forgeries of each provider's tokens, none of which is believed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from vetcore.clock import frozen
from vetcore.identity.clerk import SessionVerifier
from vetcore.identity.errors import TokenRefused
from vetcore.identity.oidc import OidcVerifier

from .clerk_instance import ISSUER, NOON, PARTY, claims, key_set
from .forging import forgeries, signed

PROVIDER, CLIENT = "https://id.example.org/realms/vets", "vetcore-web"


def _oidc_claims(**changes: Any) -> dict[str, Any]:
    issued = int(NOON.timestamp())
    said = {
        "iss": PROVIDER,
        "sub": "248289761001",
        "aud": CLIENT,
        "azp": CLIENT,
        "iat": issued,
        "nbf": issued,
        "exp": issued + 300,
        "email": "ana@example.com",
        "email_verified": True,
    }
    return {**said, **changes}


CLERK = SessionVerifier(issuer=ISSUER, authorized_parties={PARTY}, jwks=key_set("first"))
OIDC = OidcVerifier(issuer=PROVIDER, audience=CLIENT, jwks=key_set("first"))
OTHER_PARTIES = [
    None, "", "null", f"{PARTY}/", PARTY.upper(), f"{PARTY}.evil.example", "https://evil.example",
    f"{PARTY}:8443", PARTY.replace("https", "http"), f" {PARTY}", [PARTY], {"azp": PARTY}, 1, True,
]  # fmt: skip
OTHER_AUDIENCES = [
    None, "", [], "vetcore", "VETCORE-WEB", f"{CLIENT} ", f" {CLIENT}", f"{CLIENT}\x00", 1, True,
    {"aud": CLIENT}, ["other"], [[CLIENT]], [1], "vetcore-web,other", "*", ["*"], f"{CLIENT}.evil",
]  # fmt: skip
STRANGERS: Mapping[str, Mapping[str, Any]] = {
    "clerk": {
        "azp": OTHER_PARTIES,
        "aud": ["anybody", ["anybody"], PARTY, 1, {}, [1]],
        "sid": [None, "", "a b", 1, [], {}],
        "sts": ["pending", "", "ACTIVE", 1],
        "act": ["user_x", {}, {"sub": ""}, {"sub": 1}, []],
    },
    "oidc": {
        "aud": OTHER_AUDIENCES,
        "azp": ["other", "", f"{CLIENT} ", 1, [CLIENT], True],
        "act": ["user_x", {}, {"sub": ""}, {"sub": 1}, []],
        "email_verified": ["true", 1, "yes"],
        "email": [1, [], {}],
    },
}
GENUINE: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "clerk": (CLERK, claims()),
    "oidc": (OIDC, _oidc_claims()),
}


@pytest.mark.parametrize("provider", GENUINE)
async def test_no_forgery_is_believed(provider: str) -> None:
    verifier, said = GENUINE[provider]
    believed: list[str] = []
    tried = 0
    with frozen(NOON):
        await verifier.verify(signed(said))
        for name, text in forgeries(said, STRANGERS[provider]):
            tried += 1
            try:
                await verifier.verify(text)
            except TokenRefused:
                continue
            believed.append(name)
    assert believed == []
    assert tried >= 300


@pytest.mark.parametrize("provider", GENUINE)
async def test_the_token_of_one_provider_is_none_of_the_other(provider: str) -> None:
    (other,) = set(GENUINE) - {provider}
    with frozen(NOON), pytest.raises(TokenRefused):
        await GENUINE[provider][0].verify(signed(GENUINE[other][1]))


async def test_a_token_for_several_says_for_whom_it_was_issued() -> None:
    with frozen(NOON):
        several = _oidc_claims(aud=["other", CLIENT])
        assert (await OIDC.verify(signed(several))).subject == "248289761001"
        del several["azp"]
        with pytest.raises(TokenRefused, match="azp"):
            await OIDC.verify(signed(several))


@pytest.mark.parametrize(("late", "taken"), [(304, True), (305, False)])
async def test_a_token_is_taken_to_the_end_of_the_leeway(late: int, *, taken: bool) -> None:
    with frozen(NOON + timedelta(seconds=late)):
        if taken:
            await OIDC.verify(signed(_oidc_claims()))
        else:
            with pytest.raises(TokenRefused, match="expired"):
                await OIDC.verify(signed(_oidc_claims()))
