import { type SetName, TYPES } from '../model.ts'
import { FUNCTION_NAMES, functionOf } from './functions.ts'
import { type Token, tokenize } from './lexer.ts'
import { QuerySyntaxError } from './syntax-error.ts'
import type { Value } from './value.ts'

export type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'mod'
export type Operator = 'or' | 'and' | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | Arithmetic

/** From an entity over links to a property, and into it. */
export interface PropertyPath {
  kind: 'path'
  links: readonly string[]
  /** Of the set that the links end in. */
  set: SetName
  /** Or `id`. */
  property: string
  inner: readonly string[]
}

export type Expression =
  | { kind: 'value'; value: Value }
  | PropertyPath
  | { kind: 'call'; name: string; of: readonly Expression[] }
  | { kind: 'binary'; operator: Operator; left: Expression; right: Expression }
  | { kind: 'not' | 'minus'; of: Expression }

/** OData 4.0 Part 2, 5.1.1.9: what binds weaker stands first. */
const LEVELS: readonly (readonly Operator[])[] = [
  ['or'],
  ['and'],
  ['eq', 'ne'],
  ['lt', 'le', 'gt', 'ge'],
  ['add', 'sub'],
  ['mul', 'div', 'mod'],
]
const MOST_PARTS = 100
const DEEPEST = 20
const LONGEST = 4000
const LONGEST_PATH = 10

export interface SortKey {
  expression: Expression
  descending: boolean
}

/**
 * A condition on the entities of a set.
 * @throws QuerySyntaxError
 */
export function parseExpression(text: string, set: SetName): Expression {
  const parser = createParser(text, set)
  const expression = parser.expression()
  parser.end()
  return expression
}

/**
 * `result desc, phenomenonTime`
 * @throws QuerySyntaxError
 */
export function parseOrder(text: string, set: SetName): SortKey[] {
  const parser = createParser(text, set)
  const keys: SortKey[] = []
  do {
    const expression = parser.expression()
    const direction = parser.word('asc', 'desc')
    keys.push({ expression, descending: direction === 'desc' })
  } while (parser.comma())
  parser.end()
  return keys
}

function createParser(text: string, set: SetName) {
  if (text.length > LONGEST) throw new QuerySyntaxError(`is longer than ${LONGEST} characters`)
  const tokens = tokenize(text)
  let at = 0
  let parts = 0
  let depth = 0

  const isNext = (kind: Token['kind']) => tokens[at]?.kind === kind
  const take = (kind: Token['kind']): boolean => {
    if (!isNext(kind)) return false
    at++
    return true
  }
  const where = () => (at < tokens.length ? `at character ${tokens[at]!.at + 1}` : 'at the end')
  const expect = (kind: Token['kind']) => {
    if (!take(kind)) throw new QuerySyntaxError(`has no ${kind} where one belongs, ${where()}`)
  }
  const word = <W extends string>(...words: readonly W[]): W | undefined => {
    const token = tokens[at]
    const found = token?.kind === 'name' ? words.find(each => each === token.text) : undefined
    if (found) at++
    return found
  }

  function binary(level: number): Expression {
    const operators = LEVELS[level]
    if (!operators) return unary()
    let left = binary(level + 1)
    for (let operator = word(...operators); operator; operator = word(...operators)) {
      count()
      left = { kind: 'binary', operator, left, right: binary(level + 1) }
    }
    return left
  }

  function unary(): Expression {
    const kind = word('not') ?? (take('-') ? 'minus' : undefined)
    return kind ? nested(() => ({ kind, of: unary() })) : primary()
  }

  function primary(): Expression {
    count()
    const token = tokens[at]
    if (token?.kind === 'value') {
      at++
      return { kind: 'value', value: token.value }
    }
    if (take('(')) {
      const inner = nested(() => binary(0))
      expect(')')
      return inner
    }
    if (token?.kind !== 'name') throw new QuerySyntaxError(`has no value where one belongs, ${where()}`)
    at++
    return take('(') ? call(token.text) : path(token.text)
  }

  function call(name: string): Expression {
    const found = functionOf(name)
    if (!found) throw new QuerySyntaxError(`${name} is no function here`, { allowed: FUNCTION_NAMES })
    const of: Expression[] = []
    if (!isNext(')'))
      do of.push(nested(() => binary(0)))
      while (take(','))
    expect(')')
    const [least, most = least] = found.arity
    if (of.length < least || of.length > most)
      throw new QuerySyntaxError(`${name} takes ${least === most ? least : `${least} or ${most}`} arguments`)
    return { kind: 'call', name, of }
  }

  function path(first: string): Expression {
    const names = [first]
    while (take('/')) {
      const token = tokens[at]
      if (token?.kind !== 'name') throw new QuerySyntaxError(`has no name behind a slash, ${where()}`)
      names.push(token.text)
      at++
    }
    return resolvePath(names, set)
  }

  function nested<T>(read: () => T): T {
    if (++depth > DEEPEST) throw new QuerySyntaxError(`is nested deeper than ${DEEPEST} times`)
    const found = read()
    depth--
    return found
  }

  function count(): void {
    if (++parts > MOST_PARTS) throw new QuerySyntaxError(`has more than ${MOST_PARTS} parts`)
  }

  return {
    expression: () => binary(0),
    word,
    comma: () => take(','),
    end() {
      if (at < tokens.length)
        throw new QuerySyntaxError(`cannot be read from character ${tokens[at]!.at + 1} on`)
    },
  }
}

/** What stands for the id of an entity. */
export const ID_NAMES = ['id', '@iot.id'] as const

function resolvePath(names: readonly string[], from: SetName): PropertyPath {
  if (names.length > LONGEST_PATH) throw new QuerySyntaxError(`has a path of more than ${LONGEST_PATH} names`)
  let set = from
  for (const [at, name] of names.entries()) {
    const { links, properties } = TYPES[set]
    const link = Object.hasOwn(links, name) ? links[name]! : undefined
    const rest = names.slice(at + 1)
    if (link?.to === 'Observations') {
      const message = `conditions on the Observations of ${set} are not answered: ask /Observations`
      throw new QuerySyntaxError(message, { status: 501 })
    }
    if (link && rest.length > 0) {
      set = link.to
      continue
    }
    const isId = (ID_NAMES as readonly string[]).includes(name)
    if (properties.includes(name) || (isId && rest.length === 0))
      return { kind: 'path', links: names.slice(0, at), set, property: isId ? 'id' : name, inner: rest }
    const allowed = ['id', ...properties, ...Object.keys(links).map(each => `${each}/…`)]
    throw new QuerySyntaxError(`${name} is no property of ${set}`, { allowed })
  }
  throw new QuerySyntaxError('names nothing')
}
