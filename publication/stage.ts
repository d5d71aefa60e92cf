import { join } from 'node:path'
import { readCsv } from './csv-reader.ts'
import { columnsOf, type Dataset, type Row, subjectOf } from './dataset.ts'
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

/**
 * Sorts the rows of a dataset into its parts, on disk: there may be more than fit into memory.
 * @param folder empty, for files that are not needed any more once the parts are frozen
 * @throws Error where rows of a part are not in the order of the primary key
 */
export async function stageRows(
  dataset: Pick<Dataset, 'id' | 'schema' | 'partOf' | 'subject'>,
  rows: AsyncIterable<readonly Row[]>,
  folder: string,
): Promise<Stage> {
  const key = columnsOf(dataset.schema, dataset.schema.primaryKey)
  const subject = columnsOf(dataset.schema, dataset.subject)
  const subjects = new Set<string>()
  const parts = new Map<string, { file: HashedFile; last: Row | undefined }>()
  for await (const chunk of rows)
    for (const row of chunk) {
      const name = dataset.partOf(row)
      const part = parts.getOrInsertComputed(name, () => ({
        file: new HashedFile(join(folder, `stage-${parts.size}`)),
        last: undefined,
      }))
      if (part.last && compareRows(part.last, row, key) >= 0)
        throw new Error(`${dataset.id}: the rows ${part.last} and ${row} come in the wrong order`)
      part.last = row
      subjects.add(subjectOf(row, subject))
      part.file.write(CSV.record(row, dataset.schema.fields))
    }
  return {
    parts: [...parts]
      .map(([name, { file }]) => ({ name, hash: file.end().sha256, rows: () => readCsv(file.path) }))
      .sort(byName),
    subjects: [...subjects].sort(),
  }
}

export function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}
