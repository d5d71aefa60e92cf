import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import type { Registry } from '../../registry/registry.ts'
import type { AnswerMemory } from '../open-data/answer-memory.ts'
import type { Publication, PublishedVersion } from '../open-data/publication.ts'
import { sendTagged, unchanged } from '../open-data/send-tagged.ts'
import {
  catalogueFields,
  describeDataset,
  type Telling as TellingDatasets,
  type ToldDataset,
  toldDatasets,
} from './datasets.ts'
import { ERRORS, notFound } from './errors.ts'
import { fieldsOf, termsOf } from './fields.ts'
import { offsetsBetween } from './odsql/instants.ts'
import type { Terms } from './odsql/terms.ts'
import { languageOf, readTimeZone, type Telling } from './parameters.ts'

export const ROOT = '/api/explore/v2.1/catalog'
const TYPE = 'application/json; charset=utf-8'
export const tags = ['open-data']
export const nameParameter = z.string().min(1).max(300)
export const answers = {
  200: { description: 'The answer', content: { 'application/json': { schema: z.any() } } },
  304: unchanged,
  ...ERRORS,
}
/** The same of a file. */
export const fileAnswers = {
  ...answers,
  200: { description: 'The file', content: { '*/*': { schema: z.any() } } },
}

export interface Parts {
  /** Of what was asked last. */
  memory: AnswerMemory
  publication: Publication
  registry: Registry
  clock: Pick<Clock, 'now'>
}

/** How the public reaches the catalogue. */
export function rootOf({ publication }: Pick<Parts, 'publication'>): string {
  return publication.baseUrl() + ROOT
}

export function send(request: FastifyRequest, reply: FastifyReply, answer: unknown): FastifyReply {
  return sendTagged(request, reply, TYPE, JSON.stringify(answer))
}

/** Answers what is worked out of a version, from memory where it was asked before. */
export async function sendOf(
  { memory }: Parts,
  version: PublishedVersion,
  request: FastifyRequest,
  reply: FastifyReply,
  make: () => Promise<unknown>,
): Promise<FastifyReply> {
  const text = async () => JSON.stringify(await make())
  const answer = isTimely(request) ? await text() : await memory.read(version, request.url, text)
  return sendTagged(request, reply, TYPE, answer)
}

/** Whether what is asked for may be another at another time of the same version, as `now()` is. */
export function isTimely({ query }: FastifyRequest): boolean {
  return /\bnow\b/i.test(JSON.stringify(query))
}

/** @throws ExploreError */
export function datasetOf({ publication }: Pick<Parts, 'publication'>, id: string): ToldDataset {
  const told = toldDatasets(publication).find(({ dataset }) => dataset.id === id)
  if (told) return told
  throw notFound('dataset', id)
}

/**
 * Datasets as a request wants to be told of them, and what its queries are read with.
 * @throws ExploreError
 */
export function describe(
  { publication, registry: { territory }, clock }: Parts,
  datasets: readonly ToldDataset[],
  { lang, timezone }: Telling,
): { described: Record<string, unknown>[]; terms: Terms } {
  const timeZone = readTimeZone(timezone)
  const language = languageOf(lang, territory.language)
  const now = clock.now()
  const offsets = offsetsBetween(timeZone, Date.UTC(2000), now)
  const telling: TellingDatasets = { publication, territory, language, clocks: { timeZone, offsets } }
  const described = datasets.map(dataset => describeDataset(dataset, telling))
  return { described, terms: { fields: catalogueFields(described), offsets, timeZone, language, now } }
}

/**
 * A dataset, and what queries to its rows are read with.
 * @throws ExploreError
 */
export function openDataset(
  parts: Parts,
  id: string,
  { lang, timezone }: Telling,
): ToldDataset & { terms: Terms } {
  const told = datasetOf(parts, id)
  const language = languageOf(lang, parts.registry.territory.language)
  const fields = fieldsOf(told.dataset, parts.publication.rows.columns(told.version), language)
  const reading = { timeZone: readTimeZone(timezone), language, now: parts.clock.now() }
  return { ...told, terms: termsOf(told.version, fields, reading) }
}
