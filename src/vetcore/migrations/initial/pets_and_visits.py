"""The tables of pets, appointments and records."""

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.initial.vocabulary import (
    DOCUMENT,
    INSTANT,
    check,
    choice,
    decimal,
    entity,
    index,
    reference,
)

__all__ = ["appointments", "documents", "medical_records", "no_overlaps", "pet_co_owners", "pets"]

OCCUPYING = "status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND deleted_at IS NULL"


def pets() -> None:
    """Create ``pets``."""
    entity(
        "pets",
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("primary_clinic_id", sa.Uuid()),
        sa.Column("name", sa.String(200), nullable=False),
        choice(
            "pets",
            "species",
            "dog cat rabbit guinea_pig hamster rat mouse chinchilla ferret bird chicken turtle lizard snake amphibian fish horse goat sheep pig cattle other",
        ),
        sa.Column("breeds", DOCUMENT, nullable=False, server_default="[]"),
        choice("pets", "sex", "female male unknown"),
        sa.Column("is_neutered", sa.Boolean()),
        sa.Column("born_on", sa.Date()),
        sa.Column("birth_date_is_estimate", sa.Boolean(), nullable=False),
        sa.Column("died_on", sa.Date()),
        sa.Column("weight_kg", decimal(10, 4)),
        sa.Column("color", sa.String(200)),
        sa.Column("microchip", sa.String(15)),
        sa.Column("license_number", sa.String(64)),
        sa.Column("license_jurisdiction", sa.String(32)),
        sa.Column("postal_code", sa.String(16)),
        choice("pets", "status", "active lost rehomed deceased"),
        sa.Column("medical_history", DOCUMENT, nullable=False, server_default="{}"),
        sa.Column("vaccinations", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("next_vaccination_due_on", sa.Date()),
        sa.Column("insurance", DOCUMENT),
        sa.Column("notes", sa.Text()),
        check("ck_pets_dates", "died_on IS NULL OR born_on IS NULL OR born_on <= died_on"),
        check("ck_pets_weight_kg", "weight_kg > 0"),
        reference("pets", "owner_id", "users", "RESTRICT"),
        reference("pets", "primary_clinic_id", "clinics", "SET NULL"),
    )
    index("ix_pets_license_number", "pets", "license_number")
    index("ix_pets_name", "pets", "name")
    index("ix_pets_next_vaccination_due_on", "pets", "next_vaccination_due_on id", active=True)
    index("ix_pets_owner_id", "pets", "owner_id")
    index(
        "ix_pets_primary_clinic_id_next_vaccination_due_on",
        "pets",
        "primary_clinic_id next_vaccination_due_on id",
        active=True,
    )
    index(
        "uq_pets_license_jurisdiction_license_number",
        "pets",
        "license_jurisdiction license_number",
        unique=True,
        active=True,
    )
    index("uq_pets_microchip", "pets", "microchip", unique=True, active=True)


def appointments() -> None:
    """Create ``appointments``."""
    entity(
        "appointments",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("veterinarian_id", sa.Uuid(), nullable=False),
        sa.Column("pet_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid()),
        sa.Column("booked_by_id", sa.Uuid()),
        sa.Column("follow_up_of_id", sa.Uuid()),
        sa.Column("series_id", sa.Uuid()),
        choice(
            "appointments",
            "service",
            "wellness_exam sick_visit follow_up vaccination microchipping dental_cleaning surgery spay_neuter diagnostic_imaging laboratory emergency grooming behavior_consultation telehealth euthanasia",
        ),
        choice(
            "appointments",
            "status",
            "held scheduled confirmed checked_in in_progress completed cancelled no_show expired",
            server_default="scheduled",
        ),
        choice("appointments", "priority", "routine urgent emergency", server_default="routine"),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("occupied_from", INSTANT, nullable=False),
        sa.Column("occupied_until", INSTANT, nullable=False),
        sa.Column("hold_expires_at", INSTANT),
        sa.Column("reason", sa.Text()),
        sa.Column("notes", sa.Text()),
        sa.Column("internal_notes", sa.Text()),
        sa.Column("cancellation_reason", sa.Text()),
        sa.Column("overrides", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("estimated_cost", decimal(14, 3)),
        sa.Column("actual_cost", decimal(14, 3)),
        sa.Column("currency", sa.String(3)),
        sa.Column("checked_in_at", INSTANT),
        sa.Column("started_at", INSTANT),
        sa.Column("completed_at", INSTANT),
        sa.Column("cancelled_at", INSTANT),
        sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("idempotency_key", sa.String(100)),
        check("ck_appointments_costs", "estimated_cost >= 0 AND actual_cost >= 0"),
        check(
            "ck_appointments_currency",
            "currency IS NOT NULL OR (estimated_cost IS NULL AND actual_cost IS NULL)",
        ),
        check("ck_appointments_hold", "status <> 'held' OR hold_expires_at IS NOT NULL"),
        check(
            "ck_appointments_length", "occupied_until - occupied_from <= INTERVAL '24 hours'"
        ).ddl_if(dialect="postgresql"),
        check(
            "ck_appointments_length",
            "coalesce(julianday(occupied_until) - julianday(occupied_from) BETWEEN 0 AND 1, 0)",
        ).ddl_if(dialect="sqlite"),
        check(
            "ck_appointments_occupied", "occupied_from <= starts_at AND ends_at <= occupied_until"
        ),
        check("ck_appointments_times", "starts_at < ends_at"),
        reference("appointments", "booked_by_id", "users", "SET NULL"),
        reference("appointments", "clinic_id", "clinics", "RESTRICT"),
        reference("appointments", "follow_up_of_id", "appointments", "SET NULL"),
        reference("appointments", "pet_id", "pets", "RESTRICT"),
        reference("appointments", "room_id", "rooms", "RESTRICT"),
        reference("appointments", "veterinarian_id", "veterinarians", "RESTRICT"),
    )
    index("ix_appointments_booked_by_id", "appointments", "booked_by_id")
    index("ix_appointments_clinic_id_starts_at", "appointments", "clinic_id starts_at")
    index("ix_appointments_follow_up_of_id", "appointments", "follow_up_of_id")
    index("ix_appointments_pet_id_occupied_from", "appointments", "pet_id occupied_from")
    index("ix_appointments_room_id_occupied_from", "appointments", "room_id occupied_from")
    index("ix_appointments_series_id", "appointments", "series_id")
    index(
        "ix_appointments_veterinarian_id_occupied_from",
        "appointments",
        "veterinarian_id occupied_from",
    )
    index("uq_appointments_idempotency_key", "appointments", "idempotency_key", unique=True)


def pet_co_owners() -> None:
    """Create ``pet_co_owners``."""
    op.create_table(
        "pet_co_owners",
        sa.Column("pet_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("pet_id", "user_id", name=op.f("pk_pet_co_owners")),
        reference("pet_co_owners", "pet_id", "pets", "CASCADE"),
        reference("pet_co_owners", "user_id", "users", "CASCADE"),
    )
    index("ix_pet_co_owners_user_id", "pet_co_owners", "user_id")


def medical_records() -> None:
    """Create ``medical_records``."""
    entity(
        "medical_records",
        sa.Column("pet_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("veterinarian_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("visited_at", INSTANT, nullable=False),
        sa.Column("chief_complaint", sa.Text()),
        sa.Column("subjective", sa.Text()),
        sa.Column("objective", sa.Text()),
        sa.Column("assessment", sa.Text()),
        sa.Column("plan", sa.Text()),
        sa.Column("vitals", DOCUMENT),
        sa.Column("diagnoses", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("prescriptions", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("addenda", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("signed_at", INSTANT),
        sa.Column("signed_by_id", sa.Uuid()),
        sa.Column("signature", sa.String(64)),
        check("ck_medical_records_signed", "(signed_at IS NULL) = (signed_by_id IS NULL)"),
        reference("medical_records", "appointment_id", "appointments", "SET NULL"),
        reference("medical_records", "clinic_id", "clinics", "RESTRICT"),
        reference("medical_records", "pet_id", "pets", "RESTRICT"),
        reference("medical_records", "signed_by_id", "veterinarians", "RESTRICT"),
        reference("medical_records", "veterinarian_id", "veterinarians", "RESTRICT"),
    )
    index("ix_medical_records_appointment_id", "medical_records", "appointment_id")
    index("ix_medical_records_clinic_id", "medical_records", "clinic_id")
    index("ix_medical_records_pet_id_visited_at", "medical_records", "pet_id visited_at")
    index("ix_medical_records_signed_by_id", "medical_records", "signed_by_id")
    index("ix_medical_records_veterinarian_id", "medical_records", "veterinarian_id")


def documents() -> None:
    """Create GIN indexes for containment queries."""
    for table, column in (
        ("clinics", "services"),
        ("clinics", "specialties"),
        ("clinics", "species_treated"),
        ("users", "preferences"),
        ("pets", "medical_history"),
        ("pets", "vaccinations"),
        ("veterinarians", "specializations"),
        ("veterinarians", "species_treated"),
        ("medical_records", "diagnoses"),
    ):
        op.create_index(
            f"ix_{table}_{column}",
            table,
            [column],
            postgresql_using="gin",
            postgresql_ops={column: "jsonb_path_ops"},
        )


def no_overlaps() -> None:
    """Refuse two appointments that occupy a resource at the same moment."""
    for resource in ("veterinarian", "room", "pet"):
        op.create_exclude_constraint(
            f"ex_appointments_{resource}",
            "appointments",
            (sa.column(f"{resource}_id"), "="),
            (sa.func.tstzrange(sa.column("occupied_from"), sa.column("occupied_until")), "&&"),
            using="gist",
            where=sa.text(OCCUPYING),
        )
