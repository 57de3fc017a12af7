"""The lock on what is signed: triggers of both engines, which say the same.

Of a signed record nothing changes but its audit stamps and, when two pets become one, the pet that it
is of. An addendum stays as it is. Both come with a seal that names their signature. A release that
is open in the transaction lets writes pass and keeps what they touched; what keeps the books stays
under a release as well.
"""

# ruff: noqa: S608 -- the words in these statements are our own

from collections.abc import Iterator
from typing import Final

from vetcore.database.registry import Guards

__all__ = ["FREE", "locks"]

FREE: Final = ("version", "updated_at", "updated_by_id")
"""What may change of a signed record: who reads the row last knows when it was written."""
_MOVED: Final = ("pet_id", "signed_pet_id")

_BOOKS: Final = ("record_seals", "record_release_ends", "record_releases", "released_rows")
_KEYS: Final = {
    "record_seals": ("clinic_id", "number"),
    "record_release_ends": ("release_id",),
    "record_releases": ("id",),
    "released_rows": ("release_id", "record_id", "addendum", "act"),
}


def locks(dialect: str, columns: tuple[str, ...]) -> Guards:
    """Return the statements of the guards by their names, by the table after which they are created.

    Args:
        dialect: the name of the engine's.
        columns: those of a medical record.
    """
    if dialect == "sqlite":
        return {
            "medical_records": dict(_sqlite_records(columns)),
            "record_addenda": dict(_sqlite_addenda()),
            **{table: dict(_sqlite_books(table)) for table in _BOOKS},
        }
    return {
        "medical_records": _POSTGRESQL_RECORDS,
        "record_addenda": _POSTGRESQL_ADDENDA,
        **{table: dict(_postgresql_books(table)) for table in _BOOKS},
    }


# SQLite -----------------------------------------------------------------------------------------

_OPEN: Final = (
    "record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended"
    " WHERE ended.release_id = opened.id)"
)
_IS_OPEN: Final = f"EXISTS (SELECT 1 FROM {_OPEN})"


def _locked(record_id: str) -> str:
    """Refuse, and name the record; what RAISE says alone, had the path been one after all."""
    told = f"json_extract('{{}}', 'record_locked:' || {record_id})"
    return f"CASE WHEN {told} IS NULL THEN RAISE(ABORT, 'record_locked') END"


def _kept(  # noqa: PLR0913, PLR0917 -- the columns, in their order
    record_id: str, addendum: str, act: str, clinic: str, signature: str, when: str
) -> str:
    """Note what is touched under the release that is open."""
    return (
        "    INSERT INTO released_rows (release_id, record_id, addendum, act, clinic_id, signature)\n"
        f"    SELECT opened.id, {record_id}, {addendum}, '{act}', {clinic}, coalesce({signature}, '')\n"
        f"    FROM {_OPEN} AND {when}\n"
        "    AND NOT EXISTS (SELECT 1 FROM released_rows AS noted WHERE noted.release_id = opened.id\n"
        f"        AND noted.record_id = {record_id} AND noted.addendum = {addendum}"
        f" AND noted.act = '{act}');"
    )


