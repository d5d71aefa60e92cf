import { EARTH_RADIUS_KM } from '../../model/distance.ts'
import type {
  Aggregate,
  Column,
  ColumnType,
  Expression,
  Operand,
  RowFunction,
} from '../../model/row-query.ts'
import { SQL_TYPES } from '../sql-types.ts'

/** `local`: what a clock shows, an ISO 8601 text without an offset. */
export type ValueType = ColumnType | 'local'

interface Written {
  type: ValueType
  sql(...to: string[]): string
}

const part = (name: string): Written => ({ type: 'integer', sql: of => `date_part('${name}', ${of})` })
const infix = (operator: string): Written => ({
  type: 'number',
  sql: (left, right) => `(CAST(${left} AS DOUBLE) ${operator} CAST(${right} AS DOUBLE))`,
})
const text = (of: string) => `CAST(${of} AS VARCHAR)`

const FUNCTIONS: Record<RowFunction, Written> = {
  add: infix('+'),
  subtract: infix('-'),
  multiply: infix('*'),
  // Nothing, as what is not known, rather than infinity.
  divide: { type: 'number', sql: (left, right) => infix('/').sql(left, `nullif(${right}, 0)`) },
  remainder: { type: 'integer', sql: (left, right) => `(${left} % ${right})` },
  floor: { type: 'number', sql: of => `floor(${of})` },
  metres: {
    type: 'number',
    // Haversine; rounding may go past 1.
    sql: (longitude, latitude, atLongitude, atLatitude) =>
      `(${2000 * EARTH_RADIUS_KM} * asin(least(1, sqrt(pow(sin(radians(${latitude} - ${atLatitude}) / 2), 2) + cos(radians(${latitude})) * cos(radians(${atLatitude})) * pow(sin(radians(${longitude} - ${atLongitude}) / 2), 2)))))`,
  },
  length: { type: 'integer', sql: of => `length(${of})` },
  lower: { type: 'string', sql: of => `lower(${of})` },
  upper: { type: 'string', sql: of => `upper(${of})` },
  concat: { type: 'string', sql: (...to) => `(${to.map(text).join(' || ')})` },
  pick: { type: 'string', sql: (at, ...texts) => `[${texts}][CAST(${at} AS BIGINT)]` },
  pad: { type: 'string', sql: (of, digits) => `lpad(${text(of)}, CAST(${digits} AS INTEGER), '0')` },
  year: part('year'),
  month: part('month'),
  day: part('day'),
  hour: part('hour'),
  minute: part('minute'),
  second: part('second'),
  'iso-year': part('isoyear'),
  week: part('week'),
  weekday: part('isodow'),
  yearday: part('doy'),
  'start-of': { type: 'local', sql: (unit, of) => `date_trunc(${unit}, CAST(${of} AS TIMESTAMP))` },
  bucket: {
    type: 'local',
    sql: (width, of) =>
      `make_timestamp_ms(CAST(floor(epoch_ms(CAST(${of} AS TIMESTAMP)) / ${width}) AS BIGINT) * ${width})`,
  },
}

/** What an expression yields. */
export function typeOf(expression: Expression, columns: readonly Column[]): ValueType {
  switch (expression.kind) {
    case 'column':
      return columns.find(({ name }) => name === expression.column)!.type
    case 'value':
      return expression.type
    case 'apply':
      return FUNCTIONS[expression.function].type
    case 'local':
      return 'local'
    case 'step':
      return 'integer'
    case 'aggregate': {
      const { aggregate, of } = expression
      if (aggregate === 'count' || !of) return 'integer'
      return aggregate === 'min' || aggregate === 'max' ? typeOf(of, columns) : 'number'
    }
  }
}

export interface ExpressionWriter {
  /** What was bound, in the order of its numbers. */
  values: Operand[]
  identifier(column: string): string
  bind(value: Operand, type: ColumnType): string
  write(expression: Expression): string
}

/** Writes expressions as SQL: names are those of columns, and what a client wrote is bound. */
export function createWriter(columns: readonly Column[]): ExpressionWriter {
  const names = new Set(columns.map(({ name }) => name))
  const values: Operand[] = []
  const identifier = (name: string) => {
    if (!names.has(name)) throw new Error(`${name} is no column`)
    return `"${name}"`
  }
  const bind = (value: Operand, type: ColumnType) => {
    // The driver takes whole numbers for BIGINT, which large ones exceed.
    values.push(typeof value === 'number' && type === 'number' ? String(value) : value)
    return `CAST($${values.length} AS ${SQL_TYPES[type]})`
  }

  function write(expression: Expression): string {
    switch (expression.kind) {
      case 'column':
        return identifier(expression.column)
      case 'value':
        return bind(expression.value, expression.type)
      case 'apply':
        return FUNCTIONS[expression.function].sql(...expression.to.map(write))
      case 'local': {
        const [first, ...later] = expression.offsets
        const instant = `epoch_ms(${write(expression.of)})`
        const cases = later.map(
          ({ from, aheadMs }) => `WHEN ${instant} >= ${whole(from)} THEN ${whole(aheadMs)}`,
        )
        const ahead = whole(first?.aheadMs ?? 0)
        return `make_timestamp_ms(${instant} + ${cases.length > 0 ? `CASE ${cases.reverse().join(' ')} ELSE ${ahead} END` : ahead})`
      }
      case 'step': {
        const of = write(expression.of)
        const cases = expression.steps.map((step, at) => `WHEN ${of} >= ${write(step)} THEN ${at}`).reverse()
        return `CASE WHEN ${of} IS NULL THEN NULL ${cases.join(' ')} ELSE -1 END`
      }
      case 'aggregate':
        return aggregated(expression.aggregate, expression.of ? write(expression.of) : '*', expression.share)
    }
  }
  return { values, identifier, bind, write }
}

function aggregated(aggregate: Aggregate, of: string, share = 0): string {
  if (aggregate !== 'percentile') return `${aggregate}(${of})`
  if (!(share >= 0 && share <= 1)) throw new Error(`${share} is no share`)
  return `quantile_cont(${of}, ${share})`
}

/** As JSON has it. An instant without the time zones of ICU, which would have to be downloaded. */
export function told(expression: string, type: ValueType): string {
  if (type === 'date') return text(expression)
  if (type === 'local') return `strftime(${expression}, '%Y-%m-%dT%H:%M:%S')`
  if (type === 'datetime') return `strftime(make_timestamp_ms(epoch_ms(${expression})), '%Y-%m-%dT%H:%M:%SZ')`
  return type === 'integer' || type === 'number' ? `CAST(${expression} AS DOUBLE)` : expression
}

/** A number of ours as SQL has it. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is not whole`)
  return String(value)
}
