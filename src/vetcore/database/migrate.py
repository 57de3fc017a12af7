"""Runs the package's migrations. Each run is a transaction, and runs take turns.

A service with tables of its own keeps its own Alembic environment beside ours. Our revision is
kept in ``vetcore_version``, and :func:`not_vetcore` keeps our tables out of its autogenerate::

    context.configure(..., include_object=not_vetcore)
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import alembic.op
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, quoted_name, text
from sqlalchemy.exc import SQLAlchemyError

from vetcore.database.locking import wait_for_turn
from vetcore.database.options import UNLIMITED
from vetcore.database.registry import schema
from vetcore.errors import MigrationError, VetcoreError
from vetcore.migrations import op, operations_on

__all__ = ["VERSION_TABLE", "Revision", "not_vetcore"]

T = TypeVar("T")

VERSION_TABLE = "vetcore_version"
"""Where our revision is kept; a service's own Alembic has its own table."""

EXTENSIONS = ("btree_gist", "cube", "pg_trgm")
"""What we use of PostgreSQL's contrib; each is trusted, so a database owner may create it."""

_WAIT_FOR_OTHERS = "10min"
_WAIT_FOR_TABLES = "10s"


@dataclass(frozen=True, slots=True)
class Revision:
    """A step of the schema's history."""

    id: str
    message: str
    applied: bool


def not_vetcore(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Return False for what vetcore's own migrations manage, for Alembic's ``include_object``."""
    table = name if kind == "table" else getattr(getattr(item, "table", None), "name", None)
    if table is None:
        return True
    shadow = bool(schema.shadows) and table.startswith(schema.shadows)
    return not (shadow or table == VERSION_TABLE or table in schema.tables)


def scripts() -> ScriptDirectory:
    """Return the versions that ship in the package."""
    config = Config()
    config.set_main_option("script_location", "vetcore:migrations")
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def upgrade(connection: Connection, revision: str, tenant: str | None) -> None:
    """Bring the schema up to ``revision``.

    Raises:
        MigrationError: the migration failed, or the revision is unknown; the database is as it was.
    """
    _run(connection, tenant, partial(_up, revision))


def downgrade(connection: Connection, revision: str, tenant: str | None) -> None:
    """Take the schema down to ``revision``; ``base`` removes everything.

    Raises:
        MigrationError: the migration failed, or the revision is unknown; the database is as it was.
    """
    _run(connection, tenant, partial(_down, revision))


def current(connection: Connection, tenant: str | None) -> str | None:
    """Return the revision of the database, or None before the first migration."""
    context = MigrationContext.configure(connection, opts=_options(tenant))
    return context.get_current_revision()


def history(connection: Connection, tenant: str | None) -> list[Revision]:
    """Return every revision, oldest first, and whether the database has it."""
    directory = scripts()
    now = current(connection, tenant)
    applied = (
        [step.revision for step in directory.iterate_revisions(now, "base")] if now else list[str]()
    )
    steps: list[Script] = [*directory.walk_revisions()]
    return [Revision(step.revision, step.doc, step.revision in applied) for step in reversed(steps)]


def _options(tenant: str | None) -> dict[str, Any]:
    return {"version_table": VERSION_TABLE, "version_table_schema": tenant}


# Alembic's own commands call these, and they cannot be given a connection in a transaction of ours.


def _up(to: str, directory: Any, revision: Any, _context: Any) -> Any:
    return directory._upgrade_revs(to, revision)  # noqa: SLF001 -- see above


def _down(to: str, directory: Any, revision: Any, _context: Any) -> Any:
    return directory._downgrade_revs(to, revision)  # noqa: SLF001 -- see above


def _run(connection: Connection, tenant: str | None, steps: Callable[..., Any]) -> None:
    try:
        directory = _with_our_operations(scripts())
        _prepare(connection, tenant)
        context = MigrationContext.configure(
            connection,
            opts={
                "fn": partial(steps, directory),
                "script": directory,
                # SQLite's DDL is transactional, once the driver's own BEGIN is out of the way.
                "transactional_ddl": True,
                "render_as_batch": connection.dialect.name == "sqlite",
                **_options(tenant),
            },
        )
        # Without Alembic's environment: that one is the whole process's, and others may be using it.
        with operations_on(Operations(context)):
            context.run_migrations()
        _require_whole(connection)
    except (CommandError, SQLAlchemyError) as error:
        message = f"The migration failed and nothing was changed: {error}"
        raise MigrationError(message) from error
    except MigrationError:
        raise
    except VetcoreError as error:
        message = f"The migration failed and nothing was changed: {error.message}"
        raise MigrationError(message, cause=error.code) from error


def _require_whole(connection: Connection) -> None:
    """Refuse what revisions left behind on SQLite, whose foreign keys are off meanwhile.

    Raises:
        MigrationError: a row refers to one that is not there.
    """
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        message = (
            "The migration failed and nothing was changed: "
            f"row {broken[1]} of {broken[0]} refers to a row of {broken[2]} that is not there"
        )
        raise MigrationError(message)


def _with_our_operations(directory: ScriptDirectory) -> ScriptDirectory:
    """Revisions that take Alembic's ``op`` get ours; each directory loads its revisions anew."""
    for script in directory.walk_revisions():
        module: Any = script.module
        if getattr(module, "op", None) is alembic.op:
            module.op = op
    return directory


def _prepare(connection: Connection, tenant: str | None) -> None:
    """Wait for other processes' migrations; do not wait long for tables, lest all others wait."""
    if connection.dialect.name != "postgresql":
        connection.execution_options(**{UNLIMITED: True})
        return
    # Migrations may take long, and so may waiting for another process's.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_OTHERS}'"))
    present = set(connection.scalars(text("SELECT extname FROM pg_extension")))
    if missing := [extension for extension in EXTENSIONS if extension not in present]:
        # Extensions belong to the whole database, so to all of its tenants.
        wait_for_turn(connection, None, "migration", "extensions")
        for extension in missing:
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    wait_for_turn(connection, tenant, "migration", "schema")
    connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_TABLES}'"))
    if tenant is not None:
        preparer = connection.dialect.identifier_preparer
        name = preparer.quote(quoted_name(tenant, quote=True))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
        path = connection.scalar(text("SHOW search_path"))
        connection.execute(text(f"SET LOCAL search_path TO {name}, {path}"))
