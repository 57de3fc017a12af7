"""What people do with pets and their clinics, each act as a function of a world.

An act is refused by returning None. The rules are written anew from the design: nothing of
``vetcore.operations`` is used. Each function takes the world, whoever acts, what the act names, and the
rules that are broken on purpose.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from trials.rights.faults import Fault, Faults
from trials.rights.world import (
    NOBODY,
    NOTHING,
    Account,
    Animal,
    Entry,
    Status,
    World,
    capacity,
    clients,
    holds,
    is_at_work,
    of_colleague,
)
from vetcore.access import Permission

__all__ = ["ACTS", "Act", "act", "given_to", "put", "registered", "withdrawn"]

_Do = Callable[..., World | None]
ACTS: Final[dict[str, _Do]] = {}
"""Every act by its name."""

LIVE: Final = frozenset({Status.BOOKED, Status.CONFIRMED, Status.HELD})
SOUND: Final[Faults] = frozenset()


class Act(NamedTuple):
    """Who does what, and what it names."""

    name: str
    actor: int
    given: tuple[Any, ...] = ()

    def on(self, world: World, faults: Faults = SOUND) -> World | None:
        """The world afterwards; None if it is refused."""
        return ACTS[self.name](world, self.actor, *self.given, faults)


def act(do: _Do) -> _Do:
    """Note a function as an act."""
    ACTS[do.__name__] = do
    return do


def put(rows: tuple[Any, ...], place: int, row: Any) -> tuple[Any, ...]:
    """The rows with another one in a place."""
    return (*rows[:place], row, *rows[place + 1 :])


# Accounts and days --------------------------------------------------------------------------------


@act
def days_pass(world: World, _actor: int, count: int, _faults: Faults) -> World:
    return world._replace(today=world.today + count)


@act
def create_user(world: World, actor: int, person: int, _faults: Faults) -> World | None:
    if world.accounts[person].exists:
        return None
    clinics = {
        job.clinic
        for job in world.jobs
        if job.person == actor and holds(world, actor, job.clinic, Permission.USER_REGISTER)
    }
    if not clinics:
        return None
    account = Account(claimed=False, opened_by=actor, opened_at=frozenset(clinics))
    return world._replace(accounts=put(world.accounts, person, account))


@act
def claim(world: World, person: int, _faults: Faults) -> World | None:
    """The person signs in for the first time, and has shown that the address is theirs."""
    account = world.accounts[person]
    if not account.exists or account.claimed:
        return None
    return world._replace(accounts=put(world.accounts, person, account._replace(claimed=True)))


# Pets ---------------------------------------------------------------------------------------------


@act
def create_pet(world: World, actor: int, owner: int, clinic: int, faults: Faults) -> World | None:
    at_work = is_at_work(world, actor)
    if owner == NOBODY and not at_work:
        owner = actor
    mine = owner == actor
    if clinic == NOBODY:
        if not mine:
            return None
    elif not (mine or holds(world, actor, clinic, Permission.PET_WRITE)):
        return None
    opened = False
    if owner != NOBODY and not mine:
        account = world.accounts[owner]
        if not account.exists or not _may_name(world, actor, owner, faults):
            return None
        opened = account.opened_by == actor and not account.claimed
        if Fault.OPENED_ONCE_IS_OPENED_ANYWHERE not in faults:
            opened = opened and clinic in account.opened_at
        opened = opened or Fault.ANY_OWNER_IS_NAMED in faults
    pets = (*world.pets, Animal(owner, primary=clinic))
    entries = world.entries
    if clinic != NOBODY:
        entries = (*entries, Entry(len(world.pets), clinic, agreed=mine, counts=mine or opened))
    return world._replace(pets=pets, entries=entries)


def _may_name(world: World, actor: int, person: int, faults: Faults) -> bool:
    if world.accounts[person].opened_by == actor or Fault.ANY_OWNER_IS_NAMED in faults:
        return True
    every = Fault.EVERY_ENTRY_COUNTS_FOR_THE_OWNER in faults
    here = {clinic for who, clinic in clients(world, every_entry=every) if who == person}
    here.update(job.clinic for job in world.jobs if of_colleague(world, person, job.clinic))
    return any(holds(world, actor, clinic, Permission.USER_READ) for clinic in here)


@act
def name_primary(world: World, actor: int, pet: int, clinic: int, faults: Faults) -> World | None:
    animal = world.pets[pet]
    by = None if animal.deleted else capacity(world, actor, pet, Permission.PET_WRITE)
    if by is None:
        return None
    changed = world._replace(pets=put(world.pets, pet, animal._replace(primary=clinic)))
    if animal.primary == clinic:
        return changed
    if by == "owner" or Fault.PRIMARY_CLINIC_IS_A_RIGHT in faults:
        return registered(changed, pet, clinic)
    return changed if holds(world, actor, clinic, Permission.PET_WRITE) else None


@act
def delete_pet(world: World, actor: int, pet: int, _faults: Faults) -> World | None:
    animal = world.pets[pet]
    by = None if animal.deleted else capacity(world, actor, pet, Permission.PET_DELETE)
    if by is None or (by == "staff" and animal.owner != NOBODY):
        return None
    gone = world._replace(pets=put(world.pets, pet, animal._replace(deleted=True)))
    return withdrawn(gone, pet)


@act
def restore_pet(world: World, actor: int, pet: int, _faults: Faults) -> World | None:
    animal = world.pets[pet]
    by = capacity(world, actor, pet, Permission.PET_DELETE)
    if by is None or (by == "staff" and animal.owner != NOBODY) or animal.merged:
        return None
    return world._replace(pets=put(world.pets, pet, animal._replace(deleted=False)))


def withdrawn(world: World, pet: int, clinic: int | None = None) -> World:
    """The world without the visits to come of a pet."""
    visits = tuple(
        each._replace(status=Status.CANCELLED)
        if each.pet == pet
        and each.status in LIVE
        and each.day >= world.today
        and clinic in {None, each.clinic}
        else each
        for each in world.visits
    )
    return world._replace(visits=visits)


@act
def merge_pets(world: World, actor: int, kept: int, gone: int, faults: Faults) -> World | None:
    if kept == gone:
        return None
    one, other = world.pets[kept], world.pets[gone]
    for place in (kept, gone):
        if capacity(world, actor, place, Permission.PET_MERGE) is None:
            return None
    if one.deleted or other.deleted or len({one.owner, other.owner} - {NOBODY}) > 1:
        return None
    owner = other.owner if one.owner == NOBODY else one.owner
    together = Animal(
        owner,
        (one.co_owners | other.co_owners) - {owner},
        other.primary if one.primary == NOBODY else one.primary,
    )
    left = other._replace(deleted=True, merged=True, co_owners=frozenset())
    pets = put(put(world.pets, kept, together), gone, left)
    merged = world._replace(pets=pets, entries=_merged_entries(world, kept, gone, faults))
    merged = _merged_waits(merged, kept, gone)
    return merged._replace(
        visits=tuple(
            each._replace(pet=kept) if each.pet == gone else each for each in merged.visits
        )
    )


def _merged_entries(world: World, kept: int, gone: int, faults: Faults) -> tuple[Entry, ...]:
    """What an owner agreed to goes first, and what was ended before what stands.

    What a clinic entered for one row does not count for another that is somebody's.
    """
    entries = list(world.entries)
    rows = {
        (each.pet, each.clinic): place
        for place, each in enumerate(entries)
        if each.pet in {kept, gone} and not each.deleted
    }
    for (pet, clinic), place in rows.items():
        each, other = entries[place], gone if pet == kept else kept
        is_twice = (other, clinic) in rows
        if pet == gone and is_twice:
            there = rows[kept, clinic]
            if (each.agreed, each.ended) > (entries[there].agreed, entries[there].ended):
                entries[there] = each._replace(pet=kept)
            entries[place] = each._replace(deleted=True)
        elif not is_twice:
            strays = not (each.agreed or each.ended) and world.pets[other].owner != NOBODY
            ends = strays and Fault.MERGE_KEEPS_ENTRIES not in faults
            entries[place] = each._replace(pet=kept, ended=each.ended or ends)
    return tuple(entries)


def _merged_waits(world: World, kept: int, gone: int) -> World:
    waiting = {Status.WAITING, Status.OFFERED}
    known = {each.clinic for each in world.waits if each.pet == kept and each.status in waiting}
    waits, visits = list(world.waits), world.visits
    for place, each in enumerate(waits):
        if each.pet != gone:
            continue
        left = each
        if each.status in waiting and each.clinic in known:
            left = each._replace(status=Status.CANCELLED)
            if each.status is Status.OFFERED and visits[each.visit].status is Status.HELD:
                held = visits[each.visit]._replace(status=Status.CANCELLED)
                visits = put(visits, each.visit, held)
        waits[place] = left._replace(pet=kept)
    return world._replace(waits=tuple(waits), visits=visits)


# Clinics that care for a pet ----------------------------------------------------------------------


def registered(world: World, pet: int, clinic: int) -> World:
    """The world in which the owner has agreed that a clinic cares for a pet."""
    for place, each in enumerate(world.entries):
        if (each.pet, each.clinic, each.deleted) == (pet, clinic, False):
            if each.agreed and not each.ended:
                return world
            agreed = Entry(pet, clinic, agreed=True, counts=True)
            return world._replace(entries=put(world.entries, place, agreed))
    return world._replace(entries=(*world.entries, Entry(pet, clinic, agreed=True, counts=True)))


@act
def register_patient(
    world: World, actor: int, pet: int, clinic: int, _faults: Faults
) -> World | None:
    if world.pets[pet].deleted or not capacity(world, actor, pet, Permission.PATIENT_REGISTER):
        return None
    return registered(world, pet, clinic)


@act
def end_patient(world: World, actor: int, pet: int, clinic: int, faults: Faults) -> World | None:
    deleted = world.pets[pet].deleted
    by = None if deleted else capacity(world, actor, pet, Permission.PATIENT_END)
    if by is None or (by == "staff" and not holds(world, actor, clinic, Permission.PATIENT_END)):
        return None
    ended = Entry(pet, clinic, agreed=True, counts=False, ended=True)
    for place, each in enumerate(world.entries):
        if (each.pet, each.clinic, each.deleted) == (pet, clinic, False):
            entries = put(world.entries, place, each._replace(ended=True))
            break
    else:
        entries = (*world.entries, ended)
    visits = world.visits
    if Fault.END_FORGETS_VISITS not in faults:
        visits = forgotten(world, pet, clinic)
    return withdrawn(world._replace(entries=entries, visits=visits), pet, clinic)


def forgotten(world: World, pet: int, clinic: int | None = None) -> tuple[Any, ...]:
    """The visits, of which those of the pet make no patient any more."""
    return tuple(
        each._replace(until=NOTHING) if each.pet == pet and clinic in {None, each.clinic} else each
        for each in world.visits
    )


def given_to(
    world: World, pet: int, owner: int, *, at: frozenset[int] | None = None, keeps: bool = True
) -> World:
    """The world in which a pet has another owner, who has agreed to some of its clinics.

    Args:
        world: before.
        pet: which pet.
        owner: to whom.
        at: the clinics to which they have agreed; all that care for the pet if none are named.
        keeps: whether the clinics go on caring for it at all.
    """
    pets = put(world.pets, pet, world.pets[pet]._replace(owner=owner))
    if not keeps:
        entries = tuple(
            each._replace(ended=True) if each.pet == pet and each.stands else each
            for each in world.entries
        )
        return world._replace(pets=pets, entries=entries, visits=forgotten(world, pet))
    entries = tuple(
        each._replace(agreed=True, counts=True)
        if each.pet == pet and each.stands and (at is None or each.clinic in at)
        else each
        for each in world.entries
    )
    return world._replace(pets=pets, entries=entries)
