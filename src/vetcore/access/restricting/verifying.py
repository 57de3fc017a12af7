"""What PostgreSQL needs to tell who asks: the keys, and a function that verifies a token.

The built-in ``sha256`` makes the HMAC, so that no extension is needed. A token holds the key's id, the
user, until when it is good, and the server process and the beginning of the transaction that it is
good in. The place, which is the tenant, is signed with it.
"""

from collections.abc import Iterator

from vetcore.access.restricting.asker import Audience
from vetcore.database.asking import ENTER, REFUSED, TOKEN, TOO_OLD, halves
from vetcore.settings.signing import Parts
from vetcore.values.people import Role, UserStatus

__all__ = ["keys_table", "storing", "verifying"]

_FORM = (
    "^v1:[a-z0-9_-]{1,32}:[0-9a-f]{32}:[0-9]{1,12}:[0-9]{1,10}:[0-9]{1,12}[.][0-9]{6}:[0-9a-f]{64}$"
)

_WHO = """
CREATE FUNCTION {functions}.who(OUT id uuid, OUT is_admin boolean, OUT clinics uuid[], OUT roles text[])
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    token text := current_setting('{token}', true);
    part text[];
    made text;
BEGIN
    IF token IS NULL OR token !~ '{form}' THEN
        RETURN;
    END IF;
    part := string_to_array(token, ':');
    IF part[5] <> pg_backend_pid()::text
        OR part[6] <> extract(epoch FROM transaction_timestamp())::text
    THEN
        RETURN;
    END IF;
    -- Hashed once more, so that no time that it takes tells how much of a guess is right.
    SELECT encode(sha256(key.outer_block || sha256(key.inner_block || convert_to(
            left(token, -65) || ':{place}', 'UTF8'))), 'hex')
        INTO made FROM {functions}.keys AS key WHERE key.id = part[2];
    IF made IS NULL OR sha256(convert_to(made, 'UTF8')) <> sha256(convert_to(part[7], 'UTF8')) THEN
        RETURN;
    END IF;
    IF part[4]::bigint < extract(epoch FROM clock_timestamp()) THEN
        RAISE EXCEPTION 'this restricted session has lasted longer than its token'
            USING ERRCODE = '{too_old}', HINT = 'Open another.';
    END IF;
    SELECT account.id, account.role = '{admin}' INTO id, is_admin
        FROM {tables}.users AS account
        WHERE account.id = part[3]::uuid AND account.status = '{active}' AND account.deleted_at IS NULL;
    IF id IS NOT NULL THEN
        SELECT coalesce(array_agg(held.clinic_id), '{{}}'), coalesce(array_agg(held.role::text), '{{}}')
            INTO clinics, roles
            FROM {tables}.staff_memberships AS held
            JOIN {tables}.clinics AS clinic ON clinic.id = held.clinic_id
            WHERE held.user_id = who.id AND held.deleted_at IS NULL AND clinic.deleted_at IS NULL
                AND (now() AT TIME ZONE clinic.timezone)::date
                    BETWEEN held.starts_on AND coalesce(held.ends_on, 'infinity');
    END IF;
    -- A row without an id: the token is good, and its user is nobody.
    RETURN NEXT;
END
$body$
"""

_ENTER = """
CREATE FUNCTION {functions}.{enter}(token text) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY INVOKER PARALLEL UNSAFE
AS $body$
DECLARE
    asker record;
    views text;
BEGIN
    PERFORM pg_catalog.set_config('{token}', token, true);
    SELECT who.* INTO asker FROM {functions}.who() AS who;
    IF NOT FOUND AND pg_catalog.length(token) IS DISTINCT FROM 0 THEN
        RAISE EXCEPTION 'the token is not good here' USING ERRCODE = '{refused}';
    END IF;
    views := CASE
        WHEN asker.is_admin THEN '{views_admin}'
        WHEN asker.clinics[1] IS NOT NULL THEN '{views_staff}'
        ELSE '{views_own}'
    END;
    RETURN pg_catalog.set_config('search_path', pg_catalog.concat(views, ', pg_temp'), true);
END
$body$
"""


def keys_table(functions: str) -> str:
    """Return the name of the table with the keys, which its owner alone reads."""
    return f"{functions}.keys"


def storing(functions: str, key: Parts) -> str:
    """Return the statement that stores a key, as HMAC uses it."""
    inner, outer = halves(key.secret)
    return (
        f"INSERT INTO {keys_table(functions)} (id, inner_block, outer_block)"  # noqa: S608 -- made here
        f" VALUES ('{key.id}', '\\x{inner.hex()}', '\\x{outer.hex()}')"
    )


def verifying(
    functions: str, tables: str, place: str, schemas: dict[Audience, str]
) -> Iterator[str]:
    """Return the statements that make the table of keys, and the functions.

    Args:
        functions: the schema in which they go, quoted.
        tables: the schema of the tables, quoted.
        place: what is signed with a token, beside what it holds.
        schemas: the schema of each audience, quoted.
    """
    yield (
        f"CREATE TABLE {keys_table(functions)} (id text PRIMARY KEY,"
        " inner_block bytea NOT NULL, outer_block bytea NOT NULL)"
    )
    names = {
        "functions": functions,
        "tables": tables,
        "place": place,
        "token": TOKEN,
        "form": _FORM,
        "refused": REFUSED,
        "too_old": TOO_OLD,
        "enter": ENTER,
        "admin": Role.PLATFORM_ADMIN.value,
        "active": UserStatus.ACTIVE.value,
        **{f"views_{audience}": schema for audience, schema in schemas.items()},
    }
    yield _WHO.format(**names)
    yield _ENTER.format(**names)
