"""Statements over a few rows, some of them deleted, against plain Python that has only the others.

Each case joins two to four tables: inner, outer and full joins, nested to the left and to the right,
of tables themselves and of aliases. It is asked as a Core and as an ORM statement, as it is and within
a subquery, a CTE, a union, an EXISTS or an INSERT, on both engines.
"""

import random
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, exists, insert, select, union_all
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, join, mapped_column

from vetcore import clock
from vetcore.database import Database, Session
from vetcore.database.softdelete import SoftDeletes
from vetcore.embedded import running_postgresql
from vetcore.models.types import UtcDateTime

__all__ = ["CI_COUNT", "attempt", "prepared"]

CI_COUNT = 150


class _Base(DeclarativeBase):
    metadata = MetaData()


class _Row(SoftDeletes, _Base):
    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    x: Mapped[int]
    deleted_at: Mapped[Any] = mapped_column(UtcDateTime(), default=None, nullable=True)


class _First(_Row):
    __tablename__ = "trial_first"


class _Second(_Row):
    __tablename__ = "trial_second"


class _Third(_Row):
    __tablename__ = "trial_third"


_KINDS: tuple[type[_Row], ...] = (_First, _Second, _Third)
_MOST = 4
_FOUND = Table(
    "trial_found", _Base.metadata, *(Column(f"leaf_{place}", Integer) for place in range(_MOST))
)

_Stored = tuple[int, int, bool]
"""A row: its key, what it is joined by, and whether it is deleted."""


@dataclass(frozen=True)
class _Leaf:
    place: int
    kind: int
    is_alias: bool


@dataclass(frozen=True)
class _Joined:
    left: "_Leaf | _Joined"
    right: "_Leaf | _Joined"
    way: str
    """``inner``, ``left`` or ``full``."""
    between: tuple[int, int]
    """The places of the leaves whose ``x`` must be equal."""


_Tree = _Leaf | _Joined


def _leaves(tree: _Tree) -> Iterator[_Leaf]:
    if isinstance(tree, _Leaf):
        yield tree
    else:
        yield from _leaves(tree.left)
        yield from _leaves(tree.right)


def _grown(leaves: Sequence[_Leaf], chance: random.Random) -> _Tree:
    if len(leaves) == 1:
        return leaves[0]
    cut = chance.randrange(1, len(leaves))
    left, right = _grown(leaves[:cut], chance), _grown(leaves[cut:], chance)
    way = chance.choice(("inner", "left", "left", "full"))
    between = (chance.choice([*_leaves(left)]).place, chance.choice([*_leaves(right)]).place)
    return _Joined(left, right, way, between)


_Answer = Mapping[int, _Stored | None]


def _expected(tree: _Tree, rows: Sequence[Sequence[_Stored]]) -> list[_Answer]:
    """What the join has when the deleted rows are not there."""
    if isinstance(tree, _Leaf):
        return [{tree.place: row} for row in rows[tree.kind] if not row[2]]
    lefts, rights = _expected(tree.left, rows), _expected(tree.right, rows)
    found: list[_Answer] = []
    met: set[int] = set()
    for left in lefts:
        partners = [number for number, right in enumerate(rights) if _meet(tree, left, right)]
        met.update(partners)
        found += [{**left, **rights[number]} for number in partners]
        if not partners and tree.way != "inner":
            found.append({**left, **_nothing(tree.right)})
    if tree.way == "full":
        alone = (right for number, right in enumerate(rights) if number not in met)
        found += [{**_nothing(tree.left), **right} for right in alone]
    return found


def _meet(tree: _Joined, left: _Answer, right: _Answer) -> bool:
    here, there = left[tree.between[0]], right[tree.between[1]]
    return here is not None and there is not None and here[1] == there[1]


def _nothing(tree: _Tree) -> _Answer:
    return dict.fromkeys(leaf.place for leaf in _leaves(tree))


def _as_core(leaf: _Leaf) -> Any:
    table: Any = _KINDS[leaf.kind].__table__
    return table.alias() if leaf.is_alias else table


def _as_entity(leaf: _Leaf) -> Any:
    return aliased(_KINDS[leaf.kind]) if leaf.is_alias else _KINDS[leaf.kind]


def _x(source: Any) -> Any:
    return source.c.x if hasattr(source, "c") else source.x


