import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import type { Reading, ReadingColumns } from '../../model/reading.ts'
import { readingAt, toColumns } from '../../model/reading.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { DirtyHours, startOfHour } from '../dirty-hours.ts'
import type { WriteOutcome } from '../readings.ts'
import type { Connection } from './connection.ts'
import { BucketMissingError, PartialWriteError } from './errors.ts'
import { LedgerWriter } from './ledger.ts'
import { readingLine, tagValue } from './line-protocol.ts'
import { readLatest, readRange } from './queries.ts'
import { RollupWriter } from './rollups.ts'

type Refused = NonNullable<WriteOutcome['refused']>[number]

/**
 * What the process knows of the points that it writes. A point has one writer at a time: its newest reading
 * and the state of its rollups are read once, when it is first written.
 */
export class PointWriter {
  readonly #connection: Connection
  /** The newest reading of each known point, undefined where it has none. */
  readonly #newest = new Map<string, Reading | undefined>()
  readonly #rollups: RollupWriter
  readonly #ledger: LedgerWriter

  /** `mayCommit` tells, right before what must have one writer is written, whether that is still us. */
  constructor(connection: Connection, timeZone: string, mayCommit: () => boolean) {
    this.#connection = connection
    this.#rollups = new RollupWriter(connection, timeZone, mayCommit)
    this.#ledger = new LedgerWriter(connection, mayCommit)
  }

