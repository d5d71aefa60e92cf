import { z } from 'zod'
import { openReachedPower, type ReachedClass, type ReachedPower, rounded } from '../../energy/power.ts'
import { balanceReactive, type CountOfHour } from '../../energy/reactive.ts'
import { type Interval, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { coverageOf, isKnownHour, meterCount } from '../../model/consumption.ts'
import { type MeanPower, POWER_SOURCES } from '../../model/power.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { unitLabel } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import {
  idParameter,
  localTime,
  localTimeSchema,
  numberOf,
  span,
  timeParameter,
  unitFields,
} from '../fields.ts'
import { meterOf } from '../meters/parameter.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { loadPowers, type PowerStores, powerUnit } from './mean-powers.ts'

export interface PowerRoutes extends PowerStores {
  registry: Registry
  clock: Clock
}

const STEPS = ['day', 'month', 'year'] as const
const coverage = z.number().min(0).max(1)
const reachedSchema = z
  .strictObject({
    power: z.number(),
    start: localTimeSchema,
    minutes: z.number().describe('Over which it is a mean: a longer mean hides a peak'),
    source: z.enum(POWER_SOURCES),
  })
  .nullable()
  .describe('The greatest mean power, in the unit; null where none is known')
const classSchema = z.strictObject({
  name: z.string(),
  subscribed: z.number().describe('As the contract says'),
  subscribedUnit: z.enum(['kW', 'kV.A']),
  limit: z
    .number()
    .nullable()
    .describe('What is held against it, in the unit; null where the two cannot be compared'),
  reached: reachedSchema,
  hoursKnown: z.number(),
  overrun: z
    .strictObject({ hours: z.number(), most: z.number().describe('The most beyond the limit, in the unit') })
    .nullable()
    .describe('null where nothing can be compared'),
})
const reactiveSchema = z.strictObject({
  meter: z.string(),
  limit: z.number().describe('kvarh that are free for each kWh'),
  active: z.number().nullable().describe('kWh of the hours that count and in which both are known'),
  reactive: z.number().nullable().describe('kvarh of the same hours'),
  tanPhi: z.number().nullable(),
  excess: z.number().nullable().describe('kvarh beyond what is free'),
  hoursCounting: z.number().describe('Hours of the period in which it counts'),
  hoursKnown: z.number().describe('Of these, those that are known'),
})

/** What power a meter of electricity reached against what is subscribed, and its reactive energy. */
export function addPowerRoutes(server: Server, routes: PowerRoutes): void {
  const { registry, figures, clock } = routes
  const { timeZone } = registry.territory
  const reactiveMeters = new Map(
    [...registry.meters.values()].flatMap(meter => (meter.reactive ? [[meter.reactive.of, meter]] : [])),
  )

  server.get(
    '/v1/meters/:meter/power',
    {
      schema: {
        tags: ['consumption'],
        summary: 'Reached against subscribed power, overruns and reactive energy of a meter of electricity',
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject({
          by: z.enum(STEPS).default('month'),
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({
            meter: z.string(),
            by: z.enum(STEPS),
            ...unitFields,
            periods: z.array(
              z.strictObject({
                start: localTimeSchema,
                end: localTimeSchema,
                coverage: coverage.describe('Share of the period of which a mean power is known'),
                sources: z.array(
                  z.strictObject({ source: z.enum(POWER_SOURCES), minutes: z.number(), share: coverage }),
                ),
                reached: reachedSchema,
                classes: z.array(classSchema).describe('Of the contracts that hold in the period'),
                reactive: reactiveSchema.nullable().describe('null where no meter counts it'),
              }),
            ),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params, query }) => {
      const meter = meterOf(registry, params.meter)
      if (meter.fluid !== 'electricite' || meter.reactive)
        throw new Problem(404, `${meter.id} counts no active electricity: it has no power.`)
      const now = clock.now()
      const asked = span(query, 'power', now, timeZone)
      const from = periodStart(query.by, asked.from, timeZone)
      const unit = powerUnit(meter)
      const reachedIn = openReachedPower(meter.subscribed ?? [], unit, timeZone)
      const periods = []
      for (const period of periodsBetween(query.by, from, asked.to, timeZone)) {
        const past = { start: period.start, end: Math.min(period.end, now) }
        const powers = await loadPowers(routes, meter, past, timeZone)
        const reactive = await reactiveIn(period, meter)
        periods.push({ ...describePeriod(reachedIn(period, powers)), reactive })
      }
      return { meter: meter.id, by: query.by, unit, unitLabel: unitLabel(unit), periods }
    },
  )

  function describePeriod({ start, end, reached, known, classes }: ReachedPower) {
    const share = (ms: number) => coverageOf(ms, { start, end })
    return {
      start: localTime(start, timeZone),
      end: localTime(end, timeZone),
      coverage: share(known.reduce((sum, { ms }) => sum + ms, 0)),
      sources: known.map(({ source, lengthMs, ms }) => ({
        source,
        minutes: lengthMs / MINUTE_MS,
        share: share(ms),
      })),
      reached: describeReached(reached),
      classes: classes.map(describeClass),
    }
  }

  function describeClass({ name, subscribed, unit, limit, reached, knownMs, overrun }: ReachedClass) {
    return {
      name,
      subscribed,
      subscribedUnit: unit,
      limit: limit ?? null,
      reached: describeReached(reached),
      hoursKnown: hours(knownMs),
      overrun: overrun ? { hours: hours(overrun.ms), most: overrun.most } : null,
    }
  }

  function describeReached(mean: MeanPower | undefined) {
    if (!mean) return null
    const { power, start, end, source } = mean
    return { power, start: localTime(start, timeZone), minutes: (end - start) / MINUTE_MS, source }
  }

  async function reactiveIn(period: Interval, active: Meter) {
    const meter = reactiveMeters.get(active.id)
    if (!meter) return null
    const counts = { active: await countsOf(active, period), reactive: await countsOf(meter, period) }
    const hoursOfPeriod = periodsBetween('hour', period.start, period.end, timeZone)
    const balance = balanceReactive(hoursOfPeriod, meter.reactive!, counts, timeZone)
    return {
      meter: meter.id,
      limit: meter.reactive!.limit,
      active: numberOf(balance.active),
      reactive: numberOf(balance.reactive),
      tanPhi: balance.tanPhi ?? null,
      excess: numberOf(balance.excess),
      hoursCounting: hours(balance.countingMs),
      hoursKnown: hours(balance.knownMs),
    }
  }

  /** Of the hours that are known for themselves. */
  async function countsOf(meter: Meter, { start, end }: Interval): Promise<CountOfHour> {
    const found = await figures.consumption(meter.id, 'hour', start, end)
    const known = found.filter(isKnownHour)
    const count = meterCount({ meter, figures: known }, timeZone, 'hour')
    return time => count(time)?.amount
  }
}

function hours(ms: number): number {
  return rounded(ms / HOUR_MS)
}
