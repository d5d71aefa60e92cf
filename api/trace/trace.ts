import { z } from 'zod'
import {
  type Interval,
  intervalOfDates,
  type LocalDates,
  periodStart,
  periodsBetween,
  startOfLocalDate,
} from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import {
  allocationsOf,
  deductionsOf,
  groupMeters,
  loadWithDeductions,
  siteConsumption,
  siteUnit,
} from '../../model/consumption.ts'
import { formatDecimal } from '../../model/decimal.ts'
import { EXCLUSION_REASONS, type Exclusion } from '../../model/exclusion.ts'
import { FLUIDS } from '../../model/fluid.ts'
import { REVISION_REASONS } from '../../model/revision.ts'
import { ORIGINS, STATEMENT_FORMS, type StoredStatement } from '../../model/statement.ts'
import { DAY_MS } from '../../model/time.ts'
import { UNITS, unitLabel } from '../../model/units.ts'
import { isRead, type Meter, type Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { RevisionStore } from '../../store/revisions.ts'
import type { StatementStore } from '../../store/statements.ts'
import { meterPeriods } from '../consumption/consumption.ts'
import { statedSchema } from '../consumption/stated.ts'
import {
  idParameter,
  instant,
  instantSchema,
  localTime,
  localTimeSchema,
  span,
  timeParameter,
  unitFields,
  valueSchema,
} from '../fields.ts'
import { meterOf } from '../meters/parameter.ts'
import { problems } from '../problem.ts'
import { qualitySchema } from '../readings/latest.ts'
import type { Server } from '../server.ts'
import { readingsAround } from './readings-around.ts'

export interface TraceRoutes {
  registry: Registry
  readings: ReadingStore
  figures: FigureStore
  revisions: RevisionStore
  statements: StatementStore
  /**
   * Good readings of a meter between two source times, both inclusive, that consumption leaves out; undefined
   * where consumption is not computed yet.
   */
  exclusions(meter: string, from: number, to: number): Promise<readonly Exclusion[] | undefined>
  clock: Clock
}

const hourSchema = z.strictObject({
  start: localTimeSchema,
  end: localTimeSchema,
  steps: z.int().nullable().describe('Of the resolution; null where nothing is known'),
  amount: z.number().nullable().describe('In the unit'),
  coverage: z.number().min(0).max(1),
  readings: z.int().describe('Good readings in the hour'),
  stated: statedSchema,
  conversion: z
    .strictObject({
      from: z.iso.date().nullable().describe('The local date from which on it holds'),
      kilowattHours: z.number().describe('kWh (PCS) of one unit'),
    })
    .nullable()
    .describe('null where none holds, or the meter has none'),
  sites: z
    .array(
      z.strictObject({
        site: z.string(),
        share: z.number(),
        from: z.iso.date().nullable(),
        to: z.iso.date().nullable().describe('Exclusive'),
        amount: z
          .number()
          .nullable()
          .describe('What counts for the site: less `less`, converted, times the share; in the siteUnit'),
      }),
    )
    .describe(
      'Empty where another meter counts this for the same sites, or where it is given to the network',
    ),
})

const traceSchema = z.strictObject({
  meter: z.string(),
  point: z.string().nullable().describe('null for a meter that is known by statements only'),
  site: z.string(),
  fluid: z.enum(FLUIDS),
  ...unitFields,
  resolution: z.number(),
  converts: z.boolean().describe('Whether its unit is told in kWh for sites, by the coefficients of bills'),
  siteUnit: z.enum(UNITS),
  siteUnitLabel: z.string(),
  within: z.string().nullable().describe('The main meter that counted the same then, too'),
  less: z
    .array(z.strictObject({ meter: z.string(), site: z.string().describe('Where it stands') }))
    .describe('Meters within it that count for others, and are taken off'),
  from: instantSchema,
  to: instantSchema,
  hours: z.array(hourSchema),
  readings: z
    .array(z.strictObject({ time: instantSchema, value: valueSchema, quality: qualitySchema }))
    .describe('Of these hours, and around them up to the good one before and the good one after'),
  next: instantSchema.nullable().describe('The time of the first reading that is too many for one answer'),
  leftOut: z
    .array(z.strictObject({ time: instantSchema, value: valueSchema, reason: z.enum(EXCLUSION_REASONS) }))
    .nullable()
    .describe('Good ones of these readings that count for nothing; null until consumption is computed'),
  statements: z
    .array(
      z.strictObject({
        id: z.int(),
        origin: z.enum(ORIGINS),
        form: z.enum(STATEMENT_FORMS),
        start: localTimeSchema,
        end: localTimeSchema.describe('Exclusive; the start of an index'),
        value: z.number().describe('In the unit'),
      }),
    )
    .describe('Those that say something of these hours, and the indexes around where the hours rest on such'),
  revisions: z
    .array(
      z.strictObject({
        start: localTimeSchema,
        end: localTimeSchema,
        number: z.int().min(1),
        at: instantSchema,
        reasons: z.array(z.enum(REVISION_REASONS)),
      }),
    )
    .describe('The one that is told of each closed month'),
})

/** From a figure down to the readings that it came from, in one answer. */
export function addTraceRoutes(server: Server, routes: TraceRoutes): void {
  const { registry, readings, figures, revisions, statements, exclusions, clock } = routes
  const { timeZone } = registry.territory

  /** What of each hour counts for each site that has a share in the meter. */
  const sitesOf = async (meter: Meter, hours: readonly Interval[]) => {
    const all = [...registry.meters.values()]
    const load = (each: Meter) => figures.consumption(each.id, 'hour', hours[0]!.start, hours.at(-1)!.end)
    const source = await loadWithDeductions(meter, all, load)
    const counted = allocationsOf(meter).filter(({ site }) =>
      groupMeters(all, site).some(({ meters }) => meters.includes(meter)),
    )
    const shares = counted.map(allocation => {
      const alone = { ...source, meter: { ...meter, allocations: [allocation] } }
      return {
        allocation,
        time: intervalOfDates(allocation, timeZone),
        amounts: siteConsumption(allocation.site, [alone], hours, timeZone, 'hour'),
      }
    })
    return hours.map(({ start }, at) =>
      shares
        .filter(({ time }) => start >= time.start && start < time.end)
        .map(({ allocation: { site, share, from = null, to = null }, amounts }) => {
          const { amount } = amounts[at]!
          return { site, share, from, to, amount: amount ? Number(formatDecimal(amount)) : null }
        }),
    )
  }

  server.get(
    '/v1/meters/:meter/trace',
    {
      schema: {
        tags: ['consumption'],
        summary:
          'What the hours of a meter came from: steps, readings, what was left out, stated, converted and shared',
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject({ from: timeParameter.optional(), to: timeParameter.optional() }),
        response: { 200: traceSchema, ...problems(400, 404, 503) },
      },
    },
    async ({ params, query }) => {
      const meter = meterOf(registry, params.meter)
      const asked = span(query, 'trace', clock.now(), timeZone)
      const hours = periodsBetween('hour', asked.from, asked.to, timeZone)
      const time = { start: hours[0]!.start, end: hours.at(-1)!.end }
      const kept = await figures.consumption(meter.id, 'hour', time.start, time.end)
      const steps = new Map(kept.map(({ start, amount }) => [start, amount]))
      const sites = await sitesOf(meter, hours)
      const { found, next } = isRead(meter)
        ? await readingsAround(readings, meter.point, time, clock.now() + DAY_MS)
        : { found: [], next: undefined }
      const leftOut = found.length === 0 ? [] : await exclusions(meter.id, found[0]!.time, found.at(-1)!.time)
      const months = { start: periodStart('month', time.start, timeZone), end: time.end }
      const unit = siteUnit(meter)
      const holds = (dates: LocalDates) => {
        const { start, end } = intervalOfDates(dates, timeZone)
        return start < time.end && end > time.start
      }
      return {
        meter: meter.id,
        point: meter.point?.id ?? null,
        site: meter.site,
        fluid: meter.fluid,
        unit: meter.unit,
        unitLabel: unitLabel(meter.unit),
        resolution: meter.resolution,
        converts: meter.conversions.length > 0,
        siteUnit: unit,
        siteUnitLabel: unitLabel(unit),
        within: meter.within?.find(holds)?.meter ?? null,
        less: deductionsOf(meter, registry.meters.values())
          .filter(({ during }) => holds(during))
          .map(({ meter: { id, site } }) => ({ meter: id, site })),
        from: instant(time.start),
        to: instant(time.end),
        hours: meterPeriods(meter, hours, kept, 'hour').map(({ start, end, ...figure }, at) => ({
          start: localTime(start, timeZone),
          end: localTime(end, timeZone),
          steps: steps.get(start) ?? null,
          ...figure,
          conversion: conversionAt(meter, start, timeZone),
          sites: sites[at]!,
        })),
        readings: found.map(({ time, value, quality }) => ({ time: instant(time), value, quality })),
        next: next === undefined ? null : instant(next),
        leftOut: leftOut?.map(({ time, value, reason }) => ({ time: instant(time), value, reason })) ?? null,
        statements: statementsAbout(
          statements,
          meter,
          time,
          kept.some(({ stated }) => stated !== undefined),
        ).map(({ id, origin, form, start, end, value }) => ({
          ...{ id, origin, form, value },
          start: localTime(start, timeZone),
          end: localTime(end, timeZone),
        })),
        revisions: revisions.latest(meter.id, months).map(({ start, end, number, at, reasons }) => ({
          start: localTime(start, timeZone),
          end: localTime(end, timeZone),
          number,
          at: instant(at),
          reasons: [...reasons],
        })),
      }
    },
  )
}

/** What is stated of a time, ascending; with the indexes around it where what was counted rests on such. */
function statementsAbout(
  statements: StatementStore,
  { id }: Meter,
  { start, end }: Interval,
  rests: boolean,
): StoredStatement[] {
  const indexes = statements.indexes(id)
  const [first, after] = [
    indexes.findIndex(index => index.start >= start),
    indexes.findIndex(index => index.start >= end),
  ].map(at => (at < 0 ? indexes.length : at)) as [number, number]
  const around = rests ? 1 : 0
  return [
    ...indexes.slice(Math.max(0, first - around), after + around),
    ...statements.amounts(id, { start, end }),
  ].sort((a, b) => a.start - b.start)
}

function conversionAt({ conversions }: Meter, time: number, timeZone: string) {
  const held = conversions.findLast(
    ({ from }) => from === undefined || startOfLocalDate(from, timeZone) <= time,
  )
  return held ? { from: held.from ?? null, kilowattHours: held.kilowattHours } : null
}
