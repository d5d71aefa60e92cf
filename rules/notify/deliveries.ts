import { join } from 'node:path'
import type { AlertEvent } from '../../model/alert.ts'
import { inTransaction, openSqlite } from '../../store/sqlite.ts'
import { keyOf, type Notice, type Outcome } from './notice.ts'
import type { Recipient } from './routes.ts'
import { openUnanswered, UNANSWERED_TABLE, type Unanswered } from './unanswered.ts'

/**
 * What was asked of each channel and what became of it, on disk: so that a restart repeats and forgets nothing. After a
 * power cut, the last of it may be told again.
 */
export interface Deliveries {
  /** When this memory began, ms UTC: of what happened before it knows nothing. */
  readonly began: number
  readonly unanswered: Unanswered
  /**
   * Queues an event for recipients, in one transaction; what a channel was asked before is left out of the answer.
   * @param telling `reminder`: which one, from 1 on, 0 is the first time; `due`: when it is to be told, ms UTC, if not
   *   as soon as it happened
   */
  add(event: Notice['event'], recipients: readonly Recipient[], telling?: Partial<Occasion>): Delivery[]
  /** Who was told of an alert as it was until a time, ms UTC, or is to be. */
  recipientsOf(alert: string, until?: number): Recipient[]
  /** Whether anybody was told of an event or reminded of it, or is to be. */
  knows(event: AlertEvent): boolean
  /** What was told, or is to be, on these channels or to these people, in the order of the events. */
  toldTo(recipients: { channels: readonly string[]; people: readonly string[] }): Told[]
  /** The channels on which an alert, asked for before a time, has not arrived. */
  undelivered(alert: string, before: number): string[]
  /** Since when what waits longest on each channel was to be told, ms UTC. */
  waitingSince(): ReadonlyMap<string, number>
  /** When the last daily test went out, ms UTC, and on which channels it has arrived; undefined before the first. */
  lastTest(): { time: number; arrived: ReadonlyMap<string, boolean> } | undefined
  /** What is still to be sent, in the order of the events. */
  waiting(): Delivery[]
  /** What to tell; undefined for a number that was never given, or is forgotten. */
  notice(delivery: Pick<Delivery, 'number'>): Notice | undefined
  settle(delivery: Pick<Delivery, 'number'>, settlement: Settlement): void
  /** What is settled and not sealed yet, in order. */
  unsealed(): (Settlement & { notice: Notice })[]
  noteSealed(deliveries: Iterable<number>): void
  /** Forgets what is settled and sealed, and was due before a time, ms UTC; and what was answered and last heard of before it. */
  forget(before: number): void
  close(): void
}

/** Which telling of an event a notice is. */
export type Occasion = Pick<Notice, 'reminder' | 'due'>

/** What has become of a delivery. */
export interface Settlement {
  outcome: Outcome
  /** ms UTC */
  time: number
  /** What the channel answered, or why it was given up. */
  receipt: string
}

/** That an alert was told as it was after so many changes. */
export interface Told {
  alert: string
  change: number
  channel: string
  person?: string
  delivered: boolean
}

export interface Delivery {
  number: number
  channel: string
  alert: string
}

/** The receipt is here until it is sealed. */
const UNSEALED_INDEX = `
  CREATE INDEX delivery_unsealed ON delivery (settled, number) WHERE receipt IS NOT NULL;
`

/** So many numbers are written down at once before they are given: a record of the disk for that many notices. */
const RESERVE = 100

/** (alert, event), with the key of the event, is what it is known by: MQTT may carry it twice, and a takeover tells it again. */
const TABLES = `
  CREATE TABLE memory (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    began INTEGER NOT NULL,
    reserved INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE delivery (
    number INTEGER PRIMARY KEY,
    alert TEXT NOT NULL,
    event TEXT NOT NULL,
    time INTEGER NOT NULL,
    channel TEXT NOT NULL,
    content TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'waiting',
    person TEXT,
    reminder INTEGER NOT NULL DEFAULT 0,
    settled INTEGER,
    receipt TEXT,
    UNIQUE (alert, event, time, channel)
  ) STRICT;
  CREATE INDEX delivery_outcome ON delivery (outcome, time);
  ${UNSEALED_INDEX}
  ${UNANSWERED_TABLE}
`

