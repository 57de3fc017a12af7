"""``Database``: one engine, its sessions and its transactions."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, Self, TypeVar, cast

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vetcore.database.acting import ACTING, KEYS, SYSTEM, Acting
from vetcore.database.activity import Activity
from vetcore.database.asking import RESTRICTED
from vetcore.database.cancellation import undisturbed
from vetcore.database.engine import make_engine, reading_engine
from vetcore.database.health import Health, measure
from vetcore.database.options import BEGIN, READ_ONLY
from vetcore.database.restricted import Restriction
from vetcore.database.retries import commit_failed, replay, until_available
from vetcore.database.session import ReadSession, Session, SyncSession, abandon
from vetcore.database.slow import log_slow_statements
from vetcore.database.softdelete import INCLUDE_DELETED
from vetcore.database.translation import translate_errors
from vetcore.database.upkeep import Upkeep
from vetcore.database.urls import async_url, masked
from vetcore.errors import ConfigurationError, ConnectionFailed
from vetcore.settings import DatabaseSettings
from vetcore.settings.signing import Parts
from vetcore.values.signatures import Keyring

if TYPE_CHECKING:
    from vetcore.settings import Settings

__all__ = ["Database", "Isolation"]

T = TypeVar("T")
Isolation = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]


class Database(Upkeep):
    """A database: open it once for each process, share it among tasks, close it at the end.

    ::

        async with Database("postgresql://…") as db:
            async with db.transaction(Acting(user_id)) as session:
                session.add(pet)

    Args:
        url: ``postgresql://…`` or ``sqlite:///…``; the async driver is chosen by itself.
        settings: pool, timeouts and waiting; their defaults suit one service process.
        tenant: the PostgreSQL schema that holds this tenant's tables; None for the default one.
        keys: what medical records are signed with, and verified.
        restricted_url: where :meth:`restricted` connects, as a login that sees views only; None for
            the one of the settings.
        restricted_key: what tells that login who asks, ``ID:hmac-sha256:BASE64``; None for the one
            of the settings.

    Raises:
        ConfigurationError: a URL or the key cannot be used, or a tenant is asked of SQLite.
    """

    def __init__(  # noqa: PLR0913 -- by name
        self,
        url: str | URL,
        *,
        settings: DatabaseSettings | None = None,
        tenant: str | None = None,
        keys: Keyring | None = None,
        restricted_url: str | URL | None = None,
        restricted_key: str | None = None,
    ) -> None:
        self.url = async_url(url)
        self.settings = settings or DatabaseSettings()
        self.tenant = tenant if tenant is not None else self.settings.tenant
        self.keys = keys or Keyring()
        self._activity = Activity()
        self._engine = make_engine(self.url, self.settings)
        self._readers = reading_engine(self._engine, self.settings)
        self.restriction = Restriction(
            self.settings, restricted_url, restricted_key, self.url.get_backend_name()
        )
        translate_errors(self._engine.sync_engine)
        log_slow_statements(self._engine.sync_engine, self.settings.slow_statement)
        self._bind()

    @classmethod
    def from_settings(cls, settings: "Settings | None" = None) -> Self:
        """Return the database that ``VETCORE_DATABASE_URL`` and related variables name."""
        if settings is None:
            from vetcore.settings import Settings  # noqa: PLC0415 -- reads the environment

            settings = Settings()
        chosen = settings.database
        keys = Keyring.of(settings.records)
        return cls(chosen.url.get_secret_value(), settings=chosen, keys=keys)

    def _bind(self) -> None:
        if self.tenant and self.dialect != "postgresql":
            message = "A tenant is a PostgreSQL schema; SQLite has none: give each its own file"
            raise ConfigurationError(message, setting="VETCORE_DATABASE_TENANT")
        self.engine: AsyncEngine = self._engine
        self.reading_engine: AsyncEngine = self._readers
        if self.tenant:
            schema = {None: self.tenant}
            self.engine = self._engine.execution_options(schema_translate_map=schema)
            self.reading_engine = self._readers.execution_options(schema_translate_map=schema)
        # SQLite must take its write lock before the first read, or the upgrade may fail half-way.
        self._writing = (
            self.engine.execution_options(**{BEGIN: "IMMEDIATE"})
            if self.dialect == "sqlite"
            else self.engine
        )

    def for_tenant(self, tenant: str) -> "Database":
        """Return a database with the same pool that looks at another tenant's schema."""
        view = object.__new__(Database)
        view.__dict__.update(self.__dict__)
        view.tenant = tenant
        view._bind()
        return view

    def __repr__(self) -> str:
        tenant = f", tenant={self.tenant!r}" if self.tenant else ""
        return f"Database({masked(self.url)!r}{tenant})"

    @property
    def dialect(self) -> Literal["postgresql", "sqlite"]:
        """The engine: ``postgresql`` or ``sqlite``."""
        return "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"

    # Opening and closing -----------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ping(self) -> None:
        """Ask the database for one row.

        Raises:
            ConnectionFailed: the database cannot be reached.
            ConfigurationError: the database refuses the user, the password or the database's name.
        """
        async with self._session(self.reading_engine) as session:
            await session.execute(text("SELECT 1"))

    async def wait(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 -- with backoff
        """Wait until the database answers, trying again with exponential backoff and jitter.

        Args:
            timeout: seconds to keep trying; ``settings.connect_wait`` where it is not given.

        Raises:
            ConnectionFailed: the database did not answer in time.
            ConfigurationError: waiting cannot help: wrong user, password or database name.
        """
        seconds = self.settings.connect_wait if timeout is None else timeout
        await until_available(self.ping, seconds=seconds, database=masked(self.url))

    async def close(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109 -- it disposes after it
        """Refuse new work, wait up to ``timeout`` seconds for work in flight, and disconnect."""
        await self._activity.drain(timeout)
        await undisturbed(self._disconnect())

    async def _disconnect(self) -> None:
        if self.restriction.engine is not None:
            await self.restriction.engine.dispose()
        await self._readers.dispose()
        await self._engine.dispose()

    # Working -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def session(
        self, acting: Acting = SYSTEM, *, include_deleted: bool = False
    ) -> AsyncGenerator[Session]:
        """Open a session that only reads. The database refuses every write.

        The session sees what was committed before it began. On a SQLite file it runs beside the
        session that writes. To write, use :meth:`transaction`. :meth:`trial` writes, and undoes all
        of it.

        Raises:
            ReadOnlySession: something was to be written.
        """
        async with self._session(
            self.reading_engine, acting, include_deleted=include_deleted
        ) as session:
            yield session
            cast("SyncSession", session.sync_session).refuse_changes()

    @asynccontextmanager
    async def restricted(self, acting: Acting) -> AsyncGenerator[ReadSession]:
        """Open a session that sees what ``acting.actor`` may see, whatever it asks.

        It needs PostgreSQL, and what :func:`vetcore.access.enable_row_level_security` makes there.
        The session connects as a login of its own, which sees views in place of tables: the rows
        and columns that the reading operations show that person, and without a person none. It
        writes nothing, commits nothing, and lasts a few minutes at most. Operations take a session
        of :meth:`session`.

        Args:
            acting: whose rights it has.

        Raises:
            ConfigurationError: the database is SQLite, or the URL, the key, or what they lead to is
                missing.
        """
        engine, key = self.restriction.required()
        async with self._session(engine, acting, key=key) as session:
            yield session
            cast("SyncSession", session.sync_session).refuse_changes()

    @asynccontextmanager
    async def transaction(
        self,
        acting: Acting = SYSTEM,
        *,
        isolation: Isolation | None = None,
        include_deleted: bool = False,
    ) -> AsyncGenerator[Session]:
        """Open a transaction that is committed at the end, or rolled back whole on any error.

        Use ``session.begin_nested()`` inside for a savepoint.

        Args:
            acting: who acts: rows are written on their behalf (``created_by_id``,
                ``updated_by_id``), and operations ask what they may do; the system if it is not said.
            isolation: PostgreSQL's isolation level; SQLite is always serialisable.
            include_deleted: also see soft-deleted rows.

        Raises:
            CommitOutcomeUnknown: the connection was lost while committing, or just before.
            DatabaseError: any other trouble; nothing was written.
        """
        async with self._session(
            self._writing_at(isolation),
            acting,
            include_deleted=include_deleted,
        ) as session:
            yield session
            await session.flush()
            try:
                await session.commit()
            except ConnectionFailed as error:
                raise commit_failed(error) from error

    @asynccontextmanager
    async def trial(
        self,
        acting: Acting = SYSTEM,
        *,
        isolation: Isolation | None = None,
        include_deleted: bool = False,
    ) -> AsyncGenerator[Session]:
        """Open a transaction that is always rolled back, to see what would happen.

        Pending changes are still sent at the end of the block, so that every rule is checked. A
        ``commit()`` inside stores nothing.

        Args:
            acting: as for :meth:`transaction`.
            isolation: as for :meth:`transaction`.
            include_deleted: as for :meth:`transaction`.

        Raises:
            DatabaseError: any trouble; nothing was written, as ever.
        """
        async with (
            self._connected(self._writing_at(isolation)) as connection,
            self._session(connection, acting, include_deleted=include_deleted) as session,
        ):
            yield session
            await session.flush()

    def _writing_at(self, isolation: Isolation | None) -> AsyncEngine:
        if isolation and self.dialect == "postgresql":
            return self._writing.execution_options(isolation_level=isolation)
        return self._writing

    async def run(  # noqa: PLR0913 -- each by name, and each has a default
        self,
        work: Callable[[Session], Awaitable[T]],
        acting: Acting = SYSTEM,
        *,
        isolation: Isolation | None = None,
        attempts: int = 8,
        failover_wait: float | None = None,
        idempotent: bool = False,
    ) -> T:
        """Do ``work`` in a transaction and return its result; replay it if that may succeed.

        After a serialisation failure, a deadlock or a lock timeout, the work is replayed from the
        start in a new transaction, up to ``attempts`` times. After a lost connection it is replayed
        for as long as it takes to restart a server or to fail over to another one. It is never
        replayed after any other error.

        Args:
            work: given a fresh session for each attempt; it must have no effects outside it.
            acting: as for :meth:`transaction`.
            isolation: as for :meth:`transaction`.
            attempts: how often at most, with exponential backoff and jitter in between; attempts
                that lost their connection are not counted.
            failover_wait: seconds to keep trying after a connection was lost;
                ``settings.failover_wait`` where it is not given. 0 is not at all.
            idempotent: doing the work twice does no harm (it uses an idempotency key, say), so it
                may also be replayed when the connection was lost while committing.
        """

        async def once() -> T:
            async with self.transaction(acting, isolation=isolation) as session:
                return await work(session)

        seconds = self.settings.failover_wait if failover_wait is None else failover_wait
        return await replay(once, attempts=attempts, failover_wait=seconds, idempotent=idempotent)

    async def health(self) -> Health:
        """Return whether the database is reachable, how fast, and how full its pool is.

        It never raises an error.
        """
        pools = {each.pool: each for each in (self._engine, self._readers)}
        return await measure(
            self.ping, list(pools.values()), self._activity.count, self.restriction.engine
        )

    @asynccontextmanager
    async def _session(
        self,
        bind: AsyncEngine | AsyncConnection,
        acting: Acting = SYSTEM,
        *,
        include_deleted: bool = False,
        key: Parts | None = None,
    ) -> AsyncGenerator[Session]:
        with self._activity:
            session = Session(
                bind,
                expire_on_commit=False,
                join_transaction_mode="create_savepoint",
                info={
                    ACTING: acting,
                    KEYS: self.keys,
                    "tenant": self.tenant,
                    RESTRICTED: key,
                },
                execution_options={INCLUDE_DELETED: True} if include_deleted else None,
            )
            session.info[INCLUDE_DELETED] = include_deleted
            session.info[READ_ONLY] = key is not None or bind is self.reading_engine
            try:
                yield session
            except BaseException:
                await abandon(session)
                raise
            await session.close()
