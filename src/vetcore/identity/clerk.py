"""Clerk: webhooks, accounts and session tokens.

::

    body = await read_body(request.stream())
    outcome = await db.run(
        lambda session: receive(
            session, headers=request.headers, body=body, secrets=settings.clerk.webhook_secrets
        )
    )

    verifier = SessionVerifier.from_settings(settings.clerk)
    claims = await verifier.verify(token)
    user = await db.run(lambda session: ensure_user(session, claims))

Webhooks and accounts need no extra. Session tokens need the extra ``clerk``. Each name is loaded
when it is first used. :mod:`vetcore.identity.errors` lists the reasons for which something is
refused.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.identity.accounts import (
        Outcome,
        anonymize,
        apply_event,
        ensure_user,
        find_user,
    )
    from vetcore.identity.addresses import has_address
    from vetcore.identity.claims import Organization, SessionClaims
    from vetcore.identity.deliveries import prune_deliveries, receive
    from vetcore.identity.errors import (
        AccountDeleted,
        ImpersonatorUnknown,
        SigningKeysUnavailable,
        TokenRefused,
        WebhookRefused,
    )
    from vetcore.identity.events import (
        ClerkEvent,
        ClerkUser,
        UserCreated,
        UserDeleted,
        UserUpdated,
        normalize_user,
        parse_event,
    )
    from vetcore.identity.keys import KeyCachePolicy
    from vetcore.identity.tokens import SessionVerifier
    from vetcore.identity.webhooks import Delivery, read_body, verify_webhook

__all__ = [
    "AccountDeleted",
    "ClerkEvent",
    "ClerkUser",
    "Delivery",
    "ImpersonatorUnknown",
    "KeyCachePolicy",
    "Organization",
    "Outcome",
    "SessionClaims",
    "SessionVerifier",
    "SigningKeysUnavailable",
    "TokenRefused",
    "UserCreated",
    "UserDeleted",
    "UserUpdated",
    "WebhookRefused",
    "anonymize",
    "apply_event",
    "ensure_user",
    "find_user",
    "has_address",
    "normalize_user",
    "parse_event",
    "prune_deliveries",
    "read_body",
    "receive",
    "verify_webhook",
]

_HOMES = {
    "AccountDeleted": "errors",
    "ClerkEvent": "events",
    "ClerkUser": "events",
    "Delivery": "webhooks",
    "ImpersonatorUnknown": "errors",
    "KeyCachePolicy": "keys",
    "Organization": "claims",
    "Outcome": "accounts",
    "SessionClaims": "claims",
    "SessionVerifier": "tokens",
    "SigningKeysUnavailable": "errors",
    "TokenRefused": "errors",
    "UserCreated": "events",
    "UserDeleted": "events",
    "UserUpdated": "events",
    "WebhookRefused": "errors",
    "anonymize": "accounts",
    "apply_event": "accounts",
    "ensure_user": "accounts",
    "find_user": "accounts",
    "has_address": "addresses",
    "normalize_user": "events",
    "parse_event": "events",
    "prune_deliveries": "deliveries",
    "read_body": "webhooks",
    "receive": "deliveries",
    "verify_webhook": "webhooks",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"vetcore.identity.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
