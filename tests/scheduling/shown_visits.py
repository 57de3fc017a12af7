"""Visits as calendars show them, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from vetcore.scheduling.shown import ShownVisit
from vetcore.values.address import Address
from vetcore.values.appointments import AppointmentStatus

__all__ = ["visit_at"]

_THEN = datetime(2026, 1, 1, tzinfo=UTC)


def visit_at(starts_at: datetime, zone: str, number: int = 1, **given: Any) -> ShownVisit:
    """A booked visit of half an hour."""
    stamps = ("created_at", "updated_at")
    values: dict[str, Any] = {
        **dict.fromkeys(ShownVisit._fields),
        **{name: _THEN for name in ShownVisit._fields if name.endswith(stamps)},
        "id": UUID(int=number),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
        "status": AppointmentStatus.SCHEDULED,
        "ran_out": False,
        "sequence": 0,
        "service": "Wellness exam",
        "pet_name": "Rex",
        "clinic_name": "Here",
        "address": Address(line1="1 Main St", city="Here", country="US"),
        "timezone": zone,
        "first_name": "Ana",
        "last_name": "Silva",
    }
    return ShownVisit(**values | given)
