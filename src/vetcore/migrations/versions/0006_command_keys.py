"""Store the keys of commands in a ledger. Let wishes name a person, and their past offers."""

import json
from collections import defaultdict
from datetime import UTC, datetime

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.steps import execute, is_postgresql, rebuild

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the ledger and the columns, and fill them from what they replace."""
    if is_postgresql():
        execute("""
CREATE TABLE command_keys (
    actor_id uuid NOT NULL,
    key character varying(100) NOT NULL,
    operation character varying(64) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    result_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
)
""")
        execute(
            "ALTER TABLE command_keys ADD CONSTRAINT ck_command_keys_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
        )
        execute(
            "ALTER TABLE command_keys ADD CONSTRAINT pk_command_keys PRIMARY KEY (actor_id, key)"
        )
        execute(
            "CREATE INDEX ix_command_keys_created_at ON command_keys USING btree (created_at)",
            "ALTER TABLE waitlist_entries ADD COLUMN performer_id uuid",
            "ALTER TABLE waitlist_entries ADD COLUMN offered_starts jsonb DEFAULT '[]'::jsonb NOT NULL",
        )
    else:
        execute("""
CREATE TABLE command_keys (
    actor_id CHAR(32) NOT NULL,
    "key" VARCHAR(100) NOT NULL,
    operation VARCHAR(64) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    result_id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_command_keys PRIMARY KEY (actor_id, "key")
)
""")
        execute(
            "CREATE INDEX ix_command_keys_created_at ON command_keys (created_at)",
            "ALTER TABLE waitlist_entries ADD COLUMN performer_id CHAR(32)",
            "ALTER TABLE waitlist_entries ADD COLUMN offered_starts JSON DEFAULT '[]' NOT NULL",
        )
        execute("""
