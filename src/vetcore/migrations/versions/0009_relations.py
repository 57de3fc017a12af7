"""Keep who is whose patient and who is invited."""

from vetcore.migrations.relations.on_postgresql import make_tables
from vetcore.migrations.steps import execute, is_postgresql, rebuild

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and register each pet where it was before: at its clinic, and where it was seen."""
    if is_postgresql():
        make_tables()
        execute(
            "INSERT INTO clinic_patients"
            " (id, pet_id, clinic_id, origin, agreed_at, counts_for_owner)"
            " SELECT gen_random_uuid(), id, primary_clinic_id, 'owner', created_at, true FROM pets"
            " WHERE primary_clinic_id IS NOT NULL AND deleted_at IS NULL",
            "UPDATE appointments SET patient_until = ends_at + CASE WHEN status = 'completed'"
            " THEN interval '24 months' ELSE interval '1 day' END",
        )
    else:
        _on_sqlite()
        execute(
            "INSERT INTO clinic_patients"
            " (id, pet_id, clinic_id, origin, agreed_at, counts_for_owner)"
            " SELECT lower(hex(randomblob(16))), id, primary_clinic_id, 'owner', created_at, 1"
            " FROM pets WHERE primary_clinic_id IS NOT NULL AND deleted_at IS NULL",
            "UPDATE appointments SET patient_until = strftime('%Y-%m-%d %H:%M:%f000', ends_at,"
            " CASE WHEN status = 'completed' THEN '+24 months' ELSE '+1 day' END)",
        )


def _on_sqlite() -> None:
    execute(
        "DROP TRIGGER ck_appointments_range_insert", "DROP TRIGGER ck_appointments_range_update"
    )
    execute("ALTER TABLE appointments ADD COLUMN patient_until DATETIME")
    execute("""
CREATE TABLE invitations (
    id CHAR(32) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    user_id CHAR(32),
    email VARCHAR(254),
    clinic_id CHAR(32),
    pet_id CHAR(32),
    terms JSON,
    keeps_co_owners BOOLEAN NOT NULL,
    message VARCHAR(200),
    expires_at DATETIME NOT NULL,
    answered_at DATETIME,
    answer VARCHAR(32),
    code_hash VARCHAR(64),
    code_expires_at DATETIME,
    code_attempts INTEGER DEFAULT '0' NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_invitations PRIMARY KEY (id),
    CONSTRAINT ck_invitations_addressee CHECK (user_id IS NOT NULL OR email IS NOT NULL),
    CONSTRAINT ck_invitations_answered CHECK ((answer IS NULL) = (answered_at IS NULL)),
    CONSTRAINT ck_invitations_clinic CHECK (clinic_id IS NOT NULL OR kind IN ('co_owner', 'owner')),
    CONSTRAINT ck_invitations_pet CHECK (pet_id IS NOT NULL OR kind IN ('patient', 'colleague')),
    CONSTRAINT ck_invitations_terms CHECK (terms IS NOT NULL OR kind <> 'colleague'),
    CONSTRAINT ck_invitations_kind CHECK (kind IN ('patient', 'co_owner', 'owner', 'colleague')),
    CONSTRAINT fk_invitations_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_invitations_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE CASCADE,
    CONSTRAINT fk_invitations_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE CASCADE,
    CONSTRAINT ck_invitations_answer CHECK (answer IN ('accepted', 'declined', 'withdrawn'))
)
""")
    execute("""
CREATE TABLE clinic_patients (
    id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    origin VARCHAR(32) NOT NULL,
    agreed_at DATETIME,
    agreed_by_id CHAR(32),
    counts_for_owner BOOLEAN NOT NULL,
    ended_at DATETIME,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_clinic_patients PRIMARY KEY (id),
    CONSTRAINT ck_clinic_patients_agreed CHECK (agreed_at IS NOT NULL OR agreed_by_id IS NULL),
    CONSTRAINT fk_clinic_patients_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE CASCADE,
    CONSTRAINT fk_clinic_patients_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE CASCADE,
    CONSTRAINT ck_clinic_patients_origin CHECK (origin IN ('owner', 'invitation', 'clinic')),
    CONSTRAINT fk_clinic_patients_agreed_by_id FOREIGN KEY(agreed_by_id) REFERENCES users (id) ON DELETE SET NULL
)
""")
    execute(
        "CREATE INDEX ix_appointments_pet_id_patient_until ON appointments (pet_id, clinic_id, patient_until)",
        "CREATE INDEX ix_invitations_clinic_id ON invitations (clinic_id)",
    )
    execute(
        "CREATE INDEX ix_invitations_email ON invitations (email)",
        "CREATE INDEX ix_invitations_user_id ON invitations (user_id)",
    )
    execute(
        "CREATE INDEX ix_invitations_pet_id ON invitations (pet_id)",
        "CREATE UNIQUE INDEX uq_clinic_patients_pet_id_clinic_id ON clinic_patients (pet_id, clinic_id) WHERE deleted_at IS NULL",
    )
    execute(
        "CREATE INDEX ix_clinic_patients_clinic_id ON clinic_patients (clinic_id)",
        "CREATE INDEX ix_clinic_patients_agreed_by_id ON clinic_patients (agreed_by_id)",
    )
    execute("""
