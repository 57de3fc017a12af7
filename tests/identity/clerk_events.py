"""Deliveries as Clerk makes them: its payloads, signed by its sender's own library."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from svix.webhooks import Webhook

from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.identity.clerk import Outcome, receive
from vetcore.models import User

NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + b64encode(bytes(range(24))).decode()


def milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def at(second: float) -> datetime:
    """An instant of the story that a test tells, within the tolerance before noon."""
    return NOON - timedelta(hours=1) + timedelta(seconds=second)


def user_data(clerk_id: str, second: float, **stated: Any) -> dict[str, Any]:
    """``data`` of ``user.created`` and ``user.updated``.

    ``stated``: ``email``, ``verified``, ``phone``, ``phone_verified``; all else goes in as it is.
    """
    email, verified = stated.pop("email", None), stated.pop("verified", True)
    phone, phone_verified = stated.pop("phone", None), stated.pop("phone_verified", True)

    def contact(key: str, kind: str, value: str | None, *, is_verified: bool) -> dict[str, Any]:
        status = {"status": "verified" if is_verified else "unverified", "strategy": "email_code"}
        entry = {"id": f"id_{kind}", "object": kind, kind: value, "verification": status}
        return {f"{kind}{key}": [] if value is None else [entry]}

    return {
        "id": clerk_id,
        "object": "user",
        **contact("es", "email_address", email, is_verified=verified),
        "primary_email_address_id": email and "id_email_address",
        **contact("s", "phone_number", phone, is_verified=phone_verified),
        "primary_phone_number_id": phone and "id_phone_number",
        "first_name": "Ana",
        "last_name": "Silva",
        "image_url": "https://img.clerk.example/1",
        "public_metadata": {},
        "unsafe_metadata": {},
        "private_metadata": {},
        "banned": False,
        "locked": False,
        "created_at": milliseconds(at(0)),
        "updated_at": milliseconds(at(second)),
        **stated,
    }


@dataclass(frozen=True)
class Sent:
    """One delivery, as an HTTP server gets it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def sent(payload: Mapping[str, Any] | bytes, delivery_id: str, *, sent_at: datetime = NOON) -> Sent:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {
        "svix-id": delivery_id,
        "svix-timestamp": str(int(sent_at.timestamp())),
        "svix-signature": Webhook(SECRET).sign(delivery_id, sent_at, body.decode()),
    }
    return Sent(body, headers)


def created(clerk_id: str, second: float, **stated: Any) -> dict[str, Any]:
    return _event("user.created", user_data(clerk_id, second, **stated), second)


def updated(clerk_id: str, second: float, **stated: Any) -> dict[str, Any]:
    return _event("user.updated", user_data(clerk_id, second, **stated), second)


def deleted(clerk_id: str, second: float) -> dict[str, Any]:
    return _event("user.deleted", {"id": clerk_id, "object": "user", "deleted": True}, second)


def _event(kind: str, data: Mapping[str, Any], second: float) -> dict[str, Any]:
    moment = milliseconds(at(second))
    return {"type": kind, "object": "event", "timestamp": moment, "data": data}


async def deliver(db: Database, delivery: Sent) -> Outcome:
    """What a service does with a request."""
    with frozen(NOON):
        return await db.run(
            lambda session: receive(
                session, headers=delivery.headers, body=delivery.body, secrets=[SECRET]
            ),
        )


_count = iter(range(10**9))


async def tell(db: Database, *events: Mapping[str, Any]) -> list[Outcome]:
    """Deliver events, each for the first time."""
    return [await deliver(db, sent(event, f"told_{next(_count)}")) for event in events]


async def accounts(db: Database, clerk_id: str | None = None) -> list[User]:
    async with db.session(include_deleted=True) as session:
        query = select(User).order_by(User.id)
        if clerk_id is not None:
            query = query.where(User.clerk_user_id == clerk_id)
        return list(await session.scalars(query))


async def account(db: Database, clerk_id: str) -> User:
    (only,) = await accounts(db, clerk_id)
    return only


# What differs between two databases of one story: keys, stamps, and how often a row was written.
_OWN = {"id", "email", "clerk_rank", "created_at", "created_by_id", "updated_at", "updated_by_id", "deleted_at",
        "version"}  # fmt: skip


def visible(user: User) -> dict[str, Any]:
    """Each column of an account but ``_OWN``; what stands in for an address, by its kind."""
    local, _, domain = user.email.partition("@")
    return {
        **{key: getattr(user, key) for key in User.__mapper__.columns.keys() if key not in _OWN},  # noqa: SIM118 -- no dict
        "email": f"-@{domain}" if local == str(user.id) else user.email,
        "is_deleted": user.is_deleted,
    }


async def add(db: Database, *people: User) -> None:
    """Store people who have an account before an event arrives."""
    async with db.transaction() as session:
        session.add_all(people)
