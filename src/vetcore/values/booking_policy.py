"""On which terms a clinic can be booked."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from vetcore.errors import InvalidValue
from vetcore.values.documents import Document
from vetcore.values.services import HoursOfDays, ServiceCode

__all__ = ["BookingPolicy", "Reserve"]

_Notice = Annotated[int, Field(ge=0, le=43_200)]
_Most = Annotated[int, Field(ge=1, le=10_000)] | None


class Reserve(Document):
    """Hours that are kept for some services until shortly before.

    Two hours a day for emergencies, which anybody may book from an hour before their start on:

    >>> reserve = Reserve(
    ...     hours="Mo-Fr 11:00-12:00,16:00-17:00", services=("emergency",), released_minutes=60
    ... )
    >>> reserve.is_for("vaccination")
    False
    """

    hours: HoursOfDays
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
