"""Appointments. The database itself refuses two that collide."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.database.translation import Violation, describe_constraint
from vetcore.errors import InvalidValue, SlotTaken
from vetcore.models.base import Entity, LongText, Money, document
from vetcore.models.forms import CurrencyCode, ServiceCode
from vetcore.models.indexes import index
from vetcore.models.types import BoundedText
from vetcore.values.appointments import AppointmentPriority, AppointmentStatus
from vetcore.values.clinics import ServiceType

if TYPE_CHECKING:
    from vetcore.models.clinic import Clinic, Room
    from vetcore.models.pet import Pet
    from vetcore.models.series import AppointmentSeries
    from vetcore.models.user import User

__all__ = ["OCCUPYING", "RESOURCES", "SHAREABLE", "Appointment"]

OCCUPYING = ", ".join(f"'{status.value}'" for status in AppointmentStatus.occupying())
"""The statuses that occupy, for SQL."""

RESOURCES = ("practitioner", "room", "pet")
"""What an appointment occupies; each has a constraint ``ex_appointments_<resource>``."""

SHAREABLE = ("practitioner", "room")
"""What appointments may share on purpose: those of one group visit, and one that is squeezed in with
one that is not. Among those that are squeezed in, a constraint ``ex_appointments_<resource>_squeezed``
keeps them apart."""


_STANDS_IN_A_GROUP = text(
    f"group_id IS NOT NULL AND status IN ({OCCUPYING}) AND deleted_at IS NULL"
)


def _kind_of_its_code(context: Any) -> ServiceType | None:
    """The kind that a row's code names, where the row says none."""
    code = context.get_current_parameters()["service"]
    if code is None:
        return None
    try:
        return ServiceType(code)
    except ValueError as error:
        raise InvalidValue(
            field="service_kind",
            rule="is missing for a code that names no kind",
            expected=", ".join(ServiceType),
            value=code,
        ) from error


