"""The ranges of instants and days that revision 0005 adds."""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, text

from vetcore.errors import MigrationError
from vetcore.migrations import op

__all__ = ["add_ranges", "drop_ranges", "refuse_unreadable"]

_COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "clinics": ("created_at updated_at deleted_at", ""),
    "users": (
        "terms_accepted_at privacy_accepted_at marketing_accepted_at clerk_updated_at created_at updated_at deleted_at",
        "",
    ),
    "webhook_deliveries": ("occurred_at received_at", ""),
    "clinic_closures": ("created_at updated_at deleted_at", "first_on last_on"),
    "pets": ("created_at updated_at deleted_at", "born_on died_on next_vaccination_due_on"),
    "rooms": ("created_at updated_at deleted_at", ""),
    "staff_memberships": ("created_at updated_at deleted_at", "starts_on ends_on"),
    "veterinarians": ("created_at updated_at deleted_at", "license_expires_on"),
    "appointments": (
        "starts_at ends_at occupied_from occupied_until hold_expires_at checked_in_at started_at completed_at cancelled_at created_at updated_at deleted_at",
        "",
    ),
    "time_off": ("starts_at ends_at created_at updated_at deleted_at", ""),
    "vaccination_reminders": ("claimed_until sent_at created_at updated_at deleted_at", "due_on"),
    "medical_records": ("visited_at signed_at created_at updated_at deleted_at", ""),
    "waitlist_entries": ("earliest_at latest_at created_at updated_at deleted_at", ""),
}
"""By table: its instants, and its days."""

_MOST_NAMED: Final = 10
_ON_POSTGRESQL: Final = (
    (
        "{0} >= TIMESTAMPTZ '0001-01-01 00:00:00+00' "
        "AND {0} <= TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' OR NOT isfinite({0})"
    ),
    "{0} >= DATE '0001-01-01' AND {0} <= DATE '9999-12-31' OR NOT isfinite({0})",
)
_ON_SQLITE: Final = (
    (
        "typeof({0}) = 'text' AND {0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' "
        "AND {0} >= '0001' AND date(substr({0}, 1, 10), '+0 days') IS substr({0}, 1, 10) "
        "AND (length({0}) = 10 OR (substr({0}, 11, 1) IN (' ', 'T') "
        "AND substr({0}, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr({0}, 12, 2) < '24' "
        "AND instr(substr({0}, 12), ' ') = 0 AND (julianday({0}) IS NOT NULL "
        "OR {0} GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]')))"
    ),
    (
        "typeof({0}) = 'text' AND {0} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' "
        "AND {0} >= '0001' AND date({0}, '+0 days') IS {0}"
    ),
)


def _columns(table: str) -> Iterator[tuple[str, int]]:
    for kind, names in enumerate(_COLUMNS[table]):
        for name in names.split():
            yield name, kind


def refuse_unreadable(connection: Connection) -> None:
    """Refuse to go on if there are rows that the package could not read.

    Raises:
        MigrationError: there are some; table, column and key of the first are named.
    """
    rules = _ON_SQLITE if connection.dialect.name == "sqlite" else _ON_POSTGRESQL
    found: list[str] = []
    for table in _COLUMNS:
        key = {"webhook_deliveries": "delivery_id"}.get(table, "id")
        for name, kind in _columns(table):
            rule = rules[kind].format(name)
            query = (
                f"SELECT {key} FROM {table} "  # noqa: S608 -- our own words
                f"WHERE {name} IS NOT NULL AND NOT coalesce(({rule}), {{}}) LIMIT {_MOST_NAMED}"
            ).format("0" if connection.dialect.name == "sqlite" else "false")
            found += [f"{table}.{name} of {row}" for row in connection.scalars(text(query))]
    if found:
        named = "; ".join(found[:_MOST_NAMED])
        message = (
            f"{len(found)} stored instants or days cannot be read, or are beyond the years 1 to "
            f"9999; set them right first: {named}"
        )
        raise MigrationError(message)


def add_ranges() -> None:
    """Add CHECKs on PostgreSQL, and on SQLite triggers that raise with their names."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _COLUMNS:
            for statement in _triggers(table):
                op.execute(statement)
        return
    for table in _COLUMNS:
        for name, kind in _columns(table):
            rule = _ON_POSTGRESQL[kind].format(name)
            op.create_check_constraint(op.f(f"ck_{table}_{name}_range"), table, rule)


def _triggers(table: str) -> Iterator[str]:
    names = ", ".join(name for name, _ in _columns(table))
    checks = "".join(
        f"\n    SELECT RAISE(ABORT, 'ck_{table}_{name}_range')"
        f" WHERE NEW.{name} IS NOT NULL AND NOT coalesce({_ON_SQLITE[kind].format(f'NEW.{name}')}, 0);"
        for name, kind in _columns(table)
    )
    for event, moment in (("insert", "INSERT"), ("update", f"UPDATE OF {names}")):
        yield (
            f"CREATE TRIGGER ck_{table}_range_{event} BEFORE {moment} ON {table}\n"
            f"BEGIN{checks}\nEND"
        )


def drop_ranges() -> None:
    """Remove what :func:`add_ranges` added."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _COLUMNS:
            for event in ("insert", "update"):
                op.execute(f"DROP TRIGGER ck_{table}_range_{event}")
        return
    for table in _COLUMNS:
        for name, _ in _columns(table):
            op.drop_constraint(op.f(f"ck_{table}_{name}_range"), table, type_="check")
