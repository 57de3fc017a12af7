"""From the request to the account: each delivery once, and nothing from what is not genuine."""

import asyncio
import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import func, select

from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.errors import AccessError, ConfigurationError, InvalidValue, ValidationError
from vetcore.identity.clerk import Outcome, prune_deliveries, receive
from vetcore.identity.errors import WebhookSignatureMismatch, WebhookStale
from vetcore.models import User, WebhookDelivery

from .clerk_events import (
    NOON,
    SECRET,
    Sent,
    account,
    at,
    created,
    deleted,
    deliver,
    sent,
    tell,
    updated,
)

ANA = created("user_1", 1, email="ana@example.com")


async def _ledger(db: Database) -> list[WebhookDelivery]:
    async with db.session() as session:
        return list(await session.scalars(select(WebhookDelivery)))


async def test_a_delivery_is_noted_with_what_it_changed(db: Database) -> None:
    assert await deliver(db, sent(ANA, "msg_1")) is Outcome.APPLIED

    (noted,) = await _ledger(db)
    assert (noted.source, noted.delivery_id) == ("clerk", "msg_1")
    assert (noted.event_type, noted.subject) == ("user.created", "user_1")
    assert (noted.occurred_at, noted.received_at) == (at(1), NOON)


async def test_a_delivery_that_comes_again_changes_nothing(db: Database) -> None:
    await deliver(db, sent(ANA, "msg_1"))
    version = (await account(db, "user_1")).version

    again = sent(ANA, "msg_1", sent_at=NOON + timedelta(minutes=4))

    assert await deliver(db, again) is Outcome.REPEATED
    assert (await account(db, "user_1")).version == version
    assert len(await _ledger(db)) == 1


async def test_one_delivery_in_many_processes_at_once_is_applied_once(db: Database) -> None:
    outcomes = await asyncio.gather(*(deliver(db, sent(ANA, "msg_1")) for _ in range(10)))

    assert sorted(outcomes) == [Outcome.APPLIED] + [Outcome.REPEATED] * 9


async def test_a_delivery_whose_transaction_fails_is_not_noted_and_may_come_again(
    db: Database,
) -> None:
    delivery = sent(ANA, "msg_1")
    with pytest.raises(InvalidValue), frozen(NOON):
        async with db.transaction() as session:
            await receive(session, headers=delivery.headers, body=delivery.body, secrets=[SECRET])
            raise InvalidValue(field="anything", rule="goes wrong")
    assert await _ledger(db) == []

    assert await deliver(db, delivery) is Outcome.APPLIED


async def test_an_event_that_vetcore_has_no_use_for_writes_nothing(db: Database) -> None:
    other = {"type": "session.created", "data": {"id": "sess_1"}}

    assert await tell(db, other, {"type": "x" * 500}) == [Outcome.IGNORED] * 2
    assert await _ledger(db) == []


async def test_secrets_come_straight_from_the_settings(db: Database) -> None:
    delivery = sent(ANA, "msg_1")
    other = SecretStr("whsec_" + b64encode(b"x" * 24).decode())
    async with db.transaction() as session:
        with frozen(NOON):
            outcome = await receive(
                session,
                headers=delivery.headers,
                body=delivery.body,
                secrets=(other, SecretStr(SECRET)),
            )
    assert outcome is Outcome.APPLIED


async def test_without_a_secret_nothing_is_believed(db: Database) -> None:
    delivery = sent(ANA, "msg_1")
    async with db.transaction() as session:
        with pytest.raises(ConfigurationError):
            await receive(session, headers=delivery.headers, body=delivery.body, secrets=())


# --- the ledger's pruning ------------------------------------------------------------------------


async def test_the_ledger_forgets_what_is_older_than_asked_and_nothing_else(db: Database) -> None:
    await deliver(db, sent(ANA, "msg_1"))
    async with db.transaction() as session:
        for name, age in [("msg_a", 31), ("msg_b", 29)]:
            session.add(
                WebhookDelivery(
                    source="clerk",
                    delivery_id=name,
                    event_type="user.created",
                    received_at=NOON - timedelta(days=age),
                )
            )
        session.add(
            WebhookDelivery(
                source="other",
                delivery_id="msg_a",
                event_type="anything",
                received_at=NOON - timedelta(days=31),
            )
        )

    with frozen(NOON):
        assert await db.run(prune_deliveries) == 1

    left = {(each.source, each.delivery_id) for each in await _ledger(db)}
    assert left == {("clerk", "msg_1"), ("clerk", "msg_b"), ("other", "msg_a")}


