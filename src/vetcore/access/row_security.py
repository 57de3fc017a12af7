"""The same rules as PostgreSQL's row-level security, for the query that forgot its filter.

:func:`enable_row_level_security` makes a role that owns nothing and sees what the policies allow.
A ``Database`` whose settings name that role (``VETCORE_DATABASE_ROW_SECURITY_ROLE``) takes it on in
each transaction, with the session's actor; a session without an actor sees no row of a person.

The policies look into views that the tables' owner owns, so that no policy waits for another
table's policy. The owner itself is not restricted: migrations and background work, on a
``Database`` without that setting, see everything.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Table,
    Uuid,
    any_,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql

from vetcore.access.permissions import Permission
from vetcore.access.rules import READ, Condition, Lookup, Subject, allowed
from vetcore.database import Database
from vetcore.errors import ConfigurationError
from vetcore.models import (
    Appointment,
    Clinic,
    ClinicClosure,
    MedicalRecord,
    Pet,
    PetCoOwner,
    Room,
    StaffMembership,
    TimeOff,
    User,
    VaccinationReminder,
    Veterinarian,
    WaitlistEntry,
)
from vetcore.values.people import Role

__all__ = ["SERVICE_ROLE", "disable_row_level_security", "enable_row_level_security"]

SERVICE_ROLE: Final = "vetcore_service"
"""The role that services take on, where no other name is chosen."""

_POLICY: Final = "vetcore"
_VIEW: Final = "vetcore_access_"
_NAME: Final = re.compile(r"^[a-z_][a-z0-9_]{0,62}$")

_WRITE: Final[Mapping[type[Any], Permission]] = {
    User: Permission.USER_WRITE,
    Pet: Permission.PET_WRITE,
    Appointment: Permission.APPOINTMENT_BOOK,
    MedicalRecord: Permission.RECORD_WRITE,
    WaitlistEntry: Permission.WAITLIST_WRITE,
    VaccinationReminder: Permission.REMINDER_READ,
    Clinic: Permission.CLINIC_MANAGE,
    Room: Permission.ROOM_MANAGE,
    ClinicClosure: Permission.CLOSURE_MANAGE,
    Veterinarian: Permission.VETERINARIAN_WRITE,
    TimeOff: Permission.TIME_OFF_WRITE,
    StaffMembership: Permission.STAFF_MANAGE,
}

_VIEWS: Final[Mapping[str, str]] = {
    "pets": "SELECT id, owner_id, primary_clinic_id, deleted_at FROM pets",
    "pet_co_owners": "SELECT pet_id, user_id FROM pet_co_owners",
    "appointments": "SELECT id, pet_id, clinic_id, deleted_at FROM appointments",
    "veterinarians": "SELECT id, user_id FROM veterinarians",
    "staff_memberships": "SELECT user_id, clinic_id, deleted_at FROM staff_memberships",
    "users": ("SELECT id, role FROM users WHERE status = 'active' AND deleted_at IS NULL"),
    "posts": (
        "SELECT m.user_id, m.clinic_id, m.role FROM staff_memberships m"
        " JOIN clinics c ON c.id = m.clinic_id"
        " WHERE m.deleted_at IS NULL AND c.deleted_at IS NULL"
        " AND (now() AT TIME ZONE c.timezone)::date"
        " BETWEEN m.starts_on AND coalesce(m.ends_on, 'infinity')"
    ),
}
_COLUMNS: Final = ("id", "owner_id", "primary_clinic_id", "pet_id", "user_id", "clinic_id", "role")


def _view(name: str) -> FromClause:
    return table(
        f"{_VIEW}{name}", *(column(each, Uuid()) for each in _COLUMNS), column("deleted_at")
    )


class _Current:
    """The actor of the current transaction, asked of the database once for each statement."""

    def __init__(self) -> None:
        self.look = Lookup(lambda entity: _view(entity.__tablename__))

    @property
    def id(self) -> ColumnElement[UUID]:
        users = _view("users").c
        named = literal_column("nullif(current_setting('vetcore.actor', true), '')::uuid", Uuid())
        return select(users.id).where(users.id == named).scalar_subquery()

    @property
    def is_admin(self) -> Condition:
        users = _view("users").c
        return exists().where(users.id == self.id, users.role == literal(Role.PLATFORM_ADMIN.value))

    def may_hold(self, roles: frozenset[Role]) -> bool:
        return bool(roles)

    def holds_post(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        posts = _view("posts").c
        held = select(posts.clinic_id).where(
            posts.user_id == self.id, posts.role.in_(sorted(role.value for role in roles))
        )
        # An array is computed once, before the rows are looked at.
        return clinic == any_(func.array(held.scalar_subquery(), type_=ARRAY(Uuid())))


def _policies(role: str) -> Iterator[str]:
    who: Subject = _Current()
    for entity in READ:
        rows: Table = entity.__table__
        read = _sql(rows, allowed(entity, rows.c, who, READ[entity]))
        write = _sql(rows, allowed(entity, rows.c, who, _WRITE[entity]))
        yield f"ALTER TABLE {rows.name} ENABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY {_POLICY}_read ON {rows.name} FOR SELECT TO {role} USING ({read})"
        for action, clause in (
            ("insert", f"WITH CHECK ({write})"),
            ("update", f"USING ({write}) WITH CHECK ({write})"),
            ("delete", f"USING ({write})"),
        ):
            yield (
                f"CREATE POLICY {_POLICY}_{action} ON {rows.name}"
                f" FOR {action.upper()} TO {role} {clause}"
            )


def _sql(rows: Table, condition: Condition) -> str:
    """The condition as SQL that names the columns of ``rows``, as a policy has them."""
    query = select(rows).select_from(rows).where(condition)
    compiled = query.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    return str(compiled).partition("WHERE ")[2]


async def enable_row_level_security(db: Database, *, role: str = SERVICE_ROLE) -> None:
    """Make the role and the policies, anew where they are there already; one transaction.

    Call it after each migration, with a user who owns the tables and may create roles, or who was
    given the role ``WITH ADMIN OPTION`` before.

    Raises:
        ConfigurationError: the database is SQLite, or ``role`` is no plain lower-case name.
    """
    _check(db, role)
    async with db.engine.begin() as connection:
        for statement in _enabling(role, db.tenant):
            await connection.execute(text(statement.replace(":", "\\:")))


async def disable_row_level_security(db: Database, *, role: str = SERVICE_ROLE) -> None:
    """Remove the policies and what they look into; the role stays, without rights here.

    Raises:
        ConfigurationError: the database is SQLite, or ``role`` is no plain lower-case name.
    """
    _check(db, role)
    async with db.engine.begin() as connection:
        for statement in (*_in_schema(db.tenant), *_removing(role)):
            await connection.execute(text(statement.replace(":", "\\:")))


def _check(db: Database, role: str) -> None:
    if db.dialect != "postgresql":
        message = "Row-level security needs PostgreSQL; on SQLite, filter with access.visible()"
        raise ConfigurationError(message)
    if not _NAME.match(role):
        message = f"{role!r} cannot be a role: lower-case letters, digits and underscores, please"
        raise ConfigurationError(message)


def _in_schema(tenant: str | None) -> Iterator[str]:
    if tenant is not None:
        yield f'SET LOCAL search_path TO "{tenant}", public'


def _enabling(role: str, tenant: str | None) -> Iterator[str]:
    yield from _in_schema(tenant)
    yield (
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    yield from _removing(role)
    yield f"DO $$ BEGIN EXECUTE format('GRANT {role} TO %I', current_user); END $$"
    yield f"DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema()); END $$"
    for name, query in _VIEWS.items():
        yield f"CREATE VIEW {_VIEW}{name} AS {query}"
        yield f"GRANT SELECT ON {_VIEW}{name} TO {role}"
    yield from _policies(role)
    yield from _co_owner_policy(role)
    entities: tuple[type[Any], ...] = (*READ, PetCoOwner)
    tables = ", ".join(entity.__tablename__ for entity in entities)
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}"


def _co_owner_policy(role: str) -> Iterator[str]:
    """Who may see or change the pet may see and change who shares it."""
    rows: Any = PetCoOwner.__table__
    pets = _view("pets").c
    who = _Current()
    sql = _sql(rows, exists().where(pets.id == rows.c.pet_id, allowed(Pet, pets, who, READ[Pet])))
    yield f"ALTER TABLE {rows.name} ENABLE ROW LEVEL SECURITY"
    yield f"CREATE POLICY {_POLICY} ON {rows.name} TO {role} USING ({sql}) WITH CHECK ({sql})"


def _removing(role: str) -> Iterator[str]:
    names = [entity.__tablename__ for entity in READ]
    for name in names:
        for action in ("read", "insert", "update", "delete"):
            yield f"DROP POLICY IF EXISTS {_POLICY}_{action} ON {name}"
        yield f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS {_POLICY} ON pet_co_owners"
    yield "ALTER TABLE pet_co_owners DISABLE ROW LEVEL SECURITY"
    for name in _VIEWS:
        yield f"DROP VIEW IF EXISTS {_VIEW}{name}"
    yield f"REVOKE ALL ON {', '.join((*names, 'pet_co_owners'))} FROM {role}"