  /** Forgets what is known of other points and senders. Not to be called during a write. */
  retain(points: (point: string) => boolean, senders: (sender: string) => boolean): void {
    for (const point of this.#newest.keys()) if (!points(point)) this.#newest.delete(point)
    this.#rollups.retain(points)
    this.#ledger.retain(senders)
  }

  /** From memory for the points that were written; InfluxDB takes its time for this. */
  async latest(points: readonly string[]): Promise<Reading[]> {
    const known = points.flatMap(point => this.#newest.get(point) ?? [])
    const unknown = points.filter(point => !this.#newest.has(point))
    return [...known, ...(await readLatest(this.#connection, unknown))]
  }

  /** Not to be called again before it has settled. */
  async write(
    readings: ReadingColumns,
    positions: readonly StreamPosition[],
    ledger: readonly LedgerEntry[],
  ): Promise<WriteOutcome> {
    const points = new Set(readings.points)
    try {
      await this.#learn([...points].filter(point => !this.#newest.has(point)))
      const { accepted, conflicts, found } = await this.#settle(readings)
      await this.#writeAgain(found)
      await this.#markDirty(readings, accepted)
      const refused = await this.#send(readings, accepted)
      if (conflicts.length + refused.length === 0) await this.#ledger.write(positions, ledger)
      const left = new Set(refused.map(({ index }) => index))
      const newest = new Map<string, number>()
      for (const row of accepted) {
        if (left.has(row)) continue
        const point = readings.points[row]!
        const other = newest.get(point)
        const time = other === undefined ? this.#newestTime(point) : readings.times[other]!
        if (readings.times[row]! > time) newest.set(point, row)
      }
      for (const [point, row] of newest) this.#newest.set(point, readingAt(readings, row))
      const repeated = readings.points.length - accepted.length - conflicts.length
      const outcome = { written: accepted.length - refused.length, repeated, conflicts }
      return refused.length === 0 ? outcome : { ...outcome, refused }
    } catch (error) {
      // What InfluxDB has taken by now is not known: it is read again before the next write.
      if (error instanceof BucketMissingError) this.#forget()
      else for (const point of points) this.#newest.delete(point)
      throw error
    }
  }

  /**
   * What is repeated: InfluxDB shows readings that it did not get onto a full disk, until it is started again. That
   * they are there does not prove that they stay.
   */
  async #writeAgain(found: readonly Reading[]): Promise<void> {
    const readings = toColumns(found)
    const rows = [...found.keys()]
    await this.#markDirty(readings, rows)
    await this.#connection.writeWhatIsKept(
      rows.map(row => readingLine(tagValue(readings.points[row]!), readings, row)),
    )
  }

  /** Of a bucket that is made anew nothing is known. */
  #forget(): void {
    this.#newest.clear()
    this.#rollups.forget()
  }

  /** Writes some rows and gives those that InfluxDB will never take. */
  async #send(readings: ReadingColumns, rows: readonly number[]): Promise<Refused[]> {
    if ((await this.#attempt(readings, rows)) === undefined) return []
    // It answers as soon as one shard has refused something, while others are still at it: what is not there yet is
    // told of one shard at a time only. No shard holds less than an hour.
    const refused: Refused[] = []
    const hours = Map.groupBy(await this.#missing(readings, rows), row => startOfHour(readings.times[row]!))
    for (const ofHour of hours.values()) {
      const reason = await this.#attempt(readings, ofHour)
      if (reason === undefined) continue
      // It tells how many it has dropped, not which.
      const left = await this.#missing(readings, ofHour)
      refused.push(...left.map(index => ({ index, reason })))
    }
    return refused
  }

  async #missing(readings: ReadingColumns, rows: readonly number[]): Promise<number[]> {
    const stored = new Set((await this.#stored(readings, rows)).map(keyOf))
    return rows.filter(row => !stored.has(keyOf(readingAt(readings, row))))
  }

  /** Writes some rows; why InfluxDB refuses some of them, or undefined where it took all. */
  async #attempt(readings: ReadingColumns, rows: readonly number[]): Promise<string | undefined> {
    const tags = new Map<string, string>()
    for (const row of rows) {
      const point = readings.points[row]!
      if (!tags.has(point)) tags.set(point, tagValue(point))
    }
    try {
      await this.#connection.write(
        rows.map(row => readingLine(tags.get(readings.points[row]!)!, readings, row)),
      )
      return undefined
    } catch (error) {
      if (!(error instanceof PartialWriteError)) throw error
      return error.message
    }
  }

  /** Rolls up some hours that are over; false when nothing is left to do. Not to be called during a write. */
  refreshRollups(): Promise<boolean> {
    return this.#rollups.refresh(point => startOfHour(this.#newestTime(point)))
  }

  async #learn(points: readonly string[]): Promise<void> {
    if (points.length === 0) return
    const latest = await readLatest(this.#connection, points)
    const withReadings = new Set(latest.map(({ point }) => point))
    await this.#rollups.learn(
      [...withReadings],
      points.filter(point => !withReadings.has(point)),
    )
    for (const point of points) this.#newest.set(point, undefined)
    for (const reading of latest) this.#newest.set(reading.point, reading)
  }

  /** Which rows are new, which differ from what their key holds, and what was found equal. Newer readings need no look-up. */
  async #settle(
    readings: ReadingColumns,
  ): Promise<{ accepted: number[]; conflicts: number[]; found: Reading[] }> {
    const accepted: number[] = []
    const found: Reading[] = []
    const older: number[] = []
    const newest = new Map<string, number>()
    for (let row = 0; row < readings.points.length; row++) {
      const point = readings.points[row]!
      const time = readings.times[row]!
      if (time > (newest.get(point) ?? this.#newestTime(point))) {
        newest.set(point, time)
        accepted.push(row)
      } else older.push(row)
    }
    const conflicts: number[] = []
    if (older.length === 0) return { accepted, conflicts, found }

    const held = new Map<string, Reading>()
    const hold = (reading: Reading) => held.set(keyOf(reading), reading)
    for (const reading of await this.#stored(readings, older)) hold(reading)
    for (const row of accepted) hold(readingAt(readings, row))
    for (const row of older) {
      const reading = readingAt(readings, row)
      const other = held.get(keyOf(reading))
      if (!other) {
        hold(reading)
        accepted.push(row)
      } else if (other.value !== reading.value || other.quality !== reading.quality) conflicts.push(row)
      else found.push(other)
    }
    return { accepted, conflicts, found }
  }

  /** What is stored around some rows: each UTC day is looked up on its own, so that one old row costs little. */
  async #stored(readings: ReadingColumns, batch: readonly number[]): Promise<Reading[]> {
    const found: Reading[] = []
    for (const ofDay of Map.groupBy(batch, row => Math.floor(readings.times[row]! / DAY_MS)).values()) {
      const points = [...new Set(ofDay.map(row => readings.points[row]!))]
      const start = ofDay.reduce((first, row) => Math.min(first, readings.times[row]!), Infinity)
      const end = ofDay.reduce((last, row) => Math.max(last, readings.times[row]!), -Infinity) + 1
      found.push(...(await readRange(this.#connection, points, { start, end })))
    }
    return found
  }

  /** Before the readings: a crash in between leaves an hour to be rolled up for nothing, never one forgotten. */
  async #markDirty(readings: ReadingColumns, batch: readonly number[]): Promise<void> {
    const found = new DirtyHours<string>()
    const lastHour = new Map<string, number>()
    for (const row of batch) {
      const point = readings.points[row]!
      const hour = startOfHour(readings.times[row]!)
      if (lastHour.get(point) === hour) continue
      lastHour.set(point, hour)
      if (!this.#rollups.isDirty(point, hour)) found.add({ point, start: hour, end: hour + HOUR_MS })
    }
    await this.#rollups.markDirty([...found.all()])
  }

  #newestTime(point: string): number {
    return this.#newest.get(point)?.time ?? -Infinity
  }
}

function keyOf({ time, point }: Reading): string {
  return `${time} ${point}`
}
