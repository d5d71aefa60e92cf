import { type Expression, isAggregated, type Condition as RowCondition } from '../../../model/row-query.ts'
import { constant } from './expressions.ts'
import { toMetres } from './positions.ts'
import type { Argument, Comparison, Condition, Predicate, Value } from './syntax.ts'
import { columnOf, type Field, findField, OdsqlError, plainField, type Terms } from './terms.ts'
import {
  literalAs,
  metresFrom,
  numberOf,
  positionOf,
  resolveValue,
  type Typed,
  type ValueType,
  valuesOf,
} from './values.ts'

/**
 * What a row must meet.
 * @throws OdsqlError
 */
export function resolveCondition(condition: Condition, terms: Terms): RowCondition {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { kind: condition.kind, of: condition.of.map(each => resolveCondition(each, terms)) }
    case 'not':
      return { kind: 'not', of: resolveCondition(condition.of, terms) }
    case 'compare':
      return compare(condition.left, condition.operator, condition.right, terms)
    case 'between': {
      const { of, low, high, closed } = condition
      return {
        kind: 'and',
        of: [
          compare(of, closed.low ? '>=' : '>', low, terms),
          compare(of, closed.high ? '<=' : '<', high, terms),
        ],
      }
    }
    case 'in':
      return { kind: 'or', of: condition.values.map(value => compare(condition.of, '=', value, terms)) }
    case 'like': {
      const field = textField(condition.of, terms)
      return { kind: 'and', of: readWords(condition.text).map(word => wordTest(field, word)) }
    }
    case 'known':
      return { kind: 'known', column: fieldOf(condition.of, terms).column, known: condition.known }
    case 'truth':
      return truth(condition, terms)
    case 'text':
      return search(condition.value, textFields(terms), 'whole')
    case 'field': {
      const field = plainField(condition.name, terms)
      if (field.type !== 'boolean')
        throw new OdsqlError(`Field ${field.name} is no condition: it is ${field.type}`)
      return equals(columnOf(field), '=', constant('boolean', true))
    }
    case 'call':
      return resolvePredicate(condition.name, condition.to, terms)
    default:
      throw new OdsqlError('A condition is a comparison, a search or a predicate')
  }
}

function equals(left: Expression, operator: Comparison, right: Expression): RowCondition {
  if (isAggregated(left) || isAggregated(right))
    throw new OdsqlError('A condition is on rows: aggregations stand in select and order_by')
  return { kind: 'compare', left, operator, right }
}

const KINDS: Record<ValueType, string> = {
  ...{
    text: 'text',
    int: 'number',
    double: 'number',
    boolean: 'boolean',
    date: 'date',
    datetime: 'datetime',
  },
}

function compare(left: Value, operator: Comparison, right: Value, terms: Terms): RowCondition {
  const field = left.kind === 'field' ? findField(left.name, terms) : undefined
  if (field?.several) return has(field, operator, right)
  if (isWritten(left) && !isWritten(right)) {
    const [of, to] = sides(right, left, terms)
    return equals(to, operator, of)
  }
  const [of, to] = sides(left, right, terms)
  return equals(of, operator, to)
}

function isWritten({ kind }: Value): boolean {
  return kind === 'text' || kind === 'number' || kind === 'date'
}

/** Both sides of a comparison; what is written out is read as the type of the other. */
function sides(worked: Value, other: Value, terms: Terms): [Expression, Expression] {
  const { of, type } = resolveValue(worked, terms)
  const literal = literalAs(type, other, terms)
  if (literal) return [of, literal]
  const resolved: Typed = resolveValue(other, terms)
  if (KINDS[resolved.type] === KINDS[type]) return [of, resolved.of]
  throw new OdsqlError(`${type} is compared with ${resolved.type}`)
}

function has(field: Field, operator: Comparison, value: Value): RowCondition {
  if (value.kind !== 'text' || (operator !== '=' && operator !== '!='))
    throw new OdsqlError(`Field ${field.name} has several values: ask for one like ${field.name} = "…"`)
  const condition: RowCondition = { kind: 'has', column: field.column, value: value.value }
  if (operator === '=') return condition
  return {
    kind: 'and',
    of: [
      { kind: 'not', of: condition },
      { kind: 'known', column: field.column, known: true },
    ],
  }
}

