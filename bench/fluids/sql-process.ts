import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { HOUR_MS } from '../../model/time.ts'
import { peakMegabytes } from '../process-usage.ts'
import { closingStatements, SCHEMA } from './closing-sql.ts'
import { boundsOf } from './readings.ts'
import { type SideOutcome, type SideSettings, territoryOf } from './territory.ts'

/** Closes the same in SQL: the history, then the new day from the hour of the last index before it. */
const { size, folder }: SideSettings = JSON.parse(process.argv[2]!)
const { start, newDay, end } = boundsOf(size)
const instance = await DuckDBInstance.create(join(folder, 'sql.duckdb'))
const connection = await instance.connect()
await connection.run(`ATTACH '${join(folder, 'readings.duckdb')}' AS store (READ_ONLY)`)
for (const statement of SCHEMA) await connection.run(statement)
for (const { id, point, digits } of territoryOf(size).meters.values())
  await connection.run('INSERT INTO meter VALUES (?, ?, ?)', [id, point!.id, digits ? 10 ** digits : null])

async function close(from: number, until: number): Promise<number> {
  const started = performance.now()
  for (let first = 0; first < size.meters; first += METERS_AT_ONCE) {
    for (const statement of closingStatements(from, until, first, first + METERS_AT_ONCE))
      await connection.run(statement)
  }
  return (performance.now() - started) / 1000
}

/** All at once would need several times the memory, and take no less time. */
const METERS_AT_ONCE = 100
const full = await close(start, newDay)
const increment = await close(newDay - HOUR_MS, end)
await connection.run('CHECKPOINT')
connection.closeSync()
instance.closeSync()
process.once('SIGTERM', () => process.exit())
process.send!({ full, increment, megabytes: peakMegabytes(process.pid) } satisfies SideOutcome)
