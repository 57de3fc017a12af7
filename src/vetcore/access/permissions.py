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
    AUDIT_READ = "audit:read"
    """See who entered a row, and who changed it."""
    AUDIT_READ_DELETED = "audit:read_deleted"
    """See when a row was deleted, and with which it was merged."""
    ACCOUNT_READ = "account:read"
    """See where somebody is signed in, and which keys they have."""
    ACCOUNT_WRITE = "account:write"
    """End sessions, make keys and revoke them."""
    PET_READ = "pet:read"
    """See whose pet it is, what it is, its allergies and what is due; not the rest of its health."""
    PET_WRITE = "pet:write"
    PET_TRANSFER = "pet:transfer"
    PET_SHARE = "pet:share"
    """Invite co-owners, and part from them."""
    PET_DELETE = "pet:delete"
    """Delete, and bring back."""
    PATIENT_READ = "patient:read"
    PATIENT_REGISTER = "patient:register"
    """Let a clinic care for one's pet."""
    PATIENT_INVITE = "patient:invite"
    """Ask an owner to let the clinic care for their pet."""
    PATIENT_END = "patient:end"
    """End the registration of a pet at a clinic."""
    INVITATION_READ = "invitation:read"
    INVITATION_ANSWER = "invitation:answer"
    """Accept or decline; for the person who is invited."""
    INVITATION_WITHDRAW = "invitation:withdraw"
    PET_RETIRE = "pet:retire"
    """Mark as deceased, missing or given away."""
    PET_MERGE = "pet:merge"
    """Make one of two that are the same animal."""
    PET_VACCINATE = "pet:vaccinate"
    HEALTH_READ = "health:read"
    """See a pet's history, its insurance and what is noted of it."""
    HEALTH_WRITE = "health:write"
    APPOINTMENT_READ = "appointment:read"
    APPOINTMENT_READ_INTERNAL = "appointment:read_internal"
    """See what staff write for each other about an appointment."""
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
    EMERGENCY_READ = "emergency:read"
    """Read, in an emergency, the health of a pet that is no patient. It is kept."""
    EMERGENCY_LIST = "emergency:list"
    """See who has done so."""
    RECORD_READ = "record:read"
    RECORD_READ_NOTES = "record:read_notes"
    """See the working notes of a record, and its signature."""
    RECORD_WRITE = "record:write"
    RECORD_SIGN = "record:sign"
    RECORD_PRESCRIBE = "record:prescribe"
    RECORD_VERIFY = "record:verify"
    """Have the signatures of a clinic checked."""
    REMINDER_READ = "reminder:read"
    CLINIC_READ = "clinic:read"
    CLINIC_READ_LICENSE = "clinic:read_license"
    CLINIC_MANAGE = "clinic:manage"
    CLINIC_ADMINISTER = "clinic:administer"
    """Bring a clinic onto the platform, delete it, and bring it back."""
    ROOM_READ = "room:read"
    ROOM_MANAGE = "room:manage"
    EQUIPMENT_READ = "equipment:read"
    EQUIPMENT_MANAGE = "equipment:manage"
    CLOSURE_READ = "closure:read"
    CLOSURE_MANAGE = "closure:manage"
    BLOCK_READ = "block:read"
    BLOCK_MANAGE = "block:manage"
    """Keep time free: of everybody at the clinic, of a room, of a colleague; or one's own."""
    VETERINARIAN_READ = "veterinarian:read"
    VETERINARIAN_READ_LICENSE = "veterinarian:read_license"
    """See the licence and the credentials of a veterinarian."""
    VETERINARIAN_WRITE = "veterinarian:write"
    VETERINARIAN_ADMINISTER = "veterinarian:administer"
    """Vouch for a licence; delete a veterinarian, whom several clinics share, and bring back."""
    TIME_OFF_READ = "time_off:read"
    TIME_OFF_READ_REASON = "time_off:read_reason"
    TIME_OFF_WRITE = "time_off:write"
    STAFF_READ = "staff:read"
    STAFF_READ_TERMS = "staff:read_terms"
    """See the terms of a membership."""
    STAFF_MANAGE = "staff:manage"
    """Invite colleagues, set their hours of work, end their memberships."""
    STAFF_LEAVE = "staff:leave"
    """End one's own membership."""
    STAFF_ADMINISTER = "staff:administer"
    """Let somebody work at a clinic without an invitation: its first manager, say."""
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
    Role.GROOMER,
    Role.VETERINARIAN,
    Role.CLINIC_MANAGER,
)

