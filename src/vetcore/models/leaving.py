"""Withdraws what is open of a pet, person or clinic that goes.

Appointments to come are cancelled, and wishes on the waitlist end. A pet goes when it dies, is
given away or is deleted. A person or a clinic goes when it is deleted. When that is written through
the ORM, the next flush withdraws what is open, in the same transaction. This module stands beside
the tables, because an import or a webhook that never schedules anything writes such rows as well.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, event, inspect, or_, select
from sqlalchemy.orm import Session

from vetcore import clock
from vetcore.database.locking import locking
from vetcore.database.session import SyncSession
from vetcore.database.softdelete import SoftDeletes
from vetcore.models.appointment import Appointment
from vetcore.models.clinic import Clinic
from vetcore.models.pet import Pet, PetCoOwner
from vetcore.models.user import User
from vetcore.models.veterinarian import Veterinarian
from vetcore.models.waitlist import WaitlistEntry
from vetcore.values.animals import PetStatus
from vetcore.values.appointments import AppointmentStatus, WaitlistStatus
from vetcore.values.people import UserStatus

__all__ = ["Withdrawn", "leave_nothing_behind", "withdraw_open"]

_HOPEFUL: Final = (WaitlistStatus.WAITING, WaitlistStatus.OFFERED)
_AT_ONCE: Final = 500
"""Keys in a statement: an import buries thousands of pets, and parameters are limited."""


class Withdrawn(NamedTuple):
    """The appointments and wishes that were open and were withdrawn."""

    appointments: tuple[Appointment, ...] = ()
    """Cancelled, by start; holds among them."""
    entries: tuple[WaitlistEntry, ...] = ()
    """Withdrawn from the waitlist, in the order of asking."""


def withdraw_open(
    session: Session, name: str, keys: Collection[UUID], reason: str | None = None
) -> Withdrawn:
    """Cancel the appointments to come of those who go, and end their wishes.

    Nothing is flushed.

    Args:
        session: of a transaction.
        name: the column of the keys: ``pet_id``, ``owner_id``, ``practitioner_id`` or ``clinic_id``.
        keys: the ids of those who go.
        reason: for the record of each appointment.
    """
    visits: list[Appointment] = []
    entries: list[WaitlistEntry] = []
    now = clock.now()
    for some in _batches(keys):
        mine, theirs = _of(name, some, Appointment), _of(name, some, WaitlistEntry)
        coming = select(Appointment).where(
            mine, Appointment.status.in_(AppointmentStatus.to_come()), Appointment.starts_at > now
        )
        found = session.scalars(locking(coming, Appointment)).all()
        # What this session cancelled itself, and has not written yet, is no longer open.
        visits += (visit for visit in found if visit.status in AppointmentStatus.to_come())
        hopeful = select(WaitlistEntry).where(theirs, WaitlistEntry.status.in_(_HOPEFUL))
        waiting = session.scalars(locking(hopeful, WaitlistEntry)).all()
        entries += (entry for entry in waiting if entry.status in _HOPEFUL)
    for visit in visits:
        visit.status = AppointmentStatus.CANCELLED
        visit.cancelled_at, visit.cancellation_reason = now, reason
        visit.sequence += 1
    for entry in entries:
        entry.status = WaitlistStatus.WITHDRAWN
    return Withdrawn(tuple(sorted(visits, key=lambda visit: visit.starts_at)), tuple(entries))


def _batches(keys: Collection[UUID]) -> Iterator[list[UUID]]:
    every = sorted(keys)
    for begin in range(0, len(every), _AT_ONCE):
        yield every[begin : begin + _AT_ONCE]


def _of(name: str, keys: Collection[UUID], entity: Any) -> ColumnElement[bool]:
    if name != "owner_id":
        condition: ColumnElement[bool] = getattr(entity, name).in_(keys)
        return condition
    belongs: ColumnElement[bool] = entity.pet_id.in_(_left_alone(keys))
    return belongs


def _left_alone(keys: Collection[UUID]) -> Select[UUID]:
    """The pets of these people that nobody else looks after, as owner or as co-owner."""
    stays = User.id.not_in(keys) & User.deleted_at.is_(None) & (User.status != UserStatus.DELETED)
    shared = select(PetCoOwner.pet_id).where(PetCoOwner.user_id.in_(keys))
    keeper = select(User.id).where(User.id == Pet.owner_id, stays).exists()
    co_keeper = (
        select(PetCoOwner.pet_id)
        .join(User, User.id == PetCoOwner.user_id)
        .where(PetCoOwner.pet_id == Pet.id, stays)
        .exists()
    )
    return select(Pet.id).where(
        or_(Pet.owner_id.in_(keys), Pet.id.in_(shared)), ~keeper, ~co_keeper
    )


def leave_nothing_behind() -> None:
    """Make every session of the package withdraw what is open of those who go."""
    event.listen(SyncSession, "before_flush", _withdraw_who_goes)


def _withdraw_who_goes(session: Session, _context: object, _instances: object) -> None:
    """Withdraw what is open of those who go with this flush."""
    going: dict[tuple[str, str], set[UUID]] = {}
    for row in list(session.dirty):
        for name, key, reason in _goes(row):
            going.setdefault((name, reason), set()).add(key)
    for (name, reason), keys in going.items():
        withdraw_open(session, name, keys, reason)


def _goes(row: object) -> Iterator[tuple[str, UUID, str]]:
    if isinstance(row, Pet) and _turns(row, "status", PetStatus.DECEASED):
        yield "pet_id", row.id, "The pet has died"
    elif isinstance(row, Pet) and _turns(row, "status", PetStatus.REHOMED):
        yield "pet_id", row.id, "The pet was given away"
    elif isinstance(row, Pet) and _is_deleted_now(row):
        yield "pet_id", row.id, "The pet was deleted"
    elif isinstance(row, Veterinarian) and _is_deleted_now(row):
        yield "practitioner_id", row.user_id, "The veterinarian has left"
    elif isinstance(row, Clinic) and _is_deleted_now(row):
        yield "clinic_id", row.id, "The clinic was deleted"
    elif isinstance(row, User) and (
        _is_deleted_now(row) or _turns(row, "status", UserStatus.DELETED)
    ):
        yield "owner_id", row.id, "The owner's account was deleted"
        yield "practitioner_id", row.id, "The practitioner has left"


def _turns(row: Any, name: str, value: object) -> bool:
    return _changes(row, name) and getattr(row, name) == value


def _is_deleted_now(row: SoftDeletes) -> bool:
    return _changes(row, "deleted_at") and row.is_deleted


def _changes(row: Any, name: str) -> bool:
    changed: bool = inspect(row).attrs[name].history.has_changes()
    return changed