def _sqlite_records(columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    same = " AND ".join(
        f"NEW.{each} IS OLD.{each}" for each in columns if each not in (*FREE, *_MOVED)
    )
    still = " AND ".join(f"NEW.{each} IS OLD.{each}" for each in _MOVED)
    moved = (
        "NEW.signed_pet_id IS coalesce(OLD.signed_pet_id, OLD.pet_id) AND NEW.pet_id ="
        " (SELECT seal.pet_id FROM record_seals AS seal WHERE seal.record_id = OLD.id"
        " AND seal.kind = 'move' AND seal.clinic_id = OLD.clinic_id"
        " ORDER BY seal.number DESC LIMIT 1)"
    )
    touched = f"OLD.signed_at IS NOT NULL AND NOT ({same} AND ({still} OR coalesce({moved}, 0)))"
    sealed = (
        "EXISTS (SELECT 1 FROM record_seals AS seal WHERE seal.record_id = NEW.id"
        " AND seal.kind = 'record' AND seal.clinic_id = NEW.clinic_id"
        " AND seal.signed = NEW.signature)"
    )
    # REPLACE removes rows without a word to their triggers.
    taken = (
        "(other.id = NEW.id OR other.rowid = NEW.rowid OR (other.appointment_id = NEW.appointment_id"
        " AND other.deleted_at IS NULL AND NEW.deleted_at IS NULL))"
    )
    crowded = (
        f"    SELECT {_locked('other.id')} FROM medical_records AS other\n"
        f"    WHERE other.signed_at IS NOT NULL AND {taken}"
    )
    unsealed = (
        "    SELECT RAISE(ABORT, 'ck_medical_records_sealed')\n"
        f"    WHERE NEW.signed_at IS NOT NULL AND NOT {sealed} AND NOT {_IS_OPEN}"
    )
    yield (
        "record_lock_insert",
        (
            "CREATE TRIGGER record_lock_insert BEFORE INSERT ON medical_records\nBEGIN\n"
            f"{crowded};\n{unsealed};\nEND"
        ),
    )
    yield (
        "record_lock_update",
        "CREATE TRIGGER record_lock_update BEFORE UPDATE ON medical_records\nBEGIN\n"
        f"    SELECT {_locked('OLD.id')}\n    WHERE {touched} AND NOT {_IS_OPEN};\n"
        + _kept("OLD.id", "0", "update", "OLD.clinic_id", "OLD.signature", touched)
        + f"\n{crowded} AND other.id <> OLD.id;\n{unsealed} AND OLD.signed_at IS NULL;\nEND",
    )
    yield (
        "record_lock_delete",
        "CREATE TRIGGER record_lock_delete BEFORE DELETE ON medical_records\n"
        "WHEN OLD.signed_at IS NOT NULL\nBEGIN\n"
        f"    SELECT {_locked('OLD.id')} WHERE NOT {_IS_OPEN};\n"
        + _kept("OLD.id", "0", "delete", "OLD.clinic_id", "OLD.signature", "1")
        + "\nEND",
    )


def _sqlite_addenda() -> Iterator[tuple[str, str]]:
    record = "(SELECT clinic_id FROM medical_records WHERE id = OLD.record_id)"
    last = (
        "(SELECT coalesce(max(other.number), 0) FROM record_addenda AS other"
        " WHERE other.record_id = NEW.record_id)"
    )
    sealed = (
        "EXISTS (SELECT 1 FROM record_seals AS seal JOIN medical_records AS record"
        " ON record.id = seal.record_id AND record.clinic_id = seal.clinic_id"
        " WHERE record.id = NEW.record_id AND record.signed_at IS NOT NULL"
        " AND seal.kind = 'addendum' AND seal.addendum = NEW.number AND seal.signed = NEW.signature)"
    )
    yield (
        "record_addenda_insert",
        (
            "CREATE TRIGGER record_addenda_insert BEFORE INSERT ON record_addenda\nBEGIN\n"
            f"    SELECT {_locked('other.record_id')} FROM record_addenda AS other\n"
            "    WHERE other.rowid = NEW.rowid\n"
            "    OR (other.record_id = NEW.record_id AND other.number = NEW.number);\n"
            "    SELECT RAISE(ABORT, 'ck_record_addenda_sealed')\n"
            f"    WHERE NEW.number <> {last} + 1 OR (NOT {sealed} AND NOT {_IS_OPEN});\nEND"
        ),
    )
    for act in ("update", "delete"):
        name = f"record_addenda_{act}"
        crowded = (
            "\n    SELECT RAISE(ABORT, 'ck_record_addenda_sealed')\n"
            "    WHERE NEW.record_id IS NOT OLD.record_id OR NEW.number IS NOT OLD.number\n"
            "    OR NEW.rowid IS NOT OLD.rowid;"
        )
        yield (
            name,
            f"CREATE TRIGGER {name} BEFORE {act.upper()} ON record_addenda\nBEGIN\n"
            f"    SELECT {_locked('OLD.record_id')} WHERE NOT {_IS_OPEN};\n"
            + _kept("OLD.record_id", "OLD.number", act, record, "OLD.signature", "1")
            + (crowded if act == "update" else "")
            + "\nEND",
        )


def _sqlite_books(table: str) -> Iterator[tuple[str, str]]:
    refusal = f"SELECT RAISE(ABORT, 'ck_{table}_kept')"
    same = " AND ".join(f"other.{key} = NEW.{key}" for key in _KEYS[table])
    follows = (
        f"\n    {refusal} WHERE NEW.number <> 1 + (SELECT coalesce(max(other.number), 0)"
        " FROM record_seals AS other WHERE other.clinic_id = NEW.clinic_id);"
        if table == "record_seals"
        else ""
    )
    yield (
        f"{table}_insert",
        (
            f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table}\nBEGIN\n"
            f"    {refusal} FROM {table} AS other\n"
            f"    WHERE other.rowid = NEW.rowid OR ({same});{follows}\nEND"
        ),
    )
    for act in ("update", "delete"):
        yield (
            f"{table}_{act}",
            (
                f"CREATE TRIGGER {table}_{act} BEFORE {act.upper()} ON {table}\n"
                f"BEGIN\n    {refusal};\nEND"
            ),
        )


