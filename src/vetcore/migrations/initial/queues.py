"""The tables of what waits to be done: wishes for slots, reminders and deliveries."""

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.initial.vocabulary import INSTANT, check, choice, entity, index, reference

__all__ = ["vaccination_reminders", "waitlist_entries", "webhook_deliveries"]


def waitlist_entries() -> None:
    """Create ``waitlist_entries``."""
    entity(
        "waitlist_entries",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("pet_id", sa.Uuid(), nullable=False),
        sa.Column("veterinarian_id", sa.Uuid()),
        sa.Column("requested_by_id", sa.Uuid()),
        sa.Column("offered_appointment_id", sa.Uuid()),
        choice(
            "waitlist_entries",
            "service",
            "wellness_exam sick_visit follow_up vaccination microchipping dental_cleaning surgery spay_neuter diagnostic_imaging laboratory emergency grooming behavior_consultation telehealth euthanasia",
        ),
        choice("waitlist_entries", "priority", "routine urgent emergency"),
        choice(
            "waitlist_entries",
            "status",
            "waiting offered booked withdrawn expired",
            server_default="waiting",
        ),
        sa.Column("earliest_at", INSTANT, nullable=False),
        sa.Column("latest_at", INSTANT, nullable=False),
        sa.Column("notes", sa.Text()),
        check(
            "ck_waitlist_entries_offer", "status <> 'offered' OR offered_appointment_id IS NOT NULL"
        ),
        check("ck_waitlist_entries_times", "earliest_at < latest_at"),
        reference("waitlist_entries", "clinic_id", "clinics", "CASCADE"),
        reference("waitlist_entries", "offered_appointment_id", "appointments", "SET NULL"),
        reference("waitlist_entries", "pet_id", "pets", "CASCADE"),
        reference("waitlist_entries", "requested_by_id", "users", "SET NULL"),
        reference("waitlist_entries", "veterinarian_id", "veterinarians", "SET NULL"),
    )
    index(
        "ix_waitlist_entries_clinic_id_service_created_at",
        "waitlist_entries",
        "clinic_id service created_at",
    )
    index(
        "ix_waitlist_entries_offered_appointment_id", "waitlist_entries", "offered_appointment_id"
    )
    index("ix_waitlist_entries_pet_id", "waitlist_entries", "pet_id")
    index("ix_waitlist_entries_requested_by_id", "waitlist_entries", "requested_by_id")
    index("ix_waitlist_entries_veterinarian_id", "waitlist_entries", "veterinarian_id")
    index(
        "uq_waitlist_entries_clinic_id_pet_id_service",
        "waitlist_entries",
        "clinic_id pet_id service",
        unique=True,
        where="status IN ('waiting', 'offered') AND deleted_at IS NULL",
    )


def vaccination_reminders() -> None:
    """Create ``vaccination_reminders``."""
    entity(
        "vaccination_reminders",
        sa.Column("pet_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("claimed_by", sa.String(64), nullable=False),
        sa.Column("claimed_until", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("sent_at", INSTANT),
        sa.Column("channel", sa.String(32)),
        sa.Column("error", sa.String(200)),
        check("ck_vaccination_reminders_attempts", "attempts > 0"),
        reference("vaccination_reminders", "pet_id", "pets", "CASCADE"),
    )
    index(
        "uq_vaccination_reminders_pet_id_due_on",
        "vaccination_reminders",
        "pet_id due_on",
        unique=True,
    )


def webhook_deliveries() -> None:
    """Create ``webhook_deliveries``."""
    op.create_table(
        "webhook_deliveries",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("delivery_id", sa.String(100), nullable=False),
        sa.Column("event_type", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(100)),
        sa.Column("occurred_at", INSTANT),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "delivery_id", name=op.f("pk_webhook_deliveries")),
    )
    index("ix_webhook_deliveries_received_at", "webhook_deliveries", "received_at")
