"""Whom and what an appointment occupies beside its practitioner, its room and its pet."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.database.translation import Violation, describe_constraint
from vetcore.errors import InvalidValue, SlotTaken
from vetcore.models.base import Base, PrimaryKey
from vetcore.values.people import Role

if TYPE_CHECKING:
    from vetcore.models.appointment import Appointment
    from vetcore.models.clinic import Equipment
    from vetcore.models.user import User

__all__ = ["Occupation"]


class Occupation(Base):
    """A person who assists at an appointment, or a piece of equipment that it needs.

    The times and ``occupying`` are always those of the appointment: triggers copy them, whoever
    writes. While it occupies, the database refuses a second appointment that would have the same
    person or the same piece (exclusion constraints on PostgreSQL, triggers that raise with their
    names on SQLite). A person is one, whether they see a pet or assist: triggers of both tables
    compare them. One that is squeezed in may overlap what its practitioner assists at.

    On PostgreSQL, a transaction that writes who assists must be READ COMMITTED: with a snapshot of
    before, it could not see what somebody has booked meanwhile.
    """

    __tablename__ = "occupations"

    id: Mapped[PrimaryKey]
    appointment_id: Mapped[UUID] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    equipment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("equipment.id", ondelete="RESTRICT")
    )
    role: Mapped[Role | None]
    """As what the person assists; None for equipment."""
    occupied_from: Mapped[datetime]
    occupied_until: Mapped[datetime]
    occupying: Mapped[bool]
    """Whether the appointment occupies: its status does, and it is not deleted."""

    appointment: Mapped["Appointment"] = relationship(lazy="raise")
    person: Mapped["User | None"] = relationship(lazy="raise")
    equipment: Mapped["Equipment | None"] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_occupations_person_id_occupied_from", "person_id", "occupied_from"),
        Index("ix_occupations_equipment_id_occupied_from", "equipment_id", "occupied_from"),
        CheckConstraint("(person_id IS NULL) <> (equipment_id IS NULL)", name="one"),
        CheckConstraint("(person_id IS NULL) = (role IS NULL)", name="of_a_person"),
        CheckConstraint("role <> 'pet_owner' AND role <> 'platform_admin'", name="staff_role"),
    )


def _taken(resource: str, column: str, violation: Violation) -> SlotTaken:
    row = violation.parameters or {}
    return SlotTaken(
        resource=resource,
        resource_id=row.get(column),
        start=row.get("starts_at"),
        end=row.get("ends_at"),
    )


def _isolated(_violation: Violation) -> InvalidValue:
    return InvalidValue(
        field="isolation",
        rule="keeps the transaction from seeing who else is booked",
        expected="READ COMMITTED to write who assists",
    )


describe_constraint("ex_occupations_person", partial(_taken, "assistant", "person_id"))
describe_constraint("ex_occupations_equipment", partial(_taken, "equipment", "equipment_id"))
describe_constraint(
    "ex_appointments_practitioner_assists", partial(_taken, "practitioner", "practitioner_id")
)
describe_constraint("ck_occupations_isolation", _isolated)
