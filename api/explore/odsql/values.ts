import type { Aggregate, Expression, RowFunction } from '../../../model/row-query.ts'
import { AGGREGATES, isAggregated } from '../../../model/row-query.ts'
import { formatParts } from './date-format.ts'
import { apply, constant } from './expressions.ts'
import { readMoment, readNow } from './instants.ts'
import { readPoint } from './positions.ts'
import type { Argument, Value } from './syntax.ts'
import { columnOf, type Field, findField, OdsqlError, plainField, type Terms } from './terms.ts'

export type ValueType = Exclude<Field['type'], 'geo_point_2d'>

/** What a value of a query is worked out by, and what it is. */
export interface Typed {
  of: Expression
  type: ValueType
}

const OPERATIONS: Record<string, RowFunction> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
}
const DATE_PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const

/**
 * What a value of a query is worked out by.
 * @throws OdsqlError
 */
export function resolveValue(value: Value, terms: Terms): Typed {
  switch (value.kind) {
    case 'field': {
      const field = plainField(value.name, terms)
      return { of: columnOf(field), type: field.type as ValueType }
    }
    case 'text':
      return { of: constant('string', value.value), type: 'text' }
    case 'number':
      return {
        of: constant('number', value.value),
        type: Number.isSafeInteger(value.value) ? 'int' : 'double',
      }
    case 'boolean':
      return { of: constant('boolean', value.value), type: 'boolean' }
    case 'date':
      return momentValue(readMoment(value.value, terms).time)
    case 'negative':
      return { of: apply('subtract', constant('number', 0), numberOf(value.of, terms).of), type: 'double' }
    case 'operation': {
      const [left, right] = [numberOf(value.left, terms), numberOf(value.right, terms)]
      return { of: apply(OPERATIONS[value.operator]!, left.of, right.of), type: 'double' }
    }
    case 'call':
      return resolveCall(value.name, value.to, terms)
    case 'measure':
      throw new OdsqlError(`${value.value} ${value.unit} stands only in range() and within_distance()`)
    case 'geometry':
      throw new OdsqlError(
        'A geometry stands only in distance(), within_distance(), intersects(), disjoint() and within()',
      )
    case 'all':
      throw new OdsqlError('* stands only in count(*) and range()')
  }
}

function momentValue(time: number): Typed {
  return { of: constant('datetime', new Date(time).toISOString()), type: 'datetime' }
}

/** @throws OdsqlError where it is no number */
export function numberOf(value: Value, terms: Terms): Typed {
  const typed = resolveValue(value, terms)
  if (typed.type === 'int' || typed.type === 'double') return typed
  throw new OdsqlError(`${nameOf(value)} is no number`)
}

function nameOf(value: Value): string {
  return value.kind === 'field' ? `Field ${value.name}` : 'An operand'
}

/** A written value as another type has it; undefined where it is not written out, but worked out. */
export function literalAs(type: ValueType, value: Value, terms: Terms): Expression | undefined {
  const moment =
    value.kind === 'call' && value.name === 'now'
      ? readNow(value.to, terms)
      : value.kind === 'date' || (value.kind === 'text' && (type === 'date' || type === 'datetime'))
        ? readMoment(value.value, terms)
        : undefined
  if (moment && type === 'date') return constant('date', moment.date)
  if (moment && type === 'datetime') return constant('datetime', new Date(moment.time).toISOString())
  if (moment) throw new OdsqlError(`A date is compared with ${type}`)
  if (type === 'text' && value.kind === 'number') return constant('string', value.text)
  if (value.kind !== 'text') return undefined
  if (type === 'text') return constant('string', value.value)
  if (type === 'boolean' && /^(true|false)$/i.test(value.value))
    return constant('boolean', value.value.toLowerCase() === 'true')
  const number = value.value.trim() === '' ? Number.NaN : Number(value.value)
  if (type !== 'boolean' && Number.isFinite(number)) return constant('number', number)
  throw new OdsqlError(`"${value.value}" is compared with ${type}`)
}

