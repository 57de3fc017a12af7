"""The tables and their relations: as a page, as Mermaid for GitHub, as a drawing for the site."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import CheckConstraint, Column, Dialect, ForeignKey, Index, Table
from sqlalchemy.engine import make_url

from vetcore.database.registry import Guards, schema
from vetcore.models import Base

__all__ = ["foreign_keys", "mermaid", "tables", "tables_page"]

POSTGRESQL: Final[Dialect] = make_url("postgresql+asyncpg://").get_dialect()()
MADE: Final = (
    "<!-- Made from the models by `python -m tools.documentation`; change them instead. -->"
)


def tables() -> list[Table]:
    """Our tables, those that are referred to first."""
    return [table for table in Base.metadata.sorted_tables if table.name in schema.tables]


def foreign_keys(table: Table) -> Iterator[tuple[Column[Any], ForeignKey]]:
    """The columns of a table that refer to another, in their order."""
    for column in table.columns:
        for key in column.foreign_keys:
            yield column, key


def mermaid() -> str:
    """The relations in Mermaid's notation: keys only, since the columns would hide them."""
    lines = ["erDiagram"]
    for table in tables():
        lines.append(f"    {table.name} {{")
        for column in table.columns:
            marks = ["PK"] if column.primary_key else []
            marks += ["FK"] if column.foreign_keys else []
            if marks:
                kind = _kind(column).partition("(")[0]
                lines.append(f"        {kind} {column.name} {', '.join(marks)}")
        lines.append("    }")
    for table in tables():
        for column, key in foreign_keys(table):
            one = "|o" if column.nullable else "||"
            many = "o|" if _alone_is_unique(table, column) else "o{"
            name = column.name.removesuffix("_id")
            lines.append(f'    {key.column.table.name} {one}--{many} {table.name} : "{name}"')
    return "\n".join(lines)


def _alone_is_unique(table: Table, column: Column[Any]) -> bool:
    return any(index.unique and list(index.columns) == [column] for index in table.indexes)


def tables_page() -> str:
    """Every table with its columns, keys, indexes and rules."""
    lines = [
        "# Tables and relations",
        "",
        MADE,
        "",
        "Types are PostgreSQL's; [the other engine's](../engines.md) differ. Every table of an entity",
        "also has `created_at`, `created_by_id`, `updated_at`, `updated_by_id`, `deleted_at` and",
        "`version`. The diagram shows keys; an open end may be null.",
        "",
        "Every instant and every day has a check of its own, which is not repeated below: it lies",
        "in the years 1 to 9999. The check is named for its table and column, as",
        "`ck_pets_born_on_range` is.",
        "",
        "```mermaid",
        mermaid(),
        "```",
    ]
    for table in tables():
        lines += _section(table)
    return "\n".join(lines) + "\n"


_COMMON = {
    "created_at",
    "created_by_id",
    "updated_at",
    "updated_by_id",
    "deleted_at",
    "version",
}


def _section(table: Table) -> Iterator[str]:
    yield from [
        "",
        f"## {table.name}",
        "",
        "| column | type | null | refers to |",
        "|---|---|---|---|",
    ]
    for column in table.columns:
        if column.name in _COMMON and "version" in table.columns:
            continue
        keys = ", ".join(_target(key) for key in column.foreign_keys)
        yield f"| `{column.name}` | {_kind(column)} | {'yes' if column.nullable else ''} | {keys} |"
    rules = [*_rules(table)]
    if rules:
        yield from ["", *rules]


def _kind(column: Column[Any]) -> str:
    kind = column.type.compile(dialect=POSTGRESQL).lower()
    return kind.replace("timestamp with time zone", "timestamptz")


def _target(key: ForeignKey) -> str:
    table = key.column.table.name
    gone = f"; on delete {key.ondelete.lower()}" if key.ondelete else ""
    return f"[{table}](#{table}){gone}"


def _rules(table: Table) -> Iterator[str]:
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        if index.unique:
            yield f"- unique `{index.name}`: {_columns(index)}{_where(index)}"
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        condition = getattr(constraint, "_ddl_if", None)
        if condition is not None and condition.dialect != "postgresql":
            continue
        match constraint:
            case CheckConstraint() if not getattr(constraint, "_type_bound", False):
                yield f"- check `{constraint.name}`: `{_short(str(constraint.sqltext))}`"
            case _:
                pass
    for name, condition in sorted(_exclusions(table)):
        yield f"- no two overlap `{name}`, where `{_short(condition)}`"
    plain = [f"`{one.name}`" for one in table.indexes if not one.unique]
    if plain:
        yield f"- indexes {', '.join(sorted(plain))}"


def _exclusions(table: Table) -> Iterator[tuple[str, str]]:
    """PostgreSQL's exclusion constraints, which are among the guards: name and condition."""
    guards: Guards = schema.guards_of("postgresql") if schema.guards_of else {}
    for name, statement in guards.get(table.name, {}).items():
        if " EXCLUDE " in statement:
            yield name, statement.partition(" WHERE (")[2].removesuffix(")")


def _columns(index: Index) -> str:
    return ", ".join(f"`{column.name}`" for column in index.columns)


def _where(rule: Any) -> str:
    condition = getattr(rule, "where", None)
    if condition is None and isinstance(rule, Index):
        condition = rule.dialect_options["postgresql"]["where"]
    if condition is None:
        return ""
    text = str(condition.compile(dialect=POSTGRESQL, compile_kwargs={"literal_binds": True}))
    return f", where `{_short(text)}`"


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def depth(table: Table, above: Sequence[Table] = ()) -> int:
    """How many tables it takes to come to one that refers to none."""
    targets = {key.column.table for _, key in foreign_keys(table)} - {table, *above}
    return max((1 + depth(each, [*above, table]) for each in targets), default=0)
