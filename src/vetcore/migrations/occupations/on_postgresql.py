"""Equipment, and what appointments occupy beside practitioner, room and pet, on PostgreSQL."""

from vetcore.migrations.steps import execute

__all__ = ["make_tables"]


def make_tables() -> None:
    """Make the tables with their guards."""
    execute("""
CREATE TABLE equipment (
    id UUID NOT NULL,
    clinic_id UUID NOT NULL,
    name VARCHAR(200) NOT NULL,
    kind VARCHAR(64) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    created_by_id UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_by_id UUID,
    deleted_at TIMESTAMP WITH TIME ZONE,
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
ALTER TABLE equipment ADD CONSTRAINT ck_equipment_created_at_range CHECK (created_at >= TIMESTAMPTZ '0001-01-01 00:00:00+00' AND created_at <= TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' OR NOT isfinite(created_at))
""")
    execute("""
ALTER TABLE equipment ADD CONSTRAINT ck_equipment_updated_at_range CHECK (updated_at >= TIMESTAMPTZ '0001-01-01 00:00:00+00' AND updated_at <= TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' OR NOT isfinite(updated_at))
""")
    execute("""
ALTER TABLE equipment ADD CONSTRAINT ck_equipment_deleted_at_range CHECK (deleted_at >= TIMESTAMPTZ '0001-01-01 00:00:00+00' AND deleted_at <= TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' OR NOT isfinite(deleted_at))
""")
    execute("""
CREATE TABLE occupations (
    id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    person_id UUID,
    equipment_id UUID,
    role VARCHAR(32),
    occupied_from TIMESTAMP WITH TIME ZONE NOT NULL,
    occupied_until TIMESTAMP WITH TIME ZONE NOT NULL,
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
ALTER TABLE occupations ADD CONSTRAINT ck_occupations_occupied_from_range CHECK (occupied_from >= TIMESTAMPTZ '0001-01-01 00:00:00+00' AND occupied_from <= TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' OR NOT isfinite(occupied_from))
""")
    execute("""
ALTER TABLE occupations ADD CONSTRAINT ck_occupations_occupied_until_range CHECK (occupied_until >= TIMESTAMPTZ '0001-01-01 00:00:00+00' AND occupied_until <= TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' OR NOT isfinite(occupied_until))
""")
    execute("""
ALTER TABLE occupations ADD CONSTRAINT ex_occupations_person EXCLUDE USING gist (
    person_id WITH =, tstzrange(occupied_from, occupied_until) WITH &&
) WHERE (occupying)
""")
    execute("""
ALTER TABLE occupations ADD CONSTRAINT ex_occupations_equipment EXCLUDE USING gist (
    equipment_id WITH =, tstzrange(occupied_from, occupied_until) WITH &&
) WHERE (occupying)
""")
    execute("""
CREATE OR REPLACE FUNCTION occupation_times() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp' AS $function$
DECLARE
    visit record;
    taken boolean;
    told text := ' occupied_from, occupied_until,'
        ' status IN (''held'', ''scheduled'', ''confirmed'', ''checked_in'', ''in_progress'', ''completed'') AND deleted_at IS NULL AS occupying';
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.appointment_id = OLD.appointment_id THEN
        EXECUTE format('SELECT' || told || ' FROM %I.appointments WHERE id = $1'
            ' FOR NO KEY UPDATE', TG_TABLE_SCHEMA) INTO visit USING NEW.appointment_id;
    ELSE
        EXECUTE format('UPDATE %I.appointments SET sequence = sequence WHERE id = $1'
            ' RETURNING' || told, TG_TABLE_SCHEMA) INTO visit USING NEW.appointment_id;
    END IF;
    IF visit.occupied_from IS NULL THEN
        RETURN NEW;
    END IF;
    NEW.occupied_from := visit.occupied_from;
    NEW.occupied_until := visit.occupied_until;
    NEW.occupying := visit.occupying;
    IF NEW.person_id IS NULL OR NOT NEW.occupying THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.occupying AND NEW.person_id = OLD.person_id
        AND NEW.appointment_id = OLD.appointment_id AND NEW.occupied_from >= OLD.occupied_from
        AND NEW.occupied_until <= OLD.occupied_until THEN
        RETURN NEW;
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'who assists is written in a READ COMMITTED transaction'
            USING ERRCODE = '23514', CONSTRAINT = 'ck_occupations_isolation',
            TABLE = 'occupations';
    END IF;
    EXECUTE format('SELECT FROM %I.users WHERE id = $1 FOR UPDATE', TG_TABLE_SCHEMA)
        USING NEW.person_id;
    EXECUTE format('UPDATE %I.users SET version = version WHERE id = $1', TG_TABLE_SCHEMA)
        USING NEW.person_id;
    EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.appointments WHERE practitioner_id = $1'
        ' AND tstzrange(occupied_from, occupied_until) && tstzrange($2, $3)'
        ' AND status IN (''held'', ''scheduled'', ''confirmed'', ''checked_in'', ''in_progress'', ''completed'') AND deleted_at IS NULL AND NOT squeezed_in)'
        ' OR EXISTS (SELECT FROM %1$I.appointments WHERE id = $4 AND practitioner_id = $1)',
        TG_TABLE_SCHEMA) INTO taken
        USING NEW.person_id, NEW.occupied_from, NEW.occupied_until, NEW.appointment_id;
    IF taken THEN
        RAISE EXCEPTION 'user % sees a pet from % to %, or a part of that time',
            NEW.person_id, NEW.occupied_from, NEW.occupied_until USING ERRCODE = '23P01',
            CONSTRAINT = 'ex_occupations_person', TABLE = 'occupations';
    END IF;
    RETURN NEW;
END
$function$
""")
    execute("""
CREATE OR REPLACE FUNCTION occupations_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp' AS $function$
BEGIN
    EXECUTE format('UPDATE %I.occupations SET appointment_id = appointment_id'
        ' WHERE appointment_id = $1', TG_TABLE_SCHEMA) USING NEW.id;
    RETURN NULL;
END
$function$
""")
    execute("""
DO $made$ BEGIN EXECUTE format('CREATE OR REPLACE FUNCTION practitioner_assists() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO %I, ''pg_temp'' AS %L',
current_schema(), $body$DECLARE
    taken boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT FROM %I.users WHERE id = $1 FOR KEY SHARE', TG_TABLE_SCHEMA)
            USING NEW.practitioner_id;
    END IF;
    IF current_schema() = TG_TABLE_SCHEMA THEN
        taken := EXISTS (SELECT FROM occupations WHERE person_id = NEW.practitioner_id AND occupying AND tstzrange(occupied_from, occupied_until) && tstzrange(NEW.occupied_from, NEW.occupied_until) AND (NOT NEW.squeezed_in OR appointment_id = NEW.id));
    ELSE
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.occupations WHERE person_id = $1 AND occupying AND tstzrange(occupied_from, occupied_until) && tstzrange($2, $3) AND (NOT $4 OR appointment_id = $5))', TG_TABLE_SCHEMA) INTO taken USING NEW.practitioner_id,
            NEW.occupied_from, NEW.occupied_until, NEW.squeezed_in, NEW.id;
    END IF;
    IF taken THEN
        RAISE EXCEPTION 'user % assists from % to %, or a part of that time',
            NEW.practitioner_id, NEW.occupied_from, NEW.occupied_until USING ERRCODE = '23P01',
            CONSTRAINT = 'ex_appointments_practitioner_assists', TABLE = 'appointments';
    END IF;
    RETURN NULL;
END$body$); END $made$
""")
    execute("""
CREATE TRIGGER occupations_write BEFORE INSERT OR UPDATE ON occupations
FOR EACH ROW EXECUTE FUNCTION occupation_times()
""")
    execute("""
CREATE TRIGGER occupations_follow_update AFTER UPDATE OF occupied_from, occupied_until, status, deleted_at ON appointments
FOR EACH ROW WHEN (OLD.occupied_from <> NEW.occupied_from OR OLD.occupied_until <> NEW.occupied_until OR (OLD.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND OLD.deleted_at IS NULL) <> (NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL)) EXECUTE FUNCTION occupations_follow()
""")
    execute("""
CREATE TRIGGER practitioner_assists_insert AFTER INSERT ON appointments
FOR EACH ROW WHEN (NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL) EXECUTE FUNCTION practitioner_assists()
""")
    execute("""
CREATE TRIGGER practitioner_assists_update AFTER UPDATE OF practitioner_id, squeezed_in, occupied_from, occupied_until, status, deleted_at ON appointments
FOR EACH ROW WHEN (NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL AND (OLD.practitioner_id <> NEW.practitioner_id OR OLD.squeezed_in OR OLD.occupied_from <> NEW.occupied_from OR OLD.occupied_until <> NEW.occupied_until OR (OLD.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND OLD.deleted_at IS NULL) <> (NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL)))
EXECUTE FUNCTION practitioner_assists()
""")
