"""Appointments by what somebody at the desk knows of them."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload

from vetcore.access import Permission
from vetcore.database import ReadSession
from vetcore.database.paging import Page, page
from vetcore.models import Appointment, Pet, Veterinarian
from vetcore.operations.asking import Asked
from vetcore.operations.declaring import reading
from vetcore.schemas import AppointmentSearch

__all__ = ["has_id_like", "search_appointments"]

_DIGITS: Final = 32
_WITH_NAMES: Final = (
    joinedload(Appointment.clinic),
    joinedload(Appointment.pet).joinedload(Pet.owner),
    joinedload(Appointment.veterinarian).joinedload(Veterinarian.user),
)


def has_id_like(column: Any, piece: str) -> ColumnElement[bool]:
    """Whether an id begins or ends with a piece of one, as people read it from a screen."""
    digits = piece.replace("-", "")
    first, last = (UUID(hex=digits.ljust(_DIGITS, filler)) for filler in "0f")
    begins = and_(column >= first, column <= last)
    return or_(begins, func.replace(cast(column, String), "-", "").endswith(digits))


@reading(permission=Permission.APPOINTMENT_READ, entity=Appointment)
async def search_appointments(
    session: ReadSession, wanted: AppointmentSearch, asked: Asked
) -> Page[Appointment]:
    """The appointments that answer to what is known of them, by their start.

    Clinic, pet, owner and veterinarian are loaded, the deleted ones too: an appointment tells
    whoever may see it who takes part.
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
