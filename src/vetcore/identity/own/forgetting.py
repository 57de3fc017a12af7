"""Takes away how a person signed in, when they are anonymised."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.models import AccountLink, ApiKey, Passkey, UserCredential, UserSession

__all__ = ["forget_sign_in"]

_OF_THE_PERSON: Final[tuple[Any, ...]] = (
    UserCredential,
    UserSession,
    AccountLink,
    Passkey,
    ApiKey,
)


async def forget_sign_in(session: AsyncSession, user_id: UUID) -> None:
    """Remove a person's password, passkeys, sessions, links and keys.

    Who they are to a provider stays, so that no token brings the account back.
    """
    for entity in _OF_THE_PERSON:
        await session.execute(
            delete(entity).where(entity.user_id == user_id),
            execution_options={"synchronize_session": False},
        )
