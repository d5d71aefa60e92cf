export const RECORD_TABLES_VERSION = 5

const LOOKUPS = `
  CREATE INDEX alert_event_by_time ON alert_event (time);
  CREATE INDEX winter_entry_by_alert ON alert_event
    (coalesce(event ->> '$.alert', event ->> '$.replacement.alert')) WHERE sender = 'winter'`

const PUSH_SUBSCRIPTION = `
  CREATE TABLE push_subscription (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    vapid_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX push_subscription_by_person ON push_subscription (person)`

/** Times are ms UTC. Events and alerts are kept as JSON, with the columns that they are looked up by. */
export const RECORD_TABLES = `
  CREATE TABLE alert_event (
    sender TEXT NOT NULL,
    run TEXT NOT NULL,
    number INTEGER NOT NULL,
    alert TEXT NOT NULL,
    time INTEGER NOT NULL,
    event TEXT NOT NULL,
    position INTEGER,
    hash TEXT,
    PRIMARY KEY (sender, run, number)
  ) STRICT;
  CREATE UNIQUE INDEX alert_event_by_position ON alert_event (position);
  CREATE INDEX alert_event_by_alert ON alert_event (alert, time, number);
  ${LOOKUPS};

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
    role TEXT NOT NULL DEFAULT 'administrator',
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
  ${PUSH_SUBSCRIPTION};
`

/** From version 1 on; the events of version 1 are put into the chain when the file is opened. */
export const RECORD_UPGRADES = [
  `ALTER TABLE alert_event ADD COLUMN position INTEGER;
   ALTER TABLE alert_event ADD COLUMN hash TEXT;
   CREATE UNIQUE INDEX alert_event_by_position ON alert_event (position)`,
  LOOKUPS,
  "ALTER TABLE token ADD COLUMN role TEXT NOT NULL DEFAULT 'administrator'",
  PUSH_SUBSCRIPTION,
]
