import {
  type Column,
  type ColumnType,
  type Comparison,
  type Condition,
  type Expression,
  isGrouped,
  type Operand,
  type RowQuery,
} from '../../model/row-query.ts'

/** A question to the rows of some keys, values of the first column: in each part of the files they stand together. */
export interface Lookup {
  keys: readonly string[]
  /** What is looked at, each once. */
  columns: readonly LookupColumn[]
  /** What else a row has to meet. */
  test: Test
  told: readonly { name: string; column: number }[]
  limit: number
  offset: number
  /** Only rows behind that one; rows are counted from 0. */
  after: number
}

/** A column by its place. */
export interface LookupColumn {
  column: number
  type: ColumnType
}

/** A condition, with columns by their places. What is not known meets none but `known: false` and a `not`. */
export type Test =
  | { kind: 'compare'; column: number; type: ColumnType; operator: Comparison; value: Operand }
  | { kind: 'in'; column: number; type: ColumnType; values: readonly Operand[] }
  | { kind: 'known'; column: number; known: boolean }
  | { kind: 'and' | 'or'; of: readonly Test[] }
  | { kind: 'not'; of: Test }

/** A query as a lookup; undefined where it is none: one asks for rows as they are and in their order, of some keys. */
export function planLookup(query: RowQuery, columns: readonly Column[]): Lookup | undefined {
  const { select, where, orderBy = [], limit = Number.POSITIVE_INFINITY, offset = 0, after = -1 } = query
  if (!where || orderBy.length > 0 || isGrouped(query)) return undefined
  const conditions = conjuncts(where)
  const key = columns[0]!.name
  const of = conditions.find(condition => keysOf(condition, key))
  const test = testOf({ kind: 'and', of: conditions.filter(condition => condition !== of) }, columns)
  const told = select.map(({ name, of }) => ({ name, column: placeOf(of, columns) }))
  if (!of || !test || told.some(({ column }) => column < 0)) return undefined
  const places = [...new Set([...told.map(({ column }) => column), ...placesIn(test)])].sort((a, b) => a - b)
  return {
    ...{ keys: keysOf(of, key)!, test, told, limit, offset, after },
    columns: places.map(column => ({ column, type: columns[column]!.type })),
  }
}

function placesIn(test: Test): number[] {
  if (test.kind === 'not') return placesIn(test.of)
  return 'column' in test ? [test.column] : test.of.flatMap(placesIn)
}

/** Conditions all of which are to be met where one is. */
export function conjuncts(condition: Condition): readonly Condition[] {
  return condition.kind === 'and' ? condition.of.flatMap(conjuncts) : [condition]
}

/** The keys that a condition is met by, each once. */
function keysOf(condition: Condition, key: string): string[] | undefined {
  const values = valuesOf(condition, key)
  return values?.every(value => typeof value === 'string') ? [...new Set(values)] : undefined
}

function valuesOf(condition: Condition, key: string): readonly Operand[] | undefined {
  if (condition.kind === 'in' && condition.column === key) return condition.values
  if (condition.kind !== 'compare' || condition.operator !== '=') return undefined
  const { left, right } = condition
  return left.kind === 'column' && left.column === key && right.kind === 'value' ? [right.value] : undefined
}

function placeOf(expression: Expression, columns: readonly Column[]): number {
  return expression.kind === 'column' ? columns.findIndex(({ name }) => name === expression.column) : -1
}

function testOf(condition: Condition, columns: readonly Column[]): Test | undefined {
  switch (condition.kind) {
    case 'compare': {
      const { left, operator, right } = condition
      const column = placeOf(left, columns)
      if (column < 0 || right.kind !== 'value') return undefined
      const { type } = columns[column]!
      if (!isComparable(type, right.type, right.value)) return undefined
      return { kind: 'compare', column, type, operator, value: right.value }
    }
    case 'in': {
      const column = columns.findIndex(({ name }) => name === condition.column)
      const { type } = columns[column]!
      if (!condition.values.every(value => isComparable(type, type, value))) return undefined
      return { kind: 'in', column, type, values: condition.values }
    }
    case 'known': {
      const { kind, column, known } = condition
      return { kind, column: columns.findIndex(({ name }) => name === column), known }
    }
    case 'and':
    case 'or': {
      const of = condition.of.map(each => testOf(each, columns))
      return of.every(each => each !== undefined) ? { kind: condition.kind, of } : undefined
    }
    case 'not': {
      const of = testOf(condition.of, columns)
      return of && { kind: 'not', of }
    }
    default:
      return undefined
  }
}

const NUMBERS: ReadonlySet<ColumnType> = new Set(['number', 'integer'])
/** As the cells of these types are written, or so that they say when they are. */
const WRITTEN: Partial<Record<ColumnType, RegExp>> = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  datetime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/,
}

/** Whether a value means the same to a column of a type as it does to the database. */
function isComparable(column: ColumnType, type: ColumnType, value: Operand): boolean {
  if (NUMBERS.has(column)) return NUMBERS.has(type) && typeof value === 'number'
  if (column !== type || typeof value !== (type === 'boolean' ? 'boolean' : 'string')) return false
  return WRITTEN[type]?.test(String(value)) ?? true
}
