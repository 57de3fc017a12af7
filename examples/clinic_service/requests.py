"""One line of log for each request, and its id in every line that is logged on the way."""

from http import HTTPStatus
from time import perf_counter
from typing import Final
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vetcore.logging import bind

__all__ = ["BodyLimit", "RequestLog", "instance_of"]

HEADER: Final = "x-request-id"
log = structlog.stdlib.get_logger(__name__)


class RequestLog:
    """Middleware; a proxy's ``X-Request-ID`` is taken over if it is a UUID."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {})["request_id"] = _request_id(Headers(scope=scope))
        started, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with bind(request_id=request_id):
            try:
                await self._app(scope, receive, noted)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    milliseconds=round((perf_counter() - started) * 1000, 1),
                )


class BodyLimit:
    """Middleware; a body is read no further than to ``largest`` bytes, whoever sends it."""

    def __init__(self, app: ASGIApp, *, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                # FastAPI would take any other error for a body that cannot be parsed.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, bounded, send)


def instance_of(scope: Scope) -> str:
    """The request as the ``instance`` of a problem: what a user quotes, the log knows."""
    return f"urn:uuid:{scope['state']['request_id']}"


def _request_id(headers: Headers) -> str:
    try:
        return str(UUID(headers[HEADER]))
    except (KeyError, ValueError):
        return str(uuid4())