CREATE TRIGGER ck_appointments_range_insert BEFORE INSERT ON appointments
BEGIN
    SELECT RAISE(ABORT, 'ck_appointments_starts_at_range') WHERE NEW.starts_at IS NOT NULL AND NOT coalesce(typeof(NEW.starts_at) = 'text' AND NEW.starts_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.starts_at >= '0001' AND date(substr(NEW.starts_at, 1, 10), '+0 days') IS substr(NEW.starts_at, 1, 10) AND (length(NEW.starts_at) = 10 OR (substr(NEW.starts_at, 11, 1) IN (' ', 'T') AND substr(NEW.starts_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.starts_at, 12, 2) < '24' AND instr(substr(NEW.starts_at, 12), ' ') = 0 AND (julianday(NEW.starts_at) IS NOT NULL OR NEW.starts_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_ends_at_range') WHERE NEW.ends_at IS NOT NULL AND NOT coalesce(typeof(NEW.ends_at) = 'text' AND NEW.ends_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ends_at >= '0001' AND date(substr(NEW.ends_at, 1, 10), '+0 days') IS substr(NEW.ends_at, 1, 10) AND (length(NEW.ends_at) = 10 OR (substr(NEW.ends_at, 11, 1) IN (' ', 'T') AND substr(NEW.ends_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ends_at, 12, 2) < '24' AND instr(substr(NEW.ends_at, 12), ' ') = 0 AND (julianday(NEW.ends_at) IS NOT NULL OR NEW.ends_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_from_range') WHERE NEW.occupied_from IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_from) = 'text' AND NEW.occupied_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_from >= '0001' AND date(substr(NEW.occupied_from, 1, 10), '+0 days') IS substr(NEW.occupied_from, 1, 10) AND (length(NEW.occupied_from) = 10 OR (substr(NEW.occupied_from, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_from, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_from, 12, 2) < '24' AND instr(substr(NEW.occupied_from, 12), ' ') = 0 AND (julianday(NEW.occupied_from) IS NOT NULL OR NEW.occupied_from GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_until_range') WHERE NEW.occupied_until IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_until) = 'text' AND NEW.occupied_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_until >= '0001' AND date(substr(NEW.occupied_until, 1, 10), '+0 days') IS substr(NEW.occupied_until, 1, 10) AND (length(NEW.occupied_until) = 10 OR (substr(NEW.occupied_until, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_until, 12, 2) < '24' AND instr(substr(NEW.occupied_until, 12), ' ') = 0 AND (julianday(NEW.occupied_until) IS NOT NULL OR NEW.occupied_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_hold_expires_at_range') WHERE NEW.hold_expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.hold_expires_at) = 'text' AND NEW.hold_expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.hold_expires_at >= '0001' AND date(substr(NEW.hold_expires_at, 1, 10), '+0 days') IS substr(NEW.hold_expires_at, 1, 10) AND (length(NEW.hold_expires_at) = 10 OR (substr(NEW.hold_expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.hold_expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.hold_expires_at, 12, 2) < '24' AND instr(substr(NEW.hold_expires_at, 12), ' ') = 0 AND (julianday(NEW.hold_expires_at) IS NOT NULL OR NEW.hold_expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_checked_in_at_range') WHERE NEW.checked_in_at IS NOT NULL AND NOT coalesce(typeof(NEW.checked_in_at) = 'text' AND NEW.checked_in_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.checked_in_at >= '0001' AND date(substr(NEW.checked_in_at, 1, 10), '+0 days') IS substr(NEW.checked_in_at, 1, 10) AND (length(NEW.checked_in_at) = 10 OR (substr(NEW.checked_in_at, 11, 1) IN (' ', 'T') AND substr(NEW.checked_in_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.checked_in_at, 12, 2) < '24' AND instr(substr(NEW.checked_in_at, 12), ' ') = 0 AND (julianday(NEW.checked_in_at) IS NOT NULL OR NEW.checked_in_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_started_at_range') WHERE NEW.started_at IS NOT NULL AND NOT coalesce(typeof(NEW.started_at) = 'text' AND NEW.started_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.started_at >= '0001' AND date(substr(NEW.started_at, 1, 10), '+0 days') IS substr(NEW.started_at, 1, 10) AND (length(NEW.started_at) = 10 OR (substr(NEW.started_at, 11, 1) IN (' ', 'T') AND substr(NEW.started_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.started_at, 12, 2) < '24' AND instr(substr(NEW.started_at, 12), ' ') = 0 AND (julianday(NEW.started_at) IS NOT NULL OR NEW.started_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_completed_at_range') WHERE NEW.completed_at IS NOT NULL AND NOT coalesce(typeof(NEW.completed_at) = 'text' AND NEW.completed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.completed_at >= '0001' AND date(substr(NEW.completed_at, 1, 10), '+0 days') IS substr(NEW.completed_at, 1, 10) AND (length(NEW.completed_at) = 10 OR (substr(NEW.completed_at, 11, 1) IN (' ', 'T') AND substr(NEW.completed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.completed_at, 12, 2) < '24' AND instr(substr(NEW.completed_at, 12), ' ') = 0 AND (julianday(NEW.completed_at) IS NOT NULL OR NEW.completed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_cancelled_at_range') WHERE NEW.cancelled_at IS NOT NULL AND NOT coalesce(typeof(NEW.cancelled_at) = 'text' AND NEW.cancelled_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.cancelled_at >= '0001' AND date(substr(NEW.cancelled_at, 1, 10), '+0 days') IS substr(NEW.cancelled_at, 1, 10) AND (length(NEW.cancelled_at) = 10 OR (substr(NEW.cancelled_at, 11, 1) IN (' ', 'T') AND substr(NEW.cancelled_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.cancelled_at, 12, 2) < '24' AND instr(substr(NEW.cancelled_at, 12), ' ') = 0 AND (julianday(NEW.cancelled_at) IS NOT NULL OR NEW.cancelled_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_patient_until_range') WHERE NEW.patient_until IS NOT NULL AND NOT coalesce(typeof(NEW.patient_until) = 'text' AND NEW.patient_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.patient_until >= '0001' AND date(substr(NEW.patient_until, 1, 10), '+0 days') IS substr(NEW.patient_until, 1, 10) AND (length(NEW.patient_until) = 10 OR (substr(NEW.patient_until, 11, 1) IN (' ', 'T') AND substr(NEW.patient_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.patient_until, 12, 2) < '24' AND instr(substr(NEW.patient_until, 12), ' ') = 0 AND (julianday(NEW.patient_until) IS NOT NULL OR NEW.patient_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_appointments_range_update BEFORE UPDATE OF starts_at, ends_at, occupied_from, occupied_until, hold_expires_at, checked_in_at, started_at, completed_at, cancelled_at, patient_until, created_at, updated_at, deleted_at ON appointments
BEGIN
    SELECT RAISE(ABORT, 'ck_appointments_starts_at_range') WHERE NEW.starts_at IS NOT NULL AND NOT coalesce(typeof(NEW.starts_at) = 'text' AND NEW.starts_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.starts_at >= '0001' AND date(substr(NEW.starts_at, 1, 10), '+0 days') IS substr(NEW.starts_at, 1, 10) AND (length(NEW.starts_at) = 10 OR (substr(NEW.starts_at, 11, 1) IN (' ', 'T') AND substr(NEW.starts_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.starts_at, 12, 2) < '24' AND instr(substr(NEW.starts_at, 12), ' ') = 0 AND (julianday(NEW.starts_at) IS NOT NULL OR NEW.starts_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_ends_at_range') WHERE NEW.ends_at IS NOT NULL AND NOT coalesce(typeof(NEW.ends_at) = 'text' AND NEW.ends_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ends_at >= '0001' AND date(substr(NEW.ends_at, 1, 10), '+0 days') IS substr(NEW.ends_at, 1, 10) AND (length(NEW.ends_at) = 10 OR (substr(NEW.ends_at, 11, 1) IN (' ', 'T') AND substr(NEW.ends_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ends_at, 12, 2) < '24' AND instr(substr(NEW.ends_at, 12), ' ') = 0 AND (julianday(NEW.ends_at) IS NOT NULL OR NEW.ends_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_from_range') WHERE NEW.occupied_from IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_from) = 'text' AND NEW.occupied_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_from >= '0001' AND date(substr(NEW.occupied_from, 1, 10), '+0 days') IS substr(NEW.occupied_from, 1, 10) AND (length(NEW.occupied_from) = 10 OR (substr(NEW.occupied_from, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_from, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_from, 12, 2) < '24' AND instr(substr(NEW.occupied_from, 12), ' ') = 0 AND (julianday(NEW.occupied_from) IS NOT NULL OR NEW.occupied_from GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_until_range') WHERE NEW.occupied_until IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_until) = 'text' AND NEW.occupied_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_until >= '0001' AND date(substr(NEW.occupied_until, 1, 10), '+0 days') IS substr(NEW.occupied_until, 1, 10) AND (length(NEW.occupied_until) = 10 OR (substr(NEW.occupied_until, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_until, 12, 2) < '24' AND instr(substr(NEW.occupied_until, 12), ' ') = 0 AND (julianday(NEW.occupied_until) IS NOT NULL OR NEW.occupied_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_hold_expires_at_range') WHERE NEW.hold_expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.hold_expires_at) = 'text' AND NEW.hold_expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.hold_expires_at >= '0001' AND date(substr(NEW.hold_expires_at, 1, 10), '+0 days') IS substr(NEW.hold_expires_at, 1, 10) AND (length(NEW.hold_expires_at) = 10 OR (substr(NEW.hold_expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.hold_expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.hold_expires_at, 12, 2) < '24' AND instr(substr(NEW.hold_expires_at, 12), ' ') = 0 AND (julianday(NEW.hold_expires_at) IS NOT NULL OR NEW.hold_expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_checked_in_at_range') WHERE NEW.checked_in_at IS NOT NULL AND NOT coalesce(typeof(NEW.checked_in_at) = 'text' AND NEW.checked_in_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.checked_in_at >= '0001' AND date(substr(NEW.checked_in_at, 1, 10), '+0 days') IS substr(NEW.checked_in_at, 1, 10) AND (length(NEW.checked_in_at) = 10 OR (substr(NEW.checked_in_at, 11, 1) IN (' ', 'T') AND substr(NEW.checked_in_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.checked_in_at, 12, 2) < '24' AND instr(substr(NEW.checked_in_at, 12), ' ') = 0 AND (julianday(NEW.checked_in_at) IS NOT NULL OR NEW.checked_in_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_started_at_range') WHERE NEW.started_at IS NOT NULL AND NOT coalesce(typeof(NEW.started_at) = 'text' AND NEW.started_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.started_at >= '0001' AND date(substr(NEW.started_at, 1, 10), '+0 days') IS substr(NEW.started_at, 1, 10) AND (length(NEW.started_at) = 10 OR (substr(NEW.started_at, 11, 1) IN (' ', 'T') AND substr(NEW.started_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.started_at, 12, 2) < '24' AND instr(substr(NEW.started_at, 12), ' ') = 0 AND (julianday(NEW.started_at) IS NOT NULL OR NEW.started_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_completed_at_range') WHERE NEW.completed_at IS NOT NULL AND NOT coalesce(typeof(NEW.completed_at) = 'text' AND NEW.completed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.completed_at >= '0001' AND date(substr(NEW.completed_at, 1, 10), '+0 days') IS substr(NEW.completed_at, 1, 10) AND (length(NEW.completed_at) = 10 OR (substr(NEW.completed_at, 11, 1) IN (' ', 'T') AND substr(NEW.completed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.completed_at, 12, 2) < '24' AND instr(substr(NEW.completed_at, 12), ' ') = 0 AND (julianday(NEW.completed_at) IS NOT NULL OR NEW.completed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_cancelled_at_range') WHERE NEW.cancelled_at IS NOT NULL AND NOT coalesce(typeof(NEW.cancelled_at) = 'text' AND NEW.cancelled_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.cancelled_at >= '0001' AND date(substr(NEW.cancelled_at, 1, 10), '+0 days') IS substr(NEW.cancelled_at, 1, 10) AND (length(NEW.cancelled_at) = 10 OR (substr(NEW.cancelled_at, 11, 1) IN (' ', 'T') AND substr(NEW.cancelled_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.cancelled_at, 12, 2) < '24' AND instr(substr(NEW.cancelled_at, 12), ' ') = 0 AND (julianday(NEW.cancelled_at) IS NOT NULL OR NEW.cancelled_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_patient_until_range') WHERE NEW.patient_until IS NOT NULL AND NOT coalesce(typeof(NEW.patient_until) = 'text' AND NEW.patient_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.patient_until >= '0001' AND date(substr(NEW.patient_until, 1, 10), '+0 days') IS substr(NEW.patient_until, 1, 10) AND (length(NEW.patient_until) = 10 OR (substr(NEW.patient_until, 11, 1) IN (' ', 'T') AND substr(NEW.patient_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.patient_until, 12, 2) < '24' AND instr(substr(NEW.patient_until, 12), ' ') = 0 AND (julianday(NEW.patient_until) IS NOT NULL OR NEW.patient_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_invitations_range_insert BEFORE INSERT ON invitations
BEGIN
    SELECT RAISE(ABORT, 'ck_invitations_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_answered_at_range') WHERE NEW.answered_at IS NOT NULL AND NOT coalesce(typeof(NEW.answered_at) = 'text' AND NEW.answered_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.answered_at >= '0001' AND date(substr(NEW.answered_at, 1, 10), '+0 days') IS substr(NEW.answered_at, 1, 10) AND (length(NEW.answered_at) = 10 OR (substr(NEW.answered_at, 11, 1) IN (' ', 'T') AND substr(NEW.answered_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.answered_at, 12, 2) < '24' AND instr(substr(NEW.answered_at, 12), ' ') = 0 AND (julianday(NEW.answered_at) IS NOT NULL OR NEW.answered_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_code_expires_at_range') WHERE NEW.code_expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.code_expires_at) = 'text' AND NEW.code_expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.code_expires_at >= '0001' AND date(substr(NEW.code_expires_at, 1, 10), '+0 days') IS substr(NEW.code_expires_at, 1, 10) AND (length(NEW.code_expires_at) = 10 OR (substr(NEW.code_expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.code_expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.code_expires_at, 12, 2) < '24' AND instr(substr(NEW.code_expires_at, 12), ' ') = 0 AND (julianday(NEW.code_expires_at) IS NOT NULL OR NEW.code_expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_invitations_range_update BEFORE UPDATE OF expires_at, answered_at, code_expires_at, created_at, updated_at, deleted_at ON invitations
BEGIN
    SELECT RAISE(ABORT, 'ck_invitations_expires_at_range') WHERE NEW.expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.expires_at) = 'text' AND NEW.expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.expires_at >= '0001' AND date(substr(NEW.expires_at, 1, 10), '+0 days') IS substr(NEW.expires_at, 1, 10) AND (length(NEW.expires_at) = 10 OR (substr(NEW.expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.expires_at, 12, 2) < '24' AND instr(substr(NEW.expires_at, 12), ' ') = 0 AND (julianday(NEW.expires_at) IS NOT NULL OR NEW.expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_answered_at_range') WHERE NEW.answered_at IS NOT NULL AND NOT coalesce(typeof(NEW.answered_at) = 'text' AND NEW.answered_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.answered_at >= '0001' AND date(substr(NEW.answered_at, 1, 10), '+0 days') IS substr(NEW.answered_at, 1, 10) AND (length(NEW.answered_at) = 10 OR (substr(NEW.answered_at, 11, 1) IN (' ', 'T') AND substr(NEW.answered_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.answered_at, 12, 2) < '24' AND instr(substr(NEW.answered_at, 12), ' ') = 0 AND (julianday(NEW.answered_at) IS NOT NULL OR NEW.answered_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_code_expires_at_range') WHERE NEW.code_expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.code_expires_at) = 'text' AND NEW.code_expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.code_expires_at >= '0001' AND date(substr(NEW.code_expires_at, 1, 10), '+0 days') IS substr(NEW.code_expires_at, 1, 10) AND (length(NEW.code_expires_at) = 10 OR (substr(NEW.code_expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.code_expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.code_expires_at, 12, 2) < '24' AND instr(substr(NEW.code_expires_at, 12), ' ') = 0 AND (julianday(NEW.code_expires_at) IS NOT NULL OR NEW.code_expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_invitations_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_clinic_patients_range_insert BEFORE INSERT ON clinic_patients
BEGIN
    SELECT RAISE(ABORT, 'ck_clinic_patients_agreed_at_range') WHERE NEW.agreed_at IS NOT NULL AND NOT coalesce(typeof(NEW.agreed_at) = 'text' AND NEW.agreed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.agreed_at >= '0001' AND date(substr(NEW.agreed_at, 1, 10), '+0 days') IS substr(NEW.agreed_at, 1, 10) AND (length(NEW.agreed_at) = 10 OR (substr(NEW.agreed_at, 11, 1) IN (' ', 'T') AND substr(NEW.agreed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.agreed_at, 12, 2) < '24' AND instr(substr(NEW.agreed_at, 12), ' ') = 0 AND (julianday(NEW.agreed_at) IS NOT NULL OR NEW.agreed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_ended_at_range') WHERE NEW.ended_at IS NOT NULL AND NOT coalesce(typeof(NEW.ended_at) = 'text' AND NEW.ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ended_at >= '0001' AND date(substr(NEW.ended_at, 1, 10), '+0 days') IS substr(NEW.ended_at, 1, 10) AND (length(NEW.ended_at) = 10 OR (substr(NEW.ended_at, 11, 1) IN (' ', 'T') AND substr(NEW.ended_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ended_at, 12, 2) < '24' AND instr(substr(NEW.ended_at, 12), ' ') = 0 AND (julianday(NEW.ended_at) IS NOT NULL OR NEW.ended_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_clinic_patients_range_update BEFORE UPDATE OF agreed_at, ended_at, created_at, updated_at, deleted_at ON clinic_patients
BEGIN
    SELECT RAISE(ABORT, 'ck_clinic_patients_agreed_at_range') WHERE NEW.agreed_at IS NOT NULL AND NOT coalesce(typeof(NEW.agreed_at) = 'text' AND NEW.agreed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.agreed_at >= '0001' AND date(substr(NEW.agreed_at, 1, 10), '+0 days') IS substr(NEW.agreed_at, 1, 10) AND (length(NEW.agreed_at) = 10 OR (substr(NEW.agreed_at, 11, 1) IN (' ', 'T') AND substr(NEW.agreed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.agreed_at, 12, 2) < '24' AND instr(substr(NEW.agreed_at, 12), ' ') = 0 AND (julianday(NEW.agreed_at) IS NOT NULL OR NEW.agreed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_ended_at_range') WHERE NEW.ended_at IS NOT NULL AND NOT coalesce(typeof(NEW.ended_at) = 'text' AND NEW.ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ended_at >= '0001' AND date(substr(NEW.ended_at, 1, 10), '+0 days') IS substr(NEW.ended_at, 1, 10) AND (length(NEW.ended_at) = 10 OR (substr(NEW.ended_at, 11, 1) IN (' ', 'T') AND substr(NEW.ended_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ended_at, 12, 2) < '24' AND instr(substr(NEW.ended_at, 12), ' ') = 0 AND (julianday(NEW.ended_at) IS NOT NULL OR NEW.ended_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_clinic_patients_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")


def downgrade() -> None:
    """Take the change back."""
    if is_postgresql():
        execute(
            "ALTER TABLE appointments DROP CONSTRAINT ck_appointments_patient_until_range",
            "DROP INDEX ix_appointments_pet_id_patient_until",
        )
        execute("DROP TABLE clinic_patients", "DROP TABLE invitations")
        execute("ALTER TABLE appointments DROP COLUMN patient_until")
    else:
        execute(
            "DROP TRIGGER ck_appointments_range_insert", "DROP TRIGGER ck_appointments_range_update"
        )
        execute(
            "DROP TRIGGER ck_invitations_range_insert", "DROP TRIGGER ck_invitations_range_update"
        )
        execute(
            "DROP TRIGGER ck_clinic_patients_range_insert",
            "DROP TRIGGER ck_clinic_patients_range_update",
        )
        execute(
            "DROP INDEX ix_appointments_pet_id_patient_until", "DROP INDEX ix_invitations_clinic_id"
        )
        execute("DROP INDEX ix_invitations_email", "DROP INDEX ix_invitations_user_id")
        execute(
            "DROP INDEX ix_invitations_pet_id", "DROP INDEX uq_clinic_patients_pet_id_clinic_id"
        )
        execute(
            "DROP INDEX ix_clinic_patients_clinic_id", "DROP INDEX ix_clinic_patients_agreed_by_id"
        )
        execute("DROP TABLE clinic_patients", "DROP TABLE invitations")
        rebuild(
            "appointments",
            """
CREATE TABLE appointments (
    id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    veterinarian_id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    room_id CHAR(32),
    booked_by_id CHAR(32),
    follow_up_of_id CHAR(32),
    series_id CHAR(32),
    service VARCHAR(32) NOT NULL,
    status VARCHAR(32) DEFAULT 'scheduled' NOT NULL,
    priority VARCHAR(32) DEFAULT 'routine' NOT NULL,
    starts_at DATETIME NOT NULL,
    ends_at DATETIME NOT NULL,
    occupied_from DATETIME NOT NULL,
    occupied_until DATETIME NOT NULL,
    hold_expires_at DATETIME,
    reason TEXT,
    notes TEXT,
    internal_notes TEXT,
    cancellation_reason TEXT,
    overrides JSON DEFAULT '[]' NOT NULL,
    estimated_cost BIGINT,
    actual_cost BIGINT,
    currency VARCHAR(3),
    checked_in_at DATETIME,
    started_at DATETIME,
    completed_at DATETIME,
    cancelled_at DATETIME,
    sequence INTEGER DEFAULT '0' NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL, wall_time VARCHAR(100), duration_minutes INTEGER CONSTRAINT ck_appointments_duration_minutes CHECK (duration_minutes > 0),
    CONSTRAINT pk_appointments PRIMARY KEY (id),
    CONSTRAINT ck_appointments_costs CHECK (estimated_cost >= 0 AND actual_cost >= 0),
    CONSTRAINT ck_appointments_currency CHECK (currency IS NOT NULL OR (estimated_cost IS NULL AND actual_cost IS NULL)),
    CONSTRAINT ck_appointments_hold CHECK (status <> 'held' OR hold_expires_at IS NOT NULL),
    CONSTRAINT ck_appointments_length CHECK (coalesce(julianday(occupied_until) - julianday(occupied_from) BETWEEN 0 AND 1, 0)),
    CONSTRAINT ck_appointments_occupied CHECK (occupied_from <= starts_at AND ends_at <= occupied_until),
    CONSTRAINT ck_appointments_times CHECK (starts_at < ends_at),
    CONSTRAINT fk_appointments_booked_by_id FOREIGN KEY(booked_by_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_appointments_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointments_follow_up_of_id FOREIGN KEY(follow_up_of_id) REFERENCES appointments (id) ON DELETE SET NULL,
    CONSTRAINT fk_appointments_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointments_room_id FOREIGN KEY(room_id) REFERENCES rooms (id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointments_veterinarian_id FOREIGN KEY(veterinarian_id) REFERENCES veterinarians (id) ON DELETE RESTRICT,
    CONSTRAINT ck_appointments_service CHECK (service IN ('wellness_exam', 'sick_visit', 'follow_up', 'vaccination', 'microchipping', 'dental_cleaning', 'surgery', 'spay_neuter', 'diagnostic_imaging', 'laboratory', 'emergency', 'grooming', 'behavior_consultation', 'telehealth', 'euthanasia')),
    CONSTRAINT ck_appointments_status CHECK (status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed', 'cancelled', 'no_show', 'expired')),
    CONSTRAINT ck_appointments_priority CHECK (priority IN ('routine', 'urgent', 'emergency'))
)
""",
        )
        execute("""
CREATE TRIGGER ck_appointments_range_insert BEFORE INSERT ON appointments
BEGIN
    SELECT RAISE(ABORT, 'ck_appointments_starts_at_range') WHERE NEW.starts_at IS NOT NULL AND NOT coalesce(typeof(NEW.starts_at) = 'text' AND NEW.starts_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.starts_at >= '0001' AND date(substr(NEW.starts_at, 1, 10), '+0 days') IS substr(NEW.starts_at, 1, 10) AND (length(NEW.starts_at) = 10 OR (substr(NEW.starts_at, 11, 1) IN (' ', 'T') AND substr(NEW.starts_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.starts_at, 12, 2) < '24' AND instr(substr(NEW.starts_at, 12), ' ') = 0 AND (julianday(NEW.starts_at) IS NOT NULL OR NEW.starts_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_ends_at_range') WHERE NEW.ends_at IS NOT NULL AND NOT coalesce(typeof(NEW.ends_at) = 'text' AND NEW.ends_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ends_at >= '0001' AND date(substr(NEW.ends_at, 1, 10), '+0 days') IS substr(NEW.ends_at, 1, 10) AND (length(NEW.ends_at) = 10 OR (substr(NEW.ends_at, 11, 1) IN (' ', 'T') AND substr(NEW.ends_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ends_at, 12, 2) < '24' AND instr(substr(NEW.ends_at, 12), ' ') = 0 AND (julianday(NEW.ends_at) IS NOT NULL OR NEW.ends_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_from_range') WHERE NEW.occupied_from IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_from) = 'text' AND NEW.occupied_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_from >= '0001' AND date(substr(NEW.occupied_from, 1, 10), '+0 days') IS substr(NEW.occupied_from, 1, 10) AND (length(NEW.occupied_from) = 10 OR (substr(NEW.occupied_from, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_from, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_from, 12, 2) < '24' AND instr(substr(NEW.occupied_from, 12), ' ') = 0 AND (julianday(NEW.occupied_from) IS NOT NULL OR NEW.occupied_from GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_until_range') WHERE NEW.occupied_until IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_until) = 'text' AND NEW.occupied_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_until >= '0001' AND date(substr(NEW.occupied_until, 1, 10), '+0 days') IS substr(NEW.occupied_until, 1, 10) AND (length(NEW.occupied_until) = 10 OR (substr(NEW.occupied_until, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_until, 12, 2) < '24' AND instr(substr(NEW.occupied_until, 12), ' ') = 0 AND (julianday(NEW.occupied_until) IS NOT NULL OR NEW.occupied_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_hold_expires_at_range') WHERE NEW.hold_expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.hold_expires_at) = 'text' AND NEW.hold_expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.hold_expires_at >= '0001' AND date(substr(NEW.hold_expires_at, 1, 10), '+0 days') IS substr(NEW.hold_expires_at, 1, 10) AND (length(NEW.hold_expires_at) = 10 OR (substr(NEW.hold_expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.hold_expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.hold_expires_at, 12, 2) < '24' AND instr(substr(NEW.hold_expires_at, 12), ' ') = 0 AND (julianday(NEW.hold_expires_at) IS NOT NULL OR NEW.hold_expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_checked_in_at_range') WHERE NEW.checked_in_at IS NOT NULL AND NOT coalesce(typeof(NEW.checked_in_at) = 'text' AND NEW.checked_in_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.checked_in_at >= '0001' AND date(substr(NEW.checked_in_at, 1, 10), '+0 days') IS substr(NEW.checked_in_at, 1, 10) AND (length(NEW.checked_in_at) = 10 OR (substr(NEW.checked_in_at, 11, 1) IN (' ', 'T') AND substr(NEW.checked_in_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.checked_in_at, 12, 2) < '24' AND instr(substr(NEW.checked_in_at, 12), ' ') = 0 AND (julianday(NEW.checked_in_at) IS NOT NULL OR NEW.checked_in_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_started_at_range') WHERE NEW.started_at IS NOT NULL AND NOT coalesce(typeof(NEW.started_at) = 'text' AND NEW.started_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.started_at >= '0001' AND date(substr(NEW.started_at, 1, 10), '+0 days') IS substr(NEW.started_at, 1, 10) AND (length(NEW.started_at) = 10 OR (substr(NEW.started_at, 11, 1) IN (' ', 'T') AND substr(NEW.started_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.started_at, 12, 2) < '24' AND instr(substr(NEW.started_at, 12), ' ') = 0 AND (julianday(NEW.started_at) IS NOT NULL OR NEW.started_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_completed_at_range') WHERE NEW.completed_at IS NOT NULL AND NOT coalesce(typeof(NEW.completed_at) = 'text' AND NEW.completed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.completed_at >= '0001' AND date(substr(NEW.completed_at, 1, 10), '+0 days') IS substr(NEW.completed_at, 1, 10) AND (length(NEW.completed_at) = 10 OR (substr(NEW.completed_at, 11, 1) IN (' ', 'T') AND substr(NEW.completed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.completed_at, 12, 2) < '24' AND instr(substr(NEW.completed_at, 12), ' ') = 0 AND (julianday(NEW.completed_at) IS NOT NULL OR NEW.completed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_cancelled_at_range') WHERE NEW.cancelled_at IS NOT NULL AND NOT coalesce(typeof(NEW.cancelled_at) = 'text' AND NEW.cancelled_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.cancelled_at >= '0001' AND date(substr(NEW.cancelled_at, 1, 10), '+0 days') IS substr(NEW.cancelled_at, 1, 10) AND (length(NEW.cancelled_at) = 10 OR (substr(NEW.cancelled_at, 11, 1) IN (' ', 'T') AND substr(NEW.cancelled_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.cancelled_at, 12, 2) < '24' AND instr(substr(NEW.cancelled_at, 12), ' ') = 0 AND (julianday(NEW.cancelled_at) IS NOT NULL OR NEW.cancelled_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
        execute("""
CREATE TRIGGER ck_appointments_range_update BEFORE UPDATE OF starts_at, ends_at, occupied_from, occupied_until, hold_expires_at, checked_in_at, started_at, completed_at, cancelled_at, created_at, updated_at, deleted_at ON appointments
BEGIN
    SELECT RAISE(ABORT, 'ck_appointments_starts_at_range') WHERE NEW.starts_at IS NOT NULL AND NOT coalesce(typeof(NEW.starts_at) = 'text' AND NEW.starts_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.starts_at >= '0001' AND date(substr(NEW.starts_at, 1, 10), '+0 days') IS substr(NEW.starts_at, 1, 10) AND (length(NEW.starts_at) = 10 OR (substr(NEW.starts_at, 11, 1) IN (' ', 'T') AND substr(NEW.starts_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.starts_at, 12, 2) < '24' AND instr(substr(NEW.starts_at, 12), ' ') = 0 AND (julianday(NEW.starts_at) IS NOT NULL OR NEW.starts_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_ends_at_range') WHERE NEW.ends_at IS NOT NULL AND NOT coalesce(typeof(NEW.ends_at) = 'text' AND NEW.ends_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ends_at >= '0001' AND date(substr(NEW.ends_at, 1, 10), '+0 days') IS substr(NEW.ends_at, 1, 10) AND (length(NEW.ends_at) = 10 OR (substr(NEW.ends_at, 11, 1) IN (' ', 'T') AND substr(NEW.ends_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ends_at, 12, 2) < '24' AND instr(substr(NEW.ends_at, 12), ' ') = 0 AND (julianday(NEW.ends_at) IS NOT NULL OR NEW.ends_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_from_range') WHERE NEW.occupied_from IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_from) = 'text' AND NEW.occupied_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_from >= '0001' AND date(substr(NEW.occupied_from, 1, 10), '+0 days') IS substr(NEW.occupied_from, 1, 10) AND (length(NEW.occupied_from) = 10 OR (substr(NEW.occupied_from, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_from, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_from, 12, 2) < '24' AND instr(substr(NEW.occupied_from, 12), ' ') = 0 AND (julianday(NEW.occupied_from) IS NOT NULL OR NEW.occupied_from GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_occupied_until_range') WHERE NEW.occupied_until IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_until) = 'text' AND NEW.occupied_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_until >= '0001' AND date(substr(NEW.occupied_until, 1, 10), '+0 days') IS substr(NEW.occupied_until, 1, 10) AND (length(NEW.occupied_until) = 10 OR (substr(NEW.occupied_until, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_until, 12, 2) < '24' AND instr(substr(NEW.occupied_until, 12), ' ') = 0 AND (julianday(NEW.occupied_until) IS NOT NULL OR NEW.occupied_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_hold_expires_at_range') WHERE NEW.hold_expires_at IS NOT NULL AND NOT coalesce(typeof(NEW.hold_expires_at) = 'text' AND NEW.hold_expires_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.hold_expires_at >= '0001' AND date(substr(NEW.hold_expires_at, 1, 10), '+0 days') IS substr(NEW.hold_expires_at, 1, 10) AND (length(NEW.hold_expires_at) = 10 OR (substr(NEW.hold_expires_at, 11, 1) IN (' ', 'T') AND substr(NEW.hold_expires_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.hold_expires_at, 12, 2) < '24' AND instr(substr(NEW.hold_expires_at, 12), ' ') = 0 AND (julianday(NEW.hold_expires_at) IS NOT NULL OR NEW.hold_expires_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_checked_in_at_range') WHERE NEW.checked_in_at IS NOT NULL AND NOT coalesce(typeof(NEW.checked_in_at) = 'text' AND NEW.checked_in_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.checked_in_at >= '0001' AND date(substr(NEW.checked_in_at, 1, 10), '+0 days') IS substr(NEW.checked_in_at, 1, 10) AND (length(NEW.checked_in_at) = 10 OR (substr(NEW.checked_in_at, 11, 1) IN (' ', 'T') AND substr(NEW.checked_in_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.checked_in_at, 12, 2) < '24' AND instr(substr(NEW.checked_in_at, 12), ' ') = 0 AND (julianday(NEW.checked_in_at) IS NOT NULL OR NEW.checked_in_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_started_at_range') WHERE NEW.started_at IS NOT NULL AND NOT coalesce(typeof(NEW.started_at) = 'text' AND NEW.started_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.started_at >= '0001' AND date(substr(NEW.started_at, 1, 10), '+0 days') IS substr(NEW.started_at, 1, 10) AND (length(NEW.started_at) = 10 OR (substr(NEW.started_at, 11, 1) IN (' ', 'T') AND substr(NEW.started_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.started_at, 12, 2) < '24' AND instr(substr(NEW.started_at, 12), ' ') = 0 AND (julianday(NEW.started_at) IS NOT NULL OR NEW.started_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_completed_at_range') WHERE NEW.completed_at IS NOT NULL AND NOT coalesce(typeof(NEW.completed_at) = 'text' AND NEW.completed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.completed_at >= '0001' AND date(substr(NEW.completed_at, 1, 10), '+0 days') IS substr(NEW.completed_at, 1, 10) AND (length(NEW.completed_at) = 10 OR (substr(NEW.completed_at, 11, 1) IN (' ', 'T') AND substr(NEW.completed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.completed_at, 12, 2) < '24' AND instr(substr(NEW.completed_at, 12), ' ') = 0 AND (julianday(NEW.completed_at) IS NOT NULL OR NEW.completed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_cancelled_at_range') WHERE NEW.cancelled_at IS NOT NULL AND NOT coalesce(typeof(NEW.cancelled_at) = 'text' AND NEW.cancelled_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.cancelled_at >= '0001' AND date(substr(NEW.cancelled_at, 1, 10), '+0 days') IS substr(NEW.cancelled_at, 1, 10) AND (length(NEW.cancelled_at) = 10 OR (substr(NEW.cancelled_at, 11, 1) IN (' ', 'T') AND substr(NEW.cancelled_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.cancelled_at, 12, 2) < '24' AND instr(substr(NEW.cancelled_at, 12), ' ') = 0 AND (julianday(NEW.cancelled_at) IS NOT NULL OR NEW.cancelled_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointments_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
