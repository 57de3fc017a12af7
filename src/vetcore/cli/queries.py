"""Asks the operations, and returns rows that the commands show."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from vetcore.cli.desk import told
from vetcore.cli.naming import id_piece, owners_of
from vetcore.cli.views import ClinicEntry, DayEntry, DueEntry, FoundEntry, NearbyEntry
from vetcore.cli.visits import VisitEntry
from vetcore.clock import now
from vetcore.database import ReadSession
from vetcore.models import Clinic
from vetcore.operations import (
    find_nearest_clinics,
    find_open_clinics,
    list_clinics,
    list_due_vaccinations,
    list_pets,
    search_appointments,
    search_clinics,
    search_owners,
    search_pets,
)
from vetcore.schemas import (
    AppointmentSearch,
    ClinicQuery,
    ClinicSearch,
    DueQuery,
    NearbyQuery,
    OpenQuery,
    PetQuery,
    PetSearch,
    UserSearch,
)
from vetcore.values.animals import Species
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

_MOST = 1000
"""As many rows at most are asked for at once."""


async def day_entries(session: ReadSession, clinic: Clinic, day: date) -> list[DayEntry]:
    """Return the appointments that start on that local day at the clinic and occupy a slot."""
    zone = zone_named(clinic.timezone)
    of_the_day = told(
        AppointmentSearch,
        clinic_id=clinic.id,
        since=datetime.combine(day, time(), zone),
        until=datetime.combine(day + timedelta(days=1), time(), zone),
        limit=_MOST,
    )
    found = await search_appointments(session, of_the_day)
    return [DayEntry.of(appointment, zone) for appointment in found if appointment.status.occupies]


async def nearby_entries(session: ReadSession, **wanted: Any) -> list[NearbyEntry]:
    """Return the nearest clinics, and which of them are open at this moment.

    Args:
        session: for reading.
        wanted: what a ``NearbyQuery`` asks for.
    """
    found = await find_nearest_clinics(session, told(NearbyQuery, **wanted))
    is_open = await _open(session, [near.clinic for near in found])
    return [NearbyEntry.of(near, is_open=near.clinic.id in is_open) for near in found]


async def _open(session: ReadSession, clinics: Sequence[Clinic]) -> set[UUID]:
    if not clinics:
        return set()
    keys = [clinic.id for clinic in clinics]
    return await find_open_clinics(session, told(OpenQuery, clinic_ids=keys, at=now()))


async def due_entries(
    session: ReadSession, clinic_id: UUID | None, *, today: date, within: timedelta
) -> list[DueEntry]:
    """Return the pets with a vaccination due by ``today + within``, the longest overdue first."""
    entries: list[DueEntry] = []
    cursor: str | None = None
    while True:
        wanted = told(
            DueQuery, until=today + within, clinic_id=clinic_id, limit=_MOST, after=cursor
        )
        found = await list_due_vaccinations(session, wanted)
        if not found:
            return entries
        keys = tuple(each.pet_id for each in found)
        pets = {
            pet.id: pet for pet in await list_pets(session, told(PetQuery, ids=keys, limit=_MOST))
        }
        owners = await owners_of(session, pets.values())
        schedules = await _schedules(session, {each.clinic_id for each in found})
        entries += [
            DueEntry.of(
                pets[each.pet_id],
                owners.get(each.owner_id) if each.owner_id else None,
                schedules.get(each.clinic_id, DEFAULT_SCHEDULES),
                today,
            )
            for each in found
        ]
        cursor = found.next_cursor
        if cursor is None:
            return entries


async def _schedules(
    session: ReadSession, clinics: set[UUID | None]
) -> dict[UUID | None, Sequence[VaccinationSchedule]]:
    """The vaccination schedules of each clinic."""
    keys = tuple(key for key in clinics if key is not None)
    if not keys:
        return {}
    found = await list_clinics(session, told(ClinicQuery, ids=keys, limit=len(keys)))
    return {
        clinic.id: replace_schedules(DEFAULT_SCHEDULES, clinic.vaccination_schedules or ())
        for clinic in found
    }


async def found_pets(
    session: ReadSession, wanted: str, *, species: Species | None, limit: int, after: str | None
) -> tuple[list[FoundEntry], str | None]:
    """Return the pets that match best, and the cursor of the next ones."""
    by_text = told(PetSearch, text=wanted, species=species, limit=limit, after=after)
    found = await search_pets(session, by_text)
    owners = await owners_of(session, [each.item for each in found])
    entries = [
        FoundEntry.of_pet(each, owners.get(each.item.owner_id) if each.item.owner_id else None)
        for each in found
    ]
    return entries, found.next_cursor


async def found_owners(
    session: ReadSession, wanted: str, *, limit: int, after: str | None
) -> tuple[list[FoundEntry], str | None]:
    """Return the owners who match best, and the cursor of the next ones."""
    by_text = told(UserSearch, text=wanted, limit=limit, after=after)
    found = await search_owners(session, by_text)
    return [FoundEntry.of_owner(each) for each in found], found.next_cursor


async def found_appointments(
    session: ReadSession, wanted: str, *, limit: int, after: str | None
) -> tuple[list[VisitEntry], str | None]:
    """Return the coming appointments of the pets that match best, and the next pets' cursor."""
    by_text = told(PetSearch, text=wanted, limit=limit, after=after)
    found = await search_pets(session, by_text)
    of_the_pets = told(
        AppointmentSearch,
        pet_ids=[each.item.id for each in found],
        ends_after=now(),
        limit=_MOST,
    )
    visits = await search_appointments(session, of_the_pets)
    return [VisitEntry.of(visit) for visit in visits], found.next_cursor


async def found_clinics(
    session: ReadSession, wanted: str, *, limit: int, after: str | None
) -> tuple[list[ClinicEntry], str | None]:
    """Return the clinics with those words in name or place, by name, and the next ones' cursor."""
    text = wanted.strip()
    by_text = told(ClinicSearch, text=text, id_part=id_piece(text), limit=limit, after=after)
    found = await search_clinics(session, by_text)
    is_open = await _open(session, found)
    entries = [ClinicEntry.of(clinic, is_open=clinic.id in is_open) for clinic in found]
    return entries, found.next_cursor