function resolveCall(name: string, to: readonly Argument[], terms: Terms): Typed {
  if (AGGREGATES.includes(name as Aggregate)) return resolveAggregate(name as Aggregate, to, terms)
  const part = DATE_PARTS.find(each => each === name)
  if (part) {
    const [of] = valuesOf(name, to, 1)
    return { of: apply(part, clockOf(of!, terms)), type: 'int' }
  }
  switch (name) {
    case 'length':
    case 'lower':
    case 'upper': {
      const [of] = valuesOf(name, to, 1)
      const text = resolveValue(of!, terms)
      if (text.type !== 'text') throw new OdsqlError(`${name}() takes a text`)
      return { of: apply(name, text.of), type: name === 'length' ? 'int' : 'text' }
    }
    case 'now':
      return momentValue(readNow(to, terms).time)
    case 'date_format': {
      const [of, format] = valuesOf(name, to, 2)
      if (format!.kind !== 'text') throw new OdsqlError('date_format() takes a field and a format')
      return { of: formatParts(format!.value, clockOf(of!, terms), terms.language), type: 'text' }
    }
    case 'distance': {
      const [of, geometry] = valuesOf(name, to, 2)
      return { of: metresFrom(of!, geometry!, terms), type: 'double' }
    }
    default:
      throw new OdsqlError(`Unknown function: ${name}()`)
  }
}

/** The values that a function takes, which are so many. */
export function valuesOf(name: string, to: readonly Argument[], count: number): Value[] {
  const values = to.filter(each => each.kind !== 'named')
  if (values.length === to.length && values.length === count) return values
  throw new OdsqlError(`${name}() takes ${count} ${count === 1 ? 'value' : 'values'}`)
}

/** What a clock shows at the times of a field. */
export function clockOf(value: Value, terms: Terms): Expression {
  const { of, type } = resolveValue(value, terms)
  if (type === 'date') return of
  if (type === 'datetime') return { kind: 'local', of, offsets: terms.offsets }
  throw new OdsqlError(`${nameOf(value)} is no date`)
}

/** How far a position is from a point. */
export function metresFrom(value: Value, geometry: Value, terms: Terms): Expression {
  const { longitude, latitude } = positionOf(value, terms)
  if (geometry.kind !== 'geometry')
    throw new OdsqlError(`A distance is from a point like geom'POINT(2.39 47.08)'`)
  const at = readPoint(geometry.value)
  return apply(
    'metres',
    longitude,
    latitude,
    constant('number', at.longitude),
    constant('number', at.latitude),
  )
}

/** The columns of a field that holds positions. */
export function positionOf(value: Value, terms: Terms): { longitude: Expression; latitude: Expression } {
  const field = value.kind === 'field' ? findField(value.name, terms) : undefined
  if (!field?.latitude) throw new OdsqlError(`${nameOf(value)} is no position`)
  return { longitude: columnOf(field), latitude: { kind: 'column', column: field.latitude } }
}

function resolveAggregate(aggregate: Aggregate, to: readonly Argument[], terms: Terms): Typed {
  if (aggregate === 'count') return { of: countOf(to, terms), type: 'int' }
  const [value, share] = valuesOf(aggregate, to, aggregate === 'percentile' ? 2 : 1) as [Value, Value]
  const { of, type } = resolveValue(value, terms)
  if (isAggregated(of)) throw new OdsqlError(`${aggregate}() takes no aggregation`)
  const isExtreme = aggregate === 'min' || aggregate === 'max'
  const isNumber = type === 'int' || type === 'double'
  if (!isNumber && !(isExtreme && (type === 'date' || type === 'datetime')))
    throw new OdsqlError('StatAggregation only supports numeric or date expression.')
  if (aggregate !== 'percentile')
    return {
      of: { kind: 'aggregate', aggregate, of },
      type: isExtreme || aggregate === 'sum' ? type : 'double',
    }
  if (share.kind !== 'number' || share.value > 100)
    throw new OdsqlError('percentile() takes a number from 0 to 100')
  return { of: { kind: 'aggregate', aggregate, of, share: share.value / 100 }, type: 'double' }
}

function countOf(to: readonly Argument[], terms: Terms): Expression {
  const [value] = valuesOf('count', to.length === 0 ? [{ kind: 'all', start: 0, end: 0 }] : to, 1) as [Value]
  if (value.kind === 'all') return { kind: 'aggregate', aggregate: 'count' }
  const of = value.kind === 'field' ? columnOf(findField(value.name, terms)) : resolveValue(value, terms).of
  if (isAggregated(of)) throw new OdsqlError('count() takes no aggregation')
  return { kind: 'aggregate', aggregate: 'count', of }
}
