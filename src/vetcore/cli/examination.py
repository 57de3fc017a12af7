"""The examinations of ``vetcore doctor``. They change nothing."""

import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from vetcore import __version__
from vetcore.cli.calendars import Finding, holidays_of_clinics, time_zones, zones_of_clinics
from vetcore.cli.context import Terminal
from vetcore.clock import now
from vetcore.database import Database
from vetcore.database.migrate import EXTENSIONS
from vetcore.database.restricted import URL_SETTING
from vetcore.errors import ConfigurationError, VetcoreError
from vetcore.settings import ClerkSettings, FlagsSettings, Settings

__all__ = ["Finding", "configuration", "examine"]

_OLDEST_POSTGRESQL = 14
_OLDEST_SQLITE = (3, 35)
"""RETURNING came with it."""
_SQLITE_MODULES = ("rtree", "fts5")
_SLOW_MS = 100.0
_SKEW_SECONDS = 2.0
_SHOWN = 3


def configuration(terminal: Terminal) -> tuple[Settings | None, list[Finding]]:
    """Return the settings if they can be used, and the findings about them."""
    python = ".".join(map(str, sys.version_info[:3]))
    findings = [Finding("vetcore", "ok", f"{__version__} on Python {python}"), time_zones()]
    try:
        settings = terminal.settings()
    except ConfigurationError as error:
        return None, [*findings, Finding("configuration", "fault", error.message)]
    if settings.unrecognized:
        names = ", ".join(settings.unrecognized)
        findings.append(
            Finding(
                "configuration",
                "warning",
                f"these mean nothing to vetcore: {names}",
                "Remove them, or mend their names; `--all` lists every setting.",
            )
        )
    else:
        findings.append(Finding("configuration", "ok", f"complete, for {settings.environment}"))
    log = settings.logging
    findings.append(Finding("logging", "ok", f"{log.level} and above, as {log.format}"))
    return settings, [*findings, _flags(settings.flags), *_clerk(settings.clerk)]


def _flags(settings: FlagsSettings) -> Finding:
    from vetcore.flags import BuiltinProvider  # noqa: PLC0415 -- loads OpenFeature

    try:
        flags = BuiltinProvider(settings).flags
    except ConfigurationError as error:
        return Finding("flags", "fault", error.message)
    where = f"{settings.file} and the settings" if settings.file else "the settings"
    return Finding("flags", "ok", f"{', '.join(sorted(flags)) or 'none'}, by {where}")


def _clerk(settings: ClerkSettings) -> list[Finding]:
    if settings == ClerkSettings():
        return [Finding("Clerk", "ok", "not used: neither session tokens nor webhooks")]
    return [_session_tokens(settings), _webhooks(settings.webhook_secrets)]


def _session_tokens(settings: ClerkSettings) -> Finding:
    subject = "session tokens"
    if settings == ClerkSettings(webhook_secrets=settings.webhook_secrets):
        return Finding(subject, "ok", "not verified here: VETCORE_CLERK_ISSUER is not set")
    try:
        from vetcore.identity.clerk import SessionVerifier  # noqa: PLC0415 -- needs the extra

        SessionVerifier.from_settings(settings)
    except ConfigurationError as error:
        if settings.issuer and not settings.authorized_parties and "extra" not in error.details:
            advice = "Name them; for native apps, which send none, make a SessionVerifier in code."
            return Finding(subject, "warning", error.message, advice)
        return Finding(subject, "fault", error.message)
    parties = ", ".join(settings.authorized_parties)
    return Finding(subject, "ok", f"of {settings.issuer}, for {parties}")


def _webhooks(secrets: Sequence[SecretStr]) -> Finding:
    from vetcore.identity.webhooks import signing_keys  # noqa: PLC0415 -- where it is used

    if not secrets:
        return Finding("webhooks", "ok", "none: VETCORE_CLERK_WEBHOOK_SECRETS is not set")
    try:
        known = len(signing_keys(secrets))
    except ConfigurationError as error:
        return Finding("webhooks", "fault", error.message)
    return Finding("webhooks", "ok", f"of Clerk, by {known} secret{'s' * (known > 1)}")


