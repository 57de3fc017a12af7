"""What is done with registrations at clinics: an owner registers a pet, and ends it again."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore import clock, scheduling
from vetcore.access import Permission
from vetcore.database import ReadSession, Session
from vetcore.database.locking import locked_rows
from vetcore.database.paging import Page, page
from vetcore.errors import NotFound
from vetcore.models import Appointment, Clinic, ClinicPatient, Pet
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import operation, reading
from vetcore.operations.listing import narrowed
from vetcore.scheduling.remembering import stop_remembering
from vetcore.schemas import ById, ClinicPatientAct, ClinicPatientQuery
from vetcore.values.appointments import AppointmentStatus
from vetcore.values.capacity import Capacity
from vetcore.values.relations import PatientOrigin

__all__ = [
    "end_patient",
    "get_patient",
    "hand_over",
    "list_patients",
    "merge_patients",
    "register_patient",
    "registered",
]


async def registered(  # noqa: PLR0913
    session: AsyncSession,
    pet_id: UUID,
    clinic_id: UUID,
    origin: PatientOrigin,
    *,
    agreed_by: UUID | None = None,
    counts_for_owner: bool = True,
) -> ClinicPatient:
    """Return the registration of a pet at a clinic, which stands from now on.

    An agreement of the owner goes before what the clinic entered itself, and never the other way
    round.
    """
    row = await _registration(session, pet_id, clinic_id)
    agreed = origin is not PatientOrigin.CLINIC
    if row is None:
        row = ClinicPatient(pet_id=pet_id, clinic_id=clinic_id, counts_for_owner=counts_for_owner)
        session.add(row)
    elif row.ended_at is None and (row.agreed_at is not None or not agreed):
        return row
    elif not agreed:
        # The owner has ended it: the clinic does not begin it again.
        return row
    row.origin, row.ended_at = origin, None
    row.agreed_at = clock.now() if agreed else None
    row.agreed_by_id = agreed_by if agreed else None
    row.counts_for_owner = agreed or counts_for_owner
    await session.flush()
    return row


async def _registration(
    session: AsyncSession, pet_id: UUID, clinic_id: UUID
) -> ClinicPatient | None:
    query = select(ClinicPatient).where(
        ClinicPatient.pet_id == pet_id, ClinicPatient.clinic_id == clinic_id
    )
    return next(iter(await locked_rows(session, query)), None)


async def hand_over(
    session: AsyncSession,
    pet: Pet,
    owner_id: UUID,
    *,
    keeps_clinics: bool,
    clinic_id: UUID | None = None,
) -> None:
    """Give a pet to another owner, who has agreed; its clinics stay only where they say so.

    Args:
        session: of a transaction.
        pet: which, locked.
        owner_id: to whom.
        keeps_clinics: whether its clinics go on caring for it.
        clinic_id: to which of them they have agreed; to all of them if none is given.
    """
    pet.owner_id = owner_id
    rows = update(ClinicPatient).where(
        ClinicPatient.pet_id == pet.id, ClinicPatient.ended_at.is_(None)
    )
    if clinic_id is not None:
        rows = rows.where(ClinicPatient.clinic_id == clinic_id)
    now = clock.now()
    if keeps_clinics:
        await session.execute(
            rows.values(agreed_at=now, agreed_by_id=owner_id, counts_for_owner=True)
        )
    else:
        await session.execute(rows.values(ended_at=now))
        await stop_remembering(session, pet_id=pet.id)
    await session.flush()


async def merge_patients(
    session: AsyncSession, *, pet_id: UUID, into: UUID, owned: AbstractSet[UUID]
) -> None:
    """Move the registrations of a pet to another row of the same animal.

    Where both are registered at one clinic, what an owner agreed to goes before what the clinic
    entered, and what was ended before what stands. What a clinic entered for one row ends if the
    other one is somebody's: they have not agreed that it may read that.

    Args:
        session: of a transaction.
        pet_id: whose registrations move.
        into: to whom.
        owned: which of the two had an owner before they were merged.
    """
    both = select(ClinicPatient).where(ClinicPatient.pet_id.in_([pet_id, into]))
    rows = {(row.pet_id, row.clinic_id): row for row in await locked_rows(session, both)}
    for (pet, clinic_id), row in rows.items():
        other = rows.get((into if pet == pet_id else pet_id, clinic_id))
        if other is None:
            strays = row.agreed_at is None and bool(owned - {pet})
            row.pet_id = into
            if strays and row.ended_at is None:
                row.ended_at = clock.now()
        elif pet == pet_id:
            if _rank(row) > _rank(other):
                other.origin, other.agreed_at = row.origin, row.agreed_at
                other.agreed_by_id, other.ended_at = row.agreed_by_id, row.ended_at
                other.counts_for_owner = row.counts_for_owner
            row.soft_delete()
    await session.flush()


def _rank(row: ClinicPatient) -> tuple[bool, bool]:
    return row.agreed_at is not None, row.ended_at is not None


@operation(permission=Permission.PATIENT_REGISTER, entity=ClinicPatient)
async def register_patient(session: Session, act: ClinicPatientAct, asked: Asked) -> ClinicPatient:
    """Let a clinic care for one's pet: its staff may read and complete what is known of it.

    Raises:
        NotFound: there is no such pet or clinic, or none that they may see.
        PermissionDenied: it is not the pet's owner who asks.
    """
    pet, _ = await asked.take(Pet, act.pet_id)
    if await session.get(Clinic, act.clinic_id) is None:
        raise NotFound(entity=Clinic, key=act.clinic_id)
    me = None if asked.actor is None else asked.actor.user_id
    return await registered(session, pet.id, act.clinic_id, PatientOrigin.OWNER, agreed_by=me)


@operation(permission=Permission.PATIENT_END, entity=ClinicPatient)
async def end_patient(session: Session, act: ClinicPatientAct, asked: Asked) -> list[Appointment]:
    """End the care of a clinic for a pet: its staff read what they wrote themselves, and no more.

    Visits to come are cancelled, and past ones make the pet a patient no longer.

    Returns:
        The visits that were cancelled, by start.

    Raises:
        NotFound: there is no such pet, or none that they may see.
        PermissionDenied: they are neither an owner of the pet nor a manager of the clinic.
    """
    pet, by = await asked.take(Pet, act.pet_id)
    if by is Capacity.STAFF:
        asked.require_at(act.clinic_id)
    row = await _registration(session, pet.id, act.clinic_id)
    if row is not None and row.ended_at is None:
        row.ended_at = clock.now()
    await stop_remembering(session, pet_id=pet.id, clinic_id=act.clinic_id)
    if row is None:
        # The clinic's own entries are kept from beginning it again.
        session.add(
            ClinicPatient(
                pet_id=pet.id,
                clinic_id=act.clinic_id,
                origin=PatientOrigin.OWNER,
                agreed_at=clock.now(),
                counts_for_owner=False,
                ended_at=clock.now(),
            )
        )
    await session.flush()
    visits = await session.scalars(
        select(Appointment.id)
        .where(
            Appointment.pet_id == pet.id,
            Appointment.clinic_id == act.clinic_id,
            Appointment.status.in_(AppointmentStatus.to_come()),
            Appointment.starts_at > clock.now(),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    reason = "The clinic no longer cares for the pet"
    # The notice for cancelling binds nobody here.
    return [
        await scheduling.cancel(session, key, by=Capacity.SYSTEM, reason=reason)
        for key in visits.all()
    ]


@reading(permission=Permission.PATIENT_READ, entity=ClinicPatient)
async def get_patient(_session: ReadSession, wanted: ById, asked: Asked) -> ClinicPatient:
    """Return one registration."""
    row, _ = await asked.take(ClinicPatient, wanted.id, lock=False)
    return row


@reading(permission=Permission.PATIENT_READ, entity=ClinicPatient)
async def list_patients(
    session: ReadSession, wanted: ClinicPatientQuery, asked: Asked
) -> Page[ClinicPatient]:
    """Return the registrations that whoever acts may see, the latest first."""
    row = ClinicPatient
    query = narrowed(
        asked.seen(select(row), row),
        (row.pet_id, wanted.pet_id),
        (row.clinic_id, wanted.clinic_id),
    )
    if wanted.is_standing is not None:
        standing = row.ended_at.is_(None)
        query = query.where(standing if wanted.is_standing else row.ended_at.is_not(None))
    latest_first = [row.created_at.desc(), row.id.desc()]
    return await page(session, query, order_by=latest_first, limit=wanted.limit, after=wanted.after)
