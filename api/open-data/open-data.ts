import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { idParameter, instantOrNull, instantSchema } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { allChanges, endedCursor } from './all-changes.ts'
import { createAnswerMemory } from './answer-memory.ts'
import { addCatalogueRoutes } from './catalogue.ts'
import { createFileMemory } from './file-memory.ts'
import type { PublicationLog } from './log.ts'
import { addMetaCsvRoute } from './meta-csv.ts'
import { type FoundFile, type Publication, type PublishedVersion, SCHEMA_DOCUMENTS } from './publication.ts'
import { addRowRoutes } from './rows.ts'
import { prepareFile, type SendableFile, sendFile } from './send-file.ts'
import { CACHE, sendTagged, unchanged } from './send-tagged.ts'
import { unknownDataset } from './unknown-dataset.ts'

const tags = ['open-data']
const JSON_LD = 'application/ld+json'
const CACHE_VERSION = 'public, max-age=3600'
/** What else a CSV file may be sent as, and the end of its name. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
/** Beside each file of a version. */
const PROOF = /^(.+)\.proof\.json$/
const MOST_CHANGES = 10_000
/** Characters: one of all datasets names each of them. */
const MOST_CURSOR = 2000

const fileName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/, 'write the name of a file like fluides.csv')
const versionNumber = z.coerce.number().int().min(1).max(1_000_000_000)

const versionSchema = z
  .strictObject({
    version: z.int(),
    publishedAt: instantSchema,
    rows: z.int(),
    period: z.strictObject({ start: z.iso.date(), end: z.iso.date() }).nullable(),
    withdrawn: z
      .strictObject({ at: instantSchema, reason: z.strictObject({ fr: z.string(), en: z.string() }) })
      .nullable(),
  })
  .meta({ id: 'PublishedVersion' })

const versionsSchema = z.strictObject({ versions: z.array(versionSchema) })
const manifestSchema = z.strictObject({
  datasets: z.array(
    z.strictObject({
      id: z.string(),
      title: z.strictObject({ fr: z.string(), en: z.string() }),
      frequency: z.string().describe('Code of the EU frequency authority table'),
      version: z.int().nullable(),
      publishedAt: instantSchema.nullable(),
      lastCompleteDay: z.iso
        .date()
        .nullable()
        .describe('The last local date that is over and of which something is told'),
      rows: z.int().nullable(),
      sha256: z.string().nullable().describe('Of the CSV file, lower-case hex'),
      checkedAt: instantSchema.nullable().describe('When it was last found to be up to date'),
      late: z.boolean().describe('The publication that was due is not done'),
    }),
  ),
})

