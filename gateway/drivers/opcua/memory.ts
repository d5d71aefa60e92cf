import type { Point } from '../../../registry/registry.ts'
import type { Sample } from '../../driver.ts'
import type { Statement } from './data-values.ts'

/**
 * What servers said last of each point: it tells news from repetition. A source timestamp says when a value
 * was news, so a value that has not changed comes with an old one, and to be told it again is a confirmation:
 * its sample has no time, and takes the moment of the answer.
 */
export class Memory {
  readonly #last = new Map<Point, Statement>()

  /** Of when the last statement of each point is, ms UTC, where the server gave a time. */
  times(): Map<Point, number> {
    const times = new Map<Point, number>()
    for (const [point, { time }] of this.#last) if (time !== undefined) times.set(point, time)
    return times
  }

  /** The sample of a statement that was asked for. */
  answer(point: Point, statement: Statement, now: number): { sample: Sample; changed: boolean } {
    const before = this.#last.get(point)
    this.#last.set(point, statement)
    const { value, quality, fault } = statement
    const time = isNews(statement, before, now, point.interval) ? statement.time : undefined
    const changed = before !== undefined && (before.value !== value || before.quality !== quality)
    return { sample: { point, time, value, quality, fault }, changed }
  }

  /** The sample of a statement that came by itself; none when it was told before. */
  notification(point: Point, statement: Statement, now: number): Sample | undefined {
    const before = this.#last.get(point)
    if (before && isSame(before, statement)) return undefined
    return this.answer(point, statement, now).sample
  }
}

/**
 * Whether the statement's own time is to be kept. Of the first statement since the start it is not known
 * whether it was told before the start: an old time, or one that a bad status may share with a good value,
 * would give one reading two contents.
 */
function isNews(statement: Statement, before: Statement | undefined, now: number, interval: number): boolean {
  if (before) return !isSame(before, statement)
  return (
    statement.time !== undefined && statement.value !== null && Math.abs(now - statement.time) <= interval
  )
}

function isSame(a: Statement, b: Statement): boolean {
  return a.time === b.time && a.time !== undefined && a.value === b.value && a.quality === b.quality
}
