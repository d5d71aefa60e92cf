import { z } from 'zod'
import { factorOf, namesOf } from '../../energy/factors.ts'
import { type Interval, localDate, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { coverageOf } from '../../model/consumption.ts'
import { formatDecimal, multiplyDecimals, toDecimal } from '../../model/decimal.ts'
import { FLUIDS } from '../../model/fluid.ts'
import { unitLabel } from '../../model/units.ts'
import type { Site } from '../../registry/schema.ts'
import { openSiteConsumption, type SiteFluid } from '../consumption/site-consumption.ts'
import {
  idParameter,
  instant,
  instantSchema,
  localTime,
  localTimeSchema,
  span,
  timeParameter,
  unitFields,
} from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import { factorFields, perArea } from './account-fields.ts'
import { totalOf } from './energy.ts'
import type { AccountSources } from './year-accounts.ts'

type Row = SiteFluid['rows'][number]

const MONTHS_OF_A_YEAR = 12

const amountSchema = z.strictObject({
  start: localTimeSchema,
  end: localTimeSchema,
  amount: z.number().nullable().describe('In the unit; null where a month has no figure'),
  coverage: z.number().min(0).max(1),
})
const changeSchema = z.number().nullable().describe('-0.1 is 10 % less; null where one of both is not known')

/** A site's whole months beside the same of a year before and of a reference year. */
export function addComparisonRoutes(server: Server, routes: AccountSources & { clock: Clock }): void {
  const { registry, factors, clock } = routes
  const { timeZone } = registry.territory
  const consumptionOf = openSiteConsumption(routes)

  /** The whole months that are asked for; the last twelve that are over by default. */
  const monthsOf = (query: { from?: string | undefined; to?: string | undefined }): Interval[] => {
    const to = query.to ?? localDate(periodStart('month', clock.now(), timeZone), timeZone)
    const from = query.from ?? (query.to === undefined ? yearsBefore(to, 1) : undefined)
    const asked = span({ from, to }, 'month', clock.now(), timeZone)
    return periodsBetween('month', periodStart('month', asked.from, timeZone), asked.to, timeZone)
  }

  /** What was used of each fluid in the same months of other years. */
  const earlier = async (site: Site, { start, end }: Interval, years: number): Promise<Map<string, Row>> => {
    const [from, to] = [start, end].map(time => {
      const date = yearsBefore(localDate(time, timeZone), years)
      return Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds
    })
    const fluids = await consumptionOf(site.id, 'month', from!, to!)
    return new Map(fluids.map(each => [keyOf(each), totalOf(each.rows)]))
  }

  const shown = (row: Row) => ({
    start: localTime(row.start, timeZone),
    end: localTime(row.end, timeZone),
    amount: row.amount === null ? null : Number(row.amount),
    coverage: coverageOf(Math.round(row.coverage * (row.end - row.start)), row),
  })

  server.get(
    '/v1/energy/comparison',
    {
      schema: {
        tags: ['consumption'],
        summary: "A site's months beside those of a year before and of a reference year, by m² and by person",
        querystring: z.strictObject({
          site: idParameter,
          from: timeParameter.optional(),
          to: timeParameter.optional(),
          reference: z.coerce
            .number()
            .int()
            .min(2000)
            .max(2100)
            .optional()
            .describe(
              'The year in which the months of the reference begin; by default the one that the site declares',
            ),
        }),
        response: {
          200: z.strictObject({
            site: z.string(),
            from: instantSchema,
            to: instantSchema,
            referenceYear: z.int().nullable(),
            factors: factorFields,
            fluids: z.array(
              z.strictObject({
                fluid: z.enum(FLUIDS),
                ...unitFields,
                now: amountSchema,
                before: amountSchema,
                reference: amountSchema.nullable(),
                change: changeSchema,
                referenceChange: changeSchema,
                perSquareMetre: z
                  .number()
                  .nullable()
                  .describe(
                    'kWh PCI/m² in a year; null for other spans, and where the floor area is not known',
                  ),
                primaryPerSquareMetre: z
                  .number()
                  .nullable()
                  .describe('kWh of primary energy/m² in a year; null as the one before'),
                litresPerPerson: z
                  .number()
                  .nullable()
                  .describe('Of water, over the span; null where it is not known how many people there are'),
              }),
            ),
          }),
          ...problems(400),
        },
      },
    },
    async ({ query }) => {
      const site = siteOf(registry, query.site)
      const months = monthsOf(query)
      const whole = { start: months[0]!.start, end: months.at(-1)!.end }
      const referenceYear = query.reference ?? site.tertiary?.referenceYear ?? null
      const back =
        referenceYear === null ? 0 : Number(localDate(whole.start, timeZone).slice(0, 4)) - referenceYear
      const [fluids, before, reference] = await Promise.all([
        consumptionOf(site.id, 'month', whole.start, whole.end),
        earlier(site, whole, 1),
        referenceYear === null ? undefined : earlier(site, whole, back),
      ])
      return {
        site: site.id,
        from: instant(whole.start),
        to: instant(whole.end),
        referenceYear,
        factors: namesOf(factors),
        fluids: fluids.map(fluid => {
          const now = totalOf(fluid.rows)
          const then = before.get(keyOf(fluid))!
          const first = reference?.get(keyOf(fluid))
          const factor = factorOf(factors, fluid.fluid, fluid.unit)
          const isYear = months.length === MONTHS_OF_A_YEAR
          const energy = isYear ? product(now.amount, factor?.finalEnergy) : null
          return {
            fluid: fluid.fluid,
            unit: fluid.unit,
            unitLabel: unitLabel(fluid.unit),
            now: shown(now),
            before: shown(then),
            reference: first ? shown(first) : null,
            change: changeOf(now, then),
            referenceChange: first ? changeOf(now, first) : null,
            perSquareMetre: perArea(energy, site.floorArea),
            primaryPerSquareMetre: perArea(product(energy, factor?.primaryEnergy), site.floorArea),
            litresPerPerson:
              fluid.fluid === 'eau' ? perArea(product(now.amount, LITRES[fluid.unit]), site.people) : null,
          }
        }),
      }
    },
  )
}

/** Sites count water in m³ ({@link SiteFluid}). */
const LITRES: Partial<Record<SiteFluid['unit'], number>> = { m3: 1000 }

function keyOf({ fluid, unit }: SiteFluid): string {
  return `${fluid} ${unit}`
}

/** Months begin on a first, which every year has. */
function yearsBefore(date: string, years: number): string {
  return Temporal.PlainDate.from(date).subtract({ years }).toString()
}

function changeOf(now: Row, then: Row): number | null {
  if (now.amount === null || then.amount === null || Number(then.amount) === 0) return null
  return Number(now.amount) / Number(then.amount) - 1
}

function product(amount: string | null, factor: number | undefined): string | null {
  if (amount === null || factor === undefined) return null
  return formatDecimal(multiplyDecimals(toDecimal(amount), toDecimal(factor)))
}
