import { join } from 'node:path'
import { type AlertEvent, eventKey } from '../../model/alert.ts'
import { inTransaction, openSqlite } from '../../store/sqlite.ts'

/**
 * What was asked of each channel and what became of it, on disk: so that a restart repeats and forgets nothing. After a
 * power cut, the last of it may be told again.
 */
export interface Deliveries {
  /** When this memory began, ms UTC: of what happened before it knows nothing. */
  readonly began: number
  /** Queues an event for channels, in one transaction; what a channel was asked before is left out of the answer. */
  add(event: AlertEvent, channels: readonly string[]): Delivery[]
  /** The channels that were asked to tell of an alert. */
  channelsOf(alert: string): string[]
  /** What is still to be sent, in the order of the events. */
  waiting(): Delivery[]
  event(delivery: Delivery): AlertEvent
  settle(delivery: Delivery, outcome: 'delivered' | 'failed'): void
  /** Forgets what is settled and whose event is older than a time, ms UTC. */
  forget(before: number): void
  close(): void
}

export interface Delivery {
  number: number
  channel: string
  alert: string
}

/** (alert, event), with the key of the event, is what it is known by: MQTT may carry it twice, and a takeover tells it again. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS memory (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    began INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY,
    alert TEXT NOT NULL,
    event TEXT NOT NULL,
    time INTEGER NOT NULL,
    channel TEXT NOT NULL,
    content TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'waiting',
    UNIQUE (alert, event, time, channel)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS delivery_outcome ON delivery (outcome, time)
`

/** @throws Error that names the file when it cannot be opened. */
export function openDeliveries(folder: string, now: number): Deliveries {
  const database = openSqlite({ file: join(folder, 'deliveries.sqlite'), tables: TABLES, version: 1 })
  database.prepare('INSERT OR IGNORE INTO memory VALUES (1, ?)').run(now)
  // What a power cut takes of the last moments is told again from the records: waiting for the disk at each event and
  // each delivery would only make everybody wait for news.
  database.exec('PRAGMA synchronous = NORMAL')
  const began = database.prepare('SELECT began FROM memory').get()!.began as number
  const insert = database.prepare(`
    INSERT INTO delivery (alert, event, time, channel, content)
    SELECT :alert, :event, :time, :channel, :content WHERE NOT EXISTS (
      SELECT 1 FROM delivery WHERE alert = :alert AND event = :event AND channel = :channel)
    RETURNING number, channel, alert`)
  const channels = database.prepare('SELECT DISTINCT channel FROM delivery WHERE alert = ?')
  const waiting = database.prepare(`
    SELECT number, channel, alert FROM delivery WHERE outcome = 'waiting' ORDER BY number`)
  const content = database.prepare('SELECT content FROM delivery WHERE number = ?')
  const settle = database.prepare('UPDATE delivery SET outcome = ? WHERE number = ?')
  const forget = database.prepare("DELETE FROM delivery WHERE outcome <> 'waiting' AND time < ?")
  const toDelivery = (row: Record<string, unknown>): Delivery => ({
    number: row.number as number,
    channel: row.channel as string,
    alert: row.alert as string,
  })

  return {
    began,
    add(event, channels) {
      const json = JSON.stringify(event)
      return inTransaction(database, () =>
        channels.flatMap(channel =>
          insert
            .all({ alert: event.alert.id, event: eventKey(event), time: event.time, channel, content: json })
            .map(toDelivery),
        ),
      )
    },
    channelsOf: alert => channels.all(alert).map(row => row.channel as string),
    waiting: () => waiting.all().map(toDelivery),
    event: ({ number }) => JSON.parse(content.get(number)!.content as string) as AlertEvent,
    settle: ({ number }, outcome) => void settle.run(outcome, number),
    forget: before => void forget.run(before),
    close: () => database.close(),
  }
}
