"""What a clinic offers, and on which terms it can be booked."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Self, cast
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.clinics import RoomKind, ServiceType, Specialty
from vetcore.values.documents import Document, Label
from vetcore.values.money import Amount, CurrencyCode, in_minor_units
from vetcore.values.people import Role

__all__ = [
    "PERFORMING",
    "BookingPolicy",
    "DurationFor",
    "Reserve",
    "ServiceCatalog",
    "ServiceCode",
    "ServiceOffering",
    "in_words",
]

_MINUTES_OF_A_DAY: Final = 1440
_Buffer = Annotated[int, Field(ge=0, le=240)]
_Notice = Annotated[int, Field(ge=0, le=43_200)]
_Most = Annotated[int, Field(ge=1, le=10_000)] | None
_Duration = Annotated[int, Field(ge=5, le=_MINUTES_OF_A_DAY)]

ServiceCode = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")
]
"""The code of a service in a clinic's catalogue: small letters and digits, joined by ``_``."""

PERFORMING: Final = (Role.VETERINARIAN, Role.VETERINARY_TECHNICIAN, Role.GROOMER)
"""The roles that perform services."""


def in_words(code: str) -> str:
    """Return the code of a service as people would write it.

    >>> in_words("wellness_exam")
    'Wellness exam'
    """
    return code.replace("_", " ").capitalize()


def _as_hours(text: str, info: ValidationInfo) -> str:
    # Models and schemas do without the evaluator of hours until somebody gives some.
    from vetcore.values.hours import parse_hours  # noqa: PLC0415

    return parse_hours(text, field=info.field_name or "hours")


_Hours = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_as_hours)]


class DurationFor(Document):
    """How long a service lasts for some pets, in place of its usual duration."""

    species: Annotated[tuple[Species, ...], Field(max_length=100)] = ()
    """For these species; empty means all."""
    from_kg: Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=3)] | None = None
    """For pets of this weight or more; a pet that was never weighed is not among them."""
    duration_minutes: _Duration

    def is_for(self, species: Species | None, weight_kg: Decimal | None) -> bool:
        """Return whether the duration is meant for such a pet."""
        by_species = not self.species or species in self.species
        heavy = self.from_kg is None or (weight_kg is not None and weight_kg >= self.from_kg)
        return by_species and heavy


