import type { Condition } from '../../model/row-query.ts'
import { resolveCondition } from './odsql/conditions.ts'
import { type Clauses, inClause, type Resolved, resolveClauses } from './odsql/query.ts'
import type { Value } from './odsql/syntax.ts'
import { findField, OdsqlError, type Terms } from './odsql/terms.ts'
import { eachOf, type Filters } from './parameters.ts'

const AT = { start: 0, end: 0 }

/** Clauses as a request gives them. */
export type GivenQuery = Omit<Clauses, 'where'> & Filters

/**
 * What a request asks of rows, by all that it gives.
 * @throws ClauseError
 */
export function resolveQuery(query: GivenQuery, terms: Terms): Resolved {
  return resolveClauses({ ...query, where: eachOf(query.where) }, terms, refinements(query, terms))
}

/**
 * What `refine=field:value` and `exclude=field:value` ask of rows.
 * @throws ClauseError
 */
export function refinements({ refine, exclude }: Filters, terms: Terms): Condition[] {
  return [
    ...inClause('refine', () => eachOf(refine).map(given => readRefinement(given, terms))),
    ...inClause('exclude', () =>
      eachOf(exclude).map((given): Condition => ({ kind: 'not', of: readRefinement(given, terms) })),
    ),
  ]
}

function readRefinement(given: string, terms: Terms): Condition {
  const { name, value } = splitRefinement(given)
  const { type } = findField(name, terms)
  const field: Value = { kind: 'field', name, ...AT }
  if (type === 'date' || type === 'datetime') return inPeriod(field, value, terms)
  return resolveCondition(
    { kind: 'compare', operator: '=', left: field, right: { kind: 'text', value, ...AT }, ...AT },
    terms,
  )
}

/** @throws OdsqlError */
export function splitRefinement(given: string): { name: string; value: string } {
  const at = given.indexOf(':')
  if (at < 1) throw new OdsqlError(`${given} is not of the form field:value`)
  return { name: given.slice(0, at).trim(), value: given.slice(at + 1).replace(/^"(.*)"$/s, '$1') }
}

const UNITS = ['years', 'months', 'days'] as const

/** A date of a facet is a year, a month of it or a day: `2026`, `2026/11`, `2026/11/22`. */
function inPeriod(of: Value, value: string, terms: Terms): Condition {
  const parts = /^(\d{4})(?:[/-](\d{1,2}))?(?:[/-](\d{1,2}))?$/.exec(value)?.slice(1).filter(Boolean)
  if (!parts) throw new OdsqlError(`${value} is no year, month or day like 2026/11/22`)
  const [year, month = '1', day = '1'] = parts
  try {
    const low = Temporal.PlainDate.from(
      { year: Number(year), month: Number(month), day: Number(day) },
      { overflow: 'reject' },
    )
    const high = low.add({ [UNITS[parts.length - 1]!]: 1 })
    const date = (at: Temporal.PlainDate): Value => ({ kind: 'date', value: at.toString(), ...AT })
    return resolveCondition(
      { kind: 'between', of, low: date(low), high: date(high), closed: { low: true, high: false }, ...AT },
      terms,
    )
  } catch (error) {
    if (error instanceof RangeError) throw new OdsqlError(`${value} is no date`)
    throw error
  }
}
