import { z } from 'zod'
import { type Interval, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { coverageOf, knownMs } from '../../model/consumption.ts'
import { formatDecimal } from '../../model/decimal.ts'
import type { ConsumptionFigure } from '../../model/figure.ts'
import { sumFigures } from '../../model/figure.ts'
import { FLUIDS } from '../../model/fluid.ts'
import { PERIODS, type Period, partOf } from '../../model/period.ts'
import { grainOf } from '../../model/statement.ts'
import { unitLabel } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import type { RevisionStore } from '../../store/revisions.ts'
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
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import { openSiteConsumption } from './site-consumption.ts'
import { describeStated, inUnits, statedSchema } from './stated.ts'

export interface ConsumptionRoutes {
  registry: Registry
  figures: FigureStore
  revisions: RevisionStore
  clock: Clock
}

const tags = ['consumption']
const periodQuery = {
  fluid: z.enum(FLUIDS).optional(),
  by: z.enum(PERIODS),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
}
const spanFields = {
  site: z.string(),
  by: z.enum(PERIODS),
  from: instantSchema,
  to: instantSchema,
}
const periodFields = {
  start: localTimeSchema,
  end: localTimeSchema,
  amount: z
    .number()
    .nullable()
    .describe('In the unit, an exact decimal; null without data, never 0 in its place'),
  coverage: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'Share of the period that is known for itself: good readings cover it, or it was stated for no longer time',
    ),
}

/** Consumption by civil period of the territory's time zone: of a site's share, and of each meter. */
export function addConsumptionRoutes(server: Server, routes: ConsumptionRoutes): void {
  const { registry, figures, revisions, clock } = routes
  const { timeZone } = registry.territory
  const consumptionOf = openSiteConsumption({ registry, figures })

  /** Every period that overlaps what is asked for, whole. */
  const periodsOf = (query: { by: Period; from?: string | undefined; to?: string | undefined }) => {
    const asked = span(query, query.by, clock.now(), timeZone)
    const from = periodStart(query.by, asked.from, timeZone)
    const periods = periodsBetween(query.by, from, asked.to, timeZone)
    return { from, to: periods.at(-1)!.end, periods }
  }

  server.get(
    '/v1/sites/:site/consumption',
    {
      schema: {
        tags,
        summary: "What a site consumed: its share of the meters' figures, by fluid",
        params: z.strictObject({ site: idParameter }),
        querystring: z.strictObject(periodQuery),
        response: {
          200: z.strictObject({
            ...spanFields,
            fluids: z.array(
              z.strictObject({
                fluid: z.enum(FLUIDS),
                ...unitFields,
                periods: z.array(z.strictObject({ ...periodFields, stated: statedSchema })),
              }),
            ),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params: { site }, query }) => {
      if (!registry.sites.has(site)) throw new Problem(404, `There is no site ${site}; /v1/sites lists them.`)
      const { from, to } = periodsOf(query)
      const consumption = await consumptionOf(site, query.by, from, to)
      const wanted = consumption.filter(({ fluid }) => query.fluid === undefined || fluid === query.fluid)
      return {
        site,
        by: query.by,
        from: instant(from),
        to: instant(to),
        fluids: wanted.map(({ fluid, unit, rows }) => ({
          fluid,
          unit,
          unitLabel: unitLabel(unit),
          periods: rows.map(({ start, end, amount, coverage, stated = [] }) => ({
            start: localTime(start, timeZone),
            end: localTime(end, timeZone),
            amount: amount === null ? null : Number(amount),
            coverage: coverageOf(Math.round(coverage * (end - start)), { start, end }),
            stated: describeStated(stated, { start, end }, exact => Number(formatDecimal(exact))),
          })),
        })),
      }
    },
  )

  server.get(
    '/v1/consumption',
    {
      schema: {
        tags,
        summary: 'What each meter of a site counted',
        querystring: z.strictObject({ site: idParameter, ...periodQuery }),
        response: {
          200: z.strictObject({
            ...spanFields,
            meters: z.array(
              z.strictObject({
                meter: z.string(),
                point: z.string().nullable().describe('null for a meter that is known by statements only'),
                fluid: z.enum(FLUIDS),
                ...unitFields,
                resolution: z.number(),
                periods: z.array(
                  z.strictObject({
                    ...periodFields,
                    readings: z.int().describe('Good readings in the period'),
                    revision: z.int().nullable().describe('Of a closed month; null of any other period'),
                    stated: statedSchema,
                  }),
                ),
              }),
            ),
          }),
          ...problems(400),
        },
      },
    },
    async ({ query }) => {
      const site = siteOf(registry, query.site)
      const { from, to, periods } = periodsOf(query)
      const meters = [...registry.meters.values()].filter(
        meter => meter.site === site.id && (query.fluid === undefined || meter.fluid === query.fluid),
      )
      const answers = meters.map(async meter => {
        const part = partOf(query.by)
        const parts = await figures.consumption(meter.id, part, from, to)
        const found = part === query.by ? parts : sumFigures(parts, periods)
        const told = query.by === 'month' ? revisions.latest(meter.id, { start: from, end: to }) : []
        const numbers = new Map(told.map(({ start, number }) => [start, number]))
        return {
          meter: meter.id,
          point: meter.point?.id ?? null,
          fluid: meter.fluid,
          unit: meter.unit,
          unitLabel: unitLabel(meter.unit),
          resolution: meter.resolution,
          periods: meterPeriods(meter, periods, found, query.by).map(({ start, end, ...figures }) => ({
            start: localTime(start, timeZone),
            end: localTime(end, timeZone),
            ...figures,
            revision: numbers.get(start) ?? null,
          })),
        }
      })
      return {
        site: site.id,
        by: query.by,
        from: instant(from),
        to: instant(to),
        meters: await Promise.all(answers),
      }
    },
  )
}

/** A row for every period; one without data has no amount. */
export function meterPeriods(
  meter: Pick<Meter, 'resolution'>,
  periods: readonly Interval[],
  figures: readonly ConsumptionFigure[],
  by: Period,
) {
  const byStart = new Map(figures.map(figure => [figure.start, figure]))
  return periods.map(period => {
    const figure = byStart.get(period.start)
    return {
      ...period,
      amount: figure ? inUnits(figure.amount, meter.resolution) : null,
      coverage: coverageOf(figure ? knownMs(figure, grainOf(by)) : 0, period),
      readings: figure?.readings ?? 0,
      stated: describeStated(figure?.stated ?? [], period, steps => inUnits(steps, meter.resolution)),
    }
  })
}
