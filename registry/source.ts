import { isAbsolute, relative } from 'node:path'
import { type Document, isAlias, isMap, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Problem } from './problem.ts'

/** The way to a part of a document: keys and, in lists, positions from 0. */
export type Path = readonly (string | number)[]

/** A document that remembers where each part of it was written. */
export interface Source {
  value: unknown
  /** Where a part stands: its key, or its start in a list. A part that is missing has the place of its parent. */
  locate(path: Path): Omit<Problem, 'message'>
}

export function problemAt(source: Source, path: Path, message: string): Problem {
  return { ...source.locate(path), message }
}

/**
 * Reads one YAML document. A duplicate key is a problem but the rest is usable; after a syntax error the
 * value is undefined.
 */
export function parseYaml(text: string, file: string): { source: Source; problems: Problem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  const problems = document.errors.map(error => ({
    ...place(error.pos[0]),
    path: '',
    message: error.message,
  }))
  const usable = document.errors.every(error => error.code === 'DUPLICATE_KEY')
  const source: Source = {
    value: usable ? (document.toJS() ?? {}) : undefined,
    locate: path => ({ ...place(offsetOf(document, path)), path: formatPath(path) }),
  }
  return { source, problems }
}

/** Makes a {@link parseYaml} that reads a file again only when its text has changed. */
export function rememberParsed(): typeof parseYaml {
  const known = new Map<string, { text: string; parsed: ReturnType<typeof parseYaml> }>()
  return (text, file) => {
    const last = known.get(file)
    if (last?.text === text) return last.parsed
    const parsed = parseYaml(text, file)
    known.set(file, { text, parsed })
    return parsed
  }
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function formatPath(path: Path): string {
  return path
    .map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '')
}

/** A file's name as people know it: relative to the working folder where it lies inside. */
export function displayName(file: string): string {
  const name = relative(process.cwd(), file)
  return name.startsWith('..') || isAbsolute(name) ? file : name || '.'
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = 0
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(item => String(item.key) === String(key))
      if (!pair) break
      offset = start(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof key === 'number' && node.items[key] !== undefined) {
      node = node.items[key]
      offset = start(node) ?? offset
    } else break
  }
  return offset
}

function start(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0]
}
