"""The triggers of both engines that give the parts of a clinic's timetable new versions.

A part is what a clinic itself has (hours, rooms, equipment, who works there), or what a person brings along
(licence, time off) to every clinic where they work. The triggers fire after each statement on
PostgreSQL, and after each row on SQLite. They wait for nobody and make nobody wait: two transactions
that change one clinic at once each add a version, and whoever changes it next removes both. So the
versions that a snapshot sees stand for the changes that it sees, at any isolation level.
"""

# ruff: noqa: S608 -- the words in these statements are our own

from collections.abc import Iterator, Mapping
from typing import Final

from vetcore.database.registry import Guards

__all__ = ["WATCHED", "timetable_guards"]

WATCHED: Final[Mapping[str, tuple[str, ...]]] = {
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
    "schedule_blocks": (
        "clinic_id",
        "practitioner_id",
        "room_id",
        "label",
        "first_on",
        "last_on",
        "hours",
        "deleted_at",
    ),
    "equipment": ("clinic_id", "name", "kind", "deleted_at"),
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
    "time_off": ("practitioner_id", "starts_at", "ends_at", "deleted_at"),
}
"""By table: the column with the clinic or person, and the others of which a timetable is made.

Appointments are no part of it: the constraints judge what is busy.
"""

_KEPT_BY: Final = frozenset({"clinics", "users"})
"""The tables whose rows the versions are of. They go with these."""


def timetable_guards(dialect: str) -> Guards:
    """Return the statements by the names of what they create, by the table after which they are run."""
    made = _on_sqlite() if dialect == "sqlite" else _on_postgresql()
    return {"timetable_versions": dict(made)}


def _acts(table: str) -> tuple[str, ...]:
    # Nobody works anywhere before their account is there.
    return ("update", "delete") if table == "users" else ("insert", "update", "delete")


# SQLite -------------------------------------------------------------------------------------------


def _on_sqlite() -> Iterator[tuple[str, str]]:
    for table, columns in WATCHED.items():
        for act in _acts(table):
            name = f"timetable_{table}_{act}"
            moment, when = act.upper(), ""
            if act == "update":
                moment = f"UPDATE OF {', '.join(columns)}"
                differs = " OR ".join(f"NEW.{each} IS NOT OLD.{each}" for each in columns)
                when = f"WHEN {differs}\n"
            yield (
                name,
                f"CREATE TRIGGER {name} AFTER {moment} ON {table}\n{when}BEGIN\n"
                + "".join(f"    {each};\n" for each in _renewal(table, columns[0], act))
                + "END",
            )


def _renewal(table: str, key: str, act: str) -> Iterator[str]:
    rows = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}[act]
    subjects = ", ".join(f"{row}.{key}" for row in rows)
    yield f"DELETE FROM timetable_versions WHERE subject_id IN ({subjects})"
    if act != "delete" or table not in _KEPT_BY:
        each = " UNION ".join(f"SELECT {row}.{key} AS id" for row in rows)
        yield (
            "INSERT INTO timetable_versions (subject_id, version)\n"
            f"    SELECT id, lower(hex(randomblob(16))) FROM ({each})"
        )


# PostgreSQL ---------------------------------------------------------------------------------------

# A trigger hands over the columns of its table that matter, the first of them with the subject. The
# versions of before are removed where nobody else is about to, and where the snapshot is new, so that
# they are still there.
_CHANGED: Final = """\
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

_ROWS: Final = {
    "insert": "REFERENCING NEW TABLE AS new_rows\n",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows\n",
    "delete": "REFERENCING OLD TABLE AS old_rows\n",
    "truncate": "",
}


def _on_postgresql() -> Iterator[tuple[str, str]]:
    yield "timetable_changed", _CHANGED
    for table, columns in WATCHED.items():
        given = ", ".join(f"'{each}'" for each in columns)
        for act in (*_acts(table), "truncate"):
            name = f"timetable_{table}_{act}"
            yield (
                name,
                (
                    f"CREATE TRIGGER {name} AFTER {act.upper()} ON {table}\n{_ROWS[act]}"
                    f"FOR EACH STATEMENT EXECUTE FUNCTION timetable_changed({given})"
                ),
            )
