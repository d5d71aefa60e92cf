import { z } from 'zod'
import { spacingOf, type WeighedCount, weigh } from '../../energy/balance.ts'
import { type Interval, intervalOfDates, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import {
  coverageOf,
  type MeterCount,
  meterCount,
  oneAfterTheOther,
  siteUnit,
} from '../../model/consumption.ts'
import { addDecimals } from '../../model/decimal.ts'
import { joinStated, sumFigures } from '../../model/figure.ts'
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
            parts: z.array(z.string()).describe('The meters that are within it in one of the periods'),
            periods: z.array(
              z.strictObject({
                start: localTimeSchema,
                end: localTimeSchema,
                amount,
                parts: z.array(z.strictObject({ meter: z.string(), amount, coverage })),
                sum: amount.describe('Of the parts; null where one is not known'),
                difference: amount.describe('What no part counts; less than 0 where they count more'),
                tolerance: z
                  .number()
                  .nullable()
                  .describe(
                    'What of the difference resolution and read times can explain; null where a part of the period is not known for itself',
                  ),
                contradicts: z
                  .boolean()
                  .nullable()
                  .describe('Whether the parts count more than that; null where it cannot be told'),
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
      const parts = partsOf(meter, { start: from, end: periods.at(-1)!.end })
      const always = { start: -Infinity, end: Infinity }
      const whole = await countsOf({ meter, during: [always] }, query.by, periods)
      const theirs = await Promise.all(parts.map(part => countsOf(part, query.by, periods)))
      const unit = siteUnit(meter)
      return {
        meter: meter.id,
        unit,
        unitLabel: unitLabel(unit),
        parts: parts.map(part => part.meter.id),
        periods: periods.map(period =>
          describePeriod(period, whole(period.start), partsIn(period, parts, theirs), timeZone),
        ),
      }
    },
  )

  /** The meters within another at some time of a span, and when they are. */
  function partsOf(main: Meter, span: Interval): Part[] {
    return [...registry.meters.values()].flatMap(meter => {
      const during = (meter.within ?? [])
        .filter(within => within.meter === main.id)
        .map(within => intervalOfDates(within, timeZone))
        .filter(interval => touches(interval, span))
      return during.length > 0 ? [{ meter, during }] : []
    })
  }

  /** What a meter counted in each of the periods, as far as it is a part in them. */
  async function countsOf(part: Part, by: Period, periods: readonly Interval[]): Promise<Counts> {
    const { meter, during } = part
    const isPartly = periods.some(period =>
      during.some(dates => begins(dates, period) || ends(dates, period)),
    )
    if (by !== 'hour' && (meter.conversions.length > 0 || isPartly)) return sumOfDays(part, by, periods)
    const [start, end] = [periods[0]!.start, periods.at(-1)!.end]
    const kept = await figures.consumption(meter.id, partOf(by), start, end)
    const found = partOf(by) === by ? kept : sumFigures(kept, periods)
    const count = meterCount({ meter, figures: found }, timeZone, grainOf(by))
    return time => weighed(meter, count(time))
  }

  /** A coefficient of gas may change at any midnight, and so may the main meter. */
  async function sumOfDays(
    { meter, during }: Part,
    by: Period,
    periods: readonly Interval[],
  ): Promise<Counts> {
    const [start, end] = [periods[0]!.start, periods.at(-1)!.end]
    const kept = await figures.consumption(meter.id, 'day', start, end)
    const days = kept.filter(day => during.some(dates => touches(dates, day)))
    const count = meterCount({ meter, figures: days }, timeZone, grainOf(by))
    const sums = new Map<number, WeighedCount>()
    for (const period of periods) {
      const counted = days.filter(day => touches(day, period)).map(day => count(day.start))
      const known = counted.filter(each => each !== undefined)
      if (known.length === 0 || known.length < counted.length) continue
      sums.set(period.start, weighed(meter, known.reduce(addCounts))!)
    }
    return time => sums.get(time)
  }
}

/** A meter, and when it is within another. */
interface Part {
  meter: Meter
  during: readonly Interval[]
}
type Counts = (start: number) => WeighedCount | undefined

function weighed(meter: Meter, count: MeterCount | undefined): WeighedCount | undefined {
  return count && { ...count, spacingMs: spacingOf(count.stated.length > 0, meter.point?.interval) }
}

function addCounts(a: MeterCount, b: MeterCount): MeterCount {
  return {
    amount: addDecimals(a.amount, b.amount),
    knownMs: a.knownMs + b.knownMs,
    stated: joinStated(a.stated, b.stated, oneAfterTheOther),
    step: b.step,
  }
}

function touches(a: Interval, b: Interval): boolean {
  return a.start < b.end && a.end > b.start
}

/** Whether dates begin within a period, and not with it. */
function begins(dates: Interval, period: Interval): boolean {
  return dates.start > period.start && dates.start < period.end
}

function ends(dates: Interval, period: Interval): boolean {
  return dates.end > period.start && dates.end < period.end
}

/** The meters that are within the main meter in a period, with what they counted there. */
function partsIn(period: Interval, parts: readonly Part[], counts: readonly Counts[]) {
  return parts.flatMap(({ meter, during }, at) => {
    const length = during
      .map(({ start, end }) => Math.min(end, period.end) - Math.max(start, period.start))
      .reduce((sum, ms) => sum + Math.max(0, ms), 0)
    return length > 0 ? [{ meter, length, count: counts[at]!(period.start) }] : []
  })
}

function describePeriod(
  period: Interval,
  own: WeighedCount | undefined,
  parts: ReturnType<typeof partsIn>,
  timeZone: string,
) {
  const ofParts = parts.map(({ meter, count, length }) => ({
    meter: meter.id,
    amount: numberOf(count?.amount),
    coverage: coverageOf(count?.knownMs ?? 0, { start: 0, end: length }),
  }))
  // What a part is not within counts as known: nothing of it is missing.
  const counted = parts.map(
    ({ count, length }) => count && { ...count, knownMs: count.knownMs + period.end - period.start - length },
  )
  const { sum, difference, tolerance, contradicts } = weigh(own, counted, period)
  const ownCoverage = coverageOf(own?.knownMs ?? 0, period)
  return {
    start: localTime(period.start, timeZone),
    end: localTime(period.end, timeZone),
    amount: numberOf(own?.amount),
    parts: ofParts,
    sum: numberOf(sum),
    difference: numberOf(difference),
    tolerance: tolerance === undefined ? null : Math.round(tolerance * 1e6) / 1e6,
    contradicts: contradicts ?? null,
    coverage: Math.min(ownCoverage, ...ofParts.map(part => part.coverage)),
  }
}
