"""Veterinarians, and the absences of practitioners."""

from datetime import date, datetime
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
from vetcore.models.forms import DeaNumber, Jurisdiction, LicenseNumber
from vetcore.values.animals import Species
from vetcore.values.clinics import LicenseStatus, Specialty, TimeOffKind
from vetcore.values.credentials import Credential

if TYPE_CHECKING:
    from vetcore.models.user import User

__all__ = ["TimeOff", "Veterinarian"]


class Veterinarian(Entity):
    """A licensed veterinarian, who is one person and one resource at however many clinics."""

    __tablename__ = "veterinarians"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    license_number: Mapped[LicenseNumber]
    license_jurisdiction: Mapped[Jurisdiction]
    """ISO 3166-1 or -2 code of the country or state whose board issued the licence: ``US-WA``."""
    license_status: Mapped[LicenseStatus] = mapped_column(default=LicenseStatus.ACTIVE)
    license_expires_on: Mapped[date | None]
    """The last day on which the licence is good; None where licences do not expire."""
    dea_number: Mapped[DeaNumber | None]
    credentials: Mapped[tuple[Credential, ...]] = document(tuple[Credential, ...], default=())
    specializations: Mapped[tuple[Specialty, ...]] = document(tuple[Specialty, ...], default=())
    species_treated: Mapped[tuple[Species, ...]] = document(tuple[Species, ...], default=())
    """Empty means every species."""
    languages: Mapped[tuple[str, ...]] = document(tuple[str, ...], default=("en",))
    biography: Mapped[LongText | None]
    rating_count: Mapped[int] = mapped_column(default=0, server_default="0")
    rating_sum: Mapped[int] = mapped_column(default=0, server_default="0")
    """Sum of ratings from 1 to 5; kept as a sum so that adding one is one UPDATE."""
    accepts_new_patients: Mapped[bool] = mapped_column(default=True)

    user: Mapped["User"] = relationship(back_populates="veterinarian", lazy="raise")

    __table_args__ = (
        unique_while_active("veterinarians", "user_id"),
        unique_while_active("veterinarians", "license_jurisdiction", "license_number"),
        Index("ix_veterinarians_license_number", "license_number"),
        CheckConstraint("rating_sum BETWEEN rating_count AND 5 * rating_count", name="rating"),
        searchable_document("veterinarians", "specializations"),
        searchable_document("veterinarians", "species_treated"),
    )

    @property
    def rating(self) -> float | None:
        """The mean rating from 1 to 5, or None until somebody rates."""
        return self.rating_sum / self.rating_count if self.rating_count else None

    def is_licensed_on(self, day: date) -> bool:
        """Return whether the licence is valid on ``day``."""
        expires = self.license_expires_on
        return self.license_status is LicenseStatus.ACTIVE and (expires is None or day <= expires)


class TimeOff(Entity):
    """A practitioner's absence from every clinic, at the instants ``[starts_at, ends_at)``."""

    __tablename__ = "time_off"

    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    """The person who is away, a user."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[TimeOffKind] = mapped_column(default=TimeOffKind.VACATION)
    reason: Mapped[ShortText | None]

    practitioner: Mapped["User"] = relationship(foreign_keys=[practitioner_id], lazy="raise")

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times"),
        Index("ix_time_off_practitioner_id_ends_at", "practitioner_id", "ends_at"),
    )
