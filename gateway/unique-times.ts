import { qualityCode, qualityOf, reasonOf } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'

/** How many times of a point are remembered: repeats come close together, and a gateway may have 100,000 points. */
const REMEMBERED = 16

// Where the times of one point stand among its numbers, ms UTC. They lie beside each other: they are looked at for each
// reading.
/** What the source said last. */
const SAID = 0
/** What was given last. */
const LAST = 1
/** The latest that was ever given. */
const LATEST = 2
/** Those that were given last, in a ring, and where in it the next one goes. */
const NEXT_PLACE = 3
const GIVEN = 4
const SIZE = GIVEN + REMEMBERED
/** So many points share one piece of memory. */
const POINTS_TOGETHER = 1000

/** The numbers of one point: SIZE of them, from `at` on. */
interface Times {
  memory: Float64Array
  at: number
}

/**
 * Makes (point, source time) unique, which is a reading's identity in every store. A second reading of one
 * millisecond takes the next free one and says so, unless it has a graver reason to tell; a bad reading
 * that repeats a source time takes the gateway's time.
 */
export function createUniqueTimes(): (reading: Reading) => Reading {
  const indexes = new Map<string, number>()
  const points: string[] = []
  const memories: Float64Array[] = []
  let last = -1

  /** Most often what was read behind the last one before, too: then nothing has to be looked up. */
  function indexOf(point: string): number | undefined {
    return points[last + 1] === point ? last + 1 : indexes.get(point)
  }

  function timesOf(point: string): Times {
    const known = indexOf(point)
    const index = known ?? points.length
    last = index
    const at = (index % POINTS_TOGETHER) * SIZE
    if (known !== undefined) return { memory: memories[Math.floor(index / POINTS_TOGETHER)]!, at }
    indexes.set(point, index)
    points.push(point)
    if (at === 0) memories.push(new Float64Array(POINTS_TOGETHER * SIZE).fill(NaN))
    const memory = memories.at(-1)!
    memory[at + LATEST] = -Infinity
    memory[at + NEXT_PLACE] = 0
    return { memory, at }
  }

  return reading => {
    const { point, time } = reading
    const times = timesOf(point)
    const { memory, at } = times
    const isNew = time > memory[at + LATEST]! || (time !== memory[at + SAID] && !wasGiven(times, time))
    const unique = isNew ? reading : moved(reading, times)
    const place = memory[at + NEXT_PLACE]!
    memory[at + SAID] = time
    memory[at + LAST] = unique.time
    memory[at + LATEST] = Math.max(memory[at + LATEST]!, unique.time)
    memory[at + GIVEN + place] = unique.time
    memory[at + NEXT_PLACE] = (place + 1) % REMEMBERED
    return unique
  }
}

function wasGiven({ memory, at }: Times, time: number): boolean {
  return memory.subarray(at + GIVEN, at + SIZE).includes(time)
}

function moved(reading: Reading, times: Times): Reading {
  const { memory, at } = times
  const quality = qualityOf(reading.quality)
  let time = quality === 'bad' ? reading.gatewayTime : reading.time + 1
  // Of a clock that stands still, the times behind it are given one after the other, and the first ones forgotten.
  if (reading.time === memory[at + SAID] && quality !== 'bad') time = Math.max(time, memory[at + LAST]! + 1)
  while (wasGiven(times, time)) time++
  if (quality === 'bad' || reasonOf(reading.quality)) return { ...reading, time }
  return { ...reading, time, quality: qualityCode(quality, 'time-moved') }
}
