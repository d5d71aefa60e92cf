import { makeBackup } from '../archive/backup.ts'
import type { Operation } from './operation.ts'

export interface BackupMade {
  /** ISO 8601 */
  made: string
  files: number
  bytes: number
  /** Whether the readings are in it; those of an InfluxDB are not. */
  withReadings: boolean
}

export const backUp: Operation<{ out: string }, BackupMade> = async (
  parts,
  { out },
  { progress, signal },
) => {
  const { settings, registry, clock } = parts
  const { made, files, store } = await makeBackup({
    data: settings.data,
    out,
    readings: await parts.readings(),
    figures: await parts.figures(),
    registry: registry.hash,
    clock,
    onProgress: done => progress('Backing up', done),
    signal,
  })
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return { made, files: files.length, bytes, withReadings: store === 'embedded' }
}
