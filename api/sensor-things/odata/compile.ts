import type { Entity, SetName } from '../model.ts'
import { TYPES } from '../model.ts'
import type { Arithmetic, Expression, PropertyPath, SortKey } from './expression.ts'
import { functionOf } from './functions.ts'
import { QuerySyntaxError } from './syntax-error.ts'
import { Duration, TimeValue } from './time-value.ts'
import { compare, memberOf, type Relation, sortOrder, type Value } from './value.ts'

/** What expressions are evaluated against. */
export interface Surroundings {
  find(set: SetName, id: string): Entity | undefined
  /** A property of an entity that is not in its values. */
  moreOf(entity: Entity, property: string): unknown
  /** ms UTC */
  now: number
  /** How many entities and combinations of values paths may still lead to. */
  steps: number
}

/** What an evaluation may take that leads over links to many. */
export const MOST_STEPS = 300_000

function spend(around: Surroundings, steps: number): void {
  around.steps -= steps
  if (around.steps < 0)
    throw new QuerySyntaxError('leads over links to too many entities: ask for less', { status: 422 })
}

/** What a path over several entities leads to: a condition holds where it holds for one of them. */
class Several {
  readonly values: readonly Value[]
  constructor(values: readonly Value[]) {
    this.values = values
  }
}

type Evaluated = Value | Several
type Evaluate = (entity: Entity) => Evaluated

/** Whether an entity meets a condition: neither false nor unknown. */
export function compileFilter(filter: Expression, around: Surroundings): (entity: Entity) => boolean {
  const evaluate = compile(filter, around)
  return entity => isTrue(evaluate(entity))
}

/** Entities in an order, each of which is evaluated once. */
export function compileOrder(
  keys: readonly SortKey[],
  around: Surroundings,
): (entities: readonly Entity[]) => Entity[] {
  const compiled = keys.map(({ expression, descending }) => ({
    evaluate: compile(expression, around),
    sign: descending ? -1 : 1,
  }))
  return entities =>
    entities
      .map(entity => ({ entity, keys: compiled.map(({ evaluate }) => firstOf(evaluate(entity))) }))
      .sort((a, b) => {
        for (const [at, { sign }] of compiled.entries()) {
          const order = sortOrder(a.keys[at]!, b.keys[at]!)
          if (order !== 0) return order * sign
        }
        return 0
      })
      .map(({ entity }) => entity)
}

/** The value of an expression that names no property; undefined of any other. */
export function constantOf(expression: Expression, now: number): Value | undefined {
  if (pathsOf(expression).length > 0) return undefined
  const around = { find: () => undefined, moreOf: () => undefined, now, steps: 0 }
  return firstOf(compile(expression, around)({ set: 'Things', id: '', values: {}, links: {} }))
}

/** Every path that an expression names. */
export function pathsOf(expression: Expression): PropertyPath[] {
  switch (expression.kind) {
    case 'value':
      return []
    case 'path':
      return [expression]
    case 'call':
      return expression.of.flatMap(pathsOf)
    case 'binary':
      return [...pathsOf(expression.left), ...pathsOf(expression.right)]
    default:
      return pathsOf(expression.of)
  }
}

function compile(expression: Expression, around: Surroundings): Evaluate {
  switch (expression.kind) {
    case 'value':
      return () => expression.value
    case 'path':
      return compilePath(expression, around)
    case 'call': {
      const { apply } = functionOf(expression.name)!
      const of = expression.of.map(each => compile(each, around))
      return entity =>
        combine(
          of.map(evaluate => evaluate(entity)),
          around,
          values => apply(values, around.now),
        )
    }
    case 'not': {
      const of = compile(expression.of, around)
      return entity => negate(truthOf(of(entity)))
    }
    case 'minus': {
      const of = compile(expression.of, around)
      return entity => combine([of(entity)], around, ([value]) => minus(value!))
    }
    case 'binary':
      return compileBinary(expression, around)
  }
}

