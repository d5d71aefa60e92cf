import { localDate, startOfLocalDate } from '../model/calendar.ts'
import type { Clock } from '../model/clock.ts'
import { HOUR_MS } from '../model/time.ts'
import { ageOf, costOf, FITFUL, isFinding } from '../registry/derived/findings.ts'
import type { Point, Registry } from '../registry/registry.ts'
import type { Site } from '../registry/schema.ts'
import type { FigureStore } from '../store/figures.ts'
import type { DerivedReading, Deriver, LastTold } from './deriver.ts'

/** What was looked into at a site. */
export interface Looked {
  found: readonly {
    figures: { kind: string }
    meters: readonly string[]
    /** ms UTC */
    since: number
    /** Undefined where it is not known to have ended. */
    until: number | undefined
    /** Of the days that were looked into, in the unit of the meter at the site. */
    amount: number
    /** € */
    cost: number | undefined
  }[]
  /** What could not be told. */
  unknown: readonly { kind: string; meters: readonly string[] }[]
}

const DAYS = 7
/** So long after midnight the last readings of the day before have come, and their figures. */
const READY_MS = 3 * HOUR_MS
/** What could not be told is tried again after so long. */
const RETRY_MS = HOUR_MS
/** Sites take turns, so that hundreds of them keep nobody waiting. */
const TURN_MS = 10_000
/**
 * What looks like waste on each meter, once a day and of seven days that are over. Nothing is told of a meter of which
 * the last of them is not wholly known: a gap is no leak, and no all-clear.
 *
 * @param options.look looks into local dates, `to` exclusive
 */
export function findWaste(options: {
  registry: Pick<Registry, 'points' | 'sites' | 'territory'>
  figures: Pick<FigureStore, 'consumption'>
  look: (site: Site, from: string, to: string) => Promise<Looked>
  clock: Clock
}): Deriver {
  const { registry, figures, look, clock } = options
  const { timeZone } = registry.territory
  const bySite = Map.groupBy([...registry.points.values()].flatMap(findingOf), ({ point }) => point.site)
  /** When each site was looked at last, ms UTC. */
  const lookedAt = new Map<string, number>()

  async function isComplete(meter: string, day: { start: number; end: number }): Promise<boolean> {
    const [known] = await figures.consumption(meter, 'day', day.start, day.end)
    return known !== undefined && known.coveredMs >= day.end - day.start
  }

  function isDue(site: string, today: number, last: LastTold): boolean {
    if (clock.now() - (lookedAt.get(site) ?? Number.NEGATIVE_INFINITY) < RETRY_MS) return false
    return bySite.get(site)!.some(({ point }) => (last(point.id)?.time ?? 0) < today)
  }

  return {
    intervalMs: TURN_MS,
    async derive(last) {
      const now = clock.now()
      const date = localDate(now, timeZone)
      const today = startOfLocalDate(date, timeZone)
      if (now - today < READY_MS) return []
      const site = bySite.keys().find(each => isDue(each, today, last))
      if (site === undefined) return []
      lookedAt.set(site, now)
      const before = (days: number) => Temporal.PlainDate.from(date).subtract({ days }).toString()
      const looked = await look(registry.sites.get(site)!, before(DAYS), date)
      const yesterday = { start: startOfLocalDate(before(1), timeZone), end: today }
      const told: DerivedReading[] = []
      for (const { point, meter } of bySite.get(site)!) {
        if ((last(point.id)?.time ?? 0) >= today || !(await isComplete(meter, yesterday))) continue
        told.push(...readingsOf(point, meter, looked, now))
      }
      return told
    },
  }
}

function findingOf(point: Point): { point: Point; meter: string }[] {
  const { source, quantityName } = point
  if (source.driver !== 'derived' || source.meter === undefined || !isFinding(quantityName)) return []
  return [{ point, meter: source.meter }]
}

function readingsOf(
  { id, quantityName }: Point,
  meter: string,
  { found, unknown }: Looked,
  time: number,
): DerivedReading[] {
  const isOfPoint = (kind: string, meters: readonly string[]) =>
    kind === quantityName && meters.length === 1 && meters[0] === meter
  const lasting = found.filter(
    ({ figures: { kind }, meters, until }) =>
      isOfPoint(kind, meters) && (until === undefined || FITFUL.includes(kind)),
  )
  if (lasting.length === 0) {
    const isUnknown = unknown.some(({ kind, meters }) => isOfPoint(kind, meters))
    return isUnknown ? [] : [{ point: id, time, value: 0 }]
  }
  const amount = lasting.reduce((sum, each) => sum + each.amount, 0)
  const since = Math.min(...lasting.map(each => each.since))
  const costs = lasting.map(({ cost }) => cost)
  const cost = costs.every(each => each !== undefined)
    ? costs.reduce((sum, each) => sum + each, 0)
    : undefined
  return [
    { point: id, time, value: rounded(amount) },
    ...(FITFUL.includes(quantityName)
      ? []
      : [{ point: ageOf(id), time, value: rounded((time - since) / HOUR_MS) }]),
    ...(cost === undefined ? [] : [{ point: costOf(id), time, value: rounded(cost) }]),
  ]
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
