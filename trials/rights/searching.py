"""Tries every act of everybody, and looks whether a right stands that nobody has agreed to."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from trials.rights.acts import Act
from trials.rights.agreed import Agreed, agreed_by, self_made
from trials.rights.faults import Faults
from trials.rights.starts import LONG, STARTS
from trials.rights.world import NEVER, NOBODY, World
from vetcore.values.people import Role
from vetcore.values.relations import InvitationKind

__all__ = ["Found", "Search", "attempts", "searched"]

_PETS = 3
_CLINICS = range(2)
_LATER = (0, 2, 100)
"""After so many days a right that stands is judged, too."""


def attempts(world: World) -> Iterator[Act]:
    """Everything that somebody could try who has an account; what is refused, too."""
    people = range(len(world.accounts))
    actors = [who for who in people if world.accounts[who].exists and world.accounts[who].claimed]
    pets = [place for place, each in enumerate(world.pets) if not each.merged]
    at_work = sorted({job.person for job in world.jobs if job.first <= world.today <= job.last})
    yield from (Act("days_pass", NOBODY, (count,)) for count in (1, 6, LONG))
    yield from _about_accounts(world, at_work)
    if len(world.pets) < _PETS:
        for actor in actors:
            owners = (NOBODY, *people) if actor in at_work else (actor,)
            for owner, clinic in product(owners, (NOBODY, *_CLINICS)):
                yield Act("create_pet", actor, (owner, clinic))
    yield from _about_pets(world, actors, pets)
    yield from _about_rows(world, actors)
    yield from _about_offers(world, actors)
    yield from _at_work(world, at_work, pets)


def _about_accounts(world: World, at_work: Sequence[int]) -> Iterator[Act]:
    for person, account in enumerate(world.accounts):
        if not account.exists:
            yield from (Act("create_user", actor, (person,)) for actor in at_work)
        elif not account.claimed:
            yield Act("claim", person)


def _at_work(world: World, at_work: Sequence[int], pets: Sequence[int]) -> Iterator[Act]:
    unowned = [pet for pet in pets if world.pets[pet].owner == NOBODY]
    for actor, clinic in product(at_work, _CLINICS):
        if world.waits:
            yield Act("offer_slot", actor, (clinic,))
        for person in range(len(world.accounts)):
            for pet in (NOBODY, *unowned):
                yield Act("invite_patient", actor, (clinic, person, pet))
            for terms in _terms(world.today):
                yield Act("invite_colleague", actor, (clinic, person, terms))


def _terms(today: int) -> Iterable[tuple[Role, int, int]]:
    return (
        (Role.CLINIC_MANAGER, today, NEVER),
        (Role.RECEPTIONIST, today + 4, NEVER),
        (Role.RECEPTIONIST, today - 1, today + 5),
    )


def _about_pets(world: World, actors: list[int], pets: list[int]) -> Iterator[Act]:
    people = range(len(world.accounts))
    for pet, actor in product(pets, actors):
        if world.pets[pet].deleted:
            yield Act("restore_pet", actor, (pet,))
            continue
        yield Act("delete_pet", actor, (pet,))
        for clinic in _CLINICS:
            for name in (
                "register_patient",
                "end_patient",
                "name_primary",
                "book",
                "join_waitlist",
            ):
                yield Act(name, actor, (pet, clinic))
        for person in people:
            yield Act("share_pet", actor, (pet, person))
            yield Act("unshare_pet", actor, (pet, person))
            for keep in (False, True):
                yield Act("transfer_pet", actor, (pet, person, keep))
        for other in pets:
            yield Act("merge_pets", actor, (pet, other))


def _about_rows(world: World, actors: list[int]) -> Iterator[Act]:
    for actor in actors:
        for place in range(len(world.visits)):
            for name in ("cancel", "move", "confirm", "reinstate", "take_place"):
                yield Act(name, actor, (place,))
        for place in range(len(world.waits)):
            yield Act("accept_slot", actor, (place,))
        for place in range(len(world.jobs)):
            yield Act("end_membership", actor, (place,))
            yield Act("lengthen_membership", actor, (place,))


def _about_offers(world: World, actors: list[int]) -> Iterator[Act]:
    for place, offer in enumerate(world.offers):
        if not offer.open:
            continue
        yield from (Act("withdraw_invitation", actor, (place,)) for actor in actors)
        is_patient = offer.kind is InvitationKind.PATIENT
        if is_patient:
            yield from (Act("tell_code", actor, (place,)) for actor in actors)
        if offer.to not in actors:
            continue
        pets = range(len(world.pets)) if is_patient else ()
        ways = ((NOBODY, True), (NOBODY, False)) if not is_patient else ((NOBODY, True),)
        for pet, keeps in (*ways, *((pet, True) for pet in pets)):
            yield Act("accept_invitation", offer.to, (place, pet, keeps))


class Found(NamedTuple):
    """A right that somebody has made for themselves, and the acts by which."""

    relation: tuple[str, int, int]
    steps: tuple[Act, ...]
    days_later: int


class Search(NamedTuple):
    """What was searched, and the first that was found in each start."""

    states: int
    found: tuple[Found, ...]


def searched(
    depth: int,
    faults: Faults = frozenset(),
    starts: Iterable[tuple[World, Agreed]] = STARTS,
    *,
    most: int | None = None,
) -> Search:
    """Try every sequence of ``depth`` acts from each of the worlds.

    A world that was reached before, with the same things agreed and as many acts left, is not tried
    again.

    Args:
        depth: how many acts.
        faults: rules that are broken on purpose.
        starts: the worlds to begin with.
        most: end after so many are found.
    """
    # Worlds are never in a circle, and there are many of them.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _searched(depth, faults, starts, most)
    finally:
        if collects:
            gc.enable()


def _searched(
    depth: int, faults: Faults, starts: Iterable[tuple[World, Agreed]], most: int | None
) -> Search:
    states, found = 0, list[Found]()
    for start in starts:
        level: dict[tuple[World, Agreed], tuple[Act, ...]] = {start: ()}
        seen = {start}
        for left in reversed(range(depth)):
            reached: dict[tuple[World, Agreed], tuple[Act, ...]] = {}
            for (world, agreed), steps in level.items():
                for step in attempts(world):
                    after = step.on(world, faults)
                    if after is None:
                        continue
                    state = after, agreed_by(agreed, step, world, after)
                    if state in seen:
                        continue
                    seen.add(state)
                    states += 1
                    here = (*steps, step)
                    changes = _is_changed((world, agreed), state)
                    if changes and (wrong := _first(*state, faults)):
                        found.append(Found(wrong[1], here, wrong[0]))
                        if most is not None and len(found) >= most:
                            return Search(states, tuple(found))
                    elif left:
                        reached[state] = here
            level = reached
    return Search(states, tuple(found))


def _is_changed(before: tuple[World, Agreed], after: tuple[World, Agreed]) -> bool:
    """Whether there is anything new to judge: offers and wishes are no relations."""
    (old, old_agreed), (new, new_agreed) = before, after
    return not (
        new_agreed is old_agreed
        and new.pets is old.pets
        and new.entries is old.entries
        and new.jobs is old.jobs
        and new.today == old.today
        and (
            new.visits is old.visits
            or [each[:2] + each[-1:] for each in new.visits]
            == [each[:2] + each[-1:] for each in old.visits]
        )
    )


def _first(world: World, agreed: Agreed, faults: Faults) -> tuple[int, tuple[str, int, int]] | None:
    for days in _LATER:
        later = world._replace(today=world.today + days) if days else world
        for wrong in self_made(later, agreed, faults):
            return days, wrong
    return None