const UPGRADES = [
  `ALTER TABLE delivery ADD COLUMN person TEXT;
   ALTER TABLE delivery ADD COLUMN reminder INTEGER NOT NULL DEFAULT 0;
   ${UNANSWERED_TABLE}`,
  `ALTER TABLE delivery ADD COLUMN settled INTEGER;
   ALTER TABLE delivery ADD COLUMN receipt TEXT;
   ${UNSEALED_INDEX}`,
  // Versions before gave numbers again when all were forgotten: no hub has come near this one.
  `ALTER TABLE memory ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;
   UPDATE memory SET reserved = 100000`,
]

/** @throws Error that names the file when it cannot be opened. */
export function openDeliveries(folder: string, now: number): Deliveries {
  const file = join(folder, 'deliveries.sqlite')
  const database = openSqlite({ file, tables: TABLES, version: 4, upgrades: UPGRADES })
  database.prepare('INSERT OR IGNORE INTO memory (one, began) VALUES (1, ?)').run(now)
  // What a power cut takes of the last moments is told again from the records: waiting for the disk at each event and
  // each delivery would only make everybody wait for news.
  database.exec('PRAGMA synchronous = NORMAL')
  const remembered = database.prepare('SELECT began, reserved FROM memory').get()!
  const began = remembered.began as number
  const reserve = database.prepare('UPDATE memory SET reserved = ?')
  // Whether this start follows a power cut nobody knows: what may have been given is left out.
  let reserved = remembered.reserved as number
  let next = reserved + 1

  /** A number that was sealed once with a receipt stands for no other notice, whatever a power cut takes. */
  function reserveNumbers(count: number): void {
    if (next + count - 1 <= reserved) return
    reserved = next + count - 1 + RESERVE
    database.exec('PRAGMA synchronous = FULL')
    try {
      reserve.run(reserved)
    } finally {
      database.exec('PRAGMA synchronous = NORMAL')
    }
  }

  const insert = database.prepare(`
    INSERT INTO delivery (number, alert, event, time, channel, content, person, reminder)
    SELECT :number, :alert, :event, :time, :channel, :content, :person, :reminder WHERE NOT EXISTS (
      SELECT 1 FROM delivery WHERE alert = :alert AND event = :event AND channel = :channel)
    RETURNING number, channel, alert`)
  const recipients = database.prepare(
    "SELECT DISTINCT channel, person FROM delivery WHERE alert = ? AND json_extract(content, '$.time') <= ?",
  )
  const knows = database.prepare(`
    SELECT 1 FROM delivery WHERE alert = :alert AND json_extract(content, '$.time') = :time
      AND (event = :key OR substr(event, 1, length(:key) + 1) = :key || '/') LIMIT 1`)
  const toldTo = database.prepare(`
    SELECT alert, json_extract(content, '$.alert.change.number') AS change, channel, person, outcome FROM delivery
    WHERE event NOT IN ('test', 'test-failed') AND (
      channel IN (SELECT value FROM json_each(?)) OR person IN (SELECT value FROM json_each(?)))
    ORDER BY number`)
  const undelivered = database.prepare(
    "SELECT channel FROM delivery WHERE alert = ? AND time <= ? AND outcome <> 'delivered'",
  )
  const waiting = database.prepare(`
    SELECT number, channel, alert FROM delivery WHERE outcome = 'waiting' ORDER BY number`)
  const waitingSince = database.prepare(
    "SELECT channel, min(time) AS since FROM delivery WHERE outcome = 'waiting' GROUP BY channel",
  )
  const lastTest = database.prepare(`
    SELECT channel, outcome, time FROM delivery WHERE event = 'test' AND alert = (
      SELECT alert FROM delivery WHERE event = 'test' ORDER BY time DESC LIMIT 1) ORDER BY number`)
  const content = database.prepare(
    'SELECT number, content, channel, person, reminder, time FROM delivery WHERE number = ?',
  )
  const settle = database.prepare(
    'UPDATE delivery SET outcome = :outcome, settled = :time, receipt = :receipt WHERE number = :number',
  )
  const unsealed = database.prepare(`
    SELECT number, content, channel, person, reminder, time, outcome, settled, receipt FROM delivery
    WHERE receipt IS NOT NULL ORDER BY settled, number`)
  const noteSealed = database.prepare('UPDATE delivery SET receipt = NULL WHERE number = ?')
  const forget = database.prepare(
    "DELETE FROM delivery WHERE outcome <> 'waiting' AND receipt IS NULL AND time < ?",
  )
  const toDelivery = (row: Record<string, unknown>): Delivery => ({
    number: row.number as number,
    channel: row.channel as string,
    alert: row.alert as string,
  })

  const toNotice = (row: Record<string, unknown>): Notice => ({
    number: row.number as number,
    event: JSON.parse(row.content as string) as Notice['event'],
    channel: row.channel as string,
    ...(row.person !== null && { person: row.person as string }),
    reminder: row.reminder as number,
    due: row.time as number,
  })

  const unanswered = openUnanswered(database)

  return {
    began,
    unanswered,
    add(event, recipients, { reminder = 0, due = event.time } = {}) {
      const about = {
        ...{ alert: event.alert.id, event: keyOf(event, reminder), time: due },
        content: JSON.stringify(event),
      }
      reserveNumbers(recipients.length)
      return inTransaction(database, () =>
        recipients.flatMap(({ channel, person = null }) => {
          const added = insert.all({ ...about, number: next, channel, person, reminder }).map(toDelivery)
          next += added.length
          return added
        }),
      )
    },
    recipientsOf: (alert, until = Number.MAX_SAFE_INTEGER) =>
      recipients.all(alert, until).map(({ channel, person }) => ({
        channel: channel as string,
        ...(person !== null && { person: person as string }),
      })),
    knows: event => knows.get({ alert: event.alert.id, time: event.time, key: keyOf(event) }) !== undefined,
    toldTo: ({ channels, people }) =>
      toldTo.all(JSON.stringify(channels), JSON.stringify(people)).map(row => ({
        alert: row.alert as string,
        change: (row.change ?? 0) as number,
        channel: row.channel as string,
        ...(row.person !== null && { person: row.person as string }),
        delivered: row.outcome === 'delivered',
      })),
    undelivered: (alert, before) => undelivered.all(alert, before).map(row => row.channel as string),
    waitingSince: () =>
      new Map(waitingSince.all().map(({ channel, since }) => [channel as string, since as number])),
    lastTest() {
      const rows = lastTest.all()
      if (rows.length === 0) return undefined
      const arrived = rows.map(
        ({ channel, outcome }) => [channel as string, outcome === 'delivered'] as const,
      )
      return { time: rows[0]!.time as number, arrived: new Map(arrived) }
    },
    waiting: () => waiting.all().map(toDelivery),
    notice({ number }) {
      const row = content.get(number)
      return row && toNotice(row)
    },
    settle: ({ number }, settlement) => void settle.run({ number, ...settlement }),
    unsealed: () =>
      unsealed.all().map(row => ({
        notice: toNotice(row),
        outcome: row.outcome as Outcome,
        time: row.settled as number,
        receipt: row.receipt as string,
      })),
    noteSealed(deliveries) {
      inTransaction(database, () => {
        for (const number of deliveries) noteSealed.run(number)
      })
    },
    forget(before) {
      forget.run(before)
      unanswered.forget(before)
    },
    close: () => database.close(),
  }
}
