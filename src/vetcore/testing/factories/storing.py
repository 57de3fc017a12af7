"""Writes what factories made to a database, and makes commands that could be sent."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from vetcore.models import Base, Entity
from vetcore.schemas.base import Create
from vetcore.testing.factories.registering import FACTORIES

__all__ = ["create", "create_all", "create_many", "make_create"]

EntityT = TypeVar("EntityT", bound=Base)
CreateT = TypeVar("CreateT", bound=Create)


@overload
async def create(session: AsyncSession, what: EntityT) -> EntityT: ...
@overload
async def create(
    session: AsyncSession, what: Callable[..., EntityT], **overrides: Any
) -> EntityT: ...
async def create(session: AsyncSession, what: Any, **overrides: Any) -> Any:
    """Write something that was made, or that a factory makes now, with all that it belongs to.

    ::

        pet = await create(session, make_pet, species=Species.CAT)

    It flushes and does not commit.

    Raises:
        TypeError: there are overrides for something that is made already.
    """
    if isinstance(what, Base):
        if overrides:
            message = f"{what!r} is made already: give the overrides to its factory"
            raise TypeError(message)
        made = what
    else:
        made = what(**overrides)
    await create_all(session, made)
    return made


async def create_many(
    session: AsyncSession, make: Callable[..., EntityT], count: int, **overrides: Any
) -> list[EntityT]:
    """Make so many rows by the factory, and write them with all that they belong to."""
    made = [make(**overrides) for _ in range(count)]
    await create_all(session, *made)
    return made


async def create_all(session: AsyncSession, *made: Base) -> None:
    """Write and flush what was made, of whatever kinds, with all that it belongs to."""
    linked = [each for each in made if not isinstance(each, Entity)]
    session.add_all(each for each in made if isinstance(each, Entity))
    # Links name their ends by key only, so what they link has to be there first.
    await session.flush()
    session.add_all(linked)
    await session.flush()


def make_create(schema: type[CreateT], **overrides: Any) -> CreateT:
    """Make the command that creates such an entity: ``make_create(PetCreate)``.

    It is what the entity's factory makes; the keys in it are of rows that nobody has stored unless
    they are given, as ``owner_id=...`` or ``owner=...``.

    Args:
        schema: a Create schema, named for its entity, as those of :mod:`vetcore.schemas` are.
        overrides: fields of the schema, or columns and relations of the entity.

    Raises:
        TypeError: no factory makes what the schema is of.
    """
    models = [model for model in FACTORIES if schema.__name__.startswith(model.__name__)]
    if not models:
        message = f"there is no factory for {schema.__name__}"
        raise TypeError(message)
    model = max(models, key=lambda each: len(each.__name__))
    make = FACTORIES[model]
    columns = set(inspect(model).column_attrs.keys())
    about = {*columns, *inspect(model).relationships.keys(), "country"}
    entity = make(**{name: value for name, value in overrides.items() if name in about})
    values = {
        name: getattr(entity, name)
        for name in schema.model_fields
        if name in columns and (name in overrides or getattr(entity, name) is not None)
    }
    rest = {name: value for name, value in overrides.items() if name not in about}
    return schema(**values | rest)
