"""Whatever is sent: accepted, or refused with an error of ours, after which nothing is there."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.errors import AccessError, InvalidInput, ValidationError
from vetcore.identity.clerk import Outcome, WebhookRefused, receive
from vetcore.identity.errors import WebhookHeaderMalformed, WebhookTooLarge
from vetcore.identity.webhooks import LARGEST_BODY
from vetcore.models import User, WebhookDelivery

from .clerk_events import NOON, SECRET, Sent, created, deleted, deliver, sent

ANA = created("user_1", 1, email="ana@example.com", phone="+12065550123")
GENUINE = sent(ANA, "msg_1")


def genuine(body: bytes) -> Sent:
    """Rightly signed, text or not: the sender's own library signs text only."""
    key = b64decode(SECRET.removeprefix("whsec_"))
    stamp = str(int(NOON.timestamp()))
    signature = hmac.digest(key, f"msg_1.{stamp}.".encode() + body, sha256)
    return Sent(
        body,
        {
            "svix-id": "msg_1",
            "svix-timestamp": stamp,
            "svix-signature": f"v1,{b64encode(signature).decode()}",
        },
    )


def test_we_sign_as_the_senders_own_library_does() -> None:
    assert genuine(GENUINE.body) == GENUINE


async def rows(db: Database) -> int:
    async with db.session(include_deleted=True) as session:
        counts = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (User, WebhookDelivery)
        ]
    return sum(count or 0 for count in counts)


async def refused(db: Database, delivery: Sent, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await deliver(db, delivery)
    assert await rows(db) == 0


FEW = settings(
    max_examples=40,
    deadline=None,
    # The database is as empty after an example as before it: that is what is asserted.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = ("svix-id", "svix-timestamp", "svix-signature")
text = st.text(st.characters(exclude_categories=[]), max_size=60)


@st.composite
def forgeries(draw: st.DrawFn) -> Sent:
    """A delivery that is not the sender's, or not of now."""
    body, headers = GENUINE.body, dict(GENUINE.headers)
    name = draw(st.sampled_from(NAMES))
    place = draw(st.integers(0, len(body) - 1))
    how = draw(st.sampled_from(["cut", "junk", "other", "age", "gone", "twice", "header"]))
    if how == "cut":
        body = body[:place]
    elif how == "junk":
        body = body[:place] + b"\xff\xfe" + body[place:]
    elif how == "other":
        body = draw(st.binary(max_size=200))
    elif how == "age":
        seconds = draw(st.integers(301, 10**8)) * draw(st.sampled_from([1, -1]))
        return sent(ANA, "msg_1", sent_at=NOON + timedelta(seconds=seconds))
    elif how == "gone":
        del headers[name]
    elif how == "twice":
        headers[name.title()] = draw(text.filter(lambda value: value != headers[name]))
    else:
        headers[name] = draw(text.filter(lambda value: value not in headers[name]))
    return Sent(body, headers)


@FEW
@given(forgeries())
async def test_no_forgery_lets_anything_be_written(db: Database, forgery: Sent) -> None:
    await refused(db, forgery, WebhookRefused)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | text
    | st.sampled_from([10**400, -1, "\x00", "\ud800", "user_2", "x" * 70, "id_email_address"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts: Any = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    return [path, *(found for key, part in parts for found in _paths(part, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    copy = dict(value) if isinstance(value, Mapping) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], replacement)
    return copy


@settings(FEW, max_examples=150)
@given(st.sampled_from(_paths(ANA)), anything)
@example(("data", "public_metadata"), {"role": {"role": []}})
@example(("data", "updated_at"), 10**400)
@example(("data", "email_addresses", 0, "email_address"), "\ud800@example.com")
@example(("data", "phone_numbers", 0, "phone_number"), "+" + "9" * 5000)
async def test_a_genuine_event_with_anything_in_any_place_is_taken_or_refused_whole(
    db: Database, path: tuple[Any, ...], value: Any
) -> None:
    delivery = genuine(json.dumps(_with(ANA, path, value)).encode())
    with frozen(NOON):
        async with db.trial() as session:
            try:
                outcome = await receive(
                    session, headers=delivery.headers, body=delivery.body, secrets=[SECRET]
                )
            except ValidationError:
                outcome = None
                assert await session.scalar(select(func.count()).select_from(WebhookDelivery)) == 0
                assert await session.scalar(select(func.count()).select_from(User)) == 0
    assert outcome in {None, Outcome.APPLIED, Outcome.IGNORED}
    assert await rows(db) == 0


def _deep(depth: int) -> bytes:
    inner = b"[" * depth + b"]" * depth
    return (
        json.dumps(ANA).encode().replace(b'"public_metadata": {}', b'"public_metadata": ' + inner)
    )


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe{}", json.dumps(ANA).encode("utf-16"), json.dumps(ANA).encode() + b"\x80",
     json.dumps(ANA).encode()[:-1], b"null", b"[]", b'"user.created"', b"7", b"NaN",
     b'{"a":' * 50_000, b'{"type": "user.created", "type": 7}', _deep(300), _deep(100_000)],
    ids=["bytes", "utf-16", "torn character", "truncated", "null", "list", "text", "number", "NaN",
         "deep and open", "said twice", "deep", "very deep"],
)  # fmt: skip
async def test_a_genuine_body_that_cannot_be_read_is_refused(db: Database, body: bytes) -> None:
    await refused(db, genuine(body), InvalidInput)


async def test_a_body_longer_than_any_event_is_refused_even_if_it_is_genuine(db: Database) -> None:
    padding = b" " * (LARGEST_BODY - len(GENUINE.body))
    await refused(db, genuine(GENUINE.body + padding + b" "), WebhookTooLarge)

    assert await deliver(db, genuine(GENUINE.body + padding)) is Outcome.APPLIED


async def test_signatures_without_end_are_not_looked_through(db: Database) -> None:
    headers = dict(GENUINE.headers)
    headers["svix-signature"] = f"{'v1,AAAA ' * 100_000}{headers['svix-signature']}"

    await refused(db, Sent(GENUINE.body, headers), WebhookHeaderMalformed)


async def test_a_header_that_is_there_twice_and_says_the_same_is_that_header(db: Database) -> None:
    headers = {**GENUINE.headers, **{name.title(): GENUINE.headers[name] for name in NAMES}}

    assert await deliver(db, Sent(GENUINE.body, headers)) is Outcome.APPLIED


async def test_a_genuine_delivery_replayed_after_its_time_is_refused(db: Database) -> None:
    event = sent(deleted("user_1", 3), "msg_9")
    with frozen(NOON + timedelta(minutes=5, seconds=1)):
        async with db.transaction() as session:
            with pytest.raises(AccessError) as refusal:
                await receive(session, headers=event.headers, body=event.body, secrets=[SECRET])
    assert refusal.value.code == "webhook_stale"
    assert await rows(db) == 0


async def test_what_an_event_says_of_a_person_is_not_in_the_error_nor_in_its_cause(
    db: Database,
) -> None:
    event = created("user_1", 1, email="ana@example.com", first_name=["Ana-Lucia"])
    with pytest.raises(InvalidInput) as refusal:
        await deliver(db, sent(event, "msg_1"))
    told = f"{refusal.value} {refusal.value.problem()} {refusal.value.__cause__}"
    assert "first_name" in told
    assert "Lucia" not in told
