"""Group visits of random worlds: some with places left, some full, some that cannot be joined."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from tests.examples import appointment, pet
from tests.scheduling.scenes import FAR_AHEAD, LONG_AGO, Scene
from vetcore.models import Appointment
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ServiceType

__all__ = ["collide", "groups"]

MINUTE = timedelta(minutes=1)
STATES = (
    *(AppointmentStatus.SCHEDULED,) * 5,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.CANCELLED,
    AppointmentStatus.HELD,
)


def groups(made: Scene, chance: Random, new_id: Callable[[], UUID]) -> Iterator[Appointment]:
    """The appointments of some group visits, most of them in the hours that are asked about."""
    asked = made.question
    offering = made.clinic.services.get(asked.service)
    several = offering is not None and offering.places > 1
    for _ in range(chance.choice((2, 4, 8) if several else (0, 0, 1))):
        within = chance.randrange(int((asked.end - asked.start) / MINUTE) // 5 + 1)
        start = asked.start.replace(second=0, microsecond=0) + 5 * within * MINUTE
        yield from _group(made, chance, start - start.minute % 5 * MINUTE, new_id)


def _group(
    made: Scene, chance: Random, start: datetime, new_id: Callable[[], UUID]
) -> list[Appointment]:
    """The appointments of a group visit of the service that is asked about, or of another one."""
    service = made.question.service if chance.randrange(8) else ServiceType.SICK_VISIT
    offering = made.clinic.services.get(service)
    minutes = 30 if offering is None else offering.duration_minutes
    end = start + timedelta(minutes=minutes if chance.randrange(6) else minutes + 5)
    rooms = [each for each in made.rooms if each.clinic_id == made.clinic.id]
    room_id = chance.choice(rooms).id if rooms and chance.randrange(3) else None
    places = chance.choice((1, 2, 2, 3, 4))
    key, squeezed = new_id(), chance.randrange(8) == 0
    person = chance.choice(made.people).id
    rows: list[Appointment] = []
    for place in chance.sample(range(1, places + 1), chance.randrange(1, max(places, 2))):
        status = chance.choice(STATES)
        expires = chance.choice((LONG_AGO, FAR_AHEAD))
        animal = pet(id=new_id()) if chance.randrange(6) else made.pets[0]
        made_up = appointment(
            made.clinic,
            made.vets[0],
            animal,
            start,
            id=new_id(),
            practitioner_id=person,
            service=service,
            room_id=room_id,
            status=status,
            ends_at=end,
            occupied_from=start - timedelta(minutes=5 * chance.randrange(2)),
            occupied_until=end,
            hold_expires_at=expires if status is AppointmentStatus.HELD else None,
            squeezed_in=squeezed,
            squeeze_reason="Hit by a car" if squeezed else None,
            group_id=key,
            group_place=place,
            group_places=places,
        )
        if animal not in made.pets:
            made.pets.append(animal)
        rows.append(made_up)
    return rows


def collide(one: Appointment, other: Appointment) -> bool:
    """Whether the database would refuse the two together."""
    if not all(each.status.occupies and each.deleted_at is None for each in (one, other)):
        return False
    together = one.group_id is not None and one.group_id == other.group_id
    shared = one.practitioner_id == other.practitioner_id or (
        one.room_id is not None and one.room_id == other.room_id
    )
    occupied = one.occupied_from < other.occupied_until and other.occupied_from < one.occupied_until
    at_once = one.starts_at < other.ends_at and other.starts_at < one.ends_at
    in_the_way = shared and occupied and one.squeezed_in is other.squeezed_in and not together
    return in_the_way or (one.pet_id == other.pet_id and at_once)
