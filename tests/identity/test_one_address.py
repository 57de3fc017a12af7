"""An address belongs to one account: who gives way, and when accounts are linked."""

import asyncio

import pytest

from tests.examples import pet, user
from vetcore.database import Database
from vetcore.identity.clerk import (
    Outcome,
    has_address,
)
from vetcore.models import User
from vetcore.values.people import Role, UserStatus

from .clerk_events import NOON, account, accounts, add, at, created, deleted, tell, updated


async def test_who_signs_up_again_gets_a_new_account(db: Database) -> None:
    await tell(
        db,
        created("user_1", 1, email="ana@example.com"),
        deleted("user_1", 2),
        created("user_2", 3, email="ana@example.com"),
    )

    old, new = await account(db, "user_1"), await account(db, "user_2")
    assert old.status is UserStatus.DELETED
    assert (new.email, new.status) == ("ana@example.com", UserStatus.ACTIVE)


async def test_an_address_that_a_newer_account_has_is_taken_from_the_older(db: Database) -> None:
    await tell(
        db,
        created("user_1", 1, email="ana@example.com", first_name="First"),
        created("user_2", 3, email="ana@example.com", first_name="Second"),
    )

    first, second = await account(db, "user_1"), await account(db, "user_2")
    assert not has_address(first)
    assert first.first_name == "First"
    assert second.email == "ana@example.com"


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("at_clerk", [True, False])
async def test_an_account_is_linked_only_if_its_address_is_verified_here_and_at_clerk(
    db: Database, *, here: bool, at_clerk: bool
) -> None:
    local = user(email="ana@example.com", email_verified=here, first_name="Anna")
    await add(db, local)

    await tell(db, created("user_1", 1, email="ANA@example.com", verified=at_clerk))

    found = await account(db, "user_1")
    if here and at_clerk:
        assert found.id == local.id
        assert (found.email, found.first_name) == ("ana@example.com", "Ana")
        return
    assert found.id != local.id
    assert not has_address(found)
    (kept,) = [each for each in await accounts(db) if each.id == local.id]
    assert (kept.email, kept.first_name, kept.clerk_user_id) == ("ana@example.com", "Anna", None)


async def test_a_role_that_was_given_here_does_not_survive_linking(db: Database) -> None:
    await add(db, user(email="ana@example.com", email_verified=True, role=Role.PLATFORM_ADMIN))

    await tell(db, created("user_1", 1, email="ana@example.com"))

    assert (await account(db, "user_1")).role is Role.PET_OWNER


async def test_a_suspended_account_is_not_reached_by_signing_up_anew(db: Database) -> None:
    local = user(email="ana@example.com", email_verified=True, status=UserStatus.SUSPENDED)
    await add(db, local)

    await tell(db, created("user_1", 1, email="ana@example.com"))

    assert (await account(db, "user_1")).id != local.id


async def test_a_row_to_which_something_refers_does_not_give_way(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com", verified=False))
    own = await account(db, "user_1")
    async with db.transaction() as session:
        row = await session.get_one(User, own.id)
        row.email = f"{row.id}@unknown.invalid"
        session.add(pet(row, deleted_at=NOON))
    await add(db, user(email="ana@example.com", email_verified=True))

    await tell(db, updated("user_1", 2, email="ana@example.com"))

    assert (await account(db, "user_1")).id == own.id


async def test_who_came_back_to_the_clinic_is_not_erased_by_an_event_of_before(
    db: Database,
) -> None:
    await tell(db, deleted("user_1", 2))
    local = user(email="ana@example.com", email_verified=True, created_at=at(3))
    await add(db, local)

    assert await tell(db, created("user_1", 1, email="ana@example.com")) == [Outcome.OUTDATED]

    (kept,) = [each for each in await accounts(db) if each.id == local.id]
    assert kept.email == "ana@example.com"


async def test_an_address_that_a_writer_who_takes_no_turns_takes_meanwhile_is_left_to_them(
    db: Database,
) -> None:
    async with db.transaction() as session:
        session.add(user(email="ana@example.com"))
        await session.flush()
        delivery = asyncio.create_task(tell(db, created("user_1", 1, email="ana@example.com")))
        await asyncio.sleep(0.3)  # by now it waits for this transaction

    assert await delivery == [Outcome.APPLIED]
    assert not has_address(await account(db, "user_1"))
