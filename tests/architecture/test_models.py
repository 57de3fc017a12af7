"""What holds for every table, asked of the mapper registry and of the metadata."""

import re
from enum import StrEnum

import pytest
from sqlalchemy import CheckConstraint, Column, Enum, ForeignKeyConstraint, Table
from sqlalchemy.orm import Mapper, RelationshipProperty

from vetcore.models import Base, Entity
from vetcore.models.types import UtcDateTime


def _name(key: ForeignKeyConstraint) -> str:
    return str(key.name)


# Sets have another order in every process, and xdist's workers must agree on what there is to run.
MAPPERS = sorted(Base.registry.mappers, key=str)
_MAPPED = {mapper.local_table.name for mapper in MAPPERS}  # type: ignore[attr-defined]
TABLES = [table for table in Base.metadata.tables.values() if table.name in _MAPPED]
RELATIONSHIPS = [relationship for mapper in MAPPERS for relationship in mapper.relationships]
KEYS = sorted((key for table in TABLES for key in table.foreign_key_constraints), key=_name)
COLUMNS = [column for table in TABLES for column in table.columns]


@pytest.mark.parametrize("relationship", RELATIONSHIPS, ids=str)
def test_nothing_loads_behind_your_back(relationship: RelationshipProperty[object]) -> None:
    assert relationship.lazy == "raise"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key.name))
def test_a_foreign_key_says_what_deletion_does_and_is_indexed(key: ForeignKeyConstraint) -> None:
    assert key.ondelete in {"RESTRICT", "CASCADE", "SET NULL"}
    names = [column.name for column in key.columns]
    leading = [
        [column.name for column in index.columns][: len(names)] for index in key.table.indexes
    ]
    leading.append([column.name for column in key.table.primary_key.columns][: len(names)])
    assert names in leading, f"{key.name} has no index that begins with {names}"
    if key.ondelete == "SET NULL":
        assert all(column.nullable for column in key.columns)


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_instants_are_utc_and_words_are_checked(column: Column[object]) -> None:
    if column.name.endswith("_at") or column.name in {
        "occupied_from",
        "occupied_until",
        "claimed_until",
    }:
        assert isinstance(column.type, UtcDateTime)
    if isinstance(column.type, Enum):
        assert not column.type.native_enum
        assert issubclass(column.type.enum_class or str, StrEnum)
        assert f"ck_{column.table.name}_{column.name}" in _checks(column.table)


def _checks(table: Table) -> set[str]:
    return {
        str(constraint.name)
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_names_follow_the_convention(table: Table) -> None:
    pattern = re.compile(rf"(pk|fk|uq|ix|ck|ex)_{table.name}(_|$)")
    for item in (*table.constraints, *table.indexes):
        assert pattern.match(str(item.name)), item.name
        assert len(str(item.name)) <= 63 - len("_102248"), "PostgreSQL and Citus cut longer names"


@pytest.mark.parametrize("mapper", MAPPERS, ids=str)
def test_every_entity_has_identity_audit_deletion_and_version(mapper: Mapper[object]) -> None:
    if not issubclass(mapper.class_, Entity):
        links = {
            "account_links",
            "api_keys",
            "command_keys",
            "occupations",
            "passkeys",
            "pet_co_owners",
            "record_addenda",
            "record_release_ends",
            "record_releases",
            "record_seals",
            "released_rows",
            "sign_in_limits",
            "timetable_versions",
            "user_credentials",
            "user_identities",
            "user_sessions",
            "webhook_deliveries",
        }
        assert mapper.local_table.name in links, "a link, or a ledger that only grows"
        return
    expected = {
        "id",
        "created_at",
        "created_by_id",
        "updated_at",
        "updated_by_id",
        "deleted_at",
        "version",
    }
    assert expected <= set(mapper.columns.keys())
    assert mapper.version_id_col is not None


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_no_table_names_a_schema(table: Table) -> None:
    assert table.schema is None, "a tenant is a schema, chosen when a session opens"
