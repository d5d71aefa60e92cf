import type { Interval } from '../../model/calendar.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { DirtyHours, type DirtySpan } from '../dirty-hours.ts'
import { joinAll, type Part } from '../rollup.ts'
import { completeDays, daysOf } from '../whole-days.ts'
import type { Connection } from './connection.ts'
import { ALL_TIMES, daysMadeLine, dirtyLine, type RollupBy, rollupLine, tagValue } from './line-protocol.ts'
import { rawHours, readDaysMade, readDirtyHours, readHours } from './queries.ts'

const SLICE_MS = 10 * DAY_MS
const SLICE_POINTS = 100
/** Each slice looks at every dirty point, so that there must not be the more of them the more points there are. */
const MOST_SLICES = 100

/** What is to be written of an hour or a day of a point; without a part it holds no reading. */
interface Rollup {
  point: string
  start: number
  part: Part | undefined
}

/** Keeps the rollups of the points that this process writes: by hours of UTC, and by the civil days of a time zone. */
export class RollupWriter {
  readonly #connection: Connection
  readonly #timeZone: string
  readonly #mayCommit: () => boolean
  /** Hours that InfluxDB holds as dirty; it holds their days as dirty, too. */
  readonly #dirty = new DirtyHours<string>()
  /** Dirty hours that it may hold as clean, or their days, since a refresh broke off. */
  #unsure: DirtySpan<string>[] = []
  /** Points with readings whose days were never made, or by another time zone. */
  readonly #withoutDays = new Set<string>()

  constructor(connection: Connection, timeZone: string, mayCommit: () => boolean) {
    this.#connection = connection
    this.#timeZone = timeZone
    this.#mayCommit = mayCommit
  }

