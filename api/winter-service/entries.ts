import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { factOf, type WinterEntry, type WinterRecord } from '../../model/winter-service.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import { idParameter, instant, instantSchema, span, timeParameter } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { checkEntry } from './check-entry.ts'
import { describeRecord } from './describe-entry.ts'
import { entrySchema, sentEntrySchema } from './entry-schema.ts'
import type { PhotoStore } from './photo-store.ts'
import { takeEntry } from './take-entry.ts'

export interface WinterRoutes {
  registry: Registry
  records: RecordStore
  photos: PhotoStore
  clock: Clock
}

const tags = ['winter-service']

/** What patrols see, what is decided and what is done: only ever added to. Who did is not for everybody. */
export function addEntryRoutes(server: Server, { registry, records, photos, clock }: WinterRoutes): void {
  server.post(
    '/v1/winter-service/entries',
    {
      config: { write: { action: 'record-winter-service', credential: 'account' }, crew: true },
      schema: {
        tags,
        summary: 'Record a condition, a decision, a treatment or a correction; a repeat changes nothing',
        body: sentEntrySchema,
        response: {
          200: entrySchema.describe('It was recorded before'),
          201: entrySchema,
          ...problems(400, 401, 403, 409),
        },
      },
    },
    async ({ body, actor }, reply) => {
      const entry = takeEntry(body, actor!.name, clock.now())
      const { id } = entry
      // A repeat is one whatever the registry says by now.
      if (!records.winterRecord(id)) checkEntry(entry, { registry, records, photos })
      const { sealed, added } = records.sealWinterEntry(entry)
      if (sealed.event.id !== id)
        throw new Problem(409, `corrects: was corrected by ${sealed.event.id} before; correct that one.`)
      if (!added && !isSame(entry, sealed.event))
        throw new Problem(409, `id: another entry has the id ${id}; make a new UUID for each.`)
      const described = describeRecord(records.winterRecord(id)!).find(each => each.id === id)!
      return reply.code(added ? 201 : 200).send(described)
    },
  )

  server.get(
    '/v1/winter-service/entries',
    {
      config: { account: true, crew: true },
      schema: {
        tags,
        summary: 'What was recorded, in order of time, each entry followed by its corrections',
        querystring: z.strictObject({
          circuit: idParameter.optional(),
          author: z.string().min(1).max(200).optional().describe('Whoever has said any of it'),
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({ from: instantSchema, to: instantSchema, entries: z.array(entrySchema) }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const { from, to } = span(query, 'entry', clock.now() + 1, registry.territory.timeZone)
      const found = records.winterRecords({ from, to })
      const entries = found
        .filter(record => isOf(record, query.circuit) && isBy(record, query.author))
        .flatMap(describeRecord)
      return { from: instant(from), to: instant(to), entries }
    },
  )
}

/** Whether what was sent again is what was sealed; an entry is as JSON holds it. */
function isSame(entry: WinterEntry, sealed: WinterEntry): boolean {
  const again = JSON.parse(JSON.stringify({ ...entry, received: sealed.received }))
  return isDeepStrictEqual(again, sealed)
}

/** Whether anything in a record was of a circuit. */
function isOf(record: WinterRecord, circuit: string | undefined): boolean {
  return circuit === undefined || record.some(({ event }) => factOf(event)?.circuit === circuit)
}

/** Whether anything in a record was said by somebody. */
function isBy(record: WinterRecord, author: string | undefined): boolean {
  return author === undefined || record.some(({ event }) => event.author === author)
}
