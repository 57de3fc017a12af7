"""Removes rows for good that have been kept long enough.

A row is never removed while another row refers to it, whatever the foreign key would do: the
referring row is removed first, once its own time has come. The work is done in batches, each in its
own transaction. So a run that is killed leaves nothing half done.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    column,
    delete,
    exists,
    inspect,
    not_,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.schema import sort_tables

from vetcore import clock
from vetcore.database.registry import schema
from vetcore.database.session import Session
from vetcore.errors import ConfigurationError, InvalidValue
from vetcore.settings import RetentionSettings

if TYPE_CHECKING:
    from vetcore.database.core import Database

__all__ = ["Cleaned", "Progress", "Retention", "Sweep", "clean"]

Progress = Callable[["Cleaned"], None]

DELETED: Final = "deleted rows"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many rows of a table were removed, or had a value cleared, and why."""

    table: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """A kind of row that is removed when it has been kept long enough."""

    kind: str
    setting: str
    """The field of :class:`vetcore.settings.RetentionSettings` that says how many days."""
    table: Table
    due: Callable[[datetime], ColumnElement[bool]]
    """Which rows are due that may go if they are older than the instant."""


class Retention(NamedTuple):
    """What the layers above declare of their rows."""

    sweeps: tuple[Sweep, ...] = ()
    """The rows that are removed after a time, beside those that were deleted."""
    kept: Mapping[str, ColumnElement[bool]] = {}
    """By table, the rows that are never removed, deleted or not."""


class _Reference(NamedTuple):
    """A foreign key that the database has, ours or anybody's."""

    child: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]


async def clean(  # noqa: PLR0913
    db: "Database",
    retention: RetentionSettings | None = None,
    *,
    dry_run: bool = False,
    batch: int = 500,
    also: Iterable[Table] = (),
    progress: Progress | None = None,
) -> list[Cleaned]:
    """Remove what has been kept long enough; :meth:`Database.clean` explains it.

    Raises:
        ConfigurationError: ``vetcore.models`` has not been imported, so nothing is known.
        InvalidValue: ``batch`` is not positive.
    """
    if not schema.tables:
        message = "There is nothing to clean: import vetcore.models first"
        raise ConfigurationError(message)
    if batch < 1:
        raise InvalidValue(field="batch", rule="must be positive", expected="1 or more")
    periods = retention or RetentionSettings()
    moment = clock.now()
    counts: dict[tuple[str, str], int] = {}

    def counted(work: Sweep, rows: int) -> None:
        if rows:
            place = (work.table.name, work.kind)
            counts[place] = counts.get(place, 0) + rows
            if progress is not None:
                progress(Cleaned(*place, counts[place]))

    works = list(_works(periods, moment, also))
    if dry_run:
        # Done, counted and undone: only so is known what goes once the rows that refer to it went.
        async with db.transaction() as session:
            references = await _references(session)
            await _until_nothing_is_left(
                works, references, lambda work, due: _batch(session, work, due, batch), counted
            )
            await session.rollback()
    else:
        async with db.transaction() as session:
            references = await _references(session)

        async def one(work: Sweep, due: ColumnElement[bool]) -> int:
            async with db.transaction() as session:
                return await _batch(session, work, due, batch)

        await _until_nothing_is_left(works, references, one, counted)
    return [Cleaned(*place, rows) for place, rows in counts.items()]


def _works(
    periods: RetentionSettings, moment: datetime, also: Iterable[Table]
) -> Iterator[tuple[Sweep, ColumnElement[bool]]]:
    """Everything that may go, children before the tables that they refer to."""
    ours = [known for known in schema.every_table() if known.name in schema.tables]
    tables = dict.fromkeys([*ours, *also])
    retention = Retention() if schema.retention_of is None else schema.retention_of()
    works = [
        *retention.sweeps,
        *(_deleted(each) for each in tables if "deleted_at" in each.c),
    ]
    order = {each.name: place for place, each in enumerate(reversed(sort_tables(tables)))}
    for work in sorted(works, key=lambda each: order.get(each.table.name, -1)):
        days: int | None = getattr(periods, work.setting)
        if days is None:
            continue
        due = work.due(moment - timedelta(days=days))
        kept = retention.kept.get(work.table.name)
        yield work, due if kept is None else and_(due, not_(kept))


def _deleted(kept: Table) -> Sweep:
    return Sweep(DELETED, "deleted_days", kept, lambda before: kept.c.deleted_at < before)


async def _until_nothing_is_left(
    works: list[tuple[Sweep, ColumnElement[bool]]],
    references: Mapping[str, list[_Reference]],
    one_batch: Callable[[Sweep, ColumnElement[bool]], Any],
    counted: Callable[[Sweep, int], None],
) -> None:
    """Delete in rounds: rows that refer to other rows of their own table go first."""
    found = True
    while found:
        found = False
        for work, due in works:
            free = and_(due, *_unreferred(work.table, references))
            while rows := await one_batch(work, free):
                counted(work, rows)
                found = True


async def _batch(session: Session, work: Sweep, due: ColumnElement[bool], size: int) -> int:
    keys = list(work.table.primary_key)
    everything = {"include_deleted": True}
    # Locked first, so that nobody comes to refer to them meanwhile; who holds one, keeps it for now.
    query = select(*keys).where(due).limit(size).with_for_update(skip_locked=True)
    found = [tuple(row) for row in await session.execute(query, execution_options=everything)]
    if not found:
        return 0
    these = keys[0].in_([key for (key,) in found]) if len(keys) == 1 else tuple_(*keys).in_(found)
    gone = delete(work.table).where(these, due)
    result: Any = await session.execute(gone, execution_options=everything)
    return int(result.rowcount)


def _unreferred(
    parent: Table, references: Mapping[str, list[_Reference]]
) -> Iterator[ColumnElement[bool]]:
    primary = [key.name for key in parent.primary_key]
    for reference in references.get(parent.name, ()):
        itself = reference.child == parent.name
        names = {*reference.columns, *(primary if itself else ())}
        child = table(reference.child, *map(column, names)).alias()
        pairs = zip(reference.columns, reference.keys, strict=True)
        equal = [child.c[name] == parent.c[key] for name, key in pairs]
        if itself:
            equal.append(or_(*(child.c[name] != parent.c[name] for name in primary)))
        yield ~exists().where(*equal).correlate(parent)


async def _references(session: Session) -> Mapping[str, list[_Reference]]:
    """Every foreign key in the database by the table that it refers to, but for those of parts."""
    connection = await session.connection()
    tenant: str | None = session.info.get("tenant")

    def read(sync: Connection) -> dict[str, list[_Reference]]:
        found: dict[str, list[_Reference]] = {}
        keys: Any = inspect(sync).get_multi_foreign_keys(schema=tenant)
        for (_, child), constraints in keys.items():
            for each in constraints:
                reference = _Reference(
                    child,
                    tuple(each["constrained_columns"]),
                    each["referred_table"],
                    tuple(each["referred_columns"]),
                )
                if not _is_part(reference):
                    found.setdefault(reference.parent, []).append(reference)
        return found

    return await connection.run_sync(read)


def _is_part(reference: _Reference) -> bool:
    """Whether the rows that refer are but links, which end with either side."""
    child = schema.table(reference.child)
    if child is None or "deleted_at" in child.c:
        return False
    linked = {key.parent.name for key in child.foreign_keys if key.ondelete == "CASCADE"}
    return {key.name for key in child.primary_key} <= linked
