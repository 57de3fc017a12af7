"""Invitations and memberships: acts as functions of a world."""

from typing import Final

from trials.rights.acts import act, given_to, put, registered
from trials.rights.faults import Fault, Faults
from trials.rights.world import (
    NEVER,
    NOBODY,
    Job,
    Offer,
    World,
    capacity,
    holds,
    owns,
)
from vetcore.access import Permission
from vetcore.values.people import Role
from vetcore.values.relations import InvitationKind

__all__ = ["VALID"]

VALID: Final = 14
"""For so many days an invitation can be answered."""


def _offered(world: World, offer: Offer) -> World:
    return world._replace(offers=(*world.offers, offer._replace(expires=world.today + VALID)))


@act
def invite_patient(
    world: World, actor: int, clinic: int, person: int, pet: int, _faults: Faults
) -> World | None:
    if not holds(world, actor, clinic, Permission.PATIENT_INVITE):
        return None
    if pet != NOBODY:
        animal = world.pets[pet]
        if animal.deleted or animal.owner != NOBODY:
            return None
        if capacity(world, actor, pet, Permission.PET_READ) is None:
            return None
    return _offered(world, Offer(InvitationKind.PATIENT, actor, person, clinic, pet))


@act
def invite_colleague(  # noqa: PLR0913, PLR0917 -- what an act names comes by place
    world: World, actor: int, clinic: int, person: int, terms: tuple[Role, int, int], faults: Faults
) -> World | None:
    if not (holds(world, actor, clinic, Permission.STAFF_MANAGE) and world.accounts[person].exists):
        return None
    if Fault.MEMBERSHIP_NEEDS_NO_ANSWER in faults:
        return world._replace(jobs=(*world.jobs, Job(person, clinic, *terms)))
    return _offered(world, Offer(InvitationKind.COLLEAGUE, actor, person, clinic, terms=terms))


@act
def transfer_pet(  # noqa: PLR0913, PLR0917
    world: World, actor: int, pet: int, person: int, keep: bool, faults: Faults
) -> World | None:
    animal = world.pets[pet]
    by = None if animal.deleted else capacity(world, actor, pet, Permission.PET_TRANSFER)
    freely = by == "staff" and (
        animal.owner == NOBODY or Fault.STAFF_GIVE_AWAY_OWNED_PETS in faults
    )
    if by is None or not (actor == animal.owner or freely):
        return None
    if person == animal.owner or not world.accounts[person].exists:
        return None
    clinic = animal.primary if by == "staff" else NOBODY
    offer = Offer(InvitationKind.OWNER, actor, person, clinic, pet, keeps_co_owners=keep)
    if Fault.TRANSFER_NEEDS_NO_ANSWER in faults:
        return _given_away(world, offer, person, keeps=True)
    return _offered(world, offer)


@act
def share_pet(world: World, actor: int, pet: int, person: int, faults: Faults) -> World | None:
    animal = world.pets[pet]
    if animal.deleted or capacity(world, actor, pet, Permission.PET_SHARE) is None:
        return None
    if person == animal.owner or not world.accounts[person].exists:
        return None
    if Fault.SHARE_NEEDS_NO_ANSWER in faults:
        return _shared(world, pet, person)
    return _offered(world, Offer(InvitationKind.CO_OWNER, actor, person, pet=pet))


@act
def unshare_pet(world: World, actor: int, pet: int, person: int, _faults: Faults) -> World | None:
    animal = world.pets[pet]
    if animal.deleted or capacity(world, actor, pet, Permission.PET_SHARE) is None:
        return None
    left = animal._replace(co_owners=animal.co_owners - {person})
    return world._replace(pets=put(world.pets, pet, left))


def _shared(world: World, pet: int, person: int) -> World:
    animal = world.pets[pet]
    if person == animal.owner:
        return world
    shared = animal._replace(co_owners=animal.co_owners | {person})
    return world._replace(pets=put(world.pets, pet, shared))


def _given_away(world: World, offer: Offer, person: int, *, keeps: bool) -> World:
    given = given_to(world, offer.pet, person, keeps=keeps)
    animal = given.pets[offer.pet]
    left = animal.co_owners - {person} if offer.keeps_co_owners else frozenset[int]()
    return given._replace(pets=put(given.pets, offer.pet, animal._replace(co_owners=left)))


def _open(world: World, place: int) -> Offer | None:
    offer = world.offers[place]
    return offer if offer.open and world.today < offer.expires else None


def _answered(world: World, place: int) -> World:
    closed = world.offers[place]._replace(open=False)
    return world._replace(offers=put(world.offers, place, closed))


