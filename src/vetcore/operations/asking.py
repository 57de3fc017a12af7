"""What an operation is given: who asks, what they may do, and the rows to act on."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, true
from uuid_utils.compat import uuid7

from vetcore.access import Actor, load_actor, visible
from vetcore.access.entities import access_of
from vetcore.database import ReadSession, Session
from vetcore.database.acting import acting_of
from vetcore.database.asking import RESTRICTED
from vetcore.database.driver import rows_of
from vetcore.database.held import note_locked
from vetcore.errors import ConfigurationError, NotFound, VetcoreError
from vetcore.models import Entity
from vetcore.operations.allowing import Allowing
from vetcore.operations.keys import Claim, claim_key, release_key
from vetcore.operations.naming import (
    Related,
    by_key,
    is_related,
    named,
    relation_by_key,
    require_version,
)
from vetcore.schemas.base import Create, Schema, Update
from vetcore.values.capacity import Capacity

if TYPE_CHECKING:
    from vetcore.operations.declaring import Declared

__all__ = ["Asked", "Related", "named"]

E = TypeVar("E", bound=Entity)


class Asked(Allowing):
    """A call of an operation: who acts, and what they have been allowed so far."""

    def __init__(
        self,
        session: ReadSession,
        operation: "Declared[Any, Any]",
        command: Schema,
        actor: Actor | None,
        claim: Claim | None,
    ) -> None:
        super().__init__(session, operation, command, actor)
        self._claim = claim
        self.earlier: UUID | None = None
        """The row that came of this command before, under its key."""
        self._dialect = cast("Session", session).get_bind().dialect.name
        self._who: Mapping[str, Any] = {} if actor is None else actor.parameters()
        self.id: UUID = uuid7() if claim is None else claim.result_id
        """The id of the row that a creating command makes."""

    @classmethod
    async def begun(
        cls,
        session: ReadSession,
        operation: "Declared[Any, Any]",
        command: Schema,
        claim: Claim | None,
    ) -> "Asked":
        """Find out who acts, and claim the command's key.

        Raises:
            NotAuthenticated: the actor's account may not be used.
            PermissionDenied: the actor's key was not given the permission.
            KeyReused: the key belongs to another command.
            ConfigurationError: the session is a restricted one.
        """
        if session.info.get(RESTRICTED) is not None:
            message = (
                f"{operation.name} asks the tables, which a restricted session does not see: give "
                "it one of db.session(acting) or db.transaction(acting)"
            )
            raise ConfigurationError(message)
        user = acting_of(session).actor
        actor = None if user is None else await load_actor(session, user)
        asked = cls(session, operation, command, actor, claim)
        asked.require_in_scope(operation.permission)
        if claim is not None:
            asked.earlier = await claim_key(cast("Session", session), claim)
        return asked

    @property
    def is_admin(self) -> bool:
        """Whether whoever acts is the system, or administers the platform."""
        return self.actor is None or self.actor.is_admin

    @property
    def is_at_work(self) -> bool:
        """Whether the actor is the system, an administrator or somebody with a membership."""
        if self.actor is None:
            return True
        return bool(self.actor.memberships or self.actor.is_admin) and not self._as_owner

    # Rows --------------------------------------------------------------------------------------

    async def take(
        self,
        entity: type[E],
        key: UUID,
        *,
        lock: bool = True,
        deleted: bool = False,
        permission: StrEnum | None = None,
    ) -> tuple[E, Capacity]:
        """Return the row as it is now, locked, and the capacity in which the actor may do this.

        Args:
            entity: a model.
            key: which row.
            lock: keep others from changing it until the transaction ends.
            deleted: whether it may be a deleted one.
            permission: the operation's own, if none is given.

        Raises:
            NotFound: there is no such row, or the actor may not see it.
            PermissionDenied: the actor may see the row, but may not do this to it.
            ConcurrentUpdate: the row is not at the version that the command names.
        """
        self._has_asked = True
        wanted = permission or self._operation.permission
        row, by = await self._taken(entity, key, wanted, lock=lock, deleted=deleted)
        version: int | None = getattr(self._command, "version", None)
        if version is not None and key == getattr(self._command, "id", None):
            require_version(row, version)
        self._require_parts(by, getattr(row, "clinic_id", None))
        return row, by

    async def related(
        self, entity: type[Entity], key: UUID, permission: StrEnum, *, keeps_plans: bool = False
    ) -> Related:
        """Return how the actor is related to another row that the command names.

        Raises:
            NotFound: there is no such row, or none on which they have the permission.
        """
        if self.actor is None:
            return Related(staff=False, owner=False)
        query = relation_by_key(entity, permission, self._dialect, keeps_plans=keeps_plans)
        rows = await rows_of(self._session, query, {"key": key, **self._who})
        staff, owner = rows[0][:2] if rows else (False, False)
        if not (staff or owner):
            raise NotFound(entity=entity, key=key)
        return Related(staff=bool(staff), owner=bool(owner))

    def if_related(
        self, entity: type[Entity], key: UUID, permission: StrEnum
    ) -> tuple[Callable[[], Any], Mapping[str, Any]]:
        """Return the condition for which :meth:`related` asks, and its parameters, on PostgreSQL."""
        return is_related(entity, permission), {"key": key, **self._who}

    async def _taken(
        self,
        entity: type[E],
        key: UUID,
        wanted: StrEnum,
        *,
        lock: bool,
        deleted: bool = False,
    ) -> tuple[E, Capacity]:
        asked = None if self.actor is None else wanted
        query = by_key(entity, asked, self._dialect, lock=lock, deleted=deleted)
        # The query says itself that deleted rows do not count.
        options = {"populate_existing": True, "include_deleted": True}
        result = await self._session.execute(
            query, {"key": key, **self._who}, execution_options=options
        )
        found = result.one_or_none()
        if found is None:
            raise NotFound(entity=entity, key=key)
        whole: Any = found
        row, seen, staff, owner = whole
        by = self._capacity(staff=staff, owner=owner)
        if by is None:
            if seen:
                raise self.denied(on=f"{entity.__name__} {key}", permission=wanted)
            raise NotFound(entity=entity, key=key)
        if lock:
            note_locked(cast("Session", self._session), row)
        return row, by

    async def look_at(self, entity: type[Any], key: UUID) -> Any:
        """Return the row as it is now, even if it is deleted. The actor must be allowed to see it.

        Raises:
            NotFound: there is no such row, or the actor may not see it.
        """
        self._has_asked = True
        row, _ = await self._taken(entity, key, access_of(entity).read, lock=False, deleted=True)
        return row

    async def change(self, entity: type[E], update: "Update") -> E:
        """Change the row that the update names, if the actor may.

        Raises:
            InvalidValue: the change names no row, or breaks a rule together with the row.
            NotFound: there is no such row, or the actor may not see it.
            PermissionDenied: the actor may see the row, but may not change it.
            ConcurrentUpdate: the row is not at the version that the change was made for.
        """
        row, _ = await self.take(entity, named(update))
        update.apply_to(row)
        await cast("Session", self._session).flush()
        return row

    async def create(self, entity: type[E], given: "Create", **more: Any) -> E:
        """Make a new row with the id of this command. No permission is checked."""
        session = cast("Session", self._session)
        row = given.make(entity)
        row.id = self.id
        for name, value in more.items():
            setattr(row, name, value)
        session.add(row)
        await session.flush()
        return row

    async def delete(self, entity: type[E], key: UUID) -> E:
        """Mark a row as deleted, if the actor may. It can be restored."""
        row, _ = await self.take(entity, key)
        row.soft_delete()
        await cast("Session", self._session).flush()
        return row

    async def restore(self, entity: type[E], key: UUID) -> E:
        """Bring a deleted row back, if the actor may.

        Raises:
            AlreadyExists: what must be unique among active rows is another's by now.
        """
        row, _ = await self.take(entity, key, deleted=True)
        row.restore()
        await cast("Session", self._session).flush()
        return row

    async def require_on(self, row: Entity, permission: StrEnum | None = None) -> Capacity:
        """Refuse an actor who may not do this to a row that was just made or changed.

        Only a row that exists has an owner and a clinic, so the permission is checked afterwards. A
        refusal rolls the transaction back.

        Raises:
            PermissionDenied: the actor may not.
        """
        self._has_asked = True
        wanted = permission or self._operation.permission
        entity = type(row)
        try:
            _, by = await self._taken(entity, row.id, wanted, lock=False)
        except NotFound as error:
            raise self.denied(on=f"{entity.__name__} {row.id}", permission=wanted) from error
        self._require_parts(by, getattr(row, "clinic_id", None))
        return by

    async def require_on_each(
        self, query: Select[E], entity: type[E], otherwise: VetcoreError
    ) -> Capacity:
        """Lock every row of a query, and refuse an actor who may not do this to each of them.

        Raises:
            PermissionDenied: the actor may not do it to one of the rows.
            VetcoreError: ``otherwise``, where there is no row, or the actor may not see it.
        """
        self._has_asked = True
        found = await self._session.scalars(query.with_only_columns(entity.id))
        keys = sorted(found)
        if not keys:
            raise otherwise
        by = Capacity.SYSTEM
        for key in keys:
            try:
                _, by = await self._taken(entity, key, self._operation.permission, lock=True)
            except NotFound as error:
                raise otherwise from error
        return by

    def seen(self, query: Select[E], entity: type[E]) -> Select[E]:
        """Return the query, narrowed to the rows that the actor may see."""
        self._has_asked = True
        if self.actor is None:
            return query
        return query.where(visible(entity, self.actor, self._operation.permission))

    def sees(self, entity: type[Entity], permission: StrEnum | None = None) -> ColumnElement[bool]:
        """Return the condition that leaves only the rows of an entity that the actor may see."""
        self._has_asked = True
        if self.actor is None:
            return true()
        return visible(entity, self.actor, permission or self._operation.permission)

    # Keys --------------------------------------------------------------------------------------

    async def release(self) -> None:
        """Give the command's key back, unless a database error has ended the transaction."""
        if self._claim is None:
            return
        session = cast("Session", self._session)
        # After an error of the database's the transaction is over, and the key is gone with it.
        with suppress(VetcoreError):
            await release_key(session, self._claim)
