export const QUARANTINE_TABLES_VERSION = 1

/**
 * Times are ms UTC; `ran` is how long the hub had run with this file, which is what an item's age goes by.
 * `party` is the sender that an item is counted for. `number` orders what replays release, by sender and stream.
 */
export const QUARANTINE_TABLES = `
  CREATE TABLE item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    time INTEGER NOT NULL,
    ran INTEGER NOT NULL,
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    sender TEXT NOT NULL,
    stream TEXT,
    run TEXT,
    first INTEGER,
    last INTEGER,
    counted INTEGER,
    topic TEXT,
    reason TEXT NOT NULL,
    payload TEXT NOT NULL,
    truncated INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    number INTEGER,
    released INTEGER,
    failure TEXT
  ) STRICT;
  CREATE INDEX item_by_party ON item (kind, party, id);
  CREATE INDEX item_by_ran ON item (ran) WHERE kind <> 'gap';
  CREATE INDEX item_by_number ON item (number) WHERE number IS NOT NULL AND released IS NULL;

  CREATE TABLE total (
    kind TEXT NOT NULL,
    party TEXT NOT NULL,
    items INTEGER NOT NULL DEFAULT 0,
    released INTEGER NOT NULL DEFAULT 0,
    forgotten INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, party)
  ) STRICT;

  CREATE TABLE clock (ran INTEGER NOT NULL) STRICT;
  INSERT INTO clock VALUES (0);
`
