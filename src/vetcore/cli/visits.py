"""Finds, lists and shows appointments for the commands."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypedDict
from uuid import UUID

from rich.table import Table
from rich.text import Text

from vetcore.cli.desk import told
from vetcore.cli.naming import LISTED, chosen, id_given, id_piece, pets_called
from vetcore.cli.telling import short_id, span_told, wall_told, words
from vetcore.cli.views import plain_table
from vetcore.database import ReadSession
from vetcore.errors import NotFound
from vetcore.models import Appointment, Clinic
from vetcore.operations import search_appointments
from vetcore.schemas import AppointmentSearch
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.intervals import instant
from vetcore.values.walltime import midnight, zone_named

__all__ = ["CALLED_OFF", "OPEN", "VisitEntry", "one_visit", "visit_table"]

OPEN: Final = frozenset(AppointmentStatus.to_come())
"""The statuses in which an appointment may be moved or cancelled."""
CALLED_OFF: Final = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW})
"""The statuses in which an appointment may be reinstated."""


class _Named(TypedDict):
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """An appointment with the names of all who take part."""

    id: UUID
    start: datetime
    end: datetime
    timezone: str
    status: str
    service: str
    clinic: _Named
    pet: _Named
    owner: _Named | None
    practitioner: _Named

    @classmethod
    def of(cls, visit: Appointment) -> "VisitEntry":
        """Return the entry of an appointment that was loaded by ``search_appointments``."""
        pet, owner = visit.pet, visit.pet.owner
        return cls(
            id=visit.id,
            start=visit.starts_at,
            end=visit.ends_at,
            timezone=visit.clinic.timezone,
            status=visit.status.value,
            service=visit.service,
            clinic={"id": visit.clinic_id, "name": visit.clinic.name},
            pet={"id": pet.id, "name": pet.name},
            owner=None if owner is None else {"id": owner.id, "name": owner.full_name},
            practitioner={
                "id": visit.practitioner_id,
                "name": visit.practitioner.full_name,
            },
        )

    @property
    def when(self) -> str:
        """The time as the clocks of the clinic show it: ``Wed 2 Dec 11:30-12:00``."""
        zone = zone_named(self.timezone)
        return span_told(self.start.astimezone(zone), self.end.astimezone(zone))


async def one_visit(  # noqa: PLR0913 -- a keyword for each thing that narrows it down
    session: ReadSession,
    clinic: Clinic,
    wanted: str,
    *,
    at: datetime | None,
    among: Collection[AppointmentStatus],
    now: datetime,
) -> Appointment:
    """Return the appointment of that id at the clinic, or the only one of the pet of that name.

    With a pet's name, only appointments from today on count that are in one of the states
    ``among``.

    Returns:
        The appointment, with clinic, pet, owner and practitioner loaded.

    Raises:
        NotFound: there is no such pet or appointment.
        InvalidValue: there are several; they are listed.
    """
    here: dict[str, Any] = {"clinic_id": clinic.id, "starts_at": at, "limit": LISTED + 1}
    key = id_given(wanted)
    if key is not None:
        found = await search_appointments(session, told(AppointmentSearch, **here, id_part=key.hex))
        if found:
            return found[0]
    pets = await pets_called(session, wanted)
    if not pets:
        piece = id_piece(wanted)
        if piece is None:
            return chosen("appointment", wanted, _listed(()))
        found = await search_appointments(session, told(AppointmentSearch, **here, id_part=piece))
        return chosen("appointment", wanted, _listed(found))
    zone = zone_named(clinic.timezone)
    today = instant(midnight(now.astimezone(zone).date(), zone))
    of_the_pets = told(
        AppointmentSearch,
        **here,
        pet_ids=[pet.id for pet in pets],
        statuses=tuple(among),
        ends_after=today if at is None else at,
    )
    found = await search_appointments(session, of_the_pets)
    if not found:
        states = " or ".join(sorted(words(status) for status in among))
        when = f" on {wall_told(at.astimezone(zone))}" if at is not None else ""
        raise NotFound(
            entity=f"an appointment ({states}) of {wanted}", key=f"at {clinic.name}{when}"
        )
    return chosen("appointment", wanted, _listed(found))


def _listed(found: Iterable[Appointment]) -> dict[Appointment, str]:
    entries = [(each, VisitEntry.of(each)) for each in found]
    return {
        each: f"{entry.when}, {entry.pet['name']}, {words(entry.status)}" for each, entry in entries
    }


def visit_table(title: str, entries: Sequence[VisitEntry]) -> Table:
    """Return a table of appointments by their start, in the wall time of each clinic."""
    table = plain_table(title)
    table.add_column("When", no_wrap=True)
    table.add_column("Pet", max_width=16)
    table.add_column("At", max_width=24)
    table.add_column("Status", no_wrap=True)
    table.add_column("Id", no_wrap=True)
    for entry in entries:
        table.add_row(
            entry.when,
            Text(entry.pet["name"]),
            Text(entry.clinic["name"]),
            words(entry.status),
            short_id(entry.id),
        )
    return table
