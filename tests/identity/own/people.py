"""People who open accounts, and what they type."""

from datetime import UTC, datetime
from typing import Any

from vetcore.database import Acting, Database
from vetcore.identity.own import SignedIn, Where, confirm_sign_up, sign_in, sign_up
from vetcore.models import UserSession
from vetcore.schemas import SignIn, SignUpConfirm, UserSignUp
from vetcore.settings.accounts import AccountsSettings

QUICK = AccountsSettings(hash_memory=8192, hash_rounds=1)
"""As little work as the settings allow: tests hash often."""
PASSWORD = "ferret lantern quince oboe"
OTHER = "gravel tundra pelican waltz"
HOME, ELSEWHERE = Where("192.0.2.1", "Firefox"), Where("198.51.100.7", "curl")
AGREED = datetime(2026, 1, 1, tzinfo=UTC)


def form(email: str = "ana@example.com", password: str = PASSWORD, **more: Any) -> UserSignUp:
    said = {"first_name": "Ana", "last_name": "Silva", "terms_accepted_at": AGREED}
    return UserSignUp(email=email, password=password, privacy_accepted_at=AGREED, **(said | more))


async def opened(
    db: Database, email: str = "ana@example.com", password: str = PASSWORD, **more: Any
) -> SignedIn:
    """An account whose owner has opened and confirmed it."""
    letter = await sign_up(db, form(email, password, **more), where=HOME, settings=QUICK)
    assert letter.token is not None
    given = SignUpConfirm(token=letter.token, password=password)
    return await confirm_sign_up(db, given, where=HOME, settings=QUICK)


async def signed_in(
    db: Database,
    password: str = PASSWORD,
    code: str | None = None,
    *,
    email: str = "ana@example.com",
    where: Where = HOME,
) -> SignedIn:
    wish = SignIn(email=email, password=password, code=code)
    return await sign_in(db, wish, where=where, settings=QUICK)


async def acting(db: Database, signed: SignedIn) -> Acting:
    """Who acts by a session, as the door says it."""
    async with db.session() as session:
        row = await session.get_one(UserSession, signed.session_id)
    return Acting(signed.user_id, session=row.id, fresh_until=row.verified_at)
