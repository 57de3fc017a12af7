"""The tables of relations on PostgreSQL."""

from vetcore.migrations.steps import execute

__all__ = ["make_tables"]


def make_tables() -> None:
    """Make the tables, with their constraints and indexes."""
    execute("""
CREATE TABLE invitations (
    id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    user_id uuid,
    email character varying(254),
    clinic_id uuid,
    pet_id uuid,
    terms jsonb,
    keeps_co_owners boolean NOT NULL,
    message character varying(200),
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    answer character varying(32),
    code_hash character varying(64),
    code_expires_at timestamp with time zone,
    code_attempts integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id uuid,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id uuid,
    deleted_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL
)
""")
    execute("""
CREATE TABLE clinic_patients (
    id uuid NOT NULL,
    pet_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    origin character varying(32) NOT NULL,
    agreed_at timestamp with time zone,
    agreed_by_id uuid,
    counts_for_owner boolean NOT NULL,
    ended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id uuid,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id uuid,
    deleted_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL
)
""")
    execute(
        "ALTER TABLE appointments ADD COLUMN patient_until timestamp with time zone",
        "ALTER TABLE appointments ADD CONSTRAINT ck_appointments_patient_until_range CHECK ((((patient_until >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (patient_until <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(patient_until))))",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_addressee CHECK (((user_id IS NOT NULL) OR (email IS NOT NULL)))",
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_answered CHECK (((answer IS NULL) = (answered_at IS NULL)))",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_clinic CHECK (((clinic_id IS NOT NULL) OR (kind IN ('co_owner', 'owner'))))",
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_pet CHECK (((pet_id IS NOT NULL) OR (kind IN ('patient', 'colleague'))))",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_terms CHECK (((terms IS NOT NULL) OR ((kind)::text <> 'colleague'::text)))",
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_kind CHECK ((kind IN ('patient', 'co_owner', 'owner', 'colleague')))",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_answer CHECK ((answer IN ('accepted', 'declined', 'withdrawn')))",
        "ALTER TABLE invitations ADD CONSTRAINT pk_invitations PRIMARY KEY (id)",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_expires_at_range CHECK ((((expires_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (expires_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(expires_at))))",
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_answered_at_range CHECK ((((answered_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (answered_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(answered_at))))",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_code_expires_at_range CHECK ((((code_expires_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (code_expires_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(code_expires_at))))",
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_updated_at_range CHECK ((((updated_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (updated_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(updated_at))))",
        "ALTER TABLE invitations ADD CONSTRAINT ck_invitations_deleted_at_range CHECK ((((deleted_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (deleted_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(deleted_at))))",
    )
    execute(
        "ALTER TABLE clinic_patients ADD CONSTRAINT ck_clinic_patients_agreed CHECK (((agreed_at IS NOT NULL) OR (agreed_by_id IS NULL)))",
        "ALTER TABLE clinic_patients ADD CONSTRAINT ck_clinic_patients_origin CHECK ((origin IN ('owner', 'invitation', 'clinic')))",
    )
    execute(
        "ALTER TABLE clinic_patients ADD CONSTRAINT pk_clinic_patients PRIMARY KEY (id)",
        "ALTER TABLE clinic_patients ADD CONSTRAINT ck_clinic_patients_agreed_at_range CHECK ((((agreed_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (agreed_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(agreed_at))))",
    )
    execute(
        "ALTER TABLE clinic_patients ADD CONSTRAINT ck_clinic_patients_ended_at_range CHECK ((((ended_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (ended_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(ended_at))))",
        "ALTER TABLE clinic_patients ADD CONSTRAINT ck_clinic_patients_created_at_range CHECK ((((created_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (created_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(created_at))))",
    )
    execute(
        "ALTER TABLE clinic_patients ADD CONSTRAINT ck_clinic_patients_updated_at_range CHECK ((((updated_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (updated_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(updated_at))))",
        "ALTER TABLE clinic_patients ADD CONSTRAINT ck_clinic_patients_deleted_at_range CHECK ((((deleted_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (deleted_at <= '9999-12-31 23:59:59.999999+00'::timestamp with time zone)) OR (NOT isfinite(deleted_at))))",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT fk_invitations_user_id FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE",
        "ALTER TABLE invitations ADD CONSTRAINT fk_invitations_clinic_id FOREIGN KEY (clinic_id) REFERENCES clinics(id) ON DELETE CASCADE",
    )
    execute(
        "ALTER TABLE invitations ADD CONSTRAINT fk_invitations_pet_id FOREIGN KEY (pet_id) REFERENCES pets(id) ON DELETE CASCADE",
        "ALTER TABLE clinic_patients ADD CONSTRAINT fk_clinic_patients_pet_id FOREIGN KEY (pet_id) REFERENCES pets(id) ON DELETE CASCADE",
    )
    execute(
        "ALTER TABLE clinic_patients ADD CONSTRAINT fk_clinic_patients_clinic_id FOREIGN KEY (clinic_id) REFERENCES clinics(id) ON DELETE CASCADE",
        "ALTER TABLE clinic_patients ADD CONSTRAINT fk_clinic_patients_agreed_by_id FOREIGN KEY (agreed_by_id) REFERENCES users(id) ON DELETE SET NULL",
    )
    execute(
        "CREATE INDEX ix_appointments_pet_id_patient_until ON appointments USING btree (pet_id, clinic_id, patient_until)",
        "CREATE INDEX ix_invitations_clinic_id ON invitations USING btree (clinic_id)",
    )
    execute(
        "CREATE INDEX ix_invitations_email ON invitations USING btree (email)",
        "CREATE INDEX ix_invitations_user_id ON invitations USING btree (user_id)",
    )
    execute(
        "CREATE INDEX ix_invitations_pet_id ON invitations USING btree (pet_id)",
        "CREATE UNIQUE INDEX uq_clinic_patients_pet_id_clinic_id ON clinic_patients USING btree (pet_id, clinic_id) WHERE (deleted_at IS NULL)",
    )
    execute(
        "CREATE INDEX ix_clinic_patients_clinic_id ON clinic_patients USING btree (clinic_id)",
        "CREATE INDEX ix_clinic_patients_agreed_by_id ON clinic_patients USING btree (agreed_by_id)",
    )
