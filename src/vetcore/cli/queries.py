"""What the commands ask the database, as rows to be shown."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from vetcore.cli.desk import told
from vetcore.cli.naming import clinics_with, has_id
from vetcore.cli.views import ClinicEntry, DayEntry, DueEntry, FoundEntry, NearbyEntry
from vetcore.cli.visits import VisitEntry
from vetcore.clock import now
from vetcore.database import ReadSession
from vetcore.database.paging import page
from vetcore.directory import nearest_clinics, open_clinics, search_owners, search_pets
from vetcore.models import Appointment, Clinic, Pet, User, Veterinarian
from vetcore.operations import search_appointments
from vetcore.schemas import AppointmentSearch
from vetcore.values.animals import PetStatus, Species
from vetcore.values.clinics import ServiceType
from vetcore.values.schedules import DEFAULT_SCHEDULES, VaccinationSchedule, replace_schedules
from vetcore.values.walltime import zone_named

__all__ = [
    "day_entries",
    "due_entries",
    "found_appointments",
    "found_clinics",
    "found_owners",
    "found_pets",
    "nearby_entries",
]


async def day_entries(session: ReadSession, clinic: Clinic, day: date) -> list[DayEntry]:
    """The appointments that start on that local day at the clinic and occupy a slot."""
    zone = zone_named(clinic.timezone)
    midnight = datetime.combine(day, time(), zone)
    found = await session.scalars(
        select(Appointment)
        .options(
            joinedload(Appointment.pet).joinedload(Pet.owner),
            joinedload(Appointment.room),
            joinedload(Appointment.veterinarian).joinedload(Veterinarian.user),
        )
        .where(
            Appointment.clinic_id == clinic.id,
            Appointment.starts_at >= midnight,
            Appointment.starts_at < datetime.combine(day + timedelta(days=1), time(), zone),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [DayEntry.of(appointment, zone) for appointment in found if appointment.status.occupies]


async def nearby_entries(  # noqa: PLR0913 -- a keyword for each filter
    session: ReadSession,
    latitude: float,
    longitude: float,
    *,
    limit: int,
    within_m: float | None = None,
    open_now: bool = False,
    service: ServiceType | None = None,
    species: Species | None = None,
    accepts_new_patients: bool | None = None,
    accepts_emergencies: bool | None = None,
) -> list[NearbyEntry]:
    """The nearest clinics, and which of them are open at this moment."""
    moment = now()
    found = await nearest_clinics(
        session,
        latitude,
        longitude,
        limit=limit,
        within_m=within_m,
        open_at=moment if open_now else None,
        service=service,
        species=species,
        accepts_new_patients=accepts_new_patients,
        accepts_emergencies=accepts_emergencies,
    )
    clinics = [near.clinic for near in found]
    is_open = await open_clinics(session, clinics, moment)
    return [NearbyEntry.of(near, is_open=near.clinic.id in is_open) for near in found]


async def due_entries(
    session: ReadSession, clinic_id: UUID | None, *, today: date, within: timedelta
) -> list[DueEntry]:
    """The pets whose next vaccination is due by ``today + within``, the longest overdue first."""
    statement = (
        select(Pet)
        .options(joinedload(Pet.owner))
        .where(Pet.next_vaccination_due_on <= today + within, Pet.status == PetStatus.ACTIVE)
        .order_by(Pet.next_vaccination_due_on, Pet.id)
    )
    if clinic_id is not None:
        statement = statement.where(Pet.primary_clinic_id == clinic_id)
    pets = (await session.scalars(statement)).all()
    places = {pet.primary_clinic_id for pet in pets if pet.primary_clinic_id is not None}
    own = await session.execute(
        select(Clinic.id, Clinic.vaccination_schedules).where(Clinic.id.in_(places))
    )
    schedules: dict[UUID | None, Sequence[VaccinationSchedule]] = {
        key: replace_schedules(DEFAULT_SCHEDULES, of_clinic or ()) for key, of_clinic in own
    }
    return [
        DueEntry.of(pet, schedules.get(pet.primary_clinic_id, DEFAULT_SCHEDULES), today)
        for pet in pets
    ]


async def found_pets(
    session: ReadSession, wanted: str, *, species: Species | None, limit: int, after: str | None
) -> tuple[list[FoundEntry], str | None]:
    """The pets that answer best, and the cursor of the next ones."""
    found = await search_pets(session, wanted, species=species, limit=limit, after=after)
    keys = [each.item.owner_id for each in found]
    owners: dict[UUID | None, User] = {
        owner.id: owner for owner in await session.scalars(select(User).where(User.id.in_(keys)))
    }
    entries = [FoundEntry.of_pet(each, owners.get(each.item.owner_id)) for each in found]
    return entries, found.next_cursor


async def found_owners(
    session: ReadSession, wanted: str, *, limit: int, after: str | None
) -> tuple[list[FoundEntry], str | None]:
    """The owners who answer best, and the cursor of the next ones."""
    found = await search_owners(session, wanted, limit=limit, after=after)
    return [FoundEntry.of_owner(each) for each in found], found.next_cursor


async def found_appointments(
    session: ReadSession, wanted: str, *, limit: int, after: str | None
) -> tuple[list[VisitEntry], str | None]:
    """The coming appointments of the pets that answer best, and the cursor of the next pets."""
    found = await search_pets(session, wanted, limit=limit, after=after)
    of_the_pets = told(
        AppointmentSearch,
        pet_ids=[each.item.id for each in found],
        ends_after=now(),
        limit=1000,
    )
    visits = await search_appointments(session, of_the_pets)
    return [VisitEntry.of(visit) for visit in visits], found.next_cursor


async def found_clinics(
    session: ReadSession, wanted: str, *, limit: int, after: str | None
) -> tuple[list[ClinicEntry], str | None]:
    """The clinics with those words in their name or place, by name, and the next ones' cursor."""
    statement = select(Clinic)
    if wanted.strip():
        like = Clinic.name.icontains(wanted.strip(), autoescape=True)
        by_id = has_id(Clinic.id, wanted)
        keys = await clinics_with(session, wanted)
        ways = [like, Clinic.id.in_(keys), *([] if by_id is None else [by_id])]
        statement = statement.where(or_(*ways))
    found = await page(
        session, statement, order_by=[Clinic.name, Clinic.id], limit=limit, after=after
    )
    is_open = await open_clinics(session, found, now())
    entries = [ClinicEntry.of(clinic, is_open=clinic.id in is_open) for clinic in found]
    return entries, found.next_cursor
