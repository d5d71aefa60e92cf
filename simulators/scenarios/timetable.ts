import { HOUR_MS } from '../../model/time.ts'

/** When something goes on; ms UTC, `to` exclusive. */
export interface Span {
  from: number
  to: number
}

export interface Timetable {
  /** The last time that it began, up to an instant. */
  latest(time: number): Span | undefined
  /** How long it went on up to an instant, h. */
  hours(time: number): number
}

/** What begins at an instant and lasts so long; every day or week again, at the same local time. Times in ms UTC. */
export function timetable(options: {
  first: number
  length: number
  every?: 'day' | 'week'
  timeZone: string
  /** Somebody has ended it. */
  until?: number
}): Timetable {
  const { first, length, every, timeZone, until = Number.POSITIVE_INFINITY } = options
  const starts = [first]
  const zoned = Temporal.Instant.fromEpochMilliseconds(first).toZonedDateTimeISO(timeZone)
  const days = every === 'week' ? 7 : 1

  /** How many times it has begun. */
  function countAt(time: number): number {
    while (every && starts.at(-1)! <= time)
      starts.push(zoned.add({ days: days * starts.length }).epochMilliseconds)
    return starts.findLastIndex(start => start <= time) + 1
  }

  return {
    latest(time) {
      const count = countAt(Math.min(time, until))
      if (count === 0) return undefined
      const from = starts[count - 1]!
      return { from, to: Math.min(from + length, until) }
    },
    hours(time) {
      const at = Math.min(time, until)
      const count = countAt(at)
      if (count === 0) return 0
      return ((count - 1) * length + Math.min(length, at - starts[count - 1]!)) / HOUR_MS
    },
  }
}
