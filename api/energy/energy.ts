import { z } from 'zod'
import { CORRECTION_GAPS, corrected } from '../../energy/climate-correction.ts'
import { type FactorSet, factorOf, factorsOf, namesOf } from '../../energy/factors.ts'
import { SIGNATURE_DOUBTS } from '../../energy/signature.ts'
import { type Interval, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { coverageOf } from '../../model/consumption.ts'
import { addDecimals, formatDecimal, multiplyDecimals, toDecimal } from '../../model/decimal.ts'
import { FLUIDS } from '../../model/fluid.ts'
import { unitLabel } from '../../model/units.ts'
import type { FigureStore } from '../../store/figures.ts'
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
import { emissionSourceSchema, factorFields } from './account-fields.ts'
import { type ClimateSources, climateOf } from './degree-days.ts'
import { hasEveryDay, signatureOf } from './heating.ts'

export interface EnergyRoutes extends ClimateSources {
  figures: FigureStore
  factors: FactorSet
  clock: Clock
}

type Row = SiteFluid['rows'][number]

const period = { start: localTimeSchema, end: localTimeSchema }
const consumption = {
  amount: z.number().nullable().describe('In the unit, an exact decimal; null without data'),
  coverage: z.number().min(0).max(1).describe('Share of the period that good readings cover'),
}
const degreeDaySchema = z.strictObject({
  ...period,
  heating: z.number().nullable().describe('°C·day; null where a day of the period has no figure'),
  cooling: z.number().nullable(),
  days: z.int(),
  known: z.int().describe('Days whose 36 hours have temperatures'),
})
const fluidSchema = z.strictObject({
  ...period,
  ...consumption,
  finalEnergy: z.number().nullable().describe('kWh PCI; null where the unit needs a conversion'),
  perSquareMetre: z.number().nullable().describe('kWh PCI/m²; null where the floor area is not known'),
  primaryEnergy: z
    .number()
    .nullable()
    .describe('kWh of primary energy; null where final energy is, or the set has no factor'),
  kgCO2e: z.number().nullable().describe('null where the set has no factor'),
})
const heatingSchema = z.strictObject({
  ...period,
  ...consumption,
  corrected: z.number().nullable().describe('In the unit, of the mean climate'),
  missing: z.enum(CORRECTION_GAPS).nullable().describe('Why it is not corrected'),
})
const signatureSchema = z.strictObject({
  base: z.number().describe('In the unit a day'),
  slope: z.number().describe('In the unit a day and °C'),
  balance: z.number().describe('°C'),
  rSquared: z.number(),
  cvRmse: z.number(),
  days: z.int().describe('Days with temperatures and a coverage of 1'),
  doubts: z.array(z.enum(SIGNATURE_DOUBTS)).describe('Why not to rely on it'),
})

/** Energy of a site by civil month: degree-days, final energy, emissions, and heating corrected for the climate. */
export function addEnergyRoutes(server: Server, routes: EnergyRoutes): void {
  const { registry, figures, factors, clock } = routes
  const { timeZone, climate } = registry.territory
  const heatingMeters = new Map([...registry.meters].filter(([, meter]) => meter.heating))
  const consumptionOf = openSiteConsumption({ registry, figures })
  const heatingOf = openSiteConsumption({ registry: { ...registry, meters: heatingMeters }, figures })
  const local = ({ start, end }: Interval) => ({
    start: localTime(start, timeZone),
    end: localTime(end, timeZone),
  })

  server.get(
    '/v1/energy',
    {
      schema: {
        tags: ['consumption'],
        summary: 'Degree-days, final energy, emissions and heating of a site, by month; for steering',
        querystring: z.strictObject({
          site: idParameter,
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({
            site: z.string(),
            from: instantSchema,
            to: instantSchema,
            official: z
              .boolean()
              .describe(
                'Whether degree-days are of a station of Météo-France, as the declaration takes them',
              ),
            climate: z
              .strictObject({
                point: z.string().nullable().describe('The own point that tells the temperature'),
                station: z
                  .strictObject({ post: z.string(), name: z.string() })
                  .nullable()
                  .describe('The station of Météo-France, which goes before the point'),
                threshold: z.number().describe('°C'),
                reference: z.string().nullable().describe('Station and years of the mean climate'),
              })
              .nullable(),
            factors: factorFields,
            degreeDays: z
              .strictObject({ months: z.array(degreeDaySchema), total: degreeDaySchema })
              .nullable(),
            fluids: z.array(
              z.strictObject({
                fluid: z.enum(FLUIDS),
                ...unitFields,
                months: z.array(fluidSchema),
                total: fluidSchema,
                emissionSource: emissionSourceSchema,
              }),
            ),
            heating: z.array(
              z.strictObject({
                fluid: z.enum(FLUIDS),
                ...unitFields,
                months: z.array(heatingSchema),
                total: heatingSchema,
                signature: signatureSchema.nullable(),
              }),
            ),
          }),
          ...problems(400),
        },
      },
    },
    async ({ query }) => {
      const site = siteOf(registry, query.site)
      const own = factorsOf(factors, registry.territory.emissionFactors, site.id)
      const asked = span(query, 'day', clock.now(), timeZone)
      const months = periodsBetween('month', periodStart('month', asked.from, timeZone), asked.to, timeZone)
      const whole = { start: months[0]!.start, end: months.at(-1)!.end }
      const [weather, fluids, heating, heatingDays] = await Promise.all([
        climateOf(routes, site, months),
        consumptionOf(site.id, 'month', whole.start, whole.end),
        heatingOf(site.id, 'month', whole.start, whole.end),
        heatingOf(site.id, 'day', whole.start, whole.end),
      ])
      const reference = weather?.references.reduce(
        (sum, month) => (sum === null || month === null ? null : sum + month),
        0 as number | null,
      )
      const heatingRow = (
        row: Row,
        days: readonly Row[],
        mean: number | null | undefined,
        degrees: number | null | undefined,
      ) => ({
        ...local(row),
        ...shown(row),
        ...corrected(hasEveryDay(row, days) ? row.amount : null, mean, degrees),
      })
      return {
        site: site.id,
        from: instant(whole.start),
        to: instant(whole.end),
        official: weather?.station !== undefined,
        climate: weather
          ? {
              point: weather.station ? null : climate!.point,
              station: weather.station ? { post: weather.station.post, name: weather.station.name } : null,
              threshold: weather.threshold,
              reference: weather.referenceSource,
            }
          : null,
        factors: namesOf(factors),
        degreeDays: weather
          ? {
              months: months.map((month, i) => ({ ...local(month), ...weather.months[i]! })),
              total: { ...local(whole), ...weather.total },
            }
          : null,
        fluids: fluids
          .filter(({ fluid }) => fluid !== 'eau')
          .map(({ fluid, unit, rows }) => {
            const factor = factorOf(own, fluid, unit)
            const energy = (row: Row) => ({
              ...local(row),
              ...shown(row),
              ...finalEnergy(row, factor, site.floorArea),
            })
            return {
              fluid,
              unit,
              unitLabel: unitLabel(unit),
              months: rows.map(energy),
              total: energy(totalOf(rows)),
              emissionSource: factor?.source ?? null,
            }
          }),
        heating: heating.map(({ fluid, unit, rows }, i) => ({
          fluid,
          unit,
          unitLabel: unitLabel(unit),
          months: rows.map((row, month) =>
            heatingRow(
              row,
              heatingDays[i]!.rows,
              weather?.references[month],
              weather?.months[month]?.heating,
            ),
          ),
          total: heatingRow(totalOf(rows), heatingDays[i]!.rows, reference, weather?.total.heating),
          signature: signatureOf(heatingDays[i]!, weather),
        })),
      }
    },
  )
}

/** The exact sum of months, null where one of them has no amount: half a year is not a year. */
export function totalOf(rows: readonly Row[]): Row {
  const [start, end] = [rows[0]!.start, rows.at(-1)!.end]
  const known = rows.flatMap(({ amount }) => (amount === null ? [] : [toDecimal(amount)]))
  const covered = rows.reduce((sum, row) => sum + row.coverage * (row.end - row.start), 0)
  return {
    start,
    end,
    amount: known.length < rows.length ? null : formatDecimal(known.reduce(addDecimals)),
    coverage: covered / (end - start),
  }
}

function shown({ amount, coverage, start, end }: Row) {
  return {
    amount: amount === null ? null : Number(amount),
    coverage: coverageOf(Math.round(coverage * (end - start)), { start, end }),
  }
}

/** kWh PCI, kWh PCI/m², kWh of primary energy and kgCO2e of a period, rounded only here. */
function finalEnergy({ amount }: Row, factor: ReturnType<typeof factorOf>, floorArea: number | undefined) {
  if (amount === null || !factor)
    return { finalEnergy: null, perSquareMetre: null, primaryEnergy: null, kgCO2e: null }
  const energy = multiplyDecimals(toDecimal(amount), toDecimal(factor.finalEnergy))
  const times = (each: number | undefined) =>
    each === undefined ? null : Number(formatDecimal(multiplyDecimals(energy, toDecimal(each))))
  return {
    finalEnergy: Number(formatDecimal(energy)),
    perSquareMetre: floorArea === undefined ? null : Number(formatDecimal(energy)) / floorArea,
    primaryEnergy: times(factor.primaryEnergy),
    kgCO2e: times(factor.kgCO2e),
  }
}
