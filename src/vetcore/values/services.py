"""What a clinic offers, and on which terms it can be booked."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field, ValidationInfo, field_validator

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.documents import Document
from vetcore.values.money import Amount, CurrencyCode, in_minor_units

__all__ = ["BookingPolicy", "ServiceCatalog", "ServiceOffering"]

_MINUTES_OF_A_DAY: Final = 1440
_Buffer = Annotated[int, Field(ge=0, le=240)]
_Notice = Annotated[int, Field(ge=0, le=43_200)]


class ServiceOffering(Document):
    """A service as a clinic offers it.

    An appointment occupies its duration and both buffers, which are a day together at most.

    >>> exam = ServiceOffering(
    ...     service=ServiceType.WELLNESS_EXAM, duration_minutes=30, buffer_after_minutes=10
    ... )
    >>> exam.occupied
    datetime.timedelta(seconds=2400)
    """

    service: ServiceType
    duration_minutes: Annotated[int, Field(ge=5, le=_MINUTES_OF_A_DAY)]
    buffer_before_minutes: _Buffer = 0
    buffer_after_minutes: _Buffer = 0
    currency: CurrencyCode = "USD"
    price: Annotated[Amount | None, in_minor_units] = None
    """The usual price; None if it varies."""
    room_kind: RoomKind | None = None
    """The kind of room that the service needs; None if it needs no room."""
    species: Annotated[tuple[Species, ...], Field(max_length=100)] = ()
    """The species for which it is offered; empty means all that the clinic treats."""
    online_bookable: bool = True
    """Whether owners may book it themselves; staff may in any case."""

    @field_validator("buffer_before_minutes", "buffer_after_minutes")
    @classmethod
    def _a_day_at_most(cls, buffer: int, info: ValidationInfo) -> int:
        before = ("duration_minutes", "buffer_before_minutes")
        left = _MINUTES_OF_A_DAY - sum(info.data.get(name, 0) for name in before)
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

    def is_for(self, species: Species) -> bool:
        """Return whether the service is offered for ``species``.

        The clinic must treat the species as well.
        """
        return not self.species or species in self.species


class ServiceCatalog(Document):
    """What a clinic offers. Each service is there once, in the clinic's own order.

    >>> catalog = ServiceCatalog().with_offering(
    ...     ServiceOffering(service=ServiceType.VACCINATION, duration_minutes=15)
    ... )
    >>> ServiceType.VACCINATION in catalog, ServiceType.SURGERY in catalog, len(catalog)
    (True, False, 1)
    """

    offerings: Annotated[tuple[ServiceOffering, ...], Field(max_length=100)] = ()

    @field_validator("offerings")
    @classmethod
    def _each_service_once(
        cls, offerings: tuple[ServiceOffering, ...]
    ) -> tuple[ServiceOffering, ...]:
        seen: set[ServiceType] = set()
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

    def get(self, service: ServiceType) -> ServiceOffering | None:
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

    def without(self, service: ServiceType) -> Self:
        """Return the catalogue without ``service``."""
        return self.replace(offerings=tuple(listed for listed in self if listed.service != service))


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
    retention_months: Annotated[int, Field(ge=1, le=600)] = 24
    """How long a pet stays a patient of the clinic after a visit that took place."""

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

    @property
    def minimum_notice(self) -> timedelta:
        """The time before an appointment at which booking it ends: ``minimum_notice_minutes``."""
        return timedelta(minutes=self.minimum_notice_minutes)

    @property
    def horizon(self) -> timedelta:
        """How far ahead appointments can be booked: ``horizon_days`` as a duration."""
        return timedelta(days=self.horizon_days)

    @property
    def step(self) -> timedelta:
        """The distance between possible starts: ``step_minutes`` as a duration."""
        return timedelta(minutes=self.step_minutes)

    @property
    def hold(self) -> timedelta:
        """For how long a hold is kept: ``hold_minutes`` as a duration."""
        return timedelta(minutes=self.hold_minutes)

    @property
    def cancellation_notice(self) -> timedelta:
        """The time before an appointment at which owners may no longer cancel."""
        return timedelta(minutes=self.cancellation_notice_minutes)
