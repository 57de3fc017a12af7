"""Who acts. It is said once, where the session begins.

The audit columns of a row say who wrote it and when. Column defaults fill them in, rather than ORM
events, because defaults also apply to bulk and Core statements. Who acts is an execution option of the
transaction's connection, so it can neither leak into another transaction nor be forgotten by a
statement.
"""

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol, cast, get_args
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import Session, SessionTransaction

from vetcore import clock
from vetcore.database.asking import enter
from vetcore.errors import InvalidValue
from vetcore.values.signatures import Keyring

__all__ = [
    "ACTING",
    "KEYS",
    "SYSTEM",
    "Acting",
    "Via",
    "acting_of",
    "actor_of",
    "hand_on_acting",
    "keys_of",
    "moment_of",
]

Via = Literal["api", "web", "command", "job", "migration", "code"]
"""By which way an act comes in."""

ACTING: Final = "vetcore_acting"
"""Key of who acts in ``session.info`` and in the connection's execution options."""

KEYS: Final = "vetcore_keys"
"""Key in ``session.info`` of the keys that sign."""

_LONGEST_REASON: Final = 500
_LONGEST_REQUEST: Final = 100


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, and by which way. Make it once for each request. The session carries it.

    ::

        async with db.transaction(Acting(user.id, via="api", request=request_id)) as session:
            ...

    Raises:
        InvalidValue: ``via`` is none of the ways, a text is too long, or nobody is impersonated.
    """

    actor: UUID | None = None
    """The user's id; None where nobody in person acts, which is the system."""
    _: KW_ONLY
    via: Via = "code"
    """By which way it came in."""
    reason: str | None = None
    """Why, where a reason is asked for; at most 500 characters."""
    request: str | None = None
    """The id of the request, as it stands in the logs; at most 100 characters."""
    impersonator: UUID | None = None
    """The user who acts in the name of ``actor``, as support does."""
    as_owner: bool = False
    """Whether somebody who works at the clinic acts as the pet's owner this time."""
    scope: frozenset[str] | None = None
    """The permissions beyond which nothing is allowed, as an API key has them; None is no limit."""
    session: UUID | None = None
    """The session of one's own accounts in which they are signed in."""
    fresh_until: datetime | None = None
    """Until when they count as having just shown who they are, in such a session."""

    def __post_init__(self) -> None:
        if self.via not in get_args(Via):
            raise InvalidValue(
                field="via",
                rule="is no way in",
                expected=", ".join(get_args(Via)),
                value=cast("str", self.via),
            )
        for field, longest in (("reason", _LONGEST_REASON), ("request", _LONGEST_REQUEST)):
            text: str | None = getattr(self, field)
            if text is not None and len(text) > longest:
                raise InvalidValue(
                    field=field, rule="is too long", expected=f"at most {longest} characters"
                )
        if self.impersonator is not None and self.actor is None:
            raise InvalidValue(
                field="impersonator", rule="needs somebody who is impersonated", expected="an actor"
            )

    @property
    def is_system(self) -> bool:
        """Whether the system acts, and no person."""
        return self.actor is None


SYSTEM: Final = Acting()
"""Nobody in particular, from code: what a session is given where nobody else is said."""


class _HasInfo(Protocol):
    @property
    def info(self) -> Any: ...


def acting_of(session: _HasInfo) -> Acting:
    """Return who acts in a session. It is the system if nothing else was said."""
    acting: Acting | None = session.info.get(ACTING)
    return SYSTEM if acting is None else acting


def keys_of(session: _HasInfo) -> Keyring:
    """Return the keys that sign in a session, or none if its database was given none."""
    keys: Keyring | None = session.info.get(KEYS)
    return Keyring() if keys is None else keys


def actor_of(context: ExecutionContext) -> UUID | None:
    """Return the user on whose behalf the current transaction runs, or None."""
    acting: Acting | None = context.execution_options.get(ACTING)
    return None if acting is None else acting.actor


def moment_of(context: ExecutionContext) -> datetime:  # noqa: ARG001 -- the shape of a default
    """Return the instant that a row is stamped with, in UTC."""
    return clock.now()


def hand_on_acting(session_class: type[Session]) -> None:
    """Hand on who acts to each connection on which a transaction begins, and to the database."""

    @event.listens_for(session_class, "after_begin")
    def _(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
        acting = acting_of(session)
        connection.execution_options(**{ACTING: acting})
        if not transaction.nested:
            enter(session, connection, acting.actor)
