"""What is known of people, rooms and pets, as far as it matters to a decision about a slot."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Self
from uuid import UUID

from vetcore.values.animals import PetStatus, Species
from vetcore.values.calendar import ClinicCalendar
from vetcore.values.clinics import LicenseStatus, ServiceType, Specialty
from vetcore.values.hours import OpeningHours
from vetcore.values.intervals import Span
from vetcore.values.people import Role
from vetcore.values.services import ServiceOffering

__all__ = [
    "NOTHING",
    "AsBooked",
    "BlockFacts",
    "Busy",
    "Cap",
    "EquipmentFacts",
    "GroupFacts",
    "LicenceFacts",
    "Means",
    "MembershipFacts",
    "Named",
    "PetFacts",
    "PractitionerFacts",
    "RoomFacts",
    "Rota",
]

Busy = Sequence[tuple[int, int]]
"""Stretches of seconds in no order: thousands are read for a month, so none becomes a Span."""


@dataclass(frozen=True, slots=True)
class Means:
    """Whom and what an appointment occupies beside its practitioner, its room and its pet."""

    assistants: tuple[tuple[UUID, Role], ...] = ()
    """Each person with the role in which they assist."""
    equipment: tuple[tuple[UUID, str], ...] = ()
    """Each piece with its kind."""

    @property
    def ids(self) -> frozenset[UUID]:
        """The people and the pieces."""
        return frozenset(key for key, _ in (*self.assistants, *self.equipment))

    @property
    def needs(self) -> dict[str, Any]:
        """The fields of a service that takes just these."""
        return {
            "assisted_by": tuple(role for _, role in self.assistants),
            "equipment": tuple(kind for _, kind in self.equipment),
        }

    def without(self, other: "Means") -> "Means":
        """Return what is here and not there."""
        return Means(
            tuple(each for each in self.assistants if each not in other.assistants),
            tuple(each for each in self.equipment if each not in other.equipment),
        )


NOTHING: Final = Means()
"""What most appointments take beside: nothing."""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom and what somebody wishes to have at an appointment."""

    assistants: frozenset[UUID] = frozenset()
    equipment: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """What is known of a veterinarian's licence."""

    status: LicenseStatus
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class MembershipFacts:
    """A membership at the clinic. Without working hours, it covers all opening hours."""

    role: Role
    starts_on: date
    ends_on: date | None
    hours: OpeningHours | None

    def holds_on(self, day: date) -> bool:
        """Return whether the membership holds on a local day of the clinic."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True, eq=False)
class Rota:
    """When somebody works, worked out once for each stretch of days while nothing changes."""

    calendar: ClinicCalendar
    """The clinic's; with another one, they work at other times."""
    memberships: tuple[MembershipFacts, ...]
    duties: dict[tuple[date, date], list[Span]] = field(
        default_factory=dict[tuple[date, date], list[Span]]
    )


@dataclass(frozen=True, slots=True)
class PractitionerFacts:
    """Somebody with a membership at the clinic, and when they are busy at any clinic."""

    id: UUID
    """The person, a user."""
    memberships: tuple[MembershipFacts, ...]
    licence: LicenceFacts | None = None
    """A veterinarian's; None for everybody else."""
    specialties: tuple[Specialty, ...] = ()
    species_treated: tuple[Species, ...] = ()
    time_off: Sequence[Span] = ()
    busy: Busy = ()
    accepts_new_patients: bool = True
    rota: Rota | None = field(default=None, compare=False)

    def within(self, first: date, last: date) -> Self | None:
        """Return the person with the memberships that they hold on some of the days; None without."""
        held = tuple(
            each
            for each in self.memberships
            if each.starts_on <= last and (each.ends_on is None or first <= each.ends_on)
        )
        if len(held) == len(self.memberships):
            # What was worked out for the same memberships still counts.
            return self
        return replace(self, memberships=held) if held else None

    def performing(self, offering: ServiceOffering) -> Self | None:
        """Return the person with the memberships by which they perform a service; None without any.

        A veterinarian performs what veterinarians do, whatever their role at the clinic is. Their
        licence is asked about only where they perform it as a veterinarian.
        """
        if offering.practitioner_ids and self.id not in offering.practitioner_ids:
            return None
        roles = offering.performed_by
        trained = offering.specialty is None or offering.specialty in self.specialties
        as_veterinarian = self.licence is not None and Role.VETERINARIAN in roles and trained
        if as_veterinarian:
            return self
        held = tuple(
            each
            for each in self.memberships
            if each.role in roles and each.role is not Role.VETERINARIAN
        )
        return replace(self, memberships=held, licence=None) if held else None

    def assisting(self, as_role: Role) -> Self | None:
        """Return the person with the memberships by which they assist in a role; None without any.

        A veterinarian assists as one, whatever their role at the clinic is.
        """
        if as_role is Role.VETERINARIAN:
            return self if self.licence is not None else None
        held = tuple(each for each in self.memberships if each.role is as_role)
        return replace(self, memberships=held, licence=None) if held else None


