import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonFile, replaceJsonFile } from '../bus/json-file.ts'

const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** When the first file was copied: what the hub had confirmed by then is in the backup. */
  made: z.iso.datetime(),
  /** The hash of the registry that the hub ran. */
  registry: z.string(),
  /** Where the readings are; those of an InfluxDB are not in the backup. */
  store: z.enum(['embedded', 'influxdb']),
  /** The versions of the tables, by file. */
  schemas: z.record(z.string(), z.int()),
  files: z.array(
    z.strictObject({
      /** With `/`, relative to the backup and to the data folder. */
      path: z.string().regex(/^(?!\.{1,2}\/)[^/\\]+(\/(?!\.{1,2}\/)[^/\\]+)*$/),
      bytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
})

/** What a backup holds. It is written last, so that a backup that was interrupted has none. */
export type Manifest = z.infer<typeof manifestSchema>

export const MANIFEST_FILE = 'backup.json'

export function writeManifest(folder: string, manifest: Manifest): void {
  replaceJsonFile(join(folder, MANIFEST_FILE), manifest)
}

/** @throws Error that says what is wrong with the folder */
export function readManifest(folder: string): Manifest {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  const content = readJsonFile(join(folder, MANIFEST_FILE))
  if (content === undefined)
    throw new Error(`${folder} has no ${MANIFEST_FILE}: it is no backup, or one that was interrupted`)
  const { data, error } = manifestSchema.safeParse(content)
  if (!data) throw new Error(`${join(folder, MANIFEST_FILE)} is not sound: ${z.prettifyError(error)}`)
  return data
}
