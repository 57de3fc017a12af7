"""The functions of PostgreSQL that revision 0008 makes: the lock on what is signed."""

from typing import Final

__all__ = ["FUNCTIONS"]

FUNCTIONS: Final = (
    """\
CREATE OR REPLACE FUNCTION record_books()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    last integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT coalesce(max(number), 0) FROM %I.record_seals WHERE clinic_id = $1',
            TG_TABLE_SCHEMA) INTO last USING NEW.clinic_id;
        IF NEW.number = last + 1 THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %I.%I LIMIT 1) one', TG_TABLE_SCHEMA,
            TG_TABLE_NAME) INTO last;
        IF last = 0 THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'the books of what was signed are only added to' USING ERRCODE = '23514',
        CONSTRAINT = 'ck_' || TG_ARGV[0] || '_kept', TABLE = TG_ARGV[0];
END
$function$""",
    """\
CREATE OR REPLACE FUNCTION record_lock()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    release uuid;
    sealed boolean;
    moved_to uuid;
BEGIN
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND OLD.signed_at IS NULL) THEN
        IF NEW.signed_at IS NULL THEN
            RETURN NEW;
        END IF;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.record_seals WHERE record_id = $1'
            ' AND kind = ''record'' AND clinic_id = $2 AND signed = $3)', TG_TABLE_SCHEMA)
            INTO sealed USING NEW.id, NEW.clinic_id, NEW.signature;
        EXECUTE format('SELECT r.id FROM %1$I.record_releases r WHERE NOT EXISTS (SELECT FROM'
        ' %1$I.record_release_ends e WHERE e.release_id = r.id) LIMIT 1', TG_TABLE_SCHEMA)
        INTO release;
        IF NOT sealed AND release IS NULL THEN
            RAISE EXCEPTION 'medical record % has a signature without a seal', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'ck_medical_records_sealed',
                TABLE = 'medical_records';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.signed_at IS NULL THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - ARRAY['version', 'updated_at', 'updated_by_id'] = to_jsonb(OLD) - ARRAY['version', 'updated_at', 'updated_by_id'] THEN
            RETURN NEW;
        END IF;
        EXECUTE format('SELECT pet_id FROM %I.record_seals WHERE record_id = $1'
            ' AND kind = ''move'' AND clinic_id = $2 ORDER BY number DESC LIMIT 1', TG_TABLE_SCHEMA)
            INTO moved_to USING OLD.id, OLD.clinic_id;
        IF NEW.pet_id = moved_to
            AND NEW.signed_pet_id = coalesce(OLD.signed_pet_id, OLD.pet_id)
            AND to_jsonb(NEW) - ARRAY['version', 'updated_at', 'updated_by_id'] - '{pet_id,signed_pet_id}'::text[]
              = to_jsonb(OLD) - ARRAY['version', 'updated_at', 'updated_by_id'] - '{pet_id,signed_pet_id}'::text[] THEN
            RETURN NEW;
        END IF;
    END IF;
    EXECUTE format('SELECT r.id FROM %1$I.record_releases r WHERE NOT EXISTS (SELECT FROM'
        ' %1$I.record_release_ends e WHERE e.release_id = r.id) LIMIT 1', TG_TABLE_SCHEMA)
        INTO release;
    IF release IS NULL THEN
        RAISE EXCEPTION 'medical record % is signed', OLD.id USING ERRCODE = '23514',
            CONSTRAINT = 'record_locked', TABLE = 'medical_records', DETAIL = OLD.id::text;
    END IF;
    EXECUTE format('INSERT INTO %I.released_rows'
        ' (release_id, record_id, addendum, act, clinic_id, signature)'
        ' VALUES ($1, $2, $3, $4, $5, coalesce($6, '''')) ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA)
        USING release, OLD.id, 0, lower(TG_OP), OLD.clinic_id, OLD.signature;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$function$""",
    """\
CREATE OR REPLACE FUNCTION record_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    release uuid;
    one uuid;
BEGIN
    EXECUTE format('SELECT id FROM %I.medical_records WHERE signed_at IS NOT NULL LIMIT 1',
        TG_TABLE_SCHEMA) INTO one;
    IF one IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT r.id FROM %1$I.record_releases r WHERE NOT EXISTS (SELECT FROM'
        ' %1$I.record_release_ends e WHERE e.release_id = r.id) LIMIT 1', TG_TABLE_SCHEMA)
        INTO release;
    IF release IS NULL THEN
        RAISE EXCEPTION 'medical record % is signed', one USING ERRCODE = '23514',
            CONSTRAINT = 'record_locked', TABLE = 'medical_records', DETAIL = one::text;
    END IF;
    EXECUTE format('INSERT INTO %1$I.released_rows'
        ' (release_id, record_id, addendum, act, clinic_id, signature)'
        ' SELECT $1, id, 0, ''delete'', clinic_id, coalesce(signature, '''')'
        ' FROM %1$I.medical_records WHERE signed_at IS NOT NULL AND $2 UNION ALL'
        ' SELECT $1, a.record_id, a.number, ''delete'', m.clinic_id, a.signature'
        ' FROM %1$I.record_addenda a JOIN %1$I.medical_records m ON m.id = a.record_id'
        ' ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA) USING release, TG_TABLE_NAME = 'medical_records';
    RETURN NULL;
END
$function$""",
    """\
CREATE OR REPLACE FUNCTION record_addendum_lock()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    release uuid;
    sealed boolean;
    last integer;
    clinic uuid;
BEGIN
    EXECUTE format('SELECT r.id FROM %1$I.record_releases r WHERE NOT EXISTS (SELECT FROM'
        ' %1$I.record_release_ends e WHERE e.release_id = r.id) LIMIT 1', TG_TABLE_SCHEMA)
        INTO release;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT coalesce(max(number), 0) FROM %I.record_addenda WHERE record_id = $1',
            TG_TABLE_SCHEMA) INTO last USING NEW.record_id;
        EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.record_seals s JOIN %1$I.medical_records m'
            ' ON m.id = s.record_id AND m.clinic_id = s.clinic_id WHERE m.id = $1'
            ' AND m.signed_at IS NOT NULL AND s.kind = ''addendum'' AND s.addendum = $2'
            ' AND s.signed = $3)', TG_TABLE_SCHEMA)
            INTO sealed USING NEW.record_id, NEW.number, NEW.signature;
        IF NEW.number <> last + 1 OR (NOT sealed AND release IS NULL) THEN
            RAISE EXCEPTION 'addendum % of medical record % is not the next, or has no seal',
                NEW.number, NEW.record_id USING ERRCODE = '23514',
                CONSTRAINT = 'ck_record_addenda_sealed', TABLE = 'record_addenda';
        END IF;
        RETURN NEW;
    END IF;
    IF release IS NULL THEN
        RAISE EXCEPTION 'medical record % is signed', OLD.record_id USING ERRCODE = '23514',
            CONSTRAINT = 'record_locked', TABLE = 'record_addenda', DETAIL = OLD.record_id::text;
    END IF;
    EXECUTE format('SELECT clinic_id FROM %I.medical_records WHERE id = $1', TG_TABLE_SCHEMA)
        INTO clinic USING OLD.record_id;
    EXECUTE format('INSERT INTO %I.released_rows'
        ' (release_id, record_id, addendum, act, clinic_id, signature)'
        ' VALUES ($1, $2, $3, $4, $5, coalesce($6, '''')) ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA)
        USING release, OLD.record_id, OLD.number, lower(TG_OP), clinic, OLD.signature;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$function$""",
)
"""They name no schema: a tenant has its own."""
