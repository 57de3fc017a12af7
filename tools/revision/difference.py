"""The statements that turn one catalogue into another, in an order in which they can be run."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple, TypeVar

from tools.revision.catalogue import Catalogue, Column

__all__ = ["Rebuild", "Statement", "Step", "steps"]

K = TypeVar("K")


class Statement(NamedTuple):
    """A statement to run as it is."""

    sql: str


class Rebuild(NamedTuple):
    """A SQLite table to be made again."""

    table: str
    create: str


Step = Statement | Rebuild


def steps(old: Catalogue, new: Catalogue) -> list[Step]:
    """What brings a database from ``old`` to ``new``."""
    found = _sqlite(old, new) if new.dialect == "sqlite" else map(Statement, _postgresql(old, new))
    return list(found)


_CASTS = re.compile(r"::(character varying|text)(\[\])?")
_WRAPPED = re.compile(r"\(('[^']*'|array\[[^\]]*\])\)")


def _normal(sql: str) -> str:
    """The definition as it compares: PostgreSQL writes the casts of a word anew at each reading."""
    plain = _CASTS.sub("", re.sub(r"\s+", " ", sql.replace('"', "")).strip().casefold())
    while plain != (unwrapped := _WRAPPED.sub(r"\1", plain)):
        plain = unwrapped
    return plain


def _gone(old: Mapping[K, str], new: Mapping[K, str]) -> list[K]:
    """What is no longer there, or is there in another form."""
    return [key for key, sql in old.items() if _normal(new.get(key, "")) != _normal(sql)]


def _come(old: Mapping[K, str], new: Mapping[K, str]) -> list[K]:
    return _gone(new, old)


# SQLite -----------------------------------------------------------------------------------------


def _sqlite(old: Catalogue, new: Catalogue) -> Iterator[Step]:
    for _, name in _gone(old.triggers, new.triggers):
        yield Statement(f"DROP TRIGGER {name}")
    for _, name in _gone(old.indexes, new.indexes):
        yield Statement(f"DROP INDEX {name}")
    for name in reversed(list(old.statements)):
        virtual = name not in old.tables
        if name not in new.statements or (virtual and _differs(old, new, name)):
            yield Statement(f"DROP TABLE {name}")
    for name, create in new.statements.items():
        if name not in old.statements or (name not in new.tables and _differs(old, new, name)):
            yield Statement(create)
        elif name in new.tables:
            yield from _sqlite_table(old, new, name)
    for key in _come(old.indexes, new.indexes):
        yield Statement(new.indexes[key])
    for key in _come(old.triggers, new.triggers):
        yield Statement(new.triggers[key])


def _differs(old: Catalogue, new: Catalogue, table: str) -> bool:
    return _normal(old.statements.get(table, "")) != _normal(new.statements.get(table, ""))


def _sqlite_table(old: Catalogue, new: Catalogue, table: str) -> Iterator[Step]:
    before, after = old.tables[table], new.tables[table]
    checks = {
        rule: sql for rule, sql in _rules(new, table).items() if rule not in _rules(old, table)
    }
    added = [name for name in after if name not in before]
    of_added = {name: _check_of(name, checks, after) for name in added}
    if (
        {name: column for name, column in after.items() if name in before} == before
        and _rules(old, table).keys() <= _rules(new, table).keys()
        and checks.keys() == {rule for rule, _ in filter(None, of_added.values())}
        and all(_can_be_added(after[name]) for name in added)
    ):
        for name in added:
            _, check = of_added[name] or ("", "")
            yield Statement(
                f"ALTER TABLE {table} ADD COLUMN {name} {after[name].spec} {check}".rstrip()
            )
    elif before != after or _rules(old, table).keys() != _rules(new, table).keys():
        yield Rebuild(table, new.statements[table])


def _rules(catalogue: Catalogue, table: str) -> dict[str, str]:
    """The constraints of the table, by how they compare."""
    every = catalogue.constraints.items()
    return {_normal(sql): sql for (owner, _), sql in every if owner == table}


def _check_of(
    column: str, checks: Mapping[str, str], columns: Collection[str]
) -> tuple[str, str] | None:
    """The one CHECK of that column and of no other: it can be added with it."""
    others = "|".join(name for name in columns if name != column)
    found = [
        (rule, sql)
        for rule, sql in checks.items()
        if " check " in rule
        and re.search(rf"\b{column}\b", rule.partition(" check ")[2])
        and not re.search(rf"\b({others})\b", re.sub(r"'[^']*'", "", rule.partition(" check ")[2]))
    ]
    return found[0] if len(found) == 1 else None


def _can_be_added(column: Column) -> bool:
    """SQLite adds no column whose rows would have to be computed."""
    computed = (column.default or "").upper().startswith(("(", "CURRENT_"))
    return not computed and not (column.required and column.default is None)


# PostgreSQL -------------------------------------------------------------------------------------


def _postgresql(old: Catalogue, new: Catalogue) -> Iterator[str]:
    yield from _taken_away(old, new)
    yield from _made(old, new)
    yield from _held(old, new)


def _taken_away(old: Catalogue, new: Catalogue) -> Iterator[str]:
    """What is gone, that which depends on the rest before the rest."""
    for table, name in _gone(old.triggers, new.triggers):
        yield f"DROP TRIGGER {name} ON {table}"
    constraints = reversed(_gone(old.constraints, new.constraints))
    for table, name in (each for each in constraints if each[0] in new.tables):
        yield f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    indexes = _gone(old.indexes, new.indexes)
    for _, name in (each for each in indexes if each[0] in new.tables):
        yield f"DROP INDEX {name}"
    for table in reversed(list(old.tables)):
        if table not in new.tables:
            yield f"DROP TABLE {table}"
    for table, name in _columns(old, new, _is_gone_or_remade):
        yield f"ALTER TABLE {table} DROP COLUMN {name}"
    for name in old.functions:
        if name not in new.functions:
            yield f"DROP FUNCTION {name}"


def _made(old: Catalogue, new: Catalogue) -> Iterator[str]:
    """Tables, functions and columns, new or changed."""
    for table, columns in new.tables.items():
        if table not in old.tables:
            lines = ",\n".join(f"    {name} {column.spec}" for name, column in columns.items())
            yield f"CREATE TABLE {table} (\n{lines}\n)"
    for name in _come(old.functions, new.functions):
        yield new.functions[name].strip()
    for table, name in _columns(new, old, _is_gone_or_remade):
        yield f"ALTER TABLE {table} ADD COLUMN {name} {new.tables[table][name].spec}"
    for table, name in _columns(old, new, _is_altered):
        yield from _altered(table, name, old.tables[table][name], new.tables[table][name])


def _held(old: Catalogue, new: Catalogue) -> Iterator[str]:
    """The constraints, indexes and triggers of what there is now."""
    for table, name in _come(old.constraints, new.constraints):
        yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {new.constraints[table, name]}"
    remade = set(_columns(old, new, _is_remade))
    kept = {key: sql for key, sql in old.indexes.items() if not _mentions(sql, key[0], remade)}
    for key in _come(kept, new.indexes):
        yield new.indexes[key]
    for key in _come(old.triggers, new.triggers):
        yield new.triggers[key]


def _columns(
    one: Catalogue, other: Catalogue, differs: Callable[[Column, Column | None], bool]
) -> list[tuple[str, str]]:
    """The columns of tables that both have, which differ in that way."""
    return [
        (table, name)
        for table, columns in one.tables.items()
        if table in other.tables
        for name, column in columns.items()
        if differs(column, other.tables[table].get(name))
    ]


def _is_remade(before: Column, after: Column | None) -> bool:
    """A generated column has one expression for life."""
    return after is not None and before != after and (before.generated or after.generated)


def _is_gone_or_remade(before: Column, after: Column | None) -> bool:
    return after is None or _is_remade(before, after)


def _is_altered(before: Column, after: Column | None) -> bool:
    return after is not None and before != after and not _is_remade(before, after)


def _mentions(index: str, table: str, columns: set[tuple[str, str]]) -> bool:
    """Whether the index went with one of its columns."""
    return any(table == owner and re.search(rf"\b{name}\b", index) for owner, name in columns)


def _altered(table: str, name: str, before: Column, after: Column) -> Iterator[str]:
    change = f"ALTER TABLE {table} ALTER COLUMN {name}"
    if before.kind != after.kind:
        yield f"{change} TYPE {after.kind}"
    if before.default != after.default:
        default = f"SET DEFAULT {after.default}" if after.default else "DROP DEFAULT"
        yield f"{change} {default}"
    if before.required != after.required:
        yield f"{change} {'SET' if after.required else 'DROP'} NOT NULL"
