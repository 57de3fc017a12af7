"""What revision 0008 makes on SQLite."""

from typing import Final

__all__ = ["INDEXES", "RECORDS", "RECORDS_BEFORE", "TABLES"]

TABLES: Final = (
    """\
CREATE TABLE record_release_ends (
    release_id CHAR(32) NOT NULL,
    ended_at DATETIME NOT NULL,
    released INTEGER NOT NULL,
    CONSTRAINT pk_record_release_ends PRIMARY KEY (release_id)
)""",
    """\
CREATE TABLE released_rows (
    release_id CHAR(32) NOT NULL,
    record_id CHAR(32) NOT NULL,
    addendum INTEGER NOT NULL,
    act VARCHAR(6) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    signature VARCHAR(200) NOT NULL,
    CONSTRAINT pk_released_rows PRIMARY KEY (release_id, record_id, addendum, act)
)""",
    """\
CREATE TABLE record_seals (
    clinic_id CHAR(32) NOT NULL,
    number INTEGER NOT NULL,
    kind VARCHAR(32) NOT NULL,
    record_id CHAR(32),
    addendum INTEGER,
    pet_id CHAR(32),
    release_id CHAR(32),
    signed VARCHAR(200) NOT NULL,
    by_id CHAR(32),
    sealed_at DATETIME NOT NULL,
    signature VARCHAR(200) NOT NULL,
    CONSTRAINT pk_record_seals PRIMARY KEY (clinic_id, number),
    CONSTRAINT ck_record_seals_number CHECK (number > 0),
    CONSTRAINT fk_record_seals_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE RESTRICT,
    CONSTRAINT ck_record_seals_kind CHECK (kind IN ('record', 'addendum', 'move', 'release', 'head'))
)""",
    """\
CREATE TABLE record_releases (
    id CHAR(32) NOT NULL,
    reason VARCHAR(32) NOT NULL,
    note TEXT,
    by_id CHAR(32),
    opened_at DATETIME NOT NULL,
    CONSTRAINT pk_record_releases PRIMARY KEY (id),
    CONSTRAINT fk_record_releases_id FOREIGN KEY(id) REFERENCES record_release_ends (release_id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_record_releases_reason CHECK (reason IN ('retention', 'migration', 'copy', 'testing'))
)""",
    """\
CREATE TABLE record_addenda (
    record_id CHAR(32) NOT NULL,
    number INTEGER NOT NULL,
    author_id CHAR(32) NOT NULL,
    written_at DATETIME NOT NULL,
    text TEXT NOT NULL,
    signature VARCHAR(200) NOT NULL,
    CONSTRAINT pk_record_addenda PRIMARY KEY (record_id, number),
    CONSTRAINT ck_record_addenda_number CHECK (number > 0),
    CONSTRAINT fk_record_addenda_record_id FOREIGN KEY(record_id) REFERENCES medical_records (id) ON DELETE RESTRICT,
    CONSTRAINT fk_record_addenda_author_id FOREIGN KEY(author_id) REFERENCES users (id) ON DELETE RESTRICT
)""",
    "CREATE INDEX ix_released_rows_clinic_id ON released_rows (clinic_id)",
    "CREATE INDEX ix_released_rows_record_id ON released_rows (record_id)",
    "CREATE INDEX ix_record_seals_record_id ON record_seals (record_id)",
    "CREATE INDEX ix_record_addenda_author_id ON record_addenda (author_id)",
)
"""In their order."""

RECORDS: Final = """\
CREATE TABLE medical_records (
    id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    veterinarian_id CHAR(32) NOT NULL,
    appointment_id CHAR(32),
    visited_at DATETIME NOT NULL,
    chief_complaint TEXT,
    subjective TEXT,
    objective TEXT,
    assessment TEXT,
    "plan" TEXT,
    vitals JSON,
    diagnoses JSON DEFAULT '[]' NOT NULL,
    prescriptions JSON DEFAULT '[]' NOT NULL,
    signed_at DATETIME,
    signed_by_id CHAR(32),
    signed_by_user_id CHAR(32),
    signature VARCHAR(200),
    signed_pet_id CHAR(32),
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_medical_records PRIMARY KEY (id),
    CONSTRAINT ck_medical_records_signed CHECK ((signed_at IS NULL) = (signed_by_id IS NULL)),
    CONSTRAINT ck_medical_records_signed_by_user CHECK (signed_at IS NOT NULL OR signed_by_user_id IS NULL),
    CONSTRAINT fk_medical_records_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_veterinarian_id FOREIGN KEY(veterinarian_id) REFERENCES veterinarians (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id) ON DELETE SET NULL,
    CONSTRAINT fk_medical_records_signed_by_id FOREIGN KEY(signed_by_id) REFERENCES veterinarians (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_signed_by_user_id FOREIGN KEY(signed_by_user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_signed_pet_id FOREIGN KEY(signed_pet_id) REFERENCES pets (id) ON DELETE RESTRICT
)"""
"""The table of records, without the addenda."""

INDEXES: Final = (
    "CREATE UNIQUE INDEX uq_medical_records_appointment_id ON medical_records (appointment_id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_medical_records_signed_by_user_id ON medical_records (signed_by_user_id)",
)
"""Of the records."""

RECORDS_BEFORE: Final = """\
CREATE TABLE medical_records (
    id CHAR(32) NOT NULL,
    pet_id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    veterinarian_id CHAR(32) NOT NULL,
    appointment_id CHAR(32),
    visited_at DATETIME NOT NULL,
    chief_complaint TEXT,
    subjective TEXT,
    objective TEXT,
    assessment TEXT,
    "plan" TEXT,
    vitals JSON,
    diagnoses JSON DEFAULT '[]' NOT NULL,
    prescriptions JSON DEFAULT '[]' NOT NULL,
    addenda JSON DEFAULT '[]' NOT NULL,
    signed_at DATETIME,
    signed_by_id CHAR(32),
    signature VARCHAR(64),
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    signed_pet_id CHAR(32), CONSTRAINT fk_medical_records_signed_pet_id FOREIGN KEY(signed_pet_id) REFERENCES pets (id) ON DELETE RESTRICT, CONSTRAINT pk_medical_records PRIMARY KEY (id),
    CONSTRAINT ck_medical_records_signed CHECK ((signed_at IS NULL) = (signed_by_id IS NULL)),
    CONSTRAINT fk_medical_records_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id) ON DELETE SET NULL,
    CONSTRAINT fk_medical_records_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_pet_id FOREIGN KEY(pet_id) REFERENCES pets (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_signed_by_id FOREIGN KEY(signed_by_id) REFERENCES veterinarians (id) ON DELETE RESTRICT,
    CONSTRAINT fk_medical_records_veterinarian_id FOREIGN KEY(veterinarian_id) REFERENCES veterinarians (id) ON DELETE RESTRICT
)"""
"""The table of records as it was, with the addenda."""
