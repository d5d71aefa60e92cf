import { existsSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openDatabase } from '../duckdb/database.ts'
import type { CompactOperations } from './compact-tables.ts'

export interface CompactOptions {
  /** Of readings; nobody may hold it. */
  file: string
  /** Bytes. */
  memoryLimit?: number
  /** Told the share that is done, 0 to 1. */
  onProgress(done: number): void
  signal: AbortSignal
}

/** The copy that takes the place of a file, until it does. */
const SUFFIX = '.compacting'

/**
 * Writes the readings of a file anew into another, sorted and without holes, and puts that in its place in one step,
 * once it has been compared. Whatever ends the process, the file is the one or the other, whole.
 * @returns the size before and after, bytes
 * @throws Error where the file is held or damaged, or the disk has no room for a second one
 */
export async function compactReadings(options: CompactOptions): Promise<{ before: number; after: number }> {
  const { file, memoryLimit, onProgress, signal } = options
  const copy = `${file}${SUFFIX}`
  for (const left of [copy, `${copy}.wal`]) rmSync(left, { force: true })
  await emptyLog(file)
  const before = statSync(file).size
  const { bavail, bsize } = statfsSync(dirname(file))
  if (bavail * bsize < before)
    throw new Error(`${dirname(file)} has no room for a second ${file} (${before} bytes): make some first`)

  const database = await openDatabase<CompactOperations>({
    file: copy,
    tables: new URL('./compact-tables.ts', import.meta.url),
    settings: { from: file },
    memoryLimit,
  })
  try {
    const starts = await database.call('begin', [])
    for (const [index, start] of starts.entries()) {
      signal.throwIfAborted()
      onProgress(index / starts.length)
      await database.call('copySlice', [start])
    }
    await database.call('makeRollups', [])
    await database.call('verify', [])
    await database.close()
    signal.throwIfAborted()
    await syncPath(copy)
    renameSync(copy, file)
    await syncPath(dirname(file))
  } catch (error) {
    await database.close()
    rmSync(copy, { force: true })
    throw error
  }
  onProgress(1)
  return { before, after: statSync(file).size }
}

/** Brings a file up to date: what its log holds would be lost with it, or be taken for that of its successor. */
async function emptyLog(file: string): Promise<void> {
  const database = await openDatabase({ file, tables: new URL('../duckdb/no-tables.ts', import.meta.url) })
  await database.close()
  if (existsSync(`${file}.wal`)) throw new Error(`${file}.wal is not empty: start the hub once, then stop it`)
}

async function syncPath(path: string): Promise<void> {
  await using handle = await open(path)
  await handle.sync()
}
