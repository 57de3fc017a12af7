"""Equipment, and what appointments occupy beside practitioner, room and pet, on SQLite."""

from vetcore.migrations.steps import execute

__all__ = ["make_tables"]


def make_tables() -> None:
    """Make the tables with their guards."""
    execute("""
CREATE TABLE equipment (
    id CHAR(32) NOT NULL,
    clinic_id CHAR(32) NOT NULL,
    name VARCHAR(200) NOT NULL,
    kind VARCHAR(64) NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id CHAR(32),
    updated_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id CHAR(32),
    deleted_at DATETIME,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_equipment PRIMARY KEY (id),
    CONSTRAINT fk_equipment_clinic_id FOREIGN KEY(clinic_id) REFERENCES clinics (id) ON DELETE CASCADE
)
""")
    execute("""
CREATE INDEX ix_equipment_clinic_id ON equipment (clinic_id)
""")
    execute("""
CREATE UNIQUE INDEX uq_equipment_clinic_id_name ON equipment (clinic_id, name) WHERE deleted_at IS NULL
""")
    execute("""
CREATE TRIGGER ck_equipment_range_insert BEFORE INSERT ON equipment
BEGIN
    SELECT RAISE(ABORT, 'ck_equipment_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_equipment_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_equipment_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_equipment_range_update BEFORE UPDATE OF created_at, updated_at, deleted_at ON equipment
BEGIN
    SELECT RAISE(ABORT, 'ck_equipment_created_at_range') WHERE NEW.created_at IS NOT NULL AND NOT coalesce(typeof(NEW.created_at) = 'text' AND NEW.created_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.created_at >= '0001' AND date(substr(NEW.created_at, 1, 10), '+0 days') IS substr(NEW.created_at, 1, 10) AND (length(NEW.created_at) = 10 OR (substr(NEW.created_at, 11, 1) IN (' ', 'T') AND substr(NEW.created_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.created_at, 12, 2) < '24' AND instr(substr(NEW.created_at, 12), ' ') = 0 AND (julianday(NEW.created_at) IS NOT NULL OR NEW.created_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_equipment_updated_at_range') WHERE NEW.updated_at IS NOT NULL AND NOT coalesce(typeof(NEW.updated_at) = 'text' AND NEW.updated_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.updated_at >= '0001' AND date(substr(NEW.updated_at, 1, 10), '+0 days') IS substr(NEW.updated_at, 1, 10) AND (length(NEW.updated_at) = 10 OR (substr(NEW.updated_at, 11, 1) IN (' ', 'T') AND substr(NEW.updated_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.updated_at, 12, 2) < '24' AND instr(substr(NEW.updated_at, 12), ' ') = 0 AND (julianday(NEW.updated_at) IS NOT NULL OR NEW.updated_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_equipment_deleted_at_range') WHERE NEW.deleted_at IS NOT NULL AND NOT coalesce(typeof(NEW.deleted_at) = 'text' AND NEW.deleted_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.deleted_at >= '0001' AND date(substr(NEW.deleted_at, 1, 10), '+0 days') IS substr(NEW.deleted_at, 1, 10) AND (length(NEW.deleted_at) = 10 OR (substr(NEW.deleted_at, 11, 1) IN (' ', 'T') AND substr(NEW.deleted_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.deleted_at, 12, 2) < '24' AND instr(substr(NEW.deleted_at, 12), ' ') = 0 AND (julianday(NEW.deleted_at) IS NOT NULL OR NEW.deleted_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TABLE occupations (
    id CHAR(32) NOT NULL,
    appointment_id CHAR(32) NOT NULL,
    person_id CHAR(32),
    equipment_id CHAR(32),
    role VARCHAR(32),
    occupied_from DATETIME NOT NULL,
    occupied_until DATETIME NOT NULL,
    occupying BOOLEAN NOT NULL,
    CONSTRAINT pk_occupations PRIMARY KEY (id),
    CONSTRAINT ck_occupations_one CHECK ((person_id IS NULL) <> (equipment_id IS NULL)),
    CONSTRAINT ck_occupations_of_a_person CHECK ((person_id IS NULL) = (role IS NULL)),
    CONSTRAINT ck_occupations_staff_role CHECK (role <> 'pet_owner' AND role <> 'platform_admin'),
    CONSTRAINT fk_occupations_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id) ON DELETE CASCADE,
    CONSTRAINT fk_occupations_person_id FOREIGN KEY(person_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_occupations_equipment_id FOREIGN KEY(equipment_id) REFERENCES equipment (id) ON DELETE RESTRICT,
    CONSTRAINT ck_occupations_role CHECK (role IN ('pet_owner', 'receptionist', 'veterinary_technician', 'groomer', 'veterinarian', 'clinic_manager', 'platform_admin'))
)
""")
    execute("""
CREATE INDEX ix_occupations_appointment_id ON occupations (appointment_id)
""")
    execute("""
CREATE INDEX ix_occupations_equipment_id_occupied_from ON occupations (equipment_id, occupied_from)
""")
    execute("""
CREATE INDEX ix_occupations_person_id_occupied_from ON occupations (person_id, occupied_from)
""")
    execute("""
CREATE TRIGGER ck_occupations_range_insert BEFORE INSERT ON occupations
BEGIN
    SELECT RAISE(ABORT, 'ck_occupations_occupied_from_range') WHERE NEW.occupied_from IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_from) = 'text' AND NEW.occupied_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_from >= '0001' AND date(substr(NEW.occupied_from, 1, 10), '+0 days') IS substr(NEW.occupied_from, 1, 10) AND (length(NEW.occupied_from) = 10 OR (substr(NEW.occupied_from, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_from, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_from, 12, 2) < '24' AND instr(substr(NEW.occupied_from, 12), ' ') = 0 AND (julianday(NEW.occupied_from) IS NOT NULL OR NEW.occupied_from GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_occupations_occupied_until_range') WHERE NEW.occupied_until IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_until) = 'text' AND NEW.occupied_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_until >= '0001' AND date(substr(NEW.occupied_until, 1, 10), '+0 days') IS substr(NEW.occupied_until, 1, 10) AND (length(NEW.occupied_until) = 10 OR (substr(NEW.occupied_until, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_until, 12, 2) < '24' AND instr(substr(NEW.occupied_until, 12), ' ') = 0 AND (julianday(NEW.occupied_until) IS NOT NULL OR NEW.occupied_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ck_occupations_range_update BEFORE UPDATE OF occupied_from, occupied_until ON occupations
BEGIN
    SELECT RAISE(ABORT, 'ck_occupations_occupied_from_range') WHERE NEW.occupied_from IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_from) = 'text' AND NEW.occupied_from GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_from >= '0001' AND date(substr(NEW.occupied_from, 1, 10), '+0 days') IS substr(NEW.occupied_from, 1, 10) AND (length(NEW.occupied_from) = 10 OR (substr(NEW.occupied_from, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_from, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_from, 12, 2) < '24' AND instr(substr(NEW.occupied_from, 12), ' ') = 0 AND (julianday(NEW.occupied_from) IS NOT NULL OR NEW.occupied_from GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
    SELECT RAISE(ABORT, 'ck_occupations_occupied_until_range') WHERE NEW.occupied_until IS NOT NULL AND NOT coalesce(typeof(NEW.occupied_until) = 'text' AND NEW.occupied_until GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.occupied_until >= '0001' AND date(substr(NEW.occupied_until, 1, 10), '+0 days') IS substr(NEW.occupied_until, 1, 10) AND (length(NEW.occupied_until) = 10 OR (substr(NEW.occupied_until, 11, 1) IN (' ', 'T') AND substr(NEW.occupied_until, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.occupied_until, 12, 2) < '24' AND instr(substr(NEW.occupied_until, 12), ' ') = 0 AND (julianday(NEW.occupied_until) IS NOT NULL OR NEW.occupied_until GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END
""")
    execute("""
CREATE TRIGGER ex_occupations_insert AFTER INSERT ON occupations
BEGIN
    UPDATE occupations SET (occupied_from, occupied_until, occupying) = (
        SELECT visit.occupied_from, visit.occupied_until, visit.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND visit.deleted_at IS NULL
        FROM appointments AS visit WHERE visit.id = occupations.appointment_id
    )
    WHERE id = NEW.id AND EXISTS (
        SELECT 1 FROM appointments AS visit WHERE visit.id = occupations.appointment_id
          AND (visit.occupied_from IS NOT occupations.occupied_from
            OR visit.occupied_until IS NOT occupations.occupied_until
            OR (visit.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND visit.deleted_at IS NULL) IS NOT occupations.occupying)
    );
    SELECT RAISE(ABORT, 'ex_occupations_person') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN occupations AS other
          ON other.person_id = mine.person_id AND other.id <> mine.id
        WHERE mine.id = NEW.id AND mine.occupying AND other.occupying
          AND other.occupied_from >= date(mine.occupied_from, '-2 days')
          AND other.occupied_from < date(mine.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(mine.occupied_until)
          AND julianday(mine.occupied_from) < julianday(other.occupied_until)
    );
    SELECT RAISE(ABORT, 'ex_occupations_equipment') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN occupations AS other
          ON other.equipment_id = mine.equipment_id AND other.id <> mine.id
        WHERE mine.id = NEW.id AND mine.occupying AND other.occupying
          AND other.occupied_from >= date(mine.occupied_from, '-2 days')
          AND other.occupied_from < date(mine.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(mine.occupied_until)
          AND julianday(mine.occupied_from) < julianday(other.occupied_until)
    );
    SELECT RAISE(ABORT, 'ex_occupations_person') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN appointments AS other
          ON other.practitioner_id = mine.person_id
        WHERE mine.id = NEW.id AND mine.occupying
          AND other.occupied_from >= date(mine.occupied_from, '-2 days')
          AND other.occupied_from < date(mine.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(mine.occupied_until)
          AND julianday(mine.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND other.deleted_at IS NULL
          AND (NOT other.squeezed_in OR other.id = mine.appointment_id)
    );
END
""")
    execute("""
CREATE TRIGGER ex_occupations_update AFTER UPDATE ON occupations
BEGIN
    UPDATE occupations SET (occupied_from, occupied_until, occupying) = (
        SELECT visit.occupied_from, visit.occupied_until, visit.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND visit.deleted_at IS NULL
        FROM appointments AS visit WHERE visit.id = occupations.appointment_id
    )
    WHERE id = NEW.id AND EXISTS (
        SELECT 1 FROM appointments AS visit WHERE visit.id = occupations.appointment_id
          AND (visit.occupied_from IS NOT occupations.occupied_from
            OR visit.occupied_until IS NOT occupations.occupied_until
            OR (visit.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND visit.deleted_at IS NULL) IS NOT occupations.occupying)
    );
    SELECT RAISE(ABORT, 'ex_occupations_person') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN occupations AS other
          ON other.person_id = mine.person_id AND other.id <> mine.id
        WHERE mine.id = NEW.id AND mine.occupying AND other.occupying
          AND other.occupied_from >= date(mine.occupied_from, '-2 days')
          AND other.occupied_from < date(mine.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(mine.occupied_until)
          AND julianday(mine.occupied_from) < julianday(other.occupied_until)
    );
    SELECT RAISE(ABORT, 'ex_occupations_equipment') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN occupations AS other
          ON other.equipment_id = mine.equipment_id AND other.id <> mine.id
        WHERE mine.id = NEW.id AND mine.occupying AND other.occupying
          AND other.occupied_from >= date(mine.occupied_from, '-2 days')
          AND other.occupied_from < date(mine.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(mine.occupied_until)
          AND julianday(mine.occupied_from) < julianday(other.occupied_until)
    );
    SELECT RAISE(ABORT, 'ex_occupations_person') WHERE EXISTS (
        SELECT 1 FROM occupations AS mine JOIN appointments AS other
          ON other.practitioner_id = mine.person_id
        WHERE mine.id = NEW.id AND mine.occupying
          AND other.occupied_from >= date(mine.occupied_from, '-2 days')
          AND other.occupied_from < date(mine.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(mine.occupied_until)
          AND julianday(mine.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND other.deleted_at IS NULL
          AND (NOT other.squeezed_in OR other.id = mine.appointment_id)
    );
END
""")
    execute("""
CREATE TRIGGER occupations_follow AFTER UPDATE OF occupied_from, occupied_until, status, deleted_at ON appointments
BEGIN
    UPDATE occupations SET appointment_id = appointment_id WHERE appointment_id = NEW.id;
END
""")
    execute("""
CREATE TRIGGER ex_appointments_assists_insert BEFORE INSERT ON appointments
WHEN NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'ex_appointments_practitioner_assists') WHERE EXISTS (
        SELECT 1 FROM occupations AS other
        WHERE other.person_id = NEW.practitioner_id AND other.occupying
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND (NOT NEW.squeezed_in OR other.appointment_id = NEW.id)
    );
END
""")
    execute("""
CREATE TRIGGER ex_appointments_assists_update BEFORE UPDATE OF practitioner_id, squeezed_in, occupied_from, occupied_until, status, deleted_at ON appointments
WHEN NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'ex_appointments_practitioner_assists') WHERE EXISTS (
        SELECT 1 FROM occupations AS other
        WHERE other.person_id = NEW.practitioner_id AND other.occupying
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND (NOT NEW.squeezed_in OR other.appointment_id = NEW.id)
    );
END
""")
