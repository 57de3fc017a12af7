"""A generated case as the facts that the rules judge, and as rows of a database."""

from datetime import UTC, datetime
from uuid import UUID

from tests.examples import appointment, clinic, membership, pet, room, user, veterinarian
from tests.scheduling.minute_by_minute import Case, Hours, Taken, Vet, text_of, week_text
from vetcore.database import Database
from vetcore.models import ClinicClosure, TimeOff
from vetcore.models.base import Entity
from vetcore.scheduling.world import (
    ClosureFacts,
    PetFacts,
    PostFacts,
    RoomFacts,
    VeterinarianFacts,
    World,
)
from vetcore.values.animals import PetStatus, Species
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.clinics import ClinicStatus, LicenseStatus, RoomKind, ServiceType
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import Span, floor
from vetcore.values.people import Role
from vetcore.values.services import BookingPolicy, ServiceCatalog, ServiceOffering

PETS = 4
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2400, 1, 1, tzinfo=UTC)


def _id(kind: int, number: int) -> UUID:
    return UUID(int=kind * 1000 + number)


def _offering(case: Case) -> ServiceOffering:
    return ServiceOffering(
        service=ServiceType.SURGERY,
        duration_minutes=case.duration,
        buffer_before_minutes=case.before,
        buffer_after_minutes=case.after,
        room_kind=RoomKind.SURGERY if case.needs_room else None,
    )


def _policy(case: Case) -> BookingPolicy:
    return BookingPolicy(
        minimum_notice_minutes=case.notice, horizon_days=case.horizon, step_minutes=case.step
    )


def _species(vet: Vet) -> tuple[Species, ...]:
    return (Species.DOG, Species.CAT) if vet.treats_the_species else (Species.CAT,)


def _license(vet: Vet) -> LicenseStatus:
    return LicenseStatus.ACTIVE if vet.licensed else LicenseStatus.SUSPENDED


class _Facts:
    """Translates the parts of a case."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def seconds(self, minute: int) -> int:
        return floor(self.case.at(minute))

    def hours(self, text: str) -> OpeningHours:
        return OpeningHours(text, self.case.zone)

    def other(self, exception: Hours | None) -> OpeningHours | None:
        return None if exception is None else self.hours(text_of(exception))

    def busy(self, **by: int) -> list[Span]:
        ((kind, number),) = by.items()
        return [
            Span(self.seconds(each.begin), self.seconds(each.end))
            for each in self.case.taken
            if each.counts and getattr(each, kind) == number
        ]

    def vet(self, number: int, vet: Vet) -> VeterinarianFacts:
        case = self.case
        return VeterinarianFacts(
            id=_id(2, number),
            species_treated=_species(vet),
            license_status=_license(vet),
            license_expires_on=None if (day := vet.licensed_until) is None else case.day(day),
            posts=tuple(
                PostFacts(
                    case.day(post.first),
                    None if post.last is None else case.day(post.last),
                    None if post.week is None else self.hours(week_text(post.week)),
                )
                for post in vet.posts
            ),
            time_off=sorted(Span(self.seconds(a), self.seconds(b)) for a, b in vet.time_off),
            busy=self.busy(vet=number),
        )


def facts(case: Case) -> tuple[World, dict[UUID, int]]:
    """The case as the rules see it, and the number of each veterinarian."""
    part = _Facts(case)
    world = World(
        clinic_id=_id(1, 0),
        status=ClinicStatus.ACTIVE,
        hours=part.hours(week_text(case.week)),
        closures=tuple(
            ClosureFacts(case.day(first), case.day(last), part.other(exception))
            for first, last, exception in case.closures
        ),
        species_treated=(),
        policy=_policy(case),
        offering=_offering(case),
        duration=case.duration * 60,
        start=part.seconds(case.start),
        end=part.seconds(case.end),
        now=part.seconds(case.now),
        veterinarians=tuple(part.vet(number, vet) for number, vet in enumerate(case.vets)),
        rooms=tuple(
            RoomFacts(_id(3, number), part.busy(room=number))
            for number in range(case.rooms if case.needs_room else 0)
        ),
        pet=PetFacts(_id(4, 0), Species.DOG, PetStatus.ACTIVE, part.busy(pet=0)),
        species=Species.DOG,
        needs_room=case.needs_room,
    )
    return world, {_id(2, number): number for number in range(len(case.vets))}


async def stored(db: Database, case: Case) -> tuple[UUID, UUID, dict[UUID, int]]:
    """Write the case; the ids of clinic and pet, and the number of each veterinarian."""
    place = clinic(
        timezone=case.zone,
        opening_hours=week_text(case.week),
        services=ServiceCatalog(offerings=(_offering(case),)),
        booking_policy=_policy(case),
    )
    elsewhere = clinic(name="The other clinic", timezone="UTC", opening_hours="24/7")
    owner = user()
    people = [user(role=Role.VETERINARIAN) for _ in case.vets]
    vets = [
        veterinarian(
            person,
            species_treated=_species(vet),
            license_status=_license(vet),
            license_expires_on=None if (day := vet.licensed_until) is None else case.day(day),
        )
        for person, vet in zip(people, case.vets, strict=True)
    ]
    animals = [pet(owner, name=f"Pet {number}") for number in range(PETS)]
    rooms = [room(place, kind=RoomKind.SURGERY) for _ in range(case.rooms)]
    rest: list[Entity] = [
        ClinicClosure(
            clinic_id=place.id,
            first_on=case.day(first),
            last_on=case.day(last),
            opening_hours=None if hours is None else text_of(hours),
            reason="inventory",
        )
        for first, last, hours in case.closures
    ]
    for person, stored_vet, vet in zip(people, vets, case.vets, strict=True):
        rest += [
            membership(
                person,
                place,
                starts_on=case.day(post.first),
                ends_on=None if post.last is None else case.day(post.last),
                working_hours=None if post.week is None else week_text(post.week),
            )
            for post in vet.posts
        ]
        rest += [
            TimeOff(veterinarian_id=stored_vet.id, starts_at=case.at(begin), ends_at=case.at(end))
            for begin, end in vet.time_off
        ]
    rest += [
        appointment(
            elsewhere if each.elsewhere else place,
            vets[each.vet],
            animals[each.pet],
            case.at(each.begin),
            room_id=None if each.room is None else rooms[each.room].id,
            status=AppointmentStatus(each.status),
            hold_expires_at=_expiry(each),
            ends_at=case.at(each.end),
            occupied_until=case.at(each.end),
        )
        for each in case.taken
    ]
    async with db.transaction() as session:
        session.add_all([place, elsewhere, owner, *people])
        await session.flush()
        session.add_all([*vets, *animals, *rooms])
        await session.flush()
        session.add_all(rest)
    return place.id, animals[0].id, {vet.id: number for number, vet in enumerate(vets)}


def _expiry(taken: Taken) -> datetime | None:
    """The database's clock decides about holds, whatever the case takes for the present."""
    if taken.status != "held":
        return None
    return LONG_AGO if taken.expired else FAR_AHEAD
