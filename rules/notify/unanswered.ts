import type { DatabaseSync } from 'node:sqlite'
import { type AlertEvent, isLaterState, isShelved } from '../../model/alert.ts'

/** The alerts that nobody has acknowledged or shelved, on disk. */
export interface Unanswered {
  /** Notes what has become of an alert; what is older than what is known, or the same again, changes nothing. */
  note(event: AlertEvent): void
  list(): UnansweredAlert[]
  /** Whether its end is known: here it is sooner than in the records. */
  isOver(alert: string): boolean
  /** Forgets the alerts that are answered, and were last heard of before a time, ms UTC. */
  forget(before: number): void
}

export interface UnansweredAlert {
  /** The newest event. */
  event: AlertEvent
  /** When it fired, last worsened or was told anew, or was shelved no longer, ms UTC: escalation counts from here. */
  since: number
}

/** Of every alert, so that an event that comes again late opens nothing anew. */
export const UNANSWERED_TABLE = `
  CREATE TABLE alert (
    id TEXT PRIMARY KEY,
    time INTEGER NOT NULL,
    since INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alert_unanswered ON alert (unanswered) WHERE unanswered = 1
`

/** Opens the table in a database that has it. */
export function openUnanswered(database: DatabaseSync): Unanswered {
  const find = database.prepare('SELECT event, since FROM alert WHERE id = ?')
  const keep = database.prepare(
    'INSERT OR REPLACE INTO alert VALUES (:id, :time, :since, :unanswered, :event)',
  )
  const list = database.prepare('SELECT event, since FROM alert WHERE unanswered = 1 ORDER BY since')
  const forget = database.prepare('DELETE FROM alert WHERE time < ? AND unanswered = 0')
  const toAlert = (row: Record<string, unknown>): UnansweredAlert => ({
    event: JSON.parse(row.event as string) as AlertEvent,
    since: row.since as number,
  })

  return {
    note(event) {
      const { type, time, alert } = event
      const row = find.get(alert.id)
      const known = row && toAlert(row)
      if (known && !isLaterState(alert, known.event.alert)) return
      const begins = !known || type === 'worsened' || type === 're-alarmed' || type === 'unshelved'
      const since = begins ? time : known.since
      const unanswered = Number(alert.state === 'firing' && !isShelved(alert))
      keep.run({ id: alert.id, time, since, unanswered, event: JSON.stringify(event) })
    },
    list: () => list.all().map(toAlert),
    isOver(alert) {
      const row = find.get(alert)
      return row !== undefined && toAlert(row).event.alert.state === 'resolved'
    },
    forget: before => void forget.run(before),
  }
}
