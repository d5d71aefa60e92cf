import { type FileHandle, open } from 'node:fs/promises'
import { readRecords } from './csv-reader.ts'
import { recordEnds } from './csv-scan.ts'
import type { Row } from './dataset.ts'

/** Of so many rows it is known where one begins. */
const EVERY = 512
const MOST_FILES = 4096

/** Reads rows of CSV files without what stands before them: where they begin is looked for once. */
export interface RowReader {
  /** The rows behind so many, as {@link readRecords} reads them. */
  rows(file: string, skip: number): AsyncGenerator<Row>
}

export function createRowReader(): RowReader {
  /** Where each {@link EVERY}th row begins, by file and what is in it: a file of changes may be replaced. */
  const known = new Map<string, Promise<readonly number[]>>()

  async function beginnings(path: string, file: FileHandle): Promise<readonly number[]> {
    const { ino, size, mtimeMs } = await file.stat()
    const key = `${path} ${ino} ${size} ${mtimeMs}`
    const found = known.getOrInsertComputed(key, () => findBeginnings(file))
    found.catch(() => known.delete(key))
    const [oldest] = known.keys()
    if (known.size > MOST_FILES) known.delete(oldest!)
    return found
  }

  return {
    async *rows(path, skip) {
      await using file = await open(path)
      const start = skip < EVERY ? 0 : (await beginnings(path, file))[Math.floor(skip / EVERY)]
      if (start === undefined) return
      let ahead = skip % EVERY
      for await (const row of readRecords(file.createReadStream({ start, autoClose: false })))
        if (ahead-- <= 0) yield row
    },
  }
}

async function findBeginnings(file: FileHandle): Promise<readonly number[]> {
  const beginnings = [0]
  let [text, before, rows] = ['', 0, 0]
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false, encoding: 'latin1' })) {
    text += chunk
    let at = 0
    for (const end of recordEnds(text)) {
      if (++rows % EVERY === 0) beginnings.push(before + end)
      at = end
    }
    before += at
    text = text.slice(at)
  }
  return beginnings
}