@dataclass(frozen=True, slots=True)
class EquipmentFacts:
    """A piece of equipment of a kind that the service needs."""

    id: UUID
    busy: Busy = ()


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room of the kind that the service needs."""

    id: UUID
    busy: Busy = ()


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """Time that is kept free at the clinic: a person's, a room's, or without either, everybody's."""

    label: str
    first_on: date
    last_on: date | None
    hours: str
    """In the syntax of OpenStreetMap, by the clinic's clock."""
    practitioner_id: UUID | None = None
    room_id: UUID | None = None

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return what is known of a block by its row, stored or only supposed."""
        return cls(
            row.label, row.first_on, row.last_on, row.hours, row.practitioner_id, row.room_id
        )

    def is_of(self, practitioner_id: UUID) -> bool:
        """Return whether it is that person's time: their own, or everybody's."""
        return self.room_id is None and self.practitioner_id in {None, practitioner_id}

    def spans_on(self, calendar: ClinicCalendar, first: date, last: date) -> Sequence[Span]:
        """Return the spans that begin on the local days from ``first`` to ``last``."""
        first = max(first, self.first_on)
        last = last if self.last_on is None else min(last, self.last_on)
        return calendar.same_place(self.hours).spans_on(first, last) if first <= last else ()


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group visit that stands: what its pets share, in seconds since 1970."""

    id: UUID
    room_id: UUID | None
    end: int
    occupied: tuple[int, int]
    places: int
    """How many pets it takes, as it was agreed."""
    taken: frozenset[int]
    """The places that pets have."""

    def with_one(self, other: Self) -> Self:
        """Return the group visit with one more of its pets."""
        since, until = zip(self.occupied, other.occupied, strict=True)
        return replace(self, occupied=(min(since), max(until)), taken=self.taken | other.taken)

    @property
    def free(self) -> list[int]:
        """The places that are left, from 1."""
        return [place for place in range(1, self.places + 1) if place not in self.taken]


@dataclass(frozen=True, slots=True)
class PetFacts:
    """The pet for which a slot is sought."""

    id: UUID
    species: Species
    status: PetStatus
    busy: Busy = ()
    seen_here: bool = False
    """Whether it is known at the clinic: a visit that took place or stands, or a medical record."""
    seen_by: frozenset[UUID] = frozenset()
    """The practitioners who know it in the same way, at whatever clinic."""
    weight_kg: Decimal | None = None
    """As it was weighed last; None if it never was."""


@dataclass(frozen=True, slots=True)
class Cap:
    """How many appointments of a kind may start at the clinic on one of its days."""

    limit: str
    """The field of the service or of the policy that sets it."""
    most: int
    service: str | None = None
    """Appointments for this service; None means those of pets that are new to the clinic."""
    starts: Sequence[int] = ()
    """When those start that there are, in seconds since 1970."""
    wanted: int = 1
    """How many more are to start together."""

    def counts(self, service: str, *, new_patient: bool) -> bool:
        """Return whether such an appointment at the clinic is one of its kind."""
        return new_patient if self.service is None else service == self.service


@dataclass(frozen=True, slots=True)
class AsBooked:
    """The length in minutes, the buffers and the kind of an appointment that is booked already."""

    duration: int
    before: int
    after: int
    kind: ServiceType
