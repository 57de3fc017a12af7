"""Operations on clinics: to create, change, delete and find them."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from vetcore import clock, directory, scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.paging import Page, page
from vetcore.directory import NearbyClinic
from vetcore.errors import AlreadyExists
from vetcore.models import Clinic, StaffMembership
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed, of_ids
from vetcore.operations.naming import named
from vetcore.operations.outcomes import Changed, Retired, changed, retired
from vetcore.operations.people import account_of
from vetcore.schemas import ById, ClinicCreate, ClinicQuery, ClinicUpdate, NearbyQuery, OpenQuery
from vetcore.values.people import Role
from vetcore.values.walltime import zone_named

__all__ = [
    "create_clinic",
    "delete_clinic",
    "find_nearest_clinics",
    "find_open_clinics",
    "get_clinic",
    "list_clinics",
    "restore_clinic",
    "update_clinic",
]

_TIMETABLE: Final = frozenset(
    {
        "address",
        "opening_hours",
        "services",
        "species_treated",
        "status",
        "subdivision",
        "timezone",
    }
)
"""What an appointment may become impossible by."""


@operation(
    permission=Permission.CLINIC_ADMINISTER, entity=Clinic, keyed=True, errors=(AlreadyExists,)
)
async def create_clinic(session: Session, wish: ClinicCreate, asked: Asked) -> Clinic:
    """Bring a clinic onto the platform, with its first manager where one is named.

    Raises:
        AlreadyExists: another clinic has its licence.
        NotFound: there is no such account, or it was deleted.
    """
    asked.require_system()
    if wish.manager_id is not None:
        await account_of(session, wish.manager_id)
    clinic = await asked.create(Clinic, wish)
    if wish.manager_id is not None:
        today = clock.now().astimezone(zone_named(clinic.timezone)).date()
        held = {"user_id": wish.manager_id, "clinic_id": clinic.id}
        session.add(StaffMembership(**held, role=Role.CLINIC_MANAGER, starts_on=today))
        await session.flush()
    return clinic


@operation(
    permission=Permission.CLINIC_MANAGE, entity=Clinic, versioned=True, errors=(AlreadyExists,)
)
async def update_clinic(session: Session, change: ClinicUpdate, asked: Asked) -> Changed[Clinic]:
    """Change a clinic. The answer tells which appointments cannot take place any more.

    Raises:
        AlreadyExists: another clinic has that licence.
        InvalidValue: the change breaks a rule together with the row.
    """
    clinic, _ = await asked.take(Clinic, named(change))
    done = change.apply_to(clinic)
    await session.flush()
    if done.isdisjoint(_TIMETABLE):
        return Changed(clinic)
    return await changed(session, clinic, clinic_id=clinic.id)


@operation(permission=Permission.CLINIC_ADMINISTER, entity=Clinic, versioned=True)
async def delete_clinic(session: Session, act: ById, asked: Asked) -> Retired[Clinic]:
    """Take a clinic off the platform. Its appointments to come end, and it can be restored."""
    clinic, _ = await asked.take(Clinic, act.id)
    ended = await scheduling.withdraw(session, clinic_id=clinic.id, reason="The clinic was deleted")
    clinic.soft_delete()
    await session.flush()
    return retired(clinic, ended)


@operation(
    permission=Permission.CLINIC_ADMINISTER,
    entity=Clinic,
    versioned=True,
    keyed=True,
    errors=(AlreadyExists,),
)
async def restore_clinic(_session: Session, act: ById, asked: Asked) -> Clinic:
    """Restore a deleted clinic. Appointments that were cancelled with it stay cancelled.

    Raises:
        AlreadyExists: another clinic has its licence by now.
    """
    return await asked.restore(Clinic, act.id)


@reading(permission=Permission.CLINIC_READ, entity=Clinic)
async def get_clinic(_session: ReadSession, wanted: ById, asked: Asked) -> Clinic:
    """Return a clinic."""
    clinic, _ = await asked.take(Clinic, wanted.id, lock=False)
    return clinic


@reading(permission=Permission.CLINIC_READ, entity=Clinic)
async def list_clinics(session: ReadSession, wanted: ClinicQuery, asked: Asked) -> Page[Clinic]:
    """Return the clinics of the platform, by name."""
    query = narrowed(
        asked.seen(select(Clinic), Clinic),
        (Clinic.status, wanted.status),
        (Clinic.kind, wanted.kind),
    )
    query = of_ids(query, Clinic.id, wanted.ids)
    by_name = [Clinic.name, Clinic.id]
    return await page(session, query, order_by=by_name, limit=wanted.limit, after=wanted.after)


@reading(permission=Permission.CLINIC_READ, entity=Clinic)
async def find_nearest_clinics(
    session: ReadSession, wanted: NearbyQuery, asked: Asked
) -> Page[NearbyClinic]:
    """Return the active clinics nearest to a place that meet the conditions, the nearest first."""
    asked.allow_anyone()
    return await directory.nearest_clinics(
        session,
        wanted.latitude,
        wanted.longitude,
        limit=wanted.limit,
        within_m=wanted.within_m,
        open_at=wanted.open_at,
        service=wanted.service,
        species=wanted.species,
        accepts_new_patients=wanted.accepts_new_patients,
        accepts_emergencies=wanted.accepts_emergencies,
        after=wanted.after,
    )


@reading(permission=Permission.CLINIC_READ, entity=Clinic)
async def find_open_clinics(session: ReadSession, wanted: OpenQuery, asked: Asked) -> set[UUID]:
    """Return the ids of those clinics that are open at an instant. Unknown ids are left out."""
    query = asked.seen(select(Clinic), Clinic).where(Clinic.id.in_(wanted.clinic_ids))
    clinics = (await session.scalars(query)).all()
    return await directory.open_clinics(session, clinics, wanted.at)
