import type { KeyObject } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { idParameter, instant, instantSchema, WrongParameter } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'

/** The Merkle log of what was published; publication keeps it. */
export interface PublicationLog {
  /** How many leaves there are. */
  readonly size: number
  readonly publicKey: KeyObject
  head(): {
    origin: string
    size: number
    root: Buffer
    time: number
    text: string
    signature: Buffer
    key: string
  }
  /** The head as a C2SP checkpoint. */
  checkpoint(): string
  leaf(index: number): Buffer
  /** The place of a version. */
  find(dataset: string, version: number): number | undefined
  /** The first version that has a file of that SHA-256. */
  findFile(sha256: string): { index: number; name: string } | undefined
  /** Undefined where the version of that place has no such file. */
  proof(index: number, file?: string): object | undefined
  consistency(from: number, to: number): Buffer[]
}

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'write a SHA-256 as 64 lower-case hexadecimal digits')
const count = z.coerce.number().int().min(0)

const headSchema = z
  .strictObject({
    origin: z.string().describe('Names the log'),
    size: z.int().describe('How many leaves the tree has'),
    root: hashSchema.describe('The root of the tree (RFC 6962, section 2.1)'),
    time: instantSchema.describe('When it was signed'),
    text: z
      .string()
      .describe('What was signed, to the byte: origin, size, root in base64, time; a line each'),
    signature: z.base64().describe('Ed25519 over the text'),
    key: hashSchema.describe('SHA-256 of the public key in DER'),
  })
  .meta({ id: 'LogHead' })

const proofSchema = z
  .strictObject({
    format: z.literal('affluent-proof/1'),
    file: z.string().optional().describe('Of the version, where one was asked for'),
    leaf: z.string().describe('The version.json of the version, to the byte'),
    index: z.int().describe('The place of the leaf, from 0'),
    inclusion: z.array(hashSchema).describe('The audit path, from the leaf up (RFC 6962, section 2.1.1)'),
    head: headSchema.pick({ text: true, signature: true }),
    publicKey: z.string().describe('PEM; compare it with the one that you trust'),
    stamp: z
      .base64()
      .optional()
      .describe('Of the text of the head, by an authority: a TimeStampResp (RFC 3161) in DER'),
  })
  .meta({ id: 'Proof' })

const tags = ['open-data']
/** What has been published stays; what comes is to be seen soon. */
const CACHE_CONTROL = 'public, max-age=60'
const MOST_LEAVES = 1000

