"""For orchestrators: restart me, or send me no requests for now."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from clinic_service.dependencies import App

router = APIRouter(prefix="/health", tags=["health"])


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
    return health.as_dict()
