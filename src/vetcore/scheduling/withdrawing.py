"""When somebody goes, their visits to come are cancelled and their waiting ends.

A pet goes when it dies, is given away or deleted; a person or a clinic when it is deleted. Whoever
writes that through the ORM, the next flush withdraws what is open, in the same transaction. A process
that never imports :mod:`vetcore.scheduling` does not know of it. Call :func:`withdraw` to learn what
was open, and after a statement of your own that changed such rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, event, exists, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from vetcore import clock
from vetcore.database.session import SyncSession
from vetcore.database.softdelete import SoftDeletes
from vetcore.errors import InvalidValue
from vetcore.models import Appointment, Clinic, Pet, PetCoOwner, User, Veterinarian, WaitlistEntry
from vetcore.values.animals import PetStatus
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.people import UserStatus

__all__ = ["Withdrawn", "withdraw"]

_OPEN: Final = (
    AppointmentStatus.HELD,
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
)
_HOPEFUL: Final = (WaitlistStatus.WAITING, WaitlistStatus.OFFERED)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The appointments and wishes that were withdrawn."""

    appointments: tuple[Appointment, ...] = ()
    """Cancelled, by start; holds among them."""
    entries: tuple[WaitlistEntry, ...] = ()
    """Withdrawn from the waitlist, in the order of asking."""


async def withdraw(  # noqa: PLR0913
    session: AsyncSession,
    *,
    pet_id: UUID | None = None,
    owner_id: UUID | None = None,
    veterinarian_id: UUID | None = None,
    clinic_id: UUID | None = None,
    reason: str | None = None,
) -> Withdrawn:
    """Cancel all visits to come of a pet, an owner, a veterinarian or a clinic, and end the waiting.

    What has begun, or should have, stays as it is, and so does the waiting for *any* veterinarian.
    Of an owner it concerns the pets that nobody else looks after. The notice for cancelling binds
    nobody here. What is cancelled may suit who waits: call ``offer_next`` after it.

    Args:
        session: of a transaction.
        pet_id: of this pet.
        owner_id: of the pets that only this person looks after.
        veterinarian_id: of this veterinarian, at every clinic.
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
        "veterinarian_id": veterinarian_id,
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
        done = await session.run_sync(lambda within: _withdraw(within, name, key, reason))
    await session.flush()
    return done


def _of(name: str, key: UUID, entity: Any) -> ColumnElement[bool]:
    if name != "owner_id":
        condition: ColumnElement[bool] = getattr(entity, name) == key
        return condition
    others = exists().where(
        PetCoOwner.pet_id == Pet.id,
        PetCoOwner.user_id == User.id,
        User.id != key,
        User.deleted_at.is_(None),
    )
    alone = select(Pet.id).where(Pet.owner_id == key, ~others)
    belongs: ColumnElement[bool] = entity.pet_id.in_(alone)
    return belongs


def _withdraw(session: Session, name: str, key: UUID, reason: str | None) -> Withdrawn:
    mine, theirs = _of(name, key, Appointment), _of(name, key, WaitlistEntry)
    now = clock.now()
    found = session.scalars(
        select(Appointment)
        .where(mine, Appointment.status.in_(_OPEN), Appointment.starts_at > now)
        .order_by(Appointment.id)
        .with_for_update()
    ).all()
    entries = session.scalars(
        select(WaitlistEntry)
        .where(theirs, WaitlistEntry.status.in_(_HOPEFUL))
        .order_by(WaitlistEntry.id)
        .with_for_update()
    ).all()
    # What this session cancelled itself, and has not written yet, is no longer open.
    visits = [visit for visit in found if visit.status in _OPEN]
    for visit in visits:
        visit.status = AppointmentStatus.CANCELLED
        visit.cancelled_at, visit.cancellation_reason = now, reason
        visit.sequence += 1
    for entry in entries:
        entry.status = WaitlistStatus.WITHDRAWN
    return Withdrawn(tuple(sorted(visits, key=lambda visit: visit.starts_at)), tuple(entries))


@event.listens_for(SyncSession, "before_flush")
def _leave_nothing_behind(session: Session, _context: object, _instances: object) -> None:
    """Withdraw the visits and wishes of everybody whom this flush retires or deletes."""
    for row in list(session.dirty):
        for name, key, reason in _goes(session, row):
            _withdraw(session, name, key, reason)


def _goes(session: Session, row: object) -> Iterator[tuple[str, UUID, str]]:
    if isinstance(row, Pet) and _turns(row, "status", PetStatus.DECEASED):
        yield "pet_id", row.id, "The pet has died"
    elif isinstance(row, Pet) and _turns(row, "status", PetStatus.REHOMED):
        yield "pet_id", row.id, "The pet was given away"
    elif isinstance(row, Pet) and _is_deleted_now(row):
        yield "pet_id", row.id, "The pet was deleted"
    elif isinstance(row, Veterinarian) and _is_deleted_now(row):
        yield "veterinarian_id", row.id, "The veterinarian has left"
    elif isinstance(row, Clinic) and _is_deleted_now(row):
        yield "clinic_id", row.id, "The clinic was deleted"
    elif isinstance(row, User) and (
        _is_deleted_now(row) or _turns(row, "status", UserStatus.DELETED)
    ):
        yield "owner_id", row.id, "The owner's account was deleted"
        mine = select(Veterinarian.id).where(Veterinarian.user_id == row.id)
        for veterinarian_id in session.scalars(mine):
            yield "veterinarian_id", veterinarian_id, "The veterinarian has left"


def _turns(row: Any, name: str, value: object) -> bool:
    return _changes(row, name) and getattr(row, name) == value


def _is_deleted_now(row: SoftDeletes) -> bool:
    return _changes(row, "deleted_at") and row.is_deleted


def _changes(row: Any, name: str) -> bool:
    changed: bool = inspect(row).attrs[name].history.has_changes()
    return changed
