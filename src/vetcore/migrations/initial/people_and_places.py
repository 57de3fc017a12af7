"""The tables of users, clinics and memberships."""

import sqlalchemy as sa

from vetcore.migrations.initial.vocabulary import (
    DOCUMENT,
    INSTANT,
    check,
    choice,
    entity,
    index,
    reference,
)

__all__ = [
    "clinic_closures",
    "clinics",
    "rooms",
    "staff_memberships",
    "time_off",
    "users",
    "veterinarians",
]


def clinics() -> None:
    """Create ``clinics``."""
    entity(
        "clinics",
        sa.Column("name", sa.String(200), nullable=False),
        choice(
            "clinics",
            "kind",
            "general_practice emergency_hospital referral_hospital teaching_hospital mobile_practice shelter",
        ),
        choice("clinics", "status", "active pending suspended closed"),
        sa.Column("license_number", sa.String(64)),
        sa.Column("license_jurisdiction", sa.String(16)),
        sa.Column("phone", sa.String(16)),
        sa.Column("email", sa.String(254)),
        sa.Column("website", sa.String(500)),
        sa.Column("address", DOCUMENT, nullable=False),
        sa.Column("latitude", sa.Double[float]()),
        sa.Column("longitude", sa.Double[float]()),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("opening_hours", sa.Text(), nullable=False),
        sa.Column("services", DOCUMENT, nullable=False, server_default="{}"),
        sa.Column("specialties", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("species_treated", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("booking_policy", DOCUMENT, nullable=False, server_default="{}"),
        sa.Column("vaccination_schedules", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("accepts_new_patients", sa.Boolean(), nullable=False),
        sa.Column("accepts_emergencies", sa.Boolean(), nullable=False),
        sa.Column("accepts_walk_ins", sa.Boolean(), nullable=False),
        check("ck_clinics_coordinates", "(latitude IS NULL) = (longitude IS NULL)"),
        check("ck_clinics_latitude", "latitude BETWEEN -90 AND 90"),
        check("ck_clinics_longitude", "longitude BETWEEN -180 AND 180"),
    )
    index("ix_clinics_name", "clinics", "name")
    index(
        "uq_clinics_license_jurisdiction_license_number",
        "clinics",
        "license_jurisdiction license_number",
        unique=True,
        active=True,
    )


def users() -> None:
    """Create ``users``."""
    entity(
        "users",
        sa.Column("clerk_user_id", sa.String(64)),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(16)),
        sa.Column("phone_verified", sa.Boolean(), nullable=False),
        sa.Column("first_name", sa.String(200), nullable=False),
        sa.Column("last_name", sa.String(200), nullable=False),
        choice(
            "users",
            "role",
            "pet_owner receptionist veterinary_technician veterinarian clinic_manager platform_admin",
        ),
        choice("users", "status", "active invited suspended deleted"),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("address", DOCUMENT),
        sa.Column("preferences", DOCUMENT, nullable=False, server_default="{}"),
        sa.Column("terms_accepted_at", INSTANT),
        sa.Column("privacy_accepted_at", INSTANT),
        sa.Column("marketing_accepted_at", INSTANT),
        sa.Column("clerk_updated_at", INSTANT),
    )
    index("ix_users_clerk_user_id", "users", "clerk_user_id")
    index("ix_users_last_name_first_name", "users", "last_name first_name")
    index("ix_users_phone", "users", "phone")
    index("uq_users_clerk_user_id", "users", "clerk_user_id", unique=True, active=True)
    index("uq_users_email", "users", "email", unique=True, active=True)


def clinic_closures() -> None:
    """Create ``clinic_closures``."""
    entity(
        "clinic_closures",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("opening_hours", sa.String(200)),
        sa.Column("reason", sa.String(200), nullable=False),
        check("ck_clinic_closures_dates", "first_on <= last_on"),
        reference("clinic_closures", "clinic_id", "clinics", "CASCADE"),
    )
    index("ix_clinic_closures_clinic_id_last_on", "clinic_closures", "clinic_id last_on")


def rooms() -> None:
    """Create ``rooms``."""
    entity(
        "rooms",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        choice("rooms", "kind", "consultation surgery dental imaging isolation treatment"),
        reference("rooms", "clinic_id", "clinics", "CASCADE"),
    )
    index("ix_rooms_clinic_id", "rooms", "clinic_id")
    index("uq_rooms_clinic_id_name", "rooms", "clinic_id name", unique=True, active=True)


def staff_memberships() -> None:
    """Create ``staff_memberships``."""
    entity(
        "staff_memberships",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        choice(
            "staff_memberships",
            "role",
            "pet_owner receptionist veterinary_technician veterinarian clinic_manager platform_admin",
        ),
        choice("staff_memberships", "employment", "full_time part_time locum contractor volunteer"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("working_hours", sa.Text()),
        check("ck_staff_memberships_dates", "ends_on IS NULL OR starts_on <= ends_on"),
        check("ck_staff_memberships_staff_role", "role NOT IN ('pet_owner', 'platform_admin')"),
        reference("staff_memberships", "clinic_id", "clinics", "CASCADE"),
        reference("staff_memberships", "user_id", "users", "CASCADE"),
    )
    index("ix_staff_memberships_clinic_id", "staff_memberships", "clinic_id")
    index(
        "uq_staff_memberships_user_id_clinic_id_starts_on",
        "staff_memberships",
        "user_id clinic_id starts_on",
        unique=True,
        active=True,
    )


def veterinarians() -> None:
    """Create ``veterinarians``."""
    entity(
        "veterinarians",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("license_number", sa.String(64), nullable=False),
        sa.Column("license_jurisdiction", sa.String(16), nullable=False),
        choice("veterinarians", "license_status", "active pending suspended revoked retired"),
        sa.Column("license_expires_on", sa.Date()),
        sa.Column("dea_number", sa.String(9)),
        sa.Column("credentials", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("specializations", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("species_treated", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("languages", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("biography", sa.Text()),
        sa.Column("rating_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rating_sum", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("accepts_new_patients", sa.Boolean(), nullable=False),
        check("ck_veterinarians_rating", "rating_sum BETWEEN rating_count AND 5 * rating_count"),
        reference("veterinarians", "user_id", "users", "RESTRICT"),
    )
    index("ix_veterinarians_license_number", "veterinarians", "license_number")
    index(
        "uq_veterinarians_license_jurisdiction_license_number",
        "veterinarians",
        "license_jurisdiction license_number",
        unique=True,
        active=True,
    )
    index("uq_veterinarians_user_id", "veterinarians", "user_id", unique=True, active=True)


def time_off() -> None:
    """Create ``time_off``."""
    entity(
        "time_off",
        sa.Column("veterinarian_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        choice("time_off", "kind", "vacation sick_leave training parental_leave other"),
        sa.Column("reason", sa.String(200)),
        check("ck_time_off_times", "starts_at < ends_at"),
        reference("time_off", "veterinarian_id", "veterinarians", "CASCADE"),
    )
    index("ix_time_off_veterinarian_id_ends_at", "time_off", "veterinarian_id ends_at")
