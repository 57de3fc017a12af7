"""What a deletion at Clerk leaves of an account."""

from tests.examples import pet
from vetcore.database import Database
from vetcore.identity.clerk import (
    Outcome,
)
from vetcore.models import User
from vetcore.values.address import Address
from vetcore.values.people import Role, UserStatus
from vetcore.values.preferences import Preferences

from .clerk_events import NOON, account, created, deleted, tell, updated, visible


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
        "clerk_email": None,
        "clerk_email_verified": False,
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
