"""The triggers, virtual tables and generated columns of revision 0001."""

from collections.abc import Mapping

__all__ = ["POSTGRESQL", "SQLITE"]

SQLITE: Mapping[str, str] = {
    "clinic_positions": """\
CREATE VIRTUAL TABLE clinic_positions USING rtree(id, x0, x1, y0, y1, z0, z1, +clinic_id)""",
    "clinic_positions_insert": """\
CREATE TRIGGER clinic_positions_insert AFTER INSERT ON clinics
BEGIN
    INSERT INTO clinic_positions (x0, x1, y0, y1, z0, z1, clinic_id)
    SELECT x, x, y, y, z, z, NEW.id FROM (SELECT (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * cos(radians(NEW.longitude)) AS x, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * sin(radians(NEW.longitude)) AS y, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * 0.99330562000986 * sin(radians(NEW.latitude)) AS z)
    WHERE NEW.latitude IS NOT NULL;
END""",
    "clinic_positions_update": """\
CREATE TRIGGER clinic_positions_update AFTER UPDATE OF id, latitude, longitude ON clinics
BEGIN
    DELETE FROM clinic_positions WHERE clinic_id = OLD.id;
    INSERT INTO clinic_positions (x0, x1, y0, y1, z0, z1, clinic_id)
    SELECT x, x, y, y, z, z, NEW.id FROM (SELECT (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * cos(radians(NEW.longitude)) AS x, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * sin(radians(NEW.longitude)) AS y, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * 0.99330562000986 * sin(radians(NEW.latitude)) AS z)
    WHERE NEW.latitude IS NOT NULL;
END""",
    "clinic_positions_delete": """\
CREATE TRIGGER clinic_positions_delete AFTER DELETE ON clinics
BEGIN
    DELETE FROM clinic_positions WHERE clinic_id = OLD.id;
END""",
    "ex_appointments_insert": """\
CREATE TRIGGER ex_appointments_insert BEFORE INSERT ON appointments
WHEN NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'ex_appointments_veterinarian') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.veterinarian_id = NEW.veterinarian_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_room') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.room_id = NEW.room_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_pet') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.pet_id = NEW.pet_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
END""",
    "ex_appointments_update": """\
CREATE TRIGGER ex_appointments_update BEFORE UPDATE OF veterinarian_id, room_id, pet_id, occupied_from, occupied_until, status, deleted_at ON appointments
WHEN NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'ex_appointments_veterinarian') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.veterinarian_id = NEW.veterinarian_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_room') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.room_id = NEW.room_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_pet') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.pet_id = NEW.pet_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
END""",
}

POSTGRESQL: Mapping[str, str] = {
    "clinics.position": """\
ALTER TABLE clinics ADD COLUMN position cube GENERATED ALWAYS AS (
    CASE WHEN latitude IS NOT NULL THEN cube(ARRAY[
        (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(latitude)) * sin(radians(latitude)))) * cos(radians(latitude)) * cos(radians(longitude)),
        (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(latitude)) * sin(radians(latitude)))) * cos(radians(latitude)) * sin(radians(longitude)),
        (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(latitude)) * sin(radians(latitude)))) * 0.99330562000986 * sin(radians(latitude))
    ]) END) STORED""",
    "ix_clinics_position": """\
CREATE INDEX ix_clinics_position ON clinics USING gist (position)""",
}
