"""What Clerk tells about its users."""

from fastapi import APIRouter, Request

from clinic_service.dependencies import App
from vetcore import Acting
from vetcore.database import Session
from vetcore.identity.clerk import Outcome, read_body, receive

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.post("/clerk")
async def clerk(request: Request, app: App) -> dict[str, str]:
    """Apply a delivery, once; what is answered with an error is delivered again."""
    # The signature is over the bytes that came: parsed and written again, it would not match.
    # It is read no further than a delivery can be long: whoever sends more has not signed in.
    body = await read_body(request.stream(), content_length=request.headers.get("content-length"))

    async def apply(session: Session) -> Outcome:
        return await receive(
            session,
            headers=request.headers,
            body=body,
            secrets=app.settings.clerk.webhook_secrets,
        )

    by_clerk = Acting(via="api", request=request.state.request_id)
    return {"outcome": await app.db.run(apply, by_clerk, idempotent=True)}
