"""Makes pages of rows from what matches: the best first, and each row once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import groupby
from typing import Any, Final, Generic, Self, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, select, true, union_all

from vetcore.database import ReadSession
from vetcore.database.cursors import Page, cursor_after, position_of, require_limit

__all__ = ["Found", "Match", "MatchedBy", "Ranked", "page_of", "position_after"]

T = TypeVar("T")

_AT_ONCE: Final = 32


@unique
class MatchedBy(StrEnum):
    """The kind of value by which a row was found."""

    NAME = "name"
    MICROCHIP = "microchip"
    LICENSE_NUMBER = "license_number"
    EMAIL = "email"
    PHONE = "phone"
    OWNER = "owner"


SHARED: Final = frozenset({MatchedBy.OWNER})
"""Of what a row may have several: of the others it has one at most."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A row that was found, and how well it matches."""

    item: T
    score: float
    """From 0 to 1, which is exact; 0.8 and more is at most one slip of the pen away."""
    matched: MatchedBy


@dataclass(frozen=True, slots=True)
class Match:
    """A stored value that matches the question, and so all rows that have it."""

    score: float
    by: MatchedBy
    value: str

    @property
    def place(self) -> tuple[float, str, str]:
        """The position of the match in the order."""
        return (-self.score, self.by.value, self.value)


Condition = Callable[[Sequence[str]], ColumnElement[bool]]
"""Whether a row has one of these values."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """All matches, the best first, and how rows are found by them."""

    matches: Sequence[Match]
    conditions: Mapping[MatchedBy, Condition]

    @classmethod
    def of(cls, matches: Iterable[Match], conditions: Mapping[MatchedBy, Condition]) -> Self:
        """Return the matches in order. Of several for a value, the best one is kept."""
        best: dict[tuple[MatchedBy, str], Match] = {}
        for match in matches:
            known = best.setdefault((match.by, match.value), match)
            if match.score > known.score:
                best[match.by, match.value] = match
        return cls(sorted(best.values(), key=lambda match: match.place), conditions)


Position = tuple[float, str, str, UUID]


def position_after(name: str, after: str | None) -> Position | None:
    """Return the position at which the page before ended.

    Raises:
        InvalidValue: the cursor is not of this search.
    """
    if after is None:
        return None
    score, by, value, key = position_of(name, after, kinds=(float, str, str, UUID))
    return score, by, value, key


async def page_of(  # noqa: PLR0913
    session: ReadSession,
    entity: type[Any],
    ranked: Ranked,
    conditions: Sequence[ColumnElement[bool]],
    *,
    name: str,
    limit: int,
    position: Position | None,
    options: Sequence[Any] = (),
) -> Page[Found[Any]]:
    """Return the rows of the matches, in their order and then by key, after the position."""
    require_limit(limit)
    search = _Search(session, entity, ranked, conditions)
    matches = ranked.matches
    rows: list[tuple[UUID, Match]] = []
    if position is not None:
        *place, last = position
        here = [match for match in matches if match.place == tuple(place)]
        matches = [match for match in matches if match.place > tuple(place)]
        rows = await search.keys(here, limit + 1, entity.id > last)
    for chunk in _chunks(matches):
        if len(rows) > limit:
            break
        rows += await search.keys(chunk, limit + 1 - len(rows))
    more = len(rows) > limit
    del rows[limit:]
    if not rows:
        return Page()
    found = await session.scalars(
        select(entity).where(entity.id.in_([key for key, _ in rows])).options(*options)
    )
    items = {item.id: item for item in found}
    page = Page([Found(items[key], match.score, match.by) for key, match in rows if key in items])
    if more:
        key, match = rows[-1]
        page.next_cursor = cursor_after(name, (*match.place, key))
    return page


def _chunks(matches: Iterable[Match]) -> Iterable[list[Match]]:
    """The matches of one kind after the other, a few first: they may be enough."""
    size = 4
    for _, group in groupby(matches, key=lambda match: match.by):
        alike = list(group)
        while alike:
            yield alike[:size]
            del alike[:size]
            size = min(size * 4, _AT_ONCE)


@dataclass(frozen=True, slots=True)
class _Search:
    """What is the same for all parts of one search."""

    session: ReadSession
    entity: type[Any]
    ranked: Ranked
    conditions: Sequence[ColumnElement[bool]]

    async def keys(
        self, chunk: Sequence[Match], limit: int, *beyond: ColumnElement[bool]
    ) -> list[tuple[UUID, Match]]:
        """The keys of the rows of some matches of one kind."""
        if not chunk or limit < 1:
            return []
        entity: Any = self.entity
        base: Any = select(entity.id.label("id"))
        parts: list[Any] = [
            base.add_columns(literal_column(str(place)).label("place"))
            .where(
                entity.deleted_at.is_(None),
                self.ranked.conditions[match.by]([match.value]),
                *self._not_before(match),
                *self.conditions,
                *beyond,
            )
            .order_by(entity.id)
            .limit(limit)
            .subquery()
            for place, match in enumerate(chunk)
        ]
        whole: Any = union_all(*(select(part.c.id, part.c.place) for part in parts)).subquery()
        query = select(whole.c.id, whole.c.place).order_by(whole.c.place, whole.c.id)
        rows = await self.session.execute(query.limit(limit))
        return [(key, chunk[place]) for key, place in rows]

    def _not_before(self, match: Match) -> Iterator[ColumnElement[bool]]:
        """Leave out the rows that something better has found already."""
        for kind, condition in self.ranked.conditions.items():
            if kind is match.by and kind not in SHARED:
                continue
            better = [
                m.value for m in self.ranked.matches if m.by is kind and m.place < match.place
            ]
            if better:
                yield condition(better).is_not(true())
