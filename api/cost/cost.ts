import { z } from 'zod'
import { addMeters, type Cost, sumCosts, totalCost } from '../../energy/cost.ts'
import { periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { coverageOf } from '../../model/consumption.ts'
import { FLUIDS } from '../../model/fluid.ts'
import { unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import {
  idParameter,
  instant,
  instantSchema,
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
import { openSiteCosts } from './site-costs.ts'

export interface CostRoutes {
  registry: Registry
  figures: FigureStore
  clock: Clock
}

const STEPS = ['day', 'month', 'year'] as const

const costFields = {
  start: localTimeSchema,
  end: localTimeSchema,
  consumption: z.number().nullable().describe('€ of what was used, taxes included and VAT not'),
  fixed: z.number().nullable().describe('€ of the fixed price, without VAT'),
  vat: z.number().nullable().describe('€'),
  total: z.number().nullable().describe('€ with VAT; null where what was used has no cost'),
  coverage: z.number().min(0).max(1).describe('Share of the period that good readings cover'),
  priced: z.number().min(0).max(1).describe('Share of the period of which use and price are known'),
}
const costSchema = z.strictObject(costFields)
const meterCostSchema = z.strictObject({
  ...costFields,
  amount: z.number().nullable().describe('In the unit, of the share of the site'),
})

/** What a site's fluids cost by the tariffs of its meters, hour by hour; decimals are exact, nothing is rounded. */
export function addCostRoutes(server: Server, { registry, figures, clock }: CostRoutes): void {
  const { timeZone } = registry.territory
  const costsOf = openSiteCosts({ registry, figures })

  const shown = (cost: Cost) => ({
    start: localTime(cost.start, timeZone),
    end: localTime(cost.end, timeZone),
    consumption: numberOf(cost.consumption),
    fixed: numberOf(cost.fixed),
    vat: numberOf(cost.vat),
    total: numberOf(totalCost(cost)),
    coverage: coverageOf(cost.coveredMs, cost),
    priced: coverageOf(cost.pricedMs, cost),
  })

  server.get(
    '/v1/cost',
    {
      config: { account: true },
      schema: {
        tags: ['consumption'],
        summary: 'What a site costs by the tariffs of its meters, by day, month or year',
        querystring: z.strictObject({
          site: idParameter,
          by: z.enum(STEPS),
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({
            site: z.string(),
            by: z.enum(STEPS),
            from: instantSchema,
            to: instantSchema,
            currency: z.literal('EUR'),
            meters: z.array(
              z.strictObject({
                meter: z.string(),
                fluid: z.enum(FLUIDS),
                ...unitFields,
                tariffs: z.array(z.string()),
                periods: z.array(meterCostSchema),
                total: meterCostSchema,
              }),
            ),
            periods: z.array(costSchema).describe('Of all meters that have a tariff; empty without one'),
            total: costSchema.nullable(),
            withoutTariff: z.array(z.string()).describe('Meters that are not in the sums'),
          }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query }) => {
      const site = siteOf(registry, query.site)
      const asked = span(query, 'cost', clock.now(), timeZone)
      const periods = periodsBetween(query.by, asked.from, asked.to, timeZone)
      const whole = { start: periods[0]!.start, end: periods.at(-1)!.end }
      const { meters, withoutTariff } = await costsOf(site.id, whole.start, whole.end)
      const byPeriod = meters.map(({ days }) => sumCosts(days, periods))
      const totals = byPeriod.map(costs => sumCosts(costs, [whole])[0]!)
      const withAmount = (cost: Cost) => ({ ...shown(cost), amount: numberOf(cost.amount) })
      return {
        site: site.id,
        by: query.by,
        from: instant(whole.start),
        to: instant(whole.end),
        currency: 'EUR' as const,
        meters: meters.map(({ meter, unit, tariffs }, i) => ({
          meter: meter.id,
          fluid: meter.fluid,
          unit,
          unitLabel: unitLabel(unit),
          tariffs,
          periods: byPeriod[i]!.map(withAmount),
          total: withAmount(totals[i]!),
        })),
        periods:
          meters.length > 0 ? periods.map((_, i) => shown(addMeters(byPeriod.map(costs => costs[i]!)))) : [],
        total: meters.length > 0 ? shown(addMeters(totals)) : null,
        withoutTariff,
      }
    },
  )
}
