import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { coverageOf } from '../../model/consumption.ts'
import { REVISION_REASONS } from '../../model/revision.ts'
import { unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
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
import { meterOf } from '../meters/parameter.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'

export interface RevisionRoutes {
  registry: Registry
  revisions: RevisionStore
  clock: Clock
}

const revisionSchema = z
  .strictObject({
    start: localTimeSchema,
    end: localTimeSchema,
    number: z.int().min(1).describe('Of this month, from 1'),
    amount: z.number().nullable().describe('In the unit; null where nothing was known'),
    ...unitFields,
    coverage: z.number().min(0).max(1),
    at: instantSchema.describe('Since when it is told'),
    reasons: z.array(z.enum(REVISION_REASONS)),
  })
  .meta({ id: 'Revision' })

/** What was told of the closed months of a meter, and what is told since. */
export function addRevisionRoutes(server: Server, { registry, revisions, clock }: RevisionRoutes): void {
  const { timeZone } = registry.territory
  server.get(
    '/v1/meters/:meter/revisions',
    {
      schema: {
        tags: ['consumption'],
        summary: "Every revision of a meter's closed months, with the value before and why it changed",
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject({ from: timeParameter.optional(), to: timeParameter.optional() }),
        response: {
          200: z.strictObject({ meter: z.string(), revisions: z.array(revisionSchema) }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params, query }) => {
      const meter = meterOf(registry, params.meter)
      const { from, to } = span(query, 'month', clock.now(), timeZone)
      return {
        meter: meter.id,
        revisions: revisions
          .list(meter.id, { start: from, end: to })
          .map(({ start, end, number, amount, unit, knownMs, at, reasons }) => ({
            start: localTime(start, timeZone),
            end: localTime(end, timeZone),
            number,
            amount: amount === null ? null : Number(amount),
            unit,
            unitLabel: unitLabel(unit),
            coverage: coverageOf(knownMs, { start, end }),
            at: instant(at),
            reasons: [...reasons],
          })),
      }
    },
  )
}
