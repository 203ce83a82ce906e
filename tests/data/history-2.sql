-- A history of schema 2, as MelaScreen wrote it until 2026-11, by `iterdump`.
CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        begun_at TEXT NOT NULL,                -- ISO 8601 with zone
        roots TEXT NOT NULL,                   -- what was opened: a JSON array of paths, as bytes in hex
        closed INTEGER NOT NULL DEFAULT 0      -- done, or given up
    ) STRICT;
INSERT INTO "batch" VALUES(1,'2026-11-24T12:54:13.402261+00:00','["2fd0bad0b0d180d182d0b0"]',0);
CREATE TABLE batch_item (
        batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        path BLOB NOT NULL,                    -- as the system has it, which may be no Unicode
        screening_id INTEGER REFERENCES screening (id) ON DELETE CASCADE,
        is_repeated INTEGER NOT NULL DEFAULT 0,  -- the same content had been judged before
        failure TEXT,                          -- JSON; an item with neither is still to be done
        PRIMARY KEY (batch_id, position)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "batch_item" VALUES(1,0,X'2FD0BAD0B0D180D182D0B02F74686972642E6A7067',NULL,0,NULL);
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
        warnings TEXT NOT NULL, reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1)), pictured_at TEXT, patient TEXT NOT NULL DEFAULT '', site TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', diagnosis TEXT NOT NULL DEFAULT '', confirmed_on TEXT NOT NULL DEFAULT '', confirmed_by TEXT NOT NULL DEFAULT '', lesion INTEGER, search TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "screening" VALUES(1,'2026-11-20T09:30:00+01:00','/карта/lesion.jpg','cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',0.25,0.047,'melanoma','MelaScreen Lite0','3','abababababababababababababababababababababababababababababababab','["a warning"]',0,'2026-11-19T08:00:00','P 7','back','watch','melanoma','2026-11-22','histopathology',1,'/карта/lesion.jpg
p 7
back
watch
melanoma');
INSERT INTO "screening" VALUES(2,'2026-11-20T09:30:00+01:00','/карта/other.jpg','efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef',0.01,0.047,'non-melanoma','MelaScreen Lite0','3','abababababababababababababababababababababababababababababababab','[]',1,NULL,'','','','','','',1,'/карта/other.jpg');
CREATE TABLE thumbnail (
        screening_id INTEGER PRIMARY KEY REFERENCES screening (id) ON DELETE CASCADE,
        jpeg BLOB NOT NULL
    ) STRICT;
INSERT INTO "thumbnail" VALUES(1,X'FFD86A706567');
INSERT INTO "thumbnail" VALUES(2,X'FFD86F74686572');
CREATE INDEX screening_by_content ON screening (sha256, model_sha256, threshold);
CREATE INDEX screening_by_time ON screening (taken_at);
CREATE INDEX screening_by_probability ON screening (melanoma_probability);
CREATE INDEX screening_by_patient ON screening (patient);
CREATE INDEX screening_by_lesion ON screening (lesion) WHERE lesion IS NOT NULL;
CREATE INDEX screening_by_diagnosis ON screening (diagnosis) WHERE diagnosis <> '';
CREATE INDEX batch_item_by_screening ON batch_item (screening_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('screening',2);
INSERT INTO "sqlite_sequence" VALUES('batch',1);
PRAGMA user_version = 2;
