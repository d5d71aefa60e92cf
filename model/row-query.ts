/** What a column holds; as in a Table Schema. */
export type ColumnType = 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'datetime'

export interface Column {
  name: string
  type: ColumnType
}

/** A value of a column; dates and instants (UTC) as ISO 8601 texts. */
export type Cell = string | number | boolean | null
export type Operand = string | number | boolean

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/**
 * What is worked out of values of one row; what of it is not known makes the result unknown. `pick` is the n-th of the
 * texts behind it; `pad` fills up with zeros to so many digits; `start-of` cuts off at a unit of the calendar, `bucket`
 * at a multiple of so many ms; `metres` is the distance of two positions (longitude, latitude, longitude, latitude).
 */
export type RowFunction =
  | ('add' | 'subtract' | 'multiply' | 'divide' | 'remainder' | 'floor' | 'metres')
  | ('length' | 'lower' | 'upper' | 'concat' | 'pick' | 'pad')
  | ('year' | 'month' | 'day' | 'hour' | 'minute' | 'second')
  | ('iso-year' | 'week' | 'weekday' | 'yearday' | 'start-of' | 'bucket')

export const AGGREGATES = ['count', 'sum', 'avg', 'min', 'max', 'median', 'percentile'] as const
export type Aggregate = (typeof AGGREGATES)[number]

/** How far clocks are ahead of UTC, each from an instant on (ms UTC), in their order; the first holds before, too. */
export type ClockOffsets = readonly { from: number; aheadMs: number }[]

/** What is worked out of a row, or, with an aggregate in it, of the rows of a group. */
export type Expression =
  | { kind: 'column'; column: string }
  | { kind: 'value'; type: ColumnType; value: Operand }
  | { kind: 'apply'; function: RowFunction; to: readonly Expression[] }
  /** What a clock shows at an instant. */
  | { kind: 'local'; of: Expression; offsets: ClockOffsets }
  /** Which of the steps, in ascending order, is the last that is not above it: from 0; -1 below the first. */
  | { kind: 'step'; of: Expression; steps: readonly Expression[] }
  /** Without `of` the count of rows; `share`, 0 to 1, is that of a percentile. */
  | { kind: 'aggregate'; aggregate: Aggregate; of?: Expression; share?: number }

/**
 * A condition on rows. What is not known meets none but `known: false`, and a `not`, which is met by every row that
 * does not meet the other.
 */
export type Condition =
  | { kind: 'compare'; left: Expression; operator: Comparison; right: Expression }
  | { kind: 'in'; column: string; values: readonly Operand[] }
  | { kind: 'known'; column: string; known: boolean }
  /** `word`: it has that word; `word-start`: a word that begins so. Case is ignored, and in words accents are, too. */
  | { kind: 'text'; column: string; where: 'start' | 'anywhere' | 'word' | 'word-start'; text: string }
  /** One of the values of a column that holds several, see {@link LIST_SEPARATOR}. */
  | { kind: 'has'; column: string; value: string }
  | { kind: 'and' | 'or'; of: readonly Condition[] }
  | { kind: 'not'; of: Condition }

/** Between the values of a column that holds several. */
export const LIST_SEPARATOR = '\u001f'

/** What is told of each row, or of each group. */
export interface Output {
  name: string
  of: Expression
}

/** A question to the rows of a version of a dataset; names are those of its columns, and values fit their types. */
export interface RowQuery {
  select: readonly Output[]
  where?: Condition
  /** Names of outputs; with them, or with an aggregate, there is a row for each group. */
  groupBy?: readonly string[]
  /** By what, or by which output; else rows come in the order of the files. What is not known comes last. */
  orderBy?: readonly { by: string | Expression; descending: boolean }[]
  limit?: number
  offset?: number
  /** Only rows behind that one, by {@link RowPage.last}. */
  after?: number
}

export interface RowPage {
  rows: Cell[][]
  /** Where the last of them is in the file; undefined for groups, or where there is none. */
  last: number | undefined
}

/** Whether a query has a row for each group. */
export function isGrouped({ select, groupBy = [] }: RowQuery): boolean {
  return groupBy.length > 0 || select.some(({ of }) => isAggregated(of))
}

/** Whether there is an aggregate in it. */
export function isAggregated(expression: Expression): boolean {
  switch (expression.kind) {
    case 'aggregate':
      return true
    case 'apply':
      return expression.to.some(isAggregated)
    case 'local':
    case 'step':
      return isAggregated(expression.of)
    default:
      return false
  }
}

/** Whether it is the same for all rows of a group, by whatever they are grouped: no column stands beside an aggregate. */
export function isOfGroup(expression: Expression): boolean {
  return isAggregated(expression) && !hasColumn(expression)
}

function hasColumn(expression: Expression): boolean {
  switch (expression.kind) {
    case 'column':
      return true
    case 'apply':
      return expression.to.some(hasColumn)
    case 'local':
    case 'step':
      return hasColumn(expression.of)
    default:
      return false
  }
}

/** The value of a column, as it is. */
export function columnOutput(column: string): Output {
  return { name: column, of: { kind: 'column', column } }
}

/** An aggregate of a column. */
export function aggregateOutput(name: string, aggregate: Aggregate, column: string): Output {
  return { name, of: { kind: 'aggregate', aggregate, of: { kind: 'column', column } } }
}

/** A column compared with a value, which fits its type. */
export function compareColumn({ name, type }: Column, operator: Comparison, value: Operand): Condition {
  return {
    ...{ kind: 'compare', left: { kind: 'column', column: name }, operator },
    right: { kind: 'value', type, value },
  }
}

/** A query that takes longer than it may, or comes while too many others wait. */
export class QueryRefusedError extends Error {
  override readonly name = 'QueryRefusedError'
  readonly reason: 'costly' | 'busy'
  constructor(reason: 'costly' | 'busy') {
    super(reason === 'costly' ? 'the query takes too long' : 'too many queries wait')
    this.reason = reason
  }
}
