"""Reads what is true at the moment, beside what is kept of a clinic: who is busy, and the pet."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database import ReadSession
from vetcore.database.driver import is_postgresql, rows_of
from vetcore.scheduling.facts import NOTHING, Busy, Means
from vetcore.scheduling.queries import moment
from vetcore.values.people import Role

__all__ = ["Moment", "in_one_row", "moment_of"]


@dataclass(frozen=True, slots=True)
class Moment:
    """What is true at the moment."""

    unchanged: bool
    database_now: int
    pets: Sequence[Sequence[Any]]
    """Species, status and weight of the pet that was asked for, if there is one."""
    known: Sequence[Sequence[str]]
    """The clinics and practitioners that have seen the pet, or are going to."""
    busy: Mapping[tuple[str, UUID], Busy]
    """When people, rooms, equipment and pet are busy."""
    had: Means
    """Whom and what the appointment that does not count has beside its practitioner."""


async def moment_of(session: ReadSession, given: Mapping[str, Any]) -> Moment:
    """Return what is true at the moment, in one statement."""
    arrays = isinstance(session, AsyncSession) and is_postgresql(session)
    rows = await rows_of(session, moment("postgresql" if arrays else "sqlite"), given)
    busy: dict[tuple[str, UUID], Any] = {}
    told = "[]"
    for resource, identity, since, until, more in rows:
        if more is not None:
            told = more
        elif arrays:
            # Of a person there are two rows: what they see, and what they assist at.
            busy.setdefault((resource, identity), []).extend(zip(since, until, strict=True))
        else:
            busy.setdefault((resource, identity), []).append((since, until))
    return _told(told, busy)


def _told(told: str, busy: Mapping[tuple[str, UUID], Busy]) -> Moment:
    unchanged, now, pets, known, had = json.loads(told)
    return Moment(bool(unchanged), now, _rows(pets), _rows(known), busy, _means(_rows(had)))


def _means(rows: Sequence[Sequence[Any]]) -> Means:
    if not rows:
        return NOTHING
    return Means(
        tuple((UUID(person), Role(role)) for person, role, _, _ in rows if person),
        tuple((UUID(piece), kind) for _, _, piece, kind in rows if piece),
    )


def in_one_row(told: str, taken: str | None) -> Moment:
    """Return the moment that was read in one statement with a timetable."""
    busy: dict[tuple[str, UUID], list[tuple[int, int]]] = {}
    for resource, identity, since, until in json.loads(taken or "[]"):
        busy.setdefault((resource, UUID(identity)), []).append((since, until))
    return _told(told, busy)


def _rows(found: str | list[Any] | None) -> Sequence[Sequence[Any]]:
    """SQLite puts an array into an array as it is, PostgreSQL as a text."""
    return json.loads(found) if isinstance(found, str) else found or ()
