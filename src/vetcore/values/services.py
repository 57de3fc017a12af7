"""What a clinic offers, and on which terms it can be booked."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from vetcore.errors import InvalidValue
from vetcore.values.animals import Species
from vetcore.values.clinics import RoomKind, ServiceType
from vetcore.values.documents import Document, Money

__all__ = ["BookingPolicy", "ServiceCatalog", "ServiceOffering"]


class ServiceOffering(Document):
    """One service as a clinic offers it."""

    service: ServiceType
    duration_minutes: Annotated[int, Field(ge=5, le=1440)]
    buffer_before_minutes: Annotated[int, Field(ge=0, le=240)] = 0
    buffer_after_minutes: Annotated[int, Field(ge=0, le=240)] = 0
    price: Money | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    room_kind: RoomKind | None = None
    species: tuple[Species, ...] = ()
    online_bookable: bool = True


class ServiceCatalog(Document):
    """What a clinic offers, each service once."""

    offerings: tuple[ServiceOffering, ...] = ()

    @field_validator("offerings")
    @classmethod
    def _each_service_once(
        cls, offerings: tuple[ServiceOffering, ...]
    ) -> tuple[ServiceOffering, ...]:
        services = [offering.service for offering in offerings]
        for service in services:
            if services.count(service) > 1:
                raise InvalidValue(field="offerings", rule="offers a service twice", value=service)
        return offerings

    def __iter__(self) -> Iterator[ServiceOffering]:  # type: ignore[override]  # a catalogue is its offerings
        return iter(self.offerings)

    def __len__(self) -> int:
        return len(self.offerings)

    def get(self, service: ServiceType) -> ServiceOffering | None:
        """The offering of ``service``, or None where the clinic does not offer it."""
        return next((offer for offer in self.offerings if offer.service is service), None)


class BookingPolicy(Document):
    """When appointments can be made and cancelled."""

    minimum_notice_minutes: Annotated[int, Field(ge=0, le=43_200)] = 60
    horizon_days: Annotated[int, Field(ge=1, le=730)] = 180
    step_minutes: Annotated[int, Field(ge=5, le=240, multiple_of=5)] = 15
    hold_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    cancellation_notice_minutes: Annotated[int, Field(ge=0, le=43_200)] = 0
