"""Boundaries and figures that the identity room promises, one by one."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.examples import clinic, membership, pet, user
from vetcore.access import load_actor
from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.directory import search_owners
from vetcore.errors import ConfigurationError, InvalidInput, InvalidValue
from vetcore.identity import deliveries, events, jws, keys, webhooks
from vetcore.identity.clerk import KeyCachePolicy, Outcome, prune_deliveries, read_body
from vetcore.identity.errors import (
    TokenMalformed,
    WebhookHeaderMalformed,
    WebhookSignatureMismatch,
    WebhookTooLarge,
)
from vetcore.identity.tokens import SessionVerifier
from vetcore.models import PetCoOwner, WebhookDelivery
from vetcore.values.people import Role

from .clerk_events import NOON, SECRET, account, created, deleted, deliver, sent, tell, updated


def test_the_figures_are_those_of_the_sender() -> None:
    assert timedelta(minutes=5) == webhooks.TOLERANCE
    assert webhooks.LARGEST_BODY == 1_048_576
    assert timedelta(hours=28) == deliveries.RETRIED_FOR
    assert deliveries.SOURCE == "clerk"
    assert KeyCachePolicy() == KeyCachePolicy(
        ttl=timedelta(minutes=10),
        refetch_interval=timedelta(seconds=30),
        stale_for=timedelta(hours=6),
        timeout=timedelta(seconds=5),
    )
    assert timedelta(seconds=1) == keys._FIRST_FETCH_PAUSE


# Events


@pytest.mark.parametrize("make", [created, updated, deleted])
async def test_an_id_of_64_characters_is_taken_and_one_of_65_is_refused(
    db: Database, make: Callable[..., dict[str, Any]]
) -> None:
    assert await deliver(db, sent(make("u" * 64, 1), "msg_1")) is Outcome.APPLIED
    with pytest.raises(InvalidInput, match=r"data\.id"):
        await deliver(db, sent(make("u" * 65, 1), "msg_2"))
    for strange in ("", "a b", "é", "a\n"):
        with pytest.raises(InvalidInput):
            await deliver(db, sent(make(strange, 1), "msg_3"))


def test_an_instant_is_in_milliseconds_up_to_the_end_of_the_calendar() -> None:
    assert events._from_milliseconds(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert events._from_milliseconds(253_402_300_799_999).year == 9999
    for bad in (-1, 253_402_300_800_000, 1.5, "1", True, None):
        with pytest.raises(InvalidValue, match="milliseconds since 1970"):
            events._from_milliseconds(bad)


def test_keys_may_be_asked_for_as_often_as_they_live_and_sooner_than_a_second() -> None:
    moment = timedelta(milliseconds=200)
    policy = KeyCachePolicy(ttl=moment, refetch_interval=moment)
    cache: keys.KeyCache[object] = keys.KeyCache(_nothing, policy=policy)
    assert cache._pause() == moment
    with pytest.raises(ConfigurationError):
        KeyCachePolicy(ttl=moment, refetch_interval=moment + timedelta(microseconds=1))


async def _nothing() -> dict[str, object]:
    return {}


@pytest.mark.parametrize(
    ("primary", "verified", "chosen"),
    [
        ("b", "c", "b"),  # the one that Clerk names, though another is verified
        (None, "c", "c"),
        ("z", "c", "c"),
        (None, "", "a"),
    ],
)
def test_where_clerk_names_no_address_the_first_verified_one_stands_in(
    primary: str | None, verified: str, chosen: str
) -> None:
    addresses = [
        events.EmailAddress(
            id=each,
            email_address=f"{each}@example.com",
            verification=events.Verification(status="verified" if each in verified else None),
        )
        for each in "abc"
    ]
    found = events._primary(addresses, primary)
    assert found is not None
    assert found.id == chosen


async def test_a_change_in_the_millisecond_of_the_creation_is_the_newer_event(db: Database) -> None:
    first, second = created("user_1", 1, first_name="Ana"), updated("user_1", 1, first_name="Bea")
    assert await tell(db, first, second) == [Outcome.APPLIED] * 2
    assert (await account(db, "user_1")).first_name == "Bea"
    assert await tell(db, first) == [Outcome.OUTDATED]
    assert await tell(db, updated("user_1", 0.999)) == [Outcome.OUTDATED]
    assert (await account(db, "user_1")).first_name == "Bea"


@pytest.mark.parametrize("order", [("user_1", "user_2"), ("user_2", "user_1")])
async def test_of_two_claims_in_one_millisecond_the_same_one_holds_in_either_order(
    db: Database, order: tuple[str, str]
) -> None:
    await tell(db, *(created(each, 1, email="ana@example.com") for each in order))
    holders = [each for each in order if (await account(db, each)).email == "ana@example.com"]
    assert holders == ["user_2"]


# Deliveries


async def test_a_delivery_counts_from_when_it_came_in_and_only_clerks_are_forgotten(
    db: Database,
) -> None:
    async with db.transaction() as session:
        session.add(
            WebhookDelivery(
                source="another",
                delivery_id="of another sender",
                event_type="user.created",
                received_at=NOON - timedelta(days=400),
            )
        )
    event = created("user_1", 1) | {
        "timestamp": int((NOON - timedelta(days=40)).timestamp() * 1000)
    }
    assert await deliver(db, sent(event, "late")) is Outcome.APPLIED
    with frozen(NOON):
        assert await db.run(prune_deliveries) == 0
    async with db.session() as session:
        kept = {each.delivery_id: each for each in await session.scalars(select(WebhookDelivery))}
    assert kept.keys() == {"of another sender", "late"}
    assert kept["late"].received_at == NOON
    assert kept["late"].occurred_at == NOON - timedelta(days=40)


async def test_a_delivery_is_remembered_to_the_end_of_its_period(db: Database) -> None:
    ages = {"at_its_end": timedelta(), "a_moment_later": timedelta(microseconds=1)}
    async with db.transaction() as session:
        for name, beyond in ages.items():
            session.add(
                WebhookDelivery(
                    source="clerk",
                    delivery_id=name,
                    event_type="user.created",
                    received_at=NOON - timedelta(days=30) - beyond,
                )
            )
    with frozen(NOON):
        assert await db.run(prune_deliveries) == 1
    assert await deliver(db, sent(created("user_1", 1), "at_its_end")) is Outcome.REPEATED


async def test_no_period_may_be_shorter_than_deliveries_are_retried(db: Database) -> None:
    with frozen(NOON):
        async with db.transaction() as session:
            assert await prune_deliveries(session, older_than=timedelta(hours=28)) == 0
            with pytest.raises(InvalidValue, match="older_than"):
                await prune_deliveries(session, older_than=timedelta(hours=28, microseconds=-1))


async def test_a_delivery_exactly_at_the_end_of_the_tolerance_is_taken(db: Database) -> None:
    for number, drift in enumerate((timedelta(minutes=-5), timedelta(minutes=5))):
        delivery = sent(created(f"user_{number}", 1), f"msg_{number}", sent_at=NOON + drift)
        assert await deliver(db, delivery) is Outcome.APPLIED


def _headers(**changes: str) -> dict[str, str]:
    usual = {"svix-id": "msg_1", "svix-timestamp": "1000000000", "svix-signature": "v1,x"}
    return usual | {f"svix-{name}": value for name, value in changes.items()}


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"id": "i" * 100}, {"id": "i" * 101}),
        ({"signature": "v1,".ljust(4096, "x")}, {"signature": "v1,".ljust(4097, "x")}),
        ({"timestamp": "9" * 11}, {"timestamp": "9" * 12}),
        ({"timestamp": "1"}, {"timestamp": "0"}),
    ],
)
def test_a_header_has_a_greatest_length(good: dict[str, str], bad: dict[str, str]) -> None:
    with pytest.raises(WebhookSignatureMismatch):
        webhooks.verify_webhook(b"", _headers(**good), secrets=[SECRET])
    with pytest.raises(WebhookHeaderMalformed):
        webhooks.verify_webhook(b"", _headers(**bad), secrets=[SECRET])


def test_a_body_has_a_greatest_length_and_is_not_hashed_beyond_it() -> None:
    with pytest.raises(WebhookSignatureMismatch):
        webhooks.verify_webhook(b"x" * webhooks.LARGEST_BODY, _headers(), secrets=[SECRET])
    with pytest.raises(WebhookTooLarge) as refused:
        webhooks.verify_webhook(b"x" * (webhooks.LARGEST_BODY + 1), _headers(), secrets=[SECRET])
    assert refused.value.details == {"size": 1_048_577, "largest": 1_048_576}


def test_a_secret_has_24_bytes_at_least() -> None:
    from base64 import b64encode

    assert webhooks.signing_keys(["whsec_" + b64encode(b"k" * 24).decode()]) == [b"k" * 24]
    with pytest.raises(ConfigurationError, match="secret 1 is not usable"):
        webhooks.signing_keys(["whsec_" + b64encode(b"k" * 23).decode()])


async def _chunks(*chunks: bytes, read: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        read.append(chunk)
        yield chunk


async def test_a_body_is_read_up_to_the_limit_and_no_further() -> None:
    read: list[bytes] = []
    assert await read_body(_chunks(b"ab", b"", b"cd", read=read), largest=4) == b"abcd"
    read.clear()
    with pytest.raises(WebhookTooLarge) as refused:
        await read_body(_chunks(b"ab", b"cd", b"e", b"f", read=read), largest=4)
    assert read == [b"ab", b"cd", b"e"]
    assert refused.value.details == {"largest": 4}


@pytest.mark.parametrize("declared", ["5", 5, "9" * 5_000, " 5 "])
async def test_a_body_that_says_that_it_is_too_long_is_not_read(declared: str | int) -> None:
    read: list[bytes] = []
    with pytest.raises(WebhookTooLarge):
        await read_body(_chunks(b"a", read=read), content_length=declared, largest=4)
    assert read == []


@pytest.mark.parametrize("declared", ["4", "", None, "x", "-1"])
async def test_what_a_header_says_of_the_length_is_no_promise(declared: str | None) -> None:
    assert await read_body(_chunks(b"abcd", read=[]), content_length=declared, largest=4) == b"abcd"


# Tokens


def test_a_token_has_a_greatest_length() -> None:
    assert jws._LONGEST_TOKEN == 16_384
    with pytest.raises(TokenMalformed, match="not a session token"):
        jws.stated_key_id("a" * 16_385)
    with pytest.raises(TokenMalformed, match="not a signed token"):
        jws.stated_key_id("a" * 16_384)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.evil.example/keys",
        "http://127.0.0.1.evil.example/keys",
        "http://localhost@evil.example/keys",
        "http://clerk.example.com/keys",
        "ftp://localhost/keys",
        "https:///keys",
    ],
)
def test_signing_keys_come_by_tls_or_from_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match="must come by https"):
        SessionVerifier(issuer="https://clerk.example.com", authorized_parties=None, jwks_url=url)
    for good in ("http://localhost:1/keys", "http://127.0.0.1/keys", "http://[::1]/keys"):
        SessionVerifier(issuer="https://clerk.example.com", authorized_parties=None, jwks_url=good)


# People


async def test_the_first_and_the_last_day_of_a_post_count(db: Database) -> None:
    person, place = user(), clinic(timezone="America/New_York")
    async with db.transaction() as session:
        session.add_all([person, place])
        await session.flush()
        session.add(
            membership(
                person,
                place,
                role=Role.VETERINARIAN,
                starts_on=date(2026, 3, 9),
                ends_on=date(2026, 3, 10),
            )
        )
    moments = {
        datetime(2026, 3, 9, 3, 59, tzinfo=UTC): 0,
        datetime(2026, 3, 9, 4, 0, tzinfo=UTC): 1,
        datetime(2026, 3, 11, 3, 59, tzinfo=UTC): 1,
        datetime(2026, 3, 11, 4, 0, tzinfo=UTC): 0,
    }
    for moment, memberships in moments.items():
        with frozen(moment):
            async with db.session() as session:
                assert len((await load_actor(session, person.id)).memberships) == memberships, (
                    moment
                )


async def test_co_owners_are_found_as_owners_of_a_clinics_patients(db: Database) -> None:
    owner, other, stranger = (user(first_name=name) for name in ("Owena", "Coralie", "Stranja"))
    place = clinic()
    async with db.transaction() as session:
        session.add_all([owner, other, stranger, place])
        await session.flush()
        patient = pet(owner, primary_clinic_id=place.id)
        session.add(patient)
        await session.flush()
        session.add(PetCoOwner(pet_id=patient.id, user_id=other.id))
    async with db.session() as session:
        for wanted, found in (("Owena", owner), ("Coralie", other), ("Stranja", None)):
            answer = await search_owners(session, wanted, clinic_id=place.id)
            assert [each.item.id for each in answer] == ([found.id] if found else []), wanted


async def test_keys_are_as_old_as_the_question_that_brought_them() -> None:
    policy, fetched = KeyCachePolicy(timeout=timedelta(minutes=1)), 0
    with frozen(NOON) as stopped:

        async def load() -> dict[str, str]:
            nonlocal fetched
            fetched += 1
            stopped.move(timedelta(seconds=40))
            return {"first": "key"}

        cache = keys.KeyCache(load, policy=policy)
        assert await cache.get("first") == "key"
        stopped.move_to(NOON + policy.ttl - timedelta(seconds=1))
        await cache.get("first")
        assert fetched == 1
        stopped.move_to(NOON + policy.ttl)
        await cache.get("first")
        assert fetched == 2
