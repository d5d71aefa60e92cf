import type { Logger } from 'pino'
import type { Clock } from '../../model/clock.ts'
import { HOUR_MS } from '../../model/time.ts'
import { openDatabase } from '../duckdb/database.ts'
import { gather, gatherByPoint } from '../gather.ts'
import type { ReadingStore } from '../readings.ts'
import { StoreUnavailableError } from '../readings.ts'
import { workInSlices } from '../slices.ts'
import type { AggregateRequest } from './aggregates.ts'
import { packedBuffers, ReadingPacker } from './packed.ts'
import { unpackAggregates } from './packed-aggregates.ts'
import type { RangeRequest } from './ranges.ts'
import type { ReadingOperations } from './reading-tables.ts'
import type { RetentionSettings } from './retention.ts'

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
  /** Points that are an index, whose readings are never deleted from now on. */
  indexes?: readonly string[]
  /** Without it everything is kept. */
  retention?: RetentionSettings & { clock: Clock }
}

const CALLS_AT_ONCE = 256

/** How often what has become too old is looked for. */
const RETENTION_INTERVAL_MS = HOUR_MS

/**
 * Readings in a DuckDB file. One process owns the file.
 * @throws Error that names the file when it cannot be opened.
 */
export async function openEmbeddedReadingStore(options: EmbeddedStoreOptions): Promise<ReadingStore> {
  const { file, timeZone, memoryLimit, log, refreshIntervalMs = 5_000, indexes } = options
  const { clock, ...retention } = options.retention ?? {}
  const database = await openDatabase<ReadingOperations>({
    file,
    tables: new URL('./reading-tables.ts', import.meta.url),
    settings: { timeZone, indexes, retention: clock && retention },
    memoryLimit,
  })

  const packer = new ReadingPacker()
  const ending = new AbortController()
  let writes = 0
  let expired = -Infinity
  // Before the first write, so that what is too old is refused from the beginning.
  let refreshing = expire()
  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh).then(expire)
  }, refreshIntervalMs)

  /** In slices, so that writes and queries come between. */
  async function refresh(): Promise<void> {
    try {
      await workInSlices(
        () => database.call('refreshRollups', []),
        () => writes,
        ending.signal,
      )
    } catch (error) {
      log.error({ err: error, file }, 'the hourly rollups could not be refreshed; answers stay right, slower')
    }
  }

  /** In slices too, and only where all hours are rolled up. */
  async function expire(): Promise<void> {
    if (!clock || clock.elapsed() - expired < RETENTION_INTERVAL_MS) return
    expired = clock.elapsed()
    try {
      for (let more = true; more && !ending.signal.aborted; ) {
        const outcome = await database.call('deleteExpired', [clock.now()])
        more = outcome.more
        if (outcome.differing.length > 0)
          log.error(
            { file, points: outcome.differing },
            'readings are kept beyond the retention: their rollups do not count them (affluent store check)',
          )
      }
    } catch (error) {
      log.error({ err: error, file }, 'readings that are too old could not be deleted; it is tried again')
    }
  }

  const range = gather((asked: readonly RangeRequest[]) => database.call('range', [asked]), CALLS_AT_ONCE)

  const aggregates = gather(
    (asked: readonly AggregateRequest[]) => database.call('aggregate', [asked]),
    CALLS_AT_ONCE,
  )
  const latest = gatherByPoint(points => database.call('latest', [points]), CALLS_AT_ONCE)
  const extents = gatherByPoint(points => database.call('series', [points]), CALLS_AT_ONCE)

  return {
    async write(readings, positions, ledger = []) {
      writes++
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
    series: points => (points ? extents(points) : database.call('series', [])),
    latest,
    async range(point, from, to, limit) {
      const series = await range({ point, from, to, limit })
      return series.times.map((time, i) => ({
        point,
        time,
        value: series.values[i]!,
        quality: series.qualities[i]!,
        gatewayTime: series.gatewayTimes[i]!,
      }))
    },
    async aggregate(point, by, from, to) {
      return unpackAggregates(await aggregates({ point, by, from, to }))
    },
    copyTo: database.copyTo,
    deleted: point => database.call('deleted', [point]),
    async close() {
      ending.abort()
      clearInterval(timer)
      await refreshing
      await database.close()
    },
  }
}
