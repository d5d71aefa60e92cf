import type { Logger } from 'pino'
import { openDatabase } from '../duckdb/database.ts'
import type { ReadingStore } from '../readings.ts'
import { StoreUnavailableError } from '../readings.ts'
import { packedBuffers, packReadings } from './packed.ts'
import type { ReadingOperations } from './reading-tables.ts'

/** How long a rollup may lag behind; answers never do, they read what is not rolled up yet. */
const REFRESH_INTERVAL_MS = 5_000

export interface EmbeddedStoreOptions {
  file: string
  /** IANA; its civil days are the days of `aggregate`. */
  timeZone: string
  log: Logger
}

/**
 * Readings in a DuckDB file. One process owns the file.
 * @throws Error that names the file when it cannot be opened.
 */
export async function openEmbeddedReadingStore(options: EmbeddedStoreOptions): Promise<ReadingStore> {
  const { file, timeZone, log } = options
  const database = await openDatabase<ReadingOperations>({
    file,
    tables: new URL('./reading-tables.ts', import.meta.url),
    settings: { timeZone },
  })

  let closing = false
  let refreshing = Promise.resolve()
  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh)
  }, REFRESH_INTERVAL_MS)

  /** In slices, so that writes and queries come between. */
  async function refresh(): Promise<void> {
    try {
      while (!closing && (await database.call('refreshRollups', [])));
    } catch (error) {
      log.error({ err: error, file }, 'the hourly rollups could not be refreshed; answers stay right, slower')
    }
  }

  return {
    async write(readings, positions) {
      const packed = packReadings(readings)
      try {
        return await database.call('write', [packed, positions], packedBuffers(packed))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new StoreUnavailableError(`nothing was written to ${file}: ${reason}`, { cause: error })
      }
    },
    positions: () => database.call('positions', []),
    latest: points => database.call('latest', [points]),
    async range(point, from, to, limit) {
      const series = await database.call('range', [point, from, to, limit])
      return series.times.map((time, i) => ({
        point,
        time,
        value: series.values[i]!,
        quality: series.qualities[i]!,
        gatewayTime: series.gatewayTimes[i]!,
      }))
    },
    aggregate: (point, by, from, to) => database.call('aggregate', [point, by, from, to]),
    async close() {
      closing = true
      clearInterval(timer)
      await refreshing
      await database.close()
    },
  }
}
