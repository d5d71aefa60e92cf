import type { DatabaseSync } from 'node:sqlite'
import { checkSchemaVersion } from '../schema-version.ts'

const SCHEMA_VERSION = 1

/** Times are ms UTC. Events and alerts are kept as JSON, with the columns that they are looked up by. */
const TABLES = `
  CREATE TABLE alert_event (
    sender TEXT NOT NULL,
    run TEXT NOT NULL,
    number INTEGER NOT NULL,
    alert TEXT NOT NULL,
    time INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (sender, run, number)
  ) STRICT;
  CREATE INDEX alert_event_by_alert ON alert_event (alert, time, number);

  CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    resolved INTEGER NOT NULL,
    fired_at INTEGER NOT NULL,
    event_time INTEGER NOT NULL,
    event_number INTEGER NOT NULL,
    alert TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alert_by_state ON alert (resolved, fired_at);

  CREATE TABLE position (
    sender TEXT NOT NULL,
    stream TEXT NOT NULL,
    run TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    ranges TEXT NOT NULL,
    PRIMARY KEY (sender, stream, run)
  ) STRICT;

  CREATE TABLE token (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    actor TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    spent_at INTEGER
  ) STRICT;

  CREATE TABLE audit (
    time INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL
  ) STRICT;

  PRAGMA user_version = ${SCHEMA_VERSION};
`

/** Makes the tables of a new file; refuses a file that a newer version wrote. */
export function createTables(database: DatabaseSync, file: string): void {
  // A commit must survive the loss of power: an alert that was acknowledged to its sender is kept nowhere else.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
  inTransaction(database, () => {
    const found = database.prepare('PRAGMA user_version').get()!.user_version as number
    checkSchemaVersion(file, found, SCHEMA_VERSION)
    if (found === 0) database.exec(TABLES)
  })
}

/** All of `work` or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