/** The log of what was published, for whoever wants to see that nothing of it was changed. Undefined where it cannot be read. */
export function addLogRoutes(server: Server, { proofLog }: { proofLog: PublicationLog | undefined }): void {
  function opened(reply: FastifyReply): PublicationLog {
    if (!proofLog)
      throw new Problem(503, 'The log of what was published cannot be read; that of the hub says why.')
    reply.header('Cache-Control', CACHE_CONTROL)
    return proofLog
  }

  server.get(
    '/open-data/log/head',
    {
      schema: {
        tags,
        summary: 'The signed head of the log of what was published',
        response: { 200: headSchema, ...problems(503) },
      },
    },
    async (_, reply) => {
      const { root, time, signature, ...head } = opened(reply).head()
      return {
        ...head,
        root: root.toString('hex'),
        time: instant(time),
        signature: signature.toString('base64'),
      }
    },
  )

  server.get(
    '/open-data/log/checkpoint',
    {
      schema: {
        tags,
        summary: 'The head as a signed note (c2sp.org/tlog-checkpoint)',
        response: { 200: text('text/plain'), ...problems(503) },
      },
    },
    async (_, reply) => {
      const log = opened(reply)
      return reply.type('text/plain; charset=utf-8').send(log.checkpoint())
    },
  )

  server.get(
    '/open-data/log/key.pem',
    {
      schema: {
        tags,
        summary: 'The public key that the heads are signed with',
        response: { 200: text('application/x-pem-file'), ...problems(503) },
      },
    },
    async (_, reply) => {
      const { publicKey } = opened(reply)
      return reply.type('application/x-pem-file').send(publicKey.export({ format: 'pem', type: 'spki' }))
    },
  )

  server.get(
    '/open-data/log/leaves.jsonl',
    {
      schema: {
        tags,
        summary: 'The leaves of the log from a place on, a line each, to the byte',
        querystring: z.strictObject({
          from: count.default(0).describe('The place of the first, from 0'),
          limit: z.coerce.number().int().min(1).max(MOST_LEAVES).default(MOST_LEAVES),
        }),
        response: { 200: text('application/jsonl'), ...problems(400, 503) },
      },
    },
    async ({ query }, reply) => {
      const log = opened(reply)
      const { from, limit } = query
      if (from > log.size)
        throw new WrongParameter('from', `must be at most ${log.size}, the size of the log`)
      const length = Math.min(limit, log.size - from)
      const lines = Array.from({ length }, (_, n) => `${log.leaf(from + n)}\n`)
      return reply.type('application/jsonl; charset=utf-8').send(lines.join(''))
    },
  )

  server.get(
    '/open-data/log/proof',
    {
      schema: {
        tags,
        summary: 'The proof that a file, or a version, was published: what affluent verify reads',
        querystring: z.strictObject({
          sha256: hashSchema.optional().describe('Of a file: the first version that has it'),
          dataset: idParameter.optional(),
          version: z.coerce.number().int().min(1).optional(),
          file: z.string().optional().describe('One of the files of the version'),
        }),
        response: { 200: proofSchema, ...problems(400, 404, 503) },
      },
    },
    async ({ query }, reply) => {
      const log = opened(reply)
      const { index, name } = placeOf(log, query)
      const proof = log.proof(index, name)
      if (!proof) throw new Problem(404, `Version ${query.version} of ${query.dataset} has no file ${name}.`)
      return proof as z.output<typeof proofSchema>
    },
  )

  server.get(
    '/open-data/log/consistency',
    {
      schema: {
        tags,
        summary:
          'The proof that the log of a size begins with that of an earlier one (RFC 6962, section 2.1.2)',
        querystring: z.strictObject({ from: count, to: count.optional().describe('Default: all') }),
        response: {
          200: z.strictObject({ from: z.int(), to: z.int(), proof: z.array(hashSchema) }),
          ...problems(400, 503),
        },
      },
    },
    async ({ query }, reply) => {
      const log = opened(reply)
      const { from, to = log.size } = query
      if (to > log.size) throw new WrongParameter('to', `must be at most ${log.size}, the size of the log`)
      if (from > to) throw new WrongParameter('from', `must be at most ${to}`)
      return { from, to, proof: log.consistency(from, to).map(hash => hash.toString('hex')) }
    },
  )
}

interface PlaceQuery {
  sha256?: string | undefined
  dataset?: string | undefined
  version?: number | undefined
  file?: string | undefined
}

/** @throws WrongParameter, Problem */
function placeOf(
  log: PublicationLog,
  { sha256, dataset, version, file }: PlaceQuery,
): { index: number; name: string | undefined } {
  if (sha256 !== undefined) {
    const other = Object.entries({ dataset, version, file }).find(([, value]) => value !== undefined)
    if (other) throw new WrongParameter(other[0], 'is not asked for together with sha256')
    const found = log.findFile(sha256)
    if (!found) throw new Problem(404, 'No file of this SHA-256 was published.')
    return found
  }
  if (dataset === undefined)
    throw new WrongParameter('sha256', 'name a file by its SHA-256, or a version by dataset and version')
  if (version === undefined) throw new WrongParameter('version', 'is needed with dataset')
  const index = log.find(dataset, version)
  if (index === undefined) throw new Problem(404, `No version ${version} of ${dataset} was published.`)
  return { index, name: file }
}

function text(type: string) {
  return { content: { [type]: { schema: z.string() } } }
}
