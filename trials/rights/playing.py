"""Plays sequences of acts, and asks vetcore what everybody may do then."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, or_, select

from trials.rights.acts import Act
from trials.rights.doing import DAY_ZERO, Played
from trials.rights.world import World, may
from vetcore import clock, models
from vetcore.access import Actor, Permission, load_actor, visible
from vetcore.access.relations import relations
from vetcore.database import Database, ReadSession

__all__ = ["differences", "play"]

_KINDS: Final[Mapping[str, tuple[type[Any], str]]] = {
    "users": (models.User, "user"),
    "pets": (models.Pet, "pet"),
    "entries": (models.ClinicPatient, "patient"),
    "visits": (models.Appointment, "appointment"),
    "waits": (models.WaitlistEntry, "waitlist"),
    "offers": (models.Invitation, "invitation"),
    "jobs": (models.StaffMembership, "staff"),
}
"""The entity of each kind of row, and the first word of its permissions."""

_PERMISSIONS: Final = {
    kind: [each for each in Permission if each.partition(":")[0] == word]
    for kind, (_, word) in _KINDS.items()
}


async def play(db: Database, worlds: Sequence[World], steps: Sequence[Act]) -> None:
    """Do the acts on a database, and compare it with the worlds.

    Raises:
        AssertionError: it says what came, and what should have come.
    """
    with clock.frozen(DAY_ZERO) as stopped:
        played = Played(db, stopped, worlds[0])
        await played.begin(worlds[0])
        try:
            for number, step in enumerate(steps):
                before = worlds[number]
                should = step.on(before) is not None
                done = await played.do(step, before)
                told = f"{db.dialect}: {steps[: number + 1]} was done: {done}, in {before}"
                assert done == should, told
            wrong = await differences(played, worlds[-1])
        finally:
            await played.end()
    assert not wrong, f"{db.dialect}: after {steps}, {worlds[-1]}: " + "; ".join(wrong)


@cache
def _held(kind: str, dialect: str) -> Any:
    """Of rows, whether somebody has each of the permissions on them, as operations ask it."""
    rows: Any = _KINDS[kind][0].__table__
    entity: Any = _KINDS[kind][0]
    ways = [relations(entity, each, dialect) for each in _PERMISSIONS[kind]]
    columns = [or_(way.staff, way.owner).label(f"p{place}") for place, way in enumerate(ways)]
    keys = bindparam("keys", expanding=True, type_=Uuid())
    return select(rows.c.id, *columns).where(rows.c.id.in_(keys))


async def differences(played: Played, world: World) -> list[str]:
    """Where the operations' rules and the model's do not say the same of a row."""
    found: list[str] = []
    async with played.db.session() as session:
        places = await _places(played, session, world)
        for person, account in enumerate(world.accounts):
            if account.exists:
                actor = await load_actor(session, played.people[person])
                for kind in _KINDS:
                    found += await _differ(
                        session, world, person, actor, kind, places, played.db.dialect
                    )
    return found


async def _differ(  # noqa: PLR0913, PLR0917 -- of a loop
    session: ReadSession,
    world: World,
    person: int,
    actor: Actor,
    kind: str,
    places: Mapping[str, Mapping[UUID, int]],
    dialect: str,
) -> list[str]:
    permissions, keys = _PERMISSIONS[kind], sorted(places[kind])
    everything = {"include_deleted": True}  # those that are deleted have no place
    rows = await session.execute(
        _held(kind, dialect),
        {**actor.parameters(), "keys": keys},
        execution_options=everything,
    )
    found: list[str] = []
    for key, *held in rows:
        place = places[kind][key]
        wanted = [may(world, person, each, kind, place) for each in permissions]
        said = [bool(each) for each in held]
        found += [
            f"{person} on {kind}[{place}]: {permission} is {is_held}, and should be {should}"
            for permission, is_held, should in zip(permissions, said, wanted, strict=True)
            if is_held != should
        ]
    if person == world.today % len(world.accounts):
        # Lists are filtered in another way than rows that a command names; one person will do.
        found += await _lists_differ(session, world, person, actor, kind, places[kind])
    return found


async def _lists_differ(  # noqa: PLR0913, PLR0917
    session: ReadSession,
    world: World,
    person: int,
    actor: Actor,
    kind: str,
    places: Mapping[UUID, int],
) -> list[str]:
    entity, word = _KINDS[kind]
    query = select(entity.id).where(entity.id.in_(sorted(places)), visible(entity, actor))
    seen = {places[key] for key in await session.scalars(query)}
    wanted = {
        place
        for place in places.values()
        if may(world, person, Permission(f"{word}:read"), kind, place)
    }
    return [] if seen == wanted else [f"{person} sees {kind} {seen}, and should {wanted}"]


async def _places(
    played: Played, session: ReadSession, world: World
) -> Mapping[str, dict[UUID, int]]:
    """The place of each row that is not deleted, by its key."""
    found: dict[str, dict[UUID, int]] = {
        "users": {
            key: place for place, key in enumerate(played.people) if world.accounts[place].exists
        },
        "pets": {
            key: place
            for place, key in enumerate(played.keys["pets"])
            if not world.pets[place].deleted
        },
    }
    for kind in ("visits", "waits", "offers"):
        found[kind] = {key: place for place, key in enumerate(played.keys[kind])}
        assert len(found[kind]) == len(getattr(world, kind)), f"{kind}: not as many rows"
    row = models.ClinicPatient
    registered = await session.execute(
        select(row.pet_id, row.clinic_id, row.id).where(row.clinic_id.in_(played.clinics))
    )
    ids = {(pet, clinic): key for pet, clinic, key in registered}
    found["entries"] = {
        ids.pop((played.keys["pets"][each.pet], played.clinics[each.clinic])): place
        for place, each in enumerate(world.entries)
        if not each.deleted
    }
    assert not ids, "there are registrations that the model does not have"
    found["jobs"] = {
        await played.job(session, world, place): place for place in range(len(world.jobs))
    }
    return found
