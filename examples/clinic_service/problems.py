"""Every error as an RFC 9457 problem document: vetcore's, the framework's, and the unforeseen."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from clinic_service.requests import instance_of
from vetcore.errors import (
    BusinessRuleError,
    ConcurrentUpdate,
    Conflict,
    InvalidInput,
    InvalidTransition,
    KeyReused,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    PoolExhausted,
    StatementTimeout,
    ValidationError,
    VetcoreError,
)
from vetcore.identity.errors import WebhookTooLarge
from vetcore.identity.own.errors import TooManyAttempts

__all__ = ["PreconditionRequired", "install"]

log = structlog.stdlib.get_logger(__name__)


class PreconditionRequired(VetcoreError):
    """A change that does not say which version it was made for: a service's own error."""

    code = "precondition_required"
    title = "The version is missing"


STATUS: Final[Mapping[type[VetcoreError], HTTPStatus]] = {
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    WebhookTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    PermissionDenied: HTTPStatus.FORBIDDEN,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    InvalidTransition: HTTPStatus.CONFLICT,
    Conflict: HTTPStatus.CONFLICT,
    ConcurrentUpdate: HTTPStatus.PRECONDITION_FAILED,
    ValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BusinessRuleError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    PoolExhausted: HTTPStatus.SERVICE_UNAVAILABLE,
    StatementTimeout: HTTPStatus.SERVICE_UNAVAILABLE,
    VetcoreError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of each family; the nearest ancestor counts."""


def install(app: FastAPI) -> None:
    """Let ``app`` answer errors with problem documents."""
    app.exception_handler(VetcoreError)(_refused)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(HTTPException)(_not_served)
    app.exception_handler(Exception)(_unforeseen)


async def _refused(request: Request, error: VetcoreError) -> JSONResponse:
    status = next(STATUS[family] for family in type(error).__mro__ if family in STATUS)
    headers: dict[str, str] = {}
    if error.retryable:
        status, headers["Retry-After"] = HTTPStatus.SERVICE_UNAVAILABLE, "1"
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", code=error.code, exc_info=error)
    document = error.problem(status=status, instance=instance_of(request.scope))
    return _problem(status, document, headers)


async def _not_understood(request: Request, error: RequestValidationError) -> JSONResponse:
    return await _refused(request, InvalidInput.from_pydantic(error))


async def _not_served(request: Request, error: HTTPException) -> JSONResponse:
    document = {"type": "about:blank", "title": error.detail, "status": error.status_code}
    document["instance"] = instance_of(request.scope)
    return _problem(error.status_code, document, error.headers)


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    """Nothing of the error itself: what it says is not meant for strangers."""
    instance = instance_of(request.scope)
    log.error("request failed", instance=instance, exc_info=error)
    title = HTTPStatus.INTERNAL_SERVER_ERROR.phrase
    return _problem(
        500, {"type": "about:blank", "title": title, "status": 500, "instance": instance}
    )


def _problem(
    status: int, document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(
        document, status_code=status, headers=headers, media_type="application/problem+json"
    )
