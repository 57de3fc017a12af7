"""The rules as PostgreSQL's row-level security, which filters a query that lacks its filter.

:func:`enable_row_level_security` makes a role that owns nothing and sees what the policies allow.
It also makes a variant of the role for staff (``…_staff``) and another for administrators
(``…_admin``). A ``Database`` with that role (``row_security_role``, or
``VETCORE_DATABASE_ROW_SECURITY_ROLE``) takes on the role, or the variant for its actor, in each
transaction. A session without an actor sees nothing.

The policies look into views that hold only keys. The owner of the tables owns the views, so no
policy depends on another table's policy. The owner itself is not restricted: migrations, and
background work on a ``Database`` without that role, see everything.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Select,
    Table,
    Text,
    Uuid,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
)

from vetcore.access.entities import ACCESS
from vetcore.access.permissions import GRANTS
from vetcore.access.relating import Condition, Lookup, Subject
from vetcore.access.rules import allowed
from vetcore.database import Database
from vetcore.database.among import among
from vetcore.database.registry import schema
from vetcore.database.row_security import ENTER
from vetcore.errors import ConfigurationError
from vetcore.models import MedicalRecord, Pet, PetCoOwner, RecordAddendum, RecordSeal
from vetcore.values.people import Role

__all__ = ["SERVICE_ROLE", "disable_row_level_security", "enable_row_level_security"]

SERVICE_ROLE: Final = "vetcore_service"
"""The role that services take on, where no other name is chosen."""

_POLICY: Final = "vetcore"
_VIEW: Final = "vetcore_access_"
_NAME: Final = re.compile(r"^[a-z_][a-z0-9_]{0,50}$")

_VIEWS: Final[Mapping[str, str]] = {
    "pets": "SELECT id, owner_id, deleted_at FROM pets",
    "clinic_patients": (
        "SELECT pet_id, clinic_id, counts_for_owner, agreed_at, ended_at, deleted_at"
        " FROM clinic_patients"
    ),
    "pet_co_owners": "SELECT pet_id, user_id FROM pet_co_owners",
    "appointments": "SELECT id, pet_id, clinic_id, patient_until, deleted_at FROM appointments",
    "veterinarians": "SELECT id, user_id FROM veterinarians",
    "medical_records": "SELECT id, pet_id, clinic_id, signed_at, deleted_at FROM medical_records",
    "staff_memberships": "SELECT user_id, clinic_id, starts_on, ends_on, deleted_at FROM staff_memberships",
    "users": (
        "SELECT id, role, email, email_verified FROM users"
        " WHERE status = 'active' AND deleted_at IS NULL"
    ),
    "days": "SELECT id, (now() AT TIME ZONE timezone)::date AS today FROM clinics",
    "memberships": (
        "SELECT m.user_id, m.clinic_id, m.role FROM staff_memberships m"
        " JOIN clinics c ON c.id = m.clinic_id"
        " WHERE m.deleted_at IS NULL AND c.deleted_at IS NULL"
        " AND (now() AT TIME ZONE c.timezone)::date"
        " BETWEEN m.starts_on AND coalesce(m.ends_on, 'infinity')"
    ),
}
_BOOKS: Final = (RecordAddendum.__tablename__, RecordSeal.__tablename__)
"""What follows a signature: it is read and added to, and never changed."""
_OWNER, _STAFF, _ADMIN = "", "_staff", "_admin"
_VARIANTS: Final = (_OWNER, _STAFF, _ADMIN)
"""One role for each: who holds no membership waits for no condition about clinics, and an administrator
for none at all. Connected by OR in one policy, they would keep all from the indexes."""

_CREATE_ROLE: Final = """
DO $$ BEGIN
    BEGIN
        CREATE ROLE {role} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT {role} TO %I', current_user);
    END IF;
