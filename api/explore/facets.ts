import {
  type Cell,
  type Condition,
  type Expression,
  LIST_SEPARATOR,
  type RowQuery,
} from '../../model/row-query.ts'
import { formatParts } from './odsql/date-format.ts'
import { parseValue } from './odsql/parse.ts'
import { inClause } from './odsql/query.ts'
import { columnOf, type Field, findField, OdsqlError, type Terms } from './odsql/terms.ts'
import { clockOf } from './odsql/values.ts'
import { eachOf, type Filters } from './parameters.ts'
import { refinements, splitRefinement } from './refine.ts'

/** A value by which rows can be refined. */
export interface FacetValue {
  name: string
  value: string
  state: 'displayed' | 'refined' | 'excluded'
  /** Absent of what is excluded. */
  count?: number
  /** Of a year that is refined its months, of such a month its days. */
  facets?: FacetValue[]
}

export interface Facet {
  name: string
  facets: FacetValue[]
}

/** What is asked of a facet. */
export interface FacetRequest {
  field: Field
  sort: Sort
  limit: number | undefined
  /** Whether refining by a value leaves the others in sight. */
  disjunctive: boolean
}

const SORTS = ['count', '-count', 'alphanum', '-alphanum', 'num', '-num'] as const
type Sort = (typeof SORTS)[number]

/**
 * Those that are asked for by `facet=field` or `facet=facet(name="field", …)`; without any, all that there are.
 * @throws ClauseError
 */
export function readFacets(given: string | string[] | undefined, terms: Terms): FacetRequest[] {
  return inClause('facet', () => {
    const asked = eachOf(given)
    if (asked.length > 0) return asked.map(text => readFacet(text, terms))
    const fields = terms.fields.filter(({ facet }) => facet)
    return fields.map(field => ({ field, sort: sortOf(field), limit: undefined, disjunctive: false }))
  })
}

function sortOf({ type }: Field): Sort {
  return type === 'date' || type === 'datetime' ? 'alphanum' : '-count'
}

function readFacet(text: string, terms: Terms): FacetRequest {
  const value = parseValue(text)
  if (value.kind === 'field') {
    const field = facetField(value.name, terms)
    return { field, sort: sortOf(field), limit: undefined, disjunctive: false }
  }
  if (value.kind !== 'call' || value.name !== 'facet')
    throw new OdsqlError(`${text} is no facet: write a field, or facet(name="field")`)
  const options = new Map(
    value.to.map(option => {
      if (option.kind !== 'named') throw new OdsqlError('facet() takes parameters like name="field"')
      const { kind } = option.value
      if (kind !== 'text' && kind !== 'number' && kind !== 'boolean')
        throw new OdsqlError(`${option.name} of facet() is a text, a number, true or false`)
      return [option.name, option.value.value] as const
    }),
  )
  const field = facetField(String(options.get('name')), terms)
  const { sort = sortOf(field), limit, disjunctive = false, name: _, ...others } = Object.fromEntries(options)
  const [unknown] = Object.keys(others)
  if (unknown)
    throw new OdsqlError(`${unknown} is not taken by facet(); name, sort, limit and disjunctive are`)
  if (!SORTS.includes(sort as Sort)) throw new OdsqlError(`sort of facet() is one of ${SORTS.join(', ')}`)
  if (limit !== undefined && !(Number.isInteger(limit) && Number(limit) > 0))
    throw new OdsqlError('limit of facet() is a whole number above 0')
  return {
    ...{ field, sort: sort as Sort, disjunctive: disjunctive === true },
    limit: limit === undefined ? undefined : Number(limit),
  }
}

function facetField(name: string, terms: Terms): Field {
  const field = findField(name, terms)
  if (field.type !== 'geo_point_2d') return field
  throw new OdsqlError(`Field ${name} is no facet: it is a position`)
}

/** Answers a question to the rows. */
export type Ask = (query: RowQuery) => Promise<readonly (readonly Cell[])[]>

/**
 * The values of a facet with how many rows have them.
 * @param conditions what rows must meet beside what they are refined by
 */
