import { DuckDBInstance } from '@duckdb/node-api'
import type { Reading } from '../../model/reading.ts'
import { createConnection, type InfluxdbOptions } from '../../store/influxdb/connection.ts'
import { quoted } from '../../store/influxdb/line-protocol.ts'

const POLL_MS = 100
const DEADLINE_MS = 300_000

/** Both sides write the measurement `reading` with the tag `point`; the field of the value differs. */
const COUNT = 'SELECT count("num"), count("value") FROM "reading"'

export async function countInInfluxdb(influxdb: InfluxdbOptions): Promise<number> {
  return count(influxdb, COUNT)
}

export async function countInFile(file: string): Promise<number> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const [[found]] = (await connection.runAndReadAll('SELECT count(num)::DOUBLE FROM reading')).getRows() as [
    [number],
  ]
  connection.closeSync()
  instance.closeSync()
  return found
}

/**
 * Resolves when all readings are stored: asks for the last ones, which costs next to nothing, and counts
 * everything only when these are there.
 */
export async function untilStored(
  influxdb: InfluxdbOptions,
  last: Reading[],
  readings: number,
): Promise<void> {
  const points = last.map(({ point }) => `"point" = ${quoted(point)}`).join(' OR ')
  const lastOnes = `${COUNT} WHERE (${points}) AND time >= ${last[0]!.time}ms`
  const deadline = performance.now() + DEADLINE_MS
  for (;;) {
    if ((await count(influxdb, lastOnes)) === last.length && (await countInInfluxdb(influxdb)) >= readings)
      return
    if (performance.now() > deadline)
      throw new Error(
        `${await countInInfluxdb(influxdb)} of ${readings} readings are stored after ${DEADLINE_MS} ms`,
      )
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
}

async function count(influxdb: InfluxdbOptions, statement: string): Promise<number> {
  const [series = []] = await createConnection(influxdb).query([statement])
  // Without readings there is no series.
  const [, ours, theirs] = series[0]?.rows[0] ?? []
  return ((ours ?? 0) as number) + ((theirs ?? 0) as number)
}
