"""Makes what restricted sessions need in PostgreSQL, and takes it away."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from vetcore.access.restricting.asker import Audience
from vetcore.access.restricting.examining import too_many_rights
from vetcore.access.restricting.former import removing_former
from vetcore.access.restricting.naming import (
    OURS,
    Tables,
    fingerprint,
    objects,
    require_plain,
    schemas_of,
    tables_of,
)
from vetcore.access.restricting.showing import shown
from vetcore.access.restricting.verifying import keys_table, storing
from vetcore.database import Database
from vetcore.errors import ConfigurationError
from vetcore.models import User

__all__ = [
    "READER",
    "disable_row_level_security",
    "enable_row_level_security",
]

READER: Final = "vetcore_reader"
"""The login of restricted sessions, where no other name is chosen."""

_CREATE_LOGIN: Final = """
DO $make$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN
        CREATE ROLE {login} LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION
            NOBYPASSRLS{password};
        ALTER ROLE {login} SET default_transaction_read_only = on;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $make$
"""

_WITHOUT_TEMPORARY_TABLES: Final = """
DO $revoke$ DECLARE each record; BEGIN
    IF NOT has_database_privilege('{login}', current_database(), 'TEMPORARY') THEN
        RETURN;
    END IF;
    FOR each IN SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper
        AND has_table_privilege(oid, '{users}', 'INSERT')
    LOOP
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), each.rolname);
    END LOOP;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $revoke$
"""
"""Whoever writes our tables keeps what everybody had."""

_DROP: Final = """
DO $drop$ BEGIN
    IF obj_description(to_regnamespace('{schema}'), 'pg_namespace') LIKE '{ours}%' THEN
        DROP SCHEMA {schema} CASCADE;
    END IF;
END $drop$
"""


async def enable_row_level_security(
    db: Database, *, login: str | None = None, keep_keys: bool = False
) -> None:
    """Make what restricted sessions need, in one transaction. What is there is replaced.

    That is a login that sees nothing else, the key of ``db`` (``restricted_key``), the function that
    verifies tokens, and views of what is declared (:func:`~vetcore.access.declare_access`). A login
    that is there already is left as it is. A new one has the password of the restricted URL of
    ``db``.

    Call it with a user who owns the tables and the database, and again after each migration, of your
    own tables too; before one that changes columns, call :func:`disable_row_level_security`. Nobody but that user may make
    temporary tables in the database afterwards, and whoever may write vetcore's tables.

    Args:
        db: of the tables' owner.
        login: as whom restricted sessions connect; where it is not given, the user of the
            restricted URL of ``db``, or :data:`READER`.
        keep_keys: keep the keys that are there: services still sign with an earlier one.

    Raises:
        ConfigurationError: the database is SQLite, there is no key, the user does not own the
            tables, ``login`` is no plain lower-case name or has other rights here, or the table of
            a declared entity cannot be shown.
    """
    _require_postgresql(db)
    key = db.restriction.required_key()
    url = db.restriction.url
    name = login or (url.username if url is not None else None) or READER
    require_plain(name)
    password = url.password if url is not None and url.username == name else None
    async with db.engine.begin() as connection:
        tables = await tables_of(connection, db)
        await _require_owner(connection)
        kept = await _keys(connection, db) if keep_keys else []
        statements = (
            _CREATE_LOGIN.format(login=name, password=_with(password)),
            *_removing(db, tables),
            *_making(db, name, tables),
            _WITHOUT_TEMPORARY_TABLES.format(login=name, users=User.__tablename__),
            storing(schemas_of(db)[None], key),
        )
        for statement in statements:
            await connection.exec_driver_sql(statement)
        await _store(connection, db, [each for each in kept if each[0] != key.id])
        faults = await too_many_rights(connection, name)
        if faults:
            message = f"The login {name} cannot be restricted: {'; '.join(faults)}"
            raise ConfigurationError(message)


async def disable_row_level_security(db: Database) -> None:
    """Take the views away, with the function and the keys. The login stays and sees nothing.

    What earlier versions of vetcore made in place of views, policies on tables, goes as well.

    Raises:
        ConfigurationError: the database is SQLite.
    """
    _require_postgresql(db)
    async with db.engine.begin() as connection:
        tables = await tables_of(connection, db)
        for statement in _removing(db, tables):
            await connection.exec_driver_sql(statement)


def _making(db: Database, login: str, tables: Tables) -> Iterator[str]:
    schemas = schemas_of(db)
    for schema in schemas.values():
        yield f"CREATE SCHEMA {schema}"
        yield f"COMMENT ON SCHEMA {schema} IS '{OURS}'"
    yield from objects(db, tables)
    yield f"COMMENT ON SCHEMA {schemas[None]} IS '{fingerprint(db, tables)}'"
    everywhere = ", ".join(schemas.values())
    yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schemas[None]} FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA {everywhere} TO {login}"
    yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schemas[None]} TO {login}"
    seen = ", ".join(schemas[each] for each in Audience)
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {seen} TO {login}"


def _removing(db: Database, tables: Tables) -> Iterator[str]:
    yield from removing_former(shown(tables.names))
    for schema in schemas_of(db).values():
        yield _DROP.format(schema=schema, ours=OURS)


def _with(password: str | None) -> str:
    if password is None:
        return ""
    written = password.replace("'", "''")
    return f" PASSWORD '{written}'"


async def _keys(connection: AsyncConnection, db: Database) -> list[Any]:
    table = keys_table(schemas_of(db)[None])
    if await connection.scalar(text("SELECT to_regclass(:name)"), {"name": table}) is None:
        return []
    return list(await connection.execute(text(f"SELECT id, inner_block, outer_block FROM {table}")))  # noqa: S608 -- a name of ours


async def _store(connection: AsyncConnection, db: Database, keys: list[Any]) -> None:
    table = keys_table(schemas_of(db)[None])
    for key in keys:
        await connection.execute(
            text(f"INSERT INTO {table} VALUES (:id, :inner, :outer)"),  # noqa: S608 -- a name of ours
            dict(zip(("id", "inner", "outer"), key, strict=True)),
        )


def _require_postgresql(db: Database) -> None:
    if db.dialect != "postgresql":
        message = "Row-level security needs PostgreSQL; on SQLite, filter with access.visible()"
        raise ConfigurationError(message)


async def _require_owner(connection: AsyncConnection) -> None:
    """The views see what their owner sees, so that is to be the tables' owner, and no more."""
    query = text(
        "SELECT pg_get_userbyid(relowner) AS owner, current_user AS us"
        " FROM pg_class WHERE oid = to_regclass(:table)"
    )
    found: Any = (await connection.execute(query, {"table": User.__tablename__})).one_or_none()
    if found is None:
        message = "There are no tables to restrict anybody to: `vetcore db upgrade` makes them"
        raise ConfigurationError(message)
    if found.owner != found.us:
        message = f"The tables belong to {found.owner}: call this as that user, not as {found.us}"
        raise ConfigurationError(message)
