import { type SetName, TYPES } from '../model.ts'
import { type Expression, ID_NAMES, parseExpression, parseOrder, type SortKey } from './expression.ts'
import { shorten } from './lexer.ts'
import { QuerySyntaxError } from './syntax-error.ts'

/** What is asked of the entities of a set. */
export interface Query {
  filter?: Expression
  orderBy: readonly SortKey[]
  /** Properties, links, `id` and `selfLink`; everything where it is absent. */
  select?: readonly string[]
  /** By the name of the link. */
  expand: ReadonlyMap<string, Query>
  top?: number
  skip: number
  count: boolean
  /** As it was asked. */
  written: QueryOptions
}

export const NESTED_OPTIONS = [
  '$filter',
  '$select',
  '$orderby',
  '$skip',
  '$top',
  '$count',
  '$expand',
] as const
type Option = (typeof NESTED_OPTIONS)[number]
export type QueryOptions = Partial<Record<Option, string>>

const DEEPEST_EXPAND = 4
const MOST_EXPANDS = 20
const LARGEST = 1e9
const SELF_LINK = ['selfLink', '@iot.selfLink']

/** An option that cannot be read; which one. */
export class WrongOption extends QuerySyntaxError {
  readonly option: string
  constructor(option: string, wrong: QuerySyntaxError) {
    const { allowed, status } = wrong
    const message = wrong instanceof WrongOption ? `${wrong.option} ${wrong.message}` : wrong.message
    super(message, { allowed, status })
    this.option = option
  }
}

/**
 * What the options of an address ask of a set.
 * @throws WrongOption
 */
export function parseQuery(options: QueryOptions, set: SetName): Query {
  return readQuery(options, set, { depth: 0, expands: 0 })
}

interface Counted {
  depth: number
  expands: number
}

function readQuery(options: QueryOptions, set: SetName, counted: Counted): Query {
  const read = <T>(option: Option, parse: (text: string) => T): T | undefined => {
    const text = options[option]
    if (text === undefined) return undefined
    try {
      return parse(text)
    } catch (error) {
      throw error instanceof QuerySyntaxError ? new WrongOption(option, error) : error
    }
  }
  const filter = read('$filter', text => parseExpression(text, set))
  const select = read('$select', text => parseSelect(text, set))
  const top = read('$top', parseWhole)
  return {
    ...(filter && { filter }),
    ...(select && { select }),
    ...(top !== undefined && { top }),
    orderBy: read('$orderby', text => parseOrder(text, set)) ?? [],
    expand: read('$expand', text => parseExpand(text, set, counted)) ?? new Map(),
    skip: read('$skip', parseWhole) ?? 0,
    count: read('$count', parseTruth) ?? false,
    written: options,
  }
}

function parseWhole(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= LARGEST) return Number(text)
  throw new QuerySyntaxError('is no whole number from 0 on')
}

function parseTruth(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new QuerySyntaxError('is neither true nor false', { allowed: ['true', 'false'] })
}

function parseSelect(text: string, set: SetName): string[] {
  const { properties, links } = TYPES[set]
  const allowed = ['id', 'selfLink', ...properties, ...Object.keys(links)]
  return text.split(',').map(each => {
    const written = each.trim()
    const name = (ID_NAMES as readonly string[]).includes(written)
      ? 'id'
      : SELF_LINK.includes(written)
        ? 'selfLink'
        : written
    if (allowed.includes(name)) return name
    throw new QuerySyntaxError(`${shorten(written)} is no property of ${set}`, { allowed })
  })
}

/** `Datastreams($top=5;$expand=Sensor),Locations/Things` */
function parseExpand(text: string, set: SetName, counted: Counted): Map<string, Query> {
  if (counted.depth >= DEEPEST_EXPAND) throw new QuerySyntaxError(`goes deeper than ${DEEPEST_EXPAND} links`)
  const expand = new Map<string, Query>()
  for (const item of splitOutside(text, ',')) {
    if (++counted.expands > MOST_EXPANDS) throw new QuerySyntaxError(`has more than ${MOST_EXPANDS} links`)
    const { links } = TYPES[set]
    const [head, ...others] = splitOutside(item.trim(), '/') as [string, ...string[]]
    const [, written = '', options] = /^([A-Za-z]+)(?:\((.*)\))?$/s.exec(head) ?? []
    const link = Object.hasOwn(links, written) ? links[written] : undefined
    if (!link)
      throw new QuerySyntaxError(`${shorten(head)} is no link of ${set}`, { allowed: Object.keys(links) })
    const inside = { depth: counted.depth + 1, expands: counted.expands }
    const query = readQuery(readOptions(options), link.to, inside)
    const further = others.length === 0 ? new Map() : parseExpand(others.join('/'), link.to, inside)
    counted.expands = inside.expands
    expand.set(written, merge(expand.get(written) ?? query, query, further))
  }
  return expand
}

/** What is asked of one link in two places, as in `Datastreams/Sensor,Datastreams/Thing`. */
function merge(first: Query, second: Query, further: ReadonlyMap<string, Query>): Query {
  const expand = new Map(first.expand)
  for (const [name, query] of [...second.expand, ...further]) {
    const before = expand.get(name)
    expand.set(name, before && before !== query ? merge(before, query, new Map()) : query)
  }
  return { ...first, expand }
}

function readOptions(text: string | undefined): QueryOptions {
  const options: QueryOptions = {}
  for (const each of text ? splitOutside(text, ';') : []) {
    const at = each.indexOf('=')
    const name = each.slice(0, Math.max(at, 0)).trim()
    const option = NESTED_OPTIONS.find(known => known === name)
    if (!option)
      throw new QuerySyntaxError(`${shorten(each)} is no option of a link`, { allowed: NESTED_OPTIONS })
    options[option] = each.slice(at + 1)
  }
  return options
}

/** Splits where the separator stands neither within quotes nor within parentheses. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = []
  let [depth, start, isQuoted] = [0, 0, false]
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === "'") isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === separator && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}
