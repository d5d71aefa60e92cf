import { z } from 'zod'
import { hoursOfNight, nightFlow, nightHoursOf } from '../../energy/night.ts'
import { localDate, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS } from '../../model/time.ts'
import { unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { amountsOfHours } from '../consumption/known-hours.ts'
import { idParameter, roundedOrNull, span, timeParameter, unitFields } from '../fields.ts'
import { meterOf } from '../meters/parameter.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'

export interface NightRoutes {
  registry: Registry
  figures: FigureStore
  clock: Clock
}

/** Nights before the first that is asked for, from which its percentile is made. */
const BEFORE_MS = 7 * DAY_MS
const flow = z.number().nullable().describe('In the unit, in an hour; null where not known')

/** What a meter counts while its building sleeps: a leak, a pump, a machine that nobody turns off. */
export function addNightRoutes(server: Server, { registry, figures, clock }: NightRoutes): void {
  const { timeZone } = registry.territory
  server.get(
    '/v1/meters/:meter/nights',
    {
      schema: {
        tags: ['consumption'],
        summary: 'The least that a meter counts in an hour of each night, and what of it goes on',
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject({ from: timeParameter.optional(), to: timeParameter.optional() }),
        response: {
          200: z.strictObject({
            meter: z.string(),
            ...unitFields,
            hours: z
              .strictObject({ from: z.int(), to: z.int() })
              .describe('Civil hours of a night, `to` exclusive, and of the next day where not after `from`'),
            nightUse: z.number().describe('What the building uses by right, in an hour'),
            nights: z.array(
              z.strictObject({
                date: z.iso.date().describe('On which it ends'),
                minimum: flow,
                usual: flow.describe(
                  '20th percentile of seven nights; null where it or more than two of them are not known',
                ),
                excess: flow.describe('What of it is not used by right'),
              }),
            ),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params, query }) => {
      const meter = meterOf(registry, params.meter)
      const asked = span(query, 'day', clock.now(), timeZone)
      const from = periodStart('day', asked.from, timeZone)
      // The night of a day that is not over may be: its morning decides.
      const hours = nightHoursOf(meter, registry.territory)
      const days = periodsBetween('day', from - BEFORE_MS, asked.to, timeZone)
      const nights = days.map(day => ({
        start: day.start,
        date: localDate(day.start, timeZone),
        hours: hoursOfNight(day, hours, timeZone),
      }))
      const first = Math.min(...nights[0]!.hours.map(({ start }) => start), days[0]!.start)
      const kept = await figures.consumption(meter.id, 'hour', first, days.at(-1)!.end)
      const known = amountsOfHours(kept, meter)
      const flows = nightFlow(
        nights.map(night => ({ ...night, hours: night.hours.map(({ start }) => known.get(start)) })),
        meter.nightUse,
      )
      return {
        meter: meter.id,
        unit: meter.unit,
        unitLabel: unitLabel(meter.unit),
        hours: { from: hours.from, to: hours.to },
        nightUse: meter.nightUse,
        nights: flows
          .filter((_, at) => nights[at]!.start >= from)
          .map(({ date, minimum, usual, excess }) => ({
            date,
            minimum: roundedOrNull(minimum),
            usual: roundedOrNull(usual),
            excess: roundedOrNull(excess),
          })),
      }
    },
  )
}
