import type { Clock } from '../model/clock.ts'
import { DAY_MS, HOUR_MS } from '../model/time.ts'
import { measuredPoints, type Point, type Registry } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { DerivedReading, Deriver } from './deriver.ts'
import { GRACE_MS, lastFullDay } from './full-hours.ts'

/**
 * Of every site, the share of the readings that were due over the last 24 full hours and are not there, or are bad, in
 * %: the mean of its points, so that a slow meter counts as much as a fast sensor. What came before a gateway was heard
 * first, by the ledger, and before a new point was, is not missing. A gateway that was never heard is left out.
 */
export function missingData(options: {
  registry: Pick<Registry, 'points'>
  readings: Pick<ReadingStore, 'aggregate' | 'ledger' | 'positions'>
  clock: Clock
}): Deriver {
  const { readings, clock } = options
  const measured = Map.groupBy(measuredPoints(options.registry), ({ site }) => site)
  const told = [...options.registry.points.values()].filter(
    ({ quantityName }) => quantityName === 'missing-data',
  )

  /** From when on each gateway that was ever heard owes readings of a window, ms UTC. */
  async function dueFrom({ from, to }: Window): Promise<Map<string, number>> {
    const due = new Map((await readings.positions()).map(({ sender }) => [sender, from]))
    const first = new Map<string, number>()
    for (const { sender, hour } of await readings.ledger(to - 2 * DAY_MS, clock.now()))
      first.set(sender, Math.min(hour, first.get(sender) ?? hour))
    for (const [sender, hour] of first) due.set(sender, owesFrom(hour, from))
    return due
  }

  /** 0 to 1; undefined where nothing was due yet. */
  async function missingOf(point: Point, { from, to }: Window, due: number): Promise<number | undefined> {
    const hours = await readings.aggregate(point.id, 'hour', to - 2 * DAY_MS, to)
    const since = Math.max(due, hours[0] ? owesFrom(hours[0].start, from) : from)
    // The last one may be just about to come.
    const expected = Math.floor((to - since) / point.dueWithin) - 1
    if (expected <= 0) return undefined
    const valid = hours.reduce((sum, hour) => sum + (hour.start >= since ? hour.valid : 0), 0)
    return 1 - Math.min(valid, expected) / expected
  }

  async function derive(site: string, window: Window, due: ReadonlyMap<string, number>) {
    const shares: number[] = []
    for (const point of measured.get(site) ?? []) {
      const from = due.get(point.gateway)
      const missing = from === undefined ? undefined : await missingOf(point, window, from)
      if (missing !== undefined) shares.push(missing)
    }
    if (shares.length === 0) return undefined
    return (shares.reduce((sum, share) => sum + share) / shares.length) * 100
  }

  return {
    intervalMs: GRACE_MS,
    async derive(last) {
      const window = lastFullDay(clock.now())
      const { to } = window
      const news = told.filter(({ id }) => (last(id)?.time ?? 0) < to)
      if (news.length === 0) return []
      const due = await dueFrom(window)
      const derived: DerivedReading[] = []
      for (const { id, site } of news) {
        const missing = await derive(site, window, due)
        if (missing !== undefined)
          derived.push({ point: id, time: to, value: Math.round(missing * 100) / 100 })
      }
      return derived
    },
  }
}

interface Window {
  from: number
  to: number
}

/** What was first heard within an hour owes readings from the next one on, or always did. */
function owesFrom(firstHour: number, from: number): number {
  return firstHour < from ? from : firstHour + HOUR_MS
}
