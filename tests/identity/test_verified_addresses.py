"""A verified address stays where it is verified, and no order, twin or absurd time changes that."""

import asyncio
import json
import random
from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from tests.examples import user
from vetcore import clock
from vetcore.clock import frozen
from vetcore.database import Database, Session
from vetcore.identity.clerk import Outcome, apply_event, has_address, parse_event
from vetcore.models import User
from vetcore.schemas import UserUpdate
from vetcore.values.people import Role, UserStatus

from .clerk_events import (
    NOON,
    account,
    accounts,
    add,
    at,
    created,
    deleted,
    milliseconds,
    tell,
    updated,
    visible,
)

FAR = 253_402_300_799_999
"""The last millisecond of the year 9999."""


async def test_a_verified_address_is_not_displaced_by_a_newer_claim_that_is_not_verified(
    db: Database,
) -> None:
    await tell(
        db,
        created("user_1", 1, email="ana@example.com"),
        created("user_2", 3, email="ana@example.com", verified=False),
    )
    assert (await account(db, "user_1")).email == "ana@example.com"
    assert not has_address(await account(db, "user_2"))


async def test_an_unverified_address_goes_to_the_account_that_has_it_verified(db: Database) -> None:
    await tell(
        db,
        created("user_2", 3, email="ana@example.com", verified=False),
        created("user_1", 1, email="ana@example.com"),
    )
    first = await account(db, "user_1")
    assert (first.email, first.email_verified) == ("ana@example.com", True)
    assert not has_address(await account(db, "user_2"))


@pytest.mark.parametrize(
    "release", [updated("user_1", 4, email="new@example.com"), deleted("user_1", 4)]
)
async def test_an_address_that_is_given_up_goes_to_the_next_who_claims_it(
    db: Database, release: Mapping[str, Any]
) -> None:
    await tell(
        db,
        created("user_1", 1, email="ana@example.com"),
        created("user_2", 3, email="ana@example.com", verified=False),
        release,
    )
    second = await account(db, "user_2")
    assert (second.email, second.email_verified) == ("ana@example.com", False)


# Times --------------------------------------------------------------------------------------------


def _clashing() -> list[Mapping[str, Any]]:
    mine = {"email": "ana@example.com"}
    return [
        updated("user_1", 2, **mine, public_metadata={"role": "clinic_manager"}),
        updated("user_1", 2, **mine, banned=True),
        updated("user_1", 2, **mine, verified=False, first_name="Eve"),
        created("user_1", 2, **mine, first_name="First"),
    ]


async def test_of_changes_in_one_instant_the_one_that_grants_least_counts_in_every_order(
    db: Database,
) -> None:
    left: list[tuple[UserStatus, Role, str]] = []
    for order in permutations(_clashing()):
        async with db.trial() as session:
            for event in order:
                await _apply(session, event)
            row = await session.scalar(select(User))
            assert row is not None
            left.append((row.status, row.role, row.first_name))
    assert left == [(UserStatus.SUSPENDED, Role.PET_OWNER, "Ana")] * 24


async def _apply(session: Session, event: Mapping[str, Any]) -> Outcome:
    parsed = parse_event(json.dumps(event).encode())
    assert parsed is not None
    return await apply_event(session, parsed)


async def test_an_event_of_the_year_9999_blocks_no_later_one(db: Database) -> None:
    absurd = updated("user_1", 0, updated_at=FAR, first_name="Absurd", email="far@example.com")
    assert await tell(db, absurd) == [Outcome.APPLIED]
    assert await tell(db, updated("user_1", 1, email="ana@example.com")) == [Outcome.APPLIED]
    assert await tell(db, absurd) == [Outcome.OUTDATED]
    found = await account(db, "user_1")
    assert (found.email, found.first_name) == ("ana@example.com", "Ana")


@pytest.mark.parametrize(("ahead", "counts"), [(300_000, True), (300_001, False)])
async def test_a_clock_may_be_ahead_by_as_much_as_a_delivery_may(
    db: Database, ahead: int, *, counts: bool
) -> None:
    await tell(db, updated("user_1", 1, first_name="Known"))
    instant = milliseconds(NOON) + ahead
    await tell(db, updated("user_1", 0, updated_at=instant, first_name="Ahead"))
    assert (await account(db, "user_1")).first_name == ("Ahead" if counts else "Known")


