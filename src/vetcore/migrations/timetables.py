"""The triggers that give the parts of a clinic's timetable new versions, table by table.

Revision 0012 makes the function that PostgreSQL's triggers call.
"""

# ruff: noqa: S608 -- the words in these statements are our own

from collections.abc import Iterator, Sequence
from typing import Final

from vetcore.migrations.steps import execute, is_postgresql

__all__ = ["unwatch", "watch"]

_KEPT_BY: Final = frozenset({"clinics", "users"})
_ROWS: Final = {
    "insert": "REFERENCING NEW TABLE AS new_rows\n",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows\n",
    "delete": "REFERENCING OLD TABLE AS old_rows\n",
    "truncate": "",
}


def watch(table: str, columns: Sequence[str]) -> None:
    """Make the triggers of a table.

    Args:
        table: its name.
        columns: those that matter to timetables, the first with the clinic or the person.
    """
    execute(*(_on_postgresql if is_postgresql() else _on_sqlite)(table, columns))


def unwatch(table: str) -> None:
    """Drop the triggers of a table."""
    on, acts = "", _acts(table)
    if is_postgresql():
        on, acts = f" ON {table}", (*acts, "truncate")
    execute(*(f"DROP TRIGGER timetable_{table}_{act}{on}" for act in acts))


def _acts(table: str) -> tuple[str, ...]:
    # Nobody works anywhere before their account is there.
    return ("update", "delete") if table == "users" else ("insert", "update", "delete")


def _on_postgresql(table: str, columns: Sequence[str]) -> Iterator[str]:
    given = ", ".join(f"'{each}'" for each in columns)
    for act in (*_acts(table), "truncate"):
        yield (
            f"CREATE TRIGGER timetable_{table}_{act} AFTER {act.upper()} ON {table}\n{_ROWS[act]}"
            f"FOR EACH STATEMENT EXECUTE FUNCTION timetable_changed({given})"
        )


def _on_sqlite(table: str, columns: Sequence[str]) -> Iterator[str]:
    for act in _acts(table):
        moment, when = act.upper(), ""
        if act == "update":
            moment = f"UPDATE OF {', '.join(columns)}"
            differs = " OR ".join(f"NEW.{each} IS NOT OLD.{each}" for each in columns)
            when = f"WHEN {differs}\n"
        yield (
            f"CREATE TRIGGER timetable_{table}_{act} AFTER {moment} ON {table}\n{when}BEGIN\n"
            + "".join(f"    {each};\n" for each in _renewal(table, columns[0], act))
            + "END"
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
