import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'

/** Refuses, before any work is done, a file that is there already. */
export function refuseExisting(file: string | undefined): void {
  if (file !== undefined && existsSync(file)) throw new Error(`${file} exists already: name another file`)
}

/** Writes a file that was not there. */
export async function writeNewFile(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' })
  console.log(`Written: ${file}`)
}
