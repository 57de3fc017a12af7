"""What a refusal says, in words and in its details, and what the settings make of a verifier."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from vetcore.errors import ConfigurationError, VetcoreError
from vetcore.identity import errors
from vetcore.identity.clerk import KeyCachePolicy
from vetcore.identity.tokens import SessionVerifier
from vetcore.settings import ClerkSettings

from .clerk_instance import ISSUER, NOON, PARTY

SENT = {"sent_at": NOON - timedelta(hours=1), "received_at": NOON}
LONG = "x" * 500


@pytest.mark.parametrize(
    ("refusal", "message", "details"),
    [
        (errors.WebhookHeaderMissing("svix-id"), "the header svix-id is missing", None),
        (
            errors.WebhookHeaderMalformed("svix-id", expected="text"),
            "the header svix-id is malformed (expected text)",
            None,
        ),
        (errors.WebhookTooLarge(size=9, largest=5), "the webhook has 9 bytes, more than 5", None),
        (errors.WebhookTooLarge(largest=5), "the webhook has more than 5 bytes", None),
        (errors.WebhookSignatureMismatch(), "no signature of the webhook matches", {}),
        (errors.WebhookStale(**SENT), "the webhook is too old: sent at", None),
        (errors.WebhookFromFuture(**SENT), "the webhook is from the future: sent at", None),
        (errors.TokenAlgorithmRefused(), "the token is not signed with RS256", {}),
        (
            errors.TokenKeyUnknown(key_id=LONG),
            f"no signing key '{'x' * 80}' is published",
            {"key_id": "x" * 80},
        ),
        (errors.TokenSignatureMismatch(), "the signature of the token does not match", {}),
        (
            errors.TokenIssuerMismatch(issuer=LONG),
            f"the token was issued by '{'x' * 200}'",
            {"issuer": "x" * 200},
        ),
        (errors.TokenAudienceMismatch(), "the token is not meant for this audience", {}),
        (
            errors.TokenPartyRefused(party=LONG),
            f"'{'x' * 200}' is not an authorised party",
            {"party": "x" * 200},
        ),
        (
            errors.TokenPartyRefused(party=None),
            "the token names no authorised party",
            {},
        ),
        (errors.TokenExpired(expired_at=NOON), f"the token expired at {NOON.isoformat()}", None),
        (
            errors.TokenNotYetValid(valid_from=NOON),
            f"the token is valid from {NOON.isoformat()}",
            None,
        ),
        (
            errors.SessionPending(status=LONG),
            f"the session is {'x' * 40}, not active",
            {"status": "x" * 40},
        ),
        (errors.AccountDeleted(), "the account that this token was issued for was deleted", {}),
        (errors.SigningKeysUnavailable(), "the signing keys of the issuer cannot be fetched", {}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, VetcoreError) else "",
)
def test_a_refusal_says_why_and_of_what_a_stranger_sent_only_so_much(
    refusal: VetcoreError, message: str, details: dict[str, Any] | None
) -> None:
    assert message in refusal.message
    assert len(str(refusal)) < 300
    if details is not None:
        assert refusal.details == details


class _Made(SessionVerifier):
    def __init__(self, **given: Any) -> None:
        self.given = given


def test_every_setting_of_session_tokens_reaches_the_verifier() -> None:
    cache = KeyCachePolicy(ttl=timedelta(minutes=1))
    settings = ClerkSettings(
        issuer=ISSUER,
        authorized_parties=(PARTY,),
        jwks_url="https://keys.example/jwks",
        audience="api",
    )
    assert _Made.from_settings(settings, cache=cache).given == {
        "issuer": ISSUER,
        "authorized_parties": (PARTY,),
        "jwks_url": "https://keys.example/jwks",
        "audience": "api",
        "cache": cache,
    }


def test_each_setting_without_which_no_token_can_be_verified_is_named() -> None:
    secrets = (SecretStr("whsec_c2VjcmV0"),)
    with pytest.raises(ConfigurationError) as refused:
        SessionVerifier.from_settings(ClerkSettings(webhook_secrets=secrets))
    assert "VETCORE_CLERK_ISSUER and VETCORE_CLERK_AUTHORIZED_PARTIES" in refused.value.message
    with pytest.raises(ConfigurationError) as refused:
        SessionVerifier.from_settings(ClerkSettings(issuer=ISSUER))
    assert "ISSUER" not in refused.value.message
    assert "VETCORE_CLERK_AUTHORIZED_PARTIES" in refused.value.message
