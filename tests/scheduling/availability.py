"""A practice to ask for free slots: open on weekdays from 08:00 to 12:00 and 13:00 to 18:00.

It is in New York, and its first veterinarian is asked for unless a test says otherwise. Times are
those of the clinic's wall clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.examples import appointment
from tests.scheduling.practice import Practice, practice
from vetcore.database import Database
from vetcore.models import Appointment, ClinicClosure, TimeOff
from vetcore.models.base import Entity
from vetcore.scheduling import Slot, find_slots
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.services import ServiceCatalog, ServiceOffering

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 3, 9)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def policy(step: int = 60, **given: Any) -> BookingPolicy:
    values: dict[str, Any] = {"minimum_notice_minutes": 0, "step_minutes": step}
    return BookingPolicy(**values | given)


def exams(minutes: int = 60, **given: Any) -> ServiceCatalog:
    offering = ServiceOffering(service=ServiceType.WELLNESS_EXAM, duration_minutes=minutes, **given)
    return ServiceCatalog(offerings=(offering,))


async def hourly_practice(db: Database, **given: Any) -> Practice:
    """The practice, with exams of an hour on the hour."""
    values: dict[str, Any] = {"booking_policy": policy(), "services": exams()}
    return await practice(db, **values | given)


async def add(db: Database, *rows: Entity) -> None:
    async with db.transaction() as session:
        session.add_all(rows)


def at(text: str, day: date = MONDAY, zone: ZoneInfo = NEW_YORK) -> datetime:
    """The instant at which the clock on the wall shows that time."""
    return datetime.combine(day, time.fromisoformat(text), zone).astimezone(UTC)


async def find(
    db: Database, made: Practice, start: datetime, end: datetime, **given: Any
) -> list[Slot]:
    asked: dict[str, Any] = {
        "service": ServiceType.WELLNESS_EXAM,
        "practitioner_id": made.vets[0].user_id,
        "by": Capacity.STAFF,
    }
    async with db.session() as session:
        return await find_slots(
            session, clinic_id=made.clinic.id, start=start, end=end, **asked | given
        )


async def starts(db: Database, made: Practice, day: date = MONDAY, **given: Any) -> list[str]:
    """The starts of a local day, as the clinic's clock shows them."""
    zone = ZoneInfo(made.clinic.timezone)
    midnights = at("00:00", day, zone), at("00:00", day + DAY, zone)
    found = await find(db, made, *midnights, **given)
    return [f"{slot.start.astimezone(zone):%H:%M}" for slot in found]


def closure(made: Practice, day: date = MONDAY, **given: Any) -> ClinicClosure:
    values = {"clinic_id": made.clinic.id, "first_on": day, "last_on": day, "reason": "Inventory"}
    return ClinicClosure(**values | given)


def away(made: Practice, start: str, end: str) -> TimeOff:
    return TimeOff(practitioner_id=made.vets[0].user_id, starts_at=at(start), ends_at=at(end))


def taken(made: Practice, start: str, end: str, **given: Any) -> Appointment:
    """An appointment of the first veterinarian with the second pet."""
    values: dict[str, Any] = {
        "ends_at": at(end),
        "occupied_until": at(end),
        "status": AppointmentStatus.SCHEDULED,
    }
    return appointment(made.clinic, made.vets[0], made.pets[1], at(start), **values | given)


MORNING = ["08:00", "09:00", "10:00", "11:00"]
AFTERNOON = ["13:00", "14:00", "15:00", "16:00", "17:00"]
WHOLE_DAY = MORNING + AFTERNOON
