"""What may be asked of the free slots near a place."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from vetcore.schemas.base import Schema
from vetcore.schemas.fields import Instant, Latitude, Longitude
from vetcore.values.animals import Species
from vetcore.values.services import ServiceCode

__all__ = ["NearbySlotQuery"]


class NearbySlotQuery(Schema):
    """Where near a place a service is free in ``[start, end)``, and when."""

    latitude: Latitude
    longitude: Longitude
    within_m: Annotated[float, Field(ge=0)] | None = None
    """The largest distance in metres."""
    service: ServiceCode
    start: Instant
    end: Instant
    pet_id: UUID | None = None
    """For this pet: its species and its own appointments count."""
    species: Species | None = None
    """Of a pet that is not known yet."""
    clinics: Annotated[int, Field(ge=1, le=50)] = 10
    """As many clinics at most, of those that have a slot."""
    slots: Annotated[int, Field(ge=1, le=100)] = 3
    """As many slots of each at most, the earliest."""
    order: Literal["distance", "time"] = "distance"
    """The nearest clinic first, or the earliest slot."""
