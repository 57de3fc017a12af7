"""Who may do what, in a single table.

Rows are permissions; a column says to whom the permission is given, and over which rows:

* *anyone*: every signed-in user, over every row;
* *own*: over what is theirs: their account, their pets and what concerns these, co-owners included;
* a role: whoever holds a membership with that role, over the rows of that clinic, while they hold it;
* *admin*: platform administrators, over every row.
"""

from collections.abc import Iterable
from enum import StrEnum, unique
from typing import Final, NamedTuple

from vetcore.errors import ConfigurationError
from vetcore.values.people import Role

__all__ = ["GRANTS", "Grant", "Permission", "grant"]


@unique
class Permission(StrEnum):
    """What an actor may be allowed to do. The first word is the kind of row."""

    USER_READ = "user:read"
    USER_WRITE = "user:write"
    USER_REGISTER = "user:register"
    """Open an account for somebody who comes to the clinic."""
    USER_ADMINISTER = "user:administer"
    """Give roles, vouch for addresses, suspend, and bring back."""
    PET_READ = "pet:read"
    PET_WRITE = "pet:write"
    PET_TRANSFER = "pet:transfer"
    PET_SHARE = "pet:share"
    """Name co-owners."""
    PET_RETIRE = "pet:retire"
    """Mark as deceased, missing or given away; delete, and bring back."""
    PET_MERGE = "pet:merge"
    """Make one of two that are the same animal."""
    PET_VACCINATE = "pet:vaccinate"
    APPOINTMENT_READ = "appointment:read"
    APPOINTMENT_BOOK = "appointment:book"
    APPOINTMENT_CANCEL = "appointment:cancel"
    APPOINTMENT_MOVE = "appointment:move"
    APPOINTMENT_WRITE = "appointment:write"
    APPOINTMENT_RUN = "appointment:run"
    """Check in, start, complete, mark as no-show."""
    APPOINTMENT_OVERRIDE = "appointment:override"
    """Book against hours, notice or horizon; never against occupancy."""
    WAITLIST_READ = "waitlist:read"
    WAITLIST_WRITE = "waitlist:write"
    RECORD_READ = "record:read"
    RECORD_WRITE = "record:write"
    RECORD_SIGN = "record:sign"
    RECORD_PRESCRIBE = "record:prescribe"
    RECORD_VERIFY = "record:verify"
    """Have the signatures of a clinic checked."""
    REMINDER_READ = "reminder:read"
    CLINIC_READ = "clinic:read"
    CLINIC_MANAGE = "clinic:manage"
    CLINIC_ADMINISTER = "clinic:administer"
    """Bring a clinic onto the platform, delete it, and bring it back."""
    ROOM_READ = "room:read"
    ROOM_MANAGE = "room:manage"
    CLOSURE_READ = "closure:read"
    CLOSURE_MANAGE = "closure:manage"
    VETERINARIAN_READ = "veterinarian:read"
    VETERINARIAN_WRITE = "veterinarian:write"
    VETERINARIAN_ADMINISTER = "veterinarian:administer"
    """Vouch for a licence; delete a veterinarian, whom several clinics share, and bring back."""
    TIME_OFF_READ = "time_off:read"
    TIME_OFF_WRITE = "time_off:write"
    STAFF_READ = "staff:read"
    STAFF_MANAGE = "staff:manage"
    SYSTEM_RUN = "system:run"
    """Do what time brings, for every clinic: what jobs do."""


class Grant(NamedTuple):
    """The people to whom a permission is given."""

    anyone: bool
    own: bool
    roles: frozenset[Role]
    admin: bool


_COLUMNS: Final = (
    Role.RECEPTIONIST,
    Role.VETERINARY_TECHNICIAN,
    Role.VETERINARIAN,
    Role.CLINIC_MANAGER,
)

