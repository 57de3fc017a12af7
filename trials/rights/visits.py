"""Visits and wishes for slots: acts as functions of a world."""

from typing import Final

from trials.rights.acts import LIVE, act, put
from trials.rights.faults import Fault, Faults
from trials.rights.world import (
    NEVER,
    NOTHING,
    RETENTION,
    Status,
    Visit,
    Wait,
    World,
    capacity,
    holds,
    owns,
)
from vetcore.access import Permission

__all__ = ["BETWEEN"]

BETWEEN: Final = 10
"""What is added to the hour of a visit for that of a slot that is offered."""
_AGREED: Final = frozenset({Status.BOOKED, Status.CONFIRMED})

# Visits -------------------------------------------------------------------------------------------


@act
def book(world: World, actor: int, pet: int, clinic: int, faults: Faults) -> World | None:
    sees = capacity(world, actor, pet, Permission.PET_READ) is not None
    if world.pets[pet].deleted or not (sees or Fault.STAFF_BOOK_FOR_ANY_PET in faults):
        return None
    by = _by(world, actor, pet, clinic, Permission.APPOINTMENT_BOOK)
    if by is None:
        return None
    day = world.today + 1
    if _taken(world, pet, clinic, day):
        return None
    until = NOTHING if by == "staff" else day
    if Fault.ANY_VISIT_MAKES_A_PATIENT in faults:
        until = NEVER
    elif Fault.STAFF_BOOK_FOR_ANY_PET in faults:
        until = day
    visit = Visit(pet, clinic, day, pet, Status.BOOKED, until)
    return world._replace(visits=(*world.visits, visit))


def _by(world: World, actor: int, pet: int, clinic: int, permission: Permission) -> str | None:
    """In what capacity somebody does something at a clinic for a pet."""
    if holds(world, actor, clinic, permission):
        return "staff"
    return "owner" if owns(world, actor, pet) else None


def _taken(world: World, hour: int, clinic: int, day: int) -> bool:
    return any(
        (each.hour, each.clinic, each.day) == (hour, clinic, day)
        and each.status in {*LIVE, Status.DONE}
        for each in world.visits
    )


def _of_visit(world: World, actor: int, visit: Visit, permission: Permission) -> str | None:
    if holds(world, actor, visit.clinic, permission):
        return "staff"
    is_own = owns(world, actor, visit.pet) and not world.pets[visit.pet].deleted
    return "owner" if is_own and permission is not Permission.APPOINTMENT_RUN else None


@act
def cancel(world: World, actor: int, place: int, _faults: Faults) -> World | None:
    visit = world.visits[place]
    by = _of_visit(world, actor, visit, Permission.APPOINTMENT_CANCEL)
    if by is None or visit.status not in LIVE:
        return None
    if by == "owner" and visit.status is not Status.HELD and visit.day < world.today:
        return None  # later than the notice
    cancelled = visit._replace(status=Status.CANCELLED)
    return world._replace(visits=put(world.visits, place, cancelled))


@act
def move(world: World, actor: int, place: int, faults: Faults) -> World | None:
    """To the day after tomorrow."""
    visit = world.visits[place]
    by = _of_visit(world, actor, visit, Permission.APPOINTMENT_MOVE)
    day = world.today + 2
    if by is None or visit.status not in LIVE or world.pets[visit.pet].deleted:
        return None
    if by == "owner" and visit.day < world.today:
        return None
    if visit.day != day and _taken(world, visit.hour, visit.clinic, day):
        return None
    until = day if by == "owner" else min(visit.until, day)
    if Fault.ANY_VISIT_MAKES_A_PATIENT in faults:
        until = NEVER
    moved = visit._replace(day=day, until=until)
    return world._replace(visits=put(world.visits, place, moved))


@act
def confirm(world: World, actor: int, place: int, _faults: Faults) -> World | None:
    visit = world.visits[place]
    by = _of_visit(world, actor, visit, Permission.APPOINTMENT_BOOK)
    if by is None or visit.status not in {Status.BOOKED, Status.HELD} or visit.day < world.today:
        return None
    if world.pets[visit.pet].deleted:
        return None
    until = max(visit.until, visit.day) if by == "owner" else visit.until
    confirmed = visit._replace(status=Status.CONFIRMED, until=until)
    return world._replace(visits=put(world.visits, place, confirmed))


