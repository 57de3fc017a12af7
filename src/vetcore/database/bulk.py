"""Updates of many rows by primary key, under the same rules as any other change of a row.

``execute(update(Pet), [{"id": …, "name": …}, …])`` names rows, not versions. So their versions are
read first, with a lock: each row's version rises, and a version that is given must still be the row's.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import event, inspect, select, tuple_
from sqlalchemy.orm import Mapper, ORMExecuteState, Session
from sqlalchemy.orm.attributes import set_committed_value

from vetcore.database.softdelete import INCLUDE_DELETED
from vetcore.errors import ConcurrentUpdate, InvalidValue, NotFound

__all__ = ["update_by_key", "with_versions"]

_PAGE: Final = 500

Row = dict[str, Any]


def update_by_key(session_class: type[Session]) -> None:
    """Add the missing versions to updates of many rows by primary key."""

    @event.listens_for(session_class, "do_orm_execute")
    def _(state: ORMExecuteState) -> Any:
        mapper: Any = state.bind_mapper
        if not (state.is_update and state.is_orm_statement and state.is_executemany):
            return None
        if mapper is None or mapper.version_id_col is None:
            return None
        every = bool(state.execution_options.get(INCLUDE_DELETED, False))
        given: Any = state.parameters
        result = state.invoke_statement(
            params=with_versions(state.session, mapper, given, include_deleted=every)
        )
        _remember(state.session, mapper, given)
        return result


def with_versions(
    session: Session,
    mapper: Mapper[Any],
    rows: Iterable[Mapping[str, Any]],
    *,
    include_deleted: bool = False,
) -> list[Row]:
    """Return the rows of an update by primary key, each with the version that it now has.

    Raises:
        InvalidValue: a row does not say its primary key.
        NotFound: there is no such row, or it is deleted.
        ConcurrentUpdate: a row has another version than the one that is given.
    """
    version = _version(mapper)
    filled = [dict(row) for row in rows]
    if version is None:
        return filled
    keys = [_key(mapper, row) for row in filled]
    found = _found(session, mapper, keys, include_deleted=include_deleted)
    for key, row in zip(keys, filled, strict=True):
        if key not in found:
            shown = key[0] if len(key) == 1 else key
            raise NotFound(entity=mapper.class_, key=shown)
        if row.get(version) not in {None, found[key]}:
            message = (
                f"{mapper.class_.__name__} {key[0]} is at version {found[key]}, not "
                f"{row[version]}: somebody else has changed it since"
            )
            raise ConcurrentUpdate(message)
        row[version] = found[key]
        found[key] += 1
    return filled


def _version(mapper: Mapper[Any]) -> str | None:
    column = mapper.version_id_col
    return None if column is None else str(mapper.get_property_by_column(column).key)


def _key(mapper: Mapper[Any], row: Mapping[str, Any]) -> tuple[Any, ...]:
    names = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
    for name in names:
        if row.get(name) is None:
            raise InvalidValue(
                field=name, rule="is missing", expected="the primary key of each row to update"
            )
    return tuple(row[name] for name in names)


def _found(
    session: Session,
    mapper: Mapper[Any],
    keys: list[tuple[Any, ...]],
    *,
    include_deleted: bool,
) -> dict[tuple[Any, ...], int]:
    primary: Any = mapper.primary_key
    version: Any = mapper.version_id_col
    options = {INCLUDE_DELETED: include_deleted}
    found: dict[tuple[Any, ...], int] = {}
    distinct = list(dict.fromkeys(keys))
    for first in range(0, len(distinct), _PAGE):
        page = distinct[first : first + _PAGE]
        single = len(primary) == 1
        these: Any = (
            primary[0].in_([key[0] for key in page]) if single else tuple_(*primary).in_(page)
        )
        # In one order, so that two such updates do not wait for each other.
        query = select(*primary, version).where(these).order_by(*primary).with_for_update()
        for *key, number in session.execute(query, execution_options=options):
            found[tuple(key)] = number
    return found


def _remember(session: Session, mapper: Mapper[Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Objects of the session that were updated have the next version, too."""
    version = _version(mapper)
    for row in rows:
        held = session.identity_map.get(mapper.identity_key_from_primary_key(_key(mapper, row)))
        if held is not None and version is not None and version in inspect(held).dict:
            set_committed_value(held, version, inspect(held).dict[version] + 1)
