"""What ``move``, ``cancel`` and ``reinstate`` share: they find an appointment and act on it."""

# ruff: noqa: PLR0913 -- what is offered instead depends on much

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from vetcore.cli.desk import Desk, told
from vetcore.cli.naming import Staff, one_clinic, staff_of
from vetcore.cli.outcomes import Done, Refused
from vetcore.cli.times import moment_in
from vetcore.cli.timetables import FreeSlots
from vetcore.cli.visits import one_visit
from vetcore.clock import now
from vetcore.database import Session
from vetcore.errors import BookingRefused, BusinessRuleError, NotBookable, NotFound
from vetcore.models import Appointment, Clinic
from vetcore.operations import find_slots
from vetcore.schemas import SlotQuery
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.walltime import zone_named

if TYPE_CHECKING:
    from vetcore.cli.context import Terminal

__all__ = ["Chosen", "Named", "act_on", "free_instead"]

_LOOK_AHEAD: Final = timedelta(days=14)
_OFFERED: Final = 5


class Named(NamedTuple):
    """The appointment that the call names, as it was typed."""

    clinic: str
    wanted: str
    at: str | None
    among: Collection[AppointmentStatus]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The appointment that was found, as it was before the act."""

    visit: Appointment
    """The appointment, with its pet and veterinarian loaded."""
    clinic: Clinic
    staff: Staff
    """The veterinarians of the clinic."""

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return zone_named(self.clinic.timezone)


Act = Callable[[Session, Chosen], Awaitable[Appointment]]


async def act_on(
    terminal: "Terminal",
    named: Named,
    verb: str,
    act: Act,
    *,
    start: Callable[[Chosen], datetime] | None = None,
    note: Callable[[Chosen], str] | None = None,
) -> Done | Refused:
    """Find the appointment and do the act, in a transaction that is replayed if that can help.

    Args:
        terminal: how the command was called.
        named: which appointment.
        verb: the first word of the answer, such as ``Moved``.
        act: what is done; it may be called again.
        start: the time from which free slots are offered instead, if the act needs a free slot.
        note: returns what else to say of the appointment as it was.
    """
    async with terminal.desk() as desk:
        chosen = await _chosen(desk, named)
        begin = None if start is None else start(chosen)
        said = "" if note is None else note(chosen)
        pet, names = chosen.visit.pet, chosen.staff.names
        try:
            made = await desk.run(lambda session: act(session, chosen))
        except NotFound:
            raise
        except BusinessRuleError as error:
            free = None
            if begin is not None and isinstance(error, BookingRefused):
                free = await free_instead(
                    desk,
                    chosen.clinic,
                    chosen.staff,
                    service=chosen.visit.service,
                    start=begin,
                    practitioner_id=chosen.visit.practitioner_id,
                    pet_id=pet.id,
                )
            known = names | {chosen.clinic.id: chosen.clinic.name, pet.id: pet.name}
            return Refused(verb, error, chosen.clinic.timezone, known, free)
        who = names.get(made.practitioner_id, "")
        return Done(verb, made, chosen.clinic, pet, who, said)


async def _chosen(desk: Desk, named: Named) -> Chosen:
    async with desk.session() as session:
        place = await one_clinic(session, named.clinic)
        moment = now()
        at = None
        if named.at is not None:
            at = moment_in(zone_named(place.timezone), named.at, now=moment, field="at")
        visit = await one_visit(session, place, named.wanted, at=at, among=named.among, now=moment)
        return Chosen(visit, place, await staff_of(session, place.id))


async def free_instead(
    desk: Desk,
    clinic: Clinic,
    staff: Staff,
    *,
    service: str,
    start: datetime,
    practitioner_id: UUID | None,
    pet_id: UUID,
    minutes: int | None = None,
) -> FreeSlots:
    """Return the next free slots from that time on, or none if no time can be booked at all."""
    begin = max(start, now())
    wanted = told(
        SlotQuery,
        clinic_id=clinic.id,
        service=service,
        start=begin,
        end=begin + _LOOK_AHEAD,
        practitioner_id=practitioner_id,
        pet_id=pet_id,
        limit=_OFFERED,
        duration_minutes=minutes,
    )
    async with desk.session() as session:
        try:
            found = await find_slots(session, wanted)
        except NotBookable:
            found = []
    return FreeSlots.at(clinic, service, staff.names, found)
