import type { Field } from './dataset.ts'
import { CSV, jsonObject } from './formats.ts'
import { objectPath } from './objects.ts'
import type { Published, PublishedVersion } from './published.ts'
import type { RowReader } from './row-reader.ts'
import { type Change, toChange } from './version.ts'

/** What a pipeline has to do to its copy, in this order. */
export interface ChangePage {
  changes: Change[]
  /** From where to go on; the same as asked from where there is nothing new. */
  next: string
  /** Whether there is more now. */
  more: boolean
}

/** Why a cursor leads nowhere any more: the version that it stands in is withdrawn, or never was. */
export class EndedCursorError extends Error {}

/** Where a pipeline is: behind so many rows of a version, or behind so many changes that a version brought. */
interface Cursor {
  version: number
  kind: 'rows' | 'changes'
  done: number
}

interface Versions {
  published: Published
  /** Of the publication. */
  folder: string
  rows: RowReader
}

/**
 * One page of what changed since a cursor. Without one, the rows of the newest version as new ones, after which the
 * cursor goes on with what later versions change: replayed from zero, the changes are the file in force.
 *
 * @param limit changes on a page
 * @throws EndedCursorError
 */
export async function changesSince(
  dataset: string,
  store: Versions,
  since: string | undefined,
  limit: number,
): Promise<ChangePage> {
  const versions = store.published.versions(dataset)
  const latest = store.published.latest(dataset)
  // Whoever has read a version that is withdrawn must not keep it until there is another.
  if (!latest && since && versions.length > 0) throw new EndedCursorError(since)
  if (!latest) return { changes: [], next: since ?? '', more: false }
  let cursor = since ? readCursor(since) : { version: latest.version.version, kind: 'rows' as const, done: 0 }
  const changes: Change[] = []
  let ended = false
  while (changes.length < limit && !ended) {
    const wanted = limit - changes.length
    const found = versions.find(({ version }) => version.version === cursor.version)
    const isWhole = found && (cursor.kind === 'changes' || cursor.done === found.version.rows)
    if (!found || (found.withdrawn && !isWhole)) throw new EndedCursorError(since)
    const read = cursor.kind === 'changes' ? changesFrom : found.withdrawn ? nothing : rowsFrom
    const taken = await take(read(store, found, cursor.done), wanted)
    changes.push(...taken)
    cursor = { ...cursor, done: cursor.done + taken.length }
    if (taken.length === wanted) break
    const next = versions.find(({ version }) => version.since === cursor.version)
    if (next) cursor = { version: next.version.version, kind: 'changes', done: 0 }
    else if (cursor.version === latest.version.version) ended = true
    else throw new EndedCursorError(since)
  }
  return { changes, next: writeCursor(cursor), more: !ended }
}

/** A change as the text of a JSON object; of what was withdrawn there is the primary key only. */
export function changeText({ type, reason, row }: Change, fields: readonly Field[]): string {
  const cells = fields.flatMap((field, at) =>
    type === 'withdrawn' && row[at] === '' ? [] : [{ field, cell: row[at] ?? '' }],
  )
  const told = jsonObject(
    cells.map(({ cell }) => cell),
    cells.map(({ field }) => field),
  )
  return `{"type":"${type}",${reason ? `"reason":"${reason}",` : ''}"row":${told}}`
}

async function* rowsFrom(
  { published, folder, rows: reader }: Versions,
  { version }: PublishedVersion,
  skip: number,
): AsyncGenerator<Change> {
  let before = 0
  for (const { rows, objects } of published.makeup(version).parts) {
    if (before + rows > skip)
      for await (const row of reader.rows(
        objectPath(folder, objects[CSV.suffix]!.sha256),
        Math.max(0, skip - before),
      ))
        yield { type: 'new', row }
    before += rows
  }
}

async function* changesFrom(
  { published, rows }: Versions,
  { version }: PublishedVersion,
  skip: number,
): AsyncGenerator<Change> {
  for await (const cells of rows.rows(published.changesFile(version), skip)) yield toChange(cells)
}

async function* nothing(): AsyncGenerator<Change> {}

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const item of items) {
    taken.push(item)
    if (taken.length >= count) break
  }
  return taken
}

function writeCursor({ version, kind, done }: Cursor): string {
  return Buffer.from(`${version}.${kind}.${done}`).toString('base64url')
}

function readCursor(text: string): Cursor {
  const found = /^([1-9]\d{0,8})\.(rows|changes)\.(\d{1,12})$/.exec(Buffer.from(text, 'base64url').toString())
  if (!found) throw new EndedCursorError(text)
  return { version: Number(found[1]), kind: found[2] as Cursor['kind'], done: Number(found[3]) }
}