/** The published files at their stable addresses and those of their versions, and what tells of them. */
export function addOpenDataRoutes(
  server: Server,
  {
    publication,
    proofLog,
    clock,
  }: { publication: Publication; proofLog: PublicationLog | undefined; clock: { now(): number } },
): void {
  function versionOf(dataset: string, number: number): PublishedVersion {
    const versions = publication.versions(dataset)
    if (!versions) throw unknownDataset(dataset, publication)
    const found = versions.find(({ version }) => version.version === number)
    if (!found) throw new Problem(404, `There is no version ${number} of ${dataset}.`)
    return found
  }

  const memory = createFileMemory()
  const answers = createAnswerMemory()
  /** By version and name. */
  const sendable = new WeakMap<PublishedVersion, Map<string, SendableFile>>()

  async function sendOf(
    request: FastifyRequest,
    reply: FastifyReply,
    version: PublishedVersion,
    name: string,
    cache: string,
  ): Promise<FastifyReply> {
    if (version.withdrawn) throw gone(version)
    const proven = PROOF.exec(name)?.[1]
    if (proven !== undefined)
      return sendTagged(request, reply, 'application/json', JSON.stringify(proofOf(version, proven)), cache)
    const file = fileOf(version, name)
    reply.header('Cache-Control', cache)
    return sendFile(request, reply, file, memory)
  }

  function fileOf(version: PublishedVersion, name: string): SendableFile {
    const files = sendable.getOrInsertComputed(version, () => new Map())
    return files.getOrInsertComputed(name, () => {
      const found = publication.file(version, name)
      if (found) return prepareFile(found, encodedFiles(version, name))
      const { dataset, files } = version.version
      const others = files.map(file => file.name).join(', ')
      throw new Problem(404, `${dataset} has no file ${name}; it has ${others}.`)
    })
  }

  function proofOf({ version: { dataset, version } }: PublishedVersion, file: string): object {
    const index = proofLog?.find(dataset, version)
    const proof = index === undefined ? undefined : proofLog?.proof(index, file)
    if (!proof)
      throw new Problem(404, `There is no proof of a file ${file} of version ${version} of ${dataset}.`)
    return proof
  }

  function encodedFiles(version: PublishedVersion, name: string): (FoundFile & { encoding: string })[] {
    return ENCODINGS.flatMap(([encoding, suffix]) => {
      const encoded = publication.file(version, name + suffix)
      return encoded ? [{ ...encoded, encoding }] : []
    })
  }

  const fileAnswers = {
    200: { description: 'The file', content: { '*/*': { schema: z.any() } } },
    206: { description: 'A range of it', content: { '*/*': { schema: z.any() } } },
    304: unchanged,
    416: z.null().describe('It has no such range'),
  }

  server.get(
    '/open-data/:file',
    {
      schema: {
        tags,
        summary: 'A file of the newest version of a dataset',
        params: z.strictObject({ file: fileName }),
        response: { ...fileAnswers, ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const { file } = request.params
      const dataset = publication.datasetOf(file.replace(PROOF, '$1'))
      if (!dataset) throw new Problem(404, `There is no file ${file}; the catalogue names those there are.`)
      return sendOf(request, reply, newest(dataset), file, CACHE)
    },
  )

  server.get(
    '/open-data/:dataset/versions',
    {
      schema: {
        tags,
        summary: 'All versions of a dataset, the newest first',
        params: z.strictObject({ dataset: idParameter }),
        response: { 200: versionsSchema, 304: unchanged, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { dataset } = request.params
      const found = publication.versions(dataset)
      if (!found) throw unknownDataset(dataset, publication)
      const versions: z.output<typeof versionSchema>[] = found.map(describeVersion).reverse()
      return sendTagged(request, reply, 'application/json', JSON.stringify({ versions }))
    },
  )

  server.get(
    '/open-data/:dataset/versions/:version',
    {
      schema: {
        tags,
        summary: 'What is told of a version: its files with their checksums',
        params: z.strictObject({ dataset: idParameter, version: versionNumber }),
        response: { 200: content('application/json'), ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const version = versionOf(request.params.dataset, request.params.version)
      if (version.withdrawn) throw gone(version)
      return sendTagged(request, reply, 'application/json', version.text, CACHE_VERSION)
    },
  )

  server.get(
    '/open-data/:dataset/versions/:version/provenance.jsonld',
    {
      schema: {
        tags,
        summary: 'Where a version comes from: readings, registry, software (PROV-O)',
        params: z.strictObject({ dataset: idParameter, version: versionNumber }),
        response: { 200: content(JSON_LD), ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const version = versionOf(request.params.dataset, request.params.version)
      if (version.withdrawn) throw gone(version)
      const body = JSON.stringify(publication.provenance(version))
      return sendTagged(request, reply, JSON_LD, body, CACHE_VERSION)
    },
  )

  server.get(
    '/open-data/:dataset/versions/:version/datapackage.json',
    {
      schema: {
        tags,
        summary: 'A version as a Data Package',
        params: z.strictObject({ dataset: idParameter, version: versionNumber }),
        response: { 200: content('application/json'), ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const version = versionOf(request.params.dataset, request.params.version)
      if (version.withdrawn) throw gone(version)
      const body = JSON.stringify(publication.versionPackage(version))
      return sendTagged(request, reply, 'application/json', body, CACHE_VERSION)
    },
  )

  server.get(
    '/open-data/:dataset/versions/:version/:file',
    {
      schema: {
        tags,
        summary: 'A file of a version',
        params: z.strictObject({ dataset: idParameter, version: versionNumber, file: fileName }),
        response: { ...fileAnswers, ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const { dataset, version, file } = request.params
      return sendOf(request, reply, versionOf(dataset, version), file, CACHE_VERSION)
    },
  )

  server.get(
    '/open-data/changes',
    {
      schema: {
        tags,
        summary: 'Rows that are new, revised or withdrawn, in an order that stays',
        description:
          'Without `since` the rows of the newest version come first. `next` is what to ask with afterwards: one who applies every change has the file in force. Without `dataset` it is the changes of all datasets, each with its own; such a `next` is of all of them.',
        querystring: z.strictObject({
          dataset: idParameter.optional(),
          since: z.string().max(MOST_CURSOR).describe('`next` of the page before').optional(),
          limit: z.coerce.number().int().min(1).max(MOST_CHANGES).default(1000),
        }),
        response: { 200: content('application/json'), ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const { dataset, since, limit } = request.query
      if (dataset === undefined)
        return sendTagged(request, reply, 'application/json', await allChanges(publication, since, limit))
      const versions = publication.versions(dataset)
      if (!versions) throw unknownDataset(dataset, publication)
      const page = await answers.read(versions, `${dataset} ${since} ${limit}`, async () => {
        const found = await publication.changes(dataset, since, limit)
        if (!found) throw endedCursor()
        const { changes, next, more } = found
        return `{"dataset":${JSON.stringify(dataset)},"changes":[${changes.join(',\n')}],"next":${JSON.stringify(next)},"more":${more}}`
      })
      return sendTagged(request, reply, 'application/json', page)
    },
  )

  server.get(
    '/open-data/manifest.json',
    {
      schema: {
        tags,
        summary: 'How far each dataset is published, and whether it is late',
        response: { 200: manifestSchema, 304: unchanged },
      },
    },
    async (request, reply) => {
      const manifest: z.output<typeof manifestSchema> = {
        datasets: publication.datasets.map(describeDataset),
      }
      return sendTagged(request, reply, 'application/json', JSON.stringify(manifest))
    },
  )

  addCatalogueRoutes(server, publication)
  addRowRoutes(server, publication, answers)
  addMetaCsvRoute(server, publication)

  server.get(
    '/open-data/datapackage.json',
    {
      schema: {
        tags,
        summary: 'The newest versions as a Data Package',
        response: { 200: content('application/json') },
      },
    },
    async (request, reply) =>
      sendTagged(request, reply, 'application/json', JSON.stringify(publication.dataPackage())),
  )

  const schemaParameters = z.strictObject({
    dataset: idParameter,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'write a version like 1.0.0'),
  })
  server.get(
    '/open-data/schemas/:dataset/:version/schema.json',
    {
      schema: {
        tags,
        summary: 'The Table Schema of a dataset',
        params: schemaParameters,
        response: { 200: content('application/json'), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { dataset, version } = request.params
      const schema = publication.tableSchema(dataset, version)
      if (!schema) throw unknownSchema(dataset, version)
      return sendTagged(request, reply, 'application/json', JSON.stringify(schema))
    },
  )
  for (const name of SCHEMA_DOCUMENTS)
    server.get(
      `/open-data/schemas/:dataset/:version/${name}`,
      {
        schema: {
          tags,
          summary: `${name} of the Table Schema of a dataset`,
          params: schemaParameters,
          response: { 200: content('text/markdown'), ...problems(400, 404) },
        },
      },
      async (request, reply) => {
        const { dataset, version } = request.params
        const text = publication.tableSchema(dataset, version) && publication.schemaDocument(dataset, name)
        if (!text) throw unknownSchema(dataset, version)
        return sendTagged(request, reply, 'text/markdown; charset=utf-8', text)
      },
    )

  function newest(dataset: string): PublishedVersion {
    const version = publication.latest(dataset) ?? publication.versions(dataset)!.at(-1)
    if (!version) throw new Problem(404, `${dataset} has not been published yet.`)
    return version
  }

  /** What the address of the service answers, which the catalogue names. */
  function describeDataset({ id, title, frequency }: Publication['datasets'][number]) {
    const latest = publication.latest(id)?.version
    const [csv] = latest?.files ?? []
    const due = publication.dueAt(id)
    return {
      ...{ id, title, frequency, version: latest?.version ?? null },
      publishedAt: latest?.publishedAt ?? null,
      lastCompleteDay: publication.lastCompleteDay(id) ?? null,
      rows: latest?.rows ?? null,
      sha256: csv?.sha256 ?? null,
      checkedAt: instantOrNull(publication.checkedAt(id)),
      late: due !== undefined && due < clock.now(),
    }
  }
}

function describeVersion({ version, withdrawn }: PublishedVersion): z.output<typeof versionSchema> {
  const { version: number, publishedAt, rows, period } = version
  return { version: number, publishedAt, rows, period, withdrawn: withdrawn ?? null }
}

function gone({ version: { dataset, version }, withdrawn }: PublishedVersion): Problem {
  const { at, reason } = withdrawn!
  return new Problem(
    410,
    `Version ${version} of ${dataset} was withdrawn at ${at}. ${reason.en} ${reason.fr}`,
  )
}

function unknownSchema(dataset: string, version: string): Problem {
  return new Problem(404, `There is no schema ${dataset} ${version}; the catalogue names those there are.`)
}

function content(type: string) {
  return { content: { [type]: { schema: z.any() } } }
}
