"""What Clerk's events leave of accounts, whatever the order in which they come."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.examples import pet, user
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
from vetcore.values.address import Address
from vetcore.values.people import Role, UserStatus
from vetcore.values.preferences import Preferences

from .clerk_events import NOON, account, accounts, at, created, deleted, tell, updated, visible


async def _add(db: Database, *people: User) -> None:
    async with db.transaction() as session:
        session.add_all(people)


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


# --- deletion -----------------------------------------------------------------------------------


async def test_a_deletion_leaves_nothing_personal(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com", phone="+12065550123"))
    async with db.transaction() as session:
        row = await session.get_one(User, (await account(db, "user_1")).id)
        row.address = Address(line1="1 Main St", city="Seattle", postal_code="98107", country="US")
        row.preferences = Preferences(extra={"nickname": "Annie"})
        row.locale, row.timezone = "pt-BR", "America/Sao_Paulo"
        row.marketing_accepted_at = row.terms_accepted_at = NOON
        session.add(pet(row))

    await tell(db, deleted("user_1", 2))

    left = await account(db, "user_1")
    assert visible(left) == {
        "clerk_user_id": "user_1",
        "email": "-@deleted.invalid",
        "email_verified": False,
        "phone": None,
        "phone_verified": False,
        "first_name": "",
        "last_name": "",
        "role": Role.PET_OWNER,
        "status": UserStatus.DELETED,
        "is_deleted": True,
        "clerk_updated_at": None,
        "address": None,
        "preferences": Preferences(),
        "terms_accepted_at": NOON,
        "privacy_accepted_at": None,
        "marketing_accepted_at": None,
        "locale": "en",
        "timezone": "UTC",
    }


async def test_a_deletion_cannot_be_undone(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com"), deleted("user_1", 3))
    before = visible(await account(db, "user_1"))

    late = [
        created("user_1", 1, email="ana@example.com"),
        updated("user_1", 2, email="ana@example.com"),
        updated("user_1", 9, email="ana@example.com"),
        deleted("user_1", 9),
    ]

    assert await tell(db, *late) == [Outcome.OUTDATED] * 4
    assert visible(await account(db, "user_1")) == before


async def test_a_deletion_of_somebody_who_was_never_seen_is_remembered(db: Database) -> None:
    outcomes = await tell(db, deleted("user_1", 2), created("user_1", 1, email="ana@example.com"))

    assert outcomes == [Outcome.APPLIED, Outcome.OUTDATED]
    assert (await account(db, "user_1")).status is UserStatus.DELETED


async def test_an_account_that_staff_removed_is_anonymised_all_the_same(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com"))
    async with db.transaction() as session:
        (await session.get_one(User, (await account(db, "user_1")).id)).soft_delete()

    assert await tell(db, updated("user_1", 2)) == [Outcome.OUTDATED]
    assert await tell(db, deleted("user_1", 3)) == [Outcome.APPLIED]
    assert (await account(db, "user_1")).first_name == ""


# --- one address --------------------------------------------------------------------------------


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
    await _add(db, local)

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
    await _add(db, user(email="ana@example.com", email_verified=True, role=Role.PLATFORM_ADMIN))

    await tell(db, created("user_1", 1, email="ana@example.com"))

    assert (await account(db, "user_1")).role is Role.PET_OWNER


async def test_a_suspended_account_is_not_reached_by_signing_up_anew(db: Database) -> None:
    local = user(email="ana@example.com", email_verified=True, status=UserStatus.SUSPENDED)
    await _add(db, local)

    await tell(db, created("user_1", 1, email="ana@example.com"))

    assert (await account(db, "user_1")).id != local.id


async def test_a_row_to_which_something_refers_does_not_give_way(db: Database) -> None:
    await tell(db, created("user_1", 1, email="ana@example.com", verified=False))
    own = await account(db, "user_1")
    async with db.transaction() as session:
        row = await session.get_one(User, own.id)
        row.email = f"{row.id}@unknown.invalid"
        session.add(pet(row, deleted_at=NOON))
    await _add(db, user(email="ana@example.com", email_verified=True))

    await tell(db, updated("user_1", 2, email="ana@example.com"))

    assert (await account(db, "user_1")).id == own.id


async def test_who_came_back_to_the_clinic_is_not_erased_by_an_event_of_before(
    db: Database,
) -> None:
    await tell(db, deleted("user_1", 2))
    local = user(email="ana@example.com", email_verified=True, created_at=at(3))
    await _add(db, local)

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


# --- first sight --------------------------------------------------------------------------------


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
    await _add(db, local)
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
