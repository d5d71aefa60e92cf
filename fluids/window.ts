import { type Interval, periodsBetween } from '../model/calendar.ts'
import type { Exclusion } from '../model/exclusion.ts'
import { qualityOf } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'
import { HOUR_MS } from '../model/time.ts'
import { inTurn } from '../model/workshare.ts'
import type { ReadMeter } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import { findAnchors, type Index, SETTLING, toIndex } from './indexes.ts'

/** The readings of a meter from which some hours come out as if all readings had been seen. */
export interface Window {
  /** The whole hours that a change touches. */
  hours: Interval
  /** Between these, ms UTC, all readings are among the indexes; infinite where there are no more. */
  seen: Interval
  indexes: Index[]
  /** Source times of the good readings, ascending. */
  readingTimes: number[]
  /** Readings that cannot be an index. */
  exclusions: Exclusion[]
}

/** Readings asked for at once: to turn more of them into objects would hold up the event loop. */
const SLICE = 5000

/**
 * Loads the readings around a change until both ends stand on anchors, beyond which nothing can differ
 * (see {@link findAnchors}), or on the first and the last reading there is. Where neighbours are far away,
 * the store's days tell where to look.
 *
 * @param change source times of the readings that changed, both inclusive
 */
export async function loadWindow(
  store: ReadingStore,
  meter: ReadMeter,
  change: Interval,
  timeZone: string,
): Promise<Window> {
  const [latest] = await store.latest([meter.point.id])
  const last = Math.max(latest?.time ?? 0, change.end)
  const reach = HOUR_MS + 4 * SETTLING * meter.point.dueWithin
  let from = change.start - reach
  let to = Math.min(last, change.end + reach) + 1
  let readings = await load(store, meter, from, to)
  let first: number | undefined
  for (let days = 1; ; days *= 2) {
    const place = () => placeWindow(readings, meter, change, timeZone)
    const { window, anchoredBefore, anchoredAfter } = await inTurn(place)
    let earlier = from
    if (!anchoredBefore) {
      first ??= await firstReading(store, meter, change.start)
      if (first < from) earlier = await daysBefore(store, meter, from, first, days)
    }
    const later = anchoredAfter || to > last ? to : await daysAfter(store, meter, to, last + 1, days)
    if (earlier === from && later === to) {
      const seen = { start: anchoredBefore ? from : -Infinity, end: anchoredAfter ? to : Infinity }
      return { ...window, seen }
    }
    readings = (await load(store, meter, earlier, from)).concat(readings, await load(store, meter, to, later))
    from = earlier
    to = later
  }
}

/** The hours that a change touches as far as these readings show, and whether they reach far enough. */
function placeWindow(readings: readonly Reading[], meter: ReadMeter, change: Interval, timeZone: string) {
  const indexes: Index[] = []
  const readingTimes: number[] = []
  const exclusions: Exclusion[] = []
  for (const reading of readings) {
    if (qualityOf(reading.quality) !== 'good') continue
    readingTimes.push(reading.time)
    const index = toIndex(reading, meter)
    if ('reason' in index) exclusions.push(index)
    else indexes.push(index)
  }
  const anchors = findAnchors(indexes, meter)
  const before = anchors.findLast(at => indexes[at + SETTLING]!.time < change.start)
  const after = anchors.find(at => indexes[at - SETTLING]!.time > change.end)
  const first = before === undefined ? readingTimes[0] : indexes[before]!.time
  const last = after === undefined ? readingTimes.at(-1) : indexes[after]!.time
  const hours = {
    start: hourAt(Math.min(first ?? change.start, change.start), timeZone).start,
    end: hourAt(Math.max(last ?? change.end, change.end), timeZone).end,
  }
  return {
    window: { hours, indexes, readingTimes, exclusions },
    anchoredBefore: before !== undefined && indexes[anchors[0]!]!.time <= hours.start,
    anchoredAfter: after !== undefined && indexes[anchors.at(-1)!]!.time >= hours.end,
  }
}

function hourAt(time: number, timeZone: string): Interval {
  return periodsBetween('hour', time, time + 1, timeZone)[0]!
}

/** Readings of a meter with from <= time < to, in slices of time: a store finds those without a search. */
async function load(store: ReadingStore, meter: ReadMeter, from: number, to: number): Promise<Reading[]> {
  const readings: Reading[] = []
  let span = SLICE * meter.point.interval
  for (let start = from; start < to; ) {
    const end = Math.min(start + span, to)
    const slice = await store.range(meter.point.id, start, end, SLICE)
    for (const reading of slice) readings.push(reading)
    start = slice.length < SLICE ? end : slice.at(-1)!.time + 1
    // Few readings where many were expected: a long silence, to be crossed in longer steps.
    if (slice.length < SLICE / 4) span *= 2
  }
  return readings
}

/** The time of the first reading of a meter; `none` when there is no reading at all. */
export async function firstReading(store: ReadingStore, meter: ReadMeter, none: number): Promise<number> {
  const [series] = await store.series([meter.point.id])
  return Math.min(series?.first ?? none, none)
}

/** The start of so many days with readings before an instant, but not before the first reading. */
async function daysBefore(
  store: ReadingStore,
  meter: ReadMeter,
  time: number,
  first: number,
  count: number,
): Promise<number> {
  const days = await store.aggregate(meter.point.id, 'day', first, time)
  return Math.max(days.filter(day => day.valid > 0 && day.start < time).at(-count)?.start ?? first, first)
}

/** The end of so many days with readings from an instant on, but not after `end`. */
async function daysAfter(
  store: ReadingStore,
  meter: ReadMeter,
  time: number,
  end: number,
  count: number,
): Promise<number> {
  const days = await store.aggregate(meter.point.id, 'day', time, end)
  return Math.min(days.filter(day => day.valid > 0 && day.end > time)[count - 1]?.end ?? end, end)
}
