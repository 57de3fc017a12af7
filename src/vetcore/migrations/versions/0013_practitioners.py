"""Let whoever performs a service be booked for it, and let clinics name their own services."""

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.steps import execute, is_postgresql, rebuild
from vetcore.migrations.timetables import unwatch, watch

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = (
    "'wellness_exam', 'sick_visit', 'follow_up', 'vaccination', 'microchipping',"
    " 'dental_cleaning', 'surgery', 'spay_neuter', 'diagnostic_imaging', 'laboratory',"
    " 'emergency', 'grooming', 'behavior_consultation', 'telehealth', 'euthanasia'"
)
_OWN = f"service NOT IN ({_KINDS})"
_WAITING = "status IN ('waiting', 'offered')"
_OCCUPYING = "'held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed'"
_ROLES = (
    "'pet_owner', 'receptionist', 'veterinary_technician'{}, 'veterinarian', 'clinic_manager',"
    " 'platform_admin'"
)
_BEFORE, _AFTER = _ROLES.format(""), _ROLES.format(", 'groomer'")
_TABLES_OF_ROLES = ("users", "staff_memberships")

# The person of a veterinarian, and the veterinarian of a person: the present one before a deleted one.
_PERSON = "(SELECT user_id FROM veterinarians WHERE id = practitioner_id)"
_VETERINARIAN = (
    "(SELECT id FROM veterinarians WHERE user_id = veterinarian_id"
    " ORDER BY deleted_at IS NOT NULL, created_at DESC LIMIT 1)"
)


def upgrade() -> None:
    """Name the people of appointments and absences by their user. Each service keeps its code."""
    _drop_guards("veterinarian")
    for table in ("appointments", "time_off"):
        _drop_key(table, "veterinarian_id")
        execute(
            f"ALTER TABLE {table} RENAME COLUMN veterinarian_id TO practitioner_id",
            f"UPDATE {table} SET practitioner_id = {_PERSON}",  # noqa: S608 -- our own words
        )
    _rename_key("waitlist_entries", "performer_id", "practitioner_id")
    execute("ALTER TABLE appointments ADD COLUMN service_kind VARCHAR(32)")
    execute("UPDATE appointments SET service_kind = service")
    _with_codes()
    _key("appointments", "practitioner_id", "users", "RESTRICT")
    _key("time_off", "practitioner_id", "users", "CASCADE")
    _roles(_BEFORE, _AFTER)
    _make_guards("practitioner")


def downgrade() -> None:
    """Name the veterinarians again. A service of a clinic's own becomes one of its kind."""
    _refuse_others()
    _drop_guards("practitioner")
    execute(
        "UPDATE appointments SET service = service_kind",
        f"UPDATE waitlist_entries SET status = 'withdrawn' WHERE {_WAITING} AND {_OWN}",  # noqa: S608 -- our own words
        f"UPDATE waitlist_entries SET service = 'wellness_exam' WHERE {_OWN}",  # noqa: S608 -- our own words
        "UPDATE users SET role = 'veterinary_technician' WHERE role = 'groomer'",
        "UPDATE staff_memberships SET role = 'veterinary_technician' WHERE role = 'groomer'",
    )
    for table in ("appointments", "time_off"):
        _drop_key(table, "practitioner_id")
        execute(
            f"ALTER TABLE {table} RENAME COLUMN practitioner_id TO veterinarian_id",
            f"UPDATE {table} SET veterinarian_id = {_VETERINARIAN}",  # noqa: S608 -- our own words
        )
    _rename_key("waitlist_entries", "practitioner_id", "performer_id")
    _without_codes()
    _key("appointments", "veterinarian_id", "veterinarians", "RESTRICT")
    _key("time_off", "veterinarian_id", "veterinarians", "CASCADE")
    _roles(_AFTER, _BEFORE)
    _make_guards("veterinarian")


