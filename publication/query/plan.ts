import type { Cell, Column, Condition, Operand, RowQuery } from '../../model/row-query.ts'
import { isGrouped, LIST_SEPARATOR } from '../../model/row-query.ts'
import { createWriter, type ExpressionWriter, told, typeOf, whole } from './expression.ts'

/** A statement whose values are bound: what a client wrote is never a part of its text. */
export interface Plan {
  sql: string
  values: Operand[]
}

/** A Parquet file, or rows that are at hand, in the order of the columns. */
export type Source = string | readonly (readonly Cell[])[]

const POSITION = 'file_row_number'

/**
 * The rows that a query asks for, each value as text, number or boolean; behind them, unless they are groups, where the
 * row is in the file.
 * @throws Error where a name is none of the columns
 */
export function planRows(source: Source, columns: readonly Column[], query: RowQuery): Plan {
  const writer = createWriter(columns)
  const outputs = query.select.map(({ of }) => told(writer.write(of), typeOf(of, columns)))
  if (!isGrouped(query)) outputs.push(`${POSITION}::DOUBLE`)
  return finish(writer, outputs, source, columns, query)
}

/** The same with each value in the type of its column, under its name: for a file. */
export function planTable(source: Source, columns: readonly Column[], query: RowQuery): Plan {
  const writer = createWriter(columns)
  const outputs = query.select.map(({ of, name }) => `${writer.write(of)} AS "${name.replaceAll('"', '""')}"`)
  return finish(writer, outputs, source, columns, query)
}

/** How many rows or groups there are. */
export function planCount(source: Source, columns: readonly Column[], query: RowQuery): Plan {
  const writer = createWriter(columns)
  if (!isGrouped(query))
    return { sql: `SELECT count(*)::DOUBLE ${from(writer, source, columns, query)}`, values: writer.values }
  const { sql, values } = finish(
    writer,
    query.select.map(({ of }) => writer.write(of)),
    source,
    columns,
    { select: query.select, ...(query.where && { where: query.where }), groupBy: query.groupBy ?? [] },
  )
  return { sql: `SELECT count(*)::DOUBLE FROM (${sql})`, values }
}

function finish(
  writer: ExpressionWriter,
  outputs: readonly string[],
  source: Source,
  columns: readonly Column[],
  query: RowQuery,
): Plan {
  const { select, groupBy = [], orderBy = [], limit, offset } = query
  const place = (name: string) => String(select.findIndex(output => output.name === name) + 1)
  const start = from(writer, source, columns, query)
  const order = orderBy.map(
    ({ by, descending }) =>
      `${typeof by === 'string' ? place(by) : writer.write(by)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
  )
  // Rows that are equal otherwise keep the order of the file, so that pages do not overlap.
  if (order.length > 0 && !isGrouped(query)) order.push(POSITION)
  const sql = [
    `SELECT ${outputs.join(', ')}`,
    start,
    groupBy.length > 0 && `GROUP BY ${groupBy.map(place).join(', ')}`,
    order.length > 0 && `ORDER BY ${order.join(', ')}`,
    limit !== undefined && `LIMIT ${whole(limit)}`,
    offset && `OFFSET ${whole(offset)}`,
  ]
  return { sql: sql.filter(Boolean).join(' '), values: writer.values }
}

function from(
  writer: ExpressionWriter,
  source: Source,
  columns: readonly Column[],
  { where, after }: RowQuery,
): string {
  const conditions = [
    ...(where ? [writeCondition(where, writer, columns)] : []),
    ...(after === undefined ? [] : [`${POSITION} > ${whole(after)}`]),
  ]
  const filter = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
  return `FROM ${writeSource(source, writer, columns)}${filter}`
}

function writeSource(source: Source, writer: ExpressionWriter, columns: readonly Column[]): string {
  if (typeof source === 'string')
    return `read_parquet('${source.replaceAll("'", "''")}', file_row_number = true)`
  const cell = (value: Cell, at: number) => (value === null ? 'NULL' : writer.bind(value, columns[at]!.type))
  const rows = source.map((row, position) => `(${[...row.map(cell), position].join(', ')})`)
  const names = [...columns.map(({ name }) => writer.identifier(name)), POSITION]
  return `(VALUES ${rows.join(', ')}) AS given(${names.join(', ')})`
}

function writeCondition(condition: Condition, writer: ExpressionWriter, columns: readonly Column[]): string {
  const write = (given: Condition): string => {
    switch (given.kind) {
      case 'compare':
        return `${writer.write(given.left)} ${given.operator} ${writer.write(given.right)}`
      case 'in': {
        const { type } = columns.find(({ name }) => name === given.column)!
        return `${writer.identifier(given.column)} IN (${given.values.map(value => writer.bind(value, type)).join(', ')})`
      }
      case 'known':
        return `${writer.identifier(given.column)} IS ${given.known ? 'NOT ' : ''}NULL`
      case 'text':
        return textTest(given, writer)
      case 'has':
        return `list_contains(string_split(${writer.identifier(given.column)}, ${writer.bind(LIST_SEPARATOR, 'string')}), ${writer.bind(given.value, 'string')})`
      case 'not':
        return `(${write(given.of)}) IS NOT TRUE`
      default: {
        const neutral = given.kind === 'and' ? 'TRUE' : 'FALSE'
        return `(${given.of.map(write).join(` ${given.kind} `) || neutral})`
      }
    }
  }
  return write(condition)
}

function textTest(
  { column, where, text }: Extract<Condition, { kind: 'text' }>,
  { identifier, bind }: ExpressionWriter,
): string {
  const of = identifier(column)
  if (where === 'start') return `starts_with(lower(${of}), lower(${bind(text, 'string')}))`
  if (where === 'anywhere') return `contains(lower(${of}), lower(${bind(text, 'string')}))`
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const word = plain.replace(/[^\p{L}\p{N}]/gu, '\\$&')
  const pattern = `(^|[^\\pL\\pN])${word}${where === 'word' ? '([^\\pL\\pN]|$)' : ''}`
  return `regexp_matches(strip_accents(lower(${of})), ${bind(pattern, 'string')})`
}
