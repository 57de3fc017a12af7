"""A schema that a service derives from ours and validates in its own way is asked, wherever it goes."""

import json
from typing import Any, Self

import pytest
from pydantic import ValidationError

from tests.examples import user
from vetcore.database import Acting, Database
from vetcore.models import Pet
from vetcore.operations import create_pet, update_pet
from vetcore.schemas import PetCreate, PetUpdate

REX = {"name": "Tom", "species": "dog"}


class Named(PetCreate):
    """Every animal is called Rex."""

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        return super().model_validate(obj | {"name": "Rex"}, **options)

    @classmethod
    def model_validate_json(cls, json_data: Any, **options: Any) -> Self:
        return super().model_validate_json(
            json.dumps(json.loads(json_data) | {"name": "Rex"}), **options
        )


class Below(Named):
    """Says nothing of its own."""


class Shouting:
    """Stands beside the schema rather than above it."""

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        made = super().model_validate(obj, **options)  # type: ignore[misc]
        return made.model_copy(update={"name": made.name.upper()})


class Mixed(Shouting, PetCreate):  # type: ignore[misc]
    """Has it from there."""


class Renamed(PetUpdate):
    """A change that is always to Rex."""

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        return super().model_validate(obj | {"name": "Rex"}, **options)


@pytest.mark.parametrize("kind", [Named, Below])
@pytest.mark.parametrize("used_before", [False, True])
def test_what_is_overridden_is_called_before_and_after_the_first_use(
    kind: type[PetCreate], used_before: bool
) -> None:
    if used_before:
        PetCreate.model_validate(REX)
        kind(**REX)
        kind.model_json_schema()
    for _ in range(2):
        for made in (kind.model_validate(REX), kind.model_validate_json(json.dumps(REX))):
            assert (type(made), made.name) == (kind, "Rex")
    assert PetCreate.model_validate(REX).name == "Tom"


def test_one_that_comes_from_beside_is_called_too() -> None:
    for _ in range(2):
        assert Mixed.model_validate(REX).name == "TOM"


def test_our_rules_hold_in_it_all_the_same() -> None:
    for kind in (Named, Below, Mixed):
        with pytest.raises(ValidationError, match="not a weight of a dog"):
            kind.model_validate(REX | {"weight_kg": 4200})
        with pytest.raises(ValidationError, match="nickname"):
            kind.model_validate(REX | {"nickname": "Bello"})


@pytest.mark.parametrize("key", [None, "k"])
@pytest.mark.parametrize(("kind", "name"), [(Named, "Rex"), (Below, "Rex"), (Mixed, "TOM")])
async def test_what_it_made_is_what_an_operation_stores(
    db: Database, kind: type[PetCreate], name: str, key: str | None
) -> None:
    owner = user()
    async with db.transaction() as session:
        session.add(owner)
    async with db.transaction(Acting(owner.id)) as session:
        made = await create_pet(session, kind.model_validate(REX), key=key)
    async with db.session() as session:
        stored = await session.get_one(Pet, made.id)
    assert (stored.name, stored.owner_id, stored.created_by_id) == (name, owner.id, owner.id)
    change = Renamed.model_validate({"id": str(made.id), "name": "Bello", "color": "black"})
    async with db.transaction(Acting(owner.id)) as session:
        changed = await update_pet(session, change, key=key and "another")
    assert (changed.name, changed.color) == ("Rex", "black")
