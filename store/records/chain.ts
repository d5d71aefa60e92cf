import { createHash } from 'node:crypto'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Seal, Sealed } from '../../model/seal.ts'
import { inTransaction } from '../sqlite.ts'
import { keptUnder, WINTER } from './kept-under.ts'

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

export type Chain = ReturnType<typeof openChain>

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
  const insert = database.prepare(`
    INSERT OR IGNORE INTO alert_event (sender, run, number, alert, time, event)
    VALUES (:sender, :run, :number, :alert, :time, :event)`)
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

  function append({ sender, run, number, event }: ChainedRow): Seal {
    const { length, hash: before } = head()
    const place = { position: length + 1, hash: seal(before, { sender, run, number, event }) }
    put.run({ sender, run, number, ...place })
    return place
  }

  /** Writes a row and seals it, within a transaction of the caller; undefined where its number is there already. */
  function add(row: ChainedRow): Seal | undefined {
    const added = insert.run({ ...row, ...keptUnder(row.sender, row.event) })
    return added.changes === 0 ? undefined : append(row)
  }

  inTransaction(database, () => {
    for (const row of readLoose.all()) append(toRow(row))
  })
  return { head, add }
}

/** An event with its seal, from a row that has both. */
export function toSealed<T>({ event, position, hash }: Record<string, SQLOutputValue>): Sealed<T> {
  return {
    event: JSON.parse(event as string) as T,
    seal: { position: position as number, hash: hash as string },
  }
}

/** What is wrong with the chain, in words: an event was changed, taken out or put in between; undefined where nothing is. */
export function findBreak(database: DatabaseSync): string | undefined {
  const rows = database.prepare('SELECT * FROM alert_event ORDER BY position IS NULL, position')
  let before = ROOT
  let length = 0
  for (const row of rows.iterate()) {
    length += 1
    const isWinter = row.sender === WINTER
    const [what, name] = isWinter ? ['winter-service entry', row.run] : ['alert event', row.alert]
    if (row.position === null) return `${isWinter ? 'a' : 'an'} ${what} (${name}) was put in beside the chain`
    if (row.position !== length) return `event ${length} was taken out of the chain`
    const chained = toRow(row)
    before = seal(before, chained)
    if (row.hash !== before) return `${what} ${length} (${name}) is not as it was sealed`
    const { alert, time } = keptUnder(chained.sender, chained.event)
    if (alert !== row.alert || time !== row.time)
      return `${what} ${length} (${name}) is kept where it would not be found`
  }
  return undefined
}

function toRow({ sender, run, number, event }: Record<string, SQLOutputValue>): ChainedRow {
  return { sender, run, number, event } as unknown as ChainedRow
}