async def examine(terminal: Terminal) -> list[Finding]:
    """Return the findings about the database. Without a connection, fewer can be examined."""
    try:
        db = terminal.open()
    except ConfigurationError as error:
        return [Finding("connection", "fault", error.message)]
    try:
        return [finding async for finding in _findings(db)]
    finally:
        await db.close()


async def _findings(db: Database) -> AsyncIterator[Finding]:
    try:
        await db.wait(timeout=0)
    except VetcoreError as error:
        yield Finding("connection", "fault", error.message, f"The address is {_place(db)}.")
        return
    health = await db.health()
    latency = health.latency_ms or 0.0
    yield Finding(
        "connection",
        "ok" if latency < _SLOW_MS else "warning",
        f"{_place(db)} answers in {latency:.1f} ms",
        None if latency < _SLOW_MS else "Every statement waits that long: move closer to it.",
    )
    yield _server(db.dialect, health.server_version or "0")
    examinations = (
        (_extensions_of_postgresql, _connections, _encryption, _clock, _row_security)
        if db.dialect == "postgresql"
        else (_modules_of_sqlite,)
    )
    for look in (*examinations, _schema, zones_of_clinics, holidays_of_clinics):
        try:
            finding = await look(db)
        except VetcoreError as error:
            subject = _SUBJECTS.get(look) or look.__name__.removeprefix("_").partition("_")[0]
            finding = Finding(subject, "fault", error.message)
        yield finding
        if look is _schema and finding.verdict != "ok":
            return  # what the rows say can only be asked of tables that are as they should be


def _place(db: Database) -> str:
    """Where the database is, without what may be secret in its URL."""
    if db.dialect == "sqlite":
        return str(db.url.database or ":memory:")
    host = db.url.host or db.url.query.get("host", "localhost")
    return f"{db.url.database} on {host}{f':{db.url.port}' if db.url.port else ''}"


def _server(dialect: str, version: str) -> Finding:
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if dialect == "postgresql":
        new_enough, needed = numbers[0] >= _OLDEST_POSTGRESQL, str(_OLDEST_POSTGRESQL)
    else:
        new_enough, needed = numbers >= _OLDEST_SQLITE, ".".join(map(str, _OLDEST_SQLITE))
    name = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[dialect]
    if new_enough:
        return Finding("server", "ok", f"{name} {version}")
    return Finding("server", "fault", f"{name} {version}", f"vetcore needs {needed} or later.")


async def _rows(db: Database, statement: str) -> Sequence[Any]:
    async with db.session() as session:
        return (await session.execute(text(statement))).all()


async def _extensions_of_postgresql(db: Database) -> Finding:
    rows = await _rows(db, "SELECT name, installed_version FROM pg_available_extensions")
    installed = dict(tuple(row) for row in rows)
    absent = [name for name in EXTENSIONS if name not in installed]
    waiting = [name for name in EXTENSIONS if name in installed and installed[name] is None]
    if absent:
        return Finding(
            "extensions",
            "fault",
            f"the server lacks {', '.join(absent)}",
            "They are in PostgreSQL's contrib package (postgresql-contrib).",
        )
    if waiting:
        return Finding(
            "extensions",
            "warning",
            f"not created yet: {', '.join(waiting)}",
            "`vetcore db upgrade` creates them, where the user may: they are trusted.",
        )
    return Finding("extensions", "ok", ", ".join(f"{n} {installed[n]}" for n in EXTENSIONS))


async def _modules_of_sqlite(db: Database) -> Finding:
    present = {row.name for row in await _rows(db, "SELECT name FROM pragma_module_list")}
    absent = [name for name in _SQLITE_MODULES if name not in present]
    if absent:
        return Finding(
            "extensions",
            "fault",
            f"this build of SQLite lacks {', '.join(absent)}",
            "Use a Python whose SQLite has them, as those of python.org do.",
        )
    return Finding("extensions", "ok", ", ".join(_SQLITE_MODULES))


