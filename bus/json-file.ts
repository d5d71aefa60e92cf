import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from './folders.ts'

/**
 * What a small file of our own holds; undefined where there is none.
 * @throws Error naming the file when it cannot be read.
 */
export function readJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Replaces the whole file; it is on the disk when this returns.
 * @param mode who may read it; default: as the system says
 * @throws Error naming the file when it cannot be written; it is then the one before.
 */
export function replaceJsonFile(file: string, content: unknown, mode?: number): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(content), { flush: true, mode })
    renameSync(`${file}.new`, file)
    syncFolder(dirname(file))
  } catch (error) {
    throw new Error(`${file} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}
