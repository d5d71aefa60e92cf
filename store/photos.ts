import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Photos lie in a folder by the SHA-256 of their bytes, hex. */

export function photoPath(folder: string, hash: string): string {
  return join(folder, hash.slice(0, 2), `${hash}.jpg`)
}

export function photoHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Undefined where it is not there (any more), or is not what it was. */
export function readPhoto(folder: string, hash: string): Buffer | undefined {
  const path = photoPath(folder, hash)
  if (!existsSync(path)) return undefined
  const bytes = readFileSync(path)
  return photoHash(bytes) === hash ? bytes : undefined
}
