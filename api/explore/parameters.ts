import { z } from 'zod'
import { wrongParameter } from './errors.ts'
import type { CsvForm } from './export-formats.ts'

/** Longer ones hardly fit into the head of a request. */
const clause = z.string().max(10_000)
const clauses = z.union([clause, z.array(clause).max(20)])
const flag = z.enum(['true', 'false', 'True', 'False'])
const LANGUAGES = ['en', 'fr', 'nl', 'pt', 'it', 'ar', 'de', 'es', 'ca', 'eu', 'sv'] as const

/** How answers are told. */
export const tellingParameters = {
  lang: z
    .enum(LANGUAGES)
    .describe('Of labels, titles and names of days: French or English, English for every other')
    .optional(),
  timezone: z.string().min(1).max(60).describe('IANA, of times in the query and the answer').default('UTC'),
  apikey: z.string().max(300).describe('Ignored: no key is needed').optional(),
}
export const selectParameter = {
  select: clause.describe('ODSQL: fields, expressions and aggregations').optional(),
}
/** Which rows. */
export const filterParameters = {
  where: clauses.describe('ODSQL: what rows must meet; all of them, if given more than once').optional(),
  refine: clauses.describe('`<field>:<value>` that rows must have').optional(),
  exclude: clauses.describe('`<field>:<value>` that rows must not have').optional(),
}
export const queryParameters = {
  ...selectParameter,
  ...filterParameters,
  group_by: clause.describe('ODSQL: fields, range() and functions of dates').optional(),
  order_by: clause.describe('ODSQL: fields, labels or aggregations, each with asc or desc').optional(),
}
const pageParameters = {
  limit: z.coerce
    .number()
    .int()
    .min(-1)
    .max(20_000)
    .describe('At most 100, with group_by 20,000; -1 for as many as there may be')
    .default(10),
  offset: z.coerce.number().int().min(0).describe('How many are left out').default(0),
}
export const flagParameters = {
  include_links: flag.describe('With links').optional(),
  include_app_metas: flag.describe('With `_id`, `_timestamp` and `_size`').optional(),
}
/** All that asks for rows, or groups of them, page by page. */
export const pagedQueryParameters = {
  ...queryParameters,
  ...pageParameters,
  ...tellingParameters,
  ...flagParameters,
}

export const facetParameter = {
  facet: clauses
    .describe('A field, or facet(name="field", sort="-count", limit=10, disjunctive=true)')
    .optional(),
}
export const exportParameters = {
  limit: z.coerce.number().int().min(-1).describe('How many results; -1 for all').default(-1),
  compressed: flag.describe('Compressed with gzip').optional(),
  parquet_compression: z.enum(['snappy', 'zstd']).describe('Of a Parquet file').optional(),
  epsg: z.literal('4326').describe('Positions are in WGS 84').optional(),
}
export const catalogueExportParameters = {
  limit: exportParameters.limit,
  offset: pageParameters.offset,
}
export const csvParameters = {
  delimiter: z.enum([';', ',', '\t', '|']).describe('Of a CSV file').default(';'),
  list_separator: z.string().max(5).describe('Between several values of a cell of a CSV file').default(','),
  quote_all: flag.describe('All texts of a CSV file in quotes').optional(),
  with_bom: flag.describe('Whether a CSV file begins with a byte-order mark').default('true'),
  use_labels: flag.describe('Whether a CSV file has labels for the names of fields').optional(),
}

export type Telling = z.output<z.ZodObject<typeof tellingParameters>>
export type Filters = z.output<z.ZodObject<typeof filterParameters>>
export type Page = z.output<z.ZodObject<typeof pageParameters>>

export function isSet(given: z.output<typeof flag> | undefined): boolean {
  return given?.toLowerCase() === 'true'
}

/** A parameter that may be given more than once. */
export function eachOf(given: string | string[] | undefined): string[] {
  return given === undefined ? [] : [given].flat()
}

export function languageOf(lang: Telling['lang'], otherwise: 'fr' | 'en'): 'fr' | 'en' {
  return lang === undefined ? otherwise : lang === 'fr' ? 'fr' : 'en'
}

/** @throws ExploreError */
export function readTimeZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone
  } catch {
    throw wrongParameter('timezone', `${timeZone} was found but a zone like Europe/Paris is expected.`)
  }
}

const MOST = { rows: { limit: 100, last: 10_000 }, groups: { limit: 20_000, last: 20_000 } }

/**
 * How many results are asked for.
 * @throws ExploreError
 */
export function readPage(
  { limit, offset }: Page,
  kind: keyof typeof MOST,
): { limit: number; offset: number } {
  const most = MOST[kind]
  if (limit > most.limit)
    throw wrongParameter('limit', `${limit} was found but -1 <= limit <= ${most.limit} is expected.`)
  const count = limit === -1 ? Math.max(0, Math.min(most.limit, most.last - offset)) : limit
  if (offset + count > most.last)
    throw wrongParameter(
      'offset',
      `${offset + count} was found but offset + limit <= ${most.last} is expected.`,
    )
  return { limit: count, offset }
}

export function readCsvForm(given: z.output<z.ZodObject<typeof csvParameters>>): CsvForm {
  return {
    delimiter: given.delimiter,
    listSeparator: given.list_separator,
    quoteAll: isSet(given.quote_all),
    withBom: isSet(given.with_bom),
    useLabels: isSet(given.use_labels),
  }
}
