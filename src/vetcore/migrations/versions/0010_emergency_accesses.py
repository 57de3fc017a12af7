"""Keep who has read a pet's health in an emergency."""

from vetcore.migrations.steps import execute, is_postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the change."""
    if is_postgresql():
        execute("""
CREATE TABLE emergency_accesses (
    id uuid NOT NULL,
    pet_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    user_id uuid,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id uuid,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id uuid,
    deleted_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL
)
""")
        execute(
            "ALTER TABLE emergency_accesses ADD CONSTRAINT pk_emergency_accesses PRIMARY KEY (id)"
        )
        execute(
            "ALTER TABLE emergency_accesses ADD CONSTRAINT ck_emergency_accesses_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
        )
        execute(
            "ALTER TABLE emergency_accesses ADD CONSTRAINT ck_emergency_accesses_updated_at_range CHECK ((((updated_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (updated_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(updated_at))))"
        )
        execute(
            "ALTER TABLE emergency_accesses ADD CONSTRAINT ck_emergency_accesses_deleted_at_range CHECK ((((deleted_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (deleted_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(deleted_at))))"
        )
        execute(
            "ALTER TABLE emergency_accesses ADD CONSTRAINT fk_emergency_accesses_pet_id FOREIGN KEY (pet_id) REFERENCES pets(id) ON DELETE CASCADE"
        )
        execute(
            "ALTER TABLE emergency_accesses ADD CONSTRAINT fk_emergency_accesses_clinic_id FOREIGN KEY (clinic_id) REFERENCES clinics(id) ON DELETE CASCADE"
        )
        execute(
            "ALTER TABLE emergency_accesses ADD CONSTRAINT fk_emergency_accesses_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL"
        )
        execute(
            "CREATE INDEX ix_emergency_accesses_user_id ON emergency_accesses USING btree (user_id)"
        )
        execute(
            "CREATE INDEX ix_emergency_accesses_pet_id ON emergency_accesses USING btree (pet_id, created_at)"
        )
        execute(
            "CREATE INDEX ix_emergency_accesses_clinic_id ON emergency_accesses USING btree (clinic_id)"
        )
    else:
        execute("""
CREATE TABLE emergency_accesses (
    id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    user_id CHAR(32),
    reason TEXT NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_emergency_accesses PRIMARY KEY (id),
    CONSTRAINT fk_emergency_accesses_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE CASCADE,
    CONSTRAINT fk_emergency_accesses_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE CASCADE,
    CONSTRAINT fk_emergency_accesses_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE SET NULL
)
""")
        execute("CREATE INDEX ix_emergency_accesses_user_id ON emergency_accesses (user_id)")
        execute(
            "CREATE INDEX ix_emergency_accesses_pet_id ON emergency_accesses (pet_id, created_at)"
        )
        execute("CREATE INDEX ix_emergency_accesses_clinic_id ON emergency_accesses (clinic_id)")
        execute("""
CREATE TRIGGER ck_emergency_accesses_range_insert BEFORE INSERT ON emergency_accesses
BEGIN
    SELECT RAISE(ABORT, 'ck_emergency_accesses_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_emergency_accesses_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_emergency_accesses_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
        execute("""
CREATE TRIGGER ck_emergency_accesses_range_update BEFORE UPDATE OF created_at, updated_at, deleted_at ON emergency_accesses
BEGIN
    SELECT RAISE(ABORT, 'ck_emergency_accesses_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_emergency_accesses_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_emergency_accesses_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")


def downgrade() -> None:
    """Take the change back."""
    if is_postgresql():
        execute("DROP TABLE emergency_accesses")
    else:
        execute("DROP TRIGGER ck_emergency_accesses_range_insert")
        execute("DROP TRIGGER ck_emergency_accesses_range_update")
        execute("DROP INDEX ix_emergency_accesses_user_id")
        execute("DROP INDEX ix_emergency_accesses_pet_id")
        execute("DROP INDEX ix_emergency_accesses_clinic_id")
        execute("DROP TABLE emergency_accesses")
