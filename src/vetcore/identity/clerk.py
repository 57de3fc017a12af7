"""Clerk: webhooks, accounts and session tokens.

::

    verifier = SessionVerifier.from_settings(settings.clerk)
    claims = await verifier.verify(token)
    user = await db.run(lambda session: ensure_user(session, claims))

Webhooks and accounts need nothing beyond vetcore itself. Session tokens need the extra ``clerk``;
each name loads when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetcore.identity.accounts import Outcome, anonymize, apply_event, ensure_user, has_address
    from vetcore.identity.claims import Organization, SessionClaims
    from vetcore.identity.deliveries import receive
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
    from vetcore.identity.webhooks import Delivery, verify_webhook

__all__ = [
    "ClerkEvent",
    "ClerkUser",
    "Delivery",
    "KeyCachePolicy",
    "Organization",
    "Outcome",
    "SessionClaims",
    "SessionVerifier",
    "UserCreated",
    "UserDeleted",
    "UserUpdated",
    "anonymize",
    "apply_event",
    "ensure_user",
    "has_address",
    "normalize_user",
    "parse_event",
    "receive",
    "verify_webhook",
]

_HOMES = {
    "ClerkEvent": "events",
    "ClerkUser": "events",
    "Delivery": "webhooks",
    "KeyCachePolicy": "keys",
    "Organization": "claims",
    "Outcome": "accounts",
    "SessionClaims": "claims",
    "SessionVerifier": "tokens",
    "UserCreated": "events",
    "UserDeleted": "events",
    "UserUpdated": "events",
    "anonymize": "accounts",
    "apply_event": "accounts",
    "ensure_user": "accounts",
    "has_address": "accounts",
    "normalize_user": "events",
    "parse_event": "events",
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
