import type { Clock } from '../model/clock.ts'
import type { SenderStatus } from '../model/delivery.ts'
import { qualityOf } from '../model/quality.ts'
import { isNewer, type Reading } from '../model/reading.ts'
import type { Point } from '../registry/registry.ts'

/** What is known of a point since the watch began. */
export interface PointState {
  point: Point
  /** The newest by source time; absent while nothing came. */
  newest?: Reading
  /** Readings that came, and those of them that were bad. */
  readings: number
  bad: number
}

/** The newest of every point and sender, and how much comes. Pure but for its clock. */
export interface Board {
  readonly points: ReadonlyMap<string, PointState>
  readonly senders: ReadonlyMap<string, SenderStatus>
  /** Takes a reading; one of a point that is not watched is passed over. */
  read(reading: Reading): void
  hear(status: SenderStatus): void
  /** Readings a second, over the last ten or since the watch began. */
  rate(): number
}

const RATE_WINDOW_MS = 10_000
const BUCKET_MS = 1000

export function createBoard(points: Iterable<Point>, clock: Clock): Board {
  const states = new Map<string, PointState>()
  for (const point of points) states.set(point.id, { point, readings: 0, bad: 0 })
  const senders = new Map<string, SenderStatus>()
  const began = clock.elapsed()
  /** Readings by the second in which they came. */
  const buckets = new Map<number, number>()

  return {
    points: states,
    senders,
    read(reading) {
      const state = states.get(reading.point)
      if (!state) return
      const second = Math.floor(clock.elapsed() / BUCKET_MS)
      buckets.set(second, (buckets.get(second) ?? 0) + 1)
      state.readings++
      if (qualityOf(reading.quality) === 'bad') state.bad++
      if (!state.newest || isNewer(reading.time, state.newest.time, clock.now())) state.newest = reading
    },
    hear: status => void senders.set(status.sender, status),
    rate() {
      const now = clock.elapsed()
      const oldest = Math.floor((now - RATE_WINDOW_MS) / BUCKET_MS) + 1
      for (const second of buckets.keys()) if (second < oldest) buckets.delete(second)
      const sum = [...buckets.values()].reduce((total, count) => total + count, 0)
      const over = Math.min(Math.max(now - began, BUCKET_MS), RATE_WINDOW_MS)
      return (sum * 1000) / over
    },
  }
}
