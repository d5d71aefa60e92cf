import { z } from 'zod'
import {
  type Interval,
  localDate,
  periodStart,
  periodsBetween,
  startOfLocalDate,
} from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { FLUIDS } from '../../model/fluid.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import type { FigureStore } from '../../store/figures.ts'
import { idParameter, localTime, localTimeSchema } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'

/** How long monthly values are to be kept (Code de la construction, R. 175-3, checked on 2026-11-26). */
const YEARS_KEPT = 5

const keptSchema = z.strictObject({
  from: localTimeSchema,
  to: localTimeSchema,
  known: z.int(),
  of: z.int(),
})
const meterSchema = z.strictObject({
  meter: z.string(),
  fluid: z.enum(FLUIDS),
  hours: keptSchema.describe('Hours of the last month that is over which have a figure, measured or split'),
  months: keptSchema.describe('Months of the last five years which have a figure, measured or split'),
})
const GAPS = [
  'no-zones',
  'zone-without-meters',
  'meters-without-zone',
  'hours-missing',
  'months-missing',
] as const
const buildingSchema = z.strictObject({
  site: z.string(),
  name: z.string(),
  zones: z.array(z.strictObject({ zone: z.string(), name: z.string(), meters: z.array(meterSchema) })),
  withoutZone: z.array(z.string()).describe('Meters that count at the building, for none of its zones'),
  missing: z.array(z.enum(GAPS)),
})

export interface ZoneRoutes {
  registry: Registry
  figures: FigureStore
  clock: Clock
}

/** What is kept by functional zone of a building: hours, and months over five years. Figures are never deleted. */
export function addZoneRoutes(server: Server, { registry, figures, clock }: ZoneRoutes): void {
  const { timeZone } = registry.territory
  const meters = [...registry.meters.values()].filter(({ reactive }) => !reactive)

  /** The last month that is over, and the five years up to its end. */
  const spansAt = (now: number) => {
    const end = periodStart('month', now, timeZone)
    const before = (time: Temporal.DurationLike) =>
      startOfLocalDate(Temporal.PlainDate.from(localDate(end, timeZone)).subtract(time).toString(), timeZone)
    return {
      month: { start: before({ months: 1 }), end },
      years: { start: before({ years: YEARS_KEPT }), end },
    }
  }

  const keptOf = async (meter: Meter, period: 'hour' | 'month', { start, end }: Interval) => ({
    from: localTime(start, timeZone),
    to: localTime(end, timeZone),
    known: (await figures.consumption(meter.id, period, start, end)).length,
    of: periodsBetween(period, start, end, timeZone).length,
  })

  const describe = async (site: Site, now: number): Promise<z.output<typeof buildingSchema>> => {
    const { month, years } = spansAt(now)
    const zones = []
    for (const zone of site.zones ?? []) {
      const kept = []
      for (const id of zone.meters) {
        const meter = registry.meters.get(id)!
        const hours = await keptOf(meter, 'hour', month)
        kept.push({ meter: id, fluid: meter.fluid, hours, months: await keptOf(meter, 'month', years) })
      }
      zones.push({ zone: zone.id, name: zone.name, meters: kept })
    }
    const zoned = new Set(zones.flatMap(zone => zone.meters.map(({ meter }) => meter)))
    const withoutZone = meters.filter(meter => meter.site === site.id && !zoned.has(meter.id))
    return {
      site: site.id,
      name: site.name,
      zones,
      withoutZone: withoutZone.map(({ id }) => id),
      missing: gapsOf(zones, withoutZone.length),
    }
  }

  server.get(
    '/v1/energy/zones',
    {
      schema: {
        tags: ['consumption'],
        summary:
          'Which hours and months are kept by functional zone of each building (R. 175-3, 1° and 2°); the hub is no BACS: it controls nothing',
        querystring: z.strictObject({ site: idParameter.optional() }),
        response: {
          200: z.strictObject({ buildings: z.array(buildingSchema) }),
          ...problems(400),
        },
      },
    },
    async ({ query }) => {
      const sites = query.site === undefined ? [...registry.sites.values()] : [siteOf(registry, query.site)]
      const buildings = []
      for (const site of sites)
        if (site.kind === 'building') buildings.push(await describe(site, clock.now()))
      return { buildings }
    },
  )
}

function gapsOf(
  zones: z.output<typeof buildingSchema>['zones'],
  withoutZone: number,
): (typeof GAPS)[number][] {
  const kept = zones.flatMap(zone => zone.meters)
  const found: Record<(typeof GAPS)[number], boolean> = {
    'no-zones': zones.length === 0,
    'zone-without-meters': zones.some(zone => zone.meters.length === 0),
    'meters-without-zone': withoutZone > 0,
    'hours-missing': kept.some(({ hours }) => hours.known < hours.of),
    'months-missing': kept.some(({ months }) => months.known < months.of),
  }
  return GAPS.filter(gap => found[gap])
}
