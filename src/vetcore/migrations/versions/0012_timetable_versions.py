"""Give the parts of each clinic's timetable versions, which triggers write."""

from vetcore.migrations.steps import execute, is_postgresql
from vetcore.migrations.timetables import unwatch, watch

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WATCHED = {
    "clinics": (
        "id",
        "status",
        "timezone",
        "opening_hours",
        "address",
        "subdivision",
        "services",
        "booking_policy",
        "species_treated",
        "accepts_new_patients",
        "deleted_at",
    ),
    "clinic_closures": ("clinic_id", "first_on", "last_on", "opening_hours", "deleted_at"),
    "rooms": ("clinic_id", "name", "kind", "deleted_at"),
    "staff_memberships": (
        "clinic_id",
        "user_id",
        "role",
        "starts_on",
        "ends_on",
        "working_hours",
        "deleted_at",
    ),
    "users": ("id", "deleted_at"),
    "veterinarians": (
        "user_id",
        "license_status",
        "license_expires_on",
        "specializations",
        "species_treated",
        "accepts_new_patients",
        "deleted_at",
    ),
    "time_off": ("veterinarian_id", "starts_at", "ends_at", "deleted_at"),
}

_CHANGED = """\
CREATE OR REPLACE FUNCTION timetable_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp' AS $function$
DECLARE
    touched text;
    subjects uuid[];
    gone boolean := TG_OP = 'DELETE' AND TG_ARGV[0] = 'id';
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT array_agg(id) FROM %I.clinics', TG_TABLE_SCHEMA) INTO subjects;
    ELSE
        IF TG_OP = 'UPDATE' THEN
            SELECT format('(SELECT unnest(ARRAY[o.%1$I, n.%1$I]) AS %1$I'
                ' FROM old_rows o FULL JOIN new_rows n USING (id) WHERE %2$s) both_rows', TG_ARGV[0],
                string_agg(format('o.%1$I IS DISTINCT FROM n.%1$I', each), ' OR '))
                INTO touched FROM unnest(TG_ARGV) each;
        ELSE
            touched := CASE TG_OP WHEN 'INSERT' THEN 'new_rows' ELSE 'old_rows' END;
        END IF;
        EXECUTE format('SELECT array_agg(DISTINCT %1$I) FROM %2$s WHERE %1$I IS NOT NULL',
            TG_ARGV[0], touched) INTO subjects;
    END IF;
    IF subjects IS NULL THEN
        RETURN NULL;
    END IF;
    IF gone OR current_setting('transaction_isolation') = 'read committed' THEN
        EXECUTE format('DELETE FROM %1$I.timetable_versions WHERE (subject_id, version) IN'
            ' (SELECT subject_id, version FROM %1$I.timetable_versions'
            ' WHERE subject_id = ANY ($1) FOR UPDATE SKIP LOCKED)', TG_TABLE_SCHEMA) USING subjects;
    END IF;
    IF NOT gone THEN
        EXECUTE format('INSERT INTO %I.timetable_versions (subject_id, version)'
            ' SELECT each, gen_random_uuid() FROM unnest($1) each', TG_TABLE_SCHEMA) USING subjects;
    END IF;
    RETURN NULL;
END
$function$"""


def upgrade() -> None:
    """Make the table with a version of each clinic, and the triggers."""
    if is_postgresql():
        execute(
            "CREATE TABLE timetable_versions (subject_id uuid NOT NULL, version uuid NOT NULL)",
            "ALTER TABLE timetable_versions"
            " ADD CONSTRAINT pk_timetable_versions PRIMARY KEY (subject_id, version)",
            "INSERT INTO timetable_versions SELECT id, gen_random_uuid() FROM clinics",
            _CHANGED,
        )
    else:
        execute(
            """
CREATE TABLE timetable_versions (
    subject_id CHAR(32) NOT NULL,
    version CHAR(32) NOT NULL,
    CONSTRAINT pk_timetable_versions PRIMARY KEY (subject_id, version)
)
""",
            "INSERT INTO timetable_versions SELECT id, lower(hex(randomblob(16))) FROM clinics",
        )
    for table, columns in _WATCHED.items():
        watch(table, columns)


def downgrade() -> None:
    """Take the change back."""
    for table in _WATCHED:
        unwatch(table)
    if is_postgresql():
        execute("DROP FUNCTION timetable_changed()")
    execute("DROP TABLE timetable_versions")
