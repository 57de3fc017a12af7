"""Random scheduling worlds as database rows, each from a seed, around days when clocks change.

A :class:`Scene` is one clinic with all that may matter to a question about its free slots, and much
that must not: another clinic, deleted rows, cancelled appointments, holds that have run out.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from tests.examples import appointment, clinic, membership, pet, room, user, veterinarian
from tests.scheduling.beside import with_more
from tests.scheduling.grouping import collide, groups
from tests.scheduling.random_hours import RandomHours
from tests.scheduling.scenes import FAR_AHEAD, LONG_AGO, Question, Scene, store
from vetcore.models import (
    ClinicClosure,
    ScheduleBlock,
    TimeOff,
    User,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.booking_policy import BookingPolicy, Reserve
from vetcore.values.clinics import ClinicStatus, LicenseStatus, RoomKind, ServiceType
from vetcore.values.people import Role
from vetcore.values.services import DurationFor, ServiceCatalog, ServiceOffering
from vetcore.values.walltime import zone_named

__all__ = ["SPECIAL_DAYS", "Question", "Scene", "scene", "store"]

SPECIAL_DAYS = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Kathmandu": (date(2026, 5, 1),),
    "America/St_Johns": (date(2026, 3, 8), date(2026, 11, 1)),
    "Pacific/Apia": (date(2011, 12, 30), date(2020, 9, 27), date(2021, 4, 4)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 30)),
    "UTC": (date(2026, 2, 28),),
}
"""Days on which the clocks change, at midnight in one zone, and one day that never was."""

PERFORMERS = (
    *((Role.VETERINARIAN,),) * 6,
    (Role.VETERINARY_TECHNICIAN,),
    (Role.VETERINARIAN, Role.VETERINARY_TECHNICIAN),
    (Role.GROOMER, Role.VETERINARY_TECHNICIAN),
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def scene(zone: str, seed: int, day: date | None = None) -> Scene:
    """The scene of that number in that zone, around a day or one of its own: always the same."""
    return _Maker(zone, seed, day).scene()


class _Maker(RandomHours):
    """Makes the parts of a scene, one after the other, from one source of chance."""

    def __init__(self, zone: str, seed: int, day: date | None) -> None:
        super().__init__(Random(f"{zone} {seed}"))
        self.caps = Random(f"caps {zone} {seed}")
        self.seed = seed
        self.zone = zone
        self.day = day or self.chance.choice(SPECIAL_DAYS[zone])

    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def _deleted(self) -> datetime | None:
        return LONG_AGO if self.one_in(10) else None

    def _at(self, hours: float) -> datetime:
        """So many hours after the day's midnight, give or take, in UTC."""
        midnight = datetime.combine(self.day, time(), zone_named(self.zone)).astimezone(UTC)
        return midnight + round(hours * 12) * 5 * MINUTE

    def _near(self, earliest: float, latest: float) -> datetime:
        moment = self._at(self.chance.uniform(earliest, latest))
        if self.one_in(4):
            moment += self.chance.randrange(60) * MINUTE
        if self.one_in(8):
            moment += timedelta(milliseconds=self.chance.randrange(60_000))
        return moment

    def _species(self) -> tuple[Species, ...]:
        some = self.chance.choice(((Species.DOG,), (Species.CAT, Species.DOG)))
        return some if self.one_in(8) else ()

    def _offering(self, service: ServiceType) -> ServiceOffering:
        choose = self.chance.choice
        return ServiceOffering(
            service=service,
            duration_minutes=choose((5, 10, 15, 15, 20, 20, 30, 30, 45, 60, 90, 240)),
            buffer_before_minutes=choose((0, 0, 5, 10, 30)),
            buffer_after_minutes=choose((0, 0, 5, 15, 45)),
            room_kind=choose((None, RoomKind.SURGERY)),
            species=self._species(),
            hours=self.hours() if self.one_in(12) else None,
            performed_by=choose(PERFORMERS),
            most_per_day=self.caps.choice((None, None, 1, 2, 3)),
            **self._lengths_or_places(),
        )

    def _lengths_or_places(self) -> dict[str, Any]:
        if self.one_in(3):
            return {"places": self.chance.choice((2, 3))}
        return {"durations": self._durations()}

    def _durations(self) -> tuple[DurationFor, ...]:
        """Sometimes cats take longer, or what is heavy does."""
        choose = self.chance.choice
        if not self.one_in(4):
            return ()
        species = choose(((), (Species.CAT,), (Species.DOG,)))
        weight = choose((None, Decimal(5), Decimal(30)))
        return (
            DurationFor(species=species, from_kg=weight, duration_minutes=choose((10, 25, 50))),
        )

    def _reserves(self) -> tuple[Reserve, ...]:
        if not self.one_in(8):
            return ()
        services = self.chance.choice((("emergency",), ("wellness_exam",)))
        released = self.chance.choice((0, 60, 600))
        return (Reserve(hours=self.hours(), services=services, released_minutes=released),)

    def _policy(self) -> BookingPolicy:
        choose = self.chance.choice
        return BookingPolicy(
            minimum_notice_minutes=choose((0, 0, 60, 125, 1400)),
            horizon_days=choose((1, 2, 5, 180, 180, 180, 180, 180)),
            step_minutes=choose((5, 10, 15, 15, 20, 25, 30, 45, 50, 60, 90, 240)),
            reserves=self._reserves(),
            new_patients_per_day=self.caps.choice((None, None, 1, 2)),
        )

    def scene(self) -> Scene:
        """All parts together."""
        start = self._near(-30, 30)
        length = self.chance.choice((1, 6, 12, 24, 30, 50))
        now = start - timedelta(
            minutes=self.chance.choice((-90, -20, 0, 60, 700, 2000, 6000, 6000, 6000))
        )
        services = [ServiceType.SICK_VISIT]
        if not self.one_in(40):
            services.append(ServiceType.WELLNESS_EXAM)
        catalog = ServiceCatalog(offerings=tuple(map(self._offering, services)))
        # Or hardly any group visit would be at a time at which somebody works.
        always = any(each.places > 1 for each in catalog) and not self.one_in(3)
        place = clinic(
            id=self._id(),
            timezone=self.zone,
            opening_hours=self.always() if always else self.hours(),
            services=catalog,
            booking_policy=self._policy(),
            species_treated=self._species(),
            status=ClinicStatus.SUSPENDED if self.one_in(40) else ClinicStatus.ACTIVE,
        )
        made = Scene(
            seed=self.seed,
            day=self.day,
            now=now,
            clinic=place,
            elsewhere=clinic(id=self._id(), timezone="UTC", opening_hours="24/7"),
            question=Question(start, start + timedelta(hours=length)),
            weeks=self.weeks,
        )
        for _ in range(self.chance.choice((1, 2, 2, 3, 4))):
            self._veterinarian(made)
        for _ in range(self.chance.choice((1, 1, 2))):
            self._technician(made)
        self._closures(made)
        self._rooms(made)
        self._appointments(made)
        self._question(made)
        self._blocks(made)
        if self.one_in(4):
            with_more(made, self.chance, self._id, self._technician)
        return made

    def _veterinarian(self, made: Scene) -> None:
        person = user(id=self._id(), role=Role.VETERINARIAN)
        offset = self.chance.choice((None, None, None, -1, 0, 1, 40))
        suspended = self.one_in(20)
        vet = veterinarian(
            person,
            id=self._id(),
            species_treated=self._species(),
            license_status=LicenseStatus.SUSPENDED if suspended else LicenseStatus.ACTIVE,
            license_expires_on=None if offset is None else self.day + offset * DAY,
        )
        vet.deleted_at = LONG_AGO if self.one_in(30) else None
        made.people.append(person)
        made.vets.append(vet)
        made.memberships.append(membership(person, made.elsewhere, id=self._id()))
        self._work(made, person, Role.VETERINARIAN)

    def _technician(self, made: Scene) -> None:
        role = self.chance.choice((Role.VETERINARY_TECHNICIAN, Role.GROOMER, Role.RECEPTIONIST))
        person = user(id=self._id(), role=role)
        made.people.append(person)
        made.technicians.append(person)
        self._work(made, person, role)

    def _work(self, made: Scene, person: User, role: Role) -> None:
        """When somebody works at the clinic, and when they are away."""
        first = self.day + self.chance.choice((-900, -900, -900, -900, -1, 0, 1)) * DAY
        for number in range(self.chance.choice((1, 1, 1, 2))):
            last = self.chance.choice((None, None, 0, 1)) if number == 0 else None
            post = membership(
                person,
                made.clinic,
                id=self._id(),
                role=role,
                starts_on=first,
                ends_on=None if last is None else max(first, self.day) + last * DAY,
                working_hours=self.hours() if self.one_in(3) else None,
            )
            post.deleted_at = self._deleted()
            made.memberships.append(post)
            first = self.day + self.chance.choice((0, 1, 2)) * DAY
            if any(
                each.starts_on == first for each in made.memberships if each.user_id == person.id
            ):
                break
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            begin = self._near(-40, 40)
            away = TimeOff(
                id=self._id(),
                practitioner_id=person.id,
                starts_at=begin,
                ends_at=begin + timedelta(minutes=self.chance.choice((1, 45, 300, 1500))),
            )
            away.deleted_at = self._deleted()
            made.time_off.append(away)

    def _closures(self, made: Scene) -> None:
        for place in (*(made.clinic,) * self.chance.choice((0, 0, 0, 1, 2)), made.elsewhere):
            first = self.day + self.chance.choice((-1, 0, 0, 1, 2)) * DAY
            closure = ClinicClosure(
                id=self._id(),
                clinic_id=place.id,
                first_on=first,
                last_on=first + self.chance.choice((0, 0, 1)) * DAY,
                opening_hours=self.times(),
                reason="Inventory",
            )
            closure.deleted_at = self._deleted()
            made.closures.append(closure)

    def _blocks(self, made: Scene) -> None:
        """Time that is kept free: of people, of rooms and of everybody, here and elsewhere."""
        for _ in range(self.chance.choice((0, 0, 0, 1, 2, 4))):
            first = self.day + self.chance.choice((-900, -900, -2, -1, 0, 0, 1)) * DAY
            last = self.chance.choice((None, None, -2, -1, 0, 0, 1))
            here = not self.one_in(8)
            block = ScheduleBlock(
                id=self._id(),
                clinic_id=(made.clinic if here else made.elsewhere).id,
                label="Lunch",
                first_on=first,
                last_on=None if last is None else max(first, self.day + last * DAY),
                hours=self.short_hours(),
            )
            rooms = [each for each in made.rooms if (each.clinic_id == made.clinic.id) == here]
            whose = self.chance.choice(("practitioner", "practitioner", "room", "room", "clinic"))
            if whose == "practitioner":
                block.practitioner_id = self.chance.choice(made.people).id
            elif whose == "room" and rooms:
                block.room_id = self.chance.choice(rooms).id
            block.deleted_at = self._deleted()
            made.blocks.append(block)

    def _rooms(self, made: Scene) -> None:
        kinds = (*(RoomKind.SURGERY,) * 4, RoomKind.DENTAL)
        for number in range(self.chance.choice((0, 1, 2, 3, 3, 4, 4))):
            kind = self.chance.choice(kinds)
            made.rooms.append(room(made.clinic, id=self._id(), name=f"R{number}", kind=kind))
            made.rooms[-1].deleted_at = self._deleted()
        made.rooms.append(room(made.elsewhere, id=self._id(), kind=RoomKind.SURGERY))

    def _appointments(self, made: Scene) -> None:
        states = self.chance.choice((0, 1, 1, 1, 2))
        made.pets.append(
            pet(
                id=self._id(),
                species=self.chance.choice((Species.DOG, Species.CAT)),
                status=PetStatus.DECEASED if self.one_in(25) else PetStatus.ACTIVE,
                weight_kg=self.chance.choice((None, Decimal("4.9999"), Decimal(5), Decimal(40))),
            )
        )
        for each in groups(made, self.chance, self._id):
            if not any(collide(each, known) for known in made.appointments):
                made.appointments.append(each)
        for _ in range(states * self.chance.randrange(12)):
            self._appointment(made)

    def _appointment(self, made: Scene) -> None:
        animal = made.pets[0] if self.one_in(5) else pet(id=self._id())
        length = self.chance.choice((5, 20, 30, 60, 120, 1380)) * MINUTE
        begin = self._near(-50, 60)
        status = self.chance.choice(list(AppointmentStatus))
        expires = self.chance.choice((LONG_AGO, FAR_AHEAD))
        here = not self.one_in(4)
        rooms = [each for each in made.rooms if (each.clinic_id == made.clinic.id) == here]
        where = None if self.one_in(3) or not rooms else self.chance.choice(rooms).id
        made_up = appointment(
            made.clinic if here else made.elsewhere,
            self.chance.choice(made.vets),
            animal,
            begin,
            id=self._id(),
            room_id=where,
            status=status,
            ends_at=begin + length,
            occupied_from=begin - self.chance.choice((0, 0, 10)) * MINUTE,
            occupied_until=begin + length + self.chance.choice((0, 0, 15)) * MINUTE,
            hold_expires_at=expires if status is AppointmentStatus.HELD else None,
            squeezed_in=(squeezed := self.one_in(6)),
            squeeze_reason="Hit by a car" if squeezed else None,
            service=self.caps.choice((ServiceType.WELLNESS_EXAM, ServiceType.SICK_VISIT)),
            new_patient=self.caps.choice((True, False)),
        )
        if made.technicians and self.one_in(4):
            made_up.practitioner_id = self.chance.choice(made.technicians).id
        made_up.deleted_at = self._deleted()
        if any(collide(made_up, each) for each in made.appointments):
            return
        if animal not in made.pets:
            made.pets.append(animal)
        made.appointments.append(made_up)

    def _question(self, made: Scene) -> None:
        asked: Any = made.question
        if self.one_in(4):
            asked.practitioner_id = self.chance.choice(made.people).id
        if self.one_in(2):
            asked.pet_id = made.pets[0].id
        elif self.one_in(2):
            asked.species = self.chance.choice((Species.DOG, Species.CAT))
        if self.one_in(6):
            asked.duration = self.chance.choice((7, 25, 100)) * MINUTE
