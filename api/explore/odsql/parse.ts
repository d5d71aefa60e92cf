import {
  type Argument,
  type Comparison,
  type Condition,
  type Labelled,
  OdsqlSyntaxError,
  type Operator,
  type Ordering,
  type Pattern,
  type Predicate,
  type Selected,
  unexpected,
  type Value,
} from './syntax.ts'
import { readTokens, type Token } from './tokens.ts'

/** Words that are no fields unless they stand in back-quotes. */
const RESERVED = new Set([
  'and',
  'or',
  'not',
  'in',
  'like',
  'is',
  'null',
  'true',
  'false',
  'as',
  'asc',
  'desc',
  'to',
])
const COMPARISONS: Record<string, Comparison> = {
  ...{ '=': '=', ':': '=', '!=': '!=', '<>': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' },
}
/** Deeper than anybody writes, and shallow enough for the stack. */
const DEEPEST = 100
/** As many as the database takes in a row, beside what is nested. */
const MOST_OPERATIONS = 200

/**
 * A `where` clause; undefined of an empty one.
 * @throws OdsqlSyntaxError
 */
export function parseWhere(query: string): Condition | undefined {
  if (query.trim() === '') return undefined
  const parser = createParser(query)
  return parser.whole(parser.condition)
}

/** @throws OdsqlSyntaxError */
export function parseSelect(query: string): Selected[] {
  const parser = createParser(query)
  return parser.whole(() => parser.list(parser.selected))
}

/** @throws OdsqlSyntaxError */
export function parseGroupBy(query: string): Labelled[] {
  const parser = createParser(query)
  return parser.whole(() => parser.list(parser.labelled))
}

/** @throws OdsqlSyntaxError */
export function parseOrderBy(query: string): Ordering[] {
  const parser = createParser(query)
  return parser.whole(() => parser.list(parser.ordering))
}

/**
 * A single value, like the `facet(…)` of a facet.
 * @throws OdsqlSyntaxError
 */
export function parseValue(query: string): Value {
  const parser = createParser(query)
  return parser.whole(parser.value)
}

function createParser(query: string) {
  const tokens = readTokens(query)
  let at = 0
  let depth = 0
  let operated = 0

  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)]!
  const fail = (token = peek()): never => {
    throw unexpected(query, token)
  }
  const isSign = (value: string, ahead = 0) => {
    const token = peek(ahead)
    return token.kind === 'sign' && token.value === value
  }
  const isWord = (value: string, ahead = 0) => {
    const token = peek(ahead)
    return token.kind === 'name' && !token.quoted && token.value.toLowerCase() === value
  }
  const takeSign = (...values: string[]): string | undefined => {
    const found = values.find(value => isSign(value))
    if (found !== undefined) at++
    return found
  }
  const takeWord = (...values: string[]): string | undefined => {
    const found = values.find(value => isWord(value))
    if (found !== undefined) at++
    return found
  }
  const need = (value: string) => {
    if (takeSign(value) === undefined) fail()
  }
  const taken = () => tokens[at - 1]!

  function nested<T>(read: () => T): T {
    if (++depth > DEEPEST)
      throw new OdsqlSyntaxError(`more than ${DEEPEST} levels of parentheses in ${query}`)
    const result = read()
    depth--
    return result
  }

  function whole<T>(read: () => T): T {
    const result = read()
    if (peek().kind !== 'end') fail()
    return result
  }

  function list<T>(read: () => T): T[] {
    const items = [read()]
    while (takeSign(',')) items.push(read())
    return items
  }

  const condition = (): Condition => nested(() => joined('or', () => joined('and', negation)))

  function joined(word: 'and' | 'or', read: () => Condition): Condition {
    const first = read()
    const of = [first]
    while (takeWord(word)) of.push(read())
    return of.length === 1 ? first : { kind: word, of, start: first.start, end: taken().end }
  }

  function negation(): Condition {
    const { start } = peek()
    if (!takeWord('not')) return comparison()
    const of = nested(negation)
    return { kind: 'not', of, start, end: of.end }
  }

  /** A condition, or a value that may stand for one or be a part of one. */
  function comparison(): Condition {
    const first = peek()
    const left = sum()
    if (!isValue(left)) return left
    const operator = takeSign(...Object.keys(COMPARISONS))
    const place = () => ({ start: first.start, end: taken().end })
    if (operator === ':' && (isSign('[') || isSign(']'))) return between(left)
    if (operator !== undefined) {
      const right = needValue(sum)
      return { kind: 'compare', operator: COMPARISONS[operator]!, left, right, ...place() }
    }
    if (takeWord('in'))
      return isSign('(') ? oneOf(left) : isSign('[') || isSign(']') ? between(left) : holds(left)
    if (takeWord('like')) {
      const text = peek()
      if (text.kind !== 'text') return fail()
      at++
      return { kind: 'like', of: left, text: text.value, ...place() }
    }
    if (takeWord('is')) {
      const negated = takeWord('not') !== undefined
      const word = takeWord('null', 'true', 'false')
      if (word === undefined) return fail()
      if (word === 'null') return { kind: 'known', of: left, known: negated, ...place() }
      return { kind: 'truth', of: left, value: word === 'true', negated, ...place() }
    }
    return left
  }

  function oneOf(of: Value): Predicate {
    need('(')
    const values = list(() => needValue(sum))
    need(')')
    return { kind: 'in', of, values, start: of.start, end: taken().end }
  }

  /** `"value" in field`: one of the values of a field that has several. */
  function holds(value: Value): Predicate {
    const of = needValue(primary)
    if (of.kind !== 'field') return fail(taken())
    return { kind: 'in', of, values: [value], start: value.start, end: of.end }
  }

  function between(of: Value): Predicate {
    const opened = takeSign('[', ']')
    const low = needValue(sum)
    if (!takeSign('..') && !takeWord('to')) fail()
    const high = needValue(sum)
    const closing = takeSign('[', ']')
    if (closing === undefined) fail()
    const closed = { low: opened === '[', high: closing === ']' }
    return { kind: 'between', of, low, high, closed, start: of.start, end: taken().end }
  }

  const sum = (): Condition => operations(product, '+', '-')
  const product = (): Condition => operations(signed, '*', '/')

  function operations(read: () => Condition, ...operators: Operator[]): Condition {
    let left = read()
    while (true) {
      const sign = peek()
      const operator = takeSign(...operators) as Operator | undefined
      if (operator === undefined) return left
      if (!isValue(left)) return fail(sign)
      if (++operated > MOST_OPERATIONS)
        throw new OdsqlSyntaxError(`more than ${MOST_OPERATIONS} operations in ${query}`)
      const right = needValue(read)
      left = { kind: 'operation', operator, left, right, start: left.start, end: right.end }
    }
  }

  function signed(): Condition {
    const { start } = peek()
    if (takeSign('+')) return nested(() => needValue(signed))
    if (!takeSign('-')) return primary()
    const of = nested(() => needValue(signed))
    return { kind: 'negative', of, start, end: of.end }
  }

  function needValue(read: () => Condition): Value {
    const first = peek()
    const found = read()
    return isValue(found) ? found : fail(first)
  }

  function primary(): Condition {
    const token = peek()
    if (takeSign('(')) {
      const inner = condition()
      need(')')
      return inner
    }
    at++
    const { start, end } = token
    switch (token.kind) {
      case 'text':
        return { kind: 'text', value: token.value, start, end }
      case 'number':
        return numberOf(token)
      case 'name':
        return token.quoted ? { kind: 'field', name: token.value, start, end } : named(token)
      default:
        return fail(token)
    }
  }

  function numberOf({ value, start, end }: Extract<Token, { kind: 'number' }>): Value {
    if (!Number.isFinite(value))
      throw new OdsqlSyntaxError(`${query.slice(start, end)} is too large a number`)
    const next = peek()
    if (next.kind === 'name' && !next.quoted && !RESERVED.has(next.value.toLowerCase())) {
      at++
      return { kind: 'measure', value, unit: next.value, start, end: next.end }
    }
    return { kind: 'number', value, text: query.slice(start, end), start, end }
  }

  function named({ value: name, start, end }: Extract<Token, { kind: 'name' }>): Value {
    const word = name.toLowerCase()
    const next = peek()
    if (next.kind === 'text' && (word === 'date' || word === 'geom')) {
      at++
      return { kind: word === 'date' ? 'date' : 'geometry', value: next.value, start, end: next.end }
    }
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', start, end }
    if (RESERVED.has(word)) return fail(taken())
    if (!takeSign('(')) return { kind: 'field', name, start, end }
    const to = isSign(')') ? [] : nested(() => list(argument))
    need(')')
    return { kind: 'call', name: word, to, start, end: taken().end }
  }

  function argument(): Argument {
    const token = peek()
    if (takeSign('*')) return { kind: 'all', start: token.start, end: token.end }
    if (token.kind === 'name' && isSign('=', 1)) {
      at += 2
      const value = needValue(sum)
      return { kind: 'named', name: token.value.toLowerCase(), value, start: token.start, end: value.end }
    }
    return needValue(sum)
  }

  const value = () => needValue(sum)

  function labelled(): Labelled {
    const of = value()
    const text = query.slice(of.start, of.end)
    if (!takeWord('as')) return { of, text, label: undefined }
    const label = peek()
    if (label.kind !== 'name') return fail()
    at++
    return { of, text, label: label.value }
  }

  function selected(): Selected {
    if (takeSign('*')) return { kind: 'all' }
    const kind = (['include', 'exclude'] as const).find(word => isWord(word) && isSign('(', 1))
    if (!kind) return { kind: 'value', ...labelled() }
    at += 2
    const patterns = list(pattern)
    need(')')
    return { kind, patterns }
  }

  function pattern(): Pattern {
    const name = peek()
    if (name.kind !== 'name') return fail()
    at++
    return { name: name.value, begin: takeSign('*') !== undefined }
  }

  function ordering(): Ordering {
    const of = value()
    const text = query.slice(of.start, of.end)
    if (takeWord('asc')) return { of, text, descending: false }
    if (takeWord('desc')) return { of, text, descending: true }
    return of.kind === 'negative'
      ? { of: of.of, text: text.slice(1).trim(), descending: true }
      : { of, text, descending: false }
  }

  return { whole, list, condition, value, selected, labelled, ordering }
}

const PREDICATES = new Set(['compare', 'between', 'in', 'like', 'known', 'truth', 'and', 'or', 'not'])

function isValue(condition: Condition): condition is Value {
  return !PREDICATES.has(condition.kind)
}
