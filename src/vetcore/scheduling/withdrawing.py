"""Withdraws the open appointments and wishes of a pet, owner, practitioner or clinic that goes.

What goes through the ORM is withdrawn by itself (:mod:`vetcore.models.leaving`). Call
:func:`withdraw` to learn what was open, and after a statement of your own that changed such rows.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.errors import InvalidValue
from vetcore.models.leaving import Withdrawn, withdraw_open

__all__ = ["Withdrawn", "withdraw"]


async def withdraw(  # noqa: PLR0913
    session: AsyncSession,
    *,
    pet_id: UUID | None = None,
    owner_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    clinic_id: UUID | None = None,
    reason: str | None = None,
) -> Withdrawn:
    """Cancel all coming visits of a pet, an owner, a practitioner or a clinic, and end the waiting.

    A visit that has begun, or should have begun, stays as it is. So does a wish for *any*
    practitioner. For an owner, only the pets are concerned that nobody else looks after. The notice
    for cancelling binds nobody here. The cancelled time may suit somebody who waits, so call
    ``offer_next`` after it.

    Args:
        session: of a transaction.
        pet_id: of this pet.
        owner_id: of the pets that only this person looks after.
        practitioner_id: of this practitioner, at every clinic.
        clinic_id: of this clinic.
        reason: for the record of each visit.

    Returns:
        What was withdrawn now; nothing where nothing was open.

    Raises:
        InvalidValue: not exactly one of them was named.
    """
    named = {
        "pet_id": pet_id,
        "owner_id": owner_id,
        "practitioner_id": practitioner_id,
        "clinic_id": clinic_id,
    }
    chosen = [(name, key) for name, key in named.items() if key is not None]
    if len(chosen) != 1:
        raise InvalidValue(
            field="pet_id",
            rule="must be named, or one of the others, and only one",
            expected=f"one of {', '.join(named)}",
            value=", ".join(name for name, _ in chosen) or None,
        )
    ((name, key),) = chosen
    # Before the flush, which would withdraw the same of a pet that was marked in this session.
    with session.no_autoflush:
        done = await session.run_sync(lambda within: withdraw_open(within, name, [key], reason))
    await session.flush()
    return done