CREATE TRIGGER ck_command_keys_range_insert BEFORE INSERT ON command_keys
BEGIN
    SELECT RAISE(ABORT, 'ck_command_keys_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
        execute("""
CREATE TRIGGER ck_command_keys_range_update BEFORE UPDATE OF created_at ON command_keys
BEGIN
    SELECT RAISE(ABORT, 'ck_command_keys_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    keep_keys()
    remember_offers()
    name_people()
    execute(
        "DROP INDEX uq_appointments_idempotency_key",
        "ALTER TABLE appointments DROP COLUMN idempotency_key",
        "DROP INDEX ix_waitlist_entries_veterinarian_id",
    )
    if is_postgresql():
        execute(
            "ALTER TABLE waitlist_entries DROP CONSTRAINT fk_waitlist_entries_veterinarian_id",
            "ALTER TABLE waitlist_entries DROP COLUMN veterinarian_id",
            "ALTER TABLE waitlist_entries ADD CONSTRAINT fk_waitlist_entries_performer_id FOREIGN KEY (performer_id) REFERENCES users(id) ON DELETE SET NULL",
        )
    else:
        rebuild(
            "waitlist_entries",
            """
CREATE TABLE waitlist_entries (
    id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    performer_id CHAR(32),
    requested_by_id CHAR(32),
    offered_appointment_id CHAR(32),
    service VARCHAR(32) NOT NULL,
    priority VARCHAR(32) NOT NULL,
    status VARCHAR(32) DEFAULT 'waiting' NOT NULL,
    earliest_at DATETIME NOT NULL,
    latest_at DATETIME NOT NULL,
    notes TEXT,
    offered_starts JSON DEFAULT '[]' NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_waitlist_entries PRIMARY KEY (id),
    CONSTRAINT ck_waitlist_entries_times CHECK (earliest_at < latest_at),
    CONSTRAINT ck_waitlist_entries_offer CHECK (status <> 'offered' OR offered_appointment_id IS NOT NULL),
    CONSTRAINT fk_waitlist_entries_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE CASCADE,
    CONSTRAINT fk_waitlist_entries_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE CASCADE,
    CONSTRAINT fk_waitlist_entries_performer_id FOREIGN KEY(performer_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_waitlist_entries_requested_by_id FOREIGN KEY(requested_by_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_waitlist_entries_offered_appointment_id FOREIGN KEY(offered_appointment_id) REFERENCES appointments (id) ON DELETE SET NULL,
    CONSTRAINT ck_waitlist_entries_service CHECK (service IN ('wellness_exam', 'sick_visit', 'follow_up', 'vaccination', 'microchipping', 'dental_cleaning', 'surgery', 'spay_neuter', 'diagnostic_imaging', 'laboratory', 'emergency', 'grooming', 'behavior_consultation', 'telehealth', 'euthanasia')),
    CONSTRAINT ck_waitlist_entries_priority CHECK (priority IN ('routine', 'urgent', 'emergency')),
    CONSTRAINT ck_waitlist_entries_status CHECK (status IN ('waiting', 'offered', 'booked', 'withdrawn', 'expired'))
)
""",
        )
    execute("CREATE INDEX ix_waitlist_entries_performer_id ON waitlist_entries (performer_id)")


def keep_keys() -> None:
    """Enter the keys of appointments in the ledger. Their commands are not known."""
    nobody = "00000000-0000-0000-0000-000000000000" if is_postgresql() else "0" * 32
    execute(
        "INSERT INTO command_keys (actor_id, key, operation, fingerprint, result_id, created_at)"  # noqa: S608 -- our own words
        f" SELECT coalesce(created_by_id, '{nobody}'), idempotency_key,"
        " CASE WHEN hold_expires_at IS NULL THEN 'book_appointment' ELSE 'hold_appointment' END,"
        " '', id, created_at FROM appointments WHERE idempotency_key IS NOT NULL"
        " AND idempotency_key NOT LIKE 'waitlist:%' AND idempotency_key NOT LIKE 'series:%'"
    )


def remember_offers() -> None:
    """Note at each wish which slots it was offered, as the keys of its holds say."""
    bind = op.get_bind()
    keys = bind.execute(
        sa.text(
            "SELECT idempotency_key FROM appointments WHERE idempotency_key LIKE 'waitlist:%'"
            " ORDER BY created_at, id"
        )
    )
    offered: dict[str, list[str]] = defaultdict(list)
    for key in keys.scalars():
        _, entry, seconds = key.split(":")
        start = datetime.fromtimestamp(int(seconds), UTC)
        offered[entry].append(start.isoformat().replace("+00:00", "Z"))
    as_json = "CAST(:starts AS jsonb)" if is_postgresql() else ":starts"
    note = sa.text(f"UPDATE waitlist_entries SET offered_starts = {as_json} WHERE id = :entry")  # noqa: S608 -- our own words
    for entry, starts in offered.items():
        key = entry if is_postgresql() else entry.replace("-", "")
        bind.execute(note, {"starts": json.dumps(starts), "entry": key})


def name_people() -> None:
    """Name the person whom a wish is for, in place of the veterinarian's own row."""
    execute(
        "UPDATE waitlist_entries SET performer_id = (SELECT user_id FROM veterinarians"
        " WHERE veterinarians.id = waitlist_entries.veterinarian_id)"
        " WHERE veterinarian_id IS NOT NULL"
    )


def name_veterinarians() -> None:
    """Name the veterinarian's row again. A wish for a person without one is for anybody."""
    execute(
        "UPDATE waitlist_entries SET veterinarian_id = (SELECT min(CAST(id AS TEXT))"  # noqa: S608 -- our own words
        f"{'::uuid' if is_postgresql() else ''} FROM veterinarians"
        " WHERE veterinarians.user_id = waitlist_entries.performer_id)"
        " WHERE performer_id IS NOT NULL"
    )


def give_keys_back() -> None:
    """Give the keys back to the appointments that they booked. A key of two users is lost."""
    execute(
        "UPDATE appointments SET idempotency_key = (SELECT min(key) FROM command_keys"
        " WHERE command_keys.result_id = appointments.id"
        " AND operation IN ('book_appointment', 'hold_appointment')"
        " AND key IN (SELECT key FROM command_keys GROUP BY key HAVING count(*) = 1))"
    )


def downgrade() -> None:
    """Take the ledger away, and give the columns back what it holds."""
    if is_postgresql():
        execute(
            "ALTER TABLE appointments ADD COLUMN idempotency_key character varying(100)",
            "ALTER TABLE waitlist_entries ADD COLUMN veterinarian_id uuid",
        )
    else:
        execute(
            "ALTER TABLE appointments ADD COLUMN idempotency_key VARCHAR(100)",
            "ALTER TABLE waitlist_entries ADD COLUMN veterinarian_id CHAR(32)",
        )
    give_keys_back()
    name_veterinarians()
    execute("DROP INDEX ix_waitlist_entries_performer_id", "DROP TABLE command_keys")
    if is_postgresql():
        execute(
            "ALTER TABLE waitlist_entries DROP CONSTRAINT fk_waitlist_entries_performer_id",
            "ALTER TABLE waitlist_entries DROP COLUMN performer_id",
            "ALTER TABLE waitlist_entries DROP COLUMN offered_starts",
            "ALTER TABLE waitlist_entries ADD CONSTRAINT fk_waitlist_entries_veterinarian_id FOREIGN KEY (veterinarian_id) REFERENCES veterinarians(id) ON DELETE SET NULL",
        )
    else:
        rebuild(
            "waitlist_entries",
            """
CREATE TABLE waitlist_entries (
    id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    veterinarian_id CHAR(32),
    requested_by_id CHAR(32),
    offered_appointment_id CHAR(32),
    service VARCHAR(32) NOT NULL,
    priority VARCHAR(32) NOT NULL,
    status VARCHAR(32) DEFAULT 'waiting' NOT NULL,
    earliest_at DATETIME NOT NULL,
    latest_at DATETIME NOT NULL,
    notes TEXT,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_waitlist_entries PRIMARY KEY (id),
    CONSTRAINT ck_waitlist_entries_offer CHECK (status <> 'offered' OR offered_appointment_id IS NOT NULL),
    CONSTRAINT ck_waitlist_entries_times CHECK (earliest_at < latest_at),
    CONSTRAINT fk_waitlist_entries_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE CASCADE,
    CONSTRAINT fk_waitlist_entries_offered_appointment_id FOREIGN KEY(offered_appointment_id) REFERENCES appointments (id) ON DELETE SET NULL,
    CONSTRAINT fk_waitlist_entries_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE CASCADE,
    CONSTRAINT fk_waitlist_entries_requested_by_id FOREIGN KEY(requested_by_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_waitlist_entries_veterinarian_id FOREIGN KEY(veterinarian_id) REFERENCES veterinarians (id) ON DELETE SET NULL,
    CONSTRAINT ck_waitlist_entries_service CHECK (service IN ('wellness_exam', 'sick_visit', 'follow_up', 'vaccination', 'microchipping', 'dental_cleaning', 'surgery', 'spay_neuter', 'diagnostic_imaging', 'laboratory', 'emergency', 'grooming', 'behavior_consultation', 'telehealth', 'euthanasia')),
    CONSTRAINT ck_waitlist_entries_priority CHECK (priority IN ('routine', 'urgent', 'emergency')),
    CONSTRAINT ck_waitlist_entries_status CHECK (status IN ('waiting', 'offered', 'booked', 'withdrawn', 'expired'))
)
""",
        )
    execute(
        "CREATE UNIQUE INDEX uq_appointments_idempotency_key ON appointments (idempotency_key)",
        "CREATE INDEX ix_waitlist_entries_veterinarian_id ON waitlist_entries (veterinarian_id)",
    )
