"""Webhook deliveries, from the request to the account. Each is applied once.

The ledger remembers which deliveries were applied. A delivery that was pruned from it does no harm
if it comes again: an event also carries the time at which it happened, so an old event is outdated.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, cast

from pydantic import SecretStr
from sqlalchemy import CursorResult, delete
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock
from vetcore.database.inserting import insert_of
from vetcore.errors import InvalidValue
from vetcore.identity.accounts import Outcome, apply_event
from vetcore.identity.events import ClerkEvent, parse_event
from vetcore.identity.webhooks import TOLERANCE, Delivery, verify_webhook
from vetcore.models import WebhookDelivery

__all__ = ["RETRIED_FOR", "SOURCE", "prune_deliveries", "receive"]

SOURCE: Final = "clerk"
"""How the ledger of deliveries names the sender."""

RETRIED_FOR: Final = timedelta(hours=28)
"""How long the sender tries: eight times, the last some 28 hours after the first
(https://docs.svix.com/retries)."""


async def receive(
    session: AsyncSession,
    *,
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str | SecretStr],
    tolerance: timedelta = TOLERANCE,
) -> Outcome:
    """Verify a delivery, enter it in the ledger and apply it, all in the session's transaction.

    A delivery that comes again changes nothing, even if another process handles it at the same
    moment. Commit the transaction before you tell the sender that the delivery was received.

    Args:
        session: of a transaction, as for :func:`~vetcore.identity.clerk.apply_event`.
        headers: of the request; names in any case.
        body: the raw body, as it came.
        secrets: the signing secrets; several while one is being rotated.
        tolerance: how old, or how far in the future, a delivery may be.

    Raises:
        WebhookRefused: the delivery is forged, stale or malformed; nothing was written.
        ValidationError: the delivery is genuine, but not an event of a user; nothing was written.
        SerializationFailure: a race was lost; replay the transaction, as ``Database.run`` does.
        ConfigurationError: there is no secret, or one that is not ``whsec_`` and base64.
    """
    delivery = verify_webhook(body, headers, secrets=secrets, tolerance=tolerance)
    event = parse_event(delivery.payload)
    if event is None:
        return Outcome.IGNORED
    if not await _enter(session, delivery, event):
        return Outcome.REPEATED
    return await apply_event(session, event)


async def prune_deliveries(
    session: AsyncSession, *, older_than: timedelta = timedelta(days=30)
) -> int:
    """Remove deliveries that were received more than ``older_than`` ago, and return how many.

    Raises:
        InvalidValue: ``older_than`` is shorter than the sender retries (:data:`RETRIED_FOR`).
    """
    if older_than < RETRIED_FOR:
        raise InvalidValue(
            field="older_than",
            rule="is shorter than deliveries are retried",
            expected=f"{RETRIED_FOR} or more",
            value=older_than,
        )
    statement = (
        delete(WebhookDelivery)
        .where(
            WebhookDelivery.source == SOURCE,
            WebhookDelivery.received_at < clock.now() - older_than,
        )
        .execution_options(synchronize_session=False)
    )
    forgotten = cast("CursorResult[Any]", await session.execute(statement))
    return forgotten.rowcount


async def _enter(session: AsyncSession, delivery: Delivery, event: ClerkEvent) -> bool:
    """Note the delivery, unless it is there; a twin in another transaction is waited for."""
    dialect = session.get_bind().dialect.name
    statement = (
        insert_of(dialect, WebhookDelivery)
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
