import { readFile } from 'node:fs/promises'
import { createMemory } from './memory.ts'
import type { FoundFile } from './publication.ts'

const LARGEST_BYTES = 16 * 1024 ** 2

/** The bytes of the files that were asked for last, as far as they are not too large. */
export interface FileMemory {
  /** The whole file; undefined of one that is too large to be kept. */
  read(found: FoundFile): Promise<Buffer> | undefined
}

export function createFileMemory(): FileMemory {
  const memory = createMemory<Buffer>(content => content.length)
  return {
    read: ({ file: { sha256, bytes }, parts }) =>
      bytes > LARGEST_BYTES ? undefined : memory.read(sha256, () => readAll(parts)),
  }
}

async function readAll(parts: FoundFile['parts']): Promise<Buffer> {
  return Buffer.concat(await Promise.all(parts.map(({ path }) => readFile(path))))
}
