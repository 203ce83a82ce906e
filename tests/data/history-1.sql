BEGIN TRANSACTION;
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
INSERT INTO "screening" VALUES(1,'2026-01-02T03:04:05+03:00','/pictures/lesion.jpg','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',0.25,0.2,'melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',X'FFD8FF');
INSERT INTO "screening" VALUES(3,'2026-01-02T03:04:05+03:00','/pictures/شامة المريض.jpg','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',0.5,0.2,'melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',X'FFD8FF');
INSERT INTO "screening" VALUES(4,'2026-01-02T03:04:05+03:00','/pictures/a b''c.jpg','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',0.1,0.2,'non-melanoma','model','1.2','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["a ruler; perhaps", "\u0435\u0449\u0451"]',X'FFD8FF');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('screening',4);
COMMIT;
PRAGMA user_version = 1;
