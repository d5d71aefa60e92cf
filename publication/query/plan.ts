import type {
  Aggregate,
  Column,
  ColumnType,
  Condition,
  Operand,
  Output,
  RowQuery,
} from '../../model/row-query.ts'
import { isGrouped } from '../../model/row-query.ts'

/** A statement whose values are bound: what a client wrote is never a part of its text. */
export interface Plan {
  sql: string
  values: Operand[]
}

const POSITION = 'file_row_number'
const CASTS: Record<ColumnType, string> = {
  string: 'VARCHAR',
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  datetime: 'TIMESTAMPTZ',
}

/**
 * The rows that a query asks for, each value as text, number or boolean; behind them, unless they are groups, where the
 * row is in the file.
 * @throws Error where a name is none of the columns
 */
export function planRows(file: string, columns: readonly Column[], query: RowQuery): Plan {
  const writer = createWriter(columns)
  const outputs = query.select.map(output => writer.tell(output))
  const grouped = isGrouped(query)
  if (!grouped) outputs.push(`${POSITION}::DOUBLE`)
  const order = (query.orderBy ?? []).map(
    ({ name, descending }) =>
      `${writer.sortKey(name, query.select)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
  )
  // Rows that are equal otherwise keep the order of the file, so that pages do not overlap.
  if (order.length > 0 && !grouped) order.push(POSITION)
  const sql = [
    `SELECT ${outputs.join(', ')}`,
    writer.from(file, query),
    order.length > 0 && `ORDER BY ${order.join(', ')}`,
    query.limit !== undefined && `LIMIT ${whole(query.limit)}`,
    query.offset && `OFFSET ${whole(query.offset)}`,
  ]
  return { sql: sql.filter(Boolean).join(' '), values: writer.values }
}

/** How many rows or groups there are. */
export function planCount(file: string, columns: readonly Column[], query: RowQuery): Plan {
  const writer = createWriter(columns)
  const from = writer.from(file, query)
  const sql = isGrouped(query)
    ? `SELECT count(*)::DOUBLE FROM (SELECT ${query.groupBy?.length ? '1' : 'count(*)'} ${from})`
    : `SELECT count(*)::DOUBLE ${from}`
  return { sql, values: writer.values }
}

/** What an output holds. */
export function typeOf({ column, aggregate }: Output, columns: readonly Column[]): ColumnType {
  if (aggregate === 'count') return 'integer'
  if (aggregate === 'sum' || aggregate === 'avg') return 'number'
  return columns.find(({ name }) => name === column)!.type
}

function createWriter(columns: readonly Column[]) {
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const values: Operand[] = []
  const typeOfColumn = (name: string) => {
    const type = types.get(name)
    if (!type) throw new Error(`${name} is no column`)
    return type
  }
  const identifier = (name: string) => {
    typeOfColumn(name)
    return `"${name}"`
  }
  const bind = (value: Operand, type: ColumnType) => {
    values.push(value)
    return `CAST($${values.length} AS ${CASTS[type]})`
  }

  function expression({ column, aggregate }: Output): string {
    if (!aggregate) return identifier(column!)
    return aggregated(aggregate, column === undefined ? '*' : identifier(column))
  }

  function condition(given: Condition): string {
    switch (given.kind) {
      case 'compare': {
        const { column, operator, value } = given
        return `${identifier(column)} ${operator} ${bind(value, typeOfColumn(column))}`
      }
      case 'in': {
        const type = typeOfColumn(given.column)
        return `${identifier(given.column)} IN (${given.values.map(value => bind(value, type))})`
      }
      case 'known':
        return `${identifier(given.column)} IS ${given.known ? 'NOT ' : ''}NULL`
      case 'text': {
        const test = given.where === 'start' ? 'starts_with' : 'contains'
        return `${test}(lower(${identifier(given.column)}), lower(${bind(given.text, 'string')}))`
      }
      case 'not':
        return `NOT (${condition(given.of)})`
      default:
        return `(${given.of.map(condition).join(` ${given.kind} `)})`
    }
  }

  return {
    values,
    tell: (output: Output) => told(expression(output), typeOf(output, columns)),
    sortKey: (name: string, select: readonly Output[]) =>
      expression(select.find(output => output.name === name) ?? { name, column: name }),
    from(file: string, { where, after, groupBy = [] }: RowQuery): string {
      const conditions = [
        ...(where ? [condition(where)] : []),
        ...(after === undefined ? [] : [`${POSITION} > ${whole(after)}`]),
      ]
      return [
        `FROM read_parquet('${file.replaceAll("'", "''")}', file_row_number = true)`,
        conditions.length > 0 && `WHERE ${conditions.join(' AND ')}`,
        groupBy.length > 0 && `GROUP BY ${groupBy.map(identifier)}`,
      ]
        .filter(Boolean)
        .join(' ')
    },
  }
}

function aggregated(aggregate: Aggregate, of: string): string {
  return `${aggregate}(${of})`
}

/** As JSON has it. An instant without the time zones of ICU, which would have to be downloaded. */
function told(expression: string, type: ColumnType): string {
  if (type === 'date') return `CAST(${expression} AS VARCHAR)`
  if (type === 'datetime') return `strftime(make_timestamp_ms(epoch_ms(${expression})), '%Y-%m-%dT%H:%M:%SZ')`
  return type === 'integer' || type === 'number' ? `CAST(${expression} AS DOUBLE)` : expression
}

function whole(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} is no position`)
  return String(value)
}
