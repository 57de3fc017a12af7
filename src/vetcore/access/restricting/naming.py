"""The names of what restricted sessions need, and how it is told whether it is of this version."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from vetcore.access.restricting.asker import Audience
from vetcore.access.restricting.showing import quoted, views
from vetcore.access.restricting.verifying import verifying
from vetcore.database import Database
from vetcore.database.asking import views_of
from vetcore.errors import ConfigurationError

__all__ = ["OURS", "Tables", "fingerprint", "objects", "require_plain", "schemas_of", "tables_of"]

OURS: Final = "Made by vetcore for restricted sessions"
"""Begins the comment on each of the schemas: none that lacks it is dropped."""

_NAME: Final = re.compile(r"^[a-z_][a-z0-9_]{0,50}$")


def schemas_of(db: Database) -> dict[Audience | None, str]:
    """Return the schema of the views for each audience, and that of the functions under None."""
    place = views_of(db.tenant)
    require_plain(place)
    own: dict[Audience | None, str] = {each: quoted(f"{place}_{each}") for each in Audience}
    return own | {None: quoted(f"{place}_restricted")}


class Tables(NamedTuple):
    """The tables that are shown: their schema, quoted, and the names of those that there are."""

    schema: str
    names: frozenset[str]


def fingerprint(db: Database, tables: Tables) -> str:
    """Return the comment on the schema of functions that this version would write."""
    return f"{OURS}: {sha256(''.join(objects(db, tables)).encode()).hexdigest()}"


def objects(db: Database, tables: Tables) -> Iterator[str]:
    """Return the statements that make functions and views."""
    schemas = schemas_of(db)
    functions = schemas.pop(None)
    by_audience = {each: schemas[each] for each in Audience}
    yield from verifying(functions, tables.schema, views_of(db.tenant), by_audience)
    for audience, schema in by_audience.items():
        yield from views(audience, schema, functions, tables.names)


async def tables_of(connection: AsyncConnection, db: Database) -> Tables:
    """Have the names of tables mean those of the tenant, and return which there are."""
    if db.tenant is not None:
        await connection.exec_driver_sql(f"SET LOCAL search_path TO {quoted(db.tenant)}, public")
    query = text(
        "SELECT quote_ident(n.nspname) AS schema, array("
        "SELECT relname::text FROM pg_class WHERE relnamespace = n.oid AND relkind IN ('r', 'p'))"
        " AS names FROM pg_namespace n WHERE n.nspname = current_schema()"
    )
    found: Any = (await connection.execute(query)).one()
    return Tables(found.schema, frozenset(found.names))


def require_plain(name: str) -> None:
    """Refuse a name that would need to be quoted.

    Raises:
        ConfigurationError: it is no plain lower-case name.
    """
    if not _NAME.match(name):
        message = f"{name!r} cannot be used: lower-case letters, digits and underscores, 51 at most, please"
        raise ConfigurationError(message)
