"""Clinics, their rooms and equipment, and the days on which their weekly hours do not hold."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vetcore.models.base import (
    Entity,
    LongText,
    ShortText,
    document,
    searchable_document,
    unique_while_active,
)
from vetcore.models.forms import (
    EmailAddress,
    Jurisdiction,
    LicenseNumber,
    Name,
    PhoneNumber,
    ServiceCode,
    TimeZoneName,
)
from vetcore.models.types import BoundedText
from vetcore.values.address import Address
from vetcore.values.animals import Species
from vetcore.values.booking_policy import BookingPolicy
from vetcore.values.clinics import ClinicKind, ClinicStatus, RoomKind, Specialty
from vetcore.values.guidelines import VaccinationSchedule
from vetcore.values.services import ServiceCatalog

if TYPE_CHECKING:
    from vetcore.models.membership import StaffMembership
    from vetcore.values.calendar import ClinicCalendar

__all__ = ["Clinic", "ClinicClosure", "Equipment", "Room"]


class Clinic(Entity):
    """A practice at one place.

    ``opening_hours`` is OpenStreetMap syntax in the wall time of ``timezone``. Public holidays are
    those of ``subdivision`` (ISO 3166-2), or of the address's whole country if it is None.
    ``latitude`` and ``longitude`` are WGS84 degrees.
    """

    __tablename__ = "clinics"

    name: Mapped[Name]
    kind: Mapped[ClinicKind] = mapped_column(default=ClinicKind.GENERAL_PRACTICE)
    status: Mapped[ClinicStatus] = mapped_column(default=ClinicStatus.ACTIVE)
    license_number: Mapped[LicenseNumber | None]
    license_jurisdiction: Mapped[Jurisdiction | None]
    phone: Mapped[PhoneNumber | None]
    email: Mapped[EmailAddress | None]
    website: Mapped[str | None] = mapped_column(BoundedText(500))
    address: Mapped[Address] = document(Address)
    subdivision: Mapped[str | None] = mapped_column(BoundedText(6))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    timezone: Mapped[TimeZoneName]
    opening_hours: Mapped[LongText]
    services: Mapped[ServiceCatalog] = document(
        ServiceCatalog, default=ServiceCatalog.model_construct()
    )
    specialties: Mapped[tuple[Specialty, ...]] = document(tuple[Specialty, ...], default=())
    species_treated: Mapped[tuple[Species, ...]] = document(tuple[Species, ...], default=())
    """Empty means every species."""
    booking_policy: Mapped[BookingPolicy] = document(
        BookingPolicy, default=BookingPolicy.model_construct()
    )
    vaccination_schedules: Mapped[tuple[VaccinationSchedule, ...]] = document(
        tuple[VaccinationSchedule, ...], default=()
    )
    """In place of the published guidelines, for the species and diseases that they name."""
    accepts_new_patients: Mapped[bool] = mapped_column(default=True)
    accepts_emergencies: Mapped[bool] = mapped_column(default=False)
    accepts_walk_ins: Mapped[bool] = mapped_column(default=False)

    rooms: Mapped[list["Room"]] = relationship(back_populates="clinic", lazy="raise")
    closures: Mapped[list["ClinicClosure"]] = relationship(back_populates="clinic", lazy="raise")
    staff: Mapped[list["StaffMembership"]] = relationship(back_populates="clinic", lazy="raise")

    __table_args__ = (
        unique_while_active("clinics", "license_jurisdiction", "license_number"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="coordinates"),
        Index("ix_clinics_name", "name"),
        searchable_document("clinics", "services"),
        searchable_document("clinics", "specialties"),
        searchable_document("clinics", "species_treated"),
    )

    def calendar(self, exceptions: Iterable["ClinicClosure"] = ()) -> "ClinicCalendar":
        """Return when the clinic is open, given the dated exceptions that were read with it."""
        from vetcore.values.calendar import ClinicCalendar  # noqa: PLC0415 -- reads hours

        calendar = ClinicCalendar.of(
            self.opening_hours, self.timezone, self.address.country, self.subdivision
        )
        for each in exceptions:
            calendar = calendar.but(each.first_on, each.last_on, each.opening_hours, each.reason)
        return calendar


class ClinicClosure(Entity):
    """A dated exception to the weekly hours: the clinic is closed, or open at other hours.

    Dates are the clinic's local days, the first and the last included. ``opening_hours`` replaces
    the weekly hours on these days (OpenStreetMap syntax, times only, such as ``10:00-14:00``). None
    means closed.
    """

    __tablename__ = "clinic_closures"

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    opening_hours: Mapped[str | None] = mapped_column(BoundedText(200))
    reason: Mapped[ShortText]

    clinic: Mapped[Clinic] = relationship(back_populates="closures", lazy="raise")

    __table_args__ = (
        CheckConstraint("first_on <= last_on", name="dates"),
        Index("ix_clinic_closures_clinic_id_last_on", "clinic_id", "last_on"),
    )


class Room(Entity):
    """A room, in which one appointment takes place at a time."""

    __tablename__ = "rooms"

    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[Name]
    kind: Mapped[RoomKind] = mapped_column(default=RoomKind.CONSULTATION)

    clinic: Mapped[Clinic] = relationship(back_populates="rooms", lazy="raise")

    __table_args__ = (unique_while_active("rooms", "clinic_id", "name"),)


class Equipment(Entity):
    """A piece of equipment, which is used in one appointment at a time.

    ``kind`` is a code like that of a service: ``ultrasound``, ``dental_unit``. A service says by it
    which pieces it needs.
    """

    __tablename__ = "equipment"

    clinic_id: Mapped[UUID] = mapped_column(
        ForeignKey("clinics.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[Name]
    kind: Mapped[ServiceCode]

    clinic: Mapped[Clinic] = relationship(lazy="raise")

    __table_args__ = (unique_while_active("equipment", "clinic_id", "name"),)
