import { parseWkt } from './geometry.ts'
import { QuerySyntaxError } from './syntax-error.ts'
import { isDate, parseDuration, parseTimeValue } from './time-value.ts'
import type { Value } from './value.ts'

export type Token =
  | { kind: 'value'; value: Value; at: number }
  | { kind: 'name'; text: string; at: number }
  | { kind: '(' | ')' | ',' | '/' | '-'; at: number }

const QUOTED = `'(?:[^']|'')*'`
const TIME = String.raw`\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})`
/** In this order: what is longer goes first. */
const PATTERNS: readonly [RegExp, (text: string) => Value | undefined][] = [
  [new RegExp(`(?:geography|geometry)${QUOTED}`, 'iy'), text => parseWkt(unquote(text))],
  [new RegExp(`duration${QUOTED}`, 'iy'), text => parseDuration(unquote(text))],
  [new RegExp(QUOTED, 'y'), unquote],
  [new RegExp(`${TIME}(?:/${TIME})?`, 'y'), parseTimeValue],
  [/\d{4}-\d{2}-\d{2}(?![\dT])/y, text => (isDate(text) ? text : undefined)],
  [/\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?/y, padTime],
  [/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y, Number],
]
const NAME = /[A-Za-z_@][\w.@]*/y
const PUNCTUATION = ['(', ')', ',', '/', '-'] as const
const WORDS = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/**
 * The tokens of an expression.
 * @throws QuerySyntaxError that says where
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const readToken = (): [Token, length: number] => {
    for (const [pattern, parse] of PATTERNS) {
      const found = match(pattern)
      if (found === undefined) continue
      const value = parse(found)
      if (value === undefined)
        throw new QuerySyntaxError(`${shorten(found)} at character ${at + 1} is no value`)
      return [{ kind: 'value', value, at }, found.length]
    }
    const name = match(NAME)
    if (name !== undefined) {
      const value = WORDS.get(name)
      return [
        value === undefined ? { kind: 'name', text: name, at } : { kind: 'value', value, at },
        name.length,
      ]
    }
    const kind = PUNCTUATION.find(each => each === text[at])
    if (kind) return [{ kind, at }, 1]
    throw new QuerySyntaxError(`${shorten(text.slice(at))} at character ${at + 1} cannot be read`)
  }
  while (true) {
    while (text[at] === ' ') at++
    if (at >= text.length) return tokens
    const [token, length] = readToken()
    tokens.push(token)
    at += length
  }
}

/** What stands between the quotes, of which one is written twice. */
export function unquote(text: string): string {
  return text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'")
}

/** `hh:mm`, or more of it, with milliseconds. */
function padTime(text: string): string | undefined {
  const [hour, minute, rest = '00'] = text.split(':')
  const [second, fraction = ''] = rest.split('.')
  const full = `${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}`
  return Number.isNaN(Date.parse(`2000-01-01T${full}Z`)) ? undefined : full
}

export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
