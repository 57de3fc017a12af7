"""What Clerk's events leave of accounts, whatever the order in which they come."""

from typing import Any

import pytest

from vetcore.database import Database
from vetcore.identity.clerk import (
    Outcome,
    has_address,
)
from vetcore.models import User
from vetcore.values.people import Role, UserStatus
from vetcore.values.preferences import Preferences

from .clerk_events import account, accounts, at, created, tell, updated


async def test_who_signs_up_gets_an_account(db: Database) -> None:
    stated = created("user_1", 1, email="Ana@Example.com", phone="+12065550123")

    assert await tell(db, stated) == [Outcome.APPLIED]

    made = await account(db, "user_1")
    assert (made.email, made.email_verified) == ("ana@example.com", True)
    assert (made.phone, made.phone_verified) == ("+12065550123", True)
    assert made.full_name == "Ana Silva"
    assert (made.role, made.status) == (Role.PET_OWNER, UserStatus.ACTIVE)
    assert made.clerk_updated_at == at(1)


async def test_an_update_changes_what_clerk_keeps_and_nothing_else(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com"))
    async with db.transaction() as session:
        row = await session.get_one(User, (await account(db, "user_1")).id)
        row.locale, row.preferences = "pt-BR", Preferences(sms_enabled=True)

    await tell(db, updated("user_1", 2, email="ana@example.org", last_name=None, banned=True))

    after = await account(db, "user_1")
    assert (after.email, after.full_name, after.status) == (
        "ana@example.org",
        "Ana",
        UserStatus.SUSPENDED,
    )
    assert (after.locale, after.preferences) == ("pt-BR", Preferences(sms_enabled=True))


async def test_an_older_event_that_arrives_late_is_outdated(db: Database) -> None:
    events = [
        updated("user_1", 2, email="new@example.com"),
        updated("user_1", 1.999, email="old@example.com"),
        created("user_1", 2, email="old@example.com"),
    ]

    outcomes = await tell(db, *events)

    assert outcomes == [Outcome.APPLIED, Outcome.OUTDATED, Outcome.OUTDATED]
    assert (await account(db, "user_1")).email == "new@example.com"


async def test_a_lock_after_failed_attempts_to_sign_in_is_clerks_own_affair(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com", locked=True))

    assert (await account(db, "user_1")).status is UserStatus.ACTIVE


@pytest.mark.parametrize(
    ("stated", "role"),
    [
        ({"public_metadata": {"role": "veterinarian"}}, Role.VETERINARIAN),
        ({"public_metadata": {"role": "emperor"}}, Role.PET_OWNER),
        ({"unsafe_metadata": {"role": "platform_admin"}}, Role.PET_OWNER),
        ({"private_metadata": {"role": "platform_admin"}}, Role.PET_OWNER),
        ({"role": "platform_admin"}, Role.PET_OWNER),
    ],
)
async def test_a_role_comes_from_public_metadata_only(
    db: Database, stated: dict[str, Any], role: Role
) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com", **stated))

    assert (await account(db, "user_1")).role is role


async def test_a_role_that_clerk_takes_back_is_gone(db: Database) -> None:
    stated = {"email": "ana@example.com", "public_metadata": {"role": "clinic_manager"}}
    await tell(db, created("user_1", 1, **stated), updated("user_1", 2, email="ana@example.com"))

    assert (await account(db, "user_1")).role is Role.PET_OWNER


async def test_an_account_without_an_address_has_a_stand_in_where_nobody_receives_mail(
    db: Database,
) -> None:
    await tell(db, created("user_1", 1), created("user_2", 1))

    first, second = await accounts(db)
    assert first.email != second.email
    assert first.email.endswith(".invalid")
    assert not has_address(first)
    assert not first.email_verified


@pytest.mark.parametrize(
    "address", ["ana@clinic.test", "ana@localhost", f"{'a' * 300}@example.com"]
)
async def test_an_address_that_nobody_can_write_to_does_not_lose_the_rest_of_the_event(
    db: Database, address: str
) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com"))

    assert await tell(db, updated("user_1", 2, email=address, banned=True)) == [Outcome.APPLIED]

    after = await account(db, "user_1")
    assert after.status is UserStatus.SUSPENDED
    assert (has_address(after), after.email_verified) == (False, False)


async def test_a_number_that_was_entered_here_stays_until_clerk_has_a_verified_one(
    db: Database,
) -> None:
    mine = {"email": "ana@example.com"}
    await tell(db, created("user_1", 1, **mine))
    async with db.transaction() as session:
        (await session.get_one(User, (await account(db, "user_1")).id)).phone = "+12065550100"

    await tell(db, updated("user_1", 2, **mine, phone="+12065550123", phone_verified=False))
    assert (await account(db, "user_1")).phone == "+12065550100"
    await tell(db, updated("user_1", 3, **mine, phone="+12065550123"))
    assert (await account(db, "user_1")).phone == "+12065550123"
    await tell(db, updated("user_1", 4, **mine))
    assert (await account(db, "user_1")).phone is None
