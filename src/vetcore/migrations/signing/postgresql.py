"""What revision 0008 makes on PostgreSQL."""

from typing import Final

__all__ = ["TABLES", "TRIGGERS"]

TABLES: Final = (
    """\
CREATE TABLE record_release_ends (
    release_id uuid NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    released integer NOT NULL
)""",
    """\
CREATE TABLE released_rows (
    release_id uuid NOT NULL,
    record_id uuid NOT NULL,
    addendum integer NOT NULL,
    act character varying(6) NOT NULL,
    clinic_id uuid NOT NULL,
    signature character varying(200) NOT NULL
)""",
    """\
CREATE TABLE record_seals (
    clinic_id uuid NOT NULL,
    number integer NOT NULL,
    kind character varying(32) NOT NULL,
    record_id uuid,
    addendum integer,
    pet_id uuid,
    release_id uuid,
    signed character varying(200) NOT NULL,
    by_id uuid,
    sealed_at timestamp with time zone NOT NULL,
    signature character varying(200) NOT NULL
)""",
    """\
CREATE TABLE record_releases (
    id uuid NOT NULL,
    reason character varying(32) NOT NULL,
    note text,
    by_id uuid,
    opened_at timestamp with time zone NOT NULL
)""",
    """\
CREATE TABLE record_addenda (
    record_id uuid NOT NULL,
    number integer NOT NULL,
    author_id uuid NOT NULL,
    written_at timestamp with time zone NOT NULL,
    text text NOT NULL,
    signature character varying(200) NOT NULL
)""",
    "ALTER TABLE medical_records ADD COLUMN signed_by_user_id uuid",
    "ALTER TABLE medical_records ALTER COLUMN signature TYPE character varying(200)",
    "ALTER TABLE record_release_ends ADD CONSTRAINT ck_record_release_ends_ended_at_range CHECK ((((ended_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (ended_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(ended_at))))",
    "ALTER TABLE record_release_ends ADD CONSTRAINT pk_record_release_ends PRIMARY KEY (release_id)",
    "ALTER TABLE released_rows ADD CONSTRAINT pk_released_rows PRIMARY KEY (release_id, record_id, addendum, act)",
    "ALTER TABLE record_seals ADD CONSTRAINT ck_record_seals_number CHECK ((number > 0))",
    "ALTER TABLE record_seals ADD CONSTRAINT ck_record_seals_kind CHECK (kind IN ('record', 'addendum', 'move', 'release', 'head'))",
    "ALTER TABLE record_seals ADD CONSTRAINT ck_record_seals_sealed_at_range CHECK ((((sealed_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (sealed_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(sealed_at))))",
    "ALTER TABLE record_seals ADD CONSTRAINT pk_record_seals PRIMARY KEY (clinic_id, number)",
    "ALTER TABLE record_releases ADD CONSTRAINT ck_record_releases_reason CHECK (reason IN ('retention', 'migration', 'copy', 'testing'))",
    "ALTER TABLE record_releases ADD CONSTRAINT ck_record_releases_opened_at_range CHECK ((((opened_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (opened_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(opened_at))))",
    "ALTER TABLE record_releases ADD CONSTRAINT pk_record_releases PRIMARY KEY (id)",
    "ALTER TABLE medical_records ADD CONSTRAINT ck_medical_records_signed_by_user CHECK (((signed_at IS NOT NULL) OR (signed_by_user_id IS NULL)))",
    "ALTER TABLE record_addenda ADD CONSTRAINT ck_record_addenda_number CHECK ((number > 0))",
    "ALTER TABLE record_addenda ADD CONSTRAINT ck_record_addenda_written_at_range CHECK ((((written_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (written_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(written_at))))",
    "ALTER TABLE record_addenda ADD CONSTRAINT pk_record_addenda PRIMARY KEY (record_id, number)",
    "ALTER TABLE record_seals ADD CONSTRAINT fk_record_seals_clinic_id FOREIGN KEY (clinic_id) REFERENCES clinics(id) ON DELETE RESTRICT",
    "ALTER TABLE record_releases ADD CONSTRAINT fk_record_releases_id FOREIGN KEY (id) REFERENCES record_release_ends(release_id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE medical_records ADD CONSTRAINT fk_medical_records_signed_by_user_id FOREIGN KEY (signed_by_user_id) REFERENCES users(id) ON DELETE RESTRICT",
    "ALTER TABLE record_addenda ADD CONSTRAINT fk_record_addenda_record_id FOREIGN KEY (record_id) REFERENCES medical_records(id) ON DELETE RESTRICT",
    "ALTER TABLE record_addenda ADD CONSTRAINT fk_record_addenda_author_id FOREIGN KEY (author_id) REFERENCES users(id) ON DELETE RESTRICT",
    "CREATE INDEX ix_released_rows_clinic_id ON released_rows USING btree (clinic_id)",
    "CREATE INDEX ix_released_rows_record_id ON released_rows USING btree (record_id)",
    "CREATE INDEX ix_record_seals_record_id ON record_seals USING btree (record_id)",
    "CREATE INDEX ix_medical_records_signed_by_user_id ON medical_records USING btree (signed_by_user_id)",
    "CREATE INDEX ix_record_addenda_author_id ON record_addenda USING btree (author_id)",
)
"""In their order; what the rows must fit comes with the triggers."""

