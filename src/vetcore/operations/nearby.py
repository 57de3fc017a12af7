"""Finds where near a place there is time: the directory and the timetables of many clinics together."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from vetcore import directory, scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.errors import InvalidValue
from vetcore.models import Clinic, Pet
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import reading
from vetcore.scheduling import Slot
from vetcore.schemas import NearbySlotQuery

__all__ = ["ClinicSlots", "find_slots_nearby"]

_LONGEST: Final = timedelta(days=31)
_SPARE: Final = 2
"""Of the clinics that are looked at first, so many times as are wanted: some have no time."""
_LOOKED_AT: Final = 200
"""Clinics at most. Whoever is not served by one of them asks about another day."""


@dataclass(frozen=True, slots=True)
class ClinicSlots:
    """A clinic near a place, and when it has time."""

    clinic: Clinic
    distance_m: float
    """Metres along the ground."""
    slots: tuple[Slot, ...]
    """The earliest; there is one at least."""


@reading(permission=Permission.CLINIC_READ, entity=Clinic)
async def find_slots_nearby(
    session: ReadSession, wanted: NearbySlotQuery, asked: Asked
) -> list[ClinicSlots]:
    """Return the clinics nearest to a place that have time then, each with its earliest slots.

    They are slots that everybody may book. The 200 nearest clinics that offer the service are looked
    at, at most, in growing groups: for each, one statement finds the clinics, and two their slots.

    Raises:
        InvalidValue: the window is empty or longer than 31 days.
    """
    by = asked.allow_anyone()
    if not timedelta() < wanted.end - wanted.start <= _LONGEST:
        raise InvalidValue(
            field="end",
            rule="must be after start, and by 31 days at most",
            expected=f"between {wanted.start.isoformat()} and {(wanted.start + _LONGEST).isoformat()}",
            value=wanted.end.isoformat(),
        )
    species = wanted.species
    if wanted.pet_id is not None:
        pet, _ = await asked.take(Pet, wanted.pet_id, lock=False, permission=Permission.PET_READ)
        species = pet.species
    found: list[ClinicSlots] = []
    looked_at, group, after = 0, _SPARE * wanted.clinics, None
    while looked_at < _LOOKED_AT and len(found) < wanted.clinics:
        near = await directory.nearest_clinics(
            session,
            wanted.latitude,
            wanted.longitude,
            limit=min(group, _LOOKED_AT - looked_at),
            within_m=wanted.within_m,
            service=wanted.service,
            species=species,
            after=after,
        )
        free = await scheduling.find_slots_across(
            session,
            clinic_ids=[each.clinic.id for each in near],
            service=wanted.service,
            start=wanted.start,
            end=wanted.end,
            by=by,
            pet_id=wanted.pet_id,
            species=species,
            limit_each=wanted.slots,
        )
        found.extend(
            ClinicSlots(each.clinic, each.distance_m, tuple(slots))
            for each in near
            if (slots := free.get(each.clinic.id))
        )
        looked_at, group, after = looked_at + len(near), group * 2, near.next_cursor
        if after is None:
            break
    nearest = found[: wanted.clinics]
    if wanted.order == "time":
        nearest.sort(key=lambda each: each.slots[0].start)
    return nearest
