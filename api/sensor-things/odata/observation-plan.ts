import type { Entity } from '../model.ts'
import { compileFilter, constantOf, pathsOf, type Surroundings } from './compile.ts'
import type { Expression, SortKey } from './expression.ts'
import { isDate, TimeValue } from './time-value.ts'
import type { Value } from './value.ts'

/** What a condition on observations tells of streams and times, so that little is read in vain. */
export interface ObservationPlan {
  /** Whether an observation may meet it, from what it is linked with. */
  mayMeet(observation: Entity): boolean
  /** @param isInstant of the stream: see {@link ../streams.ts} */
  within(isInstant: boolean): Within
}

export interface Within {
  /** Observations that do not begin with from <= start < to do not meet it; ms UTC. */
  from: number
  to: number
  /** Whether one that does meets it; absent where all do. */
  meets?: (observation: Entity) => boolean
}

const LINKS_OF_STREAM: readonly string[] = ['Datastream', 'FeatureOfInterest']

export function planObservations(filter: Expression | undefined, around: Surroundings): ObservationPlan {
  const conditions = filter ? conjunctsOf(filter) : []
  const streamTests = conditions.filter(isOfStream).map(condition => compileFilter(condition, around))
  const others = conditions
    .filter(condition => !isOfStream(condition))
    .map(condition => ({ condition, test: compileFilter(condition, around) }))
  return {
    mayMeet: observation => streamTests.every(test => test(observation)),
    within(isInstant) {
      const bounds = others.map(({ condition }) => boundsOf(condition, isInstant, around.now))
      const tests = others.filter((_, at) => !bounds[at]?.isAll).map(({ test }) => test)
      return {
        from: Math.max(-Infinity, ...bounds.map(each => each?.from ?? -Infinity)),
        to: Math.min(Infinity, ...bounds.map(each => each?.to ?? Infinity)),
        ...(tests.length > 0 && { meets: (observation: Entity) => tests.every(test => test(observation)) }),
      }
    },
  }
}

export type TimeOrder = 'ascending' | 'descending'

/** The direction, where observations are wanted in the order of when they begin. */
export function timeOrderOf([first, ...more]: readonly SortKey[], isInstant: boolean): TimeOrder | undefined {
  if (!first || more.length > 0 || !isTime(first.expression, isInstant)) return undefined
  return first.descending ? 'descending' : 'ascending'
}

function conjunctsOf(filter: Expression): Expression[] {
  if (filter.kind !== 'binary' || filter.operator !== 'and') return [filter]
  return [...conjunctsOf(filter.left), ...conjunctsOf(filter.right)]
}

/** Whether it is the same for all observations of a stream. */
function isOfStream(condition: Expression): boolean {
  const paths = pathsOf(condition)
  return paths.length > 0 && paths.every(({ links: [first = ''] }) => LINKS_OF_STREAM.includes(first))
}

interface Bounds {
  from: number
  to: number
  /** Whether what lies within meets the condition. */
  isAll: boolean
}

const MIRRORED: Readonly<Record<string, string>> = { lt: 'gt', gt: 'lt', le: 'ge', ge: 'le', eq: 'eq' }

/** Of a comparison of an observation's time with another one. */
function boundsOf(condition: Expression, isInstant: boolean, now: number): Bounds | undefined {
  if (condition.kind !== 'binary') return undefined
  const isLeft = isTime(condition.left, isInstant)
  const [path, other] = isLeft ? [condition.left, condition.right] : [condition.right, condition.left]
  if (!isTime(path, isInstant)) return undefined
  const time = timeOf(constantOf(other, now))
  if (!time) return undefined
  const isAll = isInstant && time.isInstant
  switch (isLeft ? condition.operator : MIRRORED[condition.operator]) {
    case 'lt':
      return { from: -Infinity, to: isAll ? time.start : time.start + 1, isAll }
    case 'le':
      return { from: -Infinity, to: time.start + 1, isAll }
    case 'gt':
      return { from: isAll ? time.start + 1 : time.end, to: Infinity, isAll }
    case 'ge':
      return { from: time.start, to: Infinity, isAll }
    case 'eq':
      return { from: time.start, to: time.start + 1, isAll }
    default:
      return undefined
  }
}

function timeOf(value: Value | undefined): TimeValue | undefined {
  if (value instanceof TimeValue) return value
  return typeof value === 'string' && isDate(value) ? new TimeValue(Date.parse(value)) : undefined
}

/** Whether it is when an observation begins, as far as order goes. */
function isTime(expression: Expression, isInstant: boolean): boolean {
  if (expression.kind !== 'path' || expression.links.length > 0) return false
  return expression.property === 'phenomenonTime' || (isInstant && expression.property === 'resultTime')
}