@act
def reinstate(world: World, actor: int, place: int, faults: Faults) -> World | None:
    visit = world.visits[place]
    if _of_visit(world, actor, visit, Permission.APPOINTMENT_RUN) is None:
        return None
    if visit.day < world.today:
        return None
    if visit.status is Status.HELD and not world.pets[visit.pet].deleted:
        return world._replace(visits=put(world.visits, place, visit._replace(status=Status.BOOKED)))
    if visit.status is not Status.CANCELLED:
        return None
    if world.pets[visit.pet].deleted or _taken(world, visit.hour, visit.clinic, visit.day):
        return None
    until = visit.until if Fault.CANCELLED_VISITS_COUNT in faults else NOTHING
    again = visit._replace(status=Status.BOOKED, until=until)
    return world._replace(visits=put(world.visits, place, again))


@act
def take_place(world: World, actor: int, place: int, faults: Faults) -> World | None:
    """The pet comes, is seen, and goes again. Who says so are the clinic's staff."""
    visit = world.visits[place]
    if _of_visit(world, actor, visit, Permission.APPOINTMENT_RUN) is None:
        return None
    if visit.status not in _AGREED:
        return None
    if world.pets[visit.pet].deleted:
        return None
    counting = {Status.DONE, Status.CANCELLED, *LIVE}
    if Fault.CANCELLED_VISITS_COUNT not in faults:
        counting = {Status.DONE}
    agreed = (
        visit.until >= (0 if Fault.MISSED_VISITS_COUNT in faults else world.today)
        or any(
            (each.pet, each.clinic) == (visit.pet, visit.clinic) and each.stands and each.agreed
            for each in world.entries
        )
        or any(
            (each.pet, each.clinic) == (visit.pet, visit.clinic)
            and each.until >= world.today
            and each.status in counting
            for each in world.visits
        )
    )
    until = max(visit.until, world.today + RETENTION) if agreed else visit.until
    done = visit._replace(status=Status.DONE, until=until)
    return world._replace(visits=put(world.visits, place, done))


# The waitlist -------------------------------------------------------------------------------------


@act
def join_waitlist(world: World, actor: int, pet: int, clinic: int, _faults: Faults) -> World | None:
    """For a slot of tomorrow."""
    if world.pets[pet].deleted or capacity(world, actor, pet, Permission.PET_READ) is None:
        return None
    if _by(world, actor, pet, clinic, Permission.WAITLIST_WRITE) is None:
        return None
    waiting = {Status.WAITING, Status.OFFERED}
    if any((e.pet, e.clinic) == (pet, clinic) and e.status in waiting for e in world.waits):
        return None
    wait = Wait(pet, clinic, world.today + 1, pet + BETWEEN, Status.WAITING)
    return world._replace(waits=(*world.waits, wait))


@act
def offer_slot(world: World, actor: int, clinic: int, faults: Faults) -> World | None:
    """The first who waits and can be offered something is."""
    if not holds(world, actor, clinic, Permission.APPOINTMENT_RUN):
        return None
    for place, wait in enumerate(world.waits):
        if wait.clinic != clinic or wait.status is not Status.WAITING or wait.day < world.today:
            continue
        if world.pets[wait.pet].deleted or _taken(world, wait.hour, clinic, wait.day):
            continue
        until = wait.day if Fault.SLOT_OFFERS_COUNT in faults else NOTHING
        held = Visit(wait.pet, clinic, wait.day, wait.hour, Status.HELD, until)
        offered = wait._replace(status=Status.OFFERED, visit=len(world.visits))
        return world._replace(visits=(*world.visits, held), waits=put(world.waits, place, offered))
    return world


@act
def accept_slot(world: World, actor: int, place: int, _faults: Faults) -> World | None:
    wait = world.waits[place]
    by = None
    if holds(world, actor, wait.clinic, Permission.WAITLIST_WRITE):
        by = "staff"
    elif owns(world, actor, wait.pet) and not world.pets[wait.pet].deleted:
        by = "owner"
    if by is None or wait.status is not Status.OFFERED:
        return None
    held = world.visits[wait.visit]
    if held.status is not Status.HELD or held.day < world.today or world.pets[held.pet].deleted:
        return None
    until = max(held.until, held.day) if by == "owner" else held.until
    booked = held._replace(status=Status.BOOKED, until=until)
    return world._replace(
        visits=put(world.visits, wait.visit, booked),
        waits=put(world.waits, place, wait._replace(status=Status.BOOKED)),
    )
