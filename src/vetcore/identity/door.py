"""One door: what a request shows becomes who acts.

::

    door = [OwnSessions(settings.accounts), ApiKeys(), ClerkSessions(verifier)]
    acting = await authenticate(db, Credentials.of(request.headers, cookies=request.cookies), *door)
    async with db.transaction(acting) as session:
        ...

An :class:`Authenticator` looks at the credentials and says who acts, or that they are not of its kind. The
first of several that knows them decides. A service writes others in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, Self
from uuid import UUID

from sqlalchemy import select

from vetcore.database import Acting, Database
from vetcore.database.acting import Via
from vetcore.errors import ConfigurationError, NotAuthenticated
from vetcore.identity.bearer import stated_issuer
from vetcore.identity.clerk import SessionVerifier, ensure_user, find_user
from vetcore.identity.errors import ImpersonatorUnknown
from vetcore.identity.oidc import OidcVerifier, ensure_oidc_user, find_oidc_user
from vetcore.identity.own import api_keys, sessions
from vetcore.identity.own.secrets import API_KEY, SESSION
from vetcore.identity.own.sessions import NOWHERE, Where
from vetcore.models import User, UserIdentity
from vetcore.settings import AccountsSettings, Environment
from vetcore.values.contact import normalize_email
from vetcore.values.people import UserStatus

__all__ = [
    "SESSION_COOKIE",
    "ApiKeys",
    "Authenticator",
    "ClerkSessions",
    "Credentials",
    "DevelopmentSignIn",
    "OidcTokens",
    "OwnSessions",
    "authenticate",
]

SESSION_COOKIE: Final = "vetcore_session"
"""The cookie of a session, where a service takes no other name."""

_DEVELOPMENT: Final = "dev:"
_DEFAULTS: Final = AccountsSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a request shows of who asks, and from where it comes."""

    token: str | None = field(repr=False)
    """The session, key or token that it bears."""
    where: Where = NOWHERE
    via: Via = "api"
    request: str | None = None
    """The id of the request, as it stands in the logs."""

    @classmethod
    def of(  # noqa: PLR0913 -- what a framework knows of a request, each by name
        cls,
        headers: Mapping[str, str],
        *,
        cookies: Mapping[str, str] | None = None,
        cookie: str = SESSION_COOKIE,
        address: str | None = None,
        via: Via = "api",
        request: str | None = None,
    ) -> Self:
        """Return what a request shows: ``Authorization: Bearer …`` or, without it, a cookie.

        Args:
            headers: of the request; names in any case.
            cookies: of the request, where a browser may be signed in by one. Whoever takes a cookie
                guards against requests that other sites make (``SameSite``, or a token in the form).
            cookie: which one.
            address: the network address of whoever asks, as the service knows it.
            via: by which way the request comes in.
            request: its id.
        """
        named = {name.lower(): value for name, value in headers.items()}
        scheme, _, token = named.get("authorization", "").partition(" ")
        shown = token.strip() if scheme.lower() == "bearer" else (cookies or {}).get(cookie)
        where = Where(address, named.get("user-agent"))
        return cls(token=shown or None, where=where, via=via, request=request)


class Authenticator(Protocol):
    """Turns credentials of one kind into who acts."""

    async def authenticate(self, db: Database, credentials: Credentials) -> Acting | None:
        """Return who acts, or None where the credentials are not of this kind.

        Raises:
            NotAuthenticated: they are of this kind, and not right.
            AccessError: who asks cannot be established just now.
        """
        ...


async def authenticate(
    db: Database, credentials: Credentials, *authenticators: Authenticator
) -> Acting:
    """Return who acts, as the first authenticator says that knows the credentials.

    Raises:
        NotAuthenticated: there are none, nobody knows them, or they are not right.
        AccessError: who asks cannot be established just now.
    """
    if credentials.token is not None:
        for each in authenticators:
            acting = await each.authenticate(db, credentials)
            if acting is not None:
                return acting
        message = "The credentials are of no kind that is known here"
        raise NotAuthenticated(message)
    message = "This needs credentials: Authorization: Bearer …"
    raise NotAuthenticated(message)


# Accounts of one's own ----------------------------------------------------------------------------


class OwnSessions:
    """Sessions of accounts of one's own, whose tokens :func:`vetcore.identity.own.sign_in` returns."""

    def __init__(self, settings: AccountsSettings = _DEFAULTS) -> None:
        self._settings = settings

    async def authenticate(self, db: Database, credentials: Credentials) -> Acting | None:
        """Return who is signed in.

        Raises:
            SessionOver: the session has ended, or the account may not be used.
        """
        token = credentials.token or ""
        if not token.startswith(SESSION):
            return None
        async with db.session() as session:
            row = await sessions.session_of(session, token, settings=self._settings)
        if sessions.is_due(row):
            await db.run(lambda session: sessions.note_used(session, row.id))
        return Acting(
            row.user_id,
            via=credentials.via,
            request=credentials.request,
            session=row.id,
            fresh_until=sessions.fresh_until(row, self._settings),
        )