async def _connections(db: Database) -> Finding:
    (row,) = await _rows(
        db,
        "SELECT current_setting('max_connections')::int "
        "- current_setting('superuser_reserved_connections')::int AS most, "
        "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used",
    )
    settings = db.settings
    ours = settings.pool_size + settings.max_overflow
    again = ""
    if db.restriction.engine is not None:
        ours, again = 2 * ours, ", and as many for restricted sessions"
    detail = (
        f"{settings.pool_size} connections and {settings.max_overflow} more in need{again}; "
        f"{row.used} of the server's {row.most} are in use"
    )
    if ours > row.most:
        advice = "One process may ask for more than there are: lower VETCORE_DATABASE_POOL_SIZE."
        return Finding("pool", "fault", detail, advice)
    if row.used + ours > row.most:
        advice = "A process with a full pool would not find that many free now."
        return Finding("pool", "warning", detail, advice)
    processes = (row.most - row.used) // ours
    return Finding("pool", "ok", f"{detail}; room for {processes} processes")


async def _encryption(db: Database) -> Finding:
    (row,) = await _rows(
        db,
        "SELECT inet_server_addr() AS address, coalesce(inet_server_addr() <<= '127.0.0.0/8' "
        "OR inet_server_addr() <<= '::1/128', true) AS local, "
        "(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls",
    )
    if row.tls:
        return Finding("encryption", "ok", "the connection is encrypted")
    if row.local:
        return Finding("encryption", "ok", "not needed: the server is on this machine")
    return Finding(
        "encryption",
        "warning",
        "the connection is not encrypted, and the server is on another machine",
        "Add ?sslmode=require, or better verify-full, to the URL.",
    )


async def _clock(db: Database) -> Finding:
    before = now()
    (row,) = await _rows(db, "SELECT clock_timestamp() AS moment")
    moment: datetime = row.moment.astimezone(UTC)
    skew = (moment - (before + (now() - before) / 2)).total_seconds()
    if abs(skew) < _SKEW_SECONDS:
        return Finding("clock", "ok", f"within {_SKEW_SECONDS:.0f} s of the server's")
    return Finding(
        "clock",
        "warning",
        f"the server's clock is {abs(skew):.1f} s {'ahead' if skew > 0 else 'behind'}",
        "Holds expire by the server's clock: synchronise both.",
    )


async def _row_security(db: Database) -> Finding:
    from vetcore.access.restricting import examining  # noqa: PLC0415 -- where it is examined

    subject = "row security"
    if db.restriction.engine is None:
        if not await examining.is_enabled(db):
            return Finding(subject, "ok", "off: services filter with access.visible()")
        return Finding(
            subject,
            "warning",
            "the database has views for restricted sessions, and this configuration opens none",
            f"Set {URL_SETTING} where sessions should see what their actor may see.",
        )
    faults = await examining.faults(db)
    if faults:
        return Finding(
            subject,
            "fault",
            "restricted sessions do not show what they should: " + "; ".join(faults),
            "Call enable_row_level_security(db), after each migration.",
        )
    login = db.restriction.engine.url.username
    unsaid = examining.undeclared()
    if unsaid:
        return Finding(
            subject,
            "warning",
            f"on, as {login}; they do not show {', '.join(unsaid)}",
            "Say to whom the rows belong: declare_access(…, Access(…)).",
        )
    return Finding(subject, "ok", f"on: restricted sessions connect as {login}")


_SUBJECTS = {_row_security: "row security"}


async def _schema(db: Database) -> Finding:
    import vetcore.models  # noqa: F401, PLC0415 # pyright: ignore[reportUnusedImport] -- what there is to compare with

    revision = await db.current_revision()
    if revision is None:
        return Finding(
            "schema", "fault", "no migration has run here", "`vetcore db upgrade` does it."
        )
    differences = await db.check()
    if not differences:
        return Finding("schema", "ok", f"at revision {revision}, exactly as the models say")
    shown = "; ".join(str(difference) for difference in differences[:_SHOWN])
    more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
    return Finding(
        "schema",
        "fault",
        f"at revision {revision}, and not as the models say: {shown}{more}",
        "`vetcore db check` lists every difference.",
    )
