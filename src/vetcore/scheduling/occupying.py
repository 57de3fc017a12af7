"""Writes whom and what an appointment occupies beside its practitioner, its room and its pet."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.database import ReadSession
from vetcore.database.inserting import inserted, new_row
from vetcore.errors import SlotTaken
from vetcore.models import Appointment, Equipment, Occupation
from vetcore.scheduling.assisting import beside
from vetcore.scheduling.conflicts import expire_stale_holds
from vetcore.scheduling.facts import Means
from vetcore.scheduling.world import World
from vetcore.values.intervals import instant

__all__ = [
    "Exchange",
    "Lost",
    "all_occupied_beside",
    "candidates",
    "exchange",
    "occupied_beside",
    "occupy_beside",
    "vacate",
]

_row = Occupation


class Lost(Exception):
    """Somebody else has an assistant, or a piece of equipment, by now."""

    def __init__(self, key: UUID, taken: SlotTaken) -> None:
        super().__init__()
        self.key = key
        self.taken = taken


class Exchange(NamedTuple):
    """Whom and what an appointment lets go, and takes anew."""

    gone: Means = Means()
    fresh: Means = Means()

    @property
    def ids(self) -> frozenset[UUID]:
        """All of them."""
        return self.gone.ids | self.fresh.ids


def exchange(world: World, practitioner_id: UUID, start: int) -> Exchange:
    """Return whom and what an appointment lets go, and takes anew, to be at ``start``.

    Raises:
        SlotTaken: somebody or something is missing then.
    """
    wanted = beside(world, practitioner_id, start)
    if wanted is None:
        at, end = instant(start), instant(start + world.duration)
        raise SlotTaken(resource="assistant", start=at, end=end)
    return Exchange(world.kept.without(wanted), wanted.without(world.kept))


def candidates(world: World) -> set[UUID]:
    """Return all of whom and of what some could be taken, so that their turns are taken at once."""
    people = {each.id for several in world.assistants for each in several}
    return people | {each.id for several in world.equipment for each in several}


async def occupied_beside(session: ReadSession, appointment_id: UUID) -> Means:
    """Return whom and what an appointment has beside its practitioner, its room and its pet."""
    found = await all_occupied_beside(session, [appointment_id])
    return found.get(appointment_id, Means())


async def all_occupied_beside(
    session: ReadSession, appointment_ids: Collection[UUID]
) -> dict[UUID, Means]:
    """Return the same of several appointments, by their ids; of those that have anything."""
    found = await session.execute(
        select(_row.appointment_id, _row.person_id, _row.role, _row.equipment_id, Equipment.kind)
        .outerjoin(Equipment, Equipment.id == _row.equipment_id)
        .where(_row.appointment_id.in_(appointment_ids))
        .order_by(_row.id),
        # A piece stays with its appointments though it was deleted.
        execution_options={"include_deleted": True},
    )
    people: dict[UUID, list[Any]] = {}
    pieces: dict[UUID, list[Any]] = {}
    for key, person, role, piece, kind in found:
        if person is not None:
            people.setdefault(key, []).append((person, role))
        else:
            pieces.setdefault(key, []).append((piece, kind))
    return {
        key: Means(tuple(people.get(key, ())), tuple(pieces.get(key, ())))
        for key in people.keys() | pieces.keys()
    }


async def occupy_beside(session: AsyncSession, at: Mapping[str, Any], wanted: Means) -> None:
    """Let an appointment, which is written already, occupy people and equipment.

    Args:
        session: of a transaction, in a savepoint that goes back where this raises.
        at: the appointment's columns.
        wanted: whom and what it does not occupy yet.

    Raises:
        Lost: somebody else has one of them by now.
    """
    if not wanted.ids:
        return
    await _clear_stale_holds(session, wanted.ids, at["occupied_from"], at["occupied_until"])
    times = {name: at[name] for name in ("occupied_from", "occupied_until")}
    given: Iterable[dict[str, Any]] = (
        *({"person_id": person, "role": role} for person, role in wanted.assistants),
        *({"equipment_id": piece} for piece, _ in wanted.equipment),
    )
    for each in given:
        row = new_row(
            session, Occupation, {"appointment_id": at["id"], "occupying": True, **times, **each}
        )
        try:
            is_free = await inserted(session, Occupation, row)
        except SlotTaken:
            is_free = False
        if not is_free:
            resource = "equipment" if row["person_id"] is None else "assistant"
            key = row["person_id"] or row["equipment_id"]
            raise Lost(
                key,
                SlotTaken(
                    resource=resource, resource_id=key, start=at["starts_at"], end=at["ends_at"]
                ),
            )


async def vacate(session: AsyncSession, appointment_id: UUID, keys: Collection[UUID]) -> None:
    """Let an appointment no longer occupy some people and equipment."""
    if keys:
        theirs = or_(_row.person_id.in_(keys), _row.equipment_id.in_(keys))
        await session.execute(
            delete(_row).where(_row.appointment_id == appointment_id, theirs),
            execution_options={"synchronize_session": False},
        )


async def _clear_stale_holds(
    session: AsyncSession, keys: Collection[UUID], since: datetime, until: datetime
) -> None:
    theirs = or_(_row.person_id.in_(keys), _row.equipment_id.in_(keys))
    held = select(_row.appointment_id).where(
        theirs, _row.occupying, _row.occupied_from < until, _row.occupied_until > since
    )
    await expire_stale_holds(
        session,
        or_(Appointment.id.in_(held), Appointment.practitioner_id.in_(keys)),
        Appointment.occupied_from < until,
        Appointment.occupied_until > since,
    )
