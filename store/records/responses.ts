import type { DatabaseSync } from 'node:sqlite'
import type { AlertResponse } from '../../model/response.ts'
import type { RecordStore } from '../records.ts'
import { inTransaction } from '../sqlite.ts'
import { type Chain, toSealed } from './chain.ts'
import { CREW } from './kept-under.ts'

type ResponseRecords = Pick<RecordStore, 'sealResponse' | 'responses' | 'sealedResponses'>

/** A response is kept under its own id as the run, so that the same id never stands there twice. */
const NUMBER = 1

export function responseRecords(database: DatabaseSync, chain: Chain): ResponseRecords {
  const readOne = database.prepare(`
    SELECT event FROM alert_event WHERE sender = '${CREW}' AND run = ? AND number = ${NUMBER}`)
  // With the plus, the index of what follows is taken, not that of all that the sender has.
  const readOfAlert = database.prepare(`
    SELECT event FROM alert_event WHERE +sender = '${CREW}' AND alert = ? ORDER BY time, position`)
  const readSpan = database.prepare(`
    SELECT event, position, hash FROM alert_event
    WHERE +sender = '${CREW}' AND time >= :from AND time < :to ORDER BY time, position`)
  const toResponse = ({ event }: { event?: unknown }) => JSON.parse(event as string) as AlertResponse

  return {
    sealResponse: response =>
      inTransaction(database, () => {
        const other = readOne.get(response.id)
        if (other) return { response: toResponse(other), added: false }
        const event = JSON.stringify(response)
        chain.add({ sender: CREW, run: response.id, number: NUMBER, event })
        return { response, added: true }
      }),
    responses: alert => readOfAlert.all(alert).map(toResponse),
    sealedResponses: span => readSpan.all({ ...span }).map(row => toSealed<AlertResponse>(row)),
  }
}
