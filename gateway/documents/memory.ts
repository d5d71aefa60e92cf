import type { Point } from '../../registry/registry.ts'
import type { Sample } from '../driver.ts'

interface Heard {
  /** When something new came last, monotonic ms. */
  at: number
  /** The last sample that had a time of its own. */
  dated?: Sample
  /** Its silence, or its absence, has been told. */
  silent: boolean
}

/** What was heard last of each point: it tells repetitions, which brokers are free to make, and silence. */
export class Memory {
  readonly #heard = new Map<Point, Heard>()

  /** Whether the sample is to be told. What is told again, or was kept back, does not end a silence. */
  accept(sample: Sample, now: number): boolean {
    const heard = this.#of(sample.point, now)
    if (sample.quality === 'bad:disconnected') {
      const told = heard.silent
      heard.silent = true
      return !told
    }
    if (heard.dated && isRepetition(sample, heard.dated)) return false
    if (sample.time !== undefined) heard.dated = sample
    if (!sample.late) {
      heard.at = now
      heard.silent = false
    }
    return true
  }

  /** The points of which nothing came for so many intervals, counted from `since` at most; each is named once. */
  takeSilent(points: readonly Point[], intervals: number, since: number, now: number): Point[] {
    const silent = points.filter(point => {
      const heard = this.#of(point, since)
      return !heard.silent && now - Math.max(heard.at, since) >= intervals * point.interval
    })
    for (const point of silent) this.#of(point, since).silent = true
    return silent
  }

  #of(point: Point, now: number): Heard {
    let heard = this.#heard.get(point)
    if (!heard) {
      heard = { at: now, silent: false }
      this.#heard.set(point, heard)
    }
    return heard
  }
}

function isRepetition(a: Sample, b: Sample): boolean {
  return a.time === b.time && a.value === b.value && a.quality === b.quality
}