@act
def withdraw_invitation(world: World, actor: int, place: int, _faults: Faults) -> World | None:
    offer = world.offers[place]
    has_pet = offer.pet != NOBODY
    is_own = offer.to == actor or (
        has_pet and owns(world, actor, offer.pet) and not world.pets[offer.pet].deleted
    )
    at = offer.clinic != NOBODY and holds(
        world, actor, offer.clinic, Permission.INVITATION_WITHDRAW
    )
    return _answered(world, place) if (is_own or at) and _open(world, place) else None


@act
def accept_invitation(  # noqa: PLR0913, PLR0917
    world: World, person: int, place: int, pet: int, keeps: bool, faults: Faults
) -> World | None:
    """With one pet, where the clinic has invited the person with their pets."""
    offer = _open(world, place)
    if offer is None or offer.to != person:
        return None
    done: World | None
    if offer.kind is InvitationKind.COLLEAGUE:
        done = _employed(world, offer, faults)
    elif offer.kind is InvitationKind.PATIENT:
        done = _become_patients(world, offer, person, pet, faults)
    elif not _may_still_offer(world, offer, faults):
        done = None
    elif offer.kind is InvitationKind.OWNER:
        done = _given_away(world, offer, person, keeps=keeps)
    else:
        done = _shared(world, offer.pet, person)
    return done and _answered(done, place)


def _employed(world: World, offer: Offer, faults: Faults) -> World | None:
    is_manager = holds(world, offer.by, offer.clinic, Permission.STAFF_MANAGE)
    if offer.by == offer.to:
        return None
    if offer.terms is None or not (is_manager or Fault.FORMER_MANAGERS_INVITE in faults):
        return None
    job = Job(offer.to, offer.clinic, *offer.terms)
    if any(
        (e.person, e.clinic, e.first) == (job.person, job.clinic, job.first) for e in world.jobs
    ):
        return None
    return world._replace(jobs=(*world.jobs, job))


def _may_still_offer(world: World, offer: Offer, faults: Faults) -> bool:
    animal = world.pets[offer.pet]
    if animal.deleted:
        return False
    careless = {Fault.OLD_OFFERS_STAND, Fault.STAFF_GIVE_AWAY_OWNED_PETS}
    if animal.owner in {NOBODY, offer.by} or careless & faults:
        return True
    return offer.kind is InvitationKind.CO_OWNER and offer.by in animal.co_owners


def _become_patients(
    world: World, offer: Offer, person: int, pet: int, faults: Faults
) -> World | None:
    wanted = [] if pet == NOBODY else [pet]
    if offer.pet != NOBODY:
        if world.pets[offer.pet].deleted:
            return None
        if world.pets[offer.pet].owner == NOBODY:
            world = _claimed(world, offer, person, faults)
            wanted.append(offer.pet)
    for each in wanted:
        if world.pets[each].deleted:
            return None
        if not owns(world, person, each):
            return None
        world = registered(world, each, offer.clinic)
    return world if wanted else None


def _claimed(world: World, offer: Offer, person: int, faults: Faults) -> World:
    everywhere = Fault.ACCEPTED_ONCE_IS_ACCEPTED_EVERYWHERE in faults
    return given_to(world, offer.pet, person, at=None if everywhere else frozenset({offer.clinic}))


@act
def tell_code(world: World, actor: int, place: int, faults: Faults) -> World | None:
    """The person who is invited tells the code that they were sent; staff take it."""
    offer = _open(world, place)
    if offer is None or offer.kind is not InvitationKind.PATIENT or offer.pet == NOBODY:
        return None
    if not holds(world, actor, offer.clinic, Permission.PATIENT_INVITE):
        return None
    if not world.accounts[offer.to].claimed or world.pets[offer.pet].deleted:
        return None
    if world.pets[offer.pet].owner == NOBODY:
        world = _claimed(world, offer, offer.to, faults)
    if world.pets[offer.pet].owner == offer.to:
        world = registered(world, offer.pet, offer.clinic)
    return _answered(world, place)


# Memberships --------------------------------------------------------------------------------------


@act
def end_membership(world: World, actor: int, place: int, _faults: Faults) -> World | None:
    """With today as its last day."""
    job = world.jobs[place]
    if actor != job.person and not holds(world, actor, job.clinic, Permission.STAFF_LEAVE):
        return None
    if not job.first <= world.today <= job.last:
        return None
    return world._replace(jobs=put(world.jobs, place, job._replace(last=world.today)))


@act
def lengthen_membership(world: World, actor: int, place: int, faults: Faults) -> World | None:
    """So that it never ends."""
    job = world.jobs[place]
    if not holds(world, actor, job.clinic, Permission.STAFF_MANAGE):
        return None
    if job.last != NEVER and Fault.MEMBERSHIP_GROWS not in faults:
        return None
    return world._replace(jobs=put(world.jobs, place, job._replace(last=NEVER)))
