"""A request and its token: who asks has an account, one, whatever else arrives at that moment."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.examples import user
from vetcore.clock import frozen
from vetcore.database import Database
from vetcore.errors import InvalidValue
from vetcore.identity.clerk import (
    AccountDeleted,
    SessionVerifier,
    TokenRefused,
    ensure_user,
    find_user,
    has_address,
)
from vetcore.models import User
from vetcore.values.people import Role

from .clerk_events import NOON, account, accounts, created, deleted, tell
from .clerk_instance import ISSUER, PARTY, key_set, token

CLERK_ID = "user_2abc"
"""Whom the tokens of ``clerk_instance`` are for."""
VERIFIER = SessionVerifier(issuer=ISSUER, authorized_parties={PARTY}, jwks=key_set("first"))


async def request(db: Database, **claims: Any) -> User:
    """What a service does with a request that bears a token."""
    with frozen(NOON):
        identity = await VERIFIER.verify(token(**claims))
        return await db.run(lambda session: ensure_user(session, identity))


async def _count(db: Database) -> int:
    async with db.session(include_deleted=True) as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def test_two_first_requests_at_once_make_one_account(db: Database) -> None:
    first, second = await asyncio.gather(request(db), request(db))

    assert first.id == second.id
    assert await _count(db) == 1


async def test_first_requests_and_the_webhook_all_at_once_make_one_account(db: Database) -> None:
    event = created(CLERK_ID, 1, email="ana@example.com", public_metadata={"role": "receptionist"})

    *seen, _ = await asyncio.gather(*(request(db) for _ in range(6)), tell(db, event))

    assert await _count(db) == 1
    kept = await account(db, CLERK_ID)
    assert {each.id for each in seen} == {kept.id}
    assert (kept.email, kept.role) == ("ana@example.com", Role.RECEPTIONIST)


async def test_the_webhook_that_comes_after_the_token_completes_its_account(db: Database) -> None:
    made = await request(db)
    assert not has_address(made)

    await tell(db, created(CLERK_ID, 1, email="ana@example.com"))

    (only,) = await accounts(db)
    assert (only.id, only.email, only.first_name) == (made.id, "ana@example.com", "Ana")


async def test_the_token_that_comes_after_the_webhook_finds_its_account(db: Database) -> None:
    await tell(db, created(CLERK_ID, 1, email="ana@example.com"))

    found = await request(db, metadata={"role": "platform_admin"})

    (only,) = await accounts(db)
    assert (found.id, found.version) == (only.id, 1)
    assert found.role is Role.PET_OWNER, "the database decides, not the token"


async def test_a_token_links_no_account_by_the_address_that_it_states(db: Database) -> None:
    local = user(email="ana@example.com", email_verified=True)
    async with db.transaction() as session:
        session.add(local)

    seen = await request(db, email="ana@example.com", email_verified=True)

    assert seen.id != local.id
    assert not has_address(seen)


async def test_a_token_that_outlives_its_account_is_refused_and_makes_no_new_one(
    db: Database,
) -> None:
    await tell(db, created(CLERK_ID, 1, email="ana@example.com"), deleted(CLERK_ID, 2))
    before = await account(db, CLERK_ID)

    with pytest.raises(AccountDeleted) as refusal:
        await request(db)

    assert isinstance(refusal.value, TokenRefused)
    (after,) = await accounts(db)
    assert (after.id, after.version) == (before.id, before.version)


async def test_a_token_of_an_account_whose_deletion_came_first_is_refused(db: Database) -> None:
    await tell(db, deleted(CLERK_ID, 2))

    with pytest.raises(AccountDeleted):
        await request(db)


async def test_a_token_for_somebody_whose_id_is_none_of_clerks_makes_no_account(
    db: Database,
) -> None:
    with pytest.raises(InvalidValue):
        await request(db, sub="u" * 65)

    assert await _count(db) == 0


async def test_looking_for_an_account_makes_none(db: Database) -> None:
    with frozen(NOON):
        identity = await VERIFIER.verify(token())
    async with db.session() as session:
        assert await find_user(session, identity) is None
    made = await request(db)
    async with db.session() as session:
        found = await find_user(session, identity)
        assert found is not None
        assert found.id == made.id
    await tell(db, deleted(CLERK_ID, 2))
    async with db.session() as session:
        with pytest.raises(AccountDeleted):
            await find_user(session, identity)


async def test_a_token_that_does_not_verify_makes_no_account(db: Database) -> None:
    with pytest.raises(TokenRefused):
        await request(db, azp="https://evil.example")

    assert await _count(db) == 0
