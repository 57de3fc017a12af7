"""Finds stored texts that come close to a text, by means of each engine.

The first step looks up every text that is one slip of the pen away, in an ordinary index. The
second asks the index of trigrams. Neither ranks the texts: :func:`vetcore.values.matching.likeness`
does, so that both engines agree.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
    tuple_,
    union_all,
)

from vetcore.database import ReadSession
from vetcore.errors import InvalidValue
from vetcore.models import Pet, User
from vetcore.models.searching import PHONE_TAIL
from vetcore.models.types import FreeText
from vetcore.values import matching
from vetcore.values.matching import trigrams

__all__ = [
    "PET_NAMES",
    "THRESHOLD",
    "USER_NAMES",
    "Names",
    "alike",
    "containing",
    "near",
    "phones",
    "present",
]

THRESHOLD: Final = 0.4
"""The share of trigrams from which the second step finds a name."""

_LONGEST_TO_CORRECT: Final = 40
_BEGINNINGS: Final = 500
"""Names that begin as asked: no more of them are considered."""
_ALIKE: Final = 2_000
_DEFAULT: Final = "0.6"
_SET_THRESHOLD: Final = text(
    "SELECT current_setting('pg_trgm.word_similarity_threshold', true),"
    " set_config('pg_trgm.word_similarity_threshold', :value, true)"
)
_LAST: Final = "\U0010ffff"

_listed: Any = table("search_names", *map(column, ("key", "kind", "first", "rest", "folded")))
_trigrams: Any = table("search_names_trigrams", column("rowid"), column("search_names_trigrams"))


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one kind of row."""

    entity: type[Any]
    kind: str
    """As SQLite's list calls them."""
    columns: tuple[Any, ...]
    """Of which they are made."""

    @property
    def folded(self) -> ColumnElement[str]:
        """PostgreSQL's generated column."""
        return literal_column(f"{self.entity.__tablename__}.search_name", Text())

    def stored(self, dialect: str) -> tuple[ColumnElement[str], ColumnElement[bool], Any]:
        """The folded names: their column, the condition for rows that count, and the table."""
        if dialect == "postgresql":
            return self.folded, self.entity.deleted_at.is_(None), self.entity
        return _listed.c.folded, _listed.c.kind == self.kind, _listed

    def named(self, names: Sequence[str], dialect: str) -> ColumnElement[bool]:
        """Return whether a row has one of these folded names."""
        if dialect == "postgresql":
            return self.folded == func.any(literal(list(names), ARRAY(Text())))
        listed = select(*(_listed.c.first, _listed.c.rest)[: len(self.columns)]).where(
            _listed.c.kind == self.kind, _listed.c.folded.in_(names)
        )
        whole: Any = self.columns[0] if len(self.columns) == 1 else tuple_(*self.columns)
        condition: ColumnElement[bool] = whole.in_(listed)
        return condition


PET_NAMES: Final = Names(Pet, "pet", (Pet.name,))
USER_NAMES: Final = Names(User, "user", (User.last_name, User.first_name))


def _slips(wanted: str) -> list[str]:
    return [wanted] if len(wanted) > _LONGEST_TO_CORRECT else list(matching.slips(wanted))


async def near(session: ReadSession, names: Names, wanted: str, dialect: str) -> set[str]:
    """Return the names that begin with ``wanted``, or with words that are one slip away from it."""
    slips = _slips(wanted)
    first, lists = _near(names, dialect)
    values = {
        "wanted": wanted,
        "beyond": wanted + _LAST,
        "slips": slips if dialect == "postgresql" else json.dumps(slips),
    }
    found = await _texts(session, first, values)
    if lists is None:
        return found
    return found.union(*map(json.loads, await _texts(session, lists, values)))


@cache
def _near(names: Names, dialect: str) -> tuple[Any, Any]:
    """The statements of :func:`near`: made once, since making them takes as long as they do.

    As a join, SQLite would go through all names to find those that go on after a slip; as a
    subquery, which is the second statement, it must begin with the slips.
    """
    folded, kept, source = names.stored(dialect)
    wanted, beyond = bindparam("wanted", type_=Text()), bindparam("beyond", type_=Text())
    value = column("value", Text())
    if dialect == "postgresql":
        array = bindparam("slips", type_=ARRAY(Text()))
        slip: Any = func.unnest(array).table_valued(value).render_derived()
    else:
        slip = func.json_each(bindparam("slips", type_=Text())).table_valued(value)

    def some(condition: ColumnElement[bool]) -> Select[str]:
        query = select(folded.label("name")).select_from(source).where(kept, condition)
        return query.distinct().order_by(folded).limit(_BEGINNINGS)

    begins = some(and_(folded >= wanted, folded < beyond)).subquery()
    same = select(slip.c.value).where(
        exists(select(1).select_from(source).where(kept, folded == slip.c.value))
    )
    goes_on = and_(folded >= slip.c.value.concat(" "), folded < slip.c.value.concat("!"))
    if dialect == "postgresql":
        longer: Any = some(goes_on).correlate(slip).lateral()
        more = select(longer.c.name).select_from(slip.join(longer, true()))
        return union_all(select(begins.c.name), same, more), None
    inner = select(func.json_group_array(folded, type_=Text())).select_from(source)
    lists = inner.where(kept, goes_on).correlate(slip).scalar_subquery()
    return union_all(select(begins.c.name), same), select(lists).select_from(slip)


