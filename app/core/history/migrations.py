"""The history's schema as migration steps. A step that has shipped is never changed."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
import unicodedata
from pathlib import Path

from app.core.domain import times
from app.core.domain.advice import Advice, advice_of_prediction
from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.domain.patient import spelling
from app.core.domain.results import Prediction
from app.core.system.log import Event

_log = logging.getLogger(__name__)

STEPS = (
    """
    CREATE TABLE screening (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, so a deleted entry stays deleted
        taken_at TEXT NOT NULL,                -- ISO 8601 with zone
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        melanoma_probability REAL NOT NULL CHECK (melanoma_probability BETWEEN 0 AND 1),
        threshold REAL NOT NULL CHECK (threshold BETWEEN 0 AND 1),
        decision TEXT NOT NULL CHECK (decision IN ('melanoma', 'non-melanoma')),
        model_name TEXT NOT NULL,
        model_version TEXT NOT NULL,
        model_sha256 TEXT NOT NULL,
        warnings TEXT NOT NULL,                -- a JSON array of strings
        thumbnail BLOB NOT NULL                -- JPEG
    ) STRICT;
    """,
    # Thumbnails in a table of their own, so that looking through the rest reads little; what a clinic knows of a
    # image; folders that were begun.
    """
    CREATE TABLE thumbnail (
        screening_id INTEGER PRIMARY KEY REFERENCES screening (id) ON DELETE CASCADE,
        jpeg BLOB NOT NULL
    ) STRICT;
    INSERT INTO thumbnail SELECT id, thumbnail FROM screening;
    ALTER TABLE screening DROP COLUMN thumbnail;
    ALTER TABLE screening ADD COLUMN reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1));
    ALTER TABLE screening ADD COLUMN pictured_at TEXT;       -- ISO 8601 without zone, by the camera's clock
    ALTER TABLE screening ADD COLUMN patient TEXT NOT NULL DEFAULT '';
    ALTER TABLE screening ADD COLUMN site TEXT NOT NULL DEFAULT '';
    ALTER TABLE screening ADD COLUMN note TEXT NOT NULL DEFAULT '';
    ALTER TABLE screening ADD COLUMN diagnosis TEXT NOT NULL DEFAULT '';     -- the confirmed one
    ALTER TABLE screening ADD COLUMN confirmed_on TEXT NOT NULL DEFAULT '';  -- ISO 8601
    ALTER TABLE screening ADD COLUMN confirmed_by TEXT NOT NULL DEFAULT '';
    ALTER TABLE screening ADD COLUMN lesion INTEGER;         -- entries with the same number show one lesion
    ALTER TABLE screening ADD COLUMN search TEXT NOT NULL DEFAULT '';        -- what a search looks through
    UPDATE screening SET search = search_text(path);
    CREATE INDEX screening_by_content ON screening (sha256, model_sha256, threshold);
    CREATE INDEX screening_by_time ON screening (taken_at);
    CREATE INDEX screening_by_probability ON screening (melanoma_probability);
    CREATE INDEX screening_by_patient ON screening (patient);
    CREATE INDEX screening_by_lesion ON screening (lesion) WHERE lesion IS NOT NULL;
    CREATE INDEX screening_by_diagnosis ON screening (diagnosis) WHERE diagnosis <> '';
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        begun_at TEXT NOT NULL,                -- ISO 8601 with zone
        roots TEXT NOT NULL,                   -- what was opened: a JSON array of paths, as bytes in hex
        closed INTEGER NOT NULL DEFAULT 0      -- done, or given up
    ) STRICT;
    CREATE TABLE batch_item (
        batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        path BLOB NOT NULL,                    -- as the system has it, which may be no Unicode
        screening_id INTEGER REFERENCES screening (id) ON DELETE CASCADE,
        is_repeated INTEGER NOT NULL DEFAULT 0,  -- the same content had been judged before
        failure TEXT,                          -- JSON; an item with neither is still to be done
        PRIMARY KEY (batch_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX batch_item_by_screening ON batch_item (screening_id);
    """,
    # How far an answer is to be trusted, what cases are compared by, and what was drawn over the image.
    """
    ALTER TABLE screening ADD COLUMN lowest REAL;            -- probability over the picture and its copies
    ALTER TABLE screening ADD COLUMN highest REAL;
    ALTER TABLE screening ADD COLUMN steady INTEGER CHECK (steady IN (0, 1));
    ALTER TABLE screening ADD COLUMN unfamiliarity REAL;     -- beyond 1 the number was asked for all the same
    ALTER TABLE screening ADD COLUMN embedding BLOB NOT NULL DEFAULT x'';    -- float16
    ALTER TABLE screening ADD COLUMN outline TEXT NOT NULL DEFAULT '';       -- JSON: points, in fractions
    ALTER TABLE screening ADD COLUMN outline_by_hand INTEGER NOT NULL DEFAULT 0 CHECK (outline_by_hand IN (0, 1));
    ALTER TABLE screening ADD COLUMN field_width REAL;       -- mm, of the whole picture
    -- of items without an entry, which a refused picture has none of
    ALTER TABLE batch_item ADD COLUMN reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1));
    """,
    # Times in UTC, all texts of one length: local ones did not sort rightly over a clock change or between zones.
    """
    UPDATE screening SET taken_at = utc(taken_at);
    UPDATE batch SET begun_at = utc(begun_at);
    """,
    # Which card a result is by, beside its network: one network may be calibrated in several ways. Which batches are
    # those of `melascreen classify`.
    """
    ALTER TABLE screening ADD COLUMN card_sha256 TEXT NOT NULL DEFAULT '';   -- empty: from before it was kept
    ALTER TABLE batch ADD COLUMN command TEXT NOT NULL DEFAULT '';           -- a checksum; empty: the window's
    """,
    # Which numbers are no answers, no longer told by the distance; the gate's finding; the other cancers.
    """
    ALTER TABLE screening ADD COLUMN forced INTEGER NOT NULL DEFAULT 0 CHECK (forced IN (0, 1));
    UPDATE screening SET forced = 1 WHERE unfamiliarity > 1;
    ALTER TABLE screening ADD COLUMN dermoscopy_probability REAL;
    ALTER TABLE screening ADD COLUMN other_cancer_probability REAL;
    ALTER TABLE screening ADD COLUMN other_cancer_threshold REAL;
    """,
    # The advice, and what else it follows from. Of copies that were looked at, melanoma's probabilities were kept.
    """
    ALTER TABLE screening ADD COLUMN borderline INTEGER CHECK (borderline IN (0, 1));    -- NULL: not known
    UPDATE screening SET borderline = lowest < threshold AND highest >= threshold AND melanoma_probability < threshold
        WHERE lowest IS NOT NULL;
    UPDATE screening SET borderline = NULL WHERE borderline = 0 AND other_cancer_threshold IS NOT NULL;
    ALTER TABLE screening ADD COLUMN diagnoses TEXT NOT NULL DEFAULT '[]';               -- JSON: names, probabilities
    ALTER TABLE screening ADD COLUMN advice TEXT NOT NULL DEFAULT '';
    UPDATE screening SET advice = advice_of(
        forced, melanoma_probability, threshold, other_cancer_probability, other_cancer_threshold, borderline);
    -- the reader's own decision, in place of a mark that somebody had looked
    ALTER TABLE screening ADD COLUMN mark TEXT NOT NULL DEFAULT ''
        CHECK (mark IN ('', 'refer', 'watch', 'clear', 'seen'));
    UPDATE screening SET mark = 'seen' WHERE reviewed;
    ALTER TABLE screening DROP COLUMN reviewed;
    ALTER TABLE batch_item ADD COLUMN mark TEXT NOT NULL DEFAULT ''
        CHECK (mark IN ('', 'refer', 'watch', 'clear', 'seen'));
    UPDATE batch_item SET mark = 'seen' WHERE reviewed;
    ALTER TABLE batch_item DROP COLUMN reviewed;
    """,
    # How far the other cancers' probability varies over the copies; of earlier results it was not kept.
    """
    ALTER TABLE screening ADD COLUMN other_lowest REAL;
    ALTER TABLE screening ADD COLUMN other_highest REAL;
    """,
    # Patients, lesions and follow-ups in tables of their own; files that arrived in watched folders. A patient is told
    # by the identifier that the records hold, and a lesion keeps the number that its entries shared. Triggers keep up
    # what the list of patients is sorted by: computed at each look, it would take longer the more patients there are.
    """
    CREATE TABLE patient (
        identifier TEXT PRIMARY KEY,
        birth_year INTEGER,
        sex TEXT NOT NULL DEFAULT '',
        skin_type INTEGER CHECK (skin_type BETWEEN 1 AND 6),
        risks TEXT NOT NULL DEFAULT '[]',        -- a JSON array
        note TEXT NOT NULL DEFAULT '',
        search TEXT NOT NULL DEFAULT '',         -- what a search looks through
        spelling TEXT NOT NULL DEFAULT '',       -- the identifier without case, spaces and leading zeros
        last_visit TEXT NOT NULL DEFAULT '',     -- the latest picture's day, ISO 8601
        due_on TEXT NOT NULL DEFAULT ''          -- the first open follow-up's day
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX patient_by_visit ON patient (last_visit);
    CREATE INDEX patient_by_due ON patient (due_on) WHERE due_on <> '';
    CREATE INDEX patient_by_spelling ON patient (spelling);
    CREATE INDEX patient_by_search ON patient (search);   -- to look through, smaller than the table
    CREATE INDEX screening_by_scale ON screening (taken_at) WHERE field_width IS NOT NULL;
    CREATE TABLE lesion (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        patient TEXT NOT NULL DEFAULT '',
        number INTEGER NOT NULL,                 -- within the patient, from 1
        view TEXT NOT NULL DEFAULT '',           -- of the body map; empty while it has no place
        x REAL,
        y REAL
    ) STRICT;
    CREATE INDEX lesion_by_patient ON lesion (patient, number);
    CREATE TABLE follow_up (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        patient TEXT NOT NULL,
        lesion INTEGER REFERENCES lesion (id) ON DELETE CASCADE,
        due_on TEXT NOT NULL,                    -- ISO 8601
        reason TEXT NOT NULL DEFAULT '',
        made_on TEXT NOT NULL,
        done_on TEXT NOT NULL DEFAULT '',
        done_by TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX follow_up_by_patient ON follow_up (patient);
    CREATE INDEX follow_up_by_due ON follow_up (due_on) WHERE done_on = '';
    CREATE TABLE watched_folder (
        path BLOB PRIMARY KEY,                   -- as the system has it, which may be no Unicode
        watched_since TEXT NOT NULL              -- ISO 8601 in UTC; what lay in it then is not judged
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE arrival (
        key BLOB PRIMARY KEY,                    -- SHA-256 of the path, as the system has it
        path BLOB NOT NULL DEFAULT x'',          -- empty where nothing was judged, and once the entry was deleted
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,               -- nanoseconds
        folder BLOB NOT NULL,                    -- the watched one
        arrived_at TEXT NOT NULL,                -- ISO 8601 in UTC
        patient TEXT NOT NULL DEFAULT '',        -- under whom the result is still to be noted
        sha256 TEXT NOT NULL DEFAULT '',         -- of the content, once it was read
        screening_id INTEGER REFERENCES screening (id) ON DELETE SET NULL,
        failure TEXT NOT NULL DEFAULT '',        -- why there is no result
        state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'new', 'seen'))
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX arrival_by_folder ON arrival (folder);
    CREATE INDEX arrival_by_state ON arrival (state, arrived_at) WHERE state <> 'seen';
    CREATE INDEX arrival_by_content ON arrival (sha256) WHERE sha256 <> '';
    CREATE INDEX arrival_by_screening ON arrival (screening_id);
    CREATE INDEX arrival_by_patient ON arrival (patient) WHERE patient <> '';
    CREATE TRIGGER arrival_deleted AFTER UPDATE OF screening_id ON arrival
        WHEN old.screening_id IS NOT NULL AND new.screening_id IS NULL AND new.state <> 'waiting' BEGIN
        UPDATE arrival SET path = x'', patient = '', state = 'seen' WHERE key = new.key;
    END;
    CREATE TRIGGER arrival_patient_deleted AFTER DELETE ON patient BEGIN
        UPDATE arrival SET patient = '' WHERE patient = old.identifier;
    END;
    INSERT INTO patient (identifier, search, spelling, last_visit)
        SELECT patient, search_text(patient), spelling(patient),
               max(coalesce(substr(pictured_at, 1, 10), date(taken_at, 'localtime'), ''))
        FROM screening WHERE patient <> '' GROUP BY patient;
    INSERT INTO lesion (id, patient, number)
        SELECT lesion, patient, row_number() OVER (PARTITION BY patient ORDER BY lesion)
        FROM (SELECT lesion, max(patient) AS patient FROM screening WHERE lesion IS NOT NULL GROUP BY lesion);
    UPDATE screening SET lesion = NULL WHERE lesion IS NOT NULL
        AND patient NOT IN ('', (SELECT patient FROM lesion WHERE lesion.id = screening.lesion));
    CREATE TRIGGER visit_added AFTER INSERT ON screening WHEN new.patient <> '' BEGIN
        UPDATE patient SET last_visit =
            max(last_visit, coalesce(substr(new.pictured_at, 1, 10), date(new.taken_at, 'localtime'), ''))
            WHERE identifier = new.patient;
    END;
    CREATE TRIGGER visit_moved AFTER UPDATE OF patient ON screening WHEN old.patient <> new.patient BEGIN
        UPDATE patient SET last_visit = coalesce((
            SELECT max(coalesce(substr(pictured_at, 1, 10), date(taken_at, 'localtime'))) FROM screening
            WHERE patient = identifier), '')
            WHERE identifier IN (old.patient, new.patient);
    END;
    CREATE TRIGGER visit_deleted AFTER DELETE ON screening WHEN old.patient <> '' BEGIN
        UPDATE patient SET last_visit = coalesce((
            SELECT max(coalesce(substr(pictured_at, 1, 10), date(taken_at, 'localtime'))) FROM screening
            WHERE patient = identifier), '')
            WHERE identifier = old.patient;
    END;
    CREATE TRIGGER due_added AFTER INSERT ON follow_up BEGIN
        UPDATE patient SET due_on = coalesce((
            SELECT min(due_on) FROM follow_up WHERE follow_up.patient = identifier AND done_on = ''), '')
            WHERE identifier = new.patient;
    END;
    CREATE TRIGGER due_changed AFTER UPDATE ON follow_up BEGIN
        UPDATE patient SET due_on = coalesce((
            SELECT min(due_on) FROM follow_up WHERE follow_up.patient = identifier AND done_on = ''), '')
            WHERE identifier IN (old.patient, new.patient);
    END;
    CREATE TRIGGER due_deleted AFTER DELETE ON follow_up BEGIN
        UPDATE patient SET due_on = coalesce((
            SELECT min(due_on) FROM follow_up WHERE follow_up.patient = identifier AND done_on = ''), '')
            WHERE identifier = old.patient;
    END;
    """,
)
"""Step n takes a database from `user_version` n to n + 1."""


def search_text(*parts: str) -> str:
    """Text to search in: normalised (NFKC) and case-folded."""
    return unicodedata.normalize("NFKC", "\n".join(filter(None, parts))).casefold()


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Migrate a database; one with data is first copied to `FILE.before-N`.

    Raises `HistoryError` for one from a newer program, which is left as it is.
    """
    if _version(connection) == len(STEPS):
        return
    began = time.perf_counter()
    connection.create_function("search_text", 1, search_text)
    connection.create_function("utc", 1, _utc)
    connection.create_function("spelling", 1, spelling)
    connection.create_function("advice_of", 6, _advice)
    connection.execute("BEGIN IMMEDIATE")  # a second window waits here and then finds nothing to do
    try:
        version = _version(connection)
        if version > len(STEPS):
            raise HistoryError(Message("history-newer", file=file))
        if 0 < version < len(STEPS):
            _copy(file, file.with_name(f"{file.name}.before-{len(STEPS)}"))
        for step in STEPS[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    if version:
        _log.info(Event.HISTORY_MIGRATED, version, len(STEPS), time.perf_counter() - began)


def _utc(text: str) -> str:
    """A stored time in UTC. Text that is no time stays; reading it raises."""
    try:
        return times.as_text(times.from_text(text))
    except ValueError:
        return text


def _advice(
    forced: int,
    melanoma: float,
    threshold: float,
    other: float | None,
    other_threshold: float | None,
    borderline: int | None,
) -> str:
    """The advice of a stored result."""
    if forced:
        return Advice.NOT_ASSESSED
    prediction = Prediction(
        melanoma,
        threshold,
        other_cancer_probability=other,
        other_cancer_threshold=other_threshold,
        borderline=bool(borderline),
    )
    return advice_of_prediction(prediction).value


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(step: str) -> list[str]:
    """Statements of a step, one by one: `executescript` would commit in between."""
    statements, part = [], ""
    for line in step.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements


def _copy(file: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(file)) as source,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