class Appointment(Entity):
    """An appointment at ``[starts_at, ends_at)``.

    While its status occupies, no other such appointment may share its practitioner or room in the
    occupied time, or its pet from start to end: the database refuses it (exclusion constraints on
    PostgreSQL, triggers that raise with their names on SQLite), whoever writes it. Both are among
    the guards, beside the table. One that is squeezed in may overlap one that is not, but no other
    that is squeezed in; its pet is in one place all the same. Those of one group visit share their
    practitioner and room, and each has a place of its own.
    """

    __tablename__ = "appointments"

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id", ondelete="RESTRICT"))
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    """The person who sees the pet: a veterinarian, or other staff who perform the service."""
    pet_id: Mapped[UUID] = mapped_column(ForeignKey("pets.id", ondelete="RESTRICT"))
    room_id: Mapped[UUID | None] = mapped_column(ForeignKey("rooms.id", ondelete="RESTRICT"))
    booked_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    follow_up_of_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("appointments.id", ondelete="SET NULL"), index=True
    )
    series_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("appointment_series.id", ondelete="SET NULL"), index=True
    )
    series_place: Mapped[int | None]
    """The place in the series, from 1; it stays when the appointment is moved alone."""
    group_id: Mapped[UUID | None]
    """Of the group visit: those with the same one share practitioner, room and time."""
    group_place: Mapped[int | None]
    """The place in the group visit, from 1; no two that stand have the same one."""
    group_places: Mapped[int | None]
    """How many places the group visit has, as it was agreed."""
    service: Mapped[ServiceCode]
    """The service's code in the clinic's catalogue."""
    service_kind: Mapped[ServiceType] = mapped_column(default=_kind_of_its_code)
    """The kind of service, by which reports group; the catalogue said so when it was agreed."""
    status: Mapped[AppointmentStatus] = mapped_column(
        default=AppointmentStatus.SCHEDULED, server_default=AppointmentStatus.SCHEDULED.value
    )
    priority: Mapped[AppointmentPriority] = mapped_column(
        default=AppointmentPriority.ROUTINE, server_default=AppointmentPriority.ROUTINE.value
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    wall_time: Mapped[str | None] = mapped_column(BoundedText(100))
    """The start as the clinic's clock was to show it when it was agreed (RFC 9557), such as
    ``2027-03-01T10:00:00-06:00[America/Chicago]``; None where other software wrote the row."""
    occupied_from: Mapped[datetime]
    occupied_until: Mapped[datetime]
    duration_minutes: Mapped[int | None]
    """A length of its own; None means that of the clinic's catalogue, also where that changes."""
    hold_expires_at: Mapped[datetime | None]
    """When a hold runs out, by the database's clock: at its start at the latest."""
    reason: Mapped[LongText | None]
    notes: Mapped[LongText | None]
    internal_notes: Mapped[LongText | None]
    """For staff only; never shown to owners."""
    cancellation_reason: Mapped[LongText | None]
    squeezed_in: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether staff placed it beside another visit of its practitioner or in its room, deliberately."""
    squeeze_reason: Mapped[LongText | None]
    """Why it was squeezed in; for staff."""
    overrides: Mapped[tuple[str, ...]] = document(tuple[str, ...], default=())
    """Codes of the rules (hours, notice) that staff overrode."""
    estimated_cost: Mapped[Money | None]
    actual_cost: Mapped[Money | None]
    currency: Mapped[CurrencyCode | None]
    checked_in_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    patient_until: Mapped[datetime | None]
    """Until when the visit makes the pet a patient of the clinic: to the end of its day where the
    owner booked it, for the retention period where it took place; None where it does not."""
    new_patient: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the pet was new to the clinic when it was booked there."""
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    """iCalendar's SEQUENCE: rises with every change of time or place."""

    clinic: Mapped["Clinic"] = relationship(lazy="raise")
    practitioner: Mapped["User"] = relationship(foreign_keys=[practitioner_id], lazy="raise")
    pet: Mapped["Pet"] = relationship(lazy="raise")
    room: Mapped["Room | None"] = relationship(lazy="raise")
    booked_by: Mapped["User | None"] = relationship(foreign_keys=[booked_by_id], lazy="raise")
    series: Mapped["AppointmentSeries | None"] = relationship(lazy="raise")
    follow_up_of: Mapped["Appointment | None"] = relationship(
        remote_side="Appointment.id", lazy="raise"
    )

    __table_args__ = (
        Index("ix_appointments_clinic_id_starts_at", "clinic_id", "starts_at"),
        Index("ix_appointments_practitioner_id_occupied_from", "practitioner_id", "occupied_from"),
        Index("ix_appointments_room_id_occupied_from", "room_id", "occupied_from"),
        Index("ix_appointments_pet_id_occupied_from", "pet_id", "occupied_from"),
        Index("ix_appointments_pet_id_patient_until", "pet_id", "clinic_id", "patient_until"),
        index(
            "uq_appointments_group_id_group_place",
            "group_id",
            "group_place",
            unique=True,
            postgresql={"where": _STANDS_IN_A_GROUP},
            sqlite={"where": _STANDS_IN_A_GROUP},
        ),
        CheckConstraint(
            "CASE WHEN group_id IS NULL THEN group_place IS NULL AND group_places IS NULL"
            " ELSE coalesce(group_place BETWEEN 1 AND group_places, false) END",
            name="group",
        ),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("duration_minutes > 0", name="duration_minutes"),
        CheckConstraint("series_place > 0", name="series_place"),
        CheckConstraint(
            "occupied_from <= starts_at AND ends_at <= occupied_until", name="occupied"
        ),
        # An appointment lasts a day at most: SQLite's triggers look no further back than that.
        CheckConstraint(
            "occupied_until - occupied_from <= INTERVAL '24 hours'", name="length"
        ).ddl_if(dialect="postgresql"),
        CheckConstraint(
            "coalesce(julianday(occupied_until) - julianday(occupied_from) BETWEEN 0 AND 1, 0)",
            name="length",
        ).ddl_if(dialect="sqlite"),
        CheckConstraint("status <> 'held' OR hold_expires_at IS NOT NULL", name="hold"),
        CheckConstraint("NOT squeezed_in OR squeeze_reason IS NOT NULL", name="squeeze"),
        CheckConstraint("estimated_cost >= 0 AND actual_cost >= 0", name="costs"),
        CheckConstraint(
            "currency IS NOT NULL OR (estimated_cost IS NULL AND actual_cost IS NULL)",
            name="currency",
        ),
    )


def _slot_taken(resource: str, violation: Violation) -> SlotTaken:
    row = violation.parameters or {}
    return SlotTaken(
        resource=resource,
        resource_id=row.get(f"{resource}_id"),
        start=row.get("starts_at"),
        end=row.get("ends_at"),
    )


def _place_taken(violation: Violation) -> SlotTaken:
    row = violation.parameters or {}
    return SlotTaken(resource="place", start=row.get("starts_at"), end=row.get("ends_at"))


describe_constraint("uq_appointments_group_id_group_place", _place_taken)
for _resource in RESOURCES:
    describe_constraint(f"ex_appointments_{_resource}", partial(_slot_taken, _resource))
for _resource in SHAREABLE:
    describe_constraint(f"ex_appointments_{_resource}_squeezed", partial(_slot_taken, _resource))
