import type { Logger } from 'pino'
import { openDatabase } from '../duckdb/database.ts'
import type { ReadingStore } from '../readings.ts'
import { StoreUnavailableError } from '../readings.ts'
import { packedBuffers, ReadingPacker } from './packed.ts'
import type { ReadingOperations } from './reading-tables.ts'

/** DuckDB's words for content that it will never take. Everything else may pass: a full disk, a dead worker. */
const REFUSED_FOR_GOOD = /^(?:Conversion|Constraint|Invalid Input|Out of Range|Mismatch Type) Error/

export interface EmbeddedStoreOptions {
  file: string
  /** IANA; its civil days are the days of `aggregate`. */
  timeZone: string
  /** For pages and queries, bytes; 512 MiB. No hard cap. */
  memoryLimit?: number
  log: Logger
  /** How long rollups may lag behind, 5 s; answers never do, they read what is not rolled up yet. */
  refreshIntervalMs?: number
}

/**
 * Readings in a DuckDB file. One process owns the file.
 * @throws Error that names the file when it cannot be opened.
 */
export async function openEmbeddedReadingStore(options: EmbeddedStoreOptions): Promise<ReadingStore> {
  const { file, timeZone, memoryLimit, log, refreshIntervalMs = 5_000 } = options
  const database = await openDatabase<ReadingOperations>({
    file,
    tables: new URL('./reading-tables.ts', import.meta.url),
    settings: { timeZone },
    memoryLimit,
  })

  const packer = new ReadingPacker()
  let closing = false
  let refreshing = Promise.resolve()
  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh)
  }, refreshIntervalMs)

  /** In slices, so that writes and queries come between. */
  async function refresh(): Promise<void> {
    try {
      while (!closing && (await database.call('refreshRollups', [])));
    } catch (error) {
      log.error({ err: error, file }, 'the hourly rollups could not be refreshed; answers stay right, slower')
    }
  }

  return {
    async write(readings, positions, ledger = []) {
      const packed = packer.pack(readings)
      try {
        return await database.call('write', [packed, positions, ledger], packedBuffers(packed))
      } catch (error) {
        // The worker may have opened the file anew.
        packer.startOver()
        const reason = error instanceof Error ? error.message : String(error)
        if (REFUSED_FOR_GOOD.test(reason))
          throw new Error(`${file} refuses what is written: ${reason}`, { cause: error })
        throw new StoreUnavailableError(`nothing was written to ${file}: ${reason}`, { cause: error })
      }
    },
    positions: () => database.call('positions', []),
    ledger: (from, to, sender) => database.call('ledger', [from, to, sender]),
    series: () => database.call('series', []),
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
    copyTo: database.copyTo,
    async close() {
      closing = true
      clearInterval(timer)
      await refreshing
      await database.close()
    },
  }
}
