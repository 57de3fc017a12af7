"""The triggers by which no assistant and no equipment is occupied twice, on both engines.

An occupation has the times of its appointment. A person is one resource in two tables: the
practitioner of an appointment, and an assistant in an occupation. No constraint spans both, so
triggers of each look into the other.

On PostgreSQL whoever writes an assistant locks the person's row FOR UPDATE, and then looks for
appointments. Whoever writes an appointment has a KEY SHARE lock on its practitioner: on INSERT the
foreign key's trigger takes it, before this one fires, and on UPDATE this one does. So one of two waits
for the other, and finds what it wrote: a statement in READ COMMITTED sees what was committed before it.
A transaction with an older snapshot would not. So an assistant is only written in READ COMMITTED, and
is written with a new version of the person's and the appointment's rows: whoever reads these with an
older snapshot to lock or change them fails, and tries again.
"""

# ruff: noqa: S608 -- the words in these statements are our own

from collections.abc import Iterator
from typing import Final

from vetcore.database.registry import Guards
from vetcore.values.appointments import AppointmentStatus

__all__ = ["RESOURCES_BESIDE", "occupation_guards"]

RESOURCES_BESIDE: Final = ("person", "equipment")
"""What an occupation occupies; each has a constraint ``ex_occupations_<resource>``."""

_STATUSES: Final = ", ".join(f"'{status.value}'" for status in AppointmentStatus.occupying())
_FOLLOWED: Final = "occupied_from, occupied_until, status, deleted_at"
_COMPARED: Final = f"practitioner_id, squeezed_in, {_FOLLOWED}"


def occupation_guards(dialect: str) -> Guards:
    """Return the statements by the names of what they create, by the table after which they are run."""
    made = _on_sqlite() if dialect == "sqlite" else _on_postgresql()
    return {"occupations": dict(made)}


def _occupies(row: str) -> str:
    return f"{row}.status IN ({_STATUSES}) AND {row}.deleted_at IS NULL"


# SQLite -------------------------------------------------------------------------------------------

_TIMES_OF_THE_APPOINTMENT: Final = f"""
    UPDATE occupations SET (occupied_from, occupied_until, occupying) = (
        SELECT visit.occupied_from, visit.occupied_until, {_occupies("visit")}
        FROM appointments AS visit WHERE visit.id = occupations.appointment_id
    )
    WHERE id = NEW.id AND EXISTS (
        SELECT 1 FROM appointments AS visit WHERE visit.id = occupations.appointment_id
          AND (visit.occupied_from IS NOT occupations.occupied_from
            OR visit.occupied_until IS NOT occupations.occupied_until
            OR ({_occupies("visit")}) IS NOT occupations.occupying)
    );"""


def _overlaps(one: str, other: str) -> str:
    """The first two compare text with dates, for the index, with a day to spare."""
    return (
        f"{other}.occupied_from >= date({one}.occupied_from, '-2 days')\n"
        f"          AND {other}.occupied_from < date({one}.occupied_until, '+2 days')\n"
        f"          AND julianday({other}.occupied_from) < julianday({one}.occupied_until)\n"
        f"          AND julianday({one}.occupied_from) < julianday({other}.occupied_until)"
    )


def _not_twice(resource: str) -> str:
    return f"""
    SELECT RAISE(ABORT, 'ex_occupations_{resource}') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN occupations AS other
          ON other.{resource}_id = mine.{resource}_id AND other.id <> mine.id
        WHERE mine.id = NEW.id AND mine.occupying AND other.occupying
          AND {_overlaps("mine", "other")}
    );"""


_NOT_SEEING_A_PET: Final = f"""
    SELECT RAISE(ABORT, 'ex_occupations_person') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN appointments AS other
          ON other.practitioner_id = mine.person_id
        WHERE mine.id = NEW.id AND mine.occupying
          AND {_overlaps("mine", "other")}
          AND {_occupies("other")}
          AND (NOT other.squeezed_in OR other.id = mine.appointment_id)
    );"""

_NOT_ASSISTING: Final = f"""
    SELECT RAISE(ABORT, 'ex_appointments_practitioner_assists') WHERE EXISTS (
        SELECT 1 FROM occupations AS other
        WHERE other.person_id = NEW.practitioner_id AND other.occupying
          AND {_overlaps("NEW", "other")}
          AND (NOT NEW.squeezed_in OR other.appointment_id = NEW.id)
    );"""


