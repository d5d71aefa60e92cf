import { join } from 'node:path'
import { readJsonFile, replaceJsonFile } from '../bus/json-file.ts'
import type { Clock } from '../model/clock.ts'

/**
 * When a hub first began to publish into a folder, ms UTC; kept there from then on.
 * @param folder of the publication
 * @throws Error naming the file when it cannot be read or written
 */
export function firstStart(folder: string, clock: Pick<Clock, 'now'>): number {
  const file = join(folder, 'first-start.json')
  const kept = readJsonFile(file) as { time: number } | undefined
  if (kept) return kept.time
  const time = clock.now()
  replaceJsonFile(file, { time })
  return time
}
