import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { type AlertResponse, onTheWay, RESPONSE_KINDS } from '../../model/response.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import { idParameter, instant, instantSchema } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import { refuseFuture } from '../refuse-future.ts'
import type { Server } from '../server.ts'
import { entryId, timeField } from '../winter-service/entry-schema.ts'
import { alertSchema, describeAlert } from './alert.ts'

interface ResponseRoutes {
  registry: Registry
  records: RecordStore
  clock: Clock
}

export const onTheWaySchema = z
  .array(z.strictObject({ by: z.string(), since: instantSchema }))
  .describe('Who has said that they go there, the longest first')

export function describeOnTheWay(responses: readonly AlertResponse[]): z.output<typeof onTheWaySchema> {
  return onTheWay(responses).map(({ author, time }) => ({ by: author, since: instant(time) }))
}

export const responseSchema = z.strictObject({
  kind: z.enum(RESPONSE_KINDS),
  by: z.string(),
  time: instantSchema.describe('When it was said, by the clock of whoever did'),
  received: instantSchema.describe("By the hub's clock"),
})

export function describeResponse({ kind, author, time, received }: AlertResponse) {
  return { kind, by: author, time: instant(time), received: instant(received) }
}

/** Who goes to an alert: sealed beside it, also when it is over by the time that this can be sent. */
export function addResponseRoutes(server: Server, { registry, records, clock }: ResponseRoutes): void {
  server.post(
    '/v1/alerts/:id/responses',
    {
      config: { write: { action: 'respond-to-alert', credential: 'account' }, crew: true },
      schema: {
        tags: ['alerts'],
        summary: 'Say that I am on my way, or have turned back; a repeat changes nothing',
        params: z.strictObject({ id: idParameter }),
        body: z.strictObject({
          id: entryId,
          kind: z.enum(RESPONSE_KINDS),
          time: timeField.describe('When it was said, by the clock of whoever did'),
        }),
        response: {
          200: alertSchema.describe('It was said before'),
          201: alertSchema,
          ...problems(400, 401, 403, 404, 409),
        },
      },
    },
    async ({ params, body, actor }, reply) => {
      const alert = records.alert(params.id)
      if (!alert) throw new Problem(404, `There is no alert ${params.id}; /v1/alerts lists them.`)
      const received = clock.now()
      const time = Date.parse(body.time)
      refuseFuture(time, received, 'time')
      const said = { ...body, alert: alert.id, author: actor!.name, time, received }
      const { response, added } = records.sealResponse(said)
      if (!added && !isDeepStrictEqual({ ...said, received: response.received }, response))
        throw new Problem(409, `id: another response has the id ${body.id}; make a new UUID for each.`)
      return reply.code(added ? 201 : 200).send(describeAlert(alert, registry))
    },
  )
}
