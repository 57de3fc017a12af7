"""Guards that SQLAlchemy's tables cannot express: SQLite's triggers, and folded names.

PostgreSQL refuses overlapping appointments with exclusion constraints and finds near clinics
through a generated ``cube``. SQLite does both with triggers, the second by way
of an R*Tree. The statements run after ``create_all``; the migrations carry their own copy, and
``vetcore db check`` compares the database with these.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from sqlalchemy import Table

from vetcore.database.registry import Guards, Rule, schema
from vetcore.models import searching
from vetcore.models.appointment import OCCUPYING, RESOURCES, SHAREABLE
from vetcore.models.base import Base
from vetcore.models.locks import locks
from vetcore.models.occupying import occupation_guards
from vetcore.models.ranges import postgresql_ranges, range_rules, sqlite_ranges
from vetcore.models.timetables import timetable_guards

__all__ = ["guards", "rules"]

_OCCUPYING_COLUMNS = (
    "practitioner_id, room_id, pet_id, starts_at, ends_at, occupied_from, occupied_until, "
    "squeezed_in, group_id, status, deleted_at"
)

# WGS84: semi-major axis in metres, first eccentricity squared.
_A = 6378137.0
_E2 = 0.00669437999014


def _ecef(latitude: str, longitude: str) -> tuple[str, str, str]:
    """SQL for the point's earth-centred, earth-fixed metres (on the ellipsoid, at height 0)."""
    radius = f"({_A} / sqrt(1.0 - {_E2} * sin(radians({latitude})) * sin(radians({latitude}))))"
    return (
        f"{radius} * cos(radians({latitude})) * cos(radians({longitude}))",
        f"{radius} * cos(radians({latitude})) * sin(radians({longitude}))",
        f"{radius} * {1.0 - _E2} * sin(radians({latitude}))",
    )


def _no_overlap(resource: str, name: str, condition: str = "1") -> str:
    """Raise the constraint's name where an occupying appointment overlaps the new row.

    A pet is occupied from start to end; buffers are the practitioner's and the room's. The first two
    comparisons of ``occupied_from`` are text against dates, for the index, with a day to spare; the
    exact ones follow. ``julianday`` reads every way of writing an instant.
    """
    since, until = _range_of(resource)
    return f"""
    SELECT RAISE(ABORT, '{name}') WHERE {condition} AND EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.{resource}_id = NEW.{resource}_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.{since}) < julianday(NEW.{until})
          AND julianday(NEW.{since}) < julianday(other.{until})
          AND other.status IN ({OCCUPYING})
          AND other.deleted_at IS NULL{_of_others(resource)}
          AND other.id <> NEW.id
    );"""  # noqa: S608 -- our own words


def _range_of(resource: str) -> tuple[str, str]:
    return ("starts_at", "ends_at") if resource == "pet" else ("occupied_from", "occupied_until")


def _of_others(resource: str) -> str:
    """Whether it is squeezed in as well, or as little, and of no group visit with the new row."""
    if resource not in SHAREABLE:
        return ""
    return (
        "\n          AND other.squeezed_in = NEW.squeezed_in"
        "\n          AND (NEW.group_id IS NULL OR other.group_id IS NOT NEW.group_id)"
    )


def _kept_apart(resource: str) -> Iterator[str]:
    """The clauses of a resource, with the name of each constraint."""
    name = f"ex_appointments_{resource}"
    if resource not in SHAREABLE:
        yield _no_overlap(resource, name)
        return
    yield _no_overlap(resource, name, "NOT NEW.squeezed_in")
    yield _no_overlap(resource, f"{name}_squeezed", "NEW.squeezed_in")


def _appointment_triggers() -> Iterator[tuple[str, str]]:
    body = "".join(clause for resource in RESOURCES for clause in _kept_apart(resource))
    for name, moment in (
        ("ex_appointments_insert", "INSERT"),
        ("ex_appointments_update", f"UPDATE OF {_OCCUPYING_COLUMNS}"),
    ):
        statement = (
            f"CREATE TRIGGER {name} BEFORE {moment} ON appointments\n"
            f"WHEN NEW.status IN ({OCCUPYING}) AND NEW.deleted_at IS NULL\n"
            f"BEGIN{body}\nEND"
        )
        yield name, statement


