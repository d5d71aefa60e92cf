import type { DuckDBConnection } from '@duckdb/node-api'
import { BIGINT, VARCHAR } from '@duckdb/node-api'
import type { LedgerEntry } from '../../model/ledger.ts'
import { append, type Column } from '../duckdb/append.ts'
import { rows, transaction } from '../duckdb/tables.ts'

/** The counts of one key are the sum of its rows: to append is the one way that costs a write next to nothing. */
export const LEDGER_TABLE = `CREATE TABLE IF NOT EXISTS ledger (sender VARCHAR NOT NULL,
  stream VARCHAR NOT NULL, hour BIGINT NOT NULL, outcome VARCHAR NOT NULL, count BIGINT NOT NULL)`

/** So many rows may be appended before those of one key are added up. */
const COMPACT_ROWS = 10_000

/** What has been appended since rows were last added up. */
export interface LedgerGrowth {
  rows: number
  oldestHour: number
}

/** Of a file that was just opened nothing is known. */
export const UNKNOWN_GROWTH: LedgerGrowth = { rows: COMPACT_ROWS, oldestHour: -8.64e15 }

export function growBy({ rows, oldestHour }: LedgerGrowth, ledger: readonly LedgerEntry[]): LedgerGrowth {
  return {
    rows: rows + ledger.length,
    oldestHour: ledger.reduce((oldest, { hour }) => Math.min(oldest, hour), oldestHour),
  }
}

export async function appendLedger(connection: DuckDBConnection, ledger: readonly LedgerEntry[]) {
  const columns: Column[] = [
    { type: VARCHAR, at: i => ledger[i]!.sender },
    { type: VARCHAR, at: i => ledger[i]!.stream },
    { type: BIGINT, at: i => BigInt(ledger[i]!.hour) },
    { type: VARCHAR, at: i => ledger[i]!.outcome },
    { type: BIGINT, at: i => BigInt(ledger[i]!.count) },
  ]
  await append(connection, 'ledger', columns, ledger.length)
}

/** Adds up the rows of each key where many were appended. */
export async function compactLedger(tables: { connection: DuckDBConnection; ledgerGrowth: LedgerGrowth }) {
  const { connection, ledgerGrowth } = tables
  if (ledgerGrowth.rows < COMPACT_ROWS) return
  const grown = `hour >= ${ledgerGrowth.oldestHour}`
  await transaction(connection, async () => {
    await connection.run(`CREATE OR REPLACE TEMP TABLE ledger_sums AS
      SELECT sender, stream, hour, outcome, sum(count)::BIGINT AS count FROM ledger WHERE ${grown} GROUP BY ALL`)
    await connection.run(`DELETE FROM ledger WHERE ${grown}`)
    await connection.run('INSERT INTO ledger FROM ledger_sums')
    await connection.run('DROP TABLE ledger_sums')
  })
  tables.ledgerGrowth = { rows: 0, oldestHour: Infinity }
}

/** The entries of the hours that a condition on `hour` selects, of one sender or all. */
export async function readLedger(
  connection: DuckDBConnection,
  hours: string,
  sender?: string,
): Promise<LedgerEntry[]> {
  const found = await rows(
    connection,
    `SELECT sender, stream, hour::DOUBLE, outcome, sum(count)::DOUBLE FROM ledger
     WHERE ${hours} AND coalesce(sender = $1, true) GROUP BY ALL`,
    [sender ?? null],
  )
  return found.map(([sender, stream, hour, outcome, count]) => ({
    sender: sender as string,
    stream: stream as LedgerEntry['stream'],
    hour: hour as number,
    outcome: outcome as LedgerEntry['outcome'],
    count: count as number,
  }))
}
