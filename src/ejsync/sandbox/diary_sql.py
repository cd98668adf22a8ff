"""The diary's tables and statements."""

from __future__ import annotations

from typing import Final

# secure_delete overwrites what an update frees: an erased pupil must not survive in the slack of a page.
# A row of `records` is never deleted, and the trigger counts, as an independent witness, if a version ever went back.
SCHEMA: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS records (
  school TEXT NOT NULL, kind TEXT NOT NULL, key_hash TEXT NOT NULL, key TEXT, version INTEGER NOT NULL,
  fingerprint TEXT, data BLOB, pupil TEXT, applied_at TEXT,
  PRIMARY KEY (school, key_hash)
);
CREATE INDEX IF NOT EXISTS records_live ON records (school, kind, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_pupil ON records (school, pupil) WHERE pupil IS NOT NULL;
CREATE TABLE IF NOT EXISTS effects (
  school TEXT NOT NULL, key_hash TEXT NOT NULL, version INTEGER NOT NULL, times INTEGER NOT NULL,
  PRIMARY KEY (school, key_hash, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipts (
  school TEXT NOT NULL, idempotency_key TEXT NOT NULL, body_hash TEXT NOT NULL, receipt BLOB NOT NULL,
  PRIMARY KEY (school, idempotency_key)
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoints (
  school TEXT PRIMARY KEY, line TEXT NOT NULL, size INTEGER NOT NULL, contradicted INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS hashing (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT OR IGNORE INTO counters VALUES
  ('applied', 0), ('unchanged', 0), ('stale', 0), ('rejected', 0), ('replayed', 0), ('version_regressions', 0);
CREATE TRIGGER IF NOT EXISTS version_went_back AFTER UPDATE OF version ON records
  WHEN NEW.version < OLD.version
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'version_regressions'; END;
CREATE TRIGGER IF NOT EXISTS version_forgotten BEFORE DELETE ON records
  BEGIN SELECT RAISE(ABORT, 'a version is never forgotten'); END;
"""
KEEP_HASH_KEY: Final = "INSERT OR IGNORE INTO hashing VALUES ('key', ?)"
HASH_KEY: Final = "SELECT value FROM hashing WHERE name = 'key'"
RECEIPT: Final = "SELECT body_hash, receipt FROM receipts WHERE school = ? AND idempotency_key = ?"
KEEP_RECEIPT: Final = "INSERT INTO receipts VALUES (?, ?, ?, ?)"
COUNT: Final = "UPDATE counters SET value = value + ? WHERE name = ?"
# What came first about most entries is kept: a sender whose log was set back contradicts it, and must not replace it.
KEEP_CHECKPOINT: Final = """
INSERT INTO checkpoints VALUES (?, ?, ?, 0)
ON CONFLICT (school) DO UPDATE SET
  contradicted = contradicted + (excluded.size < size OR (excluded.size = size AND excluded.line <> line)),
  line = CASE WHEN excluded.size > size THEN excluded.line ELSE line END,
  size = max(excluded.size, size)
"""
CHECKPOINT: Final = "SELECT line FROM checkpoints WHERE school = ?"
CHECKPOINTS: Final = "SELECT school, line, contradicted FROM checkpoints ORDER BY school"
HELD: Final = """
SELECT key_hash, version, fingerprint FROM records
WHERE school = ? AND key_hash IN (SELECT value FROM json_each(?))
"""
APPLY: Final = """
INSERT INTO records (school, kind, key_hash, key, version, fingerprint, data, pupil, applied_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (school, key_hash) DO UPDATE SET
  key = excluded.key, version = excluded.version, fingerprint = excluded.fingerprint, data = excluded.data,
  pupil = excluded.pupil, applied_at = excluded.applied_at
"""
EFFECT: Final = """
INSERT INTO effects VALUES (?, ?, ?, 1)
ON CONFLICT (school, key_hash, version) DO UPDATE SET times = times + 1
"""
DIGEST: Final = """
SELECT key, version, fingerprint FROM records WHERE school = ? AND kind = ? AND key IS NOT NULL ORDER BY key
"""
PAGE: Final = """
SELECT key, version, fingerprint, data FROM records
WHERE school = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?
"""
PUPIL_PAGE: Final = """
SELECT key, version, fingerprint, data FROM records
WHERE school = ? AND kind = ? AND key > ? AND pupil = ? ORDER BY key LIMIT ?
"""
ERASE: Final = """
UPDATE records SET key = NULL, fingerprint = NULL, data = NULL, pupil = NULL, applied_at = NULL
WHERE school = ? AND pupil = ?
"""
LIVE: Final = """
SELECT school, kind, key, version, fingerprint, data, applied_at FROM records
WHERE key IS NOT NULL ORDER BY school, kind, key
"""
COUNTS: Final = """
SELECT name, value FROM counters
UNION ALL SELECT 'tombstones', count(*) FROM records WHERE key IS NULL
UNION ALL SELECT 'effects', ifnull(sum(times), 0) FROM effects
UNION ALL SELECT 'doubled', count(*) FROM effects WHERE times > 1
UNION ALL SELECT 'batches', count(*) FROM receipts
"""
