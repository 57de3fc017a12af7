"""A world to test in, described in a line: clinics with staff, owners with pets, bookings."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from vetcore import clock
from vetcore.database import Session
from vetcore.errors import InvalidValue
from vetcore.models import (
    Appointment,
    Clinic,
    Pet,
    Room,
    StaffMembership,
    User,
    Veterinarian,
)
from vetcore.scheduling import Slot, book, find_slots
from vetcore.schemas import AppointmentCreate
from vetcore.testing.factories import (
    create_all,
    make_clinic,
    make_pet,
    make_room,
    make_staff_membership,
    make_user,
    make_veterinarian,
    seeded,
)
from vetcore.testing.factories.chance import chance
from vetcore.values.capacity import Capacity
from vetcore.values.clinics import ServiceType
from vetcore.values.people import Role
from vetcore.values.services import ServiceOffering
from vetcore.values.walltime import zone_named

__all__ = ["Scenario", "World"]

_AHEAD: Final = 30
"""How many days are looked through for one on which a clinic can be booked."""


@dataclass
class World:
    """The rows that a scenario made, in the order of its description."""

    clinics: list[Clinic] = field(default_factory=list[Clinic])
    veterinarians: list[Veterinarian] = field(default_factory=list[Veterinarian])
    staff: list[StaffMembership] = field(default_factory=list[StaffMembership])
    rooms: list[Room] = field(default_factory=list[Room])
    owners: list[User] = field(default_factory=list[User])
    pets: list[Pet] = field(default_factory=list[Pet])
    appointments: list[Appointment] = field(default_factory=list[Appointment])

    @property
    def clinic(self) -> Clinic:
        """The clinic, if there is only one.

        Raises:
            ValueError: there is none, or there are several: use ``clinics``.
        """
        (only,) = self.clinics
        return only

    def veterinarians_at(self, clinic: Clinic) -> list[Veterinarian]:
        """Return the veterinarians who have a membership at that clinic."""
        people = {
            membership.user_id for membership in self.staff if membership.clinic_id == clinic.id
        }
        return [vet for vet in self.veterinarians if vet.user_id in people]

    def rooms_at(self, clinic: Clinic) -> list[Room]:
        """Return the rooms of that clinic."""
        return [room for room in self.rooms if room.clinic_id == clinic.id]


@dataclass(frozen=True)
class _Clinic:
    veterinarians: int
    rooms: int
    about: dict[str, Any]


@dataclass(frozen=True)
class _Owners:
    count: int
    pets: int
    about: dict[str, Any]


@dataclass(frozen=True)
class _Booked:
    day: date | None
    share: float
    service: str


@dataclass(frozen=True)
class Scenario:
    """Describes a world, and makes it.

    Each call returns a new description, so that a beginning may be shared. ::

        world = await (
            Scenario(seed=1)
            .clinic(timezone="Europe/Berlin", veterinarians=2, rooms=3)
            .owners(5, pets=2)
            .booked(share=0.5)
            .create(session)
        )

    Args:
        seed: makes the same world each time, as :func:`vetcore.testing.seeded` says; None makes
            another one each time. The ids of appointments are the scheduler's, and new each time.
    """

    seed: int | None = None
    _clinics: tuple[_Clinic, ...] = field(default=(), repr=False, kw_only=True)
    _owners: tuple[_Owners, ...] = field(default=(), repr=False, kw_only=True)
    _bookings: tuple[_Booked, ...] = field(default=(), repr=False, kw_only=True)

    def clinic(self, *, veterinarians: int = 1, rooms: int = 1, **overrides: Any) -> Self:
        """Add a clinic where so many veterinarians work, in so many consulting rooms.

        Args:
            veterinarians: how many; they work whenever the clinic is open.
            rooms: how many; the clinic has no others.
            overrides: what :func:`vetcore.testing.make_clinic` takes.
        """
        _require_count("veterinarians", veterinarians)
        _require_count("rooms", rooms)
        one = _Clinic(veterinarians, rooms, overrides)
        return replace(self, _clinics=(*self._clinics, one))

    def owners(self, count: int = 1, *, pets: int = 1, **overrides: Any) -> Self:
        """Add so many owners, who live near the clinics in turn and bring their pets there.

        Args:
            count: how many.
            pets: how many each of them has.
            overrides: of the pets, what :func:`vetcore.testing.make_pet` takes.
        """
        _require_count("count", count)
        _require_count("pets", pets)
        return replace(self, _owners=(*self._owners, _Owners(count, pets, overrides)))

    def booked(
        self,
        day: date | None = None,
        *,
        share: float = 0.5,
        service: str = ServiceType.WELLNESS_EXAM,
    ) -> Self:
        """Book a share of that day at each clinic, as :func:`vetcore.scheduling.book` allows.

        The whole is what the veterinarians, the rooms and the pets still admit when one appointment
        follows the other.

        Args:
            day: the clinic's local day; None for the next on which it can be booked, from tomorrow.
            share: from 0 to 1.
            service: what the appointments are for.
        """
        if not 0 <= share <= 1:
            raise InvalidValue(
                field="share", rule="is no share of a day", expected="0 to 1", value=share
            )
        return replace(self, _bookings=(*self._bookings, _Booked(day, share, service)))

    async def create(self, session: Session) -> World:
        """Make the world, write it and flush. Nothing is committed.

        Raises:
            InvalidValue: a day is to be booked on which a clinic has no slot: it is closed or past,
                nobody works there, no pet is there to come.
            NotBookable: a clinic does not offer the service.
        """
        if self.seed is None:
            return await self._created(session)
        with seeded(self.seed):
            return await self._created(session)

    async def _created(self, session: Session) -> World:
        world = World()
        for wanted in self._clinics:
            _open(world, wanted)
        people = (each for group in self._owners for each in [group] * group.count)
        for number, group in enumerate(people):
            _settle(world, group, number)
        await create_all(
            session,
            *(*world.clinics, *world.rooms, *world.veterinarians),
            *(*world.staff, *world.owners, *world.pets),
        )
        for booking in self._bookings:
            for clinic in world.clinics:
                world.appointments += await _book(session, world, clinic, booking)
        return world


def _require_count(field_: str, count: int) -> None:
    if count < 0:
        raise InvalidValue(field=field_, rule="must not be negative", value=count)


def _open(world: World, asked: _Clinic) -> None:
    none: dict[str, Any] = {"rooms": list[Room]()}
    clinic = make_clinic(**none | asked.about)
    world.clinics.append(clinic)
    world.rooms += clinic.rooms
    world.rooms += [
        make_room(clinic=clinic, name=f"Consulting room {number + 1}")
        for number in range(asked.rooms)
    ]
    for _ in range(asked.veterinarians):
        person = make_user(
            role=Role.VETERINARIAN, country=clinic.address.country, timezone=clinic.timezone
        )
        world.veterinarians.append(make_veterinarian(user=person))
        world.staff.append(make_staff_membership(user=person, clinic=clinic))


def _settle(world: World, asked: _Owners, number: int) -> None:
    near = world.clinics[number % len(world.clinics)] if world.clinics else None
    about: dict[str, Any] = {}
    usual: dict[str, Any] = {}
    if near is not None:
        about = {"country": near.address.country, "timezone": near.timezone}
        usual["primary_clinic"] = near
    owner = make_user(**about)
    world.owners.append(owner)
    for _ in range(asked.pets):
        if near is not None and near.species_treated:
            usual["species"] = chance().choice(near.species_treated)
        world.pets.append(make_pet(**{"owner": owner} | usual | asked.about))


class _Planned(NamedTuple):
    """What an appointment will occupy."""

    start: datetime
    practitioner_id: UUID
    pet_id: UUID
    since: datetime
    until: datetime

    def overlaps(self, since: datetime, until: datetime) -> bool:
        return self.since < until and since < self.until


async def _book(
    session: Session, world: World, clinic: Clinic, asked: _Booked
) -> list[Appointment]:
    slots = await _slots(session, clinic, asked)
    full = list(_fill(world, clinic, asked.service, slots))
    if not full:
        raise InvalidValue(
            field="day",
            rule="cannot be booked",
            expected="a day to come on which the clinic is open, with a veterinarian, a room and a"
            " pet",
            value=asked.day,
        )
    chosen = chance().random.sample(full, round(asked.share * len(full)))
    owners = {pet.id: pet.owner_id for pet in world.pets}
    return [
        await book(
            session,
            AppointmentCreate(
                clinic_id=clinic.id,
                service=asked.service,
                pet_id=each.pet_id,
                starts_at=each.start,
                practitioner_id=each.practitioner_id,
            ),
            by=Capacity.SYSTEM,
            booked_by=owners[each.pet_id],
        )
        for each in sorted(chosen)
    ]


async def _slots(session: Session, clinic: Clinic, asked: _Booked) -> list[Slot]:
    """The slots of the day that is asked for, or of the first that has any."""
    zone = zone_named(clinic.timezone)
    tomorrow = clock.now().astimezone(zone).date() + timedelta(days=1)
    days = [asked.day] if asked.day else [tomorrow + timedelta(days=n) for n in range(_AHEAD)]
    for day in days:
        start, end = (
            datetime.combine(each, time(), zone).astimezone(UTC)
            for each in (day, day + timedelta(days=1))
        )
        slots = await find_slots(
            session,
            clinic_id=clinic.id,
            service=asked.service,
            start=start,
            end=end,
            by=Capacity.SYSTEM,
        )
        if slots:
            return slots
    return []


def _fill(world: World, clinic: Clinic, service: str, slots: Iterable[Slot]) -> Iterator[_Planned]:
    """One appointment after the other, as many as veterinarians, rooms and pets admit."""
    offering = clinic.services.get(service)
    if offering is None:
        return
    rooms = {room.id for room in world.rooms_at(clinic) if room.kind is offering.room_kind}
    # Of what is booked already, who it is that is occupied, and whether one of these rooms is.
    taken = [
        (_Planned(each.starts_at, each.practitioner_id, each.pet_id, since, until), each.room_id)
        for each in world.appointments
        for since, until in [(each.occupied_from, each.occupied_until)]
    ]
    some_room = next(iter(rooms), None)
    waiting = deque(_patients(world, clinic, offering))
    for slot in slots:
        since, until = slot.start - offering.buffer_before, slot.end + offering.buffer_after
        now = [(each, room) for each, room in taken if each.overlaps(since, until)]
        full = offering.room_kind is not None and len(rooms) <= sum(
            room in rooms for _, room in now
        )
        if full or any(each.practitioner_id == slot.practitioner_id for each, _ in now):
            continue
        busy = {each.pet_id for each, _ in now}
        pet_id = next((pet_id for pet_id in waiting if pet_id not in busy), None)
        if pet_id is None:
            continue
        # Who was seen comes again only after everybody else.
        waiting.remove(pet_id)
        waiting.append(pet_id)
        planned = _Planned(slot.start, slot.practitioner_id, pet_id, since, until)
        taken.append((planned, some_room))
        yield planned


def _patients(world: World, clinic: Clinic, offering: ServiceOffering) -> list[UUID]:
    """The pets that can come: the clinic's own, or anybody's where it has none."""
    treated = clinic.species_treated
    able = [
        pet
        for pet in world.pets
        if pet.status.bookable
        and offering.is_for(pet.species)
        and (not treated or pet.species in treated)
    ]
    own = [pet for pet in able if pet.primary_clinic_id == clinic.id]
    return [pet.id for pet in own or able]
