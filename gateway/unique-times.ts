import { qualityCode, qualityOf, reasonOf } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'

/** How many source times of a point are remembered: repeats come close together. */
const REMEMBERED = 256

/**
 * Makes (point, source time) unique, which is a reading's identity in every store. A second reading of one
 * millisecond takes the next free one and says so, unless it has a graver reason to tell; a bad reading
 * that repeats a source time takes the gateway's time.
 */
export function createUniqueTimes(): (reading: Reading) => Reading {
  const taken = new Map<string, Set<number>>()
  return reading => {
    const times = taken.get(reading.point) ?? new Set()
    taken.set(reading.point, times)
    const unique = times.has(reading.time) ? moved(reading, times) : reading
    times.add(unique.time)
    if (times.size > REMEMBERED) times.delete(times.values().next().value!)
    return unique
  }
}

function moved(reading: Reading, taken: ReadonlySet<number>): Reading {
  const quality = qualityOf(reading.quality)
  let time = quality === 'bad' ? reading.gatewayTime : reading.time + 1
  while (taken.has(time)) time++
  if (quality === 'bad' || reasonOf(reading.quality)) return { ...reading, time }
  return { ...reading, time, quality: qualityCode(quality, 'time-moved') }
}
