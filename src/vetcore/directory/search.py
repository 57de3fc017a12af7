"""Finds pets, their owners and veterinarians by what somebody remembers of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select

from vetcore import clock
from vetcore.database import ReadSession
from vetcore.database.cursors import Page, require_limit
from vetcore.directory.candidates import PET_NAMES, USER_NAMES
from vetcore.directory.question import Question
from vetcore.directory.ranking import (
    Condition,
    Found,
    Match,
    MatchedBy,
    Ranked,
    page_of,
    position_after,
)
from vetcore.directory.species import treats
from vetcore.models import Appointment, Pet, PetCoOwner, StaffMembership, User, Veterinarian
from vetcore.values.animals import Species
from vetcore.values.matching import NEAR
from vetcore.values.people import Role

__all__ = ["search_owners", "search_pets", "search_veterinarians"]

_BY_OWNER: Final = 0.79
"""A pet found by its owner comes after those whose own name is at most a slip away."""
_PREFIXES: Final = {MatchedBy.NAME: "n:", MatchedBy.EMAIL: "e:", MatchedBy.PHONE: "p:"}

_Conditions = Sequence[ColumnElement[bool]]


def _people(values: Sequence[str], by: MatchedBy, dialect: str) -> ColumnElement[bool]:
    if by is MatchedBy.EMAIL:
        return User.email.in_(values)
    if by is MatchedBy.PHONE:
        return User.phone.in_(values)
    return USER_NAMES.named(values, dialect)


def _owned_by(people: ColumnElement[bool], *others: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a pet's owner, or one of its co-owners, is one of those people."""
    keys = select(User.id).where(people, User.deleted_at.is_(None), *others)
    shared = select(PetCoOwner.pet_id).where(PetCoOwner.user_id.in_(keys))
    return or_(Pet.owner_id.in_(keys), Pet.id.in_(shared))


def _by_owners(
    values: Sequence[str], owner_where: _Conditions, dialect: str
) -> ColumnElement[bool]:
    people = [
        _people(chosen, by, dialect)
        for by, prefix in _PREFIXES.items()
        if (chosen := [v.removeprefix(prefix) for v in values if v.startswith(prefix)])
    ]
    return _owned_by(or_(*people), *owner_where)


def _patient_of(clinic_id: UUID) -> ColumnElement[bool]:
    """Registered at the clinic, or seen there."""
    visit = exists().where(
        Appointment.pet_id == Pet.id,
        Appointment.clinic_id == clinic_id,
        Appointment.deleted_at.is_(None),
    )
    return or_(Pet.primary_clinic_id == clinic_id, visit)


Collect = Callable[[bool], Awaitable[list[Match]]]


async def _page(  # noqa: PLR0913
    question: Question,
    entity: type[Any],
    collect: Collect,
    conditions: Mapping[MatchedBy, Condition],
    where: _Conditions,
    *,
    limit: int,
    after: str | None,
) -> Page[Found[Any]]:
    """Look for what is a slip away first; only if that is not enough, for what is merely alike."""
    require_limit(limit)
    name = f"search {entity.__tablename__}: {question.text}"
    position = position_after(name, after)
    if not question.text:
        return Page()
    page: Page[Found[Any]] = Page()
    for forgiving in (False, True):
        if not forgiving and position is not None and -position[0] < NEAR:
            continue
        ranked = Ranked.of(await collect(forgiving), conditions)
        page = await page_of(
            question.session, entity, ranked, where, name=name, limit=limit, position=position
        )
        if page.next_cursor is not None:
            break
    return page


async def search_pets(  # noqa: PLR0913
    session: ReadSession,
    text: str,
    *,
    clinic_id: UUID | None = None,
    owner_id: UUID | None = None,
    species: Species | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    owner_where: Sequence[ColumnElement[bool]] = (),
    limit: int = 20,
    after: str | None = None,
) -> Page[Found[Pet]]:
    """Find pets by name, microchip, licence number, or their owner's name, e-mail or phone.

    The best matches come first, and equal ones are in the order of their keys. Case and accents do
    not matter. Slips of the pen are forgiven: one anywhere, and more if most of the name is right.
    Three or more characters of a number or an e-mail address find it, wherever in it they stand.
    Characters such as ``%``, ``*`` and ``"`` stand for themselves. Blank text finds nothing.

    ::

        await search_pets(
            session, "bela", where=[visible(Pet, actor)], owner_where=[visible(User, actor)]
        )

    Args:
        session: any session.
        text: what somebody remembers.
        clinic_id: only patients of this clinic: registered or with an appointment there.
        owner_id: only pets of which this user is the owner or a co-owner.
        species: only these.
        where: more conditions on ``Pet``, such as :func:`vetcore.access.visible`.
        owner_where: conditions on ``User``: only owners who fulfil them lead to their pets.
        limit: the length of the page.
        after: the ``next_cursor`` of the page before, of the same text.

    Raises:
        InvalidValue: ``after`` is no cursor of this search, or ``limit`` is not positive.
    """
    question = await Question.of(session, text)
    dialect = question.dialect
    conditions: dict[MatchedBy, Condition] = {
        MatchedBy.NAME: lambda values: PET_NAMES.named(values, dialect),
        MatchedBy.MICROCHIP: Pet.microchip.in_,
        MatchedBy.LICENSE_NUMBER: Pet.license_number.in_,
        MatchedBy.OWNER: lambda values: _by_owners(values, owner_where, dialect),
    }

    async def collect(forgiving: bool) -> list[Match]:
        own = [
            *await question.names(PET_NAMES, forgiving=forgiving),
            *await question.numbers(MatchedBy.MICROCHIP, Pet.microchip, forgiving=forgiving),
            *await question.numbers(
                MatchedBy.LICENSE_NUMBER, Pet.license_number, forgiving=forgiving
            ),
        ]
        if not forgiving:
            return own
        owners = await question.people(forgiving=False) or await question.people(forgiving=True)
        return own + [
            Match(_BY_OWNER * owner.score, MatchedBy.OWNER, _PREFIXES[owner.by] + owner.value)
            for owner in owners
        ]

    filters = [*where]
    if clinic_id is not None:
        filters.append(_patient_of(clinic_id))
    if owner_id is not None:
        filters.append(_owned_by(User.id == owner_id))
    if species is not None:
        filters.append(Pet.species == species)
    return await _page(question, Pet, collect, conditions, filters, limit=limit, after=after)


