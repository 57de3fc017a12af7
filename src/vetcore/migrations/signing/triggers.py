"""The triggers that revision 0008 makes on SQLite: the lock on what is signed."""

from typing import Final

__all__ = ["TRIGGERS"]

TRIGGERS: Final = (
    """\
CREATE TRIGGER ck_record_release_ends_range_insert BEFORE INSERT ON record_release_ends
BEGIN
    SELECT RAISE(ABORT, 'ck_record_release_ends_ended_at_range') WHERE NEW.ended_at IS NOT NULL AND NOT coalesce(typeof(NEW.ended_at) = 'text' AND NEW.ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ended_at >= '0001' AND date(substr(NEW.ended_at, 1, 10), '+0 days') IS substr(NEW.ended_at, 1, 10) AND (length(NEW.ended_at) = 10 OR (substr(NEW.ended_at, 11, 1) IN (' ', 'T') AND substr(NEW.ended_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ended_at, 12, 2) < '24' AND instr(substr(NEW.ended_at, 12), ' ') = 0 AND (julianday(NEW.ended_at) IS NOT NULL OR NEW.ended_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER ck_record_release_ends_range_update BEFORE UPDATE OF ended_at ON record_release_ends
BEGIN
    SELECT RAISE(ABORT, 'ck_record_release_ends_ended_at_range') WHERE NEW.ended_at IS NOT NULL AND NOT coalesce(typeof(NEW.ended_at) = 'text' AND NEW.ended_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.ended_at >= '0001' AND date(substr(NEW.ended_at, 1, 10), '+0 days') IS substr(NEW.ended_at, 1, 10) AND (length(NEW.ended_at) = 10 OR (substr(NEW.ended_at, 11, 1) IN (' ', 'T') AND substr(NEW.ended_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.ended_at, 12, 2) < '24' AND instr(substr(NEW.ended_at, 12), ' ') = 0 AND (julianday(NEW.ended_at) IS NOT NULL OR NEW.ended_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER record_release_ends_insert BEFORE INSERT ON record_release_ends
BEGIN
    SELECT RAISE(ABORT, 'ck_record_release_ends_kept') FROM record_release_ends AS other
    WHERE other.rowid = NEW.rowid OR (other.release_id = NEW.release_id);
END""",
    """\
CREATE TRIGGER record_release_ends_update BEFORE UPDATE ON record_release_ends
BEGIN
    SELECT RAISE(ABORT, 'ck_record_release_ends_kept');
END""",
    """\
CREATE TRIGGER record_release_ends_delete BEFORE DELETE ON record_release_ends
BEGIN
    SELECT RAISE(ABORT, 'ck_record_release_ends_kept');
END""",
    """\
CREATE TRIGGER released_rows_insert BEFORE INSERT ON released_rows
BEGIN
    SELECT RAISE(ABORT, 'ck_released_rows_kept') FROM released_rows AS other
    WHERE other.rowid = NEW.rowid OR (other.release_id = NEW.release_id AND other.record_id = NEW.record_id AND other.addendum = NEW.addendum AND other.act = NEW.act);
END""",
    """\
CREATE TRIGGER released_rows_update BEFORE UPDATE ON released_rows
BEGIN
    SELECT RAISE(ABORT, 'ck_released_rows_kept');
END""",
    """\
CREATE TRIGGER released_rows_delete BEFORE DELETE ON released_rows
BEGIN
    SELECT RAISE(ABORT, 'ck_released_rows_kept');
END""",
    """\
CREATE TRIGGER ck_record_seals_range_insert BEFORE INSERT ON record_seals
BEGIN
    SELECT RAISE(ABORT, 'ck_record_seals_sealed_at_range') WHERE NEW.sealed_at IS NOT NULL AND NOT coalesce(typeof(NEW.sealed_at) = 'text' AND NEW.sealed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.sealed_at >= '0001' AND date(substr(NEW.sealed_at, 1, 10), '+0 days') IS substr(NEW.sealed_at, 1, 10) AND (length(NEW.sealed_at) = 10 OR (substr(NEW.sealed_at, 11, 1) IN (' ', 'T') AND substr(NEW.sealed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.sealed_at, 12, 2) < '24' AND instr(substr(NEW.sealed_at, 12), ' ') = 0 AND (julianday(NEW.sealed_at) IS NOT NULL OR NEW.sealed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER ck_record_seals_range_update BEFORE UPDATE OF sealed_at ON record_seals
BEGIN
    SELECT RAISE(ABORT, 'ck_record_seals_sealed_at_range') WHERE NEW.sealed_at IS NOT NULL AND NOT coalesce(typeof(NEW.sealed_at) = 'text' AND NEW.sealed_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.sealed_at >= '0001' AND date(substr(NEW.sealed_at, 1, 10), '+0 days') IS substr(NEW.sealed_at, 1, 10) AND (length(NEW.sealed_at) = 10 OR (substr(NEW.sealed_at, 11, 1) IN (' ', 'T') AND substr(NEW.sealed_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.sealed_at, 12, 2) < '24' AND instr(substr(NEW.sealed_at, 12), ' ') = 0 AND (julianday(NEW.sealed_at) IS NOT NULL OR NEW.sealed_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER record_seals_insert BEFORE INSERT ON record_seals
BEGIN
    SELECT RAISE(ABORT, 'ck_record_seals_kept') FROM record_seals AS other
    WHERE other.rowid = NEW.rowid OR (other.clinic_id = NEW.clinic_id AND other.number = NEW.number);
    SELECT RAISE(ABORT, 'ck_record_seals_kept') WHERE NEW.number <> 1 + (SELECT coalesce(max(other.number), 0) FROM record_seals AS other WHERE other.clinic_id = NEW.clinic_id);
END""",
    """\
CREATE TRIGGER record_seals_update BEFORE UPDATE ON record_seals
BEGIN
    SELECT RAISE(ABORT, 'ck_record_seals_kept');
END""",
    """\
CREATE TRIGGER record_seals_delete BEFORE DELETE ON record_seals
BEGIN
    SELECT RAISE(ABORT, 'ck_record_seals_kept');
END""",
    """\
CREATE TRIGGER ck_record_releases_range_insert BEFORE INSERT ON record_releases
BEGIN
    SELECT RAISE(ABORT, 'ck_record_releases_opened_at_range') WHERE NEW.opened_at IS NOT NULL AND NOT coalesce(typeof(NEW.opened_at) = 'text' AND NEW.opened_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.opened_at >= '0001' AND date(substr(NEW.opened_at, 1, 10), '+0 days') IS substr(NEW.opened_at, 1, 10) AND (length(NEW.opened_at) = 10 OR (substr(NEW.opened_at, 11, 1) IN (' ', 'T') AND substr(NEW.opened_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.opened_at, 12, 2) < '24' AND instr(substr(NEW.opened_at, 12), ' ') = 0 AND (julianday(NEW.opened_at) IS NOT NULL OR NEW.opened_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER ck_record_releases_range_update BEFORE UPDATE OF opened_at ON record_releases
BEGIN
    SELECT RAISE(ABORT, 'ck_record_releases_opened_at_range') WHERE NEW.opened_at IS NOT NULL AND NOT coalesce(typeof(NEW.opened_at) = 'text' AND NEW.opened_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.opened_at >= '0001' AND date(substr(NEW.opened_at, 1, 10), '+0 days') IS substr(NEW.opened_at, 1, 10) AND (length(NEW.opened_at) = 10 OR (substr(NEW.opened_at, 11, 1) IN (' ', 'T') AND substr(NEW.opened_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.opened_at, 12, 2) < '24' AND instr(substr(NEW.opened_at, 12), ' ') = 0 AND (julianday(NEW.opened_at) IS NOT NULL OR NEW.opened_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER record_releases_insert BEFORE INSERT ON record_releases
BEGIN
    SELECT RAISE(ABORT, 'ck_record_releases_kept') FROM record_releases AS other
    WHERE other.rowid = NEW.rowid OR (other.id = NEW.id);
END""",
    """\
CREATE TRIGGER record_releases_update BEFORE UPDATE ON record_releases
BEGIN
    SELECT RAISE(ABORT, 'ck_record_releases_kept');
END""",
    """\
CREATE TRIGGER record_releases_delete BEFORE DELETE ON record_releases
BEGIN
    SELECT RAISE(ABORT, 'ck_record_releases_kept');
END""",
    """\
CREATE TRIGGER record_lock_insert BEFORE INSERT ON medical_records
BEGIN
    SELECT CASE WHEN json_extract('{}', 'record_locked:' || other.id) IS NULL THEN RAISE(ABORT, 'record_locked') END FROM medical_records AS other
    WHERE other.signed_at IS NOT NULL AND (other.id = NEW.id OR other.rowid = NEW.rowid OR (other.appointment_id = NEW.appointment_id AND other.deleted_at IS NULL AND NEW.deleted_at IS NULL));
    SELECT RAISE(ABORT, 'ck_medical_records_sealed')
    WHERE NEW.signed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM record_seals AS seal WHERE seal.record_id = NEW.id AND seal.kind = 'record' AND seal.clinic_id = NEW.clinic_id AND seal.signed = NEW.signature) AND NOT EXISTS (SELECT 1 FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id));
END""",
    """\
CREATE TRIGGER record_lock_update BEFORE UPDATE ON medical_records
BEGIN
    SELECT CASE WHEN json_extract('{}', 'record_locked:' || OLD.id) IS NULL THEN RAISE(ABORT, 'record_locked') END
    WHERE OLD.signed_at IS NOT NULL AND NOT (NEW.id IS OLD.id AND NEW.clinic_id IS OLD.clinic_id AND NEW.veterinarian_id IS OLD.veterinarian_id AND NEW.appointment_id IS OLD.appointment_id AND NEW.visited_at IS OLD.visited_at AND NEW.chief_complaint IS OLD.chief_complaint AND NEW.subjective IS OLD.subjective AND NEW.objective IS OLD.objective AND NEW.assessment IS OLD.assessment AND NEW.plan IS OLD.plan AND NEW.vitals IS OLD.vitals AND NEW.diagnoses IS OLD.diagnoses AND NEW.prescriptions IS OLD.prescriptions AND NEW.signed_at IS OLD.signed_at AND NEW.signed_by_id IS OLD.signed_by_id AND NEW.signed_by_user_id IS OLD.signed_by_user_id AND NEW.signature IS OLD.signature AND NEW.created_at IS OLD.created_at AND NEW.created_by_id IS OLD.created_by_id AND NEW.deleted_at IS OLD.deleted_at AND (NEW.pet_id IS OLD.pet_id AND NEW.signed_pet_id IS OLD.signed_pet_id OR coalesce(NEW.signed_pet_id IS coalesce(OLD.signed_pet_id, OLD.pet_id) AND NEW.pet_id = (SELECT seal.pet_id FROM record_seals AS seal WHERE seal.record_id = OLD.id AND seal.kind = 'move' AND seal.clinic_id = OLD.clinic_id ORDER BY seal.number DESC LIMIT 1), 0))) AND NOT EXISTS (SELECT 1 FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id));
    INSERT INTO released_rows (release_id, record_id, addendum, act, clinic_id, signature)
    SELECT opened.id, OLD.id, 0, 'update', OLD.clinic_id, coalesce(OLD.signature, '')
    FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id) AND OLD.signed_at IS NOT NULL AND NOT (NEW.id IS OLD.id AND NEW.clinic_id IS OLD.clinic_id AND NEW.veterinarian_id IS OLD.veterinarian_id AND NEW.appointment_id IS OLD.appointment_id AND NEW.visited_at IS OLD.visited_at AND NEW.chief_complaint IS OLD.chief_complaint AND NEW.subjective IS OLD.subjective AND NEW.objective IS OLD.objective AND NEW.assessment IS OLD.assessment AND NEW.plan IS OLD.plan AND NEW.vitals IS OLD.vitals AND NEW.diagnoses IS OLD.diagnoses AND NEW.prescriptions IS OLD.prescriptions AND NEW.signed_at IS OLD.signed_at AND NEW.signed_by_id IS OLD.signed_by_id AND NEW.signed_by_user_id IS OLD.signed_by_user_id AND NEW.signature IS OLD.signature AND NEW.created_at IS OLD.created_at AND NEW.created_by_id IS OLD.created_by_id AND NEW.deleted_at IS OLD.deleted_at AND (NEW.pet_id IS OLD.pet_id AND NEW.signed_pet_id IS OLD.signed_pet_id OR coalesce(NEW.signed_pet_id IS coalesce(OLD.signed_pet_id, OLD.pet_id) AND NEW.pet_id = (SELECT seal.pet_id FROM record_seals AS seal WHERE seal.record_id = OLD.id AND seal.kind = 'move' AND seal.clinic_id = OLD.clinic_id ORDER BY seal.number DESC LIMIT 1), 0)))
    AND NOT EXISTS (SELECT 1 FROM released_rows AS noted WHERE noted.release_id = opened.id
        AND noted.record_id = OLD.id AND noted.addendum = 0 AND noted.act = 'update');
    SELECT CASE WHEN json_extract('{}', 'record_locked:' || other.id) IS NULL THEN RAISE(ABORT, 'record_locked') END FROM medical_records AS other
    WHERE other.signed_at IS NOT NULL AND (other.id = NEW.id OR other.rowid = NEW.rowid OR (other.appointment_id = NEW.appointment_id AND other.deleted_at IS NULL AND NEW.deleted_at IS NULL)) AND other.id <> OLD.id;
    SELECT RAISE(ABORT, 'ck_medical_records_sealed')
    WHERE NEW.signed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM record_seals AS seal WHERE seal.record_id = NEW.id AND seal.kind = 'record' AND seal.clinic_id = NEW.clinic_id AND seal.signed = NEW.signature) AND NOT EXISTS (SELECT 1 FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id)) AND OLD.signed_at IS NULL;
END""",
    """\
CREATE TRIGGER record_lock_delete BEFORE DELETE ON medical_records
WHEN OLD.signed_at IS NOT NULL
BEGIN
    SELECT CASE WHEN json_extract('{}', 'record_locked:' || OLD.id) IS NULL THEN RAISE(ABORT, 'record_locked') END WHERE NOT EXISTS (SELECT 1 FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id));
    INSERT INTO released_rows (release_id, record_id, addendum, act, clinic_id, signature)
    SELECT opened.id, OLD.id, 0, 'delete', OLD.clinic_id, coalesce(OLD.signature, '')
    FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id) AND 1
    AND NOT EXISTS (SELECT 1 FROM released_rows AS noted WHERE noted.release_id = opened.id
        AND noted.record_id = OLD.id AND noted.addendum = 0 AND noted.act = 'delete');
END""",
    """\
CREATE TRIGGER ck_record_addenda_range_insert BEFORE INSERT ON record_addenda
BEGIN
    SELECT RAISE(ABORT, 'ck_record_addenda_written_at_range') WHERE NEW.written_at IS NOT NULL AND NOT coalesce(typeof(NEW.written_at) = 'text' AND NEW.written_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.written_at >= '0001' AND date(substr(NEW.written_at, 1, 10), '+0 days') IS substr(NEW.written_at, 1, 10) AND (length(NEW.written_at) = 10 OR (substr(NEW.written_at, 11, 1) IN (' ', 'T') AND substr(NEW.written_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.written_at, 12, 2) < '24' AND instr(substr(NEW.written_at, 12), ' ') = 0 AND (julianday(NEW.written_at) IS NOT NULL OR NEW.written_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER ck_record_addenda_range_update BEFORE UPDATE OF written_at ON record_addenda
BEGIN
    SELECT RAISE(ABORT, 'ck_record_addenda_written_at_range') WHERE NEW.written_at IS NOT NULL AND NOT coalesce(typeof(NEW.written_at) = 'text' AND NEW.written_at GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND NEW.written_at >= '0001' AND date(substr(NEW.written_at, 1, 10), '+0 days') IS substr(NEW.written_at, 1, 10) AND (length(NEW.written_at) = 10 OR (substr(NEW.written_at, 11, 1) IN (' ', 'T') AND substr(NEW.written_at, 12, 5) GLOB '[0-2][0-9]:[0-5][0-9]' AND substr(NEW.written_at, 12, 2) < '24' AND instr(substr(NEW.written_at, 12), ' ') = 0 AND (julianday(NEW.written_at) IS NOT NULL OR NEW.written_at GLOB '9999-12-31[ T]23:59:59.9[0-9][0-9][0-9][0-9][0-9]'))), 0);
END""",
    """\
CREATE TRIGGER record_addenda_insert BEFORE INSERT ON record_addenda
BEGIN
    SELECT CASE WHEN json_extract('{}', 'record_locked:' || other.record_id) IS NULL THEN RAISE(ABORT, 'record_locked') END FROM record_addenda AS other
    WHERE other.rowid = NEW.rowid
    OR (other.record_id = NEW.record_id AND other.number = NEW.number);
    SELECT RAISE(ABORT, 'ck_record_addenda_sealed')
    WHERE NEW.number <> (SELECT coalesce(max(other.number), 0) FROM record_addenda AS other WHERE other.record_id = NEW.record_id) + 1 OR (NOT EXISTS (SELECT 1 FROM record_seals AS seal JOIN medical_records AS record ON record.id = seal.record_id AND record.clinic_id = seal.clinic_id WHERE record.id = NEW.record_id AND record.signed_at IS NOT NULL AND seal.kind = 'addendum' AND seal.addendum = NEW.number AND seal.signed = NEW.signature) AND NOT EXISTS (SELECT 1 FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id)));
END""",
    """\
CREATE TRIGGER record_addenda_update BEFORE UPDATE ON record_addenda
BEGIN
    SELECT CASE WHEN json_extract('{}', 'record_locked:' || OLD.record_id) IS NULL THEN RAISE(ABORT, 'record_locked') END WHERE NOT EXISTS (SELECT 1 FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id));
    INSERT INTO released_rows (release_id, record_id, addendum, act, clinic_id, signature)
    SELECT opened.id, OLD.record_id, OLD.number, 'update', (SELECT clinic_id FROM medical_records WHERE id = OLD.record_id), coalesce(OLD.signature, '')
    FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id) AND 1
    AND NOT EXISTS (SELECT 1 FROM released_rows AS noted WHERE noted.release_id = opened.id
        AND noted.record_id = OLD.record_id AND noted.addendum = OLD.number AND noted.act = 'update');
    SELECT RAISE(ABORT, 'ck_record_addenda_sealed')
    WHERE NEW.record_id IS NOT OLD.record_id OR NEW.number IS NOT OLD.number
    OR NEW.rowid IS NOT OLD.rowid;
END""",
    """\
CREATE TRIGGER record_addenda_delete BEFORE DELETE ON record_addenda
BEGIN
    SELECT CASE WHEN json_extract('{}', 'record_locked:' || OLD.record_id) IS NULL THEN RAISE(ABORT, 'record_locked') END WHERE NOT EXISTS (SELECT 1 FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id));
    INSERT INTO released_rows (release_id, record_id, addendum, act, clinic_id, signature)
    SELECT opened.id, OLD.record_id, OLD.number, 'delete', (SELECT clinic_id FROM medical_records WHERE id = OLD.record_id), coalesce(OLD.signature, '')
    FROM record_releases AS opened WHERE NOT EXISTS (SELECT 1 FROM record_release_ends AS ended WHERE ended.release_id = opened.id) AND 1
    AND NOT EXISTS (SELECT 1 FROM released_rows AS noted WHERE noted.release_id = opened.id
        AND noted.record_id = OLD.record_id AND noted.addendum = OLD.number AND noted.act = 'delete');
END""",
)
"""They come last, when the rows are there."""
