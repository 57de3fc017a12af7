"""Alembic for a service with tables of its own, beside vetcore's migrations.

Its ``env.py`` is three lines::

    from mypackage.models import Base
    from vetcore.database.alembic import run

    run(Base.metadata)

Autogenerate sees only the service's tables, with their foreign keys to vetcore's tables. It writes
SQLAlchemy's types in place of vetcore's, so that a revision runs as it was written even if
vetcore's types change.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from vetcore.database.migrate import not_vetcore
from vetcore.database.urls import async_url
from vetcore.settings import Settings

__all__ = ["render_item", "run"]


def run(metadata: MetaData | list[MetaData], **options: Any) -> None:
    """Run Alembic's environment on the database of Alembic or of ``VETCORE_DATABASE_URL``.

    A connection in ``config.attributes["connection"]`` is used as it is.

    Args:
        metadata: of the service's tables; it may be that of ``vetcore.models``.
        options: for ``context.configure``, in place of those that are chosen here.
    """
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection, metadata, options)
    elif context.is_offline_mode():
        _configure(metadata, options, url=_url(), literal_binds=True)
    else:
        with ThreadPoolExecutor(1) as thread:  # where Alembic is called, a loop may be running
            thread.submit(asyncio.run, _connected(metadata, options)).result()


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Return our types as the database's, for Alembic's ``render_item``."""
    written: Any = getattr(item, "in_migrations", None) if kind == "type" else None
    if written is None:
        return False
    text, imports = written()
    autogen_context.imports.update(imports)
    return str(text)


def _url() -> str:
    given: str | None = context.config.get_main_option("sqlalchemy.url")
    return given or Settings().database.url.get_secret_value()


async def _connected(metadata: Any, options: dict[str, Any]) -> None:
    engine = create_async_engine(async_url(make_url(_url())), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, metadata, options)
            await connection.commit()
    finally:
        await engine.dispose()


def _migrate(connection: Connection, metadata: Any, options: dict[str, Any]) -> None:
    batch = connection.dialect.name == "sqlite"
    _configure(metadata, options, connection=connection, render_as_batch=batch)


def _configure(metadata: Any, options: dict[str, Any], **more: Any) -> None:
    ours: dict[str, Any] = {
        "target_metadata": metadata,
        "include_object": not_vetcore,
        "render_item": render_item,
        "compare_type": True,
    }
    context.configure(**{**ours, **more, **options})
    with context.begin_transaction():
        context.run_migrations()