def _on_sqlite() -> Iterator[tuple[str, str]]:
    checks = _TIMES_OF_THE_APPOINTMENT + "".join(map(_not_twice, RESOURCES_BESIDE))
    for act in ("insert", "update"):
        name = f"ex_occupations_{act}"
        yield (
            name,
            (
                f"CREATE TRIGGER {name} AFTER {act.upper()} ON occupations\n"
                f"BEGIN{checks}{_NOT_SEEING_A_PET}\nEND"
            ),
        )
    yield (
        "occupations_follow",
        (
            f"CREATE TRIGGER occupations_follow AFTER UPDATE OF {_FOLLOWED} ON appointments\n"
            "BEGIN\n    UPDATE occupations SET appointment_id = appointment_id"
            " WHERE appointment_id = NEW.id;\nEND"
        ),
    )
    for act, moment in (("insert", "INSERT"), ("update", f"UPDATE OF {_COMPARED}")):
        name = f"ex_appointments_assists_{act}"
        yield (
            name,
            (
                f"CREATE TRIGGER {name} BEFORE {moment} ON appointments\n"
                f"WHEN {_occupies('NEW')}\nBEGIN{_NOT_ASSISTING}\nEND"
            ),
        )


# PostgreSQL ---------------------------------------------------------------------------------------

_FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\n"
    "SET search_path TO 'pg_catalog', 'pg_temp' AS $function$\n{body}\n$function$"
)
_QUOTED: Final = _STATUSES.replace("'", "''")
_RANGE: Final = "tstzrange(occupied_from, occupied_until) && tstzrange({1}, {2})"
_RANGE_GIVEN: Final = _RANGE.replace("{1}", "$2").replace("{2}", "$3")

_TIMES: Final = f"""\
DECLARE
    visit record;
    taken boolean;
    told text := ' occupied_from, occupied_until,'
        ' status IN ({_QUOTED}) AND deleted_at IS NULL AS occupying';
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.appointment_id = OLD.appointment_id THEN
        EXECUTE format('SELECT' || told || ' FROM %I.appointments WHERE id = $1'
            ' FOR NO KEY UPDATE', TG_TABLE_SCHEMA) INTO visit USING NEW.appointment_id;
    ELSE
        EXECUTE format('UPDATE %I.appointments SET sequence = sequence WHERE id = $1'
            ' RETURNING' || told, TG_TABLE_SCHEMA) INTO visit USING NEW.appointment_id;
    END IF;
    IF visit.occupied_from IS NULL THEN
        RETURN NEW;
    END IF;
    NEW.occupied_from := visit.occupied_from;
    NEW.occupied_until := visit.occupied_until;
    NEW.occupying := visit.occupying;
    IF NEW.person_id IS NULL OR NOT NEW.occupying THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.occupying AND NEW.person_id = OLD.person_id
        AND NEW.appointment_id = OLD.appointment_id AND NEW.occupied_from >= OLD.occupied_from
        AND NEW.occupied_until <= OLD.occupied_until THEN
        RETURN NEW;
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'who assists is written in a READ COMMITTED transaction'
            USING ERRCODE = '23514', CONSTRAINT = 'ck_occupations_isolation',
            TABLE = 'occupations';
    END IF;
    EXECUTE format('SELECT FROM %I.users WHERE id = $1 FOR UPDATE', TG_TABLE_SCHEMA)
        USING NEW.person_id;
    EXECUTE format('UPDATE %I.users SET version = version WHERE id = $1', TG_TABLE_SCHEMA)
        USING NEW.person_id;
    EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.appointments WHERE practitioner_id = $1'
        ' AND {_RANGE_GIVEN}'
        ' AND status IN ({_QUOTED}) AND deleted_at IS NULL AND NOT squeezed_in)'
        ' OR EXISTS (SELECT FROM %1$I.appointments WHERE id = $4 AND practitioner_id = $1)',
        TG_TABLE_SCHEMA) INTO taken
        USING NEW.person_id, NEW.occupied_from, NEW.occupied_until, NEW.appointment_id;
    IF taken THEN
        RAISE EXCEPTION 'user % sees a pet from % to %, or a part of that time',
            NEW.person_id, NEW.occupied_from, NEW.occupied_until USING ERRCODE = '23P01',
            CONSTRAINT = 'ex_occupations_person', TABLE = 'occupations';
    END IF;
    RETURN NEW;
END"""

_FOLLOW: Final = """\
BEGIN
    EXECUTE format('UPDATE %I.occupations SET appointment_id = appointment_id'
        ' WHERE appointment_id = $1', TG_TABLE_SCHEMA) USING NEW.id;
    RETURN NULL;
END"""

