import type { Logger } from 'pino'
import { limitHeld } from '../../model/workshare.ts'
import type { Aggregate, AggregateBy, SharedReadingStore } from '../readings.ts'
import { joinParts, planAggregate, planRollups } from '../rollup.ts'
import { workInSlices } from '../slices.ts'
import { insideSpans, joinSpans } from '../spans.ts'
import type { InfluxdbOptions } from './connection.ts'
import { createConnection } from './connection.ts'
import { mergeHours } from './ledger.ts'
import {
  rawParts,
  readDays,
  readDirtyHours,
  readHours,
  readLedger,
  readPositions,
  readRange,
  readSeries,
} from './queries.ts'
import { PointWriter } from './write.ts'

/** More of them would not be answered sooner, and take the connections from what is written. */
const READS_AT_ONCE = 8

export interface InfluxStoreOptions extends InfluxdbOptions {
  /** IANA; its civil days are the days of `aggregate`. */
  timeZone: string
  log: Logger
  /** How long rollups may lag behind, 5 s; answers never do, they read what is not rolled up yet. */
  refreshIntervalMs?: number
  /** Asked right before positions, ledger and rollups are written: whether this process still is their writer. */
  mayCommit?: () => boolean
}

/**
 * Readings in a bucket of an InfluxDB 2.x, or a database of 1.8, that keeps its data for ever. Measurements:
 * `reading` (tag `point`; fields `num`, `bool`, `text` or `none`, `quality` unless good, `lag` unless 0: gateway time minus
 * source time, ms), `rollup_hour`, `rollup_day`, `position`, `ledger` (tags `sender`, `stream`; a count for each outcome). A point, and a sender, has one writing process at a time; any number may read.
 * An InfluxDB that cannot be reached is no error here: every call says so until it can.
 */
export async function openInfluxReadingStore(options: InfluxStoreOptions): Promise<SharedReadingStore> {
  const { url, bucket, timeZone, log, refreshIntervalMs = 5_000, mayCommit = () => true } = options
  const connection = createConnection(options)
  const writer = new PointWriter(connection, timeZone, mayCommit)

  const whileReading = limitHeld(READS_AT_ONCE)

  /** Writes and refreshes follow one another: between the look-up and the write nothing else may write. */
  let queue: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work)
    queue = turn.catch(() => {})
    return turn
  }

  const ending = new AbortController()
  let writes = 0
  let refreshing = Promise.resolve()
  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh)
  }, refreshIntervalMs)

  /** In slices, so that writes come between. */
  async function refresh(): Promise<void> {
    try {
      await workInSlices(
        () => inTurn(() => writer.refreshRollups()),
        () => writes,
        ending.signal,
      )
    } catch (error) {
      if (ending.signal.aborted) return
      log.warn({ err: error, url, bucket }, 'the hourly rollups could not be refreshed; answers stay right')
    }
  }

  async function aggregate(point: string, by: AggregateBy, from: number, to: number): Promise<Aggregate[]> {
    const plan = planAggregate(by, from, to, timeZone)
    const days = by === 'day' ? await readDays(connection, point, plan, timeZone) : undefined
    const daysInDoubt = days?.dirty.map(plan.bucketOf) ?? (by === 'minute' ? [] : [plan])
    const dirty = await readDirtyHours(connection, [point], joinSpans(daysInDoubt))
    const raw = joinSpans([
      ...plan.raw,
      ...dirty.map(({ start, end }) => ({ start, end: Math.min(end, plan.end) })),
    ])
    // What is marked as out of date from here on was written after this was asked.
    const byHours = joinSpans([...planRollups(plan, raw).hours, ...daysInDoubt])
    const hours = (await readHours(connection, [point], byHours)).get(point) ?? []
    const parts = [
      ...(days?.parts ?? []).filter(part => !insideSpans(byHours, part.start)),
      ...hours.filter(part => !insideSpans(raw, part.start)),
      ...(await rawParts(connection, point, raw, plan.grain)),
    ]
    return joinParts(parts, plan.bucketOf)
  }

  return {
    write(readings, positions, ledger = []) {
      writes++
      return inTurn(() => writer.write(readings, positions, ledger))
    },
    positions: async () => (await readPositions(connection)).map(({ position }) => position),
    async ledger(from, to, sender) {
      const positions = await readPositions(connection)
      const stored = await readLedger(connection, { start: from, end: to }, sender)
      const carried = positions
        .flatMap(position => position.carried)
        .filter(hour => from <= hour.hour && hour.hour < to && hour.sender === (sender ?? hour.sender))
      return mergeHours(stored, carried).flatMap(({ counts, ...hour }) =>
        [...counts].map(([outcome, count]) => ({ ...hour, outcome, count })),
      )
    },
    series: points => whileReading(1, () => readSeries(connection, points)),
    latest: points => writer.latest(points),
    range: (point, from, to, limit) =>
      whileReading(1, () => readRange(connection, [point], { start: from, end: to }, limit)),
    async aggregate(point, by, from, to) {
      return to <= from ? [] : whileReading(1, () => aggregate(point, by, from, to))
    },
    retain: (points, senders) => inTurn(async () => writer.retain(points, senders)),
    async close() {
      ending.abort()
      clearInterval(timer)
      connection.close()
      await refreshing
      await queue
    },
  }
}
