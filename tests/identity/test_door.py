"""One door: what a request shows becomes who acts, whoever vouches for it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.examples import pet, user
from vetcore import clock
from vetcore.clock import frozen
from vetcore.database import Acting, Database
from vetcore.errors import ConfigurationError, NotAuthenticated, NotFound, PermissionDenied
from vetcore.identity.clerk import KeyCachePolicy, SessionVerifier
from vetcore.identity.door import (
    ApiKeys,
    Authenticator,
    ClerkSessions,
    Credentials,
    DevelopmentSignIn,
    OidcTokens,
    OwnSessions,
    authenticate,
)
from vetcore.identity.errors import AccountDeleted, ImpersonatorUnknown, SigningKeysUnavailable
from vetcore.identity.oidc import OidcVerifier
from vetcore.identity.own.api_keys import new_api_key, revoke
from vetcore.identity.own.errors import ApiKeyRefused, SessionOver, VerificationNeeded
from vetcore.models import ApiKey, User, UserSession
from vetcore.operations import get_pet, sign_record, update_pet
from vetcore.schemas import ById, MedicalRecordSign, PetUpdate
from vetcore.settings import Environment
from vetcore.values.people import UserStatus

from .clerk_events import created, deleted, tell
from .clerk_instance import ISSUER, NOON, PARTY, key_set, token
from .forging import signed
from .own.people import QUICK, opened
from .test_forgeries import CLIENT, OIDC, PROVIDER, _oidc_claims

CLERK = SessionVerifier(issuer=ISSUER, authorized_parties={PARTY}, jwks=key_set("first"))
DOOR: list[Authenticator] = [
    OwnSessions(QUICK),
    ApiKeys(),
    ClerkSessions(CLERK),
    OidcTokens(OIDC),
    DevelopmentSignIn(Environment.TEST),
]


async def ask(db: Database, text: str | None, *door: Authenticator) -> Acting:
    headers = {} if text is None else {"AUTHORIZATION": f"bearer {text}"}
    return await authenticate(db, Credentials.of(headers, request="r1"), *(door or DOOR))


@pytest.mark.parametrize("text", [None, "", "x", "a.b.c", "vcx_1", "dev", "Bearer"])
async def test_who_shows_nothing_that_is_known_is_nobody(db: Database, text: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        await ask(db, text)


async def test_a_session_and_its_cookie_are_who_is_signed_in(db: Database) -> None:
    made = await opened(db)
    acting = await ask(db, made.token)
    assert (acting.actor, acting.session, acting.via) == (made.user_id, made.session_id, "api")
    assert acting.request == "r1"
    shown = Credentials.of({}, cookies={"vetcore_session": made.token}, via="web")
    assert (await authenticate(db, shown, *DOOR)).via == "web"
    with pytest.raises(SessionOver):
        await ask(db, f"{made.token}x")
    assert made.token not in repr(shown)


async def test_it_is_written_down_once_a_minute_that_a_session_is_used(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        made = await opened(db)
        for seconds, expected in ((59, 0), (1, 60), (59, 60)):
            stopped.move(timedelta(seconds=seconds))
            await ask(db, made.token)
            async with db.session() as session:
                row = await session.get_one(UserSession, made.session_id)
            assert (row.used_at - row.created_at).total_seconds() == expected


# Keys ---------------------------------------------------------------------------------------------


async def _key(db: Database, *permissions: str) -> tuple[User, str, Any]:
    owner = user(email="ana@example.com")
    animal = pet(owner)
    async with db.transaction() as session:
        session.add_all([owner, animal])
        await session.flush()
        made = await new_api_key(
            session,
            owner.id,
            name="Lab",
            permissions=permissions,
            expires_at=clock.now() + timedelta(days=30),
        )
    return owner, made.token, animal


async def test_a_key_does_what_it_was_given_and_nothing_else(db: Database) -> None:
    owner, text, animal = await _key(db, "pet:read")
    acting = await ask(db, text)
    assert (acting.actor, acting.scope) == (owner.id, {"pet:read"})
    async with db.session(acting) as session:
        assert (await get_pet(session, ById(id=animal.id))).id == animal.id
    async with db.transaction(acting) as session:
        with pytest.raises(PermissionDenied, match="key"):
            await update_pet(session, PetUpdate(id=animal.id, name="Max"))


async def test_a_key_has_no_right_that_its_person_lacks(db: Database) -> None:
    _, text, animal = await _key(db, "pet:read", "user:administer")
    async with db.transaction() as session:
        session.add(stranger := user(email="eve@example.com"))
        await session.flush()
        key = await session.scalar(select(ApiKey))
        assert key is not None
        key.user_id = stranger.id
    acting = await ask(db, text)
    async with db.session(acting) as session:
        with pytest.raises(NotFound):
            await get_pet(session, ById(id=animal.id))


async def test_a_key_ends_when_it_is_revoked_and_in_time(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        _, text, _ = await _key(db, "pet:read")
        stopped.move(timedelta(days=30) - timedelta(seconds=1))
        await ask(db, text)
        stopped.move(timedelta(seconds=1))
        with pytest.raises(ApiKeyRefused):
            await ask(db, text)
        stopped.move(-timedelta(days=10))
        await ask(db, text)
        async with db.transaction() as session:
            row = await session.scalar(select(ApiKey))
            assert row is not None
            assert row.used_at is not None
            await revoke(session, row)
        with pytest.raises(ApiKeyRefused):
            await ask(db, text)


# Clerk --------------------------------------------------------------------------------------------


async def test_a_token_of_clerks_is_its_user(db: Database) -> None:
    await tell(db, created("user_2abc", 1, email="ana@example.com"))
    with frozen(NOON):
        acting = await ask(db, token())
    async with db.session() as session:
        row = await session.get_one(User, acting.actor)
    assert (row.clerk_user_id, acting.impersonator, acting.session) == ("user_2abc", None, None)


async def test_who_acts_in_the_name_of_a_user_is_kept(db: Database) -> None:
    await tell(
        db,
        created("user_2abc", 1, email="ana@example.com"),
        created("user_support", 1, email="support@example.com"),
    )
    with frozen(NOON):
        acting = await ask(db, token(act={"sub": "user_support"}))
        async with db.session() as session:
            support = await session.scalar(
                select(User.id).where(User.clerk_user_id == "user_support")
            )
        assert acting.impersonator == support
        with pytest.raises(ImpersonatorUnknown):
            await ask(db, token(act={"sub": "user_stranger"}))


# OpenID Connect -----------------------------------------------------------------------------------


async def test_a_token_of_a_provider_makes_an_account_once(db: Database) -> None:
    with frozen(NOON):
        made = await asyncio.gather(*(ask(db, signed(_oidc_claims())) for _ in range(8)))
    assert len({each.actor for each in made}) == 1
    async with db.session() as session:
        row = await session.get_one(User, made[0].actor)
    assert (row.email, row.email_verified) == ("ana@example.com", True)


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("there", [True, False])
async def test_a_known_account_is_theirs_only_if_the_address_is_verified_in_both(
    db: Database, *, here: bool, there: bool
) -> None:
    known = user(email="ana@example.com", email_verified=here)
    async with db.transaction() as session:
        session.add(known)
    with frozen(NOON):
        acting = await ask(db, signed(_oidc_claims(email_verified=there)))
    assert (acting.actor == known.id) is (here and there)
    async with db.session() as session:
        row = await session.get_one(User, known.id)
    assert (row.email, row.email_verified) == ("ana@example.com", here)


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.INVITED])
async def test_an_account_that_may_not_be_used_is_not_reached(
    db: Database, status: UserStatus
) -> None:
    known = user(email="ana@example.com", email_verified=True, status=status)
    async with db.transaction() as session:
        session.add(known)
    with frozen(NOON):
        assert (await ask(db, signed(_oidc_claims()))).actor != known.id


async def test_who_acts_in_the_name_of_another_at_a_provider_is_kept(db: Database) -> None:
    with frozen(NOON):
        support = await ask(db, signed(_oidc_claims(sub="support", email=None)))
        acting = await ask(db, signed(_oidc_claims(act={"sub": "support"})))
        assert acting.impersonator == support.actor
        with pytest.raises(ImpersonatorUnknown):
            await ask(db, signed(_oidc_claims(act={"sub": "stranger"})))


async def test_an_account_that_was_deleted_stays_deleted(db: Database) -> None:
    with frozen(NOON):
        acting = await ask(db, signed(_oidc_claims()))
        async with db.transaction() as session:
            (await session.get_one(User, acting.actor)).soft_delete()
        with pytest.raises(AccountDeleted):
            await ask(db, signed(_oidc_claims()))
        await tell(db, created("user_2abc", 1), deleted("user_2abc", 2))
        with pytest.raises(AccountDeleted):
            await ask(db, token())


def _provider(**documents: Any) -> tuple[OidcVerifier, list[str], list[bool]]:
    asked, is_down = list[str](), list[bool]()
    well_known = f"{PROVIDER}/.well-known/openid-configuration"
    published = {
        well_known: {"issuer": PROVIDER, "jwks_uri": "https://keys.example.org/set"},
        "https://keys.example.org/set": key_set("first"),
    } | {f"{PROVIDER}{path}": each for path, each in documents.items()}

    async def fetch(url: str) -> object:
        asked.append(url)
        if is_down:
            raise ConnectionError
        return published[url]

    made = OidcVerifier(
        issuer=PROVIDER,
        audience=CLIENT,
        fetch=fetch,
        cache=KeyCachePolicy(refetch_interval=timedelta(seconds=30)),
    )
    return made, asked, is_down


async def test_keys_are_found_by_the_provider_s_configuration(db: Database) -> None:
    verifier, asked, _ = _provider()
    with frozen(NOON):
        for _ in range(3):
            await ask(db, signed(_oidc_claims()), OidcTokens(verifier))
    assert asked == [f"{PROVIDER}/.well-known/openid-configuration", "https://keys.example.org/set"]


CONFIGURATIONS: list[Mapping[str, Any]] = [
    {"issuer": "https://evil.example", "jwks_uri": "https://keys.example.org/set"},
    {"issuer": PROVIDER + "/", "jwks_uri": "https://keys.example.org/set"},
    {"issuer": PROVIDER, "jwks_uri": "http://keys.example.org/set"},
    {"issuer": PROVIDER},
    {},
]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
async def test_a_configuration_that_is_not_the_issuers_is_not_followed(
    db: Database, configuration: Mapping[str, Any]
) -> None:
    verifier, _, _ = _provider(**{"/.well-known/openid-configuration": configuration})
    with frozen(NOON), pytest.raises(SigningKeysUnavailable):
        await ask(db, signed(_oidc_claims()), OidcTokens(verifier))


async def test_while_a_provider_is_down_for_an_hour_who_is_signed_in_goes_on(db: Database) -> None:
    verifier, asked, is_down = _provider()
    with frozen(NOON) as stopped:
        life = {"exp": int(NOON.timestamp()) + 7200}
        await ask(db, signed(_oidc_claims(**life)), OidcTokens(verifier))
        is_down.append(True)
        stopped.move(timedelta(hours=1))
        for _ in range(3):
            await ask(db, signed(_oidc_claims(**life)), OidcTokens(verifier))
    assert len(asked) > 2
    nobodys, _, is_down = _provider()
    is_down.append(True)
    with frozen(NOON), pytest.raises(SigningKeysUnavailable):
        await ask(db, signed(_oidc_claims()), OidcTokens(nobodys))


# Development, and signing -------------------------------------------------------------------------


@pytest.mark.parametrize("environment", [Environment.STAGING, Environment.PRODUCTION])
def test_the_development_sign_in_does_not_start_where_others_depend_on_it(
    environment: Environment,
) -> None:
    with pytest.raises(ConfigurationError, match=environment):
        DevelopmentSignIn(environment)


async def test_in_development_one_is_whom_one_names(db: Database) -> None:
    person = user(email="ana@example.com")
    async with db.transaction() as session:
        session.add(person)
    assert (await ask(db, "dev:ANA@example.com")).actor == person.id
    with pytest.raises(NotAuthenticated):
        await ask(db, "dev:eve@example.com")


async def test_signing_asks_again_who_one_is(db: Database) -> None:
    with frozen(clock.now()) as stopped:
        made = await opened(db)
        stopped.move(timedelta(minutes=15))
        acting = await ask(db, made.token)
        async with db.transaction(acting) as session:
            with pytest.raises(VerificationNeeded):
                await sign_record(session, MedicalRecordSign(id=made.user_id))
        stopped.move(-timedelta(seconds=1))
        acting = await ask(db, made.token)
        async with db.transaction(acting) as session:
            with pytest.raises(NotFound):
                await sign_record(session, MedicalRecordSign(id=made.user_id))
