"""What moving, cancelling and reinstating have in common: an appointment is found and acted upon."""

# ruff: noqa: PLR0913 -- what is offered instead depends on much

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from vetcore.cli.naming import one_clinic, staff_names
from vetcore.cli.outcomes import Done, Refused
from vetcore.cli.times import moment_in
from vetcore.cli.timetables import FreeSlots
from vetcore.cli.visits import one_visit
from vetcore.clock import now
from vetcore.database import Database, Session
from vetcore.errors import BookingRefused, BusinessRuleError, NotBookable, NotFound
from vetcore.models import Appointment, Clinic, Pet
from vetcore.scheduling import find_slots
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ServiceType
from vetcore.values.walltime import zone_named

if TYPE_CHECKING:
    from vetcore.cli.context import Terminal

__all__ = ["Asked", "Chosen", "act_on", "free_instead"]

_LOOK_AHEAD: Final = timedelta(days=14)
_OFFERED: Final = 5


class Asked(NamedTuple):
    """Which appointment the call names."""

    clinic: str
    wanted: str
    at: str | None
    among: Collection[AppointmentStatus]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The appointment that was found, as it was before the act."""

    visit: Appointment
    clinic: Clinic
    pet: Pet
    names: dict[UUID, str]
    """The veterinarians of the clinic."""

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's."""
        return zone_named(self.clinic.timezone)


Act = Callable[[Session, Chosen], Awaitable[Appointment]]


async def act_on(
    terminal: "Terminal",
    asked: Asked,
    verb: str,
    act: Act,
    *,
    start: Callable[[Chosen], datetime] | None = None,
    note: Callable[[Chosen], str] | None = None,
) -> Done | Refused:
    """Find the appointment and do the act, in a transaction that is replayed where that can help.

    Args:
        terminal: how the command was called.
        asked: which appointment.
        verb: ``Moved``, as the answer begins.
        act: what is done; it may be called again.
        start: from when on something else is offered, where the act needs a free slot.
        note: what else is to be said of the appointment as it was.
    """
    async with terminal.database() as db:
        chosen = await _chosen(db, asked)
        begin = None if start is None else start(chosen)
        said = "" if note is None else note(chosen)
        names = chosen.names
        try:
            made = await db.run(lambda session: act(session, chosen))
        except NotFound:
            raise
        except BusinessRuleError as error:
            free = None
            if begin is not None and isinstance(error, BookingRefused):
                free = await free_instead(
                    db,
                    chosen.clinic,
                    names,
                    service=chosen.visit.service,
                    start=begin,
                    veterinarian_id=chosen.visit.veterinarian_id,
                    pet_id=chosen.pet.id,
                    duration=None,
                )
            known = names | {chosen.clinic.id: chosen.clinic.name, chosen.pet.id: chosen.pet.name}
            return Refused(verb, error, chosen.clinic.timezone, known, free)
        who = names.get(made.veterinarian_id, "")
        return Done(verb, made, chosen.clinic, chosen.pet, who, said)


async def _chosen(db: Database, asked: Asked) -> Chosen:
    async with db.session() as session:
        place = await one_clinic(session, asked.clinic)
        moment = now()
        at = None
        if asked.at is not None:
            at = moment_in(zone_named(place.timezone), asked.at, now=moment, field="at")
        key = await one_visit(session, place, asked.wanted, at=at, among=asked.among, now=moment)
        everything = {"include_deleted": True}
        visit = await session.get_one(Appointment, key)
        pet = await session.get_one(Pet, visit.pet_id, execution_options=everything)
        return Chosen(visit, place, pet, await staff_names(session, place.id))


async def free_instead(
    db: Database,
    clinic: Clinic,
    names: dict[UUID, str],
    *,
    service: ServiceType,
    start: datetime,
    veterinarian_id: UUID | None,
    pet_id: UUID,
    duration: timedelta | None,
) -> FreeSlots:
    """The next free slots from that time on; none where nothing can be booked whenever it is."""
    begin = max(start, now())
    async with db.session() as session:
        try:
            found = await find_slots(
                session,
                clinic_id=clinic.id,
                service=service,
                start=begin,
                end=begin + _LOOK_AHEAD,
                veterinarian_id=veterinarian_id,
                pet_id=pet_id,
                duration=duration,
                limit=_OFFERED,
            )
        except NotBookable:
            found = []
    return FreeSlots.at(clinic, service, names, found)