def _refuse_others() -> None:
    """Refuse to go back while somebody who is no veterinarian has appointments or absences."""
    for table in ("appointments", "time_off"):
        count = op.get_bind().scalar(
            sa.text(
                f"SELECT count(*) FROM {table} WHERE practitioner_id NOT IN"  # noqa: S608 -- our own words
                " (SELECT user_id FROM veterinarians)"
            )
        )
        if count:
            message = (
                f"{count} rows of {table} are of people who are no veterinarians, and the earlier "
                "model has no place for them: delete those rows first"
            )
            raise RuntimeError(message)


def _with_codes() -> None:
    """Take any code for a service, and one of the kinds beside it."""
    if is_postgresql():
        for table in ("appointments", "waitlist_entries"):
            execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_service")
            _lengthen(table, 64)
        execute(
            "ALTER TABLE appointments ALTER COLUMN service_kind SET NOT NULL",
            "ALTER TABLE appointments ADD CONSTRAINT ck_appointments_service_kind"
            f" CHECK (service_kind IN ({_KINDS}))",
        )
        return
    for table in ("appointments", "waitlist_entries"):
        wanted = _replaced(_created(table), "service VARCHAR(32)", "service VARCHAR(64)")
        wanted = _replaced(wanted, f"CONSTRAINT ck_{table}_service CHECK (service IN ({_KINDS})), ")
        if table == "appointments":
            wanted = _replaced(wanted, ", service_kind VARCHAR(32)")
            wanted = _replaced(
                wanted,
                "service VARCHAR(64) NOT NULL, ",
                "service VARCHAR(64) NOT NULL, service_kind VARCHAR(32) NOT NULL, ",
            )
            wanted = _replaced(
                wanted,
                "CONSTRAINT ck_appointments_status ",
                f"CONSTRAINT ck_appointments_service_kind CHECK (service_kind IN ({_KINDS})),"
                " CONSTRAINT ck_appointments_status ",
            )
        rebuild(table, wanted)


def _without_codes() -> None:
    """Take only the kinds as services."""
    if is_postgresql():
        execute("ALTER TABLE appointments DROP COLUMN service_kind")
        for table in ("appointments", "waitlist_entries"):
            _lengthen(table, 32)
            execute(
                f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_service"
                f" CHECK (service IN ({_KINDS}))"
            )
        return
    for table in ("appointments", "waitlist_entries"):
        first = "times" if table == "waitlist_entries" else "status"
        wanted = _replaced(_created(table), "service VARCHAR(64)", "service VARCHAR(32)")
        wanted = _replaced(
            wanted,
            f"CONSTRAINT ck_{table}_{first} ",
            f"CONSTRAINT ck_{table}_service CHECK (service IN ({_KINDS})),"
            f" CONSTRAINT ck_{table}_{first} ",
        )
        if table == "appointments":
            wanted = _replaced(wanted, "service_kind VARCHAR(32) NOT NULL, ")
            wanted = _replaced(
                wanted,
                f"CONSTRAINT ck_appointments_service_kind CHECK (service_kind IN ({_KINDS})), ",
            )
        rebuild(table, wanted)


def _lengthen(table: str, length: int) -> None:
    """Let the code of a service be that long, on PostgreSQL.

    It would write the condition of a partial index anew, in other words: so the index is made anew.
    """
    change = f"ALTER TABLE {table} ALTER COLUMN service TYPE VARCHAR({length})"
    if table == "waitlist_entries":
        name = "uq_waitlist_entries_clinic_id_pet_id_service"
        execute(
            f"DROP INDEX {name}",
            change,
            f"CREATE UNIQUE INDEX {name} ON {table} (clinic_id, pet_id, service)"
            f" WHERE {_WAITING} AND deleted_at IS NULL",
        )
    else:
        execute(change)


def _roles(before: str, after: str) -> None:
    for table in _TABLES_OF_ROLES:
        name = f"ck_{table}_role"
        if is_postgresql():
            execute(
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
                f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (role IN ({after}))",
            )
        else:
            rebuild(table, _replaced(_created(table), f"role IN ({before})", f"role IN ({after})"))


