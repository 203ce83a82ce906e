-- A history of schema 5, with a number that was asked for although its image was refused, by `iterdump`.
CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        begun_at TEXT NOT NULL,                -- ISO 8601 with zone
        roots TEXT NOT NULL,                   -- what was opened: a JSON array of paths, as bytes in hex
        closed INTEGER NOT NULL DEFAULT 0      -- done, or given up
    , command TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "batch" VALUES(1,'2026-11-29T17:22:08.574716Z','["2fd0bad0b0d180d182d0b0"]',0,'');
INSERT INTO "batch" VALUES(2,'2026-11-29T12:00:00.000000Z','["2fd0bad0b0d180d182d0b0"]',0,'');
CREATE TABLE batch_item (
        batch_id INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        path BLOB NOT NULL,                    -- as the system has it, which may be no Unicode
        screening_id INTEGER REFERENCES screening (id) ON DELETE CASCADE,
        is_repeated INTEGER NOT NULL DEFAULT 0,  -- the same content had been judged before
        failure TEXT, reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1)),                          -- JSON; an item with neither is still to be done
        PRIMARY KEY (batch_id, position)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "batch_item" VALUES(1,0,X'2FD0BAD0B0D180D182D0B02F74686972642E6A7067',NULL,0,NULL,0);
INSERT INTO "batch_item" VALUES(2,0,X'2FD0BAD0B0D180D182D0B02F646F672E6A7067',NULL,0,'{"error": "This does not look like a dermoscopy image: no result.", "refusal": "unfamiliar", "unfamiliarity": 2.5, "warnings": [], "sha256": "3333333333333333333333333333333333333333333333333333333333333333", "taken_at": "2026-11-29T12:00:00.000000Z", "model": ["MelaScreen Lite0", "4", "abababababababababababababababababababababababababababababababab", "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"]}',0);
INSERT INTO "batch_item" VALUES(2,1,X'2FD0BAD0B0D180D182D0B02F6361742E6A7067',5,1,NULL,0);
INSERT INTO "batch_item" VALUES(2,2,X'2FD0BAD0B0D180D182D0B02F6C617465722E6A7067',NULL,0,NULL,0);
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
        warnings TEXT NOT NULL, reviewed INTEGER NOT NULL DEFAULT 0 CHECK (reviewed IN (0, 1)), pictured_at TEXT, patient TEXT NOT NULL DEFAULT '', site TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', diagnosis TEXT NOT NULL DEFAULT '', confirmed_on TEXT NOT NULL DEFAULT '', confirmed_by TEXT NOT NULL DEFAULT '', lesion INTEGER, search TEXT NOT NULL DEFAULT '', lowest REAL, highest REAL, steady INTEGER CHECK (steady IN (0, 1)), unfamiliarity REAL, embedding BLOB NOT NULL DEFAULT x'', outline TEXT NOT NULL DEFAULT '', outline_by_hand INTEGER NOT NULL DEFAULT 0 CHECK (outline_by_hand IN (0, 1)), field_width REAL, card_sha256 TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "screening" VALUES(1,'2026-10-25T00:30:00.123456Z','/карта/first.jpg','ef67a691ef67a691ef67a691ef67a691ef67a691ef67a691ef67a691ef67a691',0.25,0.047,'melanoma','MelaScreen Lite0','4','abababababababababababababababababababababababababababababababab','[]',0,'2026-10-24T12:00:00','P 7','palms/soles','watch','','','',NULL,'/карта/first.jpg
p 7
palms/soles
watch',0.2,0.3,1,0.5,X'003C','[[0.2,0.2],[0.8,0.2],[0.5,0.8]]',1,12.5,'');
INSERT INTO "screening" VALUES(2,'2026-10-25T01:10:00.000000Z','/карта/second.jpg','50c6006350c6006350c6006350c6006350c6006350c6006350c6006350c60063',0.01,0.047,'non-melanoma','MelaScreen Lite0','4','abababababababababababababababababababababababababababababababab','[]',0,NULL,'','','','','','',NULL,'/карта/second.jpg',NULL,NULL,NULL,NULL,X'','',0,NULL,'');
INSERT INTO "screening" VALUES(3,'2026-10-25T01:00:00.000000Z','/карта/other zone.jpg','cbe5ba1ccbe5ba1ccbe5ba1ccbe5ba1ccbe5ba1ccbe5ba1ccbe5ba1ccbe5ba1c',0.5,0.047,'melanoma','MelaScreen Lite0','4','abababababababababababababababababababababababababababababababab','[]',0,NULL,'','','','','','',NULL,'/карта/other zone.jpg',NULL,NULL,NULL,NULL,X'','',0,NULL,'');
INSERT INTO "screening" VALUES(4,'2026-11-29T12:00:00.000000Z','/карта/like it.jpg','1111111111111111111111111111111111111111111111111111111111111111',0.3,0.047,'melanoma','MelaScreen Lite0','4','abababababababababababababababababababababababababababababababab','[]',0,NULL,'','','','','','',NULL,'/карта/like it.jpg',NULL,NULL,NULL,1.0,X'003C','',0,NULL,'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd');
INSERT INTO "screening" VALUES(5,'2026-11-29T12:00:00.000000Z','/карта/cat.jpg','2222222222222222222222222222222222222222222222222222222222222222',0.9,0.047,'melanoma','MelaScreen Lite0','4','abababababababababababababababababababababababababababababababab','["This does not look like a dermoscopy image. The number was asked for all the same; it may mean nothing."]',0,NULL,'','','','','','',NULL,'/карта/cat.jpg',NULL,NULL,NULL,3.0,X'003C','',0,NULL,'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd');
CREATE TABLE thumbnail (
        screening_id INTEGER PRIMARY KEY REFERENCES screening (id) ON DELETE CASCADE,
        jpeg BLOB NOT NULL
    ) STRICT;
INSERT INTO "thumbnail" VALUES(1,X'FFD8742E6A7067');
INSERT INTO "thumbnail" VALUES(2,X'FFD8642E6A7067');
INSERT INTO "thumbnail" VALUES(3,X'FFD8652E6A7067');
INSERT INTO "thumbnail" VALUES(4,X'FFD86A706567');
INSERT INTO "thumbnail" VALUES(5,X'FFD86A706567');
CREATE INDEX screening_by_content ON screening (sha256, model_sha256, threshold);
CREATE INDEX screening_by_time ON screening (taken_at);
CREATE INDEX screening_by_probability ON screening (melanoma_probability);
CREATE INDEX screening_by_patient ON screening (patient);
CREATE INDEX screening_by_lesion ON screening (lesion) WHERE lesion IS NOT NULL;
CREATE INDEX screening_by_diagnosis ON screening (diagnosis) WHERE diagnosis <> '';
CREATE INDEX batch_item_by_screening ON batch_item (screening_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('screening',5);
INSERT INTO "sqlite_sequence" VALUES('batch',2);
PRAGMA user_version = 5;
