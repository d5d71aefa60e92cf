export const STATEMENT_TABLES_VERSION = 2

/** Longer ones are few, and looked for beside the others, ms. */
export const LONG_STATEMENT = 32 * 24 * 3_600_000

/** Times are ms UTC; a value is in the unit of its meter, `counted` in its steps. */
export const STATEMENT_TABLES = `
  CREATE TABLE statement (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    meter TEXT NOT NULL,
    origin TEXT NOT NULL,
    form TEXT NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    value REAL NOT NULL,
    written_value REAL,
    written_unit TEXT,
    author TEXT NOT NULL,
    source TEXT,
    reason TEXT,
    recorded_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    ended_reason TEXT,
    state TEXT,
    counted INTEGER
  ) STRICT;
  CREATE INDEX statement_by_time ON statement (meter, form, start, stop);
  CREATE INDEX long_statement ON statement (meter, start, stop) WHERE stop - start > ${LONG_STATEMENT};

  CREATE TABLE extent (
    meter TEXT PRIMARY KEY,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    meter TEXT NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL
  ) STRICT;
`

/** From version 1 on. */
export const STATEMENT_UPGRADES = [
  `ALTER TABLE statement ADD COLUMN written_value REAL;
   ALTER TABLE statement ADD COLUMN written_unit TEXT`,
]
