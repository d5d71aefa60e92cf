export const STATEMENT_TABLES_VERSION = 1

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

  CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    meter TEXT NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL
  ) STRICT;
`
