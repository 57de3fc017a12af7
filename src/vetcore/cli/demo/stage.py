"""The database of the demonstration, which is always one of its own."""

import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from sqlalchemy import column, select, table
from sqlalchemy.schema import DropSchema

from vetcore.database import Database
from vetcore.database.urls import async_url, masked
from vetcore.errors import ConfigurationError
from vetcore.values.signatures import SAMPLE_KEYS

__all__ = ["Engine", "Stage", "opened", "stage"]


class Engine(StrEnum):
    """An engine that can be embedded."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Stage:
    """A database for the demonstration."""

    url: str
    title: str
    """What it is, in words."""
    tenant: str | None = None
    """A PostgreSQL schema that is not there yet."""
    kept: str | None = None
    """The options that lead there afterwards; None where it goes away at the end."""


@contextmanager
def stage(
    url: str | None, engine: Engine | None, keep: Path | None, tenant: str | None
) -> Generator[Stage]:
    """Yield a new, empty database. It is removed afterwards unless it was asked to stay.

    Raises:
        ConfigurationError: the options contradict each other, or there is something already.
    """
    if url is not None:
        yield _given(url, tenant)
    elif engine is Engine.POSTGRESQL:
        from vetcore.embedded import running_postgresql  # noqa: PLC0415

        with running_postgresql() as server:
            yield Stage(server.url("postgres"), f"an embedded PostgreSQL {server.version}")
    elif keep is not None:
        _refuse_contents(keep)
        yield Stage(f"sqlite:///{keep}", f"SQLite in {keep}", kept=f"--url sqlite:///{keep}")
    else:
        with tempfile.TemporaryDirectory(prefix="vetcore-demo-") as directory:
            path = Path(directory, "demo.db").as_posix()
            yield Stage(f"sqlite:///{path}", "an embedded SQLite database")


def _given(url: str, tenant: str | None) -> Stage:
    parsed = async_url(url)
    if parsed.get_backend_name() == "sqlite":
        if tenant is not None:
            message = "A tenant is a PostgreSQL schema; SQLite has none"
            raise ConfigurationError(message)
        if parsed.database in {None, "", ":memory:"}:
            return Stage(url, "SQLite in memory")
        _refuse_contents(Path(parsed.database or ""))
        return Stage(url, f"SQLite in {parsed.database}", kept=f"--url {masked(url)}")
    where = f"{parsed.host or parsed.query.get('host', 'localhost')}/{parsed.database}"
    schema = tenant or f"vetcore_demo_{uuid4().hex[:8]}"
    return Stage(
        url,
        f"PostgreSQL, schema {schema} of {where}",
        tenant=schema,
        kept=f"--tenant {tenant}" if tenant else None,
    )


def _refuse_contents(path: Path) -> None:
    if path.exists() and path.stat().st_size:
        message = f"{path} is there already, and the demo writes only to a database of its own"
        raise ConfigurationError(message)


@asynccontextmanager
async def opened(place: Stage) -> AsyncGenerator[Database]:
    """Yield the stage's database, connected. Its schema is removed afterwards unless it is kept.

    Raises:
        ConfigurationError: the schema is there already.
    """
    db = Database(place.url, tenant=place.tenant, keys=SAMPLE_KEYS)
    try:
        await db.wait(timeout=0)
        if place.tenant is not None:
            await _refuse_schema(db, place.tenant)
        try:
            yield db
        finally:
            if place.tenant is not None and place.kept is None:
                async with db.transaction() as session:
                    await session.execute(DropSchema(place.tenant, cascade=True, if_exists=True))
    finally:
        await db.close()


async def _refuse_schema(db: Database, name: str) -> None:
    schemas = table("pg_namespace", column("nspname"), schema="pg_catalog")
    async with db.session() as session:
        found = await session.scalar(
            select(schemas.c.nspname).where(schemas.c.nspname == name),
        )
    if found is not None:
        message = f"There is a schema {name} already, and the demo writes only to one of its own"
        raise ConfigurationError(message)
