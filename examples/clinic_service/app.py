"""The application: what it is made of, and how it starts and stops."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI

from clinic_service import problems
from clinic_service.dependencies import Services
from clinic_service.requests import BodyLimit, RequestLog
from clinic_service.routers import (
    appointments,
    calendars,
    health,
    invitations,
    pets,
    slots,
    webhooks,
)
from clinic_service.settings import ServiceSettings
from vetcore import Database, Settings
from vetcore.errors import MigrationError
from vetcore.identity.clerk import SessionVerifier

__all__ = ["create_app"]

LARGEST_BODY = 2 * 1024 * 1024
"""In bytes: more than any form of ours can have."""

log = structlog.stdlib.get_logger(__name__)


def create_app(
    settings: Settings | None = None,
    service: ServiceSettings | None = None,
    *,
    verifier: SessionVerifier | None = None,
) -> FastAPI:
    """The application, configured by what is given, and by the environment for the rest."""
    chosen, own = settings or Settings(), service or ServiceSettings()
    knows_clerk = verifier or SessionVerifier.from_settings(chosen.clerk)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        # Leaving the block waits for sessions in flight, and disconnects.
        async with Database.from_settings(chosen) as db:
            if own.migrate:
                await db.migrate()
            else:
                await _schema(db, own.schema_wait)
            app.state.services = Services(db, knows_clerk, chosen, own)
            log.info("ready", database=repr(db))
            yield
        log.info("stopped")

    app = FastAPI(title="Clinic service", lifespan=lifespan)
    app.add_middleware(BodyLimit, largest=LARGEST_BODY)
    app.add_middleware(RequestLog)
    problems.install(app)
    for part in (health, pets, invitations, slots, appointments, calendars, webhooks):
        app.include_router(part.router)
    return app


async def _schema(db: Database, seconds: float) -> None:
    """Wait until every migration has run, as a deployment's own step does."""
    try:
        async with asyncio.timeout(seconds):
            while pending := [step.id for step in await db.history() if not step.applied]:
                log.info("waiting for the schema", pending=pending)
                await asyncio.sleep(1)
    except TimeoutError as error:
        message = "The schema is not up to date: run `vetcore db upgrade`, or set CLINIC_MIGRATE"
        raise MigrationError(message) from error
