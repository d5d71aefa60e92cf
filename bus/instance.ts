import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The name of the processes that keep their data in a folder: made up at the first start, and kept there. */
export function readInstance(folder: string): string {
  const file = join(folder, 'instance')
  try {
    writeFileSync(file, `${randomBytes(4).toString('hex')}\n`, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8').trim()
}
