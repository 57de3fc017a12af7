"""Takes away what restricted sessions had before there were views: roles, and policies on tables."""

from collections.abc import Iterable, Iterator
from typing import Final

from vetcore.models import RecordSeal

__all__ = ["removing_former"]

_POLICIES: Final = """
DO $former$ DECLARE each record; BEGIN
    FOR each IN SELECT policyname, tablename FROM pg_policies
        WHERE schemaname = current_schema() AND policyname ~ '^vetcore(_|$)'
    LOOP
        EXECUTE format('DROP POLICY %I ON %I', each.policyname, each.tablename);
    END LOOP;
    FOR each IN SELECT relname FROM pg_class WHERE relrowsecurity
        AND relnamespace = to_regnamespace(quote_ident(current_schema())) AND relname IN ({tables})
        AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
    LOOP
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', each.relname);
    END LOOP;
    FOR each IN SELECT relname FROM pg_class WHERE relkind = 'v'
        AND relnamespace = to_regnamespace(quote_ident(current_schema()))
        AND relname LIKE 'vetcore\\_access\\_%'
    LOOP
        EXECUTE format('DROP VIEW %I CASCADE', each.relname);
    END LOOP;
    FOR each IN SELECT DISTINCT grantee, table_name FROM information_schema.role_table_grants
        WHERE table_schema = current_schema() AND table_name IN ({tables})
        AND grantee ~ '^vetcore_service(_staff|_admin)?$'
    LOOP
        EXECUTE format('REVOKE ALL ON %I FROM %I', each.table_name, each.grantee);
    END LOOP;
END $former$
"""


def removing_former(tables: Iterable[str]) -> Iterator[str]:
    """Return the statements that remove the policies, their views, and the roles' rights."""
    yield "DROP FUNCTION IF EXISTS vetcore_access_enter(text, uuid)"
    names = ", ".join(f"'{name}'" for name in (*tables, RecordSeal.__tablename__))
    yield _POLICIES.format(tables=names)
