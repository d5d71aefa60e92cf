import type { Geometry } from './geometry.ts'
import { Duration, isDate, TimeValue } from './time-value.ts'

export type Value = string | number | boolean | null | TimeValue | Duration | Geometry

/** Below, at or above 0 as `a` is before, at or behind `b`. */
function order(a: number | string | boolean, b: number | string | boolean): number {
  return a < b ? -1 : Number(a > b)
}

export type Relation = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/**
 * Whether a relation holds between two values. Null is equal to null only; what cannot be compared is unequal, and
 * stands in no order. A period is before another one where it ends no later than that begins.
 */
export function compare(relation: Relation, a: Value, b: Value): boolean {
  const [left, right] = [asTime(a, b), asTime(b, a)]
  if (left instanceof TimeValue && right instanceof TimeValue) return compareTimes(relation, left, right)
  const [x, y] = [plain(left), plain(right)]
  if (x === undefined || y === undefined || typeof x !== typeof y) {
    const equal = a === null && b === null
    return relation === 'eq' ? equal : relation === 'ne' && !equal
  }
  return holds(relation, order(x, y))
}

function holds(relation: Relation, sign: number): boolean {
  return {
    eq: sign === 0,
    ne: sign !== 0,
    lt: sign < 0,
    le: sign <= 0,
    gt: sign > 0,
    ge: sign >= 0,
  }[relation]
}

function compareTimes(relation: Relation, a: TimeValue, b: TimeValue): boolean {
  switch (relation) {
    case 'eq':
      return a.start === b.start && a.end === b.end
    case 'ne':
      return a.start !== b.start || a.end !== b.end
    case 'lt':
      return a.isInstant && b.isInstant ? a.start < b.start : a.end <= b.start
    case 'gt':
      return compareTimes('lt', b, a)
    case 'le':
      return a.start <= b.start && a.end <= b.end
    case 'ge':
      return a.start >= b.start && a.end >= b.end
  }
}

/** A date beside a time is the beginning of its day, UTC. */
function asTime(value: Value, other: Value): Value {
  const isBoth = typeof value === 'string' && other instanceof TimeValue && isDate(value)
  return isBoth ? new TimeValue(Date.parse(value)) : value
}

function plain(value: Value): number | string | boolean | undefined {
  if (value instanceof Duration) return value.ms
  return value === null || typeof value === 'object' ? undefined : value
}

/** For sorting: nulls first, then by kind, then by value. */
export function sortOrder(a: Value, b: Value): number {
  return order(rank(a), rank(b)) || order(sortKey(a), sortKey(b))
}

function rank(value: Value): number {
  if (value === null) return 0
  return ['boolean', 'number', 'string', 'object'].indexOf(typeof value) + 1
}

function sortKey(value: Value): number | string | boolean {
  if (value instanceof TimeValue) return value.start
  return plain(value) ?? 0
}

/** What an object has under a name of its own; undefined of anything else. */
export function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && !(value instanceof TimeValue)
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}
