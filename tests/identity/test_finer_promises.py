"""What identity says when it refuses, and the small print of secrets, headers, keys and accounts."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from tests.examples import user
from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.errors import ConfigurationError, InvalidValue
from vetcore.identity import errors, jws, webhooks
from vetcore.identity.clerk import (
    KeyCachePolicy,
    Outcome,
    SessionVerifier,
    ensure_user,
    find_user,
    prune_deliveries,
)
from vetcore.identity.errors import (
    AccountDeleted,
    TokenMalformed,
    WebhookFromFuture,
    WebhookHeaderMalformed,
    WebhookHeaderMissing,
    WebhookSignatureMismatch,
    WebhookStale,
)
from vetcore.settings import ClerkSettings
from vetcore.values.people import Role, UserStatus

from .clerk_events import (
    NOON,
    SECRET,
    account,
    accounts,
    add,
    created,
    deleted,
    sent,
    tell,
    updated,
)
from .clerk_instance import ISSUER, PARTY, jwk, token
from .sessions import signed, verified

LONG = "x" * 300
AN_HOUR_AGO = NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("error", "given", "says", "details"),
    [
        (
            errors.WebhookHeaderMissing,
            {"header": "svix-id"},
            "svix-id is missing",
            {"header": "svix-id"},
        ),
        (
            errors.WebhookHeaderMalformed,
            {"header": "svix-id", "expected": "one value"},
            "svix-id is malformed (expected one value)",
            {"header": "svix-id", "expected": "one value"},
        ),
        (
            errors.WebhookTooLarge,
            {"size": 9, "largest": 4},
            "9 bytes, more than 4",
            {"size": 9, "largest": 4},
        ),
        (errors.WebhookTooLarge, {"largest": 4}, "has more than 4 bytes", {"largest": 4}),
        (errors.TokenKeyUnknown, {"key_id": LONG}, "is published", {"key_id": "x" * 80}),
        (errors.TokenIssuerMismatch, {"issuer": LONG}, "was issued by", {"issuer": "x" * 200}),
        (errors.TokenPartyRefused, {"party": LONG}, "is not an authorised", {"party": "x" * 200}),
        (errors.TokenPartyRefused, {"party": None}, "names no authorised party", {}),
        (errors.SessionPending, {"status": LONG}, "not active", {"status": "x" * 40}),
    ],
)
def test_an_error_says_what_is_wrong_and_repeats_no_more_than_it_must(
    error: Callable[..., errors.NotAuthenticated],
    given: dict[str, Any],
    says: str,
    details: dict[str, Any],
) -> None:
    refused = error(**given)
    assert says in str(refused)
    assert {name: value for name, value in refused.details.items() if value is not None} == details
    assert len(str(refused)) < 300


# Secrets and headers


@pytest.mark.parametrize("length", [24, 25, 26, 32])
@pytest.mark.parametrize("is_padded", [True, False])
@pytest.mark.parametrize("prefix", ["whsec_", ""])
def test_a_secret_may_lack_its_padding_and_its_prefix(
    length: int, prefix: str, *, is_padded: bool
) -> None:
    key = bytes(range(length))
    encoded = b64encode(key).decode()
    secret = prefix + (encoded if is_padded else encoded.rstrip("="))
    assert webhooks.signing_keys([secret, SecretStr(secret)]) == [key, key]


@pytest.mark.parametrize("bad", ["whsec_", "whsec_!!!!", "whsec_é", "whsec_a"])
def test_a_secret_that_is_not_usable_is_told_by_its_place(bad: str) -> None:
    with pytest.raises(
        ConfigurationError, match="secret 2 is not usable: expected whsec_ "
    ) as told:
        webhooks.signing_keys([SECRET, bad])
    assert bad not in str(told.value).replace("expected whsec_ ", "") or bad == "whsec_"
    with pytest.raises(ConfigurationError, match="no webhook signing secret"):
        webhooks.signing_keys([])


def _verified(headers: Mapping[str, str], body: bytes, **options: Any) -> webhooks.Delivery:
    with frozen(options.pop("at", NOON)):
        return webhooks.verify_webhook(body, headers, **{"secrets": [SECRET]} | options)


def test_one_signature_of_several_by_one_secret_of_several_is_enough() -> None:
    delivery = sent(created("user_1", 1), "msg_1")
    other = "whsec_" + b64encode(b"o" * 24).decode()
    signature = delivery.headers["svix-signature"]
    for signatures in (f"v1,AAAA {signature}", f"v2,x {signature}", f"{signature} v1a,x"):
        headers = {**delivery.headers, "svix-signature": signatures}
        found = _verified(headers, delivery.body, secrets=[other, SECRET])
        assert (found.id, found.sent_at, found.payload) == ("msg_1", NOON, delivery.body)
    for forged in (signature.replace("v1", "v2"), signature.replace("v1,", ""), "v1,", "v1,é"):
        with pytest.raises(WebhookSignatureMismatch):
            _verified({**delivery.headers, "svix-signature": forged}, delivery.body)
    with pytest.raises(WebhookSignatureMismatch):
        _verified(delivery.headers, delivery.body, secrets=[other])
    with pytest.raises(WebhookSignatureMismatch):
        _verified({**delivery.headers, "svix-id": "msg_2"}, delivery.body)


@pytest.mark.parametrize("name", ["svix-id", "svix-timestamp", "svix-signature"])
def test_each_header_must_be_there_once_in_any_case(name: str) -> None:
    delivery = sent(created("user_1", 1), "msg_1")
    headers = dict(delivery.headers)
    value = headers[name]
    assert _verified({**headers, name.upper(): value}, delivery.body).id == "msg_1"
    for wrong in ({name: ""}, {name: "", name.upper(): ""}):
        with pytest.raises(WebhookHeaderMissing, match=f"{name} is missing"):
            _verified({**headers, **wrong}, delivery.body)
    with pytest.raises(WebhookHeaderMissing, match=f"{name} is missing"):
        _verified({key: each for key, each in headers.items() if key != name}, delivery.body)
    with pytest.raises(WebhookHeaderMalformed, match=f"{name} is malformed .expected one value"):
        _verified({**headers, name.upper(): f"{value}1"}, delivery.body)


@pytest.mark.parametrize("tolerance", [timedelta(), timedelta(minutes=5)])
def test_a_delivery_is_taken_within_the_tolerance_and_no_longer(tolerance: timedelta) -> None:
    delivery = sent(created("user_1", 1), "msg_1")
    moment = timedelta(seconds=1)
    for at in (NOON - tolerance, NOON, NOON + tolerance):
        assert (
            _verified(delivery.headers, delivery.body, at=at, tolerance=tolerance).sent_at == NOON
        )
    with pytest.raises(WebhookStale, match="too old: sent at 2026-03-08T12:00:00") as stale:
        _verified(
            delivery.headers, delivery.body, at=NOON + tolerance + moment, tolerance=tolerance
        )
    assert stale.value.details["sent_at"] == NOON.isoformat()
    assert stale.value.details["received_at"] == (NOON + tolerance + moment).isoformat()
    with pytest.raises(WebhookFromFuture, match="from the future"):
        _verified(
            delivery.headers, delivery.body, at=NOON - tolerance - moment, tolerance=tolerance
        )


# Tokens


@pytest.mark.parametrize(
    "text", ["", "a", "a.b", "a.b.c", "....", "é", "bm8.bm8.bm8", "e30.e30.e30."]
)
def test_what_is_no_token_is_told_so(text: str) -> None:
    with pytest.raises((TokenMalformed, errors.TokenAlgorithmRefused)):
        jws.stated_key_id(text)


@pytest.mark.parametrize("header", [{"kid": ""}, {"typ": "at+jwt"}])
def test_a_token_names_its_key_and_is_of_no_other_type(header: dict[str, Any]) -> None:
    with pytest.raises(TokenMalformed):
        jws.stated_key_id(token(header=header))


async def test_claims_that_are_wrong_are_named_each_once_in_order() -> None:
    with pytest.raises(TokenMalformed) as refused:
        await verified(token(sub="a b", sid="", exp=-1))
    assert refused.value.details["claims"] == ["exp", "sid", "sub"]
    assert str(refused.value).endswith("in another form: exp, sid, sub")
    with pytest.raises(TokenMalformed, match="claims are not a JSON object") as nothing:
        await verified(signed(["x"]))  # type: ignore[arg-type]
    assert nothing.value.details["claims"] == []


async def test_of_two_beginnings_the_later_counts() -> None:
    second = int(NOON.timestamp())
    for given in ({"nbf": second + 30, "iat": second}, {"nbf": second, "iat": second + 30}):
        text = token(**given, exp=second + 90)
        with pytest.raises(errors.TokenNotYetValid) as early:
            await verified(text)
        assert early.value.details["valid_from"] == (NOON + timedelta(seconds=30)).isoformat()
        claims = await verified(text, at=NOON + timedelta(seconds=25))
        assert claims.issued_at == datetime.fromtimestamp(given["iat"], UTC)
        assert claims.expires_at == NOON + timedelta(seconds=90)


GOOD: dict[str, Any] = {"issuer": ISSUER, "authorized_parties": [PARTY]}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"issuer": ""}, "issuer of session tokens is not configured"),
        ({"issuer": f"{ISSUER}/"}, "leave out the slash"),
        ({"authorized_parties": PARTY}, "must be a collection of origins"),
        ({"authorized_parties": []}, "must be a collection of origins"),
        ({"authorized_parties": [PARTY, f"{PARTY}/"]}, f"{PARTY}/ "),
        ({"authorized_parties": ["https://App.example"]}, "small letters"),
        ({"leeway": timedelta(seconds=-1)}, "must not be negative"),
        ({"jwks": {"keys": []}, "jwks_url": "https://x.example"}, "not both"),
        ({"jwks": {"keys": []}, "cache": KeyCachePolicy()}, "not both"),
        ({"jwks": {"keys": []}, "fetch": print}, "not both"),
        ({"jwks": {"keys": []}}, "are not usable: the JSON Web Key Set has no RS256 key"),
        ({"jwks": {}}, "are not usable: this is not a JSON Web Key Set"),
        ({"jwks_url": "ftp://x.example"}, "must come by https"),
        ({"jwks_url": "http://[x"}, "must come by https"),
    ],
)
def test_a_verifier_that_could_verify_nothing_is_not_made(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        SessionVerifier(**GOOD | given)
    SessionVerifier(**GOOD | {"leeway": timedelta()})
    SessionVerifier(**GOOD | {"authorized_parties": None})


def test_settings_without_what_a_verifier_needs_name_all_of_it() -> None:
    with pytest.raises(ConfigurationError, match=r"ISSUER and VETCORE_CLERK_AUTHORIZED_PARTIES$"):
        SessionVerifier.from_settings(ClerkSettings())
    with pytest.raises(ConfigurationError, match=r"without VETCORE_CLERK_AUTHORIZED_PARTIES$"):
        SessionVerifier.from_settings(ClerkSettings(issuer=ISSUER))
    SessionVerifier.from_settings(ClerkSettings(issuer=ISSUER, authorized_parties=(PARTY,)))


async def test_settings_say_for_whom_a_token_is_and_where_its_keys_are() -> None:
    settings = ClerkSettings(
        issuer=ISSUER,
        authorized_parties=(PARTY,),
        audience="us",
        jwks_url="https://keys.example/jwks",
    )
    verifier = SessionVerifier.from_settings(settings)
    assert (verifier._audience, verifier._parties) == ("us", frozenset({PARTY}))
    with pytest.raises(ConfigurationError):
        SessionVerifier.from_settings(settings, cache=KeyCachePolicy(ttl=timedelta()))


def test_of_a_key_set_only_keys_for_such_signatures_count() -> None:
    found = jws.public_keys(
        {
            "keys": [
                jwk("first"),
                jwk("second", use="enc"),
                jwk("third", alg="RS512"),
                jwk("fourth", kty="EC"),
                {"kid": "fifth"},
                "sixth",
                {name: value for name, value in jwk("first").items() if name not in {"use", "alg"}}
                | {"kid": "seventh"},
            ]
        }
    )
    assert sorted(found) == ["first", "seventh"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ttl": timedelta()},
        {"refetch_interval": timedelta()},
        {"timeout": timedelta()},
        {"stale_for": timedelta(seconds=-1)},
    ],
)
def test_a_cache_of_keys_has_durations_that_can_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="the key cache is not usable"):
        KeyCachePolicy(**wrong)
    KeyCachePolicy(stale_for=timedelta())


# Accounts


async def _claims(subject: str, **metadata: Any) -> Any:
    return await verified(token(sub=subject, metadata=metadata))


async def test_a_first_sight_makes_an_account_once_with_the_role_of_the_token(db: Database) -> None:
    claims = await _claims("user_1", role="veterinarian")
    async with db.transaction() as session:
        assert await find_user(session, claims) is None
        made = await ensure_user(session, claims)
        assert await ensure_user(session, claims) is made
    async with db.transaction() as session:
        plain = await ensure_user(session, await _claims("user_2"))
    assert (made.role, plain.role) == (Role.VETERINARIAN, Role.PET_OWNER)
    assert [each.clerk_user_id for each in await accounts(db)] == ["user_1", "user_2"]
    assert await tell(db, deleted("user_1", 2)) == [Outcome.APPLIED]
    for look in (find_user, ensure_user):
        with pytest.raises(AccountDeleted):
            await db.run(lambda session, look=look: look(session, claims))


async def test_what_was_deleted_keeps_nothing_personal(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com", phone="+12065550123"))
    async with db.transaction() as session:
        known = await session.get_one(
            type(await account(db, "user_1")), (await account(db, "user_1")).id
        )
        known.locale, known.timezone = "de", "Europe/Berlin"
        known.terms_accepted_at = known.marketing_accepted_at = AN_HOUR_AGO
    assert await tell(db, deleted("user_1", 2), deleted("user_1", 3)) == [
        Outcome.APPLIED,
        Outcome.OUTDATED,
    ]
    gone = await account(db, "user_1")
    assert (gone.first_name, gone.last_name, gone.phone, gone.phone_verified) == (
        "",
        "",
        None,
        False,
    )
    assert (gone.locale, gone.timezone, gone.marketing_accepted_at) == ("en", "UTC", None)
    assert (gone.status, gone.is_deleted) == (UserStatus.DELETED, True)
    assert gone.email == f"{gone.id}@deleted.invalid"
    assert gone.terms_accepted_at == AN_HOUR_AGO
    assert await tell(db, updated("user_1", 9)) == [Outcome.OUTDATED]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (("+12065550123", True), (None, True), (None, False)),
        (("+12065550123", True), ("+12065550199", True), ("+12065550199", True)),
        (("+12065550123", True), ("+12065550199", False), (None, False)),
        (("+12065550123", False), (None, True), (None, False)),
    ],
)
async def test_a_number_is_clerks_while_it_is_verified(
    db: Database, first: tuple[Any, bool], second: tuple[Any, bool], kept: tuple[Any, bool]
) -> None:
    for second_, (phone, is_verified) in enumerate((first, second), 1):
        event = updated("user_1", second_, phone=phone, phone_verified=is_verified)
        await tell(db, event)
    found = await account(db, "user_1")
    assert (found.phone, found.phone_verified) == kept


@pytest.mark.parametrize(
    ("local", "event", "is_linked"),
    [
        ({}, {}, True),
        ({"email_verified": False}, {}, False),
        ({}, {"verified": False}, False),
        ({"status": UserStatus.SUSPENDED}, {}, False),
        ({"status": UserStatus.INVITED}, {}, True),
        ({"clerk_user_id": "user_0"}, {}, False),
    ],
)
async def test_two_accounts_become_one_only_where_both_have_shown_the_address(
    db: Database, local: dict[str, Any], event: dict[str, Any], *, is_linked: bool
) -> None:
    known = user(
        **{"email": "ana@example.com", "email_verified": True, "phone": "+12065550123"} | local
    )
    await add(db, known)
    await tell(db, created("user_1", 1, email="ana@example.com", banned=True, **event))
    mine = await account(db, "user_1")
    assert (mine.id == known.id) is is_linked
    assert mine.status is UserStatus.SUSPENDED
    if is_linked:
        assert (mine.phone, mine.phone_verified) == ("+12065550123", False)
        assert len(await accounts(db)) == 1


async def test_a_period_that_is_too_short_is_told_with_the_shortest(db: Database) -> None:
    with pytest.raises(InvalidValue) as refused:
        await db.run(lambda session: prune_deliveries(session, older_than=timedelta(hours=1)))
    assert refused.value.details["expected"] == "1 day, 4:00:00 or more"
