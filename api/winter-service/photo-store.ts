import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, syncFolder } from '../../bus/folders.ts'
import { photoHash, photoPath, readPhoto } from '../../store/photos.ts'

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
  const read = (hash: string) => readPhoto(folder, hash)
  return {
    add(bytes) {
      const hash = photoHash(bytes)
      // One that was damaged is written anew.
      if (read(hash)) return hash
      const path = photoPath(folder, hash)
      makeFolder(dirname(path))
      writeFileSync(`${path}.new`, bytes, { flush: true, mode: 0o600 })
      renameSync(`${path}.new`, path)
      syncFolder(dirname(path))
      return hash
    },
    hashOf: photoHash,
    has: hash => existsSync(photoPath(folder, hash)),
    read,
  }
}
