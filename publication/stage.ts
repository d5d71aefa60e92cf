import { join } from 'node:path'
import type { ComputedPart, ComputedParts } from './computed-parts.ts'
import { readCsv } from './csv-reader.ts'
import {
  columnsOf,
  type Dataset,
  type PartOfRows,
  type PartwiseRows,
  type Row,
  subjectOf,
} from './dataset.ts'
import { CSV } from './formats.ts'
import { compareRows } from './merge.ts'
import { HashedFile } from './objects.ts'

/** The rows of a part as they came, in a file. */
export interface StagedPart {
  name: string
  /** SHA-256, lower-case hex. */
  hash: string
  rows(): AsyncIterable<Row>
}

export interface Stage {
  parts: readonly StagedPart[]
  /** What the rows are about, see `subject` of a dataset; sorted. */
  subjects: readonly string[]
}

type Staged = Pick<Dataset, 'id' | 'schema' | 'partOf' | 'subject'>

/**
 * Sorts the rows of a dataset into its parts, on disk: there may be more than fit into memory.
 * @param folder empty, for files that are not needed any more once the parts are frozen
 * @throws Error where rows of a part are not in the order of the primary key
 */
export async function stageRows(
  dataset: Staged,
  rows: AsyncIterable<readonly Row[]>,
  folder: string,
): Promise<Stage> {
  const stage = openStage(dataset, folder)
  await stage.take(rows)
  return stage.end()
}

/**
 * The same part by part, where only those are computed that are made of something else than before.
 * @throws Error also where a row is of another part
 */
export async function stageParts(
  dataset: Staged,
  inParts: PartwiseRows,
  computed: ComputedParts,
  folder: string,
): Promise<Stage> {
  const staged: StagedPart[] = []
  const subjects = new Set<string>()
  const fresh: { part: PartOfRows; told: ComputedPart }[] = []
  const names = new Set<string>()
  const compute = async (part: PartOfRows) => {
    const stage = openStage(dataset, folder, `${part.name}-`)
    const { rows, notes } = part.rows()
    await stage.take(rows)
    const { parts, subjects } = stage.end()
    const other = parts.find(({ name }) => name !== part.name)
    if (other) throw new Error(`${dataset.id}: rows of ${other.name} came among those of ${part.name}`)
    return { staged: parts[0], subjects, notes }
  }
  for await (const part of inParts.parts()) {
    const { name, basis } = part
    names.add(name)
    const known = computed.find(dataset.id, name, basis)
    if (known) {
      const rows = async function* () {
        const { staged } = await compute(part)
        if (staged?.hash !== known.hash)
          throw new Error(`${dataset.id}: ${name} changed while it was published`)
        yield* staged!.rows()
      }
      if (known.hash !== undefined) staged.push({ name, hash: known.hash, rows })
      for (const subject of known.subjects) subjects.add(subject)
      part.follow(known.notes)
      continue
    }
    const found = await compute(part)
    if (found.staged) staged.push(found.staged)
    for (const subject of found.subjects) subjects.add(subject)
    part.follow(found.notes)
    const hash = found.staged?.hash
    fresh.push({ part, told: { name, basis, hash, subjects: found.subjects, notes: found.notes } })
  }
  const unchanged = new Set(await inParts.unchanged(fresh.map(({ part }) => part)))
  for (const { part, told } of fresh) if (unchanged.has(part)) computed.keep(dataset.id, told)
  computed.retain(dataset.id, names)
  return { parts: staged.sort(byName), subjects: [...subjects].sort() }
}

function openStage(dataset: Staged, folder: string, prefix = '') {
  const key = columnsOf(dataset.schema, dataset.schema.primaryKey)
  const subject = columnsOf(dataset.schema, dataset.subject)
  const subjects = new Set<string>()
  const parts = new Map<string, { file: HashedFile; last: Row | undefined }>()
  return {
    async take(rows: AsyncIterable<readonly Row[]>): Promise<void> {
      for await (const chunk of rows)
        for (const row of chunk) {
          const name = dataset.partOf(row)
          const part = parts.getOrInsertComputed(name, () => ({
            file: new HashedFile(join(folder, `stage-${prefix}${parts.size}`)),
            last: undefined,
          }))
          if (part.last && compareRows(part.last, row, key) >= 0)
            throw new Error(`${dataset.id}: the rows ${part.last} and ${row} come in the wrong order`)
          part.last = row
          subjects.add(subjectOf(row, subject))
          part.file.write(CSV.record(row, dataset.schema.fields))
        }
    },
    end: (): Stage => ({
      parts: [...parts]
        .map(([name, { file }]) => ({ name, hash: file.end().sha256, rows: () => readCsv(file.path) }))
        .sort(byName),
      subjects: [...subjects].sort(),
    }),
  }
}

export function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}
