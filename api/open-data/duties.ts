import { z } from 'zod'
import type { Registry } from '../../registry/registry.ts'
import { instantSchema, textSchema } from '../fields.ts'
import type { Server } from '../server.ts'
import type { Publication } from './publication.ts'
import { sendTagged, unchanged } from './send-tagged.ts'

const dutySchema = z.strictObject({
  dataset: z.string().nullable().describe('Id of a dataset; null of data that is not published'),
  title: textSchema,
  basis: textSchema.describe('The law or the decision that it is due by'),
  frequency: z.string().nullable().describe('Code of the EU frequency authority table'),
  lastPublication: instantSchema.nullable().describe('Of the newest version; null where there is none yet'),
  refusal: z
    .strictObject({ since: z.iso.date(), reason: textSchema })
    .nullable()
    .describe('Why it is not published'),
})

export type Duty = z.output<typeof dutySchema>

/**
 * What a territory of more than a certain size must publish of what it updates regularly: code des relations entre le
 * public et l'administration, L. 312-1-1 (as the CADA quotes it in its advice 20173110).
 */
const REGULAR_DATA = {
  fr: 'Code des relations entre le public et l’administration, article L. 312-1-1 : bases de données et données mises à jour de façon régulière.',
  en: 'Code of relations between the public and the administration, article L. 312-1-1: databases and data that are updated regularly.',
}

/** Every dataset with what it is due by, then what the territory has decided not to publish. */
export function listDuties(publication: Publication, registry: Registry): Duty[] {
  const published = publication.datasets.map(({ id, title, frequency }) => ({
    ...{ dataset: id, title, frequency, refusal: null },
    basis: registry.territory.openDataBasis[id] ?? REGULAR_DATA,
    lastPublication: publication.latest(id)?.version.publishedAt ?? null,
  }))
  const refused = registry.territory.refusedData.map(({ title, basis, since, reason }) => ({
    ...{ dataset: null, title, basis, frequency: null, lastPublication: null },
    refusal: { since, reason },
  }))
  return [...published, ...refused]
}

export function addDutyRoutes(
  server: Server,
  { publication, registry }: { publication: Publication; registry: Registry },
): void {
  server.get(
    '/open-data/duties.json',
    {
      schema: {
        tags: ['open-data'],
        summary: 'What is due by which law, when it was last published, and why something is not',
        response: { 200: z.strictObject({ duties: z.array(dutySchema) }), 304: unchanged },
      },
    },
    async (request, reply) => {
      const duties = listDuties(publication, registry)
      return sendTagged(request, reply, 'application/json', JSON.stringify({ duties }))
    },
  )
}