# PostgreSQL -------------------------------------------------------------------------------------

# Tables are named with the schema of the trigger's own: a temporary one must not stand in for them.
# The functions are the owner's, so that whoever writes need not be allowed to read the books.
_FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\n"
    "SET search_path TO 'pg_catalog', 'pg_temp' AS $function$\n{body}\n$function$"
)
_FIND_RELEASE: Final = """\
    EXECUTE format('SELECT r.id FROM %1$I.record_releases r WHERE NOT EXISTS (SELECT FROM'
        ' %1$I.record_release_ends e WHERE e.release_id = r.id) LIMIT 1', TG_TABLE_SCHEMA)
        INTO release;"""
_KEEP: Final = """\
    EXECUTE format('INSERT INTO %I.released_rows'
        ' (release_id, record_id, addendum, act, clinic_id, signature)'
        ' VALUES ($1, $2, $3, $4, $5, coalesce($6, '''')) ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA)
        USING release, {record}, {addendum}, lower(TG_OP), {clinic}, OLD.signature;"""
_RAISE: Final = """\
        RAISE EXCEPTION 'medical record % is signed', {record} USING ERRCODE = '23514',
            CONSTRAINT = 'record_locked', TABLE = '{table}', DETAIL = {record}::text;"""
_ASIDE: Final = "ARRAY[" + ", ".join(f"'{each}'" for each in FREE) + "]"

_RECORD_LOCK: Final = f"""\
DECLARE
    release uuid;
    sealed boolean;
    moved_to uuid;
BEGIN
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND OLD.signed_at IS NULL) THEN
        IF NEW.signed_at IS NULL THEN
            RETURN NEW;
        END IF;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.record_seals WHERE record_id = $1'
            ' AND kind = ''record'' AND clinic_id = $2 AND signed = $3)', TG_TABLE_SCHEMA)
            INTO sealed USING NEW.id, NEW.clinic_id, NEW.signature;
    {_FIND_RELEASE}
        IF NOT sealed AND release IS NULL THEN
            RAISE EXCEPTION 'medical record % has a signature without a seal', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'ck_medical_records_sealed',
                TABLE = 'medical_records';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.signed_at IS NULL THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - {_ASIDE} = to_jsonb(OLD) - {_ASIDE} THEN
            RETURN NEW;
        END IF;
        EXECUTE format('SELECT pet_id FROM %I.record_seals WHERE record_id = $1'
            ' AND kind = ''move'' AND clinic_id = $2 ORDER BY number DESC LIMIT 1', TG_TABLE_SCHEMA)
            INTO moved_to USING OLD.id, OLD.clinic_id;
        IF NEW.pet_id = moved_to
            AND NEW.signed_pet_id = coalesce(OLD.signed_pet_id, OLD.pet_id)
            AND to_jsonb(NEW) - {_ASIDE} - '{{pet_id,signed_pet_id}}'::text[]
              = to_jsonb(OLD) - {_ASIDE} - '{{pet_id,signed_pet_id}}'::text[] THEN
            RETURN NEW;
        END IF;
    END IF;
{_FIND_RELEASE}
    IF release IS NULL THEN
{_RAISE.format(record="OLD.id", table="medical_records")}
    END IF;
{_KEEP.format(record="OLD.id", addendum="0", clinic="OLD.clinic_id")}
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END"""

_RECORD_ADDENDA: Final = f"""\
DECLARE
    release uuid;
    sealed boolean;
    last integer;
    clinic uuid;
BEGIN
{_FIND_RELEASE}
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT coalesce(max(number), 0) FROM %I.record_addenda WHERE record_id = $1',
            TG_TABLE_SCHEMA) INTO last USING NEW.record_id;
        EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.record_seals s JOIN %1$I.medical_records m'
            ' ON m.id = s.record_id AND m.clinic_id = s.clinic_id WHERE m.id = $1'
            ' AND m.signed_at IS NOT NULL AND s.kind = ''addendum'' AND s.addendum = $2'
            ' AND s.signed = $3)', TG_TABLE_SCHEMA)
            INTO sealed USING NEW.record_id, NEW.number, NEW.signature;
        IF NEW.number <> last + 1 OR (NOT sealed AND release IS NULL) THEN
            RAISE EXCEPTION 'addendum % of medical record % is not the next, or has no seal',
                NEW.number, NEW.record_id USING ERRCODE = '23514',
                CONSTRAINT = 'ck_record_addenda_sealed', TABLE = 'record_addenda';
        END IF;
        RETURN NEW;
    END IF;
    IF release IS NULL THEN
{_RAISE.format(record="OLD.record_id", table="record_addenda")}
    END IF;
    EXECUTE format('SELECT clinic_id FROM %I.medical_records WHERE id = $1', TG_TABLE_SCHEMA)
        INTO clinic USING OLD.record_id;
{_KEEP.format(record="OLD.record_id", addendum="OLD.number", clinic="clinic")}
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END"""

