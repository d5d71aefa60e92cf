import { z } from 'zod'
import { baseReference, DECISION, followBase, SLACK } from '../../energy/base-drift.ts'
import { basesOf } from '../../energy/findings.ts'
import { localDate } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { amountsOfHours } from '../consumption/known-hours.ts'
import { idParameter, rounded, roundedOrNull, unitFields } from '../fields.ts'
import { calendarFor, daysAsked, openSiteCalendar } from '../findings/site-hours.ts'
import { meterOf } from '../meters/parameter.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'

export interface BaseLoadRoutes {
  registry: Registry
  figures: FigureStore
  clock: Clock
}

const perHour = z.number().describe('In the unit, in an hour')

/** What runs at all hours of a day, and since when it is more than it was. */
export function addBaseLoadRoutes(server: Server, { registry, figures, clock }: BaseLoadRoutes): void {
  const { timeZone } = registry.territory
  server.get(
    '/v1/meters/:meter/base-load',
    {
      schema: {
        tags: ['consumption'],
        summary: 'The base load of a meter by day, and since when it drifts (CUSUM)',
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject(daysAsked),
        response: {
          200: z.strictObject({
            meter: z.string(),
            ...unitFields,
            reference: z
              .strictObject({
                from: z.iso.date(),
                to: z.iso.date().describe('Exclusive'),
                days: z.int().describe('Known ones'),
                spread: perHour.describe('In the unit, in an hour: the standard deviation of its days'),
              })
              .nullable()
              .describe('null where fewer than 28 of its days are known'),
            slack: z.number().describe('k, in standard deviations'),
            decision: z.number().describe('h, in standard deviations: a drift from there on'),
            days: z
              .array(
                z.strictObject({
                  date: z.iso.date(),
                  base: perHour
                    .nullable()
                    .describe('20th percentile of its hours; null where one is not known'),
                  usual: perHour.nullable().describe('The median of such days in the reference'),
                  cusum: z.number().nullable().describe('In standard deviations'),
                }),
              )
              .describe('Also those of four weeks before `from`, since when it is followed'),
            drifts: z.array(
              z.strictObject({
                since: z.iso.date(),
                until: z.iso.date().nullable().describe('Exclusive; null where it is not back'),
                rise: perHour.describe('In the unit, in an hour: the mean above what is usual'),
                days: z.int().describe('Known ones'),
              }),
            ),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params, query }) => {
      const meter = meterOf(registry, params.meter)
      const calendar = calendarFor(query, clock.now(), timeZone)
      const kept = await figures.consumption(meter.id, 'hour', calendar.days[0]!.start, calendar.end)
      const known = amountsOfHours(kept, meter)
      const { days } = openSiteCalendar(registry, calendar)(registry.sites.get(meter.site)!)
      const hours = calendar.hours.map(({ start, end }) => ({ start, end, amount: known.get(start) }))
      const bases = basesOf({ hours, days })
      const before = bases.filter(({ start }) => start < calendar.followedFrom)
      const followed = bases.filter(({ start }) => start >= calendar.followedFrom)
      const reference = baseReference(before, meter.resolution)
      const { cusum, drifts } = reference ? followBase(followed, reference) : { cusum: [], drifts: [] }
      const date = (time: number) => localDate(time, timeZone)
      return {
        meter: meter.id,
        unit: meter.unit,
        unitLabel: unitLabel(meter.unit),
        reference: reference
          ? {
              from: date(before[0]!.start),
              to: date(calendar.followedFrom),
              days: reference.days,
              spread: rounded(reference.spread),
            }
          : null,
        slack: SLACK,
        decision: DECISION,
        days: followed.map(({ start, kind, base }, at) => ({
          date: date(start),
          base: roundedOrNull(base),
          usual: roundedOrNull(reference?.centres.get(kind)),
          cusum: roundedOrNull(cusum[at]),
        })),
        drifts: drifts.map(drift => ({
          since: date(drift.since),
          until: drift.until === undefined ? null : date(drift.until),
          rise: rounded(drift.rise),
          days: drift.days.length,
        })),
      }
    },
  )
}