def _position_triggers() -> Iterator[tuple[str, str]]:
    x, y, z = _ecef("NEW.latitude", "NEW.longitude")
    insert = (
        "INSERT INTO clinic_positions (x0, x1, y0, y1, z0, z1, clinic_id)\n"  # noqa: S608 -- our own words
        f"    SELECT x, x, y, y, z, z, NEW.id FROM (SELECT {x} AS x, {y} AS y, {z} AS z)\n"
        "    WHERE NEW.latitude IS NOT NULL;"
    )
    delete = "DELETE FROM clinic_positions WHERE clinic_id = OLD.id;"
    for name, moment, body in (
        ("clinic_positions_insert", "AFTER INSERT", insert),
        (
            "clinic_positions_update",
            "AFTER UPDATE OF id, latitude, longitude",
            f"{delete}\n    {insert}",
        ),
        ("clinic_positions_delete", "AFTER DELETE", delete),
    ):
        yield name, f"CREATE TRIGGER {name} {moment} ON clinics\nBEGIN\n    {body}\nEND"


_POSITIONS = {
    "clinic_positions": (
        "CREATE VIRTUAL TABLE clinic_positions USING rtree(id, x0, x1, y0, y1, z0, z1, +clinic_id)"
    ),
    **dict(_position_triggers()),
}
_POSITIONS_ON_POSTGRESQL = {
    "clinics.position": (
        "ALTER TABLE clinics ADD COLUMN position cube GENERATED ALWAYS AS (\n"
        "    CASE WHEN latitude IS NOT NULL THEN cube(ARRAY[\n        "
        + ",\n        ".join(_ecef("latitude", "longitude"))
        + "\n    ]) END) STORED"
    ),
    "ix_clinics_position": "CREATE INDEX ix_clinics_position ON clinics USING gist (position)",
}


def _exclusions() -> Iterator[tuple[str, str]]:
    occupying = f"status IN ({OCCUPYING}) AND deleted_at IS NULL"
    for resource in RESOURCES:
        name = f"ex_appointments_{resource}"
        if resource not in SHAREABLE:
            yield name, _exclusion(name, resource, occupying)
            continue
        yield name, _exclusion(name, resource, f"{occupying} AND NOT squeezed_in")
        name = f"{name}_squeezed"
        yield name, _exclusion(name, resource, f"{occupying} AND squeezed_in")


def _exclusion(name: str, resource: str, condition: str) -> str:
    since, until = _range_of(resource)
    others = ", coalesce(group_id, id) WITH <>" if resource in SHAREABLE else ""
    return (
        f"ALTER TABLE appointments ADD CONSTRAINT {name} EXCLUDE USING gist (\n"
        f"    {resource}_id WITH =, tstzrange({since}, {until}) WITH &&{others}\n"
        f") WHERE ({condition})"
    )


@cache
def guards(dialect: str) -> Guards:
    """Return the statements of the guards by their names, by the table after which they are created."""
    if dialect == "sqlite":
        return _together(
            sqlite_ranges(_ours()),
            {
                "appointments": dict(_appointment_triggers()),
                "clinics": _POSITIONS,
                # Its triggers are on two tables, of which this one refers to the other, and so
                # comes later.
                "pets": searching.SQLITE_NAMES,
                **_locks("sqlite"),
                **occupation_guards("sqlite"),
                **timetable_guards("sqlite"),
            },
        )
    return _together(
        postgresql_ranges(_ours()),
        {
            "appointments": dict(_exclusions()),
            "clinics": _POSITIONS_ON_POSTGRESQL,
            "pets": searching.PETS_ON_POSTGRESQL,
            "users": searching.USERS_ON_POSTGRESQL,
            **_locks("postgresql"),
            **occupation_guards("postgresql"),
            **timetable_guards("postgresql"),
        },
    )


def _locks(dialect: str) -> Guards:
    records = Base.metadata.tables["medical_records"]
    return locks(dialect, tuple(records.columns.keys()))


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of those guards that have no error of their own."""
    return tuple(range_rules(_ours()))


def _ours() -> list[Table]:
    """Our tables; a service's own may be in the same MetaData by now."""
    return [table for table in Base.metadata.sorted_tables if table.name in schema.tables]


def _together(ranges: Guards, others: Mapping[str, Mapping[str, str]]) -> Guards:
    names = dict.fromkeys((*ranges, *others))
    return {name: {**ranges.get(name, {}), **others.get(name, {})} for name in names}
