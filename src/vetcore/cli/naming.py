"""Finds the clinic, veterinarian or pet that is meant by what people type.

A name may be given whole or in part, in any case and without accents. An id may be given whole, or
by its beginning or its end. If several rows fit, the text is refused, and they are listed with
their ids.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from vetcore.cli.desk import told
from vetcore.database import ReadSession
from vetcore.errors import InvalidValue, NotFound
from vetcore.models import Clinic, Pet, Veterinarian
from vetcore.operations import (
    get_clinic,
    get_pet,
    list_pets,
    list_practitioners,
    list_users,
    list_veterinarians,
    search_clinics,
    search_pets,
)
from vetcore.operations.results import Found, MatchedBy
from vetcore.schemas import (
    ById,
    ClinicSearch,
    PetQuery,
    PetSearch,
    PractitionerQuery,
    UserQuery,
    VeterinarianQuery,
)
from vetcore.values.matching import fold

__all__ = [
    "LISTED",
    "Staff",
    "chosen",
    "id_given",
    "id_piece",
    "one_clinic",
    "one_pet",
    "owners_of",
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
_FEWEST: Final = 4
_DIGITS: Final = 32
_OWN: Final = {MatchedBy.NAME, MatchedBy.MICROCHIP, MatchedBy.LICENSE_NUMBER}


# Clinics -----------------------------------------------------------------------------------------


async def one_clinic(session: ReadSession, wanted: str) -> Clinic:
    """Return the clinic of that id or name. A part of the name suffices if no other has it.

    Raises:
        NotFound: no clinic is called that.
        InvalidValue: several clinics are called that; they are listed.
    """
    found = await _clinics(session, wanted)
    exact = [clinic for clinic in found if fold(clinic.name) == fold(wanted)]
    named = [clinic for clinic in found if wanted.strip().lower() in clinic.name.lower()]
    worded = [clinic for clinic in found if words_in(wanted, _introduced_clinic(clinic))]
    likeliest = exact or named or worded or found
    names = {clinic: f"{clinic.name}, {clinic.address.city}" for clinic in likeliest}
    return chosen("clinic", wanted, names)


def _introduced_clinic(clinic: Clinic) -> str:
    return f"{clinic.name} {clinic.address.city} {clinic.address.country}"


async def _clinics(session: ReadSession, wanted: str) -> Sequence[Clinic]:
    key = id_given(wanted)
    if key is not None:
        try:
            return [await get_clinic(session, ById(id=key))]
        except NotFound:
            return []
    if not wanted.strip():
        return []
    by_words = told(ClinicSearch, text=wanted, id_part=id_piece(wanted), limit=_LOOKED_AT)
    return await search_clinics(session, by_words)


def words_in(wanted: str, text: str) -> bool:
    """Return whether each word that is wanted is a part of the text."""
    folded = fold(text)
    words = fold(wanted).split()
    return bool(words) and all(word in folded for word in words)


# Practitioners -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Staff:
    """The practitioners of a clinic."""

    names: dict[UUID, str]
    """By person, a user."""

    def practitioner(self, wanted: str | None) -> UUID | None:
        """Return the person of that id or name, or None if ``text`` is None.

        A part of the name suffices.

        Raises:
            NotFound: nobody at the clinic is called that.
            InvalidValue: several people are called that; they are listed.
        """
        if wanted is None:
            return None
        names = self.names.items()
        exact = {key: name for key, name in names if fold(name) == fold(wanted)}
        like = {key: name for key, name in names if words_in(wanted, name)}
        piece = {key: name for key, name in names if _is_of(key, wanted)}
        return chosen("practitioner", wanted, exact or like or piece)


async def staff_of(session: ReadSession, clinic_id: UUID) -> Staff:
    """Return who performs a service at the clinic today, and its veterinarians of whatever time."""
    everybody = VeterinarianQuery(clinic_id=clinic_id, limit=1000)
    found = sorted(await list_veterinarians(session, everybody), key=_by_name)
    names = {each.user_id: each.user.full_name for each in found}
    today = await list_practitioners(session, PractitionerQuery(clinic_id=clinic_id))
    return Staff(names | {each.id: each.name for each in today})


def _by_name(veterinarian: Veterinarian) -> tuple[str, str]:
    return veterinarian.user.last_name, veterinarian.user.first_name


# Pets --------------------------------------------------------------------------------------------


async def one_pet(session: ReadSession, wanted: str) -> Pet:
    """Return the pet of that id, microchip, licence number or name, or an owner's only pet.

    ``Biscuit Okafor`` is the Biscuit whose owner's name contains Okafor. A microchip may be written
    with spaces or hyphens, as in the animal's papers.

    Raises:
        NotFound: there is no such pet.
        InvalidValue: there are several; they are listed.
    """
    pets = await pets_called(session, wanted)
    owners = await owners_of(session, pets)
    return chosen("pet", wanted, {pet: _introduced(pet, owners) for pet in pets})


async def pets_called(session: ReadSession, wanted: str) -> Sequence[Pet]:
    """Return every pet that may be meant by ``text``, those that are likeliest to be meant."""
    key = id_given(wanted)
    if key is not None:
        try:
            return [await get_pet(session, ById(id=key))]
        except NotFound:
            return []
    page = await _searched(session, wanted)
    own = [found for found in page if found.matched in _OWN]
    if exact := [found.item for found in own if found.score >= _EXACT]:
        return exact
    if theirs := await _of_owner(session, wanted):
        return theirs
    if begun := [found.item for found in own if _begins(found, wanted)]:
        return begun
    if owned := _of_the_best_owner(page):
        return owned
    piece = id_piece(wanted)
    if piece is None:
        return []
    return await list_pets(session, told(PetQuery, id_part=piece, limit=LISTED + 1))


async def _searched(session: ReadSession, text: str) -> Sequence[Found[Pet]]:
    return await search_pets(session, told(PetSearch, text=text, limit=_LOOKED_AT))


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
        page = await _searched(session, name)
        pets = [
            each.item for each in page if each.score >= _EXACT and each.matched is MatchedBy.NAME
        ]
        owners = await owners_of(session, pets)
        found += [pet for pet in pets if words_in(owner, _owner_of(pet, owners))]
    return found


async def owners_of(session: ReadSession, pets: Iterable[Pet]) -> dict[UUID, str]:
    """Return the names of the owners, as far as the actor may see them."""
    keys = {pet.owner_id for pet in pets if pet.owner_id is not None}
    if not keys:
        return {}
    users = await list_users(session, told(UserQuery, ids=tuple(keys), limit=len(keys)))
    return {user.id: user.full_name for user in users}


def _owner_of(pet: Pet, owners: Mapping[UUID, str]) -> str:
    return "" if pet.owner_id is None else owners.get(pet.owner_id, "")


def _introduced(pet: Pet, owners: Mapping[UUID, str]) -> str:
    owner = _owner_of(pet, owners)
    return f"{pet.name}, {pet.species}" + (f" of {owner}" if owner else "")


# Ids and choices ---------------------------------------------------------------------------------


def id_given(text: str) -> UUID | None:
    """Return the id that a text holds."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def id_piece(text: str) -> str | None:
    """Return the digits of the beginning or end of an id, or None if the text is neither."""
    given = text.strip().lower()
    piece = given.replace("-", "")
    return piece if _PIECE.fullmatch(given) and _FEWEST <= len(piece) <= _DIGITS else None


def _is_of(key: UUID, wanted: str) -> bool:
    piece = id_piece(wanted)
    return piece is not None and (key.hex.startswith(piece) or key.hex.endswith(piece))


def chosen(entity: str, wanted: str, found: Mapping[T, str]) -> T:
    """Return the only row that was found.

    Each row comes with its name in a list.

    Raises:
        NotFound: no row was found.
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
