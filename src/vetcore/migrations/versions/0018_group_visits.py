"""Let several pets share a visit: their practitioner, its room and its time."""

import sqlalchemy as sa

from vetcore.migrations import op
from vetcore.migrations.steps import execute, is_postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OCCUPYING = "'held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed'"
_STANDS = f"status IN ({_OCCUPYING}) AND deleted_at IS NULL"
_CHECK = (
    "CONSTRAINT ck_appointments_group CHECK ("
    "CASE WHEN group_id IS NULL THEN group_place IS NULL AND group_places IS NULL"
    " ELSE coalesce(group_place BETWEEN 1 AND group_places, false) END)"
)
_TIMES = {
    "practitioner": ("occupied_from", "occupied_until"),
    "room": ("occupied_from", "occupied_until"),
    "pet": ("starts_at", "ends_at"),
}
_SHAREABLE = ("practitioner", "room")


def upgrade() -> None:
    """Add the columns; every visit was of one pet before."""
    _drop_guards()
    execute(
        f"ALTER TABLE appointments ADD COLUMN group_id {'UUID' if is_postgresql() else 'CHAR(32)'}",
        "ALTER TABLE appointments ADD COLUMN group_place INTEGER",
        f"ALTER TABLE appointments ADD COLUMN group_places INTEGER {_CHECK}",
        "CREATE UNIQUE INDEX uq_appointments_group_id_group_place"
        f" ON appointments (group_id, group_place) WHERE group_id IS NOT NULL AND {_STANDS}",
    )
    _make_guards(groups=True)


def downgrade() -> None:
    """Drop the columns. What is shared has no place in the earlier model."""
    count = op.get_bind().scalar(
        sa.text(
            f"SELECT count(*) FROM appointments AS one WHERE {_STANDS} AND EXISTS (SELECT 1"  # noqa: S608 -- our own words
            " FROM appointments AS other WHERE other.group_id = one.group_id"
            f" AND other.id <> one.id AND other.status IN ({_OCCUPYING})"
            " AND other.deleted_at IS NULL)"
        )
    )
    if count:
        message = f"{count} appointments share a group visit: cancel them, or end them, first"
        raise RuntimeError(message)
    _drop_guards()
    execute("DROP INDEX uq_appointments_group_id_group_place")
    for column in ("group_places", "group_place", "group_id"):
        execute(f"ALTER TABLE appointments DROP COLUMN {column}")
    _make_guards(groups=False)


def _names() -> list[str]:
    squeezed = [f"ex_appointments_{resource}_squeezed" for resource in _SHAREABLE]
    return [*(f"ex_appointments_{resource}" for resource in _SHAREABLE), *squeezed]


def _drop_guards() -> None:
    if not is_postgresql():
        execute("DROP TRIGGER ex_appointments_insert", "DROP TRIGGER ex_appointments_update")
        return
    for name in _names():
        execute(f"ALTER TABLE appointments DROP CONSTRAINT {name}")


def _make_guards(*, groups: bool) -> None:
    if is_postgresql():
        for resource in _SHAREABLE:
            _exclude(resource, f"ex_appointments_{resource}", "NOT squeezed_in", groups=groups)
            name = f"ex_appointments_{resource}_squeezed"
            _exclude(resource, name, "squeezed_in", groups=groups)
        return
    group = "group_id, " if groups else ""
    columns = (
        "practitioner_id, room_id, pet_id, starts_at, ends_at, occupied_from, occupied_until,"
        f" squeezed_in, {group}status, deleted_at"
    )
    body = "".join(_clauses(resource, groups=groups) for resource in _TIMES)
    for name, moment in (
        ("ex_appointments_insert", "INSERT"),
        ("ex_appointments_update", f"UPDATE OF {columns}"),
    ):
        execute(
            f"CREATE TRIGGER {name} BEFORE {moment} ON appointments\n"
            f"WHEN NEW.status IN ({_OCCUPYING}) AND NEW.deleted_at IS NULL\n"
            f"BEGIN{body}\nEND"
        )


def _exclude(resource: str, name: str, condition: str, *, groups: bool) -> None:
    others = ", coalesce(group_id, id) WITH <>" if groups else ""
    execute(
        f"ALTER TABLE appointments ADD CONSTRAINT {name} EXCLUDE USING gist ("
        f"{resource}_id WITH =, tstzrange(occupied_from, occupied_until) WITH &&{others})"
        f" WHERE ({_STANDS} AND {condition})"
    )


def _clauses(resource: str, *, groups: bool) -> str:
    name = f"ex_appointments_{resource}"
    if resource not in _SHAREABLE:
        return _no_overlap(resource, name, "1", "")
    others = "\n          AND other.squeezed_in = NEW.squeezed_in"
    if groups:
        others += "\n          AND (NEW.group_id IS NULL OR other.group_id IS NOT NEW.group_id)"
    return _no_overlap(resource, name, "NOT NEW.squeezed_in", others) + _no_overlap(
        resource, f"{name}_squeezed", "NEW.squeezed_in", others
    )


def _no_overlap(resource: str, name: str, condition: str, others: str) -> str:
    since, until = _TIMES[resource]
    return f"""
    SELECT RAISE(ABORT, '{name}') WHERE {condition} AND EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.{resource}_id = NEW.{resource}_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.{since}) < julianday(NEW.{until})
          AND julianday(NEW.{since}) < julianday(other.{until})
          AND other.status IN ({_OCCUPYING})
          AND other.deleted_at IS NULL{others}
          AND other.id <> NEW.id
    );"""  # noqa: S608 -- our own words