TRIGGERS: Final = (
    "ALTER TABLE medical_records DROP COLUMN addenda",
    "CREATE UNIQUE INDEX uq_medical_records_appointment_id ON medical_records USING btree (appointment_id) WHERE (deleted_at IS NULL)",
    "CREATE TRIGGER record_release_ends_write BEFORE DELETE OR UPDATE ON record_release_ends FOR EACH ROW EXECUTE FUNCTION record_books('record_release_ends')",
    "CREATE TRIGGER record_release_ends_truncate BEFORE TRUNCATE ON record_release_ends FOR EACH STATEMENT EXECUTE FUNCTION record_books('record_release_ends')",
    "CREATE TRIGGER released_rows_write BEFORE DELETE OR UPDATE ON released_rows FOR EACH ROW EXECUTE FUNCTION record_books('released_rows')",
    "CREATE TRIGGER released_rows_truncate BEFORE TRUNCATE ON released_rows FOR EACH STATEMENT EXECUTE FUNCTION record_books('released_rows')",
    "CREATE TRIGGER record_seals_write BEFORE INSERT OR DELETE OR UPDATE ON record_seals FOR EACH ROW EXECUTE FUNCTION record_books('record_seals')",
    "CREATE TRIGGER record_seals_truncate BEFORE TRUNCATE ON record_seals FOR EACH STATEMENT EXECUTE FUNCTION record_books('record_seals')",
    "CREATE TRIGGER record_releases_write BEFORE DELETE OR UPDATE ON record_releases FOR EACH ROW EXECUTE FUNCTION record_books('record_releases')",
    "CREATE TRIGGER record_releases_truncate BEFORE TRUNCATE ON record_releases FOR EACH STATEMENT EXECUTE FUNCTION record_books('record_releases')",
    "CREATE TRIGGER record_lock_write BEFORE INSERT OR DELETE OR UPDATE ON medical_records FOR EACH ROW EXECUTE FUNCTION record_lock()",
    "CREATE TRIGGER record_lock_truncate BEFORE TRUNCATE ON medical_records FOR EACH STATEMENT EXECUTE FUNCTION record_truncate()",
    "CREATE TRIGGER record_addenda_write BEFORE INSERT OR DELETE OR UPDATE ON record_addenda FOR EACH ROW EXECUTE FUNCTION record_addendum_lock()",
    "CREATE TRIGGER record_addenda_truncate BEFORE TRUNCATE ON record_addenda FOR EACH STATEMENT EXECUTE FUNCTION record_truncate()",
)
"""They come last, when the rows are there."""
