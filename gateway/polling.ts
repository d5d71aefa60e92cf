import type { Point } from '../registry/registry.ts'

/** An early wake-up costs nothing, a civil clock that was set forward during a long sleep costs readings. */
const MAX_SLEEP_MS = 30_000

/** A point that did not answer is asked again after so long, where its interval is longer: it may be a day. */
const RETRY_MS = 60_000

/** Over so long the connections of a gateway are spread: more would move the readings of an hour out of it. */
const SPREAD_MS = 1000

/** Connections begin together in slots of this length: a wake-up of the process for each costs more than its requests. */
const SLOT_MS = 20

/** When the first of so many connections begins, and each behind it: so that they do not all ask in one millisecond. */
export function phaseOf(index: number, connections: number): number {
  return Math.floor((index * SPREAD_MS) / connections / SLOT_MS) * SLOT_MS
}

/** Those of the shortest interval first and together; the others device by device, so that they can be interrupted. */
export function inBatches(due: readonly Point[]): (readonly Point[])[] {
  if (due.every(({ interval }) => interval === due[0]!.interval)) return due.length > 0 ? [due] : []
  const shortest = Math.min(...due.map(point => point.interval))
  const batches = Map.groupBy(due, ({ interval, site, device }) =>
    interval === shortest ? '' : `${site}/${device}`,
  )
  return [...batches].sort(([a], [b]) => Number(a !== '') - Number(b !== '')).map(([, points]) => points)
}

/**
 * When points are due: at the instants t with t % interval = phase of the epoch. Points of one interval are due
 * together. Instants that were missed are made up for once, never in a burst.
 */
export class PollSchedule {
  readonly #phase: number
  readonly #groups: { interval: number; points: readonly Point[]; served: number }[]
  readonly #demanded = new Set<Point>()
  /** When points that did not answer are asked again, ms UTC. */
  readonly #retries = new Map<Point, number>()

  /** Nothing is due before the first instant after `now`, ms UTC; `phase` in ms. */
  constructor(points: readonly Point[], now: number, phase: number) {
    this.#phase = phase
    this.#groups = [...Map.groupBy(points, point => point.interval)].map(([interval, points]) => ({
      interval,
      points,
      served: this.#index(now, interval),
    }))
  }

  /** The points that are due, which then are due no more. */
  take(now: number): readonly Point[] {
    const groups = this.#groups.filter(group => {
      const index = this.#index(now, group.interval)
      const isDue = index !== group.served
      group.served = index
      return isDue
    })
    // Most often nothing else is due, and a list of it would be made every second.
    if (groups.length === 1 && this.#demanded.size === 0 && this.#retries.size === 0) return groups[0]!.points
    const due = new Set(this.#demanded)
    this.#demanded.clear()
    for (const [point, at] of this.#retries) if (at <= now) due.add(point)
    for (const { points } of groups) for (const point of points) due.add(point)
    if (this.#retries.size > 0) for (const point of due) this.#retries.delete(point)
    return [...due]
  }

  /** Makes points due once, whatever the time. */
  demand(points: Iterable<Point>): void {
    for (const point of points) this.#demanded.add(point)
  }

  /** Makes points that did not answer due again before their interval is over, where that is long. */
  retry(points: Iterable<Point>, now: number): void {
    // Of one second together: devices answer one after the other.
    const at = Math.ceil((now + RETRY_MS) / 1000) * 1000
    for (const point of points) if (point.interval > RETRY_MS) this.#retries.set(point, at)
  }

  isDue(now: number): boolean {
    return this.dueIn(now) === 0
  }

  /** How long nothing becomes due, at most {@link MAX_SLEEP_MS}. */
  sleepMs(now: number): number {
    return Math.min(MAX_SLEEP_MS, this.dueIn(now))
  }

  /** How long nothing becomes due, ms. */
  dueIn(now: number): number {
    if (this.#demanded.size > 0) return 0
    let least = Infinity
    for (const at of this.#retries.values()) {
      if (at <= now) return 0
      least = Math.min(least, at - now)
    }
    for (const { interval, served } of this.#groups) {
      const index = this.#index(now, interval)
      if (index !== served) return 0
      least = Math.min(least, (index + 1) * interval + this.#phase - now)
    }
    return least
  }

  #index(time: number, interval: number): number {
    return Math.floor((time - this.#phase) / interval)
  }
}
