"""The views of restricted sessions: for each declared table one that shows what may be read of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Column, Table, exists, select
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping
from sqlalchemy.sql.operators import in_op, or_

from vetcore.access.entities import ACCESS, Part, access_of
from vetcore.access.permissions import Permission
from vetcore.access.relating import Condition
from vetcore.access.restricting.asker import Asker, Audience
from vetcore.database.registry import schema as known
from vetcore.errors import ConfigurationError
from vetcore.models import Appointment, MedicalRecord, Occupation, Pet, PetCoOwner, RecordAddendum

__all__ = ["quoted", "shown", "views"]


class _Beside(NamedTuple):
    """Rows that are read with another: who sees that one, sees them."""

    entity: type[Any]
    of: type[Any]
    key: str
    parts: tuple[Part, ...] = ()


_BESIDE: Final = (
    _Beside(PetCoOwner, Pet, "pet_id"),
    _Beside(
        Occupation,
        Appointment,
        "appointment_id",
        (Part(Permission.APPOINTMENT_READ_INTERNAL, "occupied_from", "occupied_until"),),
    ),
    _Beside(
        RecordAddendum,
        MedicalRecord,
        "record_id",
        (Part(Permission.RECORD_READ_NOTES, "signature"),),
    ),
)


def shown(present: Collection[str]) -> list[str]:
    """Return the names of the tables that restricted sessions see something of.

    A declared table of a service's own that is not ``present`` is left out.
    """
    declared = (each.__tablename__ for each in (*ACCESS, *(beside.entity for beside in _BESIDE)))
    return [name for name in declared if name in present or name in known.tables]


def views(
    audience: Audience, schema: str, functions: str, present: Collection[str]
) -> Iterator[str]:
    """Return the statements that make the views of one audience.

    Args:
        audience: for whom they are.
        schema: where they go.
        present: the tables that there are.
        functions: the schema with the function that tells who asks.

    Raises:
        ConfigurationError: the table of a declared entity cannot be shown.
    """
    names = shown(present)
    for entity, access in ACCESS.items():
        if entity.__tablename__ not in names:
            continue
        table = _table(entity)
        who = Asker(audience)
        where = _of_those(table, table, who.has(access.read, entity, table.c, by_keys=True))
        if "deleted_at" in table.c:
            where = f"{quoted(table.name)}.deleted_at IS NULL AND {where}"
        withheld = {
            name: (part, _may(who, entity, table.c, part))
            for part in access.parts
            for name in part.columns
        }
        yield _view(table, where, withheld, who, schema, functions)
    for beside in _BESIDE:
        table = _table(beside.entity)
        who = Asker(audience)
        rows: Any = beside.of.__table__
        mine = table.c[beside.key] == rows.c.id
        read = who.has(access_of(beside.of).read, beside.of, rows.c, by_keys=True)
        alive = _sql(table, exists().where(mine, rows.c.deleted_at.is_(None)))
        where = f"{_of_those(table, rows, read, key=beside.key)} AND {alive}"
        parts: dict[str, tuple[Part, _May]] = {}
        for part in beside.parts:
            may = _may(who, beside.of, rows.c, part)
            seen = may if isinstance(may, bool) else exists().where(mine, may)
            parts |= dict.fromkeys(part.columns, (part, seen))
        yield _view(table, where, parts, who, schema, functions)


def _table(entity: type[Any]) -> Table:
    table: Table = entity.__table__
    if table.schema is not None:
        message = (
            f"{entity.__name__} is in the schema {table.schema!r}: restricted sessions see the "
            "tables of the schema in which vetcore's are"
        )
        raise ConfigurationError(message)
    return table


_May = Condition | bool
"""Whether whoever sees the row sees a part of it: always, never, or under a condition."""


def _may(who: Asker, entity: type[Any], row: Any, part: Part) -> _May:
    if part.permission is None:
        return False
    if who.has_wherever(part.permission, access_of(entity).read):
        return True
    return who.has(part.permission, entity, row)


def _view(  # noqa: PLR0913, PLR0917 -- of one call
    table: Table,
    where: str,
    withheld: Mapping[str, tuple[Part, _May]],
    who: Asker,
    schema: str,
    functions: str,
) -> str:
    columns = ", ".join(_columns(table, table.columns, withheld))
    name = quoted(table.name)
    # The conditions have told by now which clinics they look at.
    return (
        f"CREATE VIEW {schema}.{name} WITH (security_barrier) AS"  # noqa: S608 -- of names of ours
        f" WITH {who.expression(functions)} SELECT {columns} FROM {name} WHERE {where}"
    )


def _of_those(table: Table, rows: Table, condition: Condition, *, key: str | None = None) -> str:
    """Return the condition that a row fulfils one on ``rows``: on itself, or on what ``key`` names.

    A row may fulfil it in several ways, and each is a query for keys. PostgreSQL goes from the few
    keys of a clinic to the rows, or from a row that is asked for to the keys, as it is cheaper; it
    would try conditions that OR connects on every row.
    """
    ways = list(_ways(condition))
    own = next(iter(rows.primary_key))
    sets = [_keys(own, way) for way in ways]
    if key is None and not (sets[1:] and any(sets)):
        return f"({_sql(table, condition)})"
    name = f"{quoted(rows.name)}.{quoted(own.name)}"
    found = " UNION ALL ".join(
        keys or f"SELECT {name} FROM {quoted(rows.name)} WHERE {_sql(rows, way)}"  # noqa: S608 -- of names of ours
        for way, keys in zip(ways, sets, strict=True)
    )
    return f"{quoted(table.name)}.{quoted(key or own.name)} IN ({found})"


def _ways(condition: Any) -> Iterator[Any]:
    """The conditions that OR connects, or the one that there is."""
    inner: Any = cast("Any", condition).element if isinstance(condition, Grouping) else condition
    if isinstance(inner, BooleanClauseList) and inner.operator is or_:
        for each in inner.clauses:
            yield from _ways(each)
    else:
        yield condition


def _keys(own: Column[Any], way: Any) -> str | None:
    """The query of ``way``, if that is the condition that it has the key ``own``."""
    if not (isinstance(way, BinaryExpression) and way.operator is in_op and way.left is own):
        return None
    query: Any = way.right
    written = query.compile(dialect=_dialect(), compile_kwargs={"literal_binds": True})
    return str(written).strip().removeprefix("(").removesuffix(")")


def _columns(
    table: Table, columns: Iterable[Column[Any]], withheld: Mapping[str, tuple[Part, _May]]
) -> Iterator[str]:
    for each in columns:
        name = f"{quoted(table.name)}.{quoted(each.name)}"
        part, may = withheld.get(each.name, (None, True))
        if part is None or may is True:
            yield name
            continue
        when = "false" if may is False else _sql(table, may)
        yield f"{_where(name, when, part.kept.get(each.name))} AS {quoted(each.name)}"


def _where(name: str, condition: str, kept: Iterable[str] | None) -> str:
    """The column under a condition. Of a document there may be fields that are shown without it."""
    if kept is None:
        # A subselect has the very type of its column, length included, as CASE has not. It is the
        # same in the views of each audience then, and a prepared statement goes on to serve them all.
        return f"(SELECT {name} WHERE {condition})"
    fields = ", ".join(f"'{field}'" for field in kept)
    return (
        f"CASE WHEN {condition} THEN {name} WHEN {name} IS NOT NULL THEN"  # noqa: S608 -- of names of ours
        " (SELECT coalesce(jsonb_object_agg(field.key, field.value), '{}')"
        f" FROM jsonb_each({name}) AS field WHERE field.key IN ({fields})) END"
    )


def _sql(table: Table, condition: Any) -> str:
    """The condition as SQL that names the columns of ``table``."""
    query = select(table).where(condition)
    compiled = query.compile(dialect=_dialect(), compile_kwargs={"literal_binds": True})
    return str(compiled).partition("WHERE ")[2]


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    written: str = _dialect().identifier_preparer.quote(name)
    return written


@cache
def _dialect() -> Any:
    # Views are made once; whoever only asks what they may does not need the dialect.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.dialect()  # type: ignore[no-untyped-call]
