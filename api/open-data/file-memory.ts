import { readFile } from 'node:fs/promises'
import type { FoundFile } from './publication.ts'

const MIB = 1024 ** 2
const MOST_BYTES = 64 * MIB
const LARGEST_BYTES = 16 * MIB

/** The bytes of the files that were asked for last, as far as they are not too large: they never change. */
export interface FileMemory {
  /** The whole file; undefined of one that is too large to be kept. */
  read(found: FoundFile): Promise<Buffer> | undefined
}

export function createFileMemory(): FileMemory {
  /** By SHA-256, what was asked for longest ago first. */
  const kept = new Map<string, { bytes: number; content: Promise<Buffer> }>()
  let keptBytes = 0

  function forget(sha256: string): void {
    keptBytes -= kept.get(sha256)?.bytes ?? 0
    kept.delete(sha256)
  }

  return {
    read({ file: { sha256, bytes }, parts }) {
      if (bytes > LARGEST_BYTES) return undefined
      const known = kept.get(sha256)
      forget(sha256)
      const content = known?.content ?? readAll(parts)
      content.catch(() => forget(sha256))
      kept.set(sha256, { bytes, content })
      keptBytes += bytes
      for (const oldest of kept.keys()) {
        if (keptBytes <= MOST_BYTES) break
        forget(oldest)
      }
      return content
    },
  }
}

async function readAll(parts: FoundFile['parts']): Promise<Buffer> {
  return Buffer.concat(await Promise.all(parts.map(({ path }) => readFile(path))))
}