async def test_a_delivery_that_the_ledger_forgot_changes_nothing_when_it_comes_again(
    db: Database,
) -> None:
    first = sent(ANA, "msg_1")
    await deliver(db, first)
    await tell(db, updated("user_1", 2, email="ana@example.com", first_name="Anna"))
    with frozen(NOON + timedelta(days=31)):
        assert await db.run(prune_deliveries) == 2

    assert await deliver(db, first) is Outcome.OUTDATED

    assert (await account(db, "user_1")).first_name == "Anna"


async def test_the_ledger_does_not_forget_what_may_still_be_retried(db: Database) -> None:
    async with db.transaction() as session:
        with pytest.raises(InvalidValue, match="retried"):
            await prune_deliveries(session, older_than=timedelta(hours=27))


# --- what is not genuine ------------------------------------------------------------------------


async def _refused(db: Database, delivery: Sent, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await deliver(db, delivery)
    async with db.session(include_deleted=True) as session:
        for table in (User, WebhookDelivery):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_a_forged_delivery_writes_nothing(db: Database) -> None:
    genuine = sent(ANA, "msg_1")
    await _refused(db, Sent(genuine.body + b" ", genuine.headers), WebhookSignatureMismatch)


async def test_a_stale_delivery_writes_nothing(db: Database) -> None:
    old = sent(ANA, "msg_1", sent_at=NOON - timedelta(minutes=5, seconds=1))
    await _refused(db, old, WebhookStale)


SIMPLE = settings(
    max_examples=60,
    deadline=None,
    # The database is as empty after an example as before it: that is what is asserted.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SIMPLE
@given(
    header=st.sampled_from(["svix-id", "svix-timestamp", "svix-signature"]),
    value=st.none() | st.text(max_size=80),
)
async def test_no_change_of_a_header_lets_anything_be_written(
    db: Database, header: str, value: str | None
) -> None:
    headers = dict(sent(ANA, "msg_1").headers)
    if value == headers.pop(header):
        return
    if value is not None:
        headers[header] = value
    await _refused(db, Sent(sent(ANA, "msg_1").body, headers), AccessError)


@SIMPLE
@given(place=st.integers(0, len(json.dumps(ANA)) - 1), junk=st.binary(min_size=1, max_size=3))
async def test_no_change_of_the_body_lets_anything_be_written(
    db: Database, place: int, junk: bytes
) -> None:
    genuine = sent(ANA, "msg_1")
    body = genuine.body[:place] + junk + genuine.body[place + 1 :]
    if body == genuine.body:
        return
    await _refused(db, Sent(body, genuine.headers), AccessError)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
REQUIRED = ["id", "created_at", "updated_at"]


@SIMPLE
@given(payload=JSON)
async def test_genuine_json_that_is_no_event_is_refused(db: Database, payload: Any) -> None:
    await _refused(db, sent(json.dumps(payload).encode(), "msg_1"), ValidationError)


@SIMPLE
@given(
    kind=st.sampled_from(["user.created", "user.updated"]),
    name=st.sampled_from(REQUIRED),
    value=st.none()
    | st.booleans()
    | st.sampled_from(["", " ", "user 1", "üser", "1\n"])
    | st.integers(max_value=-1)
    | st.integers(min_value=10**15)
    | st.lists(st.integers(), max_size=1)
    | st.just("x" * 65)
    | st.just("user\x00"),
)
async def test_a_genuine_event_without_what_every_event_has_is_refused(
    db: Database, kind: str, name: str, value: Any
) -> None:
    event = {**ANA, "type": kind, "data": {**ANA["data"], name: value}}
    await _refused(db, sent(event, "msg_1"), ValidationError)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b'{"type": "user.deleted"}', b'{"type": "user.deleted", "data": {}}',
     b'{"type": "user.deleted", "data": {"id": null}}', b'{"type": 1}', b"\xef\xbb\xbf{}"],
)  # fmt: skip
async def test_a_genuine_body_that_is_no_event_is_refused(db: Database, body: bytes) -> None:
    await _refused(db, sent(body, "msg_1"), ValidationError)


@pytest.mark.parametrize("address", ["", "ana", "ana@", "a b@example.com", "\x00@example.com"])
async def test_a_genuine_event_with_an_address_that_is_none_is_refused(
    db: Database, address: str
) -> None:
    event = created("user_1", 1, email="ana@example.com")
    event["data"]["email_addresses"][0]["email_address"] = address
    await _refused(db, sent(event, "msg_1"), ValidationError)


async def test_names_that_cannot_be_kept_do_not_lose_the_user(db: Database) -> None:
    await tell(db, updated("user_1", 1, first_name="\x07", last_name="x" * 5000, email="a@b.co"))
    await tell(db, deleted("user_2", 1))

    assert (await account(db, "user_1")).full_name == ""


async def test_a_delivery_id_longer_than_the_ledger_keeps_is_refused(db: Database) -> None:
    await _refused(db, sent(ANA, "m" * 101), AccessError)
