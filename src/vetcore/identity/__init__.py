"""Who is asking, as Clerk knows it: webhooks, users and session tokens.

Webhooks and events need nothing beyond vetcore itself. Session tokens need the extra ``clerk``;
its names load when they are first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from vetcore.identity.tokens import Organization, SessionClaims, SessionVerifier
    from vetcore.identity.webhooks import Delivery, verify_webhook

__all__ = [
    "ClerkEvent",
    "ClerkUser",
    "Delivery",
    "KeyCachePolicy",
    "Organization",
    "SessionClaims",
    "SessionVerifier",
    "UserCreated",
    "UserDeleted",
    "UserUpdated",
    "normalize_user",
    "parse_event",
    "verify_webhook",
]

_HOMES = {
    "ClerkEvent": "vetcore.identity.events",
    "ClerkUser": "vetcore.identity.events",
    "Delivery": "vetcore.identity.webhooks",
    "KeyCachePolicy": "vetcore.identity.keys",
    "Organization": "vetcore.identity.tokens",
    "SessionClaims": "vetcore.identity.tokens",
    "SessionVerifier": "vetcore.identity.tokens",
    "UserCreated": "vetcore.identity.events",
    "UserDeleted": "vetcore.identity.events",
    "UserUpdated": "vetcore.identity.events",
    "normalize_user": "vetcore.identity.events",
    "parse_event": "vetcore.identity.events",
    "verify_webhook": "vetcore.identity.webhooks",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module 'vetcore.identity' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 -- only when a name is asked for

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