class ApiKeys:
    """Keys of programs. Nothing is allowed beyond what a key was given, nor what its person may do."""

    async def authenticate(self, db: Database, credentials: Credentials) -> Acting | None:
        """Return on whose behalf the program acts.

        Raises:
            ApiKeyRefused: there is no such key, or it has ended.
        """
        token = credentials.token or ""
        if not token.startswith(API_KEY):
            return None
        async with db.session() as session:
            key = await api_keys.api_key_of(session, token)
        if api_keys.is_due(key):
            await db.run(lambda session: api_keys.note_used(session, key.id))
        return Acting(
            key.user_id,
            via=credentials.via,
            request=credentials.request,
            scope=frozenset(key.permissions.split("\n")),
        )


# Providers ----------------------------------------------------------------------------------------


class ClerkSessions:
    """Session tokens of Clerk."""

    def __init__(self, verifier: SessionVerifier) -> None:
        self._verifier = verifier

    async def authenticate(self, db: Database, credentials: Credentials) -> Acting | None:
        """Return whose token it is. On first sight the account is made.

        Raises:
            TokenRefused: the token does not verify, or names somebody who is not known here as the
                one who acts in the user's name.
            SigningKeysUnavailable: the signing keys cannot be fetched.
        """
        token = credentials.token or ""
        if stated_issuer(token) != self._verifier.issuer:
            return None
        claims = await self._verifier.verify(token)
        impersonator: UUID | None = None
        async with db.session() as session:  # it waits for no writer
            user = await find_user(session, claims)
            if claims.impersonated_by is not None:
                query = select(User.id).where(
                    User.clerk_user_id == claims.impersonated_by, User.status == UserStatus.ACTIVE
                )
                impersonator = await session.scalar(query)
                if impersonator is None:
                    raise ImpersonatorUnknown
        if user is None:
            user = await db.run(lambda session: ensure_user(session, claims))
        return _acting(user, credentials, impersonator)


class OidcTokens:
    """Tokens of an OpenID Connect provider."""

    def __init__(self, verifier: OidcVerifier) -> None:
        self._verifier = verifier

    async def authenticate(self, db: Database, credentials: Credentials) -> Acting | None:
        """Return whose token it is. On first sight the account is made, or linked.

        Raises:
            TokenRefused: the token does not verify, or names somebody who is not known here as the
                one who acts in the user's name.
            SigningKeysUnavailable: the signing keys cannot be fetched.
        """
        token = credentials.token or ""
        if stated_issuer(token) != self._verifier.issuer:
            return None
        claims = await self._verifier.verify(token)
        impersonator: UUID | None = None
        async with db.session() as session:
            user = await find_oidc_user(session, claims)
            if claims.impersonated_by is not None:
                query = (
                    select(User.id)
                    .join(UserIdentity, UserIdentity.user_id == User.id)
                    .where(
                        UserIdentity.issuer == claims.issuer,
                        UserIdentity.subject == claims.impersonated_by,
                        User.status == UserStatus.ACTIVE,
                    )
                )
                impersonator = await session.scalar(query)
                if impersonator is None:
                    raise ImpersonatorUnknown
        if user is None:
            user = await db.run(lambda session: ensure_oidc_user(session, claims))
        return _acting(user, credentials, impersonator)


def _acting(user: User, credentials: Credentials, impersonator: UUID | None) -> Acting:
    return Acting(
        user.id, via=credentials.via, request=credentials.request, impersonator=impersonator
    )


# Development --------------------------------------------------------------------------------------


class DevelopmentSignIn:
    """Takes ``dev:ana@example.com`` for Ana, without asking. Only for a machine of one's own.

    Raises:
        ConfigurationError: the environment is one on which others depend.
    """

    def __init__(self, environment: Environment) -> None:
        if environment.is_deployed:
            message = f"the development sign-in lets in everybody; {environment} refuses it"
            raise ConfigurationError(message, setting="VETCORE_ENVIRONMENT")

    async def authenticate(self, db: Database, credentials: Credentials) -> Acting | None:
        """Return who is named.

        Raises:
            NotAuthenticated: nobody has that address.
        """
        token = credentials.token or ""
        if not token.startswith(_DEVELOPMENT):
            return None
        email = normalize_email(token.removeprefix(_DEVELOPMENT))
        async with db.session() as session:
            user = await session.scalar(select(User).where(User.email == email))
        if user is None:
            message = "Nobody has that address"
            raise NotAuthenticated(message)
        return _acting(user, credentials, None)
