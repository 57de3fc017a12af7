"""Factories of series of appointments."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from vetcore import clock
from vetcore.models import AppointmentSeries
from vetcore.testing.factories.chance import chance, parent
from vetcore.testing.factories.clinics import make_clinic
from vetcore.testing.factories.pets import make_pet
from vetcore.testing.factories.registering import factory
from vetcore.values.intervals import instant
from vetcore.values.walltime import AgreedTime, localize, zone_named

__all__ = ["make_appointment_series"]


@factory
def make_appointment_series(**overrides: Any) -> AppointmentSeries:
    """Make what was agreed for a weekly series from next week on. It makes no appointments."""
    take = chance()
    made = dict(overrides)
    clinic = parent(made, "clinic", make_clinic)
    parent(made, "pet", make_pet)
    zone = zone_named(clinic.timezone) if clinic is not None else zone_named("UTC")
    day = clock.now().astimezone(UTC).date() + timedelta(days=7)
    first = instant(localize(datetime.combine(day, time(10)), zone))
    usual = {
        **take.row(),
        "rule": f"FREQ=WEEKLY;COUNT={take.random.randint(3, 8)}",
        "first_wall_time": str(AgreedTime.at(first, zone)),
    }
    return AppointmentSeries(**usual | made)