class ServiceOffering(Document):
    """A service as a clinic offers it.

    An appointment occupies its duration and both buffers, which are a day together at most.

    >>> exam = ServiceOffering(
    ...     service="wellness_exam", duration_minutes=30, buffer_after_minutes=10
    ... )
    >>> exam.occupied, exam.kind.value, exam.name
    (datetime.timedelta(seconds=2400), 'wellness_exam', 'Wellness exam')

    A clinic's own service has a code of its own, and says of which kind it is.

    >>> nails = ServiceOffering(
    ...     service="nail_trim",
    ...     kind="grooming",
    ...     duration_minutes=15,
    ...     performed_by=("veterinary_technician", "groomer"),
    ... )
    >>> nails.name
    'Nail trim'
    """

    service: ServiceCode
    """Its code in the clinic's catalogue."""
    kind: ServiceType = Field(default_factory=lambda given: ServiceType(given["service"]))
    """By which reports group it; if none is given, the kind that the code names."""
    name: Label = Field(default_factory=lambda given: in_words(given["service"]))
    """What people call it; if none is given, the code in words."""
    duration_minutes: _Duration
    durations: Annotated[tuple[DurationFor, ...], Field(max_length=50)] = ()
    """Other durations for some pets; the first that is meant for the pet counts."""
    buffer_before_minutes: _Buffer = 0
    buffer_after_minutes: _Buffer = 0
    currency: CurrencyCode = "USD"
    price: Annotated[Amount | None, in_minor_units] = None
    """The usual price; None if it varies."""
    room_kind: RoomKind | None = None
    """The kind of room that the service needs; None if it needs no room."""
    species: Annotated[tuple[Species, ...], Field(max_length=100)] = ()
    """The species for which it is offered; empty means all that the clinic treats."""
    hours: _Hours | None = None
    """When it takes place, by the clinic's clock and within its hours: ``Tu 08:00-12:00``; None
    means whenever the clinic is open."""
    online_bookable: bool = True
    """Whether owners may book it themselves; staff may in any case."""
    colour: (
        Annotated[str, StringConstraints(max_length=7, pattern=r"^#[0-9a-f]{6}$", to_lower=True)]
        | None
    ) = None
    """In which calendars show it: ``#2f6f4e``."""
    deposit: Annotated[Amount | None, in_minor_units] = None
    """What an owner pays beforehand; None if nothing. vetcore takes no payment itself."""
    performed_by: Annotated[tuple[Role, ...], Field(min_length=1, max_length=3)] = (
        Role.VETERINARIAN,
    )
    """As what somebody must work to perform it. Which of them the law allows differs by place."""
    practitioner_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()
    """Only these people perform it, users; empty means everybody who may."""
    specialty: Specialty | None = None
    """Only veterinarians with this specialty perform it."""
    most_per_day: _Most = None
    """How many appointments for it may start on one day, by the clinic's clock; None means any
    number."""

    @model_validator(mode="before")
    @classmethod
    def _says_its_kind(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        told = cast("Mapping[str, object]", given)
        if told.get("kind") is None:
            code = told.get("service")
            if isinstance(code, str) and code not in _KINDS:
                raise InvalidValue(
                    field="kind",
                    rule="is missing for a code that names no kind",
                    expected=", ".join(ServiceType),
                    value=code[:64],
                )
        return told

    @field_validator("performed_by")
    @classmethod
    def _by_practitioners(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        for role in roles:
            if role not in PERFORMING:
                raise InvalidValue(
                    field="performed_by",
                    rule="is no role that performs services",
                    expected=", ".join(PERFORMING),
                    value=role,
                )
        return tuple(dict.fromkeys(roles))

    @field_validator("practitioner_ids")
    @classmethod
    def _each_person_once(cls, people: tuple[UUID, ...]) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys(people))

    @field_validator("specialty")
    @classmethod
    def _of_veterinarians(cls, specialty: Specialty | None, info: ValidationInfo) -> Any:
        roles = info.data.get("performed_by", ())
        if specialty is not None and Role.VETERINARIAN not in roles:
            raise InvalidValue(
                field="specialty",
                rule="is for what veterinarians perform",
                expected="performed_by with veterinarian in it, or no specialty",
                value=specialty,
            )
        return specialty

    @field_validator("buffer_before_minutes", "buffer_after_minutes")
    @classmethod
    def _a_day_at_most(cls, buffer: int, info: ValidationInfo) -> int:
        longest = max(
            info.data.get("duration_minutes", 0),
            *(each.duration_minutes for each in info.data.get("durations", ())),
            0,
        )
        left = _MINUTES_OF_A_DAY - longest - info.data.get("buffer_before_minutes", 0)
        if buffer > left:
            raise InvalidValue(
                field=str(info.field_name),
                rule="makes duration and buffers longer than a day, which can never be booked",
                expected=f"at most {left}",
                value=buffer,
            )
        return buffer

    @field_validator("species")
    @classmethod
    def _each_species_once(cls, species: tuple[Species, ...]) -> tuple[Species, ...]:
        return tuple(dict.fromkeys(species))

    @property
    def duration(self) -> timedelta:
        """The time of the appointment itself."""
        return timedelta(minutes=self.duration_minutes)

    @property
    def longest(self) -> timedelta:
        """The time of the longest appointment for any pet."""
        others = (each.duration_minutes for each in self.durations)
        return timedelta(minutes=max((self.duration_minutes, *others)))

    @property
    def buffer_before(self) -> timedelta:
        """The time kept free for preparation."""
        return timedelta(minutes=self.buffer_before_minutes)

    @property
    def buffer_after(self) -> timedelta:
        """The time kept free for cleaning and notes."""
        return timedelta(minutes=self.buffer_after_minutes)

    @property
    def occupied(self) -> timedelta:
        """The duration and both buffers together."""
        return self.buffer_before + self.duration + self.buffer_after

    def minutes_for(self, species: Species | None, weight_kg: Decimal | None) -> int:
        """Return how long it lasts for such a pet, in minutes."""
        fitting = (each for each in self.durations if each.is_for(species, weight_kg))
        first = next(fitting, None)
        return self.duration_minutes if first is None else first.duration_minutes

    def is_for(self, species: Species) -> bool:
        """Return whether the service is offered for ``species``.

        The clinic must treat the species as well.
        """
        return not self.species or species in self.species


class ServiceCatalog(Document):
    """What a clinic offers. Each service is there once, in the clinic's own order.

    >>> catalog = ServiceCatalog().with_offering(
    ...     ServiceOffering(service="vaccination", duration_minutes=15)
    ... )
    >>> "vaccination" in catalog, "surgery" in catalog, len(catalog)
    (True, False, 1)
    """

    offerings: Annotated[tuple[ServiceOffering, ...], Field(max_length=100)] = ()

    @field_validator("offerings")
    @classmethod
    def _each_service_once(
        cls, offerings: tuple[ServiceOffering, ...]
    ) -> tuple[ServiceOffering, ...]:
        seen: set[str] = set()
        for offering in offerings:
            if offering.service in seen:
                raise InvalidValue(
                    field="offerings",
                    rule="lists a service twice",
                    expected="one offering a service",
                    value=offering.service,
                )
            seen.add(offering.service)
        return offerings

    def __iter__(self) -> Iterator[ServiceOffering]:  # type: ignore[override]  # its offerings, not its fields
        return iter(self.offerings)

    def __len__(self) -> int:
        return len(self.offerings)

    def __contains__(self, service: object) -> bool:
        return any(offering.service == service for offering in self.offerings)

    def get(self, service: str) -> ServiceOffering | None:
        """Return the offering of ``service``, or None where the clinic does not offer it."""
        return next((offering for offering in self if offering.service == service), None)

    def with_offering(self, offering: ServiceOffering) -> Self:
        """Return the catalogue with ``offering`` in it.

        It takes the place of the same service's offering, or is added at the end.
        """
        if offering.service not in self:
            return self.replace(offerings=(*self.offerings, offering))
        return self.replace(
            offerings=tuple(
                offering if listed.service == offering.service else listed for listed in self
            )
        )

    def without(self, service: str) -> Self:
        """Return the catalogue without ``service``."""
        return self.replace(offerings=tuple(listed for listed in self if listed.service != service))


_KINDS: Final = frozenset(ServiceType)


class Reserve(Document):
    """Hours that are kept for some services until shortly before.

    Two hours a day for emergencies, which anybody may book from an hour before their start on:

    >>> reserve = Reserve(
    ...     hours="Mo-Fr 11:00-12:00,16:00-17:00", services=("emergency",), released_minutes=60
    ... )
    >>> reserve.is_for("vaccination")
    False
    """

    hours: _Hours
    """By the clinic's clock."""
    services: Annotated[tuple[ServiceCode, ...], Field(min_length=1, max_length=100)]
    """The services for which the hours are kept."""
    released_minutes: _Notice = 0
    """How long before its start a time is everybody's; 0 means that it is kept until it passes."""
    practitioner_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()
    """Only with these people, users; empty means with everybody."""

    def is_for(self, service: str) -> bool:
        """Return whether the hours are kept for the service."""
        return service in self.services

    def holds_with(self, practitioner_id: UUID) -> bool:
        """Return whether the hours are kept with that person."""
        return not self.practitioner_ids or practitioner_id in self.practitioner_ids


class BookingPolicy(Document):
    """When appointments can be made and cancelled. Staff may set notice aside, not occupancy."""

    minimum_notice_minutes: _Notice = 60
    """How long before its start an appointment can still be booked."""
    horizon_days: Annotated[int, Field(ge=1, le=730)] = 180
    """How many days ahead appointments can be booked: the clinic's days, the last one whole."""
    step_minutes: Annotated[int, Field(ge=5, le=240, multiple_of=5)] = 15
    """The distance of the offered starts on the wall clock, counted from opening time."""
    hold_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How long a held slot waits to be confirmed."""
    cancellation_notice_minutes: _Notice = 0
    """How long before the start an owner can still cancel; 0 means until it starts."""
    reserves: Annotated[tuple[Reserve, ...], Field(max_length=50)] = ()
    """Hours that are kept for some services until shortly before."""
    retention_months: Annotated[int, Field(ge=1, le=600)] = 24
    """How long a pet stays a patient of the clinic after a visit that took place."""
    holds_per_pet: _Most = 2
    """How many slots an owner may hold at once for one pet; None means any number."""
    holds_per_owner: _Most = 5
    """How many slots may be held at once for all pets of one owner; None means any number."""
    bookings_per_pet: _Most = 12
    """How many bookings to come a pet may have when its owner books; holds are among them."""
    bookings_per_owner: _Most = 20
    """How many bookings to come all pets of one owner may have when the owner books."""
    new_patients_per_day: _Most = None
    """How many appointments of pets that are new to the clinic may start on one day, by the clinic's
    clock; None means any number."""

    @field_validator("horizon_days")
    @classmethod
    def _beyond_the_notice(cls, days: int, info: ValidationInfo) -> int:
        notice = info.data.get("minimum_notice_minutes", 0)
        if timedelta(days=days) <= timedelta(minutes=notice):
            raise InvalidValue(
                field="horizon_days",
                rule="leaves nothing to book after the minimum notice",
                expected=f"more than {notice} minutes",
                value=days,
            )
        return days