def _id(source: Any) -> Any:
    return source.c.id if hasattr(source, "c") else source.id


def _source(tree: _Tree, sources: Mapping[int, Any], *, core: bool) -> Any:
    if isinstance(tree, _Leaf):
        return sources[tree.place]
    left, right = (_source(side, sources, core=core) for side in (tree.left, tree.right))
    equal = _x(sources[tree.between[0]]) == _x(sources[tree.between[1]])
    options = {"isouter": tree.way == "left", "full": tree.way == "full"}
    return left.join(right, equal, **options) if core else join(left, right, equal, **options)


def _chained(statement: Any, tree: _Tree, sources: Mapping[int, Any]) -> Any | None:
    """The same with ``Select.join``; None for a join that nests to the right."""
    if isinstance(tree, _Leaf):
        return statement.select_from(sources[tree.place])
    if not isinstance(tree.right, _Leaf):
        return None
    before = _chained(statement, tree.left, sources)
    if before is None:
        return None
    equal = _x(sources[tree.between[0]]) == _x(sources[tree.between[1]])
    right = sources[tree.right.place]
    return before.join(right, equal, isouter=tree.way == "left", full=tree.way == "full")


@asynccontextmanager
async def prepared() -> AsyncGenerator[Sequence[Database]]:
    """A database of each engine, with the tables of the trial."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(running_postgresql())
        urls = ("sqlite:///:memory:", server.url("postgres"))
        databases = [await stack.enter_async_context(Database(url)) for url in urls]
        for db in databases:
            async with db.engine.begin() as connection:
                await connection.run_sync(_Base.metadata.create_all)
        yield databases


async def attempt(prepared: Sequence[Database], chance: random.Random) -> None:
    """One join, asked in one way, of one set of rows."""
    rows = [
        [(key, chance.randrange(3), chance.random() < 0.4) for key in range(chance.randrange(4))]
        for _ in _KINDS
    ]
    count = chance.randrange(2, _MOST + 1)
    kinds = [chance.randrange(len(_KINDS)) for _ in range(count)]
    tree = _grown(
        [
            _Leaf(place, kind, kind in kinds[:place] or chance.random() < 0.3)
            for place, kind in enumerate(kinds)
        ],
        chance,
    )
    core = chance.random() < 0.5
    sources = {leaf.place: (_as_core if core else _as_entity)(leaf) for leaf in _leaves(tree)}
    statement: Any = select(*(_id(sources[place]).label(f"n{place}") for place in range(count)))
    chained = _chained(statement, tree, sources) if chance.random() < 0.5 else None
    if chained is None:
        chained = statement.select_from(_source(tree, sources, core=core))
    around = chance.choice(("itself", "subquery", "cte", "union", "exists", "insert"))
    answers = Counter(
        tuple(row and row[0] for row in (answer[place] for place in range(count)))
        for answer in _expected(tree, rows)
    )
    if around == "union":
        answers += answers
    for db in prepared:
        async with db.transaction() as session:
            await _store(session, rows)
            found = await _ask(session, chained, around, count)
            await session.rollback()
        expected: Any = bool(answers) if around == "exists" else answers
        if found != expected:
            message = f"{db.dialect}, {around}:\n{chained}\n{rows}\n{found}\ninstead of {expected}"
            raise AssertionError(message)


async def _store(session: Session, rows: Sequence[Sequence[_Stored]]) -> None:
    moment = clock.now()
    for kind, stored in zip(_KINDS, rows, strict=True):
        if stored:
            values = [
                {"id": key, "x": x, "deleted_at": moment if deleted else None}
                for key, x, deleted in stored
            ]
            await session.execute(insert(kind), values)


async def _ask(session: Session, statement: Any, around: str, count: int) -> Any:
    asked: Any
    match around:
        case "subquery":
            asked = select(statement.subquery())
        case "cte":
            asked = select(statement.cte())
        case "union":
            asked = union_all(statement, statement)
        case "exists":
            return bool(await session.scalar(select(exists(statement))))
        case "insert":
            names = [f"leaf_{place}" for place in range(count)]
            await session.execute(insert(_FOUND).from_select(names, statement))
            asked = select(*(_FOUND.c[name] for name in names))
        case _:
            asked = statement
    return Counter(tuple(row) for row in await session.execute(asked))
