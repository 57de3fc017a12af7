"""Webhook deliveries, from the request to the account, each applied once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from pydantic import SecretStr
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.driver import is_postgresql
from vetcore.identity.accounts import Outcome, apply_event
from vetcore.identity.events import ClerkEvent, UserDeleted, normalize_user, parse_event
from vetcore.identity.webhooks import TOLERANCE, Delivery, verify_webhook
from vetcore.models import WebhookDelivery

__all__ = ["SOURCE", "receive"]

SOURCE: Final = "clerk"
"""How the ledger of deliveries names the sender."""


async def receive(
    session: AsyncSession,
    *,
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str | SecretStr],
    tolerance: timedelta = TOLERANCE,
) -> Outcome:
    """Verify one delivery, note it in the ledger and apply it, all in the session's transaction.

    A delivery that comes again, at the same moment in another process even, changes nothing. The
    transaction must be committed before the sender is told that all is well.

    Args:
        session: of a transaction, as for :func:`~vetcore.identity.clerk.apply_event`.
        headers: of the request; names in any case.
        body: the raw body, as it came.
        secrets: the signing secrets; several while one is being rotated.
        tolerance: how old, or how far in the future, a delivery may be.

    Raises:
        WebhookRefused: the delivery is forged, stale or malformed; nothing was written.
        ValidationError: it is genuine, but not an event of a user; nothing was written.
        SerializationFailure: a race was lost; replay the transaction, as ``Database.run`` does.
        ConfigurationError: there is no secret, or one that is not ``whsec_`` and base64.
    """
    delivery = verify_webhook(body, headers, secrets=secrets, tolerance=tolerance)
    event = parse_event(delivery.payload)
    if event is None:
        return Outcome.IGNORED
    if not isinstance(event, UserDeleted):
        normalize_user(event.data)  # refuses before anything is written
    if not await _enter(session, delivery, event):
        return Outcome.REPEATED
    return await apply_event(session, event)


async def _enter(session: AsyncSession, delivery: Delivery, event: ClerkEvent) -> bool:
    """Note the delivery, unless it is there; a twin in another transaction is waited for."""
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    statement = (
        insert(WebhookDelivery)
        .values(
            source=SOURCE,
            delivery_id=delivery.id,
            event_type=event.type,
            subject=event.data.id,
            occurred_at=event.occurred_at,
            received_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(WebhookDelivery.delivery_id)
    )
    return await session.scalar(statement) is not None
