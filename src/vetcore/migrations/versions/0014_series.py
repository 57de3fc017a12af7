"""Keep what was agreed for a series of appointments, and each one's place in it."""

from vetcore.migrations import op
from vetcore.migrations.steps import execute, is_postgresql, rebuild

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMN = (
    "ALTER TABLE appointments ADD COLUMN series_place INTEGER"
    " CONSTRAINT ck_appointments_series_place CHECK (series_place > 0)"
)
_KEY = (
    "CONSTRAINT fk_appointments_series_id FOREIGN KEY(series_id)"
    " REFERENCES appointment_series (id) ON DELETE SET NULL"
)


def upgrade() -> None:
    """Make the table, and fill it: what was agreed by which rule is not known of earlier series."""
    if is_postgresql():
        _make_on_postgresql()
    else:
        _make_on_sqlite()
    # In one piece, so that SQLite keeps the table, and the triggers on it.
    execute(_COLUMN)
    execute(
        "INSERT INTO appointment_series (id, clinic_id, pet_id, first_wall_time,"
        " created_at, created_by_id, updated_at, updated_by_id)"
        " SELECT series_id, clinic_id, pet_id, wall_time,"
        " created_at, created_by_id, created_at, created_by_id"
        " FROM (SELECT *, row_number() OVER (PARTITION BY series_id ORDER BY starts_at, id) AS nth"
        " FROM appointments WHERE series_id IS NOT NULL) AS several WHERE nth = 1",
        "UPDATE appointments SET series_place = (SELECT count(*) FROM appointments AS other"
        " WHERE other.series_id = appointments.series_id"
        " AND (other.starts_at, other.id) <= (appointments.starts_at, appointments.id))"
        " WHERE series_id IS NOT NULL",
    )
    if is_postgresql():
        execute(f"ALTER TABLE appointments ADD {_KEY}")
    else:
        table = _sqlite_table().rstrip()
        rebuild("appointments", f"{table.removesuffix(')')}, {_KEY})")


def _sqlite_table() -> str:
    """The statement that makes the table of appointments as it is."""
    found = op.get_bind().exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'appointments'"
    )
    return str(found.scalar_one())


def _make_on_postgresql() -> None:
    execute("""
CREATE TABLE appointment_series (
    id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    pet_id uuid NOT NULL,
    follows_id uuid,
    rule character varying(4096),
    first_wall_time character varying(100),
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id uuid,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id uuid,
    deleted_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL
)
""")
    execute("ALTER TABLE appointment_series ADD CONSTRAINT pk_appointment_series PRIMARY KEY (id)")
    execute(
        "ALTER TABLE appointment_series ADD CONSTRAINT ck_appointment_series_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))"
    )
    execute(
        "ALTER TABLE appointment_series ADD CONSTRAINT ck_appointment_series_updated_at_range CHECK ((((updated_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (updated_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(updated_at))))"
    )
    execute(
        "ALTER TABLE appointment_series ADD CONSTRAINT ck_appointment_series_deleted_at_range CHECK ((((deleted_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (deleted_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(deleted_at))))"
    )
    execute(
        "ALTER TABLE appointment_series ADD CONSTRAINT fk_appointment_series_clinic_id FOREIGN KEY (clinic_id) REFERENCES clinics(id) ON DELETE RESTRICT"
    )
    execute(
        "ALTER TABLE appointment_series ADD CONSTRAINT fk_appointment_series_pet_id FOREIGN KEY (pet_id) REFERENCES pets(id) ON DELETE RESTRICT"
    )
    execute(
        "ALTER TABLE appointment_series ADD CONSTRAINT fk_appointment_series_follows_id FOREIGN KEY (follows_id) REFERENCES appointment_series(id) ON DELETE SET NULL"
    )
    execute(
        "CREATE INDEX ix_appointment_series_clinic_id ON appointment_series USING btree (clinic_id)"
    )
    execute(
        "CREATE INDEX ix_appointment_series_follows_id ON appointment_series USING btree (follows_id)"
    )
    execute("CREATE INDEX ix_appointment_series_pet_id ON appointment_series USING btree (pet_id)")


def _make_on_sqlite() -> None:
    execute("""
CREATE TABLE appointment_series (
    id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    follows_id CHAR(32),
    rule VARCHAR(4096),
    first_wall_time VARCHAR(100),
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_appointment_series PRIMARY KEY (id),
    CONSTRAINT fk_appointment_series_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointment_series_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE RESTRICT,
    CONSTRAINT fk_appointment_series_follows_id FOREIGN KEY(follows_id) REFERENCES appointment_series (id) ON DELETE SET NULL
)
""")
    execute("CREATE INDEX ix_appointment_series_clinic_id ON appointment_series (clinic_id)")
    execute("CREATE INDEX ix_appointment_series_follows_id ON appointment_series (follows_id)")
    execute("CREATE INDEX ix_appointment_series_pet_id ON appointment_series (pet_id)")
    execute("""
CREATE TRIGGER ck_appointment_series_range_insert BEFORE INSERT ON appointment_series
BEGIN
    SELECT RAISE(ABORT, 'ck_appointment_series_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointment_series_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointment_series_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_appointment_series_range_update BEFORE UPDATE OF created_at, updated_at, deleted_at ON appointment_series
BEGIN
    SELECT RAISE(ABORT, 'ck_appointment_series_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointment_series_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_appointment_series_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")


def downgrade() -> None:
    """Take the change back."""
    if is_postgresql():
        execute("ALTER TABLE appointments DROP CONSTRAINT fk_appointments_series_id")
    else:
        rebuild("appointments", _sqlite_table().replace(f", {_KEY}", ""))
    execute("ALTER TABLE appointments DROP COLUMN series_place", "DROP TABLE appointment_series")