function compileBinary(
  { operator, left, right }: Extract<Expression, { kind: 'binary' }>,
  around: Surroundings,
): Evaluate {
  const [a, b] = [compile(left, around), compile(right, around)]
  switch (operator) {
    case 'and':
      return entity => both(truthOf(a(entity)), () => truthOf(b(entity)))
    case 'or':
      return entity => negate(both(negate(truthOf(a(entity))), () => negate(truthOf(b(entity)))))
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'mod':
      return entity => combine([a(entity), b(entity)], around, ([x, y]) => calculate(operator, x!, y!))
    default:
      return entity =>
        combine([a(entity), b(entity)], around, ([x, y]) => compare(operator as Relation, x!, y!))
  }
}

function compilePath({ links, property, inner }: PropertyPath, around: Surroundings): Evaluate {
  const { find, moreOf } = around
  const read = (entity: Entity): Value => {
    const found = property === 'id' ? entity.id : (entity.values[property] ?? moreOf(entity, property))
    return inner.reduce<unknown>(memberOf, found) as Value
  }
  if (links.length === 0) return read
  return entity => {
    let reached: Entity[] = [entity]
    let isMany = false
    for (const name of links) {
      const { to, isMany: opens } = TYPES[reached[0]!.set].links[name]!
      isMany ||= opens
      const ids = new Set(reached.flatMap(each => each.links[name] ?? []))
      spend(around, ids.size + reached.length)
      reached = [...ids].flatMap(id => find(to, id) ?? [])
      if (reached.length === 0) return isMany ? new Several([]) : null
    }
    return isMany ? new Several(reached.map(read)) : read(reached[0]!)
  }
}

function combine(
  given: readonly Evaluated[],
  around: Surroundings,
  apply: (values: readonly Value[]) => Value,
): Evaluated {
  if (!given.some(each => each instanceof Several)) return apply(given.map(known))
  spend(
    around,
    given.reduce<number>((product, each) => product * listOf(each).length, 1),
  )
  const combinations = given.reduce<Value[][]>(
    (sofar, each) => sofar.flatMap(values => listOf(each).map(value => [...values, value])),
    [[]],
  )
  return new Several(combinations.map(apply))
}

function known(value: Evaluated): Value {
  return (value as Value) ?? null
}

function listOf(value: Evaluated): readonly Value[] {
  return value instanceof Several ? value.values.map(known) : [known(value)]
}

function firstOf(value: Evaluated): Value {
  return listOf(value)[0] ?? null
}

/** Null where it is unknown. */
function truthOf(value: Evaluated): boolean | null {
  const values = listOf(value)
  if (values.includes(true)) return true
  return value instanceof Several || values[0] === false ? false : null
}

function isTrue(value: Evaluated): boolean {
  return truthOf(value) === true
}

function negate(value: boolean | null): boolean | null {
  return value === null ? null : !value
}

function both(a: boolean | null, b: () => boolean | null): boolean | null {
  if (a === false) return false
  const other = b()
  return other === false ? false : a === null || other === null ? null : true
}

function minus(value: Value): Value {
  if (value instanceof Duration) return new Duration(-value.ms)
  return typeof value === 'number' ? -value : null
}

function calculate(operator: Arithmetic, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return finite(calculateNumbers(operator, a, b))
  if (operator !== 'add' && operator !== 'sub') return null
  const sign = operator === 'add' ? 1 : -1
  if (a instanceof TimeValue && b instanceof Duration) return shift(a, sign * b.ms)
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms + sign * b.ms)
  const isDifference = operator === 'sub' && a instanceof TimeValue && b instanceof TimeValue
  return isDifference ? new Duration(a.start - b.start) : null
}

function calculateNumbers(operator: Arithmetic, a: number, b: number): number {
  switch (operator) {
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return a * b
    case 'div':
      return a / b
    case 'mod':
      return a % b
  }
}

function finite(value: number): Value {
  return Number.isFinite(value) ? value : null
}

function shift({ start, end, isInstant }: TimeValue, by: number): TimeValue {
  return isInstant ? new TimeValue(start + by) : new TimeValue(start + by, end + by)
}
