"""What a clinic offers."""

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
    "DurationFor",
    "EquipmentCode",
    "HoursOfDays",
    "ServiceCatalog",
    "ServiceCode",
    "ServiceOffering",
    "in_words",
]

_MINUTES_OF_A_DAY: Final = 1440
_Buffer = Annotated[int, Field(ge=0, le=240)]
_Duration = Annotated[int, Field(ge=5, le=_MINUTES_OF_A_DAY)]
_Most = Annotated[int, Field(ge=1, le=10_000)] | None
_Places = Annotated[int, Field(ge=1, le=200)]

ServiceCode = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")
]
"""The code of a service in a clinic's catalogue: small letters and digits, joined by ``_``."""

EquipmentCode = ServiceCode
"""The code of a kind of equipment, formed like that of a service: ``dental_unit``."""

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


HoursOfDays = Annotated[
    str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_as_hours)
]
"""Hours by the clinic's clock, in the syntax of OpenStreetMap."""


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
    hours: HoursOfDays | None = None
    """When it takes place, by the clinic's clock and within its hours: ``Tu 08:00-12:00``; None
    means whenever the clinic is open."""
    places: _Places = 1
    """How many pets it takes at once: 8 in a puppy class. They share its practitioner and room."""
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
    assisted_by: Annotated[tuple[Role, ...], Field(max_length=3)] = ()
    """Who must be there beside the practitioner: one more person for each entry, who works in that
    role. ``("veterinarian", "veterinary_technician")`` takes two."""
    equipment: Annotated[tuple[EquipmentCode, ...], Field(max_length=20)] = ()
    """The kinds of equipment that it needs: one free piece of each."""

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

    @field_validator("performed_by", "assisted_by")
    @classmethod
    def _by_practitioners(cls, roles: tuple[Role, ...], info: ValidationInfo) -> tuple[Role, ...]:
        for role in roles:
            if role not in PERFORMING:
                raise InvalidValue(
                    field=str(info.field_name),
                    rule="is no role that performs services",
                    expected=", ".join(PERFORMING),
                    value=role,
                )
        return roles if info.field_name == "assisted_by" else tuple(dict.fromkeys(roles))

    @field_validator("practitioner_ids", "species", "equipment")
    @classmethod
    def _each_once(cls, several: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(several))

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

    @field_validator("places")
    @classmethod
    def _as_long_for_all(cls, places: int, info: ValidationInfo) -> int:
        if places > 1 and info.data.get("durations"):
            raise InvalidValue(
                field="places",
                rule="are for a service that takes as long for every pet",
                expected="1, or no durations",
                value=places,
            )
        return places

    @field_validator("species")
    @classmethod
    def _each_species_once(cls, species: tuple[Species, ...]) -> tuple[Species, ...]:
        return tuple(dict.fromkeys(species))

    @field_validator("assisted_by", "equipment")
    @classmethod
    def _not_for_several(cls, needed: tuple[str, ...], info: ValidationInfo) -> Any:
        if needed and info.data.get("places", 1) > 1:
            raise InvalidValue(
                field=str(info.field_name),
                rule="is not for a service with places, which pets share",
                expected="none, or 1 place",
                value=", ".join(needed),
            )
        return needed

    @property
    def needs_more(self) -> bool:
        """Whether it needs further people or equipment, beside its practitioner and a room."""
        return bool(self.assisted_by or self.equipment)

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
