"""What endpoints ask for: the actor, a session to read or to write with, a version to hold to."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from clinic_service.problems import PreconditionRequired
from clinic_service.settings import ServiceSettings
from vetcore import Database, Settings
from vetcore.access import Actor, load_actor
from vetcore.database import Acting, ReadSession, Session
from vetcore.errors import ConcurrentUpdate, NotAuthenticated
from vetcore.identity.clerk import SessionVerifier, ensure_user
from vetcore.logging import bind
from vetcore.models import Entity

__all__ = ["ATTEMPTS", "App", "CurrentActor", "IfMatch", "Reading", "Services", "Writing", "tag"]


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


# Who is asking ------------------------------------------------------------------------------------

ATTEMPTS = 3
"""How often a request tries a transaction anew: somebody is waiting for the answer."""

_bearer = HTTPBearer(auto_error=False, description="A session token of Clerk")


async def current_actor(
    app: App, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> AsyncGenerator[Actor]:
    """The bearer of the session token, with the posts that they hold today."""
    if credentials is None:
        message = "This needs a session token: Authorization: Bearer …"
        raise NotAuthenticated(message)
    claims = await app.verifier.verify(credentials.credentials)

    async def sign_in(session: Session) -> Actor:
        user = await ensure_user(session, claims)
        return await load_actor(session, user.id)

    actor = await app.db.run(sign_in, attempts=ATTEMPTS)
    with bind(actor=actor.user_id):
        yield actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


# Sessions -----------------------------------------------------------------------------------------
# They end with the endpoint and before the response: what is answered is committed already.


async def reading(app: App, actor: CurrentActor) -> AsyncGenerator[ReadSession]:
    """A session for reading."""
    async with app.db.session(Acting(actor.user_id)) as session:
        yield session


async def writing(app: App, actor: CurrentActor) -> AsyncGenerator[Session]:
    """A transaction on the actor's behalf: an error of the endpoint rolls it back."""
    async with app.db.transaction(Acting(actor.user_id)) as session:
        yield session


Reading = Annotated[ReadSession, Depends(reading, scope="function")]
Writing = Annotated[Session, Depends(writing, scope="function")]


# Versions -----------------------------------------------------------------------------------------


def tag(response: Response, row: Entity) -> None:
    """Give the response the row's version, which a change then names in ``If-Match``."""
    response.headers["ETag"] = f'"{row.version}"'


class _Precondition:
    """The version that a change was made for."""

    def __init__(self, if_match: str | None) -> None:
        self._wanted = {each.strip() for each in (if_match or "").split(",")}
        self._given = if_match is not None

    def hold(self, row: Entity) -> None:
        """Refuse to change a row that has moved on.

        Raises:
            ConcurrentUpdate: it is at another version.
            PreconditionRequired: no version was named.
        """
        if not self._given:
            message = "Say which version you have seen: If-Match, with the ETag of a GET"
            raise PreconditionRequired(message)
        if not self._wanted & {"*", f'"{row.version}"'}:
            message = f"It is at version {row.version} by now; read it again and decide anew"
            raise ConcurrentUpdate(message)


def if_match(if_match: Annotated[str | None, Header()] = None) -> _Precondition:
    """``If-Match``, which every change of a row needs."""
    return _Precondition(if_match)


IfMatch = Annotated[_Precondition, Depends(if_match)]
