import { z } from 'zod'
import { type Interval, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { coverageOf, meterCount, siteUnit } from '../../model/consumption.ts'
import { addDecimals, type Decimal, subtractDecimals } from '../../model/decimal.ts'
import { sumFigures } from '../../model/figure.ts'
import { PERIODS, type Period, partOf } from '../../model/period.ts'
import { grainOf } from '../../model/statement.ts'
import { unitLabel } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
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
import { meterOf } from '../meters/parameter.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'

export interface BalanceRoutes {
  registry: Registry
  figures: FigureStore
  clock: Clock
}

const amount = z.number().nullable().describe('In the unit, an exact decimal; null where not known')
const coverage = z.number().min(0).max(1)

/** What a main meter counts beside what the meters within it do: registers of one meter, or sub-meters. */
export function addBalanceRoutes(server: Server, { registry, figures, clock }: BalanceRoutes): void {
  const { timeZone } = registry.territory

  server.get(
    '/v1/meters/:meter/balance',
    {
      schema: {
        tags: ['consumption'],
        summary: 'A main meter against the sum of the meters within it, period by period',
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject({
          by: z.enum(PERIODS),
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({
            meter: z.string(),
            ...unitFields,
            parts: z.array(z.string()).describe('The meters within it'),
            periods: z.array(
              z.strictObject({
                start: localTimeSchema,
                end: localTimeSchema,
                amount,
                parts: z.array(z.strictObject({ meter: z.string(), amount, coverage })),
                sum: amount.describe('Of the parts; null where one is not known'),
                difference: amount.describe('What no part counts; less than 0 where they count more'),
                coverage: coverage.describe('Of the meter that is covered least'),
              }),
            ),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params, query }) => {
      const meter = meterOf(registry, params.meter)
      const asked = span(query, query.by, clock.now(), timeZone)
      const from = periodStart(query.by, asked.from, timeZone)
      const periods = periodsBetween(query.by, from, asked.to, timeZone)
      const parts = [...registry.meters.values()].filter(({ within }) => within === meter.id)
      const [whole, ...theirs] = await Promise.all(
        [meter, ...parts].map(each => countsOf(each, query.by, periods)),
      )
      const unit = siteUnit(meter)
      return {
        meter: meter.id,
        unit,
        unitLabel: unitLabel(unit),
        parts: parts.map(({ id }) => id),
        periods: periods.map(period => describePeriod(period, parts, whole!, theirs, timeZone)),
      }
    },
  )

  /** What a meter counted in each of the periods, converted hour by hour or day by day where it is gas. */
  async function countsOf(meter: Meter, by: Period, periods: readonly Interval[]) {
    const [start, end] = [periods[0]!.start, periods.at(-1)!.end]
    if (meter.conversions.length > 0 && by !== 'hour') return sumOfDays(meter, by, periods)
    const part = partOf(by)
    const kept = await figures.consumption(meter.id, part, start, end)
    const found = part === by ? kept : sumFigures(kept, periods)
    return meterCount({ meter, figures: found }, timeZone, grainOf(by))
  }

  /** A coefficient of gas may change at any midnight. */
  async function sumOfDays(meter: Meter, by: Period, periods: readonly Interval[]) {
    const [start, end] = [periods[0]!.start, periods.at(-1)!.end]
    const days = await figures.consumption(meter.id, 'day', start, end)
    const count = meterCount({ meter, figures: days }, timeZone, grainOf(by))
    const sums = new Map<number, Count>()
    for (const period of periods) {
      const counted = days
        .filter(day => day.start >= period.start && day.start < period.end)
        .map(day => count(day.start))
      if (counted.length === 0 || counted.some(each => each === undefined)) continue
      const known = counted as Count[]
      sums.set(period.start, {
        amount: known.map(each => each.amount).reduce(addDecimals),
        knownMs: known.reduce((sum, each) => sum + each.knownMs, 0),
      })
    }
    return (time: number) => sums.get(time)
  }
}

interface Count {
  amount: Decimal
  knownMs: number
}
type Counts = (start: number) => Count | undefined

function describePeriod(
  period: Interval,
  parts: readonly Meter[],
  whole: Counts,
  theirs: readonly Counts[],
  timeZone: string,
) {
  const own = whole(period.start)
  const counted = theirs.map(counts => counts(period.start))
  const isKnown = counted.length > 0 && counted.every(count => count !== undefined)
  const sum = isKnown ? counted.map(count => count!.amount).reduce(addDecimals) : undefined
  const shareOf = (count: Count | undefined) => coverageOf(count?.knownMs ?? 0, period)
  return {
    start: localTime(period.start, timeZone),
    end: localTime(period.end, timeZone),
    amount: numberOf(own?.amount),
    parts: parts.map(({ id }, at) => ({
      meter: id,
      amount: numberOf(counted[at]?.amount),
      coverage: shareOf(counted[at]),
    })),
    sum: numberOf(sum),
    difference: numberOf(own && sum && subtractDecimals(own.amount, sum)),
    coverage: Math.min(shareOf(own), ...counted.map(shareOf)),
  }
}