function truth({ of, value, negated }: Extract<Predicate, { kind: 'truth' }>, terms: Terms): RowCondition {
  const field = fieldOf(of, terms)
  if (field.type !== 'boolean')
    throw new OdsqlError(`Field ${field.name} is not boolean: it is ${field.type}`)
  const condition = equals(columnOf(field), '=', constant('boolean', value))
  return negated ? { kind: 'not', of: condition } : condition
}

function fieldOf(value: Value, terms: Terms): Field {
  if (value.kind === 'field') return findField(value.name, terms)
  throw new OdsqlError('Only a field is tested so')
}

function textField(value: Value, terms: Terms): Field {
  const field = fieldOf(value, terms)
  if (field.type === 'text') return field
  throw new OdsqlError(`Field ${field.name} is no text: it is ${field.type}`)
}

function textFields({ fields }: Terms): Field[] {
  return fields.filter(({ type }) => type === 'text')
}

interface Word {
  text: string
  /** Whether it only has to begin so. */
  begin: boolean
}

function readWords(text: string): Word[] {
  return [...text.matchAll(/([\p{L}\p{M}\p{N}]+)(\*?)/gu)].map(([, word, star]) => ({
    text: word!,
    begin: star !== '',
  }))
}

function wordTest({ column }: Field, { text, begin }: Word): RowCondition {
  return { kind: 'text', column, where: begin ? 'word-start' : 'word', text }
}

/** Rows that have every word in any of the fields. */
function search(text: string, fields: readonly Field[], words: 'whole' | 'begin'): RowCondition {
  return {
    kind: 'and',
    of: readWords(text).map(word => ({
      kind: 'or',
      of: fields.map(field => wordTest(field, words === 'begin' ? { ...word, begin: true } : word)),
    })),
  }
}

function resolvePredicate(name: string, to: readonly Argument[], terms: Terms): RowCondition {
  switch (name) {
    case 'search':
    case 'suggest':
    case 'startswith': {
      const { fields, text } = searched(name, to, terms)
      if (name !== 'startswith') return search(text, fields, 'begin')
      return { kind: 'or', of: fields.map(({ column }) => ({ kind: 'text', column, where: 'start', text })) }
    }
    case 'in_bbox': {
      const [of, ...bounds] = valuesOf(name, to, 5)
      const { longitude, latitude } = positionOf(of!, terms)
      const [south, west, north, east] = bounds.map(bound => numberOf(bound, terms).of)
      return {
        kind: 'and',
        of: [
          equals(latitude, '>=', south!),
          equals(latitude, '<=', north!),
          equals(longitude, '>=', west!),
          equals(longitude, '<=', east!),
        ],
      }
    }
    case 'within_distance': {
      const [of, geometry, radius] = valuesOf(name, to, 3)
      return equals(metresFrom(of!, geometry!, terms), '<=', constant('number', metresOf(radius!)))
    }
    default:
      // Names it where it is none.
      resolveValue({ kind: 'call', name, to, start: 0, end: 0 }, terms)
      throw new OdsqlError(`${name}() is no condition: compare it with something`)
  }
}

function metresOf(radius: Value): number {
  if (radius.kind === 'number') return radius.value
  if (radius.kind === 'measure') return toMetres(radius.value, radius.unit)
  throw new OdsqlError('within_distance() takes a distance like 10km')
}

/** `search(field, …, "text")`, `search(*, "text")` or `search("text")`. */
function searched(name: string, to: readonly Argument[], terms: Terms): { fields: Field[]; text: string } {
  const text = to.at(-1)
  const named = to.slice(0, -1)
  if (text?.kind !== 'text')
    throw new OdsqlError(`${name}() takes fields and a text, like ${name}(field, "text")`)
  const all = named.length === 0 || (named.length === 1 && named[0]!.kind === 'all')
  const fields = all
    ? textFields(terms)
    : named.map(field => {
        if (field.kind !== 'field')
          throw new OdsqlError(`${name}() takes fields and a text, like ${name}(field, "text")`)
        return textField(field, terms)
      })
  return { fields, text: text.value }
}
