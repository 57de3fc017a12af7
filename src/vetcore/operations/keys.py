"""Keys of commands. A command that is sent twice under a key is carried out once.

A key belongs to its actor. It is entered in the transaction of the command's effect, with a
fingerprint of the command and the id of the row that came of it. So either both are stored or
neither is.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select
from uuid_utils.compat import uuid7

from vetcore import clock
from vetcore.database.acting import acting_of
from vetcore.database.driver import is_postgresql, rows_of
from vetcore.database.inserting import insert_of
from vetcore.errors import InvalidValue, KeyReused
from vetcore.models import CommandKey
from vetcore.schemas.base import Schema

if TYPE_CHECKING:
    from vetcore.database import Session

__all__ = ["Claim", "claim_key", "release_key"]

_NOBODY: Final = UUID(int=0)
_LONGEST: Final = 100
_keys: Any = CommandKey.__table__


@dataclass(frozen=True, slots=True)
class Claim:
    """A key, and the command for which it stands."""

    operation: str
    key: str
    fingerprint: str
    result_id: UUID

    @classmethod
    def of(cls, operation: Any, command: Schema, key: str | None) -> "Claim | None":
        """Return the claim of a command, or None where it has no key.

        Raises:
            InvalidValue: the key is empty or too long, or the operation takes none.
        """
        if key is None:
            return None
        if not operation.keyed:
            raise InvalidValue(field="key", rule=f"is not taken by {operation.name}")
        if not 0 < len(key) <= _LONGEST:
            raise InvalidValue(
                field="key", rule="has no such length", expected=f"1 to {_LONGEST} characters"
            )
        # What was not named differs from what was named as null.
        said = command.model_dump_json(exclude_unset=True)
        fingerprint = sha256(f"{operation.name} {said}".encode()).hexdigest()
        return cls(operation.name, key, fingerprint, getattr(command, "id", None) or uuid7())


def _of_actor(session: "Session") -> UUID:
    return acting_of(session).actor or _NOBODY


@cache
def _claiming(dialect: str) -> Any:
    columns = {each.name: bindparam(each.name, type_=each.type) for each in _keys.c}
    insert = insert_of(dialect, _keys)
    return insert.values(columns).on_conflict_do_nothing().returning(_keys.c.result_id)


@cache
def _claimed_before() -> Any:
    row = _keys.c
    return select(row.operation, row.fingerprint, row.result_id).where(
        row.actor_id == bindparam("actor_id", type_=Uuid()), row.key == bindparam("key")
    )


async def claim_key(session: "Session", claim: Claim) -> UUID | None:
    """Enter the key. Return the id that came of its command if that was carried out before.

    Of two transactions that claim one key at once, the second waits for the end of the first.

    Raises:
        KeyReused: the key belongs to another command.
    """
    owner = _of_actor(session)
    values = {
        "actor_id": owner,
        "key": claim.key,
        "operation": claim.operation,
        "fingerprint": claim.fingerprint,
        "result_id": claim.result_id,
        "created_at": clock.now(),
    }
    dialect = "postgresql" if is_postgresql(session) else "sqlite"
    if await rows_of(session, _claiming(dialect), values):
        return None
    rows = await rows_of(session, _claimed_before(), {"actor_id": owner, "key": claim.key})
    ((operation, fingerprint, result_id),) = rows
    # A key that was entered before there were fingerprints stands for whatever came of it.
    if operation != claim.operation or fingerprint not in {"", claim.fingerprint}:
        raise KeyReused(operation=operation)
    return UUID(str(result_id))


async def release_key(session: "Session", claim: Claim) -> None:
    """Give the key back after a refusal, so that the caller may go on with the transaction."""
    await session.execute(
        delete(CommandKey).where(
            CommandKey.actor_id == _of_actor(session), CommandKey.key == claim.key
        )
    )