def _drop_key(table: str, column: str) -> None:
    execute(f"DROP INDEX {_index(table, column)}")
    if is_postgresql():
        execute(f"ALTER TABLE {table} DROP CONSTRAINT fk_{table}_{column}")
    else:
        target, action = ("users", "veterinarians")[column == "veterinarian_id"], _action(table)
        rebuild(table, _replaced(_created(table), f", {_reference(table, column, target, action)}"))


def _key(table: str, column: str, target: str, action: str) -> None:
    reference = _reference(table, column, target, action)
    if is_postgresql():
        execute(f"ALTER TABLE {table} ADD {reference}")
    else:
        first = f"CONSTRAINT pk_{table} PRIMARY KEY (id), "
        rebuild(table, _replaced(_created(table), first, f"{first}{reference}, "))
    second = "ends_at" if table == "time_off" else "occupied_from"
    execute(f"CREATE INDEX {_index(table, column)} ON {table} ({column}, {second})")


def _rename_key(table: str, before: str, after: str) -> None:
    """Rename a column that refers to a person, with its index and its foreign key."""
    execute(
        f"DROP INDEX ix_{table}_{before}",
        f"ALTER TABLE {table} RENAME COLUMN {before} TO {after}",
        f"CREATE INDEX ix_{table}_{after} ON {table} ({after})",
    )
    names = f"fk_{table}_{before}", f"fk_{table}_{after}"
    if is_postgresql():
        execute(f"ALTER TABLE {table} RENAME CONSTRAINT {names[0]} TO {names[1]}")
    else:
        rebuild(table, _replaced(_created(table), *names))


def _index(table: str, column: str) -> str:
    second = "ends_at" if table == "time_off" else "occupied_from"
    return f"ix_{table}_{column}_{second}"


def _action(table: str) -> str:
    return "CASCADE" if table == "time_off" else "RESTRICT"


def _reference(table: str, column: str, target: str, action: str) -> str:
    return (
        f"CONSTRAINT fk_{table}_{column} FOREIGN KEY({column})"
        f" REFERENCES {target} (id) ON DELETE {action}"
    )


def _drop_guards(who: str) -> None:
    unwatch("time_off")
    if is_postgresql():
        execute(f"ALTER TABLE appointments DROP CONSTRAINT ex_appointments_{who}")
    else:
        execute("DROP TRIGGER ex_appointments_insert", "DROP TRIGGER ex_appointments_update")


def _make_guards(who: str) -> None:
    watch("time_off", (f"{who}_id", "starts_at", "ends_at", "deleted_at"))
    if is_postgresql():
        execute(
            f"ALTER TABLE appointments ADD CONSTRAINT ex_appointments_{who} EXCLUDE USING gist ("
            f"{who}_id WITH =, tstzrange(occupied_from, occupied_until) WITH &&"
            f") WHERE (status IN ({_OCCUPYING}) AND deleted_at IS NULL)"
        )
        return
    columns = f"{who}_id, room_id, pet_id, occupied_from, occupied_until, status, deleted_at"
    body = "".join(_no_overlap(resource) for resource in (who, "room", "pet"))
    for name, moment in (
        ("ex_appointments_insert", "INSERT"),
        ("ex_appointments_update", f"UPDATE OF {columns}"),
    ):
        execute(
            f"CREATE TRIGGER {name} BEFORE {moment} ON appointments\n"
            f"WHEN NEW.status IN ({_OCCUPYING}) AND NEW.deleted_at IS NULL\n"
            f"BEGIN{body}\nEND"
        )


def _no_overlap(resource: str) -> str:
    return f"""
    SELECT RAISE(ABORT, 'ex_appointments_{resource}') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.{resource}_id = NEW.{resource}_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ({_OCCUPYING})
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );"""  # noqa: S608 -- our own words


def _created(table: str) -> str:
    """The statement that made a table of SQLite's, on one line."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table")
    return " ".join(str(op.get_bind().execute(query, {"table": table}).scalar_one()).split())


def _replaced(statement: str, before: str, after: str = "") -> str:
    """The statement with a part replaced, which must be there once."""
    if statement.count(before) != 1:
        message = f"{before!r} is not once in {statement!r}"
        raise RuntimeError(message)
    return statement.replace(before, after)
