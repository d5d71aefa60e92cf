import type { Interval } from '../model/calendar.ts'
import { HOUR_MS } from '../model/time.ts'
import { clipSpans, insideSpans, joinSpans } from './spans.ts'

export function startOfHour(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS
}

/** Hours of one point whose rollup does not hold everything that was written. */
export interface DirtySpan<P> extends Interval {
  point: P
}

/** The set of dirty (point, hour), kept as disjoint spans: an import of a year is one span a point. */
export class DirtyHours<P> {
  readonly #spans = new Map<P, Interval[]>()

  /** How many points have dirty hours. */
  get points(): number {
    return this.#spans.size
  }

  has(point: P, hour: number): boolean {
    const spans = this.#spans.get(point)
    if (!spans) return false
    const last = spans.at(-1)!
    return hour >= last.start ? hour < last.end : insideSpans(spans, hour)
  }

  /** The dirty spans of a point that overlap an interval, clipped to it, ascending. */
  within(point: P, { start, end }: Interval): Interval[] {
    return clipSpans(this.#spans.get(point) ?? [], start, end)
  }

  add({ point, start, end }: DirtySpan<P>): void {
    const spans = this.#spans.get(point) ?? []
    const last = spans.at(-1)
    if (last && start >= last.start && start <= last.end) last.end = Math.max(last.end, end)
    else this.#spans.set(point, joinSpans([...spans, { start, end }]))
  }

  remove({ point, start, end }: DirtySpan<P>): void {
    const spans = this.#spans.get(point) ?? []
    const left = [...clipSpans(spans, -Infinity, start), ...clipSpans(spans, end, Infinity)]
    if (left.length > 0) this.#spans.set(point, left)
    else this.#spans.delete(point)
  }

  clear(): void {
    this.#spans.clear()
  }

  /** Forgets other points. */
  retain(points: (point: P) => boolean): void {
    for (const point of this.#spans.keys()) if (!points(point)) this.#spans.delete(point)
  }

  /** Every span, by point, then time. */
  *all(): Generator<DirtySpan<P>> {
    for (const [point, spans] of this.#spans) for (const span of spans) yield { point, ...span }
  }

  /**
   * The oldest work: spans that begin within `windowMs` of the oldest one, clipped to that window and to
   * the hours that are over for their point, of at most `points` points. Empty when there is none.
   */
  oldest(over: (point: P) => number, windowMs: number, points: number): DirtySpan<P>[] {
    let from = Infinity
    for (const { point, start } of this.all()) if (start < over(point)) from = Math.min(from, start)
    const work: DirtySpan<P>[] = []
    let taken = 0
    for (const [point, spans] of this.#spans) {
      const found = clipSpans(spans, from, Math.min(from + windowMs, over(point)))
      if (found.length === 0) continue
      for (const span of found) work.push({ point, ...span })
      if (++taken >= points) break
    }
    return work
  }
}
