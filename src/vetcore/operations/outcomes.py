"""Results of operations with consequences: the row, and what follows for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from vetcore.access import Permission, has_permission, load_actor
from vetcore.database import ReadSession
from vetcore.database.acting import acting_of
from vetcore.models import Appointment, Entity, WaitlistEntry
from vetcore.scheduling import ImpossibleVisit, Withdrawn, impossible_visits

__all__ = ["Changed", "Retired", "changed", "retired", "seen_of"]

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Retired(Generic[E]):
    """A row that was deleted or retired, and what ended with it."""

    row: E
    appointments: tuple[Appointment, ...] = ()
    """Cancelled, by start; holds among them."""
    entries: tuple[WaitlistEntry, ...] = ()
    """Withdrawn from the waitlist, in the order of asking."""
    reminders: int = 0
    """How many reminders that had not gone out were dropped."""


@dataclass(frozen=True, slots=True)
class Changed(Generic[E]):
    """A change of the timetable, and which appointments cannot take place any more."""

    row: E
    impossible: tuple[ImpossibleVisit, ...] = ()
    """Those that the actor may see, by start."""
    elsewhere: int = 0
    """How many more there are, at clinics whose appointments they may not see."""


def retired(row: E, *ended: Withdrawn, reminders: int = 0) -> Retired[E]:
    """Return the row with all that ended with it."""
    visits = [visit for each in ended for visit in each.appointments]
    entries = [entry for each in ended for entry in each.entries]
    by_start = sorted(visits, key=lambda visit: (visit.starts_at, visit.id))
    return Retired(row, tuple(by_start), tuple(entries), reminders)


async def changed(  # noqa: PLR0913
    session: ReadSession,
    row: E,
    *,
    clinic_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Changed[E]:
    """Return the row with the appointments to come that cannot take place any more.

    Args:
        session: in which the change was made.
        row: what was changed.
        clinic_id: of this clinic.
        practitioner_id: of this practitioner, at whatever clinic.
        since: those that start at this instant or later, in place of now.
        until: those that start before this one.
    """
    found = await impossible_visits(
        session, clinic_id=clinic_id, practitioner_id=practitioner_id, since=since, until=until
    )
    seen = await seen_of(session, found)
    return Changed(row, tuple(seen), len(found) - len(seen))


async def seen_of(session: ReadSession, found: Sequence[ImpossibleVisit]) -> list[ImpossibleVisit]:
    """Return those of the visits whose appointments whoever acts may see."""
    user = acting_of(session).actor
    if user is None or not found:
        return list(found)
    actor = await load_actor(session, user)
    read = Permission.APPOINTMENT_READ
    return [each for each in found if has_permission(actor, read, each.appointment.clinic_id)]
