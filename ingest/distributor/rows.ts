import { open } from 'node:fs/promises'
import { type CsvRecord, readCsvFile } from '../csv-file.ts'
import type { DistributorFormat } from './format-schema.ts'
import type { Formats } from './formats.ts'

/** What one line of a distributor's file says, by the names of its format. */
export interface DistributorRow {
  format: string
  /** A part of a file begins with a header of its own, and has its own convention of stamps. */
  part: number
  line: number
  field(name: string): string
}

/** A part of a file that no format reads. */
export interface UnreadPart {
  line: number
  /** How it begins. */
  header: string
}

/** A file whose first part has not begun by this line has none. */
const SEARCHED_LINES = 100
/** A JSON document is read whole. */
const LONGEST_DOCUMENT = 64 * 1024 ** 2

/**
 * The rows of a file in its order, and the parts that are none of the formats'.
 * @throws Error naming the file where it cannot be read
 */
export async function* readRows(file: string, formats: Formats): AsyncGenerator<DistributorRow | UnreadPart> {
  yield* (await looksLikeJson(file)) ? readJson(file, formats) : readCsv(file, formats)
}

/** Whether a file begins as those of one of the formats do: not everything that is a CSV is a distributor's. */
export async function isDistributorFile(file: string, formats: Formats): Promise<boolean> {
  for await (const row of readRows(file, formats)) if ('format' in row) return true
  return false
}

async function looksLikeJson(file: string): Promise<boolean> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
  return /^\uFEFF?\s*[[{]/.test(buffer.toString('utf8', 0, bytesRead))
}

/** Names as they are compared: without case, accents and spaces around. */
export function plain(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').trim().toLowerCase().replace(/\s+/g, ' ')
}

async function* readCsv(file: string, formats: Formats): AsyncGenerator<DistributorRow | UnreadPart> {
  const csv = [...formats].flatMap(([name, format]) =>
    'csv' in format.file ? [{ name, format, layout: format.file.csv }] : [],
  )
  const heads = csv.flatMap(({ layout }) => (layout.head ? [layout.head.map(plain)] : []))
  let head: Map<string, string> | undefined
  let headNames: string[] | undefined
  let part:
    | { name: string; until?: string | undefined; number: number; cells: Map<string, number> }
    | undefined
  let number = 0
  let isUnread = true
  for await (const { cells, line } of records(file)) {
    if (number === 0 && line > SEARCHED_LINES) return
    const names = cells.map(plain)
    if (headNames) {
      head = new Map(headNames.map((name, at) => [name, cells[at]?.trim() ?? '']))
      headNames = undefined
      continue
    }
    if (heads.some(wanted => wanted.every(name => names.includes(name)))) {
      headNames = names
      part = undefined
      isUnread = true
      continue
    }
    const found = csv.find(({ format, layout }) => isHeader(names, head, format, layout))
    if (found) {
      const at = new Map(names.map((name, position) => [name, position] as const))
      part = { name: found.name, until: found.layout.until, number: number++, cells: at }
      isUnread = false
      continue
    }
    if (part?.until !== undefined && plain(cells[0] ?? '') === plain(part.until)) {
      part = undefined
      // What follows belongs to the part.
      isUnread = false
      continue
    }
    if (!part) {
      if (isUnread) yield { line, header: describe(head, cells) }
      isUnread = false
      continue
    }
    const { cells: positions, name, number: own } = part
    const above = head
    const field = (wanted: string) => {
      const position = positions.get(plain(wanted))
      return (position === undefined ? above?.get(plain(wanted)) : cells[position])?.trim() ?? ''
    }
    yield { format: name, part: own, line, field }
  }
}

async function* records(file: string): AsyncGenerator<CsvRecord> {
  for await (const record of readCsvFile(file))
    if (record.cells.some(cell => cell.trim() !== '')) yield record
}

type CsvLayout = Extract<DistributorFormat['file'], { csv: unknown }>['csv']

function isHeader(
  names: readonly string[],
  head: ReadonlyMap<string, string> | undefined,
  { only }: DistributorFormat,
  layout: CsvLayout,
): boolean {
  if (!layout.header.every(name => names.includes(plain(name)))) return false
  if (!layout.head) return true
  if (!head || !layout.head.every(name => head.has(plain(name)))) return false
  // What a head says of a part decides by which format the part is read.
  return Object.entries(only).every(([name, allowed]) => {
    const value = head.get(plain(name))
    return value === undefined || allowed.map(plain).includes(plain(value))
  })
}

function describe(head: ReadonlyMap<string, string> | undefined, cells: readonly string[]): string {
  const above = head
    ? `${[...head.values()].filter(value => value !== '' && !/\d{5}/.test(value)).join(', ')}: `
    : ''
  return `${above}${cells.join(';')}`.slice(0, 160)
}

async function* readJson(file: string, formats: Formats): AsyncGenerator<DistributorRow | UnreadPart> {
  const layouts = [...formats].flatMap(([name, format]) =>
    'json' in format.file ? [{ name, ...format.file.json }] : [],
  )
  let number = 0
  for await (const { document, line } of documents(file)) {
    const fitting = layouts.filter(({ each, paths }) => {
      const first = expand(document, each).next().value
      return first !== undefined && paths.every(path => first.has(path))
    })
    if (fitting.length === 0) yield { line, header: JSON.stringify(document).slice(0, 80) }
    // Formats that read the same rows tell them apart by what they take `only`.
    for (const { name, each } of fitting) {
      const part = number++
      for (const row of expand(document, each))
        yield { format: name, part, line, field: path => row.get(path) ?? '' }
    }
  }
}

/** The documents of a file: one, those of a list, or one a line. */
async function* documents(file: string): AsyncGenerator<{ document: unknown; line: number }> {
  await using handle = await open(file)
  const { size } = await handle.stat()
  if (size > LONGEST_DOCUMENT) throw new Error(`${file}: is larger than ${LONGEST_DOCUMENT / 1024 ** 2} MiB`)
  const text = (await handle.readFile('utf8')).replace(/^\uFEFF/, '')
  const whole = parse(text)
  if (whole !== undefined) {
    for (const document of Array.isArray(whole) ? whole : [whole]) yield { document, line: 1 }
    return
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const document = parse(line)
    if (document === undefined) throw new Error(`${file}, line ${index + 1}: is no JSON`)
    yield { document, line: index + 1 }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Row = ReadonlyMap<string, string>

/** A row for each entry of the innermost list, with what stands around it. */
function* expand(document: unknown, each: readonly string[]): Generator<Row, undefined> {
  const around = new Map<string, string>()
  flatten(document, '', around)
  yield* expandIn(document, each, around)
}

function* expandIn(
  value: unknown,
  [list, ...rest]: readonly string[],
  around: Row,
): Generator<Row, undefined> {
  if (list === undefined) {
    yield around
    return
  }
  const entries = list.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], value)
  if (!Array.isArray(entries)) return
  for (const entry of entries) {
    const row = new Map(around)
    flatten(entry, `${list}.`, row)
    yield* expandIn(entry, rest, row)
  }
}

function flatten(value: unknown, prefix: string, row: Map<string, string>): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return
  for (const [key, held] of Object.entries(value)) {
    if (held !== null && typeof held === 'object') flatten(held, `${prefix}${key}.`, row)
    else if (held !== null) row.set(`${prefix}${key}`, String(held))
  }
}
