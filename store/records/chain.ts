import { createHash } from 'node:crypto'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { inTransaction } from '../sqlite.ts'

/** Before the first event. */
const ROOT = '0'.repeat(64)

interface ChainedRow {
  sender: string
  run: string
  number: number
  event: string
}

/** Where the chain of alert events stands: whoever keeps its hash elsewhere can show later that nothing was changed. */
export interface ChainHead {
  /** How many events are in it. */
  length: number
  /** SHA-256, hex. */
  hash: string
}

/** What an event is sealed with: everything before it, and itself, as the row holds it. */
function seal(before: string, { sender, run, number, event }: ChainedRow): string {
  return createHash('sha256')
    .update(JSON.stringify([before, sender, run, number, event]))
    .digest('hex')
}

/** Opens the chain of the alert events in a database, and puts those into it that an earlier version has left. */
export function openChain(database: DatabaseSync) {
  const readHead = database.prepare(
    'SELECT position, hash FROM alert_event WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1',
  )
  const put = database.prepare(`
    UPDATE alert_event SET position = :position, hash = :hash
    WHERE sender = :sender AND run = :run AND number = :number`)
  const readLoose = database.prepare(
    'SELECT sender, run, number, event FROM alert_event WHERE position IS NULL ORDER BY rowid',
  )

  function head(): ChainHead {
    const row = readHead.get()
    return row ? { length: row.position as number, hash: row.hash as string } : { length: 0, hash: ROOT }
  }

  /** Seals a row that was just written; within its transaction. */
  function append({ sender, run, number, event }: ChainedRow): void {
    const { length, hash } = head()
    put.run({ sender, run, number, position: length + 1, hash: seal(hash, { sender, run, number, event }) })
  }

  inTransaction(database, () => {
    for (const row of readLoose.all()) append(toRow(row))
  })
  return { head, append }
}

/** What is wrong with the chain, in words: an event was changed, taken out or put in between; undefined where nothing is. */
export function findBreak(database: DatabaseSync): string | undefined {
  const rows = database.prepare('SELECT * FROM alert_event ORDER BY position IS NULL, position')
  let before = ROOT
  let length = 0
  for (const row of rows.iterate()) {
    length += 1
    if (row.position === null) return `an alert event (${row.alert}) was put in beside the chain`
    if (row.position !== length) return `alert event ${length} was taken out of the chain`
    before = seal(before, toRow(row))
    if (row.hash !== before) return `alert event ${length} (${row.alert}) is not as it was sealed`
  }
  return undefined
}

function toRow({ sender, run, number, event }: Record<string, SQLOutputValue>): ChainedRow {
  return { sender, run, number, event } as unknown as ChainedRow
}
