"""What people type for a clinic, a veterinarian or a pet, and what is meant by it.

A name may be given whole or in part, in whatever case and without its accents; an id whole, or by
its beginning or its end. What fits several is refused, and those are listed with their ids.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_, select

from vetcore.database import ReadSession
from vetcore.directory import Found, MatchedBy, search_pets
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Clinic, Pet, StaffMembership, User, Veterinarian
from vetcore.values.matching import fold

__all__ = [
    "LISTED",
    "Staff",
    "chosen",
    "clinics_with",
    "has_id",
    "id_given",
    "id_piece",
    "one_clinic",
    "one_pet",
    "pets_called",
    "staff_of",
    "words_in",
]

T = TypeVar("T")

LISTED: Final = 8
"""As many are listed where a name fits several."""
_LOOKED_AT: Final = 60
_EXACT: Final = 0.999
_PIECE: Final = re.compile(r"[0-9a-f-]{4,36}")
_DIGITS: Final = 32
_OWN: Final = {MatchedBy.NAME, MatchedBy.MICROCHIP, MatchedBy.LICENSE_NUMBER}


# Clinics -----------------------------------------------------------------------------------------


async def one_clinic(session: ReadSession, wanted: str) -> Clinic:
    """The clinic of that id or name; a part of the name will do, if it is that of no other.

    Raises:
        NotFound: no clinic is called that.
        InvalidValue: several are; they are listed.
    """
    found = await _clinics(session, wanted)
    exact = [clinic for clinic in found if fold(clinic.name) == fold(wanted)]
    names = {clinic: f"{clinic.name}, {clinic.address.city}" for clinic in exact or found}
    return chosen("clinic", wanted, names)


async def _clinics(session: ReadSession, wanted: str) -> Sequence[Clinic]:
    key = id_given(wanted)
    if key is not None:
        found = await session.get(Clinic, key)
        return [] if found is None else [found]
    if not wanted.strip():
        return []
    whole_names_first = case((func.lower(Clinic.name) == wanted.lower(), 0), else_=1)
    query = select(Clinic).order_by(whole_names_first, Clinic.name, Clinic.id).limit(LISTED + 1)
    like = query.where(Clinic.name.icontains(wanted, autoescape=True))
    if clinics := (await session.scalars(like)).all():
        return clinics
    keys = await clinics_with(session, wanted)
    if keys:
        return (await session.scalars(query.where(Clinic.id.in_(keys[: LISTED + 1])))).all()
    condition = has_id(Clinic.id, wanted)
    return [] if condition is None else (await session.scalars(query.where(condition))).all()


async def clinics_with(session: ReadSession, wanted: str) -> list[UUID]:
    """The clinics with each of the words in their name or place, by name; accents do not count."""
    columns = (Clinic.id, Clinic.name, Clinic.address)
    rows = await session.execute(select(*columns).order_by(Clinic.name, Clinic.id))
    return [
        key
        for key, name, address in rows
        if words_in(wanted, f"{name} {address.city} {address.country}")
    ]


def words_in(wanted: str, text: str) -> bool:
    """Whether each word that is wanted is a part of the text."""
    folded = fold(text)
    words = fold(wanted).split()
    return bool(words) and all(word in folded for word in words)


# Veterinarians -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Staff:
    """The veterinarians of a clinic."""

    names: dict[UUID, str]
    """By veterinarian."""
    people: dict[UUID, UUID]
    """The user that each veterinarian is."""

    def performer(self, wanted: str | None) -> UUID | None:
        """The person of that id or name; a part of the name will do. None where nobody is named.

        Raises:
            NotFound: none is called that.
            InvalidValue: several are; they are listed.
        """
        if wanted is None:
            return None
        names = self.names.items()
        exact = {key: name for key, name in names if fold(name) == fold(wanted)}
        like = {key: name for key, name in names if words_in(wanted, name)}
        piece = {
            key: name
            for key, name in names
            if _is_of(key, wanted) or _is_of(self.people[key], wanted)
        }
        return self.people[chosen("veterinarian", wanted, exact or like or piece)]


async def staff_of(session: ReadSession, clinic_id: UUID) -> Staff:
    """The veterinarians who have, had or will have a post at the clinic."""
    rows = await session.execute(
        select(Veterinarian.id, User.id, User.first_name, User.last_name)
        .join(User, User.id == Veterinarian.user_id)
        .join(StaffMembership, StaffMembership.user_id == User.id)
        .where(StaffMembership.clinic_id == clinic_id)
        .order_by(User.last_name, User.first_name, Veterinarian.id)
    )
    names: dict[UUID, str] = {}
    people: dict[UUID, UUID] = {}
    for key, person, first, last in rows:
        names[key], people[key] = f"{first} {last}".strip(), person
    return Staff(names, people)


# Pets --------------------------------------------------------------------------------------------


async def one_pet(session: ReadSession, wanted: str) -> Pet:
    """The pet of that id, microchip, licence number or name, or the only one of that owner.

    ``Biscuit Okafor`` is the Biscuit whose owner's name has Okafor in it. A microchip may be
    written with spaces or hyphens, as it is on the animal's papers.

    Raises:
        NotFound: there is no such pet.
        InvalidValue: there are several; they are listed.
    """
    pets = await pets_called(session, wanted)
    owners = await _owners(session, pets)
    return chosen("pet", wanted, {pet: _introduced(pet, owners) for pet in pets})


async def pets_called(session: ReadSession, wanted: str) -> Sequence[Pet]:
    """Every pet that may be meant; of those whom a text names in several ways, the likeliest."""
    key = id_given(wanted)
    if key is not None:
        found = await session.get(Pet, key)
        return [] if found is None else [found]
    page = list(await search_pets(session, wanted, limit=_LOOKED_AT))
    own = [found for found in page if found.matched in _OWN]
    if exact := [found.item for found in own if found.score >= _EXACT]:
        return exact
    if theirs := await _of_owner(session, wanted):
        return theirs
    if begun := [found.item for found in own if _begins(found, wanted)]:
        return begun
    if owned := _of_the_best_owner(page):
        return owned
    condition = has_id(Pet.id, wanted)
    query = select(Pet).order_by(Pet.name, Pet.id).limit(LISTED + 1)
    return [] if condition is None else (await session.scalars(query.where(condition))).all()


def _begins(found: Found[Pet], wanted: str) -> bool:
    return found.matched is MatchedBy.NAME and fold(found.item.name).startswith(fold(wanted))


def _of_the_best_owner(page: Iterable[Found[Pet]]) -> list[Pet]:
    """The pets of an owner who is called exactly that, or has that address or number."""
    by_owner = [found for found in page if found.matched is MatchedBy.OWNER]
    best = max((found.score for found in by_owner), default=0)
    return [found.item for found in by_owner if found.score == best and best >= _BY_OWNER]


_BY_OWNER: Final = 0.789
"""The score that the search gives to a pet whose owner matches exactly."""


async def _of_owner(session: ReadSession, wanted: str) -> list[Pet]:
    """``Biscuit Okafor``: the pets of the name before, whose owner has the words after it."""
    words = [word for word in wanted.split() if word.casefold() != "of"]
    found: list[Pet] = []
    for place in range(1, len(words)):
        name, owner = " ".join(words[:place]), " ".join(words[place:])
        page = await search_pets(session, name, limit=_LOOKED_AT)
        pets = [
            each.item for each in page if each.score >= _EXACT and each.matched is MatchedBy.NAME
        ]
        owners = await _owners(session, pets)
        found += [pet for pet in pets if words_in(owner, _owner_of(pet, owners))]
    return found


async def _owners(session: ReadSession, pets: Sequence[Pet]) -> dict[UUID, str]:
    keys = {pet.owner_id for pet in pets if pet.owner_id is not None}
    if not keys:
        return {}
    users = await session.scalars(select(User).where(User.id.in_(keys)))
    return {user.id: user.full_name for user in users}


def _owner_of(pet: Pet, owners: Mapping[UUID, str]) -> str:
    return "" if pet.owner_id is None else owners.get(pet.owner_id, "")


def _introduced(pet: Pet, owners: Mapping[UUID, str]) -> str:
    owner = _owner_of(pet, owners)
    return f"{pet.name}, {pet.species}" + (f" of {owner}" if owner else "")


# Ids and choices ---------------------------------------------------------------------------------


def id_given(text: str) -> UUID | None:
    """The id that a text is."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def has_id(column: Any, wanted: str) -> ColumnElement[bool] | None:
    """Whether a key begins or ends so; None where the text is no piece of an id."""
    piece = id_piece(wanted)
    if piece is None:
        return None
    first, last = (UUID(hex=piece.ljust(_DIGITS, digit)) for digit in "0f")
    begins = and_(column >= first, column <= last)
    return or_(begins, func.replace(cast(column, String), "-", "").endswith(piece))


def id_piece(text: str) -> str | None:
    """The digits of an id's beginning or end; None where the text is none."""
    given = text.strip().lower()
    piece = given.replace("-", "")
    return piece if piece and _PIECE.fullmatch(given) and len(piece) <= _DIGITS else None


def _is_of(key: UUID, wanted: str) -> bool:
    piece = id_piece(wanted)
    return piece is not None and (key.hex.startswith(piece) or key.hex.endswith(piece))


def chosen(entity: str, wanted: str, found: Mapping[T, str]) -> T:
    """The only one of those found; each with what it is called in a list.

    Raises:
        NotFound: there is none.
        InvalidValue: there are several; they are listed in its details.
    """
    if not found:
        raise NotFound(entity=entity, key=wanted)
    if len(found) == 1:
        return next(iter(found))
    error = InvalidValue(
        field=entity,
        rule="fits several",
        expected="its id, or --at with its time"
        if entity == "appointment"
        else "more of the name, or an id",
        value=wanted,
    )
    keys: list[Any] = list(found)
    error.details["candidates"] = [
        {"id": str(getattr(key, "id", key)), "name": found[key]} for key in keys[:LISTED]
    ]
    error.details["more"] = len(keys) > LISTED
    raise error
