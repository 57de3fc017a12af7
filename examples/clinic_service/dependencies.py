"""What endpoints ask for: who acts, a session to read or to write with, a key, a version."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ValidationError

from clinic_service.problems import PreconditionRequired
from clinic_service.settings import ServiceSettings
from vetcore import Acting, Database, Settings, operations
from vetcore.database import ReadSession, Session
from vetcore.errors import ConcurrentUpdate, InvalidInput
from vetcore.identity.clerk import SessionVerifier
from vetcore.identity.door import ApiKeys, ClerkSessions, Credentials, OwnSessions, authenticate
from vetcore.logging import bind
from vetcore.models import Entity
from vetcore.schemas.base import Schema

__all__ = [
    "ATTEMPTS",
    "App",
    "IfMatch",
    "Key",
    "NewKey",
    "Reading",
    "Services",
    "SignedIn",
    "Writing",
    "answer",
    "command",
    "tagged",
]

C = TypeVar("C", bound=Schema)
R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Services:
    """What lives as long as the process."""

    db: Database
    verifier: SessionVerifier
    settings: Settings
    own: ServiceSettings


def services(request: Request) -> Services:
    """What the lifespan has made."""
    made: Services = request.app.state.services
    return made


App = Annotated[Services, Depends(services)]


# Who acts -----------------------------------------------------------------------------------------

ATTEMPTS = 3
"""How often a request tries a transaction anew: somebody is waiting for the answer."""

_bearer = HTTPBearer(auto_error=False, description="A session, an API key, or a token of Clerk")


async def signed_in(
    app: App,
    request: Request,
    _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> AsyncGenerator[Acting]:
    """Who acts in this request, by whatever it bears; operations ask what they may do."""
    shown = Credentials.of(
        request.headers,
        address=request.client.host if request.client else None,
        request=request.state.request_id,
    )
    door = OwnSessions(app.settings.accounts), ApiKeys(), ClerkSessions(app.verifier)
    acting = await authenticate(app.db, shown, *door)
    with bind(actor=acting.actor):
        yield acting


SignedIn = Annotated[Acting, Depends(signed_in)]


# Sessions -----------------------------------------------------------------------------------------
# They end with the endpoint and before the response: what is answered is committed already.


async def reading(app: App, acting: SignedIn) -> AsyncGenerator[ReadSession]:
    """A session for reading."""
    async with app.db.session(acting) as session:
        yield session


async def writing(app: App, acting: SignedIn) -> AsyncGenerator[Session]:
    """A transaction of whoever acts: an error of the endpoint rolls it back."""
    async with app.db.transaction(acting) as session:
        yield session


Reading = Annotated[ReadSession, Depends(reading, scope="function")]
Writing = Annotated[Session, Depends(writing, scope="function")]


# Commands -----------------------------------------------------------------------------------------

NewKey = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=100)]
"""New for each intent: what is sent twice with one key is done once."""

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=100)]
"""The same, where it may be left out."""


def if_match(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """The version that ``If-Match`` names, which every change of a row needs; None is any (``*``).

    Raises:
        PreconditionRequired: no version was named.
        ConcurrentUpdate: it is no version that a row of ours has ever had.
    """
    if if_match is None:
        message = "Say which version you have seen: If-Match, with the ETag of a GET"
        raise PreconditionRequired(message)
    version = if_match.strip().removeprefix('"').removesuffix('"')
    if version == "*":
        return None
    if not version.isdecimal():
        message = f"{if_match} is no ETag of this service; read the row again and decide anew"
        raise ConcurrentUpdate(message)
    return int(version)


IfMatch = Annotated[int | None, Depends(if_match)]


def command(kind: type[C], body: BaseModel | None = None, **said: object) -> C:
    """The command of an operation, from a request's body and from what path and headers say.

    Raises:
        InvalidInput: a value is not of its kind.
    """
    given = {} if body is None else body.model_dump(exclude_unset=True)
    try:
        return kind.model_validate(given | said)
    except ValidationError as error:
        raise InvalidInput.from_pydantic(error) from error


def tagged(response: Response, shape: type[R], row: Entity) -> R:
    """The row as it goes out, with its version as the ``ETag``, which a change names."""
    response.headers["ETag"] = f'"{row.version}"'
    return shape.model_validate(row)


async def answer(session: ReadSession, response: Response, row: Entity) -> Any:
    """The row as whoever asks may see it, with its version as the ``ETag``."""
    response.headers["ETag"] = f'"{row.version}"'
    return await operations.shown(session, row)