# Every booking runs this one. So its query is prepared once, in a function that is each tenant's own
# and knows the schema; to plan it anew each time took three times as long. Where the schema was given
# another name since, it is asked the longer way.
_ASSISTING: Final = (
    "person_id = {0} AND occupying AND " + _RANGE + " AND (NOT {3} OR appointment_id = {4})"
)
_ASSISTS: Final = f"""\
DECLARE
    taken boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT FROM %I.users WHERE id = $1 FOR KEY SHARE', TG_TABLE_SCHEMA)
            USING NEW.practitioner_id;
    END IF;
    IF current_schema() = TG_TABLE_SCHEMA THEN
        taken := EXISTS (SELECT FROM occupations WHERE {
    _ASSISTING.format(
        "NEW.practitioner_id",
        "NEW.occupied_from",
        "NEW.occupied_until",
        "NEW.squeezed_in",
        "NEW.id",
    )
});
    ELSE
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.occupations WHERE {
    _ASSISTING.format("$1", "$2", "$3", "$4", "$5")
})', TG_TABLE_SCHEMA) INTO taken USING NEW.practitioner_id,
            NEW.occupied_from, NEW.occupied_until, NEW.squeezed_in, NEW.id;
    END IF;
    IF taken THEN
        RAISE EXCEPTION 'user % assists from % to %, or a part of that time',
            NEW.practitioner_id, NEW.occupied_from, NEW.occupied_until USING ERRCODE = '23P01',
            CONSTRAINT = 'ex_appointments_practitioner_assists', TABLE = 'appointments';
    END IF;
    RETURN NULL;
END"""
_OF_A_SCHEMA: Final = (
    "DO $made$ BEGIN EXECUTE format('CREATE OR REPLACE FUNCTION {name}() RETURNS trigger"
    " LANGUAGE plpgsql SECURITY DEFINER SET search_path TO %I, ''pg_temp'' AS %L',\n"
    "current_schema(), $body${body}$body$); END $made$"
)

_DIFFERS: Final = " OR ".join(
    (
        "OLD.occupied_from <> NEW.occupied_from",
        "OLD.occupied_until <> NEW.occupied_until",
        f"({_occupies('OLD')}) <> ({_occupies('NEW')})",
    )
)


def _on_postgresql() -> Iterator[tuple[str, str]]:
    for resource in RESOURCES_BESIDE:
        name = f"ex_occupations_{resource}"
        yield (
            name,
            (
                f"ALTER TABLE occupations ADD CONSTRAINT {name} EXCLUDE USING gist (\n"
                f"    {resource}_id WITH =, tstzrange(occupied_from, occupied_until) WITH &&\n"
                ") WHERE (occupying)"
            ),
        )
    yield "occupation_times", _FUNCTION.format(name="occupation_times", body=_TIMES)
    yield "occupations_follow", _FUNCTION.format(name="occupations_follow", body=_FOLLOW)
    yield "practitioner_assists", _OF_A_SCHEMA.format(name="practitioner_assists", body=_ASSISTS)
    yield (
        "occupations_write",
        (
            "CREATE TRIGGER occupations_write BEFORE INSERT OR UPDATE ON occupations\n"
            "FOR EACH ROW EXECUTE FUNCTION occupation_times()"
        ),
    )
    # Their names come after those of the foreign keys' triggers, RI_…, and so do they.
    yield (
        "occupations_follow_update",
        (
            f"CREATE TRIGGER occupations_follow_update AFTER UPDATE OF {_FOLLOWED} ON appointments\n"
            f"FOR EACH ROW WHEN ({_DIFFERS}) EXECUTE FUNCTION occupations_follow()"
        ),
    )
    yield (
        "practitioner_assists_insert",
        (
            "CREATE TRIGGER practitioner_assists_insert AFTER INSERT ON appointments\n"
            f"FOR EACH ROW WHEN ({_occupies('NEW')}) EXECUTE FUNCTION practitioner_assists()"
        ),
    )
    changed = f"OLD.practitioner_id <> NEW.practitioner_id OR OLD.squeezed_in OR {_DIFFERS}"
    yield (
        "practitioner_assists_update",
        (
            f"CREATE TRIGGER practitioner_assists_update AFTER UPDATE OF {_COMPARED} ON appointments\n"
            f"FOR EACH ROW WHEN ({_occupies('NEW')} AND ({changed}))\n"
            "EXECUTE FUNCTION practitioner_assists()"
        ),
    )
