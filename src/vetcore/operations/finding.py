"""Finds appointments and clinics by what somebody knows of them."""

from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload

from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.database.paging import Page, page
from vetcore.models import Appointment, Clinic, Pet
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import reading
from vetcore.operations.listing import has_id_like
from vetcore.schemas import AppointmentSearch, ClinicSearch
from vetcore.values.matching import fold

__all__ = ["search_appointments", "search_clinics"]

_WITH_NAMES: Final = (
    joinedload(Appointment.clinic),
    joinedload(Appointment.pet).joinedload(Pet.owner),
    joinedload(Appointment.room),
    joinedload(Appointment.practitioner),
)


@reading(permission=Permission.APPOINTMENT_READ, entity=Appointment)
async def search_appointments(
    session: ReadSession, wanted: AppointmentSearch, asked: Asked
) -> Page[Appointment]:
    """Return the appointments that match what is known of them, by their start.

    Clinic, room, pet, owner and practitioner are loaded, even if they are deleted: whoever may see
    an appointment learns who takes part.
    """
    row = Appointment
    conditions: list[ColumnElement[bool]] = [row.deleted_at.is_(None)]
    if wanted.clinic_id is not None:
        conditions.append(row.clinic_id == wanted.clinic_id)
    if wanted.pet_ids is not None:
        conditions.append(row.pet_id.in_(wanted.pet_ids))
    if wanted.id_part is not None:
        conditions.append(has_id_like(row.id, wanted.id_part))
    if wanted.statuses is not None:
        conditions.append(row.status.in_(wanted.statuses))
    if wanted.starts_at is not None:
        conditions.append(row.starts_at == wanted.starts_at)
    if wanted.since is not None:
        conditions.append(row.starts_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(row.starts_at < wanted.until)
    if wanted.ends_after is not None:
        conditions.append(row.ends_at > wanted.ends_after)
    query = asked.seen(select(row), row).where(*conditions).options(*_WITH_NAMES)
    return await page(
        session,
        query.execution_options(include_deleted=True),
        order_by=[row.starts_at, row.id],
        limit=wanted.limit,
        after=wanted.after,
    )


@reading(permission=Permission.CLINIC_READ, entity=Clinic)
async def search_clinics(session: ReadSession, wanted: ClinicSearch, asked: Asked) -> Page[Clinic]:
    """Return the clinics with each of the words in name or place, or with that part of their id.

    Accents and case do not matter. Clinics whose name is the text come first, then all others by
    name.
    """
    row, text = Clinic, wanted.text.strip()
    seen = asked.seen(select(row), row)
    ways: list[ColumnElement[bool]] = []
    if text:
        ways.append(row.name.icontains(text, autoescape=True))
        places = await session.execute(seen.with_only_columns(row.id, row.name, row.address))
        ways.append(
            row.id.in_(
                key
                for key, name, address in places
                if _words_in(text, f"{name} {address.city} {address.country}")
            )
        )
    if wanted.id_part is not None:
        ways.append(has_id_like(row.id, wanted.id_part))
    named_so_first = case((func.lower(row.name) == text.lower(), 0), else_=1)
    return await page(
        session,
        seen.where(or_(*ways)) if ways else seen,
        order_by=[named_so_first, row.name, row.id],
        limit=wanted.limit,
        after=wanted.after,
    )


def _words_in(wanted: str, text: str) -> bool:
    folded, words = fold(text), fold(wanted).split()
    return bool(words) and all(word in folded for word in words)
