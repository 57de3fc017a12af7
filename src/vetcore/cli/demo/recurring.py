"""The demonstration's series: booked by a rule, looked at beforehand, and moved from the middle on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from vetcore.cli.demo.day import Timetable, receptionist
from vetcore.cli.desk import told
from vetcore.database import Acting, Database, Session
from vetcore.models import Appointment, Pet
from vetcore.operations import (
    book_series,
    find_slots,
    move_series,
    preview_series,
    preview_series_move,
)
from vetcore.samples import Loaded
from vetcore.schemas import AppointmentCreate, SeriesCreate, SeriesMove, SlotQuery
from vetcore.values.appointments import SeriesScope
from vetcore.values.clinics import ServiceType
from vetcore.values.intervals import instant
from vetcore.values.recurrence import Recurrence
from vetcore.values.walltime import midnight

__all__ = ["SeriesShown", "recurring"]

_RULE: Final = "FREQ=WEEKLY;COUNT=4"
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SeriesShown:
    """A series before and after its third appointment was moved with those that follow."""

    pet: str
    rule: str
    booked: list[datetime]
    moved: list[datetime]

    def told(self) -> str:
        """Return in a line what was booked, and what was moved."""
        first, third = self.booked[0], self.moved[2]
        return (
            f"Booked {self.pet} on {len(self.booked)} {first:%A}s,"
            f" and moved the last two to {third:%A}s at {third:%H:%M}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what programs are told."""
        return {"pet": self.pet, "rule": self.rule, "booked": self.booked, "moved": self.moved}


async def recurring(db: Database, world: Loaded, table: Timetable) -> SeriesShown | None:
    """Book a pet weekly, and move the third visit and the following to another day of the week.

    The result is None where the days ahead have no room for that.
    """
    busy = {appointment.pet_id for appointment in table.booked}
    pet = next(each for each in world.pets.values() if each.id not in busy)
    async with db.transaction(Acting(receptionist(world), via="command")) as session:
        wish = await _wish(session, table, pet)
        if wish is None:
            return None
        visits = (await book_series(session, wish)).booked
        booked = [each.starts_at for each in visits]
        move = await _move(session, table, visits[2])
        if move is not None:
            await move_series(session, move)
        return SeriesShown(
            pet.name,
            _RULE,
            [at.astimezone(table.zone) for at in booked],
            [each.starts_at.astimezone(table.zone) for each in visits],
        )


async def _wish(session: Session, table: Timetable, pet: Pet) -> SeriesCreate | None:
    """The first weekly series without a conflict, after the day that is shown."""
    for start, practitioner_id in await _free(session, table, pet, table.day + _DAY):
        wish = SeriesCreate(
            first=told(
                AppointmentCreate,
                clinic_id=table.clinic.id,
                service=ServiceType.WELLNESS_EXAM,
                pet_id=pet.id,
                starts_at=start,
                practitioner_id=practitioner_id,
                reason="Weight check",
            ),
            rule=Recurrence.parse(_RULE),
        )
        if not (await preview_series(session, wish)).conflicts:
            return wish
    return None


async def _move(session: Session, table: Timetable, third: Appointment) -> SeriesMove | None:
    """The first move to another day, with those that follow, that has no conflict."""
    pet = await session.get_one(Pet, third.pet_id)
    day = third.starts_at.astimezone(table.zone).date()
    for start, practitioner_id in await _free(session, table, pet, day + _DAY):
        move = SeriesMove(
            id=third.id,
            starts_at=start,
            practitioner_id=practitioner_id,
            scope=SeriesScope.FOLLOWING,
        )
        if not (await preview_series_move(session, move)).conflicts:
            return move
    return None


async def _free(
    session: Session, table: Timetable, pet: Pet, day: date
) -> list[tuple[datetime, UUID]]:
    """The first free start of each day of a week with each of those who work there."""
    begin = instant(midnight(day, table.zone))
    wanted = told(
        SlotQuery,
        clinic_id=table.clinic.id,
        service=ServiceType.WELLNESS_EXAM,
        pet_id=pet.id,
        start=begin,
        end=begin + _WEEK,
    )
    first: dict[tuple[date, UUID], datetime] = {}
    for slot in await find_slots(session, wanted):
        first.setdefault(
            (slot.start.astimezone(table.zone).date(), slot.practitioner_id), slot.start
        )
    return [(start, who) for (_, who), start in first.items()]