export async function countFacet(
  request: FacetRequest,
  filters: Filters,
  conditions: readonly Condition[],
  terms: Terms,
  ask: Ask,
): Promise<Facet> {
  const { field, disjunctive } = request
  const own = (clause: 'refine' | 'exclude') =>
    inClause(clause, () => {
      const given = eachOf(filters[clause]).map(text => ({ text, ...splitRefinement(text) }))
      return given.filter(({ name }) => findField(name, terms) === field)
    })
  const [refining, excluding] = [own('refine'), own('exclude')]
  const kept = eachOf(filters.refine).filter(
    given => !disjunctive || !refining.some(({ text }) => text === given),
  )
  const where: Condition = {
    kind: 'and',
    of: [
      ...conditions,
      ...refinements({ refine: kept, exclude: filters.exclude }, terms),
      { kind: 'known', column: field.column, known: true },
    ],
  }
  const refined = refining.map(({ value }) => value)
  const counting = async (of: Expression) => countBy(await ask(countsOf(of, where)), field)
  const values =
    field.type === 'date' || field.type === 'datetime'
      ? await countPeriods(request, refined, terms, counting)
      : sortValues(await counting(columnOf(field)), request, refined)
  return {
    name: field.name,
    facets: [
      ...values,
      ...excluding.map(({ value }): FacetValue => ({ name: value, value, state: 'excluded' })),
    ],
  }
}

function countsOf(of: Expression, where: Condition): RowQuery {
  const count = { name: 'count', of: { kind: 'aggregate', aggregate: 'count' } as const }
  return { select: [{ name: 'value', of }, count], where, groupBy: ['value'] }
}

/** How many rows have each value; of a field with several values, each of them. */
function countBy(rows: readonly (readonly Cell[])[], { several }: Field): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [cell, count] of rows)
    for (const value of several ? String(cell).split(LIST_SEPARATOR) : [String(cell)])
      if (value !== '') counts.set(value, (counts.get(value) ?? 0) + Number(count))
  return counts
}

function sortValues(
  counts: ReadonlyMap<string, number>,
  { sort, limit }: FacetRequest,
  refined: readonly string[],
): FacetValue[] {
  const sign = sort.startsWith('-') ? -1 : 1
  const order = {
    count: (a: FacetValue, b: FacetValue) => a.count! - b.count!,
    num: (a: FacetValue, b: FacetValue) => Number(a.value) - Number(b.value),
    alphanum: (a: FacetValue, b: FacetValue) => compareTexts(a.value, b.value),
  }[sort.replace('-', '')]!
  return [...counts]
    .map(([value, count]) => facetValue(value, count, refined))
    .sort((a, b) => sign * order(a, b) || compareTexts(a.value, b.value))
    .slice(0, limit)
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function facetValue(value: string, count: number, refined: readonly string[]): FacetValue {
  return { name: value, value, count, state: refined.includes(value) ? 'refined' : 'displayed' }
}

const LEVELS = ['yyyy', 'yyyy/MM', 'yyyy/MM/dd'] as const

/** Years, the months of one that is refined, and the days of such a month. */
async function countPeriods(
  request: FacetRequest,
  refined: readonly string[],
  terms: Terms,
  counting: (of: Expression) => Promise<Map<string, number>>,
): Promise<FacetValue[]> {
  const periods = refined.map(value => value.replaceAll('-', '/'))
  const at = clockOf({ kind: 'field', name: request.field.name, start: 0, end: 0 }, terms)
  const deepest = Math.max(0, ...periods.map(value => Math.min(value.split('/').length, 2)))
  const byParent = new Map<string, FacetValue[]>()
  for (const format of LEVELS.slice(0, deepest + 1)) {
    const counts = await counting(formatParts(format, at, terms.language))
    const limited = format === 'yyyy' ? request : { ...request, limit: undefined }
    for (const told of sortValues(counts, limited, periods)) {
      const parts = told.value.split('/')
      const inner = byParent.getOrInsertComputed(parts.slice(0, -1).join('/'), () => [])
      inner.push({ ...told, name: parts.at(-1)! })
    }
  }
  const withInner = (values: readonly FacetValue[]): FacetValue[] =>
    values.map(value => {
      const inner = byParent.get(value.value)
      return inner ? { ...value, state: 'refined', facets: withInner(inner) } : value
    })
  return withInner(byParent.get('') ?? [])
}
