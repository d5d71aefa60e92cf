import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { driftOf, referenceOf } from '../../energy/drift.ts'
import {
  type Interval,
  localDate,
  periodStart,
  periodsBetween,
  startOfLocalDate,
} from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { siteUnit } from '../../model/consumption.ts'
import { formatCsv } from '../../model/csv.ts'
import { formatDecimal } from '../../model/decimal.ts'
import { FLUIDS } from '../../model/fluid.ts'
import { unitLabel } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { Site } from '../../registry/schema.ts'
import type { FigureStore } from '../../store/figures.ts'
import {
  idParameter,
  localTime,
  localTimeSchema,
  numberOf,
  span,
  timeParameter,
  unitFields,
} from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import { monthOf, zoneUse } from './zone-use.ts'

type Zone = NonNullable<Site['zones']>[number]

/** How long monthly values are to be kept (Code de la construction, R. 175-3, checked on 2026-11-27). */
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
  drift: z
    .strictObject({
      month: z.string().describe('The last one that is over'),
      ...unitFields,
      amount: z.number().nullable().describe('null where a part of the month is not known'),
      reference: z.number(),
      source: z.string(),
      percent: z.number().nullable().describe('Of the amount against the reference'),
      beyond: z.boolean().nullable().describe('Whether that is more than the registry tolerates'),
    })
    .nullable()
    .describe('null where the registry has no reference for the meter'),
})
const COLUMNS = [
  'batiment',
  'nom_batiment',
  'zone',
  'nom_zone',
  'compteur',
  'fluide',
  'debut',
  'fin',
  'quantite',
  'unite',
  'couverture',
  'reference',
  'ecart_pct',
  'source_reference',
]
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

  const driftIn = async (zone: Zone, meter: Meter, month: Interval) => {
    const reference = zone.references.find(each => each.meter === meter.id)
    if (!reference) return null
    const [use] = await zoneUse(figures, meter, 'month', month, timeZone)
    const name = monthOf(month.start, timeZone)
    const drift = use!.amount && driftOf(use!.amount, reference, name)
    return {
      month: name,
      ...unitOf(meter),
      amount: numberOf(use!.amount),
      reference: referenceOf(reference, name),
      source: reference.source,
      percent: drift?.percent ?? null,
      beyond: drift?.beyond ?? null,
    }
  }

  /** The lines of a meter of a zone in the file. */
  async function* linesOf(site: Site, zone: Zone, meter: Meter, by: 'hour' | 'month', span: Interval) {
    const reference = by === 'month' ? zone.references.find(each => each.meter === meter.id) : undefined
    for (const { start, end, amount, coverage } of await zoneUse(figures, meter, by, span, timeZone)) {
      const drift = reference && amount && driftOf(amount, reference, monthOf(start, timeZone))
      yield [
        ...[site.id, site.name, zone.id, zone.name, meter.id, meter.fluid],
        ...[localTime(start, timeZone), localTime(end, timeZone)],
        ...[amount ? formatDecimal(amount) : '', siteUnit(meter), coverage.toFixed(4)],
        ...[String(drift?.reference ?? ''), drift?.percent?.toFixed(1) ?? '', reference?.source ?? ''],
      ]
    }
  }

  const describe = async (site: Site, now: number): Promise<z.output<typeof buildingSchema>> => {
    const { month, years } = spansAt(now)
    const zones = []
    for (const zone of site.zones ?? []) {
      const kept = []
      for (const id of zone.meters) {
        const meter = registry.meters.get(id)!
        kept.push({
          meter: id,
          fluid: meter.fluid,
          hours: await keptOf(meter, 'hour', month),
          months: await keptOf(meter, 'month', years),
          drift: await driftIn(zone, meter, month),
        })
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

  server.get(
    '/v1/energy/zones/:site/figures.csv',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary:
          'What the meters of each zone of a building counted, by hour or month, against their references: for inspectors and operators (R. 175-3)',
        params: z.strictObject({ site: idParameter }),
        querystring: z.strictObject({
          from: timeParameter.optional(),
          to: timeParameter.optional(),
          by: z.enum(['hour', 'month']).default('month'),
        }),
        response: { 200: { content: { 'text/csv': { schema: z.any() } } }, ...problems(400, 401) },
      },
    },
    async ({ params, query }, reply) => {
      const site = siteOf(registry, params.site)
      const asked = span(query, query.by, clock.now(), timeZone)
      const whole = { start: periodStart(query.by, asked.from, timeZone), end: asked.to }
      const lines = []
      for (const zone of site.zones ?? []) {
        for (const id of zone.meters) {
          for await (const line of linesOf(site, zone, registry.meters.get(id)!, query.by, whole))
            lines.push(line)
          await setImmediate()
        }
      }
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('Content-Disposition', `attachment; filename="zones-${site.id}.csv"`)
        .header('Cache-Control', 'no-store')
        .send(formatCsv([COLUMNS, ...lines]))
    },
  )
}

function unitOf(meter: Meter) {
  const unit = siteUnit(meter)
  return { unit, unitLabel: unitLabel(unit) }
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
