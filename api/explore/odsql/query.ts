import type {
  Cell,
  Expression,
  Output,
  Condition as RowCondition,
  RowQuery,
} from '../../../model/row-query.ts'
import { isAggregated, isOfGroup } from '../../../model/row-query.ts'
import { resolveCondition } from './conditions.ts'
import { parseGroupBy, parseOrderBy, parseSelect, parseWhere } from './parse.ts'
import { type Range, resolveRange } from './ranges.ts'
import { type Labelled, OdsqlSyntaxError, type Ordering, type Selected, type Value } from './syntax.ts'
import { columnOf, type Field, findField, OdsqlError, plainField, type Terms } from './terms.ts'
import { resolveValue, type ValueType } from './values.ts'

export interface Clauses {
  select?: string | undefined
  /** Of which rows must meet all. */
  where?: readonly string[]
  group_by?: string | undefined
  order_by?: string | undefined
}

/** A result of a query, and from where in a row it is read. */
export interface Result {
  name: string
  label: string
  type: ValueType | 'local' | 'geo_point_2d'
  /** Of its cell, or of the longitude and the latitude. */
  at: readonly [number, number?]
  /** What the cell is told as, where not as it is. */
  tell?(cell: Cell): unknown
}

export interface Resolved {
  query: RowQuery
  results: readonly Result[]
  /** Whether there is a result for each group, or one for all rows. */
  grouped: boolean
}

/** A clause that is wrong, in the words of Opendatasoft. */
export class ClauseError extends Error {
  override readonly name = 'ClauseError'
  readonly code: 'ODSQLError' | 'ODSQLSyntaxError'
  constructor(clause: string, error: OdsqlError | OdsqlSyntaxError) {
    const isSyntax = error instanceof OdsqlSyntaxError
    const kind = isSyntax ? 'ODSQL syntax exception' : 'ODSQL query is malformed'
    const stop = error.message.endsWith('.') ? '' : '.'
    super(`${kind}: ${error.message}${stop} Clause(s) containing the error(s): ${clause}.`)
    this.code = isSyntax ? 'ODSQLSyntaxError' : 'ODSQLError'
  }
}

/** @throws ClauseError of that clause */
export function inClause<T>(clause: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof OdsqlError || error instanceof OdsqlSyntaxError) throw new ClauseError(clause, error)
    throw error
  }
}

/**
 * What `where` clauses ask of the rows.
 * @throws ClauseError
 */
export function resolveWhere(clauses: readonly string[], terms: Terms): RowCondition[] {
  return inClause('where', () =>
    clauses.flatMap(clause => {
      const condition = parseWhere(clause)
      return condition ? [resolveCondition(condition, terms)] : []
    }),
  )
}

/**
 * What clauses ask of the rows.
 * @param more what rows must meet beside `where`
 * @throws ClauseError
 */
export function resolveClauses(clauses: Clauses, terms: Terms, more: readonly RowCondition[] = []): Resolved {
  const conditions = [...more]
  conditions.push(...resolveWhere(clauses.where ?? [], terms))
  const selected = inClause('select', () => parseSelect(clauses.select?.trim() || '*'))
  const groups = inClause('group_by', () => (clauses.group_by?.trim() ? parseGroupBy(clauses.group_by) : []))
  const outputs: Output[] = []
  const results: Result[] = []

  function add(result: ResultOf, ...of: Expression[]): void {
    if (results.some(({ name }) => name === result.name)) return
    const first = outputs.length
    outputs.push(...of.map((each, at) => ({ name: `${result.name}${at > 0 ? ' latitude' : ''}`, of: each })))
    results.push({ ...result, at: of.length > 1 ? [first, first + 1] : [first] })
  }

  inClause('group_by', () => {
    for (const group of groups) {
      const { within, ...result } = resolveGroup(group, terms)
      if (within) conditions.push(within)
      add(result, result.of)
    }
  })
  const groupBy = outputs.map(({ name }) => name)
  const grouped = inClause('select', () => {
    const values = selected.flatMap(item =>
      item.kind === 'value' ? [{ item, ...resolveSelected(item, terms) }] : [],
    )
    const isGrouped = groups.length > 0 || values.some(({ of }) => of.some(isAggregated))
    if (!isGrouped) {
      addPlain(selected, terms, add)
      return false
    }
    for (const { item, of, result } of values) {
      if (groups.some(group => group.text === item.text || group.label === item.text)) continue
      if (!of.every(isOfGroup)) throw new OdsqlError(neitherOf(item.text))
      add(result, ...of)
    }
    return true
  })
  const orderBy = inClause('order_by', () =>
    (clauses.order_by?.trim() ? parseOrderBy(clauses.order_by) : []).map(ordering => ({
      by: orderOf(ordering, { terms, outputs, groups, grouped, selected }),
      descending: ordering.descending,
    })),
  )
  const otherGroups = groupBy.filter(name => !orderBy.some(({ by }) => by === name))
  const query: RowQuery = {
    select: outputs,
    ...(conditions.length > 0 && { where: { kind: 'and', of: conditions } }),
    ...(groupBy.length > 0 && { groupBy }),
    // Groups come in their own order behind what was asked for, so that pages do not overlap.
    orderBy: [...orderBy, ...otherGroups.map(by => ({ by, descending: false }))],
  }
  return { query, results, grouped }
}

