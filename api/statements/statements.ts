import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { type Stating, StatingError, takeStatement, unitsOfAmount } from '../../model/state.ts'
import { ORIGINS, STATEMENT_FORMS } from '../../model/statement.ts'
import { DAY_MS } from '../../model/time.ts'
import { unitLabel } from '../../model/units.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { StatementStore } from '../../store/statements.ts'
import {
  idParameter,
  instant,
  instantSchema,
  localTime,
  localTimeSchema,
  parameterTime,
  timeParameter,
  unitFields,
} from '../fields.ts'
import { meterOf } from '../meters/parameter.ts'
import { Problem, problems, WrongField } from '../problem.ts'
import type { Server } from '../server.ts'

export interface StatementRoutes {
  registry: Registry
  statements: StatementStore
  clock: Clock
  /** Told of a meter of which something else is stated than before. */
  restated(meter: string): void
}

const tags = ['consumption']
const MOST = 500
const endedSchema = z.strictObject({ at: instantSchema, by: z.string(), reason: z.string() })
const statementSchema = z
  .strictObject({
    id: z.int(),
    origin: z.enum(ORIGINS),
    form: z.enum(STATEMENT_FORMS),
    start: localTimeSchema,
    end: localTimeSchema.describe('Exclusive; the start of an index'),
    value: z.number().describe('What the meter showed, or what it counted, in the unit'),
    written: z
      .strictObject({ value: z.number(), ...unitFields })
      .nullable()
      .describe('As it was written, where the value was made of it by a coefficient; else null'),
    author: z.string(),
    source: z.string().nullable(),
    reason: z.string().nullable(),
    recordedAt: instantSchema,
    ended: endedSchema.nullable().describe('Why it no longer counts'),
    state: z
      .enum(['counts', 'overruled', 'contradicts'])
      .nullable()
      .describe('What has become of it beside all else that is known; null until that is computed'),
    counted: z
      .number()
      .nullable()
      .describe('What the consumption has for its time, or which index the others lead to, in the unit'),
    difference: z.number().nullable().describe('Its value less what is counted'),
  })
  .meta({ id: 'Statement' })

const statingSchema = z.strictObject({
  origin: z.enum(ORIGINS),
  at: z.string().optional().describe('Of an index: a date for its beginning, or a time'),
  from: z.string().optional().describe('Of an amount'),
  to: z.string().optional().describe('Exclusive'),
  index: z.union([z.string(), z.number()]).optional(),
  amount: z.union([z.string(), z.number()]).optional(),
  unit: z.string().optional().describe('Where it is not that of the meter: kWh, MWh, Wh, m³, L'),
  source: z.string().optional().describe('The number of an invoice, a note, a photograph'),
  reason: z.string().optional().describe('A correction says why'),
})

/** What people say of meters: hand readings, invoices, corrections. Who said it is not for everybody. */
export function addStatementRoutes(server: Server, routes: StatementRoutes): void {
  const { registry, statements, clock, restated } = routes
  const { timeZone } = registry.territory

  server.get(
    '/v1/meters/:meter/statements',
    {
      config: { account: true },
      schema: {
        tags,
        summary: 'What was stated of a meter, and what has become of it; the newest first',
        params: z.strictObject({ meter: idParameter }),
        querystring: z.strictObject({
          from: timeParameter.optional(),
          to: timeParameter.optional(),
          limit: z.coerce.number().int().min(1).max(MOST).default(100),
        }),
        response: {
          200: z.strictObject({
            meter: z.string(),
            ...unitFields,
            amountUnits: z.array(z.string()).describe('What an amount may be stated in, the own unit first'),
            statements: z.array(statementSchema),
          }),
          ...problems(400, 401, 404),
        },
      },
    },
    async ({ params, query }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const meter = meterOf(registry, params.meter)
      const time = {
        start: query.from === undefined ? 0 : parameterTime(query.from, timeZone),
        end: query.to === undefined ? clock.now() + DAY_MS : parameterTime(query.to, timeZone),
      }
      const found = statements.list(meter.id, time, query.limit)
      return {
        meter: meter.id,
        unit: meter.unit,
        unitLabel: unitLabel(meter.unit),
        amountUnits: unitsOfAmount(meter).map(unitLabel),
        statements: found.map(statement => describe(statement, meter, timeZone)),
      }
    },
  )

  server.post(
    '/v1/meters/:meter/statements',
    {
      config: { write: { action: 'state', credential: 'account' } },
      schema: {
        tags,
        summary: 'State what a meter showed or counted; the same again changes nothing',
        params: z.strictObject({ meter: idParameter }),
        body: statingSchema,
        response: {
          200: z.strictObject({ added: z.int(), repeated: z.int(), replaced: z.int() }),
          ...problems(400, 401, 403, 404),
        },
      },
    },
    async ({ params, body, actor }) => {
      const meter = meterOf(registry, params.meter)
      const now = clock.now()
      const written = Object.entries({ ...body, author: actor!.name })
        .filter(([, value]) => value !== undefined)
        .map(([field, value]) => [field, String(value)])
      const statement = inField(() =>
        takeStatement(Object.fromEntries(written) as Stating, meter, { timeZone, now }),
      )
      const outcome = statements.add([statement], now)
      restated(meter.id)
      return outcome
    },
  )

  server.post(
    '/v1/meters/:meter/statements/:id/withdraw',
    {
      config: { write: { action: 'withdraw-statement', credential: 'account' } },
      schema: {
        tags,
        summary: 'Take a statement back; it is kept with the reason, and counts no longer',
        params: z.strictObject({ meter: idParameter, id: z.coerce.number().int().min(1) }),
        body: z.strictObject({ reason: z.string().min(1).max(500) }),
        response: { 204: z.null(), ...problems(400, 401, 403, 404) },
      },
    },
    async ({ params, body, actor }, reply) => {
      const meter = meterOf(registry, params.meter)
      const end = { at: clock.now(), by: actor!.name, reason: body.reason }
      if (!statements.withdraw(params.id, meter.id, end))
        throw new Problem(404, `No statement ${params.id} counts for the meter ${meter.id}.`)
      restated(meter.id)
      return reply.code(204).send(null)
    },
  )
}

function inField<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof StatingError) throw new WrongField(error.field, error.fault, error.message)
    throw error
  }
}

function describe(
  statement: ReturnType<StatementStore['list']>[number],
  { stepsPerUnit }: Meter,
  timeZone: string,
): z.output<typeof statementSchema> {
  const { id, origin, form, start, end, value, written, author, source, reason, recordedAt } = statement
  const { ended, judgement } = statement
  // What has ended is not judged any more: what was said of it then may be wrong now.
  const { state, counted } = (ended ? undefined : judgement) ?? { state: null, counted: null }
  return {
    ...{ id, origin, form, value, author, state },
    start: localTime(start, timeZone),
    end: localTime(end, timeZone),
    written: written ? { ...written, unitLabel: unitLabel(written.unit) } : null,
    source: source ?? null,
    reason: reason ?? null,
    recordedAt: instant(recordedAt),
    ended: ended ? { ...ended, at: instant(ended.at) } : null,
    counted: counted === null ? null : counted / stepsPerUnit,
    difference: counted === null ? null : (Math.round(value * stepsPerUnit) - counted) / stepsPerUnit,
  }
}
