"""For orchestrators: restart me, or send me no requests for now."""

from http import HTTPStatus

import structlog
from fastapi import APIRouter, Response

from clinic_service.dependencies import App

router = APIRouter(prefix="/health", tags=["health"])
log = structlog.stdlib.get_logger(__name__)


@router.get("/live")
async def live() -> dict[str, bool]:
    """Whether the process runs; no business of the database's."""
    return {"ok": True}


@router.get("/ready")
async def ready(app: App, response: Response) -> dict[str, object]:
    """Whether requests can be served."""
    health = await app.db.health()
    if not health.ok:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        log.warning("not ready", error=health.error)
    # Whoever asks has not signed in: what the database says is in the log.
    return health.as_dict() | {"error": None if health.ok else "the database is not ready"}
