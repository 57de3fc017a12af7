"""What a database has: its tables, constraints, indexes, triggers and functions, as text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection

from vetcore.database.migrate import VERSION_TABLE
from vetcore.database.registry import schema

__all__ = ["Catalogue", "Column", "read"]


class Column(NamedTuple):
    """A column, in the words of its engine."""

    kind: str
    required: bool
    default: str | None
    generated: bool = False

    @property
    def spec(self) -> str:
        """What follows its name where it is created."""
        parts = [self.kind]
        if self.generated:
            parts.append(f"GENERATED ALWAYS AS ({self.default}) STORED")
        elif self.default is not None:
            parts.append(f"DEFAULT {self.default}")
        return " ".join([*parts, *(["NOT NULL"] if self.required else [])])


Named = tuple[str, str]
"""A table, and the name of what belongs to it."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a revision may have to change; each entry is its definition, to be compared."""

    dialect: str
    tables: Mapping[str, Mapping[str, Column]]
    """In the order of creation, so that a table comes after those that it refers to."""
    constraints: Mapping[Named, str]
    indexes: Mapping[Named, str]
    triggers: Mapping[Named, str]
    functions: Mapping[str, str] = field(default_factory=dict)
    statements: Mapping[str, str] = field(default_factory=dict)
    """SQLite's CREATE TABLE statements by table, virtual ones included."""


def read(connection: Connection) -> Catalogue:
    """The catalogue of the database behind ``connection``."""
    return _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)


def _sqlite(connection: Connection) -> Catalogue:
    rows = connection.exec_driver_sql(
        "SELECT type, tbl_name, name, sql FROM sqlite_master "
        "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid"
    ).all()
    statements = {
        name: sql
        for kind, _, name, sql in rows
        if kind == "table" and name != VERSION_TABLE and not _is_shadow(name, sql)
    }
    tables = {
        name: _sqlite_columns(connection, name)
        for name, sql in statements.items()
        if not sql.startswith("CREATE VIRTUAL")
    }
    return Catalogue(
        "sqlite",
        tables=tables,
        constraints={
            (table, _squeezed(part)): _squeezed(part)
            for table in tables
            for part in _table_constraints(statements[table])
        },
        indexes={(table, name): sql for kind, table, name, sql in rows if kind == "index"},
        triggers={(table, name): sql for kind, table, name, sql in rows if kind == "trigger"},
        statements=statements,
    )


def _is_shadow(name: str, sql: str) -> bool:
    """Whether SQLite itself made the table, behind a virtual one."""
    return name.startswith(schema.shadows) and not sql.startswith("CREATE VIRTUAL")


def _sqlite_columns(connection: Connection, table: str) -> dict[str, Column]:
    rows = connection.exec_driver_sql(f'PRAGMA table_info("{table}")')
    return {
        name: Column(kind, bool(required), default) for _, name, kind, required, default, _ in rows
    }


_INLINE = re.compile(r"\bCONSTRAINT\s+\w+\s+CHECK\b", re.IGNORECASE)


def _table_constraints(create: str) -> Iterator[str]:
    """The parts of a CREATE TABLE statement that are no columns, and the checks within columns."""
    words = ("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK")
    for part in map(str.strip, _parts(create[create.index("(") + 1 : create.rindex(")")])):
        if part.upper().startswith(words):
            yield part
        elif inline := _INLINE.search(part):
            yield part[inline.start() :]


def _parts(body: str) -> list[str]:
    """What commas outside parentheses and quotes divide."""
    found, depth, quoted = [""], 0, ""
    for character in body:
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character == "," and not depth:
            found.append("")
            continue
        else:
            depth += (character == "(") - (character == ")")
        found[-1] += character
    return found


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


_HERE = "n.nspname = current_schema()"
_NOT_OF_AN_EXTENSION = (
    "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = {}.oid AND d.deptype = 'e')"
)
_COLUMNS = f"""
    SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid), a.attgenerated = 's'
    FROM pg_class t
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
    WHERE {_HERE} AND t.relkind IN ('r', 'p') AND t.relname <> '{VERSION_TABLE}'
    ORDER BY t.oid, a.attnum
"""  # noqa: S608 -- our own words
_CONSTRAINTS = f"""
    SELECT t.relname, c.conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c
    JOIN pg_class t ON t.oid = c.conrelid
    JOIN pg_namespace n ON n.oid = c.connamespace
    WHERE {_HERE} AND c.contype IN ('p', 'u', 'c', 'x', 'f') AND t.relname <> '{VERSION_TABLE}'
    ORDER BY c.contype = 'f', c.oid
"""  # noqa: S608 -- our own words
_INDEXES = f"""
    SELECT t.relname, i.relname, pg_get_indexdef(i.oid)
    FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = i.relnamespace
    WHERE {_HERE} AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)
    ORDER BY i.oid
"""  # noqa: S608 -- our own words
_TRIGGERS = f"""
    SELECT t.relname, g.tgname, pg_get_triggerdef(g.oid)
    FROM pg_trigger g
    JOIN pg_class t ON t.oid = g.tgrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE {_HERE} AND NOT g.tgisinternal ORDER BY g.oid
"""  # noqa: S608 -- our own words
_FUNCTIONS = f"""
    SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid)
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE {_HERE} AND p.prokind IN ('f', 'p') AND {_NOT_OF_AN_EXTENSION.format("p")}
    ORDER BY p.oid
"""  # noqa: S608 -- our own words


def _postgresql(connection: Connection) -> Catalogue:
    here = str(connection.exec_driver_sql("SELECT current_schema()").scalar())
    tables: dict[str, dict[str, Column]] = {}
    for table, name, *column in connection.exec_driver_sql(_COLUMNS):
        tables.setdefault(table, {})[name] = Column(*column)

    def named(query: str) -> dict[Named, str]:
        rows = connection.exec_driver_sql(query)
        return {(table, name): _unqualified(sql, here) for table, name, sql in rows}

    functions = connection.exec_driver_sql(_FUNCTIONS)
    return Catalogue(
        "postgresql",
        tables=tables,
        constraints=named(_CONSTRAINTS),
        indexes=named(_INDEXES),
        triggers=named(_TRIGGERS),
        functions={name: _unqualified(sql, here) for name, sql in functions},
    )


def _unqualified(sql: str, here: str) -> str:
    """A tenant has its own schema, so no definition may name one."""
    return sql.replace(f" {here}.", " ")
