import { qualityCode, qualityOf, reasonOf } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'

/** How many times of a point are remembered: repeats come close together, and a gateway may have 100,000 points. */
const REMEMBERED = 16

interface Times {
  /** What the source said last. */
  said: number
  /** What was given last, and the latest that was ever given. */
  last: number
  latest: number
  /** Those that were given last, in a ring: the next one takes the place `at`. */
  given: number[]
  at: number
}

/**
 * Makes (point, source time) unique, which is a reading's identity in every store. A second reading of one
 * millisecond takes the next free one and says so, unless it has a graver reason to tell; a bad reading
 * that repeats a source time takes the gateway's time.
 */
export function createUniqueTimes(): (reading: Reading) => Reading {
  const byPoint = new Map<string, Times>()
  return reading => {
    const { point, time } = reading
    const times = byPoint.get(point)
    if (!times) {
      byPoint.set(point, { said: time, last: time, latest: time, given: [time], at: 1 })
      return reading
    }
    const isNew = time > times.latest || (time !== times.said && !times.given.includes(time))
    const unique = isNew ? reading : moved(reading, times)
    times.said = time
    times.last = unique.time
    times.latest = Math.max(times.latest, unique.time)
    times.given[times.at] = unique.time
    times.at = (times.at + 1) % REMEMBERED
    return unique
  }
}

function moved(reading: Reading, { said, last, given }: Times): Reading {
  const quality = qualityOf(reading.quality)
  let time = quality === 'bad' ? reading.gatewayTime : reading.time + 1
  // Of a clock that stands still, the times behind it are given one after the other, and the first ones forgotten.
  if (reading.time === said && quality !== 'bad') time = Math.max(time, last + 1)
  while (given.includes(time)) time++
  if (quality === 'bad' || reasonOf(reading.quality)) return { ...reading, time }
  return { ...reading, time, quality: qualityCode(quality, 'time-moved') }
}
