"""What a command says, and the row that it names."""

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, false, select, true

from vetcore.access import Actor, Permission, visible
from vetcore.access.checks import ways_of
from vetcore.access.rules import READ
from vetcore.database.locking import locking
from vetcore.errors import ConcurrentUpdate, InvalidValue
from vetcore.models import Entity
from vetcore.schemas.base import Update

if TYPE_CHECKING:
    from vetcore.schemas.base import Schema

__all__ = ["Related", "by_key", "named", "require_version", "says"]

E = TypeVar("E", bound=Entity)


class Related(NamedTuple, Generic[E]):
    """A row, and how whoever acts is related to it."""

    row: E
    staff: bool
    owner: bool


def says(command: "Schema", field: str) -> bool:
    """Whether the command has more in the field than what it would have by itself."""
    kind = type(command).model_fields.get(field)
    if kind is None or field not in command.model_fields_set:
        return False
    # In a change, null is said as well: it clears.
    return isinstance(command, Update) or getattr(command, field) != kind.get_default()


def named(update: Update) -> UUID:
    """The row that a change names.

    Raises:
        InvalidValue: it names none.
    """
    if update.id is None:
        raise InvalidValue(field="id", rule="is missing", expected="the id of the row to change")
    return update.id


def require_version(row: Entity, version: int) -> None:
    """Refuse a command that was made for another version of the row.

    Raises:
        ConcurrentUpdate: it was.
    """
    if row.version != version:
        message = (
            f"{type(row).__name__} {row.id} is at version {row.version}, and the command was made "
            f"for version {version}; read it again and decide anew"
        )
        raise ConcurrentUpdate(message, table=row.__tablename__)


def by_key(
    entity: type[Entity], actor: Actor | None, wanted: Permission, *, lock: bool
) -> Select[Any]:
    """The row, whether it may be seen, and in what capacity the permission is there."""
    if actor is None:
        columns: tuple[Any, ...] = (true(), false(), false())
    else:
        staff, owner = ways_of(entity, actor, wanted)
        columns = (visible(entity, actor, READ[entity]), staff, owner)
    query: Select[Any] = select(entity, *columns).where(entity.id == bindparam("key"))
    return locking(query, entity) if lock else query