async def search_owners(  # noqa: PLR0913
    session: ReadSession,
    text: str,
    *,
    clinic_id: UUID | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    limit: int = 20,
    after: str | None = None,
) -> Page[Found[User]]:
    """Find owners of pets by name, in any order of words, e-mail address or telephone number.

    An owner is whoever has an account as one, or has a pet. Order, forgiveness and paging are those
    of :func:`search_pets`.

    Args:
        session: any session.
        text: what somebody remembers.
        clinic_id: only owners and co-owners of patients of this clinic.
        where: more conditions on ``User``, such as :func:`vetcore.access.visible`.
        limit: the length of the page.
        after: the ``next_cursor`` of the page before, of the same text.

    Raises:
        InvalidValue: ``after`` is no cursor of this search, or ``limit`` is not positive.
    """
    question = await Question.of(session, text)
    conditions: dict[MatchedBy, Condition] = {
        by: partial(_people, by=by, dialect=question.dialect) for by in _PREFIXES
    }
    alive = Pet.deleted_at.is_(None)
    here = [alive] if clinic_id is None else [alive, _patient_of(clinic_id)]
    shared = exists().where(PetCoOwner.user_id == User.id, PetCoOwner.pet_id == Pet.id, *here)
    has_pet = or_(exists().where(Pet.owner_id == User.id, *here), shared)
    owner = or_(User.role == Role.PET_OWNER, has_pet) if clinic_id is None else has_pet

    async def collect(forgiving: bool) -> list[Match]:
        return await question.people(forgiving=forgiving)

    return await _page(
        question, User, collect, conditions, [owner, *where], limit=limit, after=after
    )


async def search_veterinarians(  # noqa: PLR0913
    session: ReadSession,
    text: str,
    *,
    clinic_id: UUID | None = None,
    species: Species | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    limit: int = 20,
    after: str | None = None,
) -> Page[Found[Veterinarian]]:
    """Find veterinarians by name, licence number, e-mail address or telephone number.

    Order, forgiveness and paging are those of :func:`search_pets`.

    Args:
        session: any session.
        text: what somebody remembers.
        clinic_id: only those with a membership at this clinic that has not ended, by the UTC date.
        species: only those who treat it.
        where: more conditions on ``Veterinarian``, such as :func:`vetcore.access.visible`.
        limit: the length of the page.
        after: the ``next_cursor`` of the page before, of the same text.

    Raises:
        InvalidValue: ``after`` is no cursor of this search, or ``limit`` is not positive.
    """
    question = await Question.of(session, text)
    dialect = question.dialect

    def by_person(values: Sequence[str], by: MatchedBy) -> ColumnElement[bool]:
        people = _people(values, by, dialect)
        return Veterinarian.user_id.in_(select(User.id).where(people, User.deleted_at.is_(None)))

    conditions: dict[MatchedBy, Condition] = {
        MatchedBy.LICENSE_NUMBER: Veterinarian.license_number.in_,
        **{by: partial(by_person, by=by) for by in _PREFIXES},
    }

    async def collect(forgiving: bool) -> list[Match]:
        return [
            *await question.numbers(
                MatchedBy.LICENSE_NUMBER, Veterinarian.license_number, forgiving=forgiving
            ),
            *await question.people(forgiving=forgiving),
        ]

    filters = [*where]
    if clinic_id is not None:
        today = clock.now().date()
        membership = StaffMembership
        ended = membership.ends_on < today
        filters.append(
            exists().where(
                membership.user_id == Veterinarian.user_id,
                membership.clinic_id == clinic_id,
                membership.deleted_at.is_(None),
                or_(membership.ends_on.is_(None), ~ended),
            )
        )
    if species is not None:
        filters.append(treats(Veterinarian.species_treated, species, dialect))
    return await _page(
        question, Veterinarian, collect, conditions, filters, limit=limit, after=after
    )
