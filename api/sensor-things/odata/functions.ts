import { distance, fits, lineLength, relate, toGeometry } from './geometry.ts'
import { QuerySyntaxError } from './syntax-error.ts'
import { TimeValue } from './time-value.ts'
import type { Value } from './value.ts'

interface QueryFunction {
  /** The least and the most arguments. */
  arity: readonly [least: number, most?: number]
  /** Null where an argument is of another type than it takes. */
  apply(values: readonly Value[], now: number): Value
}

/** The functions of OGC 18-088, table 23, in its order. */
const FUNCTIONS: Readonly<Record<string, QueryFunction>> = {
  substringof: texts(2, ([part, whole]) => whole!.includes(part!)),
  endswith: texts(2, ([whole, end]) => whole!.endsWith(end!)),
  startswith: texts(2, ([whole, start]) => whole!.startsWith(start!)),
  length: texts(1, ([text]) => text!.length),
  indexof: texts(2, ([whole, part]) => whole!.indexOf(part!)),
  substring: { arity: [2, 3], apply: substring },
  tolower: texts(1, ([text]) => text!.toLowerCase()),
  toupper: texts(1, ([text]) => text!.toUpperCase()),
  trim: texts(1, ([text]) => text!.trim()),
  concat: texts(2, ([a, b]) => a! + b!),
  year: ofTime(date => date.getUTCFullYear()),
  month: ofTime(date => date.getUTCMonth() + 1),
  day: ofTime(date => date.getUTCDate()),
  hour: ofTime(date => date.getUTCHours()),
  minute: ofTime(date => date.getUTCMinutes()),
  second: ofTime(date => date.getUTCSeconds()),
  fractionalseconds: ofTime(date => date.getUTCMilliseconds() / 1000),
  date: ofTime(date => date.toISOString().slice(0, 'yyyy-mm-dd'.length)),
  time: ofTime(date => date.toISOString().slice('yyyy-mm-ddT'.length, -1)),
  // Every time here is told in UTC.
  totaloffsetminutes: ofTime(() => 0),
  now: { arity: [0], apply: (_, now) => new TimeValue(now) },
  mindatetime: { arity: [0], apply: () => new TimeValue(Date.parse('0001-01-01T00:00:00Z')) },
  maxdatetime: { arity: [0], apply: () => new TimeValue(Date.UTC(9999, 11, 31, 23, 59, 59, 999)) },
  round: ofNumber(value => Math.sign(value) * Math.round(Math.abs(value))),
  floor: ofNumber(Math.floor),
  ceiling: ofNumber(Math.ceil),
  'geo.distance': geometries(distance),
  'geo.length': {
    arity: [1],
    apply: ([value]) => {
      const line = toGeometry(value)
      return (line && lineLength(line)) ?? null
    },
  },
  'geo.intersects': related('T********', '*T*******', '***T*****', '****T****'),
  st_equals: related('T*F**FFF*'),
  st_disjoint: related('FF*FF****'),
  st_touches: related('FT*******', 'F**T*****', 'F***T****'),
  st_within: related('T*F**F***'),
  // Where one of two geometries is a point, they neither overlap nor cross (OGC 06-103r4, 6.1.15.3).
  st_overlaps: related(),
  st_crosses: related(),
  st_intersects: related('T********', '*T*******', '***T*****', '****T****'),
  st_contains: related('T*****FF*'),
  st_relate: {
    arity: [3],
    apply([a, b, pattern]) {
      if (typeof pattern !== 'string' || !/^[TF*012]{9}$/i.test(pattern)) return null
      return holds(a, b, [pattern])
    },
  },
}
export const FUNCTION_NAMES = Object.keys(FUNCTIONS)

export function functionOf(name: string): QueryFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
}

function texts(count: number, apply: (texts: readonly string[]) => Value): QueryFunction {
  return {
    arity: [count],
    apply: values => (values.every(value => typeof value === 'string') ? apply(values) : null),
  }
}

function substring([text, start, length]: readonly Value[]): Value {
  if (typeof text !== 'string' || typeof start !== 'number') return null
  if (length === undefined) return text.slice(Math.max(0, start))
  return typeof length === 'number' ? text.slice(Math.max(0, start)).slice(0, Math.max(0, length)) : null
}

/** Of a period, that of its beginning. */
function ofTime(apply: (date: Date) => Value): QueryFunction {
  return {
    arity: [1],
    apply: ([value]) => (value instanceof TimeValue ? apply(new Date(value.start)) : null),
  }
}

function ofNumber(apply: (value: number) => number): QueryFunction {
  return { arity: [1], apply: ([value]) => (typeof value === 'number' ? apply(value) : null) }
}

function geometries(
  apply: (
    a: NonNullable<ReturnType<typeof toGeometry>>,
    b: NonNullable<ReturnType<typeof toGeometry>>,
  ) => Value | undefined,
): QueryFunction {
  return {
    arity: [2],
    apply(values) {
      const [a, b] = values.map(toGeometry)
      return (a && b && apply(a, b)) ?? null
    },
  }
}

/** Whether the intersection matrix fits one of the patterns. */
function related(...patterns: readonly string[]): QueryFunction {
  return { arity: [2], apply: ([a, b]) => holds(a, b, patterns) }
}

function holds(a: Value | undefined, b: Value | undefined, patterns: readonly string[]): Value {
  const [left, right] = [toGeometry(a), toGeometry(b)]
  if (!left || !right) return null
  const matrix = relate(left, right)
  if (matrix === undefined)
    throw new QuerySyntaxError('relations are known where one of the two is a point', { status: 501 })
  return patterns.some(pattern => fits(matrix, pattern))
}
