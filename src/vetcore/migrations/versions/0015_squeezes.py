"""Let staff squeeze an appointment in, and let a pet go on to the next room without a buffer."""

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.steps import execute, is_postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OCCUPYING = "'held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed'"
_CHECK = "CONSTRAINT ck_appointments_squeeze CHECK (NOT squeezed_in OR squeeze_reason IS NOT NULL)"
_RESOURCES = ("practitioner", "room", "pet")
_SHARED = ("practitioner", "room")
_OCCUPIED = ("occupied_from", "occupied_until")


def upgrade() -> None:
    """Add the columns; nothing was squeezed in before."""
    _drop_guards(squeezes=False)
    execute("ALTER TABLE appointments ADD COLUMN squeeze_reason TEXT")
    execute(
        "ALTER TABLE appointments ADD COLUMN squeezed_in BOOLEAN DEFAULT "
        f"{'false' if is_postgresql() else '0'} NOT NULL {_CHECK}"
    )
    _make_guards(squeezes=True)


def downgrade() -> None:
    """Drop the columns. What overlaps has no place in the earlier model."""
    count = op.get_bind().scalar(
        sa.text(
            f"SELECT count(*) FROM appointments WHERE squeezed_in AND status IN ({_OCCUPYING})"  # noqa: S608 -- our own words
        )
    )
    if count:
        message = f"{count} appointments are squeezed in: cancel them, or end them, first"
        raise RuntimeError(message)
    _drop_guards(squeezes=True)
    execute("ALTER TABLE appointments DROP COLUMN squeezed_in")
    execute("ALTER TABLE appointments DROP COLUMN squeeze_reason")
    _make_guards(squeezes=False)


def _drop_guards(*, squeezes: bool) -> None:
    if not is_postgresql():
        execute("DROP TRIGGER ex_appointments_insert", "DROP TRIGGER ex_appointments_update")
        return
    for resource in _RESOURCES:
        execute(f"ALTER TABLE appointments DROP CONSTRAINT ex_appointments_{resource}")
    for resource in _SHARED if squeezes else ():
        execute(f"ALTER TABLE appointments DROP CONSTRAINT ex_appointments_{resource}_squeezed")


def _make_guards(*, squeezes: bool) -> None:
    if is_postgresql():
        for resource in _RESOURCES:
            _exclude(resource, squeezes=squeezes)
        return
    times = "starts_at, ends_at, " if squeezes else ""
    kind = "squeezed_in, " if squeezes else ""
    columns = (
        f"practitioner_id, room_id, pet_id, {times}occupied_from, occupied_until, {kind}status,"
        " deleted_at"
    )
    body = "".join(_clauses(resource, squeezes=squeezes) for resource in _RESOURCES)
    for name, moment in (
        ("ex_appointments_insert", "INSERT"),
        ("ex_appointments_update", f"UPDATE OF {columns}"),
    ):
        execute(
            f"CREATE TRIGGER {name} BEFORE {moment} ON appointments\n"
            f"WHEN NEW.status IN ({_OCCUPYING}) AND NEW.deleted_at IS NULL\n"
            f"BEGIN{body}\nEND"
        )


def _exclude(resource: str, *, squeezes: bool) -> None:
    since, until = _range(resource, squeezes=squeezes)
    occupying = f"status IN ({_OCCUPYING}) AND deleted_at IS NULL"
    conditions = {f"ex_appointments_{resource}": occupying}
    if squeezes and resource in _SHARED:
        conditions = {
            f"ex_appointments_{resource}": f"{occupying} AND NOT squeezed_in",
            f"ex_appointments_{resource}_squeezed": f"{occupying} AND squeezed_in",
        }
    for name, condition in conditions.items():
        execute(
            f"ALTER TABLE appointments ADD CONSTRAINT {name} EXCLUDE USING gist ("
            f"{resource}_id WITH =, tstzrange({since}, {until}) WITH &&) WHERE ({condition})"
        )


def _range(resource: str, *, squeezes: bool) -> tuple[str, str]:
    return ("starts_at", "ends_at") if squeezes and resource == "pet" else _OCCUPIED


def _clauses(resource: str, *, squeezes: bool) -> str:
    name = f"ex_appointments_{resource}"
    if not squeezes:
        return _no_overlap(resource, name, "", _OCCUPIED)
    if resource == "pet":
        return _no_overlap(resource, name, "1 AND ", ("starts_at", "ends_at"))
    same = "\n          AND other.squeezed_in = NEW.squeezed_in"
    return _no_overlap(resource, name, "NOT NEW.squeezed_in AND ", _OCCUPIED, same) + _no_overlap(
        resource, f"{name}_squeezed", "NEW.squeezed_in AND ", _OCCUPIED, same
    )


def _no_overlap(
    resource: str, name: str, condition: str, times: tuple[str, str], same: str = ""
) -> str:
    since, until = times
    return f"""
    SELECT RAISE(ABORT, '{name}') WHERE {condition}EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.{resource}_id = NEW.{resource}_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.{since}) < julianday(NEW.{until})
          AND julianday(NEW.{since}) < julianday(other.{until})
          AND other.status IN ({_OCCUPYING})
          AND other.deleted_at IS NULL{same}
          AND other.id <> NEW.id
    );"""  # noqa: S608 -- our own words
