import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { pino } from 'pino'
import { openDatabase } from '../../store/duckdb/database.ts'
import type { ReadingOperations } from '../../store/embedded/reading-tables.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { boundsOf, readingsOf } from './readings.ts'
import { type SideSettings, TIME_ZONE, territoryOf } from './territory.ts'

const log = pino({ level: 'warn' })

/** The history in a file of the embedded store, all of it rolled up, as the nights before would have left it. */
export async function storeHistory({ size, folder }: SideSettings): Promise<void> {
  const file = join(folder, 'readings.duckdb')
  const { start, newDay } = boundsOf(size)
  const store = await openEmbeddedReadingStore({ file, timeZone: TIME_ZONE, log })
  for (const columns of readingsOf(territoryOf(size), size, start, newDay)) await store.write(columns, [])
  await store.close()
  const database = await openDatabase<ReadingOperations>({
    file,
    tables: new URL('../../store/embedded/reading-tables.ts', import.meta.url),
    settings: { timeZone: TIME_ZONE },
  })
  for (let more = true; more; ) more = await database.call('refreshRollups', [])
  await database.close()
}

/** All readings as a Parquet file, by meter and time, for pandas, which reads no DuckDB file. */
export async function exportReadings(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create(join(folder, 'readings.duckdb'), { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  await connection.run(
    `COPY (SELECT split_part(name, '/', 2) AS meter, time, num AS value, code = 'good' AS good
       FROM reading JOIN point ON point.id = point_id JOIN quality ON quality.id = quality_id
       ORDER BY point_id, time) TO '${join(folder, 'readings.parquet')}'`,
  )
  connection.closeSync()
  instance.closeSync()
}