  /** Forgets what is known of other points. */
  retain(points: (point: string) => boolean): void {
    this.#dirty.retain(points)
    this.#unsure = this.#unsure.filter(({ point }) => points(point))
    for (const point of this.#withoutDays) if (!points(point)) this.#withoutDays.delete(point)
  }

  forget(): void {
    this.retain(() => false)
  }

  isDirty(point: string, hour: number): boolean {
    return this.#dirty.has(point, hour)
  }

  /** Reads how the rollups of points with readings stand. Those without have all their days from the beginning. */
  async learn(withReadings: readonly string[], without: readonly string[]): Promise<void> {
    const [dirty, made] = await Promise.all([
      readDirtyHours(this.#connection, withReadings, [ALL_TIMES]),
      readDaysMade(this.#connection, withReadings, this.#timeZone),
    ])
    await this.markDirty(dirty)
    for (const point of withReadings) if (!made.has(point)) this.#withoutDays.add(point)
    const lines = without.map(point => daysMadeLine(tagValue(point), this.#timeZone))
    await this.#connection.writeWhatIsKept(lines)
  }

  /** To be called before readings are written into hours that are not dirty. */
  async markDirty(spans: readonly DirtySpan<string>[]): Promise<void> {
    const marked = [...this.#unsure, ...spans]
    const isMarked = (day: DirtySpan<string>) => this.#dirty.within(day.point, day).length > 0
    const days = daysOf(marked, this.#timeZone).filter(day => !isMarked(day))
    const lines = days.map(({ point, start }) => dirtyLine('day', tagValue(point), start))
    for (const span of marked) {
      const tag = tagValue(span.point)
      for (const hour of hoursOf(span)) lines.push(dirtyLine('hour', tag, hour))
    }
    await this.#connection.writeWhatIsKept(lines)
    for (const span of marked) this.#dirty.add(span)
    this.#unsure = []
  }

  /**
   * Rolls up a slice of the dirty hours, those that are over for their point, and the days that are complete with them.
   * Returns false when nothing is left to do.
   */
  async refresh(over: (point: string) => number): Promise<boolean> {
    await this.markDirty([])
    const slice = this.#dirty.oldest(over, SLICE_MS, Math.max(SLICE_POINTS, this.#dirty.points / MOST_SLICES))
    if (slice.length === 0) return this.#makeDays()
    const hours = await this.#rollUpHours(slice)
    for (const span of slice) this.#dirty.remove(span)
    this.#unsure = slice
    const days = await this.#rollUpDays(completeDays(daysOf(slice, this.#timeZone), this.#dirty), hours)
    if (!this.#mayCommit()) return false
    // First the days: hours that are still dirty have theirs made again.
    await this.#connection.writeWhatIsKept(linesOf('day', days))
    await this.#connection.writeWhatIsKept(linesOf('hour', hours))
    this.#unsure = []
    return true
  }

  async #rollUpHours(spans: readonly DirtySpan<string>[]): Promise<Rollup[]> {
    const start = spans.reduce((first, span) => Math.min(first, span.start), Infinity)
    const end = spans.reduce((last, span) => Math.max(last, span.end), -Infinity)
    const points = [...new Set(spans.map(span => span.point))]
    const found = await rawHours(this.#connection, points, { start, end })
    return [...Map.groupBy(spans, ({ point }) => point)].flatMap(([point, ofPoint]) => {
      const parts = new Map(found.get(point)?.map(part => [part.start, part]))
      return ofPoint.flatMap(hoursOf).map(hour => ({ point, start: hour, part: parts.get(hour) }))
    })
  }

  /** Days made of hours: of those just rolled up, and where these are not all, of those that InfluxDB holds. */
  async #rollUpDays(days: readonly DirtySpan<string>[], hours: readonly Rollup[]): Promise<Rollup[]> {
    const byPoint = Map.groupBy(hours, ({ point }) => point)
    const rollups: Rollup[] = []
    for (const ofDay of Map.groupBy(days, ({ start }) => start).values()) {
      const day = ofDay[0]!
      const anew = new Map(
        ofDay.map(({ point }) => {
          const inside = byPoint.get(point)?.filter(({ start }) => day.start <= start && start < day.end)
          return [point, new Map(inside?.map(({ start, part }) => [start, part]))]
        }),
      )
      const partly = [...anew].filter(([, parts]) => parts.size < hoursOf(day).length).map(([point]) => point)
      const stored = await readHours(this.#connection, partly, [day])
      for (const [point, parts] of anew) {
        const others = stored.get(point)?.filter(({ start }) => !parts.has(start)) ?? []
        const all = [...parts.values(), ...others].filter(part => part !== undefined)
        rollups.push({ point, start: day.start, part: joinAll(all.toSorted((a, b) => a.start - b.start)) })
      }
    }
    return rollups
  }

  /** All days of a point that has none by this time zone: an older version wrote the bucket, or the zone was another. */
  async #makeDays(): Promise<boolean> {
    const [point] = this.#withoutDays
    if (point === undefined) return false
    const hours = (await readHours(this.#connection, [point], [ALL_TIMES])).get(point) ?? []
    const held = hours.map(({ start }) => ({ point, start, end: start + HOUR_MS }))
    const dirty = this.#dirty.within(point, ALL_TIMES).map(span => ({ point, ...span }))
    const days = daysOf(held, this.#timeZone)
    const complete = new Set(completeDays(days, this.#dirty))
    const tag = tagValue(point)
    const lines = daysOf(dirty, this.#timeZone).map(day => dirtyLine('day', tag, day.start))
    let next = 0
    for (const day of days) {
      const first = next
      while (next < hours.length && hours[next]!.start < day.end) next++
      const part = joinAll(hours.slice(first, next))
      lines.push(
        complete.has(day) ? rollupLine('day', tag, day.start, part) : dirtyLine('day', tag, day.start),
      )
    }
    if (!this.#mayCommit()) return false
    await this.#connection.erase('rollup_day', { point }, ALL_TIMES)
    await this.#connection.writeWhatIsKept(lines)
    await this.#connection.writeWhatIsKept([daysMadeLine(tag, this.#timeZone)])
    this.#withoutDays.delete(point)
    return true
  }
}

function linesOf(by: RollupBy, rollups: readonly Rollup[]): string[] {
  return rollups.map(({ point, start, part }) => rollupLine(by, tagValue(point), start, part))
}

function hoursOf({ start, end }: Interval): number[] {
  return Array.from({ length: (end - start) / HOUR_MS }, (_, i) => start + i * HOUR_MS)
}
