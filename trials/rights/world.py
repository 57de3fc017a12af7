"""A small platform as plain values: who is related to what, and what follows from that.

Nothing here knows of a database. A world never changes; an act makes another one. Rows keep their
places: what is deleted stays where it is, so that a place names a row for good.

A day is a number. An end is the last day on which something holds, ``NEVER`` where there is none, and
``NOTHING`` where it never held.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from vetcore.access import GRANTS, Permission
from vetcore.values.people import Role
from vetcore.values.relations import InvitationKind

__all__ = [
    "NEVER",
    "NOBODY",
    "NOTHING",
    "RETENTION",
    "Account",
    "Animal",
    "Entry",
    "Job",
    "Offer",
    "Status",
    "Visit",
    "Wait",
    "World",
    "capacity",
    "clients",
    "holds",
    "is_at_work",
    "may",
    "of_colleague",
    "owns",
    "patients",
]

NOBODY: Final = -1
NOTHING: Final = -1
NEVER: Final = 1_000_000
RETENTION: Final = 730


class Status(StrEnum):
    """What a visit is, or a wish for a slot."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    HELD = "held"
    CANCELLED = "cancelled"
    DONE = "done"
    WAITING = "waiting"
    OFFERED = "offered"


class Account(NamedTuple):
    """A person's account. Whoever opened it for them did so while working at some clinics."""

    exists: bool = True
    claimed: bool = True
    opened_by: int = NOBODY
    opened_at: frozenset[int] = frozenset()


class Animal(NamedTuple):
    """A row of pets."""

    owner: int = NOBODY
    co_owners: frozenset[int] = frozenset()
    primary: int = NOBODY
    deleted: bool = False
    merged: bool = False


class Entry(NamedTuple):
    """A registration at a clinic."""

    pet: int
    clinic: int
    agreed: bool
    counts: bool
    """Whether it lets the clinic read the owner's account."""
    ended: bool = False
    deleted: bool = False

    @property
    def stands(self) -> bool:
        """Whether it makes a patient."""
        return not (self.ended or self.deleted)


class Visit(NamedTuple):
    """An appointment."""

    pet: int
    clinic: int
    day: int
    hour: int
    """Of that day, by the pet for which it was booked: no two pets are in each other's way. Slots that
    are offered lie between."""
    status: Status
    until: int
    """The last day on which it makes the pet a patient."""


class Wait(NamedTuple):
    """A wish for a slot of one day, and the visit that was offered for it."""

    pet: int
    clinic: int
    day: int
    hour: int
    status: Status
    visit: int = NOTHING


class Job(NamedTuple):
    """A membership."""

    person: int
    clinic: int
    role: Role
    first: int
    last: int = NEVER


class Offer(NamedTuple):
    """An invitation."""

    kind: InvitationKind
    by: int
    to: int
    clinic: int = NOBODY
    pet: int = NOBODY
    terms: tuple[Role, int, int] | None = None
    keeps_co_owners: bool = False
    expires: int = NEVER
    open: bool = True


class World(NamedTuple):
    """All that there is."""

    today: int
    accounts: tuple[Account, ...]
    pets: tuple[Animal, ...] = ()
    entries: tuple[Entry, ...] = ()
    visits: tuple[Visit, ...] = ()
    waits: tuple[Wait, ...] = ()
    jobs: tuple[Job, ...] = ()
    offers: tuple[Offer, ...] = ()


# Relations ----------------------------------------------------------------------------------------


def owns(world: World, person: int, pet: int) -> bool:
    """Whether a pet is somebody's own, or they share it."""
    animal = world.pets[pet]
    return person == animal.owner or person in animal.co_owners


def patients(world: World) -> set[tuple[int, int]]:
    """Which pet is a patient of which clinic."""
    found = {(each.pet, each.clinic) for each in world.entries if each.stands}
    found.update((each.pet, each.clinic) for each in world.visits if each.until >= world.today)
    return found


def clients(world: World, *, every_entry: bool = False) -> Iterator[tuple[int, int]]:
    """Which person is a client of which clinic, by a pet that they own or share."""
    entries = [each for each in world.entries if each.stands]
    seen = {(each.pet, each.clinic) for each in world.visits if each.until >= world.today}
    agreed = seen | {(each.pet, each.clinic) for each in entries if each.agreed or every_entry}
    owned = agreed | {(each.pet, each.clinic) for each in entries if each.counts}
    for pet, clinic in owned:
        animal = world.pets[pet]
        if animal.deleted:
            continue
        if animal.owner != NOBODY:
            yield animal.owner, clinic
        if (pet, clinic) in agreed:
            for person in animal.co_owners:
                yield person, clinic


def of_colleague(world: World, person: int, clinic: int) -> bool:
    """Whether somebody works at a clinic today."""
    return any(
        job.person == person and job.clinic == clinic and job.first <= world.today <= job.last
        for job in world.jobs
    )


def is_at_work(world: World, person: int) -> bool:
    """Whether somebody works anywhere today."""
    return any(job.person == person and job.first <= world.today <= job.last for job in world.jobs)


@cache
def _roles(permission: Permission) -> frozenset[Role]:
    return GRANTS[permission].roles


def holds(world: World, person: int, clinic: int, permission: Permission) -> bool:
    """Whether somebody has a permission at a clinic."""
    roles = _roles(permission)
    return any(
        job.person == person
        and job.clinic == clinic
        and job.first <= world.today <= job.last
        and job.role in roles
        for job in world.jobs
    )


def capacity(world: World, person: int, pet: int, permission: Permission) -> str | None:
    """In what capacity somebody has a permission on a pet; None where they have none."""
    for clinic in {job.clinic for job in world.jobs if job.person == person}:
        if holds(world, person, clinic, permission) and (pet, clinic) in patients(world):
            return "staff"
    return "owner" if GRANTS[permission].own and owns(world, person, pet) else None


# Permissions --------------------------------------------------------------------------------------


def may(world: World, person: int, permission: Permission, kind: str, place: int) -> bool:
    """Whether somebody has a permission on a row: by the table, and by how they are related to it."""
    grant = GRANTS[permission]
    if grant.anyone:
        return True
    if grant.own and _is_own(world, person, kind, place):
        return True
    return any(holds(world, person, clinic, permission) for clinic in _at(world, kind, place))


def _is_own(world: World, person: int, kind: str, place: int) -> bool:
    if kind == "users":
        return place == person
    if kind == "pets":
        return owns(world, person, place)
    row = getattr(world, kind)[place]
    if kind == "jobs":
        return bool(row.person == person)
    if kind == "offers":
        is_invited = row.to == person and (
            row.kind is not InvitationKind.PATIENT or world.accounts[person].claimed
        )
        if is_invited or row.pet == NOBODY:
            return is_invited
    return not world.pets[row.pet].deleted and owns(world, person, row.pet)


def _at(world: World, kind: str, place: int) -> set[int]:
    if kind == "users":
        working = {
            job.clinic
            for job in world.jobs
            if job.person == place and job.first <= world.today <= job.last
        }
        return working | {clinic for person, clinic in clients(world) if person == place}
    if kind == "pets":
        return {clinic for pet, clinic in patients(world) if pet == place}
    return {getattr(world, kind)[place].clinic} - {NOBODY}
