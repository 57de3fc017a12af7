"""A practice with a class of a few places beside its other services."""

from datetime import timedelta
from typing import Any

from tests.scheduling.practice import (
    Practice,
    practice,
)
from vetcore.database import Database
from vetcore.models import Appointment, Clinic
from vetcore.scheduling import (
    book_group_visit,
)
from vetcore.values.capacity import Capacity
from vetcore.values.services import ServiceCatalog, ServiceOffering

__all__ = ["CLASS", "MINUTE", "school", "together"]

CLASS = "puppy_class"
MINUTE = timedelta(minutes=1)


async def school(db: Database, *, places: int = 3, vets: int = 1, **given: Any) -> Practice:
    """A practice with a class of a few places beside its other services."""
    made = await practice(db, vets=vets, pets=8)
    lesson = ServiceOffering(
        service=CLASS, kind="behavior_consultation", duration_minutes=60, places=places, **given
    )
    catalog = ServiceCatalog.model_validate(made.clinic.services).with_offering(lesson)
    async with db.transaction() as session:
        clinic = await session.get_one(Clinic, made.clinic.id)
        clinic.services = catalog
    return made


async def together(db: Database, made: Practice, *animals: int, **given: Any) -> list[Appointment]:
    first, *others = [made.pets[animal].id for animal in animals]
    async with db.transaction() as session:
        return await book_group_visit(
            session,
            made.request(**{"pet_id": first, **given}),
            with_pets=others,
            by=Capacity.STAFF,
        )