type ResultOf = Omit<Result, 'at'>

function neitherOf(text: string): string {
  return `${text} is neither an aggregation nor in group_by`
}

function resolveGroup(
  { of, text, label }: Labelled,
  terms: Terms,
): ResultOf & { of: Expression; within?: Range['within'] } {
  const name = label ?? text
  if (of.kind === 'call' && of.name === 'range') {
    const { label: tell, ...range } = resolveRange(of.to, terms)
    return { name, label: name, ...range, ...(tell && { tell }) }
  }
  if (of.kind === 'field') {
    const field = plainField(of.name, terms)
    if (field.several) throw new OdsqlError(`Field ${of.name} has several values: there are no groups by it`)
    return { name: label ?? of.name, label: label ?? field.label, ...resolveValue(of, terms) }
  }
  const value = resolveValue(of, terms)
  if (of.kind !== 'call' || isAggregated(value.of))
    throw new OdsqlError(`${text} makes no groups: a field does, range() and functions of dates`)
  return { name, label: name, ...value }
}

/** Undefined of what is `*`, `include` or `exclude`. */
function resolveSelected(
  { of, text, label }: Labelled,
  terms: Terms,
): { of: Expression[]; result: ResultOf } {
  if (of.kind === 'field') return ofField(findField(of.name, terms), label ?? of.name, label)
  const value = resolveValue(of, terms)
  const name = label ?? text
  return { of: [value.of], result: { name, label: name, type: value.type } }
}

function ofField(
  field: Field,
  name = field.name,
  label = field.label,
): { of: Expression[]; result: ResultOf } {
  const { type, latitude, tell } = field
  const of = [columnOf(field), ...(latitude ? [{ kind: 'column', column: latitude } as const] : [])]
  return { of, result: { name, label, type, ...(tell && { tell }) } }
}

function addPlain(
  selected: readonly Selected[],
  terms: Terms,
  add: (result: ResultOf, ...of: Expression[]) => void,
): void {
  const isNamed = (name: string, kind: 'include' | 'exclude') =>
    selected.some(
      item =>
        item.kind === kind &&
        item.patterns.some(({ name: pattern, begin }) =>
          begin ? name.startsWith(pattern) : name === pattern,
        ),
    )
  // What only excludes, leaves the rest.
  const all = selected.some(({ kind }) => kind === 'all') || selected.every(({ kind }) => kind === 'exclude')
  for (const item of selected) {
    if (item.kind === 'value') {
      const { of, result } = resolveSelected(item, terms)
      add(result, ...of)
      continue
    }
    for (const field of terms.fields) {
      const wanted = item.kind === 'include' ? isNamed(field.name, 'include') : all && !field.hidden
      if (!wanted || isNamed(field.name, 'exclude')) continue
      const { of, result } = ofField(field)
      add(result, ...of)
    }
  }
}

/** By the name of an output, where it is one. */
function orderOf(
  { of, text }: Ordering,
  {
    terms,
    outputs,
    groups,
    grouped,
    selected,
  }: {
    terms: Terms
    outputs: Output[]
    groups: readonly Labelled[]
    grouped: boolean
    selected: readonly Selected[]
  },
): string | Expression {
  const label = of.kind === 'field' ? of.name : text
  if (grouped) {
    const group = groups.find(each => each.text === text || each.label === label)
    const name = group ? (group.label ?? (group.of.kind === 'field' ? group.of.name : group.text)) : label
    if (outputs.some(output => output.name === name)) return name
    const value = resolveValue(of, terms)
    if (!isOfGroup(value.of)) throw new OdsqlError(neitherOf(text))
    outputs.push({ name: text, of: value.of })
    return text
  }
  const labelled = selected.find(item => item.kind === 'value' && item.label === label)
  const by = resolveValue(labelled?.kind === 'value' ? labelled.of : (of as Value), terms).of
  if (isAggregated(by)) throw new OdsqlError(`${text} is an aggregation, and rows are not grouped`)
  return by
}
