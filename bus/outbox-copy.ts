import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OUTBOX_FILE, readState, writeState } from './outbox-state.ts'
import { listSegments, segmentFile } from './segments.ts'

/** Whether a folder holds the outbox of a stream. */
export function isOutbox(folder: string): boolean {
  return existsSync(join(folder, OUTBOX_FILE))
}

/**
 * Copies an outbox into a new folder while it is in use, and gives the names of the files. What was appended
 * before the call and is not acknowledged by its end is in the copy. Opened by {@link ./outbox-runs.ts}, the copy
 * ends its run, wherever it lies.
 * @throws Error of the file system
 */
export async function copyOutbox(from: string, to: string): Promise<string[]> {
  await mkdir(to, { recursive: true })
  // The state goes first: a segment that is deleted meanwhile must not be taken for one that was never sent.
  writeState(to, { ...readState(from), place: 'a copy' })
  const names = [OUTBOX_FILE]
  for (const first of listSegments(from)) {
    try {
      const bytes = await readFile(segmentFile(from, first))
      await writeFile(segmentFile(to, first), bytes, { flush: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw error
    }
    names.push(segmentFile('', first))
  }
  return names
}
