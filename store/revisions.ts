import type { Interval } from '../model/calendar.ts'
import type { Revision } from '../model/revision.ts'
import { inTransaction, openSqlite } from './sqlite.ts'

/** What was told of closed months, and what is told since: kept apart from the figures, which can be computed anew. */
export interface RevisionStore {
  /** All or none. */
  add(revisions: readonly Revision[]): void
  /** The newest revision of each closed month of a meter that starts in [start, end), ascending. */
  latest(meter: string, time: Interval): Revision[]
  /** Every revision of a meter's months that start in [start, end), by month, then number. */
  list(meter: string, time: Interval): Revision[]
  close(): void
}

export const REVISION_TABLES_VERSION = 1

/** Times are ms UTC, `stop` is exclusive; an amount is a decimal as text, reasons are JSON. */
const TABLES = `
  CREATE TABLE revision (
    meter TEXT NOT NULL,
    start INTEGER NOT NULL,
    number INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    amount TEXT,
    unit TEXT NOT NULL,
    known_ms INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    PRIMARY KEY (meter, start, number)
  ) STRICT, WITHOUT ROWID;
`

/** @throws Error that names the file when it cannot be opened. */
export function openRevisionStore({ file }: { file: string }): RevisionStore {
  const database = openSqlite({ file, tables: TABLES, version: REVISION_TABLES_VERSION })
  const add = database.prepare(`
    INSERT INTO revision (meter, start, number, stop, amount, unit, known_ms, at, reasons)
    VALUES (:meter, :start, :number, :end, :amount, :unit, :knownMs, :at, :reasons)`)
  const latest = database.prepare(`
    SELECT *, max(number) FROM revision WHERE meter = :meter AND start >= :start AND start < :end
    GROUP BY start ORDER BY start`)
  const list = database.prepare(`
    SELECT * FROM revision WHERE meter = :meter AND start >= :start AND start < :end ORDER BY start, number`)
  return {
    add: revisions =>
      inTransaction(database, () => {
        for (const { reasons, ...revision } of revisions)
          add.run({ ...revision, reasons: JSON.stringify(reasons) })
      }),
    latest: (meter, { start, end }) => latest.all({ meter, start, end }).map(toRevision),
    list: (meter, { start, end }) => list.all({ meter, start, end }).map(toRevision),
    close: () => database.close(),
  }
}

function toRevision(row: Record<string, unknown>): Revision {
  const { meter, start, number, stop, amount, unit, known_ms, at, reasons } = row
  const written = { meter, start, end: stop, number, amount, unit, knownMs: known_ms, at }
  return { ...written, reasons: JSON.parse(reasons as string) } as Revision
}