async def alike(session: ReadSession, names: Names, wanted: str, dialect: str) -> set[str]:
    """Return the names that share trigrams with ``wanted``, as a whole or in some words."""
    if dialect == "postgresql":
        folded = names.folded
        query = (
            select(folded)
            .select_from(names.entity)
            .where(literal(wanted).op("<%", is_comparison=True)(folded))
            .distinct()
            .limit(_ALIKE)
        )
        before = await _threshold(session, str(THRESHOLD))
        found = await _texts(session, query)
        await _threshold(session, before or _DEFAULT)
        return found
    pieces = sorted(trigrams(wanted))
    phrases = ['"' + piece.replace('"', '""') + '"' for piece in pieces]
    piece: Any = func.json_each(json.dumps(phrases)).table_valued("value")
    shared = (
        select(_trigrams.c.rowid.label("key"))
        .join(piece, _trigrams.c.search_names_trigrams.op("MATCH")(piece.c.value))
        .group_by(_trigrams.c.rowid)
        .having(func.count() >= math.ceil(THRESHOLD * len(pieces)))
        .order_by(func.count().desc(), _trigrams.c.rowid)
        .subquery()
    )
    query = select(_listed.c.folded).join(shared, shared.c.key == _listed.c.key)
    return await _texts(session, query.where(_listed.c.kind == names.kind).limit(_ALIKE))


async def _texts(session: ReadSession, query: Any, values: Any = None) -> set[str]:
    """What a query of texts finds; it says itself which rows count."""
    return set(await session.scalars(query, values, execution_options={"include_deleted": True}))


async def _threshold(session: ReadSession, value: str) -> str | None:
    """Set what the operator finds in this transaction; what it was before, if it had been used."""
    before, _ = (await session.execute(_SET_THRESHOLD, {"value": value})).one()
    return None if before is None else str(before)


async def present(session: ReadSession, held: Any, wanted: Iterable[str], dialect: str) -> set[str]:
    """Return the texts in a column that are one slip away from any of ``wanted``."""
    longest = held.type.length
    ways = {way for each in wanted for way in (each, _as_stored(held, each))}
    slips = sorted({s for way in ways for s in _slips_in_case(way) if len(s) <= longest})
    if not slips:
        return set()
    # As one value: there are about a thousand, and each of its own would be prepared by itself.
    if dialect == "postgresql":
        among: Any = held == func.any(literal(slips, ARRAY(FreeText())))
    else:
        listed: Any = func.json_each(json.dumps(slips)).table_valued("value")
        among = held.in_(select(listed.c.value))
    entity: Any = held.class_
    return await _texts(session, select(held).where(among, entity.deleted_at.is_(None)).distinct())


def _as_stored(held: Any, text: str) -> str:
    try:
        stored: str = held.type.coerce(text)
    except InvalidValue:
        return text
    return stored


def _slips_in_case(wanted: str) -> Iterable[str]:
    """The slips of a text; of one in capitals, in capitals."""
    return map(str.upper, _slips(wanted)) if wanted.isupper() else _slips(wanted)


async def containing(session: ReadSession, held: Any, part: str) -> set[str]:
    """Return the texts of a column that contain ``part``, in any case of letters."""
    if len(part) > held.type.length:
        return set()
    entity: Any = held.class_
    query = (
        select(held)
        .where(held.icontains(part, autoescape=True), entity.deleted_at.is_(None))
        .distinct()
        .order_by(held)
        .limit(_BEGINNINGS)
    )
    return await _texts(session, query)


async def phones(session: ReadSession, digits: str, dialect: str) -> set[str]:
    """Return the telephone numbers whose last digits are at most one slip from ``digits``."""
    tails = list(matching.slips(digits[-PHONE_TAIL:]))
    if dialect == "postgresql":
        ends = literal_column("users.search_phone", Text())
        query = select(User.phone).where(ends.in_(tails), User.deleted_at.is_(None))
    else:
        listed = _listed.c.folded.in_(tails)
        query = select(_listed.c.first).where(_listed.c.kind == "phone", listed)
    return await _texts(session, query.distinct())
