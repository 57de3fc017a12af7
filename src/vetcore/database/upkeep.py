"""Migrates a database, compares it with the models, and removes what was kept long enough."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vetcore.database.activity import Activity
from vetcore.database.cancellation import undisturbed
from vetcore.database.options import WITHOUT_FOREIGN_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from sqlalchemy import MetaData, Table

    from vetcore.database.cleaning import Cleaned
    from vetcore.database.core import Database
    from vetcore.database.drift import Difference
    from vetcore.database.migrate import Revision
    from vetcore.settings import RetentionSettings

__all__ = ["Upkeep"]

T = TypeVar("T")


class Upkeep:
    """The methods of :class:`~vetcore.database.Database` that manage schema and rows."""

    tenant: str | None
    _activity: Activity
    _writing: AsyncEngine

    async def migrate(self, revision: str = "head") -> None:
        """Bring the schema up to ``revision``. Several processes may call it at once.

        Raises:
            MigrationError: a migration failed; the database is as it was.
        """
        await self._in_connection(_history().upgrade, revising=True, revision=revision)

    async def downgrade(self, revision: str) -> None:
        """Take the schema down to ``revision``. ``base`` removes every table and row.

        Raises:
            MigrationError: a migration failed; the database is as it was.
        """
        await self._in_connection(_history().downgrade, revising=True, revision=revision)

    async def current_revision(self) -> str | None:
        """Return the revision of the schema, or None before the first migration."""
        return await self._in_connection(_history().current)

    async def history(self) -> list["Revision"]:
        """Return every revision, oldest first, and whether this database has it."""
        return await self._in_connection(_history().history)

    async def check(self, *also: "MetaData") -> list["Difference"]:
        """Return how database, migrations and models differ. An empty list means that they agree.

        Args:
            also: the MetaData of a service's own tables, which are compared, too.
        """
        from vetcore.database.drift import compare  # noqa: PLC0415 -- loads Alembic

        return await self._in_connection(compare, also=also)

    async def clean(
        self,
        retention: "RetentionSettings | None" = None,
        *,
        dry_run: bool = False,
        batch: int = 500,
        also: "Iterable[Table]" = (),
        progress: "Callable[[Cleaned], None] | None" = None,
    ) -> "list[Cleaned]":
        """Remove for good what has been kept long enough, whoever acted.

        This removes deleted rows, holds that expired, wishes on the waitlist whose time is
        over, the ledger of webhooks, reminders that were sent, and the keys of commands that were
        carried out. It never removes what is signed, nor a row that another refers to. It may be
        stopped at any time, and called again.

        Args:
            retention: how long each kind is kept; deleted rows are kept for ever unless it says.
            dry_run: count what would go, and change nothing. It is done in one transaction that is
                rolled back, so those rows are locked meanwhile.
            batch: rows that go in one transaction.
            also: tables of your own with a column ``deleted_at``.
            progress: called after every batch with the rows so far.

        Returns:
            How many rows of which table, and why; nothing for what had none.

        Raises:
            ConfigurationError: ``vetcore.models`` has not been imported.
            InvalidValue: ``batch`` is not positive.
        """
        from vetcore.database.cleaning import clean  # noqa: PLC0415 -- few processes need it

        return await clean(
            cast("Database", self),
            retention,
            dry_run=dry_run,
            batch=batch,
            also=also,
            progress=progress,
        )

    async def _in_connection(
        self, work: Callable[..., T], *, revising: bool = False, **options: Any
    ) -> T:
        with self._activity:
            # The schema's DDL names no tenant: it follows the search path instead.
            engine = self._writing.execution_options(schema_translate_map=None)
            if revising:
                engine = engine.execution_options(**{WITHOUT_FOREIGN_KEYS: True})
            async with self._connected(engine) as connection:
                done = await connection.run_sync(partial(work, tenant=self.tenant, **options))
                await connection.commit()
                return done

    @staticmethod
    @asynccontextmanager
    async def _connected(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
        """A connection in a transaction, which is rolled back unless it is committed."""
        connection = await engine.connect()
        try:
            await connection.begin()
            yield connection
        finally:
            await undisturbed(connection.close())


def _history() -> "ModuleType":
    from vetcore.database import migrate  # noqa: PLC0415 -- loads Alembic, which few processes need

    return migrate