END $$
"""
_CREATE_ENTER: Final = f"""
DO $$ BEGIN EXECUTE format($format$
    CREATE FUNCTION {ENTER}(base text, who uuid) RETURNS TABLE (role text, actor text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    DECLARE variant text;
    BEGIN
        SELECT CASE WHEN u.role = '{Role.PLATFORM_ADMIN.value}' THEN '{_ADMIN}'
            WHEN EXISTS (SELECT FROM %1$I.{_VIEW}memberships p WHERE p.user_id = u.id) THEN '{_STAFF}'
            ELSE '{_OWNER}' END
        INTO variant FROM %1$I.{_VIEW}users u WHERE u.id = who;
        role := base || coalesce(variant, '{_OWNER}');
        actor := CASE WHEN variant IS NULL THEN '' ELSE who::text END;
        RETURN NEXT;
    END $body$
$format$, current_schema()); END $$
"""  # noqa: S608 -- of names of ours alone
"""The owner of the views says who an actor is; nobody who is not active is anybody."""

_DROP_POLICIES: Final = f"""
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT policyname, tablename FROM pg_policies
        WHERE schemaname = current_schema() AND policyname ~ '^{_POLICY}(_|$)'
    LOOP
        EXECUTE format('DROP POLICY %I ON %I', each.policyname, each.tablename);
    END LOOP;
END $$
"""  # noqa: S608 -- of a name of ours alone
_KEYS: Final = ("id", "owner_id", "pet_id", "user_id", "clinic_id", "role")
_OTHERS: Final[Mapping[str, Any]] = {
    "deleted_at": DateTime(timezone=True),
    "signed_at": DateTime(timezone=True),
    "agreed_at": DateTime(timezone=True),
    "ended_at": DateTime(timezone=True),
    "patient_until": DateTime(timezone=True),
    "counts_for_owner": Boolean(),
    "email": Text(),
    "email_verified": Boolean(),
    "starts_on": Date(),
    "ends_on": Date(),
    "today": Date(),
}


def _view(name: str) -> FromClause:
    keys = (column(each, Uuid()) for each in _KEYS)
    others = (column(each, kind) for each, kind in _OTHERS.items())
    return table(f"{_VIEW}{name}", *keys, *others)


class _Current:
    """The actor of the current transaction, asked of the database once for each statement."""

    of_stored_rows = False

    def __init__(self, variant: str) -> None:
        self.variant = variant
        self.look = Lookup(lambda entity: _view(entity.__tablename__))

    @property
    def id(self) -> ColumnElement[UUID]:
        named = literal_column("nullif(current_setting('vetcore.actor', true), '')::uuid", Uuid())
        # In a subselect it is read once, not for each row.
        return select(named).scalar_subquery()

    @property
    def is_known(self) -> Condition:
        return self.id.is_not(None)

    @property
    def is_admin(self) -> Condition:
        return true() if self.variant == _ADMIN else false()

    def may_hold(self, roles: frozenset[Role]) -> bool:
        return bool(roles) and self.variant != _OWNER

    def holds_membership(self, clinic: ColumnElement[Any], roles: frozenset[Role]) -> Condition:
        memberships = _view("memberships").c
        held: Select[UUID] = select(memberships.clinic_id).where(
            memberships.user_id == self.id,
            memberships.role.in_(sorted(role.value for role in roles)),
        )
        return among(clinic, held)

    @property
    def now(self) -> ColumnElement[datetime]:
        return func.now()

    def today(self, clinic: ColumnElement[Any]) -> ColumnElement[date]:
        days = _view("days").c
        return select(days.today).where(days.id == clinic).scalar_subquery()


def _ours() -> Iterator[type[Any]]:
    """The entities whose tables our migrations make; a service's own are no business of ours."""
    return (entity for entity in ACCESS if entity.__tablename__ in schema.tables)


def _policies(role: str) -> Iterator[str]:
    for entity in _ours():
        rows: Table = entity.__table__
        access = ACCESS[entity]
        yield f"ALTER TABLE {rows.name} ENABLE ROW LEVEL SECURITY"
        for variant in _VARIANTS:
            who: Subject = _Current(variant)
            read = _sql(rows, allowed(entity, rows.c, who, access.read))
            write = _sql(rows, allowed(entity, rows.c, who, access.write))
            for action, clause in (
                ("select", f"USING ({read})"),
                ("insert", f"WITH CHECK ({write})"),
                ("update", f"USING ({write}) WITH CHECK ({write})"),
                ("delete", f"USING ({write})"),
            ):
                yield (
                    f"CREATE POLICY {_POLICY}_{action}{variant} ON {rows.name}"
                    f" FOR {action.upper()} TO {role}{variant} {clause}"
                )


def _sql(rows: Table, condition: Condition) -> str:
    """The condition as SQL that names the columns of ``rows``, as a policy has them."""
    # Policies are made once; whoever only asks what they may does not need the dialect.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    query = select(rows).select_from(rows).where(condition)
    compiled = query.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    return str(compiled).partition("WHERE ")[2]


async def enable_row_level_security(
    db: Database, *, role: str = SERVICE_ROLE, user: str | None = None
) -> None:
    """Make the role and the policies in one transaction. Those that are there are replaced.

    Call it after each migration, with a user who owns the tables and may create roles, or who was
    given the role and its variants ``WITH ADMIN OPTION`` before.

    Args:
        db: unrestricted or not; this goes past its sessions.
        role: what sessions take on.
        user: as whom services connect, where they do not connect as the owner. It is granted what
            it needs to take the role on, and nothing else; it must not inherit, or it would have
            the rights of the role and its variants without taking one on.

    Raises:
        ConfigurationError: the database is SQLite, ``role`` or ``user`` is no plain lower-case
            name, or there is no such user, or one that inherits.
    """
    _check(db, role)
    async with db.engine.begin() as connection:
        if user is not None:
            _check(db, user)
            inherits = text("SELECT rolinherit FROM pg_roles WHERE rolname = :user")
            if await connection.scalar(inherits, {"user": user}) is not False:
                message = f"There must be a user {user!r} that does not inherit: CREATE or ALTER ROLE {user} LOGIN NOINHERIT"
                raise ConfigurationError(message)
        for statement in _enabling(role, db.tenant, user):
            await connection.execute(text(statement.replace(":", "\\:")))


async def disable_row_level_security(db: Database, *, role: str = SERVICE_ROLE) -> None:
    """Remove the policies and the views that they read. The role stays and has no rights here.

    Raises:
        ConfigurationError: the database is SQLite, or ``role`` is no plain lower-case name.
    """
    _check(db, role)
    async with db.engine.begin() as connection:
        roles = [f"{role}{variant}" for variant in _VARIANTS]
        for statement in (*_in_schema(db.tenant), *_removing(roles)):
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


def _enabling(role: str, tenant: str | None, user: str | None) -> Iterator[str]:
    roles = [f"{role}{variant}" for variant in _VARIANTS]
    everybody = ", ".join(roles)
    yield from _in_schema(tenant)
    for each in roles:
        yield _CREATE_ROLE.format(role=each)
    yield from _removing(roles)
    users = everybody if user is None else f"{everybody}, {user}"
    yield f"DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {users}', current_schema()); END $$"
    for name, query in _VIEWS.items():
        yield f"CREATE VIEW {_VIEW}{name} AS {query}"
        yield f"GRANT SELECT ON {_VIEW}{name} TO {everybody}"
    yield _CREATE_ENTER
    yield f"REVOKE ALL ON FUNCTION {ENTER} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {ENTER} TO {users}"
    if user is not None:
        yield f"GRANT {everybody} TO {user}"
    policies = ";\n".join((*_policies(role), *_co_owner_policies(role), *_book_policies(role)))
    yield f"DO $policies$ BEGIN\n{policies};\nEND $policies$"
    entities: tuple[type[Any], ...] = (*_ours(), PetCoOwner)
    tables = ", ".join(entity.__tablename__ for entity in entities)
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {everybody}"
    yield f"GRANT SELECT, INSERT ON {', '.join(_BOOKS)} TO {everybody}"


def _co_owner_policies(role: str) -> Iterator[str]:
    """Who may see or change the pet may see and change who shares it."""
    rows: Any = PetCoOwner.__table__
    pets = _view("pets").c
    yield f"ALTER TABLE {rows.name} ENABLE ROW LEVEL SECURITY"
    for variant in _VARIANTS:
        theirs = allowed(Pet, pets, _Current(variant), ACCESS[Pet].read)
        sql = _sql(rows, exists().where(pets.id == rows.c.pet_id, theirs))
        yield (
            f"CREATE POLICY {_POLICY}{variant} ON {rows.name} TO {role}{variant}"
            f" USING ({sql}) WITH CHECK ({sql})"
        )


def _book_policies(role: str) -> Iterator[str]:
    """Who may see a record sees its addenda; a clinic's staff who may, add to them and to its seals."""
    added: Any = RecordAddendum.__table__
    seals: Any = RecordSeal.__table__
    records = _view("medical_records").c
    for table_ in _BOOKS:
        yield f"ALTER TABLE {table_} ENABLE ROW LEVEL SECURITY"
    for variant in _VARIANTS:
        who = _Current(variant)
        for action, permission in (
            ("select", ACCESS[MedicalRecord].read),
            ("insert", ACCESS[MedicalRecord].write),
        ):
            theirs = allowed(MedicalRecord, records, who, permission)
            sql = _sql(added, exists().where(records.id == added.c.record_id, theirs))
            clause = f"USING ({sql})" if action == "select" else f"WITH CHECK ({sql})"
            yield (
                f"CREATE POLICY {_POLICY}_{action}{variant} ON {added.name}"
                f" FOR {action.upper()} TO {role}{variant} {clause}"
            )
        roles = GRANTS[ACCESS[MedicalRecord].read].roles
        holds = who.holds_membership(seals.c.clinic_id, roles)
        staff = _sql(seals, or_(who.is_admin, holds if who.may_hold(roles) else false()))
        yield (
            f"CREATE POLICY {_POLICY}{variant} ON {seals.name} TO {role}{variant}"
            f" USING ({staff}) WITH CHECK ({staff})"
        )


def _removing(roles: Sequence[str]) -> Iterator[str]:
    names = [*(entity.__tablename__ for entity in _ours()), PetCoOwner.__tablename__, *_BOOKS]
    yield _DROP_POLICIES
    for name in names:
        yield f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"
    yield f"DROP FUNCTION IF EXISTS {ENTER}"
    for name in _VIEWS:
        yield f"DROP VIEW IF EXISTS {_VIEW}{name}"
    yield f"REVOKE ALL ON {', '.join(names)} FROM {', '.join(roles)}"
