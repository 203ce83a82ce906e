-- A history of schema 8, with patients as texts and lesions as shared numbers, by `iterdump`.
CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        begun_at TEXT NOT NULL,                -- ISO 8601 with zone
        roots TEXT NOT NULL,                   -- what was opened: a JSON array of paths, as bytes in hex
        closed INTEGER NOT NULL DEFAULT 0      -- done, or given up
    , command TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE batch_item (
        batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        path BLOB NOT NULL,                    -- as the system has it, which may be no Unicode
        screening_id INTEGER REFERENCES screening (id) ON DELETE CASCADE,
        is_repeated INTEGER NOT NULL DEFAULT 0,  -- the same content had been judged before
        failure TEXT, mark TEXT NOT NULL DEFAULT ''
        CHECK (mark IN ('', 'refer', 'watch', 'clear', 'seen')),                          -- JSON; an item with neither is still to be done
        PRIMARY KEY (batch_id, position)
    ) STRICT, WITHOUT ROWID;
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
        warnings TEXT NOT NULL, pictured_at TEXT, patient TEXT NOT NULL DEFAULT '', site TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', diagnosis TEXT NOT NULL DEFAULT '', confirmed_on TEXT NOT NULL DEFAULT '', confirmed_by TEXT NOT NULL DEFAULT '', lesion INTEGER, search TEXT NOT NULL DEFAULT '', lowest REAL, highest REAL, steady INTEGER CHECK (steady IN (0, 1)), unfamiliarity REAL, embedding BLOB NOT NULL DEFAULT x'', outline TEXT NOT NULL DEFAULT '', outline_by_hand INTEGER NOT NULL DEFAULT 0 CHECK (outline_by_hand IN (0, 1)), field_width REAL, card_sha256 TEXT NOT NULL DEFAULT '', forced INTEGER NOT NULL DEFAULT 0 CHECK (forced IN (0, 1)), dermoscopy_probability REAL, other_cancer_probability REAL, other_cancer_threshold REAL, borderline INTEGER CHECK (borderline IN (0, 1)), diagnoses TEXT NOT NULL DEFAULT '[]', advice TEXT NOT NULL DEFAULT '', mark TEXT NOT NULL DEFAULT ''
        CHECK (mark IN ('', 'refer', 'watch', 'clear', 'seen')), other_lowest REAL, other_highest REAL) STRICT;
INSERT INTO "screening" VALUES(1,'2026-01-02T03:04:05.000000Z','/pictures/0.jpg','0000000000000000000000000000000000000000000000000000000000000000',0.0,0.2,'non-melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]','2025-06-11T10:00:00','KD-20417','head/neck','','','','',1,'/pictures/0.jpg
kd-20417
head/neck',NULL,NULL,NULL,NULL,X'','',0,NULL,'',0,NULL,NULL,NULL,NULL,'[]','below-threshold','',NULL,NULL);
INSERT INTO "screening" VALUES(2,'2026-01-03T03:04:05.000000Z','/pictures/1.jpg','1111111111111111111111111111111111111111111111111111111111111111',0.1,0.2,'non-melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',NULL,'KD-20417','head/neck','','','','',1,'/pictures/1.jpg
kd-20417
head/neck',NULL,NULL,NULL,NULL,X'','',0,NULL,'',0,NULL,NULL,NULL,NULL,'[]','below-threshold','',NULL,NULL);
INSERT INTO "screening" VALUES(3,'2026-01-04T03:04:05.000000Z','/pictures/2.jpg','2222222222222222222222222222222222222222222222222222222222222222',0.2,0.2,'melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',NULL,'kd 20417','','','','','',NULL,'/pictures/2.jpg
kd 20417',NULL,NULL,NULL,NULL,X'','',0,NULL,'',0,NULL,NULL,NULL,NULL,'[]','refer-melanoma','',NULL,NULL);
INSERT INTO "screening" VALUES(4,'2026-01-05T03:04:05.000000Z','/pictures/3.jpg','3333333333333333333333333333333333333333333333333333333333333333',3.00000000000000044408e-01,0.2,'melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',NULL,'','','','','','',4,'/pictures/3.jpg',NULL,NULL,NULL,NULL,X'','',0,NULL,'',0,NULL,NULL,NULL,NULL,'[]','refer-melanoma','',NULL,NULL);
INSERT INTO "screening" VALUES(5,'2026-01-06T03:04:05.000000Z','/pictures/4.jpg','4444444444444444444444444444444444444444444444444444444444444444',0.4,0.2,'melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',NULL,'Пациент 7','','','','','',NULL,'/pictures/4.jpg
пациент 7',NULL,NULL,NULL,NULL,X'','',0,NULL,'',0,NULL,NULL,NULL,NULL,'[]','refer-melanoma','',NULL,NULL);
INSERT INTO "screening" VALUES(6,'2026-01-07T03:04:05.000000Z','/pictures/5.jpg','5555555555555555555555555555555555555555555555555555555555555555',0.5,0.2,'melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',NULL,'KD-20417','','','','','',4,'/pictures/5.jpg
kd-20417',NULL,NULL,NULL,NULL,X'','',0,NULL,'',0,NULL,NULL,NULL,NULL,'[]','refer-melanoma','',NULL,NULL);
CREATE TABLE thumbnail (
        screening_id INTEGER PRIMARY KEY REFERENCES screening (id) ON DELETE CASCADE,
        jpeg BLOB NOT NULL
    ) STRICT;
INSERT INTO "thumbnail" VALUES(1,X'FFD8FF00');
INSERT INTO "thumbnail" VALUES(2,X'FFD8FF01');
INSERT INTO "thumbnail" VALUES(3,X'FFD8FF02');
INSERT INTO "thumbnail" VALUES(4,X'FFD8FF03');
INSERT INTO "thumbnail" VALUES(5,X'FFD8FF04');
INSERT INTO "thumbnail" VALUES(6,X'FFD8FF05');
CREATE INDEX screening_by_content ON screening (sha256, model_sha256, threshold);
CREATE INDEX screening_by_time ON screening (taken_at);
CREATE INDEX screening_by_probability ON screening (melanoma_probability);
CREATE INDEX screening_by_patient ON screening (patient);
CREATE INDEX screening_by_lesion ON screening (lesion) WHERE lesion IS NOT NULL;
CREATE INDEX screening_by_diagnosis ON screening (diagnosis) WHERE diagnosis <> '';
CREATE INDEX batch_item_by_screening ON batch_item (screening_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('screening',6);
PRAGMA user_version = 8;
