import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A key of the hub's own, made once, in a folder that no backup holds: who restores one cannot speak in our name.
 * @throws Error where it can be neither read nor made
 */
export function openOwnKey(folder: string, name: string, make: () => Buffer): Buffer {
  const own = join(folder, 'own')
  const file = join(own, name)
  mkdirSync(own, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, make(), { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file)
}