_RECORD_TRUNCATE: Final = f"""\
DECLARE
    release uuid;
    one uuid;
BEGIN
    EXECUTE format('SELECT id FROM %I.medical_records WHERE signed_at IS NOT NULL LIMIT 1',
        TG_TABLE_SCHEMA) INTO one;
    IF one IS NULL THEN
        RETURN NULL;
    END IF;
{_FIND_RELEASE}
    IF release IS NULL THEN
{_RAISE.format(record="one", table="medical_records")}
    END IF;
    EXECUTE format('INSERT INTO %1$I.released_rows'
        ' (release_id, record_id, addendum, act, clinic_id, signature)'
        ' SELECT $1, id, 0, ''delete'', clinic_id, coalesce(signature, '''')'
        ' FROM %1$I.medical_records WHERE signed_at IS NOT NULL AND $2 UNION ALL'
        ' SELECT $1, a.record_id, a.number, ''delete'', m.clinic_id, a.signature'
        ' FROM %1$I.record_addenda a JOIN %1$I.medical_records m ON m.id = a.record_id'
        ' ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA) USING release, TG_TABLE_NAME = 'medical_records';
    RETURN NULL;
END"""

_BOOKS_FUNCTION: Final = """\
DECLARE
    last integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT coalesce(max(number), 0) FROM %I.record_seals WHERE clinic_id = $1',
            TG_TABLE_SCHEMA) INTO last USING NEW.clinic_id;
        IF NEW.number = last + 1 THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %I.%I LIMIT 1) one', TG_TABLE_SCHEMA,
            TG_TABLE_NAME) INTO last;
        IF last = 0 THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'the books of what was signed are only added to' USING ERRCODE = '23514',
        CONSTRAINT = 'ck_' || TG_ARGV[0] || '_kept', TABLE = TG_ARGV[0];
END"""


def _trigger(name: str, moment: str, table: str, function: str, each: str = "ROW") -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {moment} ON {table}\n"
        f"FOR EACH {each} EXECUTE FUNCTION {function}"
    )


_POSTGRESQL_RECORDS: Final = {
    "record_lock": _FUNCTION.format(name="record_lock", body=_RECORD_LOCK),
    "record_truncate": _FUNCTION.format(name="record_truncate", body=_RECORD_TRUNCATE),
    "record_lock_write": _trigger(
        "record_lock_write", "INSERT OR UPDATE OR DELETE", "medical_records", "record_lock()"
    ),
    "record_lock_truncate": _trigger(
        "record_lock_truncate", "TRUNCATE", "medical_records", "record_truncate()", "STATEMENT"
    ),
}
_POSTGRESQL_ADDENDA: Final = {
    "record_addendum_lock": _FUNCTION.format(name="record_addendum_lock", body=_RECORD_ADDENDA),
    "record_addenda_write": _trigger(
        "record_addenda_write",
        "INSERT OR UPDATE OR DELETE",
        "record_addenda",
        "record_addendum_lock()",
    ),
    "record_addenda_truncate": _trigger(
        "record_addenda_truncate", "TRUNCATE", "record_addenda", "record_truncate()", "STATEMENT"
    ),
}


def _postgresql_books(table: str) -> Iterator[tuple[str, str]]:
    function = f"record_books('{table}')"
    # Each brings it along, since nothing says which table is made first.
    if table in {"record_seals", "record_release_ends", "released_rows"}:
        yield "record_books", _FUNCTION.format(name="record_books", body=_BOOKS_FUNCTION)
    written = "UPDATE OR DELETE"
    if table == "record_seals":
        written = f"INSERT OR {written}"
    yield f"{table}_write", _trigger(f"{table}_write", written, table, function)
    yield (
        f"{table}_truncate",
        _trigger(f"{table}_truncate", "TRUNCATE", table, function, "STATEMENT"),
    )
