"""Why a webhook or a session token was refused.

::

    NotAuthenticated
    ├── WebhookRefused
    │   ├── WebhookHeaderMissing
    │   ├── WebhookHeaderMalformed
    │   ├── WebhookTooLarge
    │   ├── WebhookSignatureMismatch
    │   ├── WebhookStale
    │   └── WebhookFromFuture
    └── TokenRefused
        ├── TokenMalformed
        ├── TokenAlgorithmRefused
        ├── TokenKeyUnknown
        ├── TokenSignatureMismatch
        ├── TokenIssuerMismatch
        ├── TokenAudienceMismatch
        ├── TokenPartyRefused
        ├── TokenExpired
        ├── TokenNotYetValid
        ├── SessionPending
        ├── ImpersonatorUnknown
        └── AccountDeleted
    AccessError
    └── SigningKeysUnavailable     who is asking cannot be established just now   (retryable)

A service answers the first two families with 401, ``WebhookTooLarge`` with 413, and the last with
503. No error carries a secret, a signature, a token or a payload.
"""

from datetime import datetime
from typing import ClassVar

from vetcore.errors import AccessError, NotAuthenticated

__all__ = [
    "AccountDeleted",
    "ImpersonatorUnknown",
    "SessionPending",
    "SigningKeysUnavailable",
    "TokenAlgorithmRefused",
    "TokenAudienceMismatch",
    "TokenExpired",
    "TokenIssuerMismatch",
    "TokenKeyUnknown",
    "TokenMalformed",
    "TokenNotYetValid",
    "TokenPartyRefused",
    "TokenRefused",
    "TokenSignatureMismatch",
    "WebhookFromFuture",
    "WebhookHeaderMalformed",
    "WebhookHeaderMissing",
    "WebhookRefused",
    "WebhookSignatureMismatch",
    "WebhookStale",
    "WebhookTooLarge",
]


class WebhookRefused(NotAuthenticated):
    """A webhook was not shown to come from the holder of the signing secret at this time."""

    code = "webhook_refused"
    title = "The webhook was refused"


class WebhookHeaderMissing(WebhookRefused):
    """A header that every signed webhook carries is absent or empty."""

    code = "webhook_header_missing"

    def __init__(self, header: str) -> None:
        super().__init__(f"the header {header} is missing", header=header)


class WebhookHeaderMalformed(WebhookRefused):
    """A header does not have the sender's form, or is there twice with different values."""

    code = "webhook_header_malformed"

    def __init__(self, header: str, *, expected: str) -> None:
        super().__init__(
            f"the header {header} is malformed (expected {expected})",
            header=header,
            expected=expected,
        )


class WebhookTooLarge(WebhookRefused):
    """The body is longer than any that the sender makes. It was not read."""

    code = "webhook_too_large"

    def __init__(self, *, size: int | None = None, largest: int) -> None:
        told = "more" if size is None else f"{size} bytes, more"
        super().__init__(f"the webhook has {told} than {largest} bytes", size=size, largest=largest)


class WebhookSignatureMismatch(WebhookRefused):
    """No signature matches a secret: the webhook is forged, altered or signed by another secret."""

    code = "webhook_signature_mismatch"

    def __init__(self) -> None:
        super().__init__("no signature of the webhook matches a known secret")


class _WebhookOutOfTime(WebhookRefused):
    phrase: ClassVar[str]

    def __init__(self, *, sent_at: datetime, received_at: datetime) -> None:
        super().__init__(
            f"the webhook is {self.phrase}: sent at {sent_at.isoformat()}, "
            f"received at {received_at.isoformat()}",
            sent_at=sent_at,
            received_at=received_at,
        )


class WebhookStale(_WebhookOutOfTime):
    """The webhook is genuine, but too old: it is a replay, or a clock is wrong."""

    code = "webhook_stale"
    phrase = "too old"


class WebhookFromFuture(_WebhookOutOfTime):
    """The webhook is genuine, but sent later than now by more than tolerated: a clock is wrong."""

    code = "webhook_from_future"
    phrase = "from the future"


class TokenRefused(NotAuthenticated):
    """A session token did not verify."""

    code = "token_refused"
    title = "The session token was refused"


class TokenMalformed(TokenRefused):
    """The text is not a signed token, or lacks claims that every session token has."""

    code = "token_malformed"


class TokenAlgorithmRefused(TokenRefused):
    """The token is signed in another way than RS256, or not at all."""

    code = "token_algorithm_refused"

    def __init__(self) -> None:
        super().__init__("the token is not signed with RS256")


class TokenKeyUnknown(TokenRefused):
    """The issuer publishes no signing key with the token's key id."""

    code = "token_key_unknown"

    def __init__(self, *, key_id: str) -> None:
        super().__init__(f"no signing key {key_id[:80]!r} is published", key_id=key_id[:80])


class TokenSignatureMismatch(TokenRefused):
    """The signature was not made with the key that the token names."""

    code = "token_signature_mismatch"

    def __init__(self) -> None:
        super().__init__("the signature of the token does not match")


class TokenIssuerMismatch(TokenRefused):
    """Another instance issued the token."""

    code = "token_issuer_mismatch"

    def __init__(self, *, issuer: str) -> None:
        super().__init__(f"the token was issued by {issuer[:200]!r}", issuer=issuer[:200])


class TokenAudienceMismatch(TokenRefused):
    """The token is for another audience than this service, or lacks the required audience."""

    code = "token_audience_mismatch"

    def __init__(self) -> None:
        super().__init__("the token is not meant for this audience")


class TokenPartyRefused(TokenRefused):
    """The token names no origin, or an origin that is not among the authorised parties."""

    code = "token_party_refused"

    def __init__(self, *, party: str | None) -> None:
        shown = None if party is None else party[:200]
        super().__init__(
            "the token names no authorised party (azp)"
            if shown is None
            else f"{shown!r} is not an authorised party (azp)",
            party=shown,
        )


class TokenExpired(TokenRefused):
    """The token has expired, even with clock skew allowed for. The client must get a new one."""

    code = "token_expired"

    def __init__(self, *, expired_at: datetime) -> None:
        super().__init__(f"the token expired at {expired_at.isoformat()}", expired_at=expired_at)


class TokenNotYetValid(TokenRefused):
    """The token is not valid yet, even with clock skew allowed for: a clock is wrong."""

    code = "token_not_yet_valid"

    def __init__(self, *, valid_from: datetime) -> None:
        super().__init__(f"the token is valid from {valid_from.isoformat()}", valid_from=valid_from)


class SessionPending(TokenRefused):
    """The user signed in but has a required step left, so the session does not count yet."""

    code = "session_pending"

    def __init__(self, *, status: str) -> None:
        super().__init__(f"the session is {status[:40]}, not active", status=status[:40])


class ImpersonatorUnknown(TokenRefused):
    """The token lets somebody act in the user's name (``act``) who has no account here."""

    code = "impersonator_unknown"

    def __init__(self) -> None:
        super().__init__("whoever acts in the name of the user has no account here")


class AccountDeleted(TokenRefused):
    """The token is genuine, but its account was deleted after it was issued."""

    code = "account_deleted"

    def __init__(self) -> None:
        super().__init__("the account that this token was issued for was deleted")


class SigningKeysUnavailable(AccessError):
    """The issuer's signing keys cannot be fetched, and no usable key is cached."""

    code = "signing_keys_unavailable"
    title = "Session tokens cannot be verified at the moment"
    retryable = True

    def __init__(self) -> None:
        super().__init__("the signing keys of the issuer cannot be fetched; try again shortly")
