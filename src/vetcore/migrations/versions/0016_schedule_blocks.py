"""Keep time free under a label: of a person, of a room, or of a clinic."""

from vetcore.migrations.steps import execute, is_postgresql
from vetcore.migrations.timetables import unwatch, watch

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WATCHED = (
    "clinic_id",
    "practitioner_id",
    "room_id",
    "label",
    "first_on",
    "last_on",
    "hours",
    "deleted_at",
)


def upgrade() -> None:
    """Make the table, and the triggers that give clinics new versions of their timetables."""
    (_make_on_postgresql if is_postgresql() else _make_on_sqlite)()
    watch("schedule_blocks", _WATCHED)


def downgrade() -> None:
    """Drop the table. Blocks have no place in the earlier model."""
    unwatch("schedule_blocks")
    execute("DROP TABLE schedule_blocks")


def _make_on_postgresql() -> None:
    execute("""
CREATE TABLE schedule_blocks (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    practitioner_id uuid,
    room_id uuid,
    label character varying(200) NOT NULL,
    first_on date NOT NULL,
    last_on date,
    hours character varying(500) NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id uuid,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id uuid,
    deleted_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL
)
""")
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_whose CHECK (((practitioner_id IS NULL) OR (room_id IS NULL)))"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_dates CHECK ((first_on <= last_on))"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_label CHECK (((label)::text <> ''::text))"
    )
    execute("ALTER TABLE schedule_blocks ADD CONSTRAINT pk_schedule_blocks PRIMARY KEY (id)")
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_updated_at_range CHECK ((((updated_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (updated_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(updated_at))))"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_deleted_at_range CHECK ((((deleted_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (deleted_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(deleted_at))))"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_first_on_range CHECK ((((first_on >= '0001-01-01'::date) AND (first_on <= '9999-12-31'::date)) OR (NOT isfinite(first_on))))"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT ck_schedule_blocks_last_on_range CHECK ((((last_on >= '0001-01-01'::date) AND (last_on <= '9999-12-31'::date)) OR (NOT isfinite(last_on))))"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT fk_schedule_blocks_clinic_id FOREIGN KEY (clinic_id) REFERENCES clinics(id) ON DELETE CASCADE"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT fk_schedule_blocks_practitioner_id FOREIGN KEY (practitioner_id) REFERENCES users(id) ON DELETE CASCADE"
    )
    execute(
        "ALTER TABLE schedule_blocks ADD CONSTRAINT fk_schedule_blocks_room_id FOREIGN KEY (room_id) REFERENCES rooms(id) ON DELETE CASCADE"
    )
    execute(
        "CREATE INDEX ix_schedule_blocks_practitioner_id ON schedule_blocks USING btree (practitioner_id)"
    )
    execute("CREATE INDEX ix_schedule_blocks_room_id ON schedule_blocks USING btree (room_id)")
    execute(
        "CREATE INDEX ix_schedule_blocks_clinic_id_last_on ON schedule_blocks USING btree (clinic_id, last_on)"
    )


def _make_on_sqlite() -> None:
    execute("""
CREATE TABLE schedule_blocks (
    id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    practitioner_id CHAR(32),
    room_id CHAR(32),
    label VARCHAR(200) NOT NULL,
    first_on DATE NOT NULL,
    last_on DATE,
    hours VARCHAR(500) NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_schedule_blocks PRIMARY KEY (id),
    CONSTRAINT ck_schedule_blocks_whose CHECK (practitioner_id IS NULL OR room_id IS NULL),
    CONSTRAINT ck_schedule_blocks_dates CHECK (first_on <= last_on),
    CONSTRAINT ck_schedule_blocks_label CHECK (label <> ''),
    CONSTRAINT fk_schedule_blocks_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE CASCADE,
    CONSTRAINT fk_schedule_blocks_practitioner_id FOREIGN KEY(practitioner_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_schedule_blocks_room_id FOREIGN KEY(room_id) REFERENCES rooms (id) ON DELETE CASCADE
)
""")
    execute("CREATE INDEX ix_schedule_blocks_practitioner_id ON schedule_blocks (practitioner_id)")
    execute("CREATE INDEX ix_schedule_blocks_room_id ON schedule_blocks (room_id)")
    execute(
        "CREATE INDEX ix_schedule_blocks_clinic_id_last_on ON schedule_blocks (clinic_id, last_on)"
    )
    execute("""
CREATE TRIGGER ck_schedule_blocks_range_insert BEFORE INSERT ON schedule_blocks
BEGIN
    SELECT RAISE(ABORT, 'ck_schedule_blocks_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_first_on_range') WHERE NEW.first_on IS NOT NULL AND NOT coalesce(typeof(NEW.first_on) = 'text' AND NEW.first_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND NEW.first_on >= '0001' AND date(NEW.first_on, '+0 days') IS NEW.first_on, 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_last_on_range') WHERE NEW.last_on IS NOT NULL AND NOT coalesce(typeof(NEW.last_on) = 'text' AND NEW.last_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND NEW.last_on >= '0001' AND date(NEW.last_on, '+0 days') IS NEW.last_on, 0);
END
""")
    execute("""
CREATE TRIGGER ck_schedule_blocks_range_update BEFORE UPDATE OF created_at, updated_at, deleted_at, first_on, last_on ON schedule_blocks
BEGIN
    SELECT RAISE(ABORT, 'ck_schedule_blocks_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_first_on_range') WHERE NEW.first_on IS NOT NULL AND NOT coalesce(typeof(NEW.first_on) = 'text' AND NEW.first_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND NEW.first_on >= '0001' AND date(NEW.first_on, '+0 days') IS NEW.first_on, 0);
    SELECT RAISE(ABORT, 'ck_schedule_blocks_last_on_range') WHERE NEW.last_on IS NOT NULL AND NOT coalesce(typeof(NEW.last_on) = 'text' AND NEW.last_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND NEW.last_on >= '0001' AND date(NEW.last_on, '+0 days') IS NEW.last_on, 0);
END
""")
