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

/** A condition on rows. What is not known meets none but `known: false`. */
export type Condition =
  | { kind: 'compare'; column: string; operator: Comparison; value: Operand }
  | { kind: 'in'; column: string; values: readonly Operand[] }
  | { kind: 'known'; column: string; known: boolean }
  | { kind: 'text'; column: string; where: 'start' | 'anywhere'; text: string }
  | { kind: 'and' | 'or'; of: readonly Condition[] }
  | { kind: 'not'; of: Condition }

export const AGGREGATES = ['count', 'sum', 'avg', 'min', 'max'] as const
export type Aggregate = (typeof AGGREGATES)[number]

/** What is told of each row, or of each group. */
export interface Output {
  name: string
  /** Absent: the count of rows. */
  column?: string
  aggregate?: Aggregate
}

/** A question to the rows of a version of a dataset; names are those of its columns, and values fit their types. */
export interface RowQuery {
  select: readonly Output[]
  where?: Condition
  /** Columns; with them, or with an aggregate, there is a row for each group. */
  groupBy?: readonly string[]
  /** Columns or names of outputs; else rows come in the order of the files. */
  orderBy?: readonly { name: string; descending: boolean }[]
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
  return groupBy.length > 0 || select.some(({ aggregate }) => aggregate !== undefined)
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
