"""Finds what is wrong with restricted sessions, for ``vetcore doctor``."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from vetcore.access.entities import ACCESS
from vetcore.access.restricting.naming import OURS, fingerprint, schemas_of, tables_of
from vetcore.access.restricting.showing import shown
from vetcore.database import Acting, Database
from vetcore.database.registry import schema
from vetcore.errors import VetcoreError

__all__ = ["faults", "is_enabled", "too_many_rights", "undeclared"]

_MEMBER: Final = """
SELECT pg_get_userbyid(roleid) FROM pg_auth_members
WHERE member = (SELECT oid FROM pg_roles WHERE rolname = :login) ORDER BY 1
"""
_ATTRIBUTES: Final = """
SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS powerful
FROM pg_roles WHERE rolname = :login
"""
_READABLE: Final = """
SELECT DISTINCT n.nspname || '.' || c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype = 'e')
    AND coalesce(obj_description(n.oid, 'pg_namespace'), '') NOT LIKE :ours
    AND (has_table_privilege(:login, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(:login, c.oid, 'SELECT, INSERT, UPDATE'))
ORDER BY 1 LIMIT 5
"""
_MAKES: Final = """
SELECT nspname FROM pg_namespace
WHERE has_schema_privilege(:login, oid, 'CREATE') AND nspname !~ '^pg_(toast|temp)' ORDER BY 1
"""


async def too_many_rights(connection: AsyncConnection, login: str) -> list[str]:
    """Return in words what the login may do beyond looking into the views."""
    found: list[str] = []
    who = {"login": login}
    roles = list(await connection.scalars(text(_MEMBER), who))
    if roles:
        found.append(
            f"it is a member of {', '.join(roles)}: REVOKE {', '.join(roles)} FROM {login}"
        )
    if await connection.scalar(text(_ATTRIBUTES), who):
        found.append("it is a superuser, or may make roles or databases, or replicate")
    given: dict[str, Any] = who | {"ours": f"{OURS}%"}
    tables = list(await connection.scalars(text(_READABLE), given))
    if tables:
        found.append(f"it has rights on {', '.join(tables)}: REVOKE ALL ON … FROM {login}, PUBLIC")
    makes = list(await connection.scalars(text(_MAKES), who))
    if makes:
        found.append(f"it may create in the schema {', '.join(makes)}: REVOKE CREATE ON SCHEMA …")
    temporary = text("SELECT has_database_privilege(:login, current_database(), 'TEMPORARY')")
    if await connection.scalar(temporary, who):
        found.append("it may make temporary tables: REVOKE TEMPORARY ON DATABASE … FROM PUBLIC")
    return found


async def is_enabled(db: Database) -> bool:
    """Return whether the views, or the function, of restricted sessions are there."""
    async with db.engine.connect() as connection:
        return await _stamp(connection, db) is not None


async def faults(db: Database) -> list[str]:
    """Return in words what keeps restricted sessions from showing what they should, or from less.

    Raises:
        ConfigurationError: the URL or the key of restricted sessions is not set.
    """
    engine, _ = db.restriction.required()
    found: list[str] = []
    async with db.engine.connect() as connection:
        stamp = await _stamp(connection, db)
        if stamp is None:
            return ["its views are missing: call enable_row_level_security(db)"]
        tables = await tables_of(connection, db)
        if stamp != fingerprint(db, tables):
            found.append("its views are of another version: call enable_row_level_security(db)")
        found += await _missing(connection, db, shown(tables.names))
        login = engine.url.username or ""
        if await connection.scalar(text("SELECT to_regrole(:login)"), {"login": login}) is None:
            found.append(f"there is no login {login}: call enable_row_level_security(db)")
        else:
            found += await too_many_rights(connection, login)
    try:
        await _try(db)
    except VetcoreError as error:
        found.append(error.message)
    return found


async def _try(db: Database) -> None:
    """Ask as nobody: that shows whether the key is the one that the database knows."""
    async with db.restricted(Acting(UUID(int=0))) as session:
        await session.execute(text("SELECT 1"))


async def _stamp(connection: AsyncConnection, db: Database) -> str | None:
    query = text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')")
    stamp: str | None = await connection.scalar(query, {"schema": schemas_of(db)[None]})
    return stamp


async def _missing(connection: AsyncConnection, db: Database, wanted: Collection[str]) -> list[str]:
    query = text(
        "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = to_regnamespace(:s)"
    )
    found: list[str] = []
    for audience, place in schemas_of(db).items():
        if audience is None:
            continue
        there = set(await connection.scalars(query, {"s": place}))
        absent = sorted(set(wanted) - there)
        if absent:
            found.append(f"{place} lacks a view of {', '.join(absent)}")
    return found


def undeclared() -> Collection[str]:
    """Return the tables of a service's own, where they are known here, of which nothing is declared."""
    declared = {entity.__tablename__ for entity in ACCESS}
    known = {table.name for table in schema.every_table()}
    return sorted(known - schema.tables - declared)