# Any history --------------------------------------------------------------------------------------

WORKERS = 8


def _contradictory(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Events of twelve users who claim five addresses, as no provider would send them."""
    people = [f"user_{number}" for number in range(12)]
    events: list[dict[str, Any]] = []
    for _ in range(count):
        name, second = chance.choice(people), chance.choice([*range(20), 7, 7, 7])
        said = {
            "email": chance.choice([*(f"pool{number}@example.com" for number in range(5)), None]),
            "verified": chance.random() < 0.5,
            "first_name": chance.choice(["Ana", "Bo", None]),
            "banned": chance.random() < 0.1,
            "public_metadata": {"role": chance.choice(["veterinarian", "pet_owner", "king"])},
        }
        if chance.random() < 0.1:
            said["updated_at"] = chance.choice([FAR, 0, milliseconds(NOON) + 10**9])
        if chance.random() < 0.01:
            events.append(deleted(name, second))
        else:
            events.append(chance.choice([created, updated])(name, second, **said))
    return events


def _in_order(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As they would have come from a provider with one clock: what cannot be dated comes first."""

    def when(event: dict[str, Any]) -> tuple[float, bool, bool]:
        instant = event["data"].get("updated_at", FAR + 1)
        dated = FAR >= instant > milliseconds(NOON) + 300_000
        return (0 if dated else instant, event["type"] != "user.created", instant > FAR)

    return sorted(events, key=when)


async def _left(db: Database) -> list[str]:
    found = [each for each in await accounts(db) if each.clerk_user_id is not None]
    return sorted(str((sorted(visible(each).items()), each.clerk_rank)) for each in found)


async def test_a_thousand_contradictory_events_leave_what_each_once_in_order_leaves(
    db: Database,
) -> None:
    chance = random.Random(11)
    events = _contradictory(chance, 500)
    with frozen(NOON):
        async with db.trial() as session:
            for event in _in_order(events):
                await _apply(session, event)
                session.expunge_all()
            wanted = await _of_session(session)
        shuffled = events + chance.choices(events, k=500)
        chance.shuffle(shuffled)
        waiting = iter(shuffled)

        async def work() -> None:
            for event in waiting:
                await db.run(lambda session, event=event: _apply(session, event))  # type: ignore[misc]

        await asyncio.gather(*(work() for _ in range(WORKERS)))
    assert await _left(db) == wanted
    everybody = await accounts(db)
    holders = {each.email: each for each in everybody if has_address(each)}
    for each in everybody:
        if each.clerk_email is not None and each.clerk_email_verified and not each.is_deleted:
            assert holders[each.clerk_email].email_verified
    assert any(each.clerk_email and not has_address(each) for each in everybody)
    assert len(everybody) == 12


async def _of_session(session: Session) -> list[str]:
    query = select(User).execution_options(include_deleted=True)
    return sorted(
        str((sorted(visible(each).items()), each.clerk_rank))
        for each in await session.scalars(query)
    )


# Changes made here --------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "is_verified"), [({}, False), ({"email_verified": True}, True)])
async def test_an_address_that_changes_is_verified_only_if_the_change_says_so(
    db: Database, said: dict[str, Any], *, is_verified: bool
) -> None:
    person = user(email="ana@example.com", email_verified=True, phone_verified=True)
    await add(db, person)
    async with db.transaction() as session:
        row = await session.get_one(User, person.id)
        UserUpdate(email="new@example.com", **said).apply_to(row)
        assert (row.email_verified, row.phone_verified) == (is_verified, True)


async def test_an_attribute_that_is_set_is_no_longer_verified(db: Database) -> None:
    person = user(email="ana@example.com", email_verified=True)
    person.phone, person.phone_verified = "+12065550123", True
    await add(db, person)
    async with db.transaction() as session:
        row = await session.get_one(User, person.id)
        row.email = "ana@example.com"
        assert row.email_verified
        row.email, row.phone = "new@example.com", "+12065550124"
        assert not row.email_verified
        assert not row.phone_verified


def test_the_story_lies_before_now() -> None:
    assert at(20) < NOON < clock.now()