_TABLE: Final = """
                            anyone own | receptionist technician veterinarian manager | admin
    user:read                  .    x  |      x           x           x          x    |   x
    user:write                 .    x  |      .           .           .          .    |   x
    user:register              .    .  |      x           x           x          x    |   x
    user:administer            .    .  |      .           .           .          .    |   x
    pet:read                   .    x  |      x           x           x          x    |   x
    pet:write                  .    x  |      x           x           x          x    |   x
    pet:transfer               .    .  |      .           .           .          x    |   x
    pet:share                  .    x  |      .           .           .          .    |   x
    pet:retire                 .    x  |      x           x           x          x    |   x
    pet:merge                  .    .  |      .           .           .          x    |   x
    pet:vaccinate              .    .  |      .           x           x          .    |   .
    appointment:read           .    x  |      x           x           x          x    |   x
    appointment:book           .    x  |      x           x           x          x    |   x
    appointment:cancel         .    x  |      x           x           x          x    |   x
    appointment:move           .    x  |      x           x           x          x    |   x
    appointment:write          .    x  |      x           x           x          x    |   x
    appointment:run            .    .  |      x           x           x          x    |   x
    appointment:override       .    .  |      x           .           x          x    |   x
    waitlist:read              .    x  |      x           x           x          x    |   x
    waitlist:write             .    x  |      x           x           x          x    |   x
    record:read                .    x  |      .           x           x          x    |   x
    record:write               .    .  |      .           x           x          .    |   .
    record:sign                .    .  |      .           .           x          .    |   .
    record:prescribe           .    .  |      .           .           x          .    |   .
    record:verify              .    .  |      .           .           .          x    |   x
    reminder:read              .    x  |      x           x           x          x    |   x
    clinic:read                x    .  |      x           x           x          x    |   x
    clinic:manage              .    .  |      .           .           .          x    |   x
    clinic:administer          .    .  |      .           .           .          .    |   x
    room:read                  x    .  |      x           x           x          x    |   x
    room:manage                .    .  |      .           .           .          x    |   x
    closure:read               x    .  |      x           x           x          x    |   x
    closure:manage             .    .  |      x           .           .          x    |   x
    veterinarian:read          x    x  |      x           x           x          x    |   x
    veterinarian:write         .    x  |      .           .           .          x    |   x
    veterinarian:administer    .    .  |      .           .           .          .    |   x
    time_off:read              .    x  |      x           x           x          x    |   x
    time_off:write             .    x  |      .           .           .          x    |   x
    staff:read                 .    x  |      x           x           x          x    |   x
    staff:manage               .    .  |      .           .           .          x    |   x
    system:run                 .    .  |      .           .           .          .    |   x
"""


class _Grants(dict[StrEnum, Grant]):
    """The table, by permission."""

    def __missing__(self, permission: object) -> Grant:
        message = f"The permission {permission} is given to nobody: grant({permission!r}, …)"
        raise ConfigurationError(message)


def _grants() -> _Grants:
    grants = _Grants()
    for line in _TABLE.strip().splitlines()[1:]:
        name, *marks = line.replace("|", " ").split()
        anyone, own, *roles, admin = (mark == "x" for mark in marks)
        held = frozenset(role for role, given in zip(_COLUMNS, roles, strict=True) if given)
        grants[Permission(name)] = Grant(anyone, own, held, admin)
    return grants


GRANTS: Final[dict[StrEnum, Grant]] = _grants()
"""The table, parsed; :func:`grant` adds the permissions of a service."""


def grant(
    permission: StrEnum,
    *,
    anyone: bool = False,
    own: bool = False,
    roles: Iterable[Role] = (),
    admin: bool = True,
) -> None:
    """Give a permission of a service's own to people, in the way of the package's own table.

    Raises:
        ConfigurationError: the permission has been given before, or is one of the package's.

    Args:
        permission: a member of an enumeration of the service's.
        anyone: to every signed-in user, over every row.
        own: to owners, over what is theirs.
        roles: to whoever holds one of these roles at a clinic, over the rows of that clinic.
        admin: to platform administrators, over every row.
    """
    if permission in GRANTS:
        message = f"To whom {permission} is given was said before"
        raise ConfigurationError(message)
    GRANTS[permission] = Grant(anyone, own, frozenset(roles), admin)