_TABLE: Final = """
                            anyone own | receptionist technician groomer veterinarian manager | admin
    user:read                  .    x  |      x           x         x          x          x    |   x
    user:write                 .    x  |      .           .         .          .          .    |   x
    user:register              .    .  |      x           x         .          x          x    |   x
    user:administer            .    .  |      .           .         .          .          .    |   x
    audit:read                 .    .  |      x           x         x          x          x    |   x
    audit:read_deleted         .    .  |      .           .         .          .          .    |   x
    account:read               .    x  |      .           .         .          .          .    |   x
    account:write              .    x  |      .           .         .          .          .    |   x
    pet:read                   .    x  |      x           x         x          x          x    |   x
    pet:write                  .    x  |      x           x         .          x          x    |   x
    pet:transfer               .    x  |      .           .         .          .          x    |   x
    pet:share                  .    x  |      .           .         .          .          .    |   x
    pet:delete                 .    x  |      .           .         .          .          x    |   x
    patient:read               .    x  |      x           x         x          x          x    |   x
    patient:register           .    x  |      .           .         .          .          .    |   .
    patient:invite             .    .  |      x           x         .          x          x    |   x
    patient:end                .    x  |      .           .         .          .          x    |   x
    invitation:read            .    x  |      x           x         .          x          x    |   x
    invitation:answer          .    x  |      .           .         .          .          .    |   .
    invitation:withdraw        .    x  |      x           .         .          .          x    |   x
    pet:retire                 .    x  |      x           x         .          x          x    |   x
    pet:merge                  .    .  |      .           .         .          .          x    |   x
    pet:vaccinate              .    .  |      .           x         .          x          .    |   .
    health:read                .    x  |      .           x         .          x          x    |   x
    health:write               .    x  |      .           x         .          x          x    |   x
    appointment:read           .    x  |      x           x         x          x          x    |   x
    appointment:read_internal  .    .  |      x           x         x          x          x    |   x
    appointment:book           .    x  |      x           x         x          x          x    |   x
    appointment:cancel         .    x  |      x           x         x          x          x    |   x
    appointment:move           .    x  |      x           x         x          x          x    |   x
    appointment:write          .    x  |      x           x         x          x          x    |   x
    appointment:run            .    .  |      x           x         x          x          x    |   x
    appointment:override       .    .  |      x           .         .          x          x    |   x
    waitlist:read              .    x  |      x           x         x          x          x    |   x
    waitlist:write             .    x  |      x           x         .          x          x    |   x
    emergency:read             .    .  |      .           .         .          x          .    |   .
    emergency:list             .    x  |      .           .         .          .          x    |   x
    record:read                .    x  |      .           x         .          x          x    |   x
    record:read_notes          .    .  |      .           x         .          x          x    |   x
    record:write               .    .  |      .           x         .          x          .    |   .
    record:sign                .    .  |      .           .         .          x          .    |   .
    record:prescribe           .    .  |      .           .         .          x          .    |   .
    record:verify              .    .  |      .           .         .          .          x    |   x
    reminder:read              .    x  |      x           x         x          x          x    |   x
    clinic:read                x    .  |      x           x         x          x          x    |   x
    clinic:read_license        .    .  |      x           x         x          x          x    |   x
    clinic:manage              .    .  |      .           .         .          .          x    |   x
    clinic:administer          .    .  |      .           .         .          .          .    |   x
    room:read                  x    .  |      x           x         x          x          x    |   x
    room:manage                .    .  |      .           .         .          .          x    |   x
    equipment:read             x    .  |      x           x         x          x          x    |   x
    equipment:manage           .    .  |      .           .         .          .          x    |   x
    closure:read               x    .  |      x           x         x          x          x    |   x
    closure:manage             .    .  |      x           .         .          .          x    |   x
    block:read                 .    x  |      x           x         x          x          x    |   x
    block:manage               .    x  |      .           .         .          .          x    |   x
    veterinarian:read          x    x  |      x           x         x          x          x    |   x
    veterinarian:read_license  .    x  |      x           x         x          x          x    |   x
    veterinarian:write         .    x  |      .           .         .          .          x    |   x
    veterinarian:administer    .    .  |      .           .         .          .          .    |   x
    time_off:read              .    x  |      x           x         x          x          x    |   x
    time_off:read_reason       .    x  |      .           .         .          .          x    |   x
    time_off:write             .    x  |      .           .         .          .          x    |   x
    staff:read                 .    x  |      x           x         x          x          x    |   x
    staff:read_terms           .    x  |      .           .         .          .          x    |   x
    staff:manage               .    .  |      .           .         .          .          x    |   x
    staff:leave                .    x  |      .           .         .          .          x    |   x
    staff:administer           .    .  |      .           .         .          .          .    |   x
    system:run                 .    .  |      .           .         .          .          .    |   x
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
