import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Sealed } from '../../model/seal.ts'
import type { WinterEntry, WinterRecord } from '../../model/winter-service.ts'
import type { RecordStore } from '../records.ts'
import { inTransaction } from '../sqlite.ts'
import { type Chain, toSealed } from './chain.ts'
import { WINTER } from './kept-under.ts'

type WinterRecords = Pick<
  RecordStore,
  'sealWinterEntry' | 'winterRecord' | 'winterRecords' | 'winterRecordsNaming'
>

/** An entry is kept under its own id as the run, so that the same id never stands there twice. */
const NUMBER = 1
const COLUMNS = 'event, position, hash'

export function winterRecords(database: DatabaseSync, chain: Chain): WinterRecords {
  const readOne = database.prepare(`
    SELECT ${COLUMNS} FROM alert_event WHERE sender = '${WINTER}' AND run = ? AND number = ${NUMBER}`)
  // With the plus, the index of what follows is taken, not that of all that the sender has.
  const readCorrection = database.prepare(`
    SELECT ${COLUMNS} FROM alert_event WHERE +sender = '${WINTER}' AND alert = :id AND run <> :id`)
  const readSpan = database.prepare(`
    SELECT ${COLUMNS} FROM alert_event
    WHERE +sender = '${WINTER}' AND time >= :from AND time < :to ORDER BY time, position`)
  const readNaming = database.prepare(`
    SELECT ${COLUMNS} FROM alert_event
    WHERE sender = '${WINTER}' AND coalesce(event ->> '$.alert', event ->> '$.replacement.alert') = ?
    ORDER BY time, position`)

  const sealed = (row: Record<string, SQLOutputValue> | undefined) => row && toSealed<WinterEntry>(row)
  const winterEntry = (id: string) => sealed(readOne.get(id))
  const correctionOf = (id: string) => sealed(readCorrection.get({ id }))

  /** From any entry of a record to the whole of it. */
  function recordOf(entry: Sealed<WinterEntry>): WinterRecord {
    let first = entry
    while (first.event.kind === 'correction') first = winterEntry(first.event.corrects)!
    const record = [first]
    let next = correctionOf(first.event.id)
    while (next) {
      record.push(next)
      next = correctionOf(next.event.id)
    }
    return record
  }

  function recordsOf(rows: Record<string, SQLOutputValue>[]): WinterRecord[] {
    const records = rows.map(row => recordOf(toSealed(row)))
    return [...new Map(records.map(record => [record[0]!.event.id, record])).values()]
  }

  return {
    sealWinterEntry(entry) {
      return inTransaction(database, () => {
        const other =
          winterEntry(entry.id) ?? (entry.kind === 'correction' ? correctionOf(entry.corrects) : undefined)
        if (other) return { sealed: other, added: false }
        const event = JSON.stringify(entry)
        const seal = chain.add({ sender: WINTER, run: entry.id, number: NUMBER, event })!
        return { sealed: { event: entry, seal }, added: true }
      })
    },
    winterRecord(id) {
      const entry = winterEntry(id)
      return entry && recordOf(entry)
    },
    winterRecords: span => recordsOf(readSpan.all({ ...span })),
    winterRecordsNaming: alert => recordsOf(readNaming.all(alert)),
  }
}
