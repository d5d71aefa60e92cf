import type { Formats } from './formats.ts'
import type { TreeDocument } from './json-documents.ts'
import type { UnreadPart } from './rows.ts'

/** Where a format has its rows. */
export interface DocumentLayout {
  format: string
  each: readonly string[]
  paths: readonly string[]
  lacks: readonly string[]
}

/** A row of a document, with what stands around it; plain data, as it may come from another thread. */
export interface DocumentRow {
  format: string
  part: number
  line: number
  /** By path. */
  values: ReadonlyMap<string, string>
}

export function documentLayouts(formats: Formats): DocumentLayout[] {
  return [...formats].flatMap(([format, { file }]) =>
    'document' in file ? [{ format, ...file.document }] : [],
  )
}

/** Takes documents of one file, and tells of each the rows by the formats that know its keys. */
export function openExpansion(
  layouts: readonly DocumentLayout[],
): (document: TreeDocument) => Generator<DocumentRow | UnreadPart> {
  let number = 0
  return function* ({ document, line }) {
    const fitting = layouts.filter(({ each, paths, lacks }) => {
      const first = expand(document, each).next().value
      return first && paths.every(path => first.has(path)) && !lacks.some(path => first.has(path))
    })
    if (fitting.length === 0) yield { line, header: JSON.stringify(document).slice(0, 80) }
    // Formats that read the same rows tell them apart by what they take `only`.
    for (const { format, each } of fitting) {
      const part = number++
      for (const values of expand(document, each)) yield { format, part, line, values }
    }
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
  const found = list.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], value)
  if (found === null || typeof found !== 'object') return
  // In XML, a list of one is not to be told from what is none.
  for (const entry of [found].flat()) {
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
