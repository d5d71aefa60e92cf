import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder, syncFolder } from '../../bus/folders.ts'

/** Photos by the SHA-256 of their bytes, hex: what refers to one by it cannot be shown another. */
export interface PhotoStore {
  /** @throws Error where it cannot be written */
  add(bytes: Uint8Array): string
  has(hash: string): boolean
  hashOf(bytes: Uint8Array): string
  /** Undefined where it is not there (any more), or is not what it was. */
  read(hash: string): Buffer | undefined
}

export function openPhotoStore(folder: string): PhotoStore {
  const pathOf = (hash: string) => join(folder, hash.slice(0, 2), `${hash}.jpg`)
  const store: PhotoStore = {
    add(bytes) {
      const hash = hashOf(bytes)
      // One that was damaged is written anew.
      if (store.read(hash)) return hash
      const path = pathOf(hash)
      makeFolder(dirname(path))
      writeFileSync(`${path}.new`, bytes, { flush: true, mode: 0o600 })
      renameSync(`${path}.new`, path)
      syncFolder(dirname(path))
      return hash
    },
    hashOf,
    has: hash => existsSync(pathOf(hash)),
    read(hash) {
      if (!store.has(hash)) return undefined
      const bytes = readFileSync(pathOf(hash))
      return hashOf(bytes) === hash ? bytes : undefined
    },
  }
  return store
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
