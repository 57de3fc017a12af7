"""A token that arrives before Clerk's event makes the account, once."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.examples import user
from vetcore.database import Database
from vetcore.database.locking import take_turns
from vetcore.errors import NotAuthenticated
from vetcore.identity.clerk import (
    Outcome,
    SessionClaims,
    ensure_user,
    has_address,
)
from vetcore.identity.errors import AccountDeleted
from vetcore.models import User
from vetcore.values.people import Role, UserStatus

from .clerk_events import NOON, accounts, add, created, deleted, tell, updated


def _claims(clerk_id: str = "user_1", role: Role | None = None) -> SessionClaims:
    return SessionClaims(
        clerk_user_id=clerk_id,
        session_id="sess_1",
        issued_at=NOON,
        expires_at=NOON,
        authorized_party=None,
        organization=None,
        role=role,
        impersonated_by=None,
        claims={},
    )


async def _ensure(db: Database, claims: SessionClaims) -> User:
    return await db.run(lambda session: ensure_user(session, claims))


async def test_a_token_that_overtakes_the_webhook_makes_the_account(db: Database) -> None:
    made = await _ensure(db, _claims(role=Role.RECEPTIONIST))
    assert (made.role, made.status, has_address(made)) == (
        Role.RECEPTIONIST,
        UserStatus.ACTIVE,
        False,
    )

    await tell(db, created("user_1", 1, email="ana@example.com"))

    known = await _ensure(db, _claims())
    assert known.id == made.id
    assert (known.email, known.role) == ("ana@example.com", Role.PET_OWNER)


async def test_a_token_that_overtakes_the_webhook_does_not_hinder_linking(db: Database) -> None:
    local = user(email="ana@example.com", email_verified=True, phone="+12065550100")
    await add(db, local)
    await _ensure(db, _claims())

    await tell(db, created("user_1", 1, email="ana@example.com"))

    (only,) = await accounts(db)
    assert (only.id, only.clerk_user_id, only.phone) == (local.id, "user_1", "+12065550100")


async def test_a_token_of_a_deleted_account_is_refused(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com"), deleted("user_1", 2))

    with pytest.raises(AccountDeleted) as refusal:
        await _ensure(db, _claims())
    assert isinstance(refusal.value, NotAuthenticated)


async def test_first_sight_in_many_requests_at_once_makes_one_account(db: Database) -> None:
    seen = await asyncio.gather(*(_ensure(db, _claims()) for _ in range(12)))

    assert len({each.id for each in seen}) == 1
    async with db.session() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 1


async def test_nothing_is_committed_for_the_caller(db: Database) -> None:
    async with db.trial() as session:
        await ensure_user(session, _claims(str(uuid4())))
    assert await accounts(db) == []


@pytest.mark.parametrize("backend", ["postgresql"])
@pytest.mark.parametrize(
    "event", [created("user_1", 1), updated("user_1", 1), deleted("user_1", 1)]
)
async def test_events_of_one_user_go_one_after_the_other(
    db: Database, event: dict[str, Any]
) -> None:
    """Also of one that nobody has seen yet, of whom there is no row to lock."""
    async with db.transaction() as session:
        await take_turns(session, "account", "user:user_1")
        telling = asyncio.create_task(tell(db, event))
        done, _ = await asyncio.wait({telling}, timeout=1)
        assert not done
    assert await telling == [Outcome.APPLIED]
