import { OdsqlSyntaxError, type Place, unexpected } from './syntax.ts'

export type Token = Place &
  /** `quoted` in back-quotes: never a keyword. */
  (
    | { kind: 'name'; value: string; quoted: boolean }
    | { kind: 'text'; value: string }
    | { kind: 'number'; value: number }
    | { kind: 'sign'; value: string }
    | { kind: 'end' }
  )

const PATTERNS = {
  space: /\s+/y,
  // With what follows a full stop: metadata are named `default.title`.
  name: /[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*/uy,
  quotedName: /`((?:[^`\\]|\\.)+)`/sy,
  text: /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy,
  // Not the full stops of `1..10`.
  number: /\d+(\.\d+)?([eE][+-]?\d+)?/y,
  sign: /\.\.|!=|<>|<=|>=|[-+*/=<>:(),[\]]/y,
}

/**
 * The words of a query, and its end.
 * @throws OdsqlSyntaxError
 */
export function readTokens(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(query)
  }
  while (at < query.length) {
    const space = match(PATTERNS.space)
    if (space) {
      at += space[0].length
      continue
    }
    const { length, ...token } = readToken(match) ?? fail(query, at)
    tokens.push({ ...token, start: at, end: at + length } as Token)
    at += length
  }
  tokens.push({ kind: 'end', start: query.length, end: query.length })
  return tokens
}

type Read = { length: number } & (
  | { kind: 'name'; value: string; quoted: boolean }
  | { kind: 'text' | 'sign'; value: string }
  | { kind: 'number'; value: number }
)

function readToken(match: (pattern: RegExp) => RegExpExecArray | null): Read | undefined {
  const name = match(PATTERNS.name)
  if (name) return { kind: 'name', value: name[0], quoted: false, length: name[0].length }
  const quotedName = match(PATTERNS.quotedName)
  if (quotedName)
    return { kind: 'name', value: unescaped(quotedName[1]!), quoted: true, length: quotedName[0].length }
  const text = match(PATTERNS.text)
  if (text) return { kind: 'text', value: unescaped(text[1] ?? text[2]!), length: text[0].length }
  const number = match(PATTERNS.number)
  if (number) return { kind: 'number', value: Number(number[0]), length: number[0].length }
  const sign = match(PATTERNS.sign)
  return sign ? { kind: 'sign', value: sign[0], length: sign[0].length } : undefined
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}

function fail(query: string, at: number): never {
  if (/["'`]/.test(query[at]!))
    throw new OdsqlSyntaxError(`the ${query[at]} at position ${at} is never closed in ${query}`)
  throw unexpected(query, { start: at, end: at + String.fromCodePoint(query.codePointAt(at)!).length })
}
