import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml'

/**
 * Rules as people wrote them, taken out of a file and put back: every other character of the file stays as it is,
 * comments, order and line ends included.
 */

/** A rule in a file. */
export interface RuleText {
  /** As it would stand alone: without the indentation of the file. */
  text: string
  /** Where it begins in the file, from 1. */
  line: number
  /** By how much the file indents it. */
  indent: number
}

/** The rule of an id; undefined where the file has none, or cannot be read. */
export function ruleIn(text: string, id: string): RuleText | undefined {
  const found = place(text, id)
  if (!found) return undefined
  const { start, end, indent } = found
  const lines = new LineCounter()
  parseDocument(text, { lineCounter: lines })
  const margin = new RegExp(`^ {1,${indent}}`, 'gm')
  return { text: text.slice(start, end).replace(margin, ''), line: lines.linePos(start).line, indent }
}

/** @throws Error where the rule stands in a way that cannot be edited by itself */
export function withRule(text: string, id: string, rule: string): string {
  const found = place(text, id) ?? fail()
  const changed = text.slice(0, found.start) + indented(rule, found.indent, text) + text.slice(found.end)
  return verified(text, changed, rules => rules.map(each => (each.id === id ? parsed(rule) : each)))
}

/** @throws Error as {@link withRule} */
export function withoutRule(text: string, id: string): string {
  const found = place(text, id) ?? fail()
  const from = text.lastIndexOf('\n', found.start - 1) + 1
  const next = text.indexOf('\n', found.end)
  const to = next < 0 ? text.length : next + 1
  const rest = text.slice(0, from) + text.slice(to)
  const isLast = rulesOf(parseDocument(text))!.items.length === 1
  const changed = isLast ? rest.replace(/^rules:.*$/m, 'rules: []') : rest
  return verified(text, changed, rules => rules.filter(each => each.id !== id))
}

/**
 * Puts a rule behind the others of a file.
 * @throws Error as {@link withRule}
 */
export function withNewRule(text: string, rule: string): string {
  const body = /\n$/.test(text) || text === '' ? text : `${text}\n`
  const last = rulesOf(parseDocument(text))?.items.at(-1)
  const added = (rules: Rules) => [...rules, parsed(rule)]
  if (!isMap(last)) {
    const without = body.replace(/^rules:.*\n/m, '')
    return verified(text, `${without}rules:\n  - ${indented(rule, 4, text)}\n`, added)
  }
  const { end, indent } = placeOf(text, last)
  const next = body.indexOf('\n', end) + 1
  const item = `${' '.repeat(Math.max(0, indent - 2))}- ${indented(rule, indent, text)}\n`
  return verified(text, body.slice(0, next) + item + body.slice(next), added)
}

type Rules = { id?: unknown }[]

function rulesOf(document: Document.Parsed) {
  const rules = document.get('rules')
  return isSeq(rules) ? rules : undefined
}

function place(text: string, id: string) {
  const document = parseDocument(text)
  if (document.errors.length > 0) return undefined
  const rule = rulesOf(document)?.items.find(item => isMap(item) && item.get('id') === id)
  return isMap(rule) ? placeOf(text, rule) : undefined
}

/** From its first key to the end of its last line; what is said beside that line belongs to it. */
function placeOf(text: string, { range }: YAMLMap) {
  const [start, last] = range!
  const trimmed = start + text.slice(start, last).trimEnd().length
  const lineEnd = text.indexOf('\n', trimmed)
  const rest = text.slice(trimmed, lineEnd < 0 ? text.length : lineEnd)
  const end = /^\s*#/.test(rest) ? trimmed + rest.trimEnd().length : trimmed
  return { start, end, indent: start - (text.lastIndexOf('\n', start - 1) + 1) }
}

/** With the line ends of the file that it comes into. */
function indented(rule: string, indent: number, file: string): string {
  const lines = rule.trimEnd().split(/\r?\n/)
  const [first, ...others] = lines.map((line, i) => (i > 0 && line ? ' '.repeat(indent) + line : line))
  return [first, ...others].join(file.includes('\r\n') ? '\r\n' : '\n')
}

function parsed(rule: string): { id?: unknown } {
  return parseDocument(rule).toJS() ?? {}
}

/** What is written anew says what was meant, and nothing else differs. */
function verified(before: string, after: string, change: (rules: Rules) => Rules): string {
  const [was, is] = [parseDocument(before), parseDocument(after)]
  const content = (was.toJS() ?? {}) as Record<string, unknown>
  const expected = { ...content, rules: change((content.rules as Rules | undefined) ?? []) }
  if (is.errors.length > 0 || !isDeepStrictEqual(is.toJS(), expected)) fail()
  return after
}

function fail(): never {
  throw new Error('the rule stands in its file in a way that cannot be edited here: edit the file')
}
