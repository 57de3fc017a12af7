"""Who has agreed to what: the measure by which rights are judged.

**Agreed** is what somebody did themselves, and no rule of access is part of it. A right is *made by
oneself* when it stands and nothing of the following does.

1. *A pet is somebody's own* when they registered it themselves; when they accepted it, or accepted to
   look after it, in answer to somebody who looks after it or, where nobody owns it, to a clinic that
   may read it; when a clinic entered it for them; or when they told the code of the clinic that did.
   It ends when they give it away or somebody who looks after it parts from them.
2. *A clinic may read a pet* from the day on which somebody whose own it is registers it there,
   accepts the clinic's invitation or tells its code, until one of them ends it or gives the pet away
   without its clinics. Whoever books a visit, moves or confirms one, or takes a slot that is offered,
   agrees until the end of its day. If the visit then takes place, which the clinic says, the agreement
   lasts for the clinic's retention from that day; but not if they have cancelled it. While such a
   retention or a registration lasts, a visit that the clinic booked lengthens it, too.
3. *A clinic may read what it entered itself*, as long as no owner ends it. Of two rows that are merged
   it has entered both, or the other one is nobody's, or its owner has agreed to it.
4. *A clinic may read somebody's account* when it may read a pet of theirs by 2. By 3 it may do so only
   if somebody opened the account while working there: for this, too, is a thing of its own. Who shares
   a pet lets the others agree for all of them, which is what sharing means here.
5. *Somebody works at a clinic*, so that the clinic and its staff may read their account and they may
   act for it, from the first to the last day that they accepted from somebody who managed the clinic
   when they accepted it. Either side may end it sooner.

What follows from an agreement may be less than this, and never more. Administrators and the system are
trusted. What a veterinarian reads in an emergency is no relation: it is kept, and shown to the owner.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from trials.rights.acts import Act
from trials.rights.faults import Fault, Faults
from trials.rights.world import (
    NEVER,
    NOBODY,
    RETENTION,
    World,
    clients,
    is_at_work,
    owns,
    patients,
)
from vetcore.values.relations import InvitationKind

__all__ = ["NOTHING_AGREED", "Agreed", "agreed_by", "self_made"]

_STANDS: Final = -1
"""Of no visit: of a registration."""
_RESTS: Final = -2
"""Of a visit that took place."""
_OVER: Final = -3
"""Of a visit that they have cancelled."""


class Agreed(NamedTuple):
    """All that people have agreed to so far."""

    own: frozenset[tuple[int, int]] = frozenset()
    """A pet and somebody whose own it is."""
    care: frozenset[tuple[int, int, int, int]] = frozenset()
    """A pet, a clinic, the last day, and by which visit."""
    entered: frozenset[tuple[int, int]] = frozenset()
    """A pet and the clinic that entered it."""
    work: frozenset[tuple[int, int, int, int]] = frozenset()
    """A person, a clinic, the first and the last day."""


NOTHING_AGREED: Final = Agreed()


def agreed_by(agreed: Agreed, step: Act, before: World, after: World) -> Agreed:
    """What is agreed to when an act was done."""
    look = _BY_ACT.get(step.name)
    return agreed if look is None else look(agreed, step, before, after)


def _create_pet(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    owner, clinic = step.given
    if owner == NOBODY and not is_at_work(before, step.actor):
        owner = step.actor
    pet = len(before.pets)
    own, care, entered = agreed.own, agreed.care, agreed.entered
    if owner != NOBODY:
        own |= {(pet, owner)}
    if clinic != NOBODY and owner == step.actor:
        care |= {(pet, clinic, NEVER, _STANDS)}
    elif clinic != NOBODY:
        entered |= {(pet, clinic)}
    return agreed._replace(own=own, care=care, entered=entered)


def _agrees(agreed: Agreed, pet: int, clinic: int, last: int, visit: int) -> Agreed:
    return agreed._replace(care=agreed.care | {(pet, clinic, last, visit)})


def _register(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    pet, clinic = step.given
    return _own_word(agreed, step.actor, before, pet, clinic, NEVER, _STANDS)


def _own_word(  # noqa: PLR0913, PLR0917
    agreed: Agreed, actor: int, world: World, pet: int, clinic: int, last: int, visit: int
) -> Agreed:
    if not owns(world, actor, pet):
        return agreed
    return _agrees(agreed, pet, clinic, last, visit)


def _end(agreed: Agreed, step: Act, _before: World, _after: World) -> Agreed:
    pet, clinic = step.given
    return agreed._replace(
        care=frozenset(each for each in agreed.care if each[:2] != (pet, clinic)),
        entered=agreed.entered - {(pet, clinic)},
    )


def _book(agreed: Agreed, step: Act, before: World, after: World) -> Agreed:
    pet, clinic = step.given
    place = len(before.visits)
    day = after.visits[place].day
    return _own_word(agreed, step.actor, before, pet, clinic, day, place)


def _move(agreed: Agreed, step: Act, before: World, after: World) -> Agreed:
    (place,) = step.given
    visit = after.visits[place]
    return _own_word(agreed, step.actor, before, visit.pet, visit.clinic, visit.day, place)


def _accept_slot(agreed: Agreed, step: Act, before: World, after: World) -> Agreed:
    place = before.waits[step.given[0]].visit
    visit = after.visits[place]
    return _own_word(agreed, step.actor, before, visit.pet, visit.clinic, visit.day, place)


def _cancel(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    (place,) = step.given
    if not owns(before, step.actor, before.visits[place].pet):
        return agreed
    # What the clinic makes of it alone is no visit that they have agreed to.
    care = {(*each[:3], _OVER) if each[3] == place else each for each in agreed.care}
    return agreed._replace(care=frozenset(care))


def _take_place(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    (place,) = step.given
    visit = before.visits[place]
    here = [
        each
        for each in agreed.care
        if each[:2] == (visit.pet, visit.clinic)
        and each[2] >= before.today
        and each[3] in {_STANDS, _RESTS, place}
    ]
    if not here:
        return agreed
    last = before.today + RETENTION
    return _agrees(agreed, visit.pet, visit.clinic, last, _RESTS)


def _accept(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    place, pet, keeps = step.given
    offer = before.offers[place]
    if offer.kind is InvitationKind.COLLEAGUE:
        if offer.terms is None or not _manages(agreed, before, offer.by, offer.clinic):
            return agreed
        _, first, last = offer.terms
        return agreed._replace(work=agreed.work | {(offer.to, offer.clinic, first, last)})
    if offer.kind is InvitationKind.PATIENT:
        return _lets_care(agreed, step.actor, before, offer.clinic, [pet, offer.pet])
    offers_own = (offer.pet, offer.by) in agreed.own
    if offer.kind is InvitationKind.CO_OWNER:
        joined = agreed.own | {(offer.pet, offer.to)} if offers_own else agreed.own
        return agreed._replace(own=joined)
    owner = before.pets[offer.pet].owner
    if owner not in {NOBODY, offer.by}:
        return agreed
    stay = before.pets[offer.pet].co_owners if offer.keeps_co_owners else frozenset[int]()
    return _handed_over(agreed, offer.pet, {offer.to, *stay}, keeps=keeps)


def _manages(agreed: Agreed, world: World, person: int, clinic: int) -> bool:
    return any(
        each[:2] == (person, clinic) and each[2] <= world.today <= each[3] for each in agreed.work
    )


def _lets_care(agreed: Agreed, person: int, before: World, clinic: int, pets: list[int]) -> Agreed:
    for pet in pets:
        if pet == NOBODY:
            continue
        if before.pets[pet].owner == NOBODY:
            agreed = agreed._replace(own=agreed.own | {(pet, person)})
        elif not owns(before, person, pet):
            continue
        agreed = _agrees(agreed, pet, clinic, NEVER, _STANDS)
    return agreed


def _handed_over(agreed: Agreed, pet: int, people: set[int], *, keeps: bool) -> Agreed:
    own = frozenset(each for each in agreed.own if each[0] != pet or each[1] in people)
    care, entered = agreed.care, agreed.entered
    if keeps:
        # They say that whoever cares for it goes on.
        care |= {(pet, clinic, NEVER, _STANDS) for each, clinic in entered if each == pet}
    else:
        care = frozenset(each for each in care if each[0] != pet)
        entered = frozenset(each for each in entered if each[0] != pet)
    return agreed._replace(own=own | {(pet, each) for each in people}, care=care, entered=entered)


def _tell(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    offer = before.offers[step.given[0]]
    return _lets_care(agreed, offer.to, before, offer.clinic, [offer.pet])


def _unshare(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    pet, person = step.given
    if before.pets[pet].owner == person:
        return agreed
    return agreed._replace(own=agreed.own - {(pet, person)})


def _merge(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    kept, gone = step.given
    stands = {each[1] for each in agreed.care if each[0] in {kept, gone} and each[3] == _STANDS}
    entered = {each for each in agreed.entered if each[0] not in {kept, gone}}
    for pet, clinic in agreed.entered - entered:
        other = gone if pet == kept else kept
        is_nobodys = before.pets[other].owner == NOBODY
        if is_nobodys or (other, clinic) in agreed.entered or clinic in stands:
            entered.add((kept, clinic))
    return agreed._replace(
        own=agreed.own | {(kept, who) for pet, who in agreed.own if pet == gone},
        care=agreed.care | {(kept, *each[1:]) for each in agreed.care if each[0] == gone},
        entered=frozenset(entered),
    )


def _end_work(agreed: Agreed, step: Act, before: World, _after: World) -> Agreed:
    job = before.jobs[step.given[0]]
    return agreed._replace(
        work=frozenset(
            (*each[:3], min(each[3], before.today))
            if each[:3] == (job.person, job.clinic, job.first)
            else each
            for each in agreed.work
        )
    )


_BY_ACT: Final = {
    "create_pet": _create_pet,
    "register_patient": _register,
    "name_primary": _register,
    "end_patient": _end,
    "book": _book,
    "move": _move,
    "confirm": _move,
    "accept_slot": _accept_slot,
    "cancel": _cancel,
    "take_place": _take_place,
    "accept_invitation": _accept,
    "tell_code": _tell,
    "unshare_pet": _unshare,
    "merge_pets": _merge,
    "end_membership": _end_work,
}


# Judging ------------------------------------------------------------------------------------------


def self_made(
    world: World, agreed: Agreed, faults: Faults = frozenset()
) -> Iterator[tuple[str, int, int]]:
    """The relations that stand now though nobody has agreed to them.

    Every permission on a row that is not open to everybody follows from one of four relations: a pet
    is one's own, one works at a clinic, a pet is its patient, a person is its client or works there.
    """
    for pet, animal in enumerate(world.pets):
        if animal.deleted:
            continue
        for person in (animal.owner, *animal.co_owners):
            if (pet, person) not in agreed.own and person != NOBODY:
                yield "own", pet, person
    today = world.today
    cared = {each[:2] for each in agreed.care if each[2] >= today}
    for pet, clinic in patients(world) - cared - agreed.entered:
        if not world.pets[pet].deleted:
            yield "patient", pet, clinic
    every = Fault.EVERY_ENTRY_COUNTS_FOR_THE_OWNER in faults
    for person, clinic in set(clients(world, every_entry=every)) - _known(world, agreed, cared):
        yield "client", person, clinic
    work = {each[:2] for each in agreed.work if each[2] <= today <= each[3]}
    ever = Fault.FORMER_COLLEAGUES_COUNT in faults
    for job in world.jobs:
        if (ever or job.first <= today <= job.last) and job[:2] not in work:
            yield "work", job.person, job.clinic


def _known(world: World, agreed: Agreed, cared: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Whose accounts a clinic may read, by what was agreed."""
    found: set[tuple[int, int]] = set()
    for pet, person in agreed.own:
        found.update((person, clinic) for each, clinic in cared if each == pet)
        opened_at = world.accounts[person].opened_at
        if opened_at:
            here = {clinic for each, clinic in agreed.entered if each == pet}
            found.update((person, clinic) for clinic in here & opened_at)
    return found
