"""Tells who performs which services at a clinic."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import select

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.models import User
from vetcore.scheduling.loading import load_clinic
from vetcore.values.clinics import Specialty
from vetcore.values.dates import require_day
from vetcore.values.intervals import floor
from vetcore.values.people import Role
from vetcore.values.walltime import local_day

__all__ = ["Practitioner", "practitioners_at"]

_NOON: Final = time(12)


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who performs services at a clinic, as those see them who want to book."""

    id: UUID
    """The person, a user: what commands take as ``practitioner_id``."""
    name: str
    roles: tuple[Role, ...]
    """As what they work there on the day; several where they have several memberships."""
    is_veterinarian: bool
    specialties: tuple[Specialty, ...]
    services: tuple[str, ...]
    """The codes of the services that they perform, in the order of the catalogue."""


async def practitioners_at(
    session: ReadSession,
    *,
    clinic_id: UUID,
    service: str | None = None,
    day: date | None = None,
) -> list[Practitioner]:
    """Return the people who perform a service at a clinic on a day, by name.

    A licence is not asked about: it is judged when somebody books.

    Args:
        session: for reading.
        clinic_id: the clinic.
        service: the code of a service; any of the catalogue if none is given.
        day: by the clinic's calendar; today if none is given.

    Raises:
        NotFound: there is no such clinic.
        ServiceNotOffered: the catalogue does not have the service.
    """
    noon = (
        clock.now() if day is None else datetime.combine(require_day(day, field="day"), _NOON, UTC)
    )
    facts = await load_clinic(session, clinic_id=clinic_id, start=noon, end=noon)
    on = local_day(floor(noon), facts.calendar.zone) if day is None else day
    offered = tuple(facts.catalog) if service is None else (facts.offering(service),)
    found: list[Practitioner] = []
    names = await _names(session, facts.people)
    for key, person in facts.people.items():
        performed = [
            offering.service
            for offering in offered
            if (who := person.performing(offering)) is not None
            and any(each.holds_on(on) for each in who.memberships)
        ]
        if performed:
            found.append(
                Practitioner(
                    id=key,
                    name=names[key],
                    roles=tuple(
                        dict.fromkeys(each.role for each in person.memberships if each.holds_on(on))
                    ),
                    is_veterinarian=person.licence is not None,
                    specialties=person.specialties,
                    services=tuple(performed),
                )
            )
    return sorted(found, key=lambda each: (each.name, each.id))


async def _names(session: ReadSession, people: Collection[UUID]) -> dict[UUID, str]:
    found = await session.execute(
        select(User.id, User.first_name, User.last_name).where(User.id.in_(list(people)))
    )
    return {key: f"{first} {last}".strip() for key, first, last in found}
