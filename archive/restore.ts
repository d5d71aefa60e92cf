import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lockFolder } from '../bus/folder-lock.ts'
import { syncFolder } from '../bus/folders.ts'
import { replaceJsonFile } from '../bus/json-file.ts'
import type { Clock } from '../model/clock.ts'
import { READING_TABLES_VERSION } from '../store/embedded/reading-tables.ts'
import { FIGURE_TABLES_VERSION } from '../store/figures/figure-tables.ts'
import { type CopyOptions, copyFile, readContent } from '../store/file-copy.ts'
import { FORECAST_TABLES_VERSION } from '../store/forecasts.ts'
import { PURCHASE_TABLES_VERSION } from '../store/purchases.ts'
import { RECORD_TABLES_VERSION } from '../store/records/record-tables.ts'
import { REVISION_TABLES_VERSION } from '../store/revisions.ts'
import { checkSchemaVersion } from '../store/schema-version.ts'
import { STATEMENT_TABLES_VERSION } from '../store/statements/statement-tables.ts'
import { listDataFiles, REPLACED_PREFIX, RESTORING_FILE, refuseInside } from './data-files.ts'
import { type Manifest, readManifest } from './manifest.ts'

export interface RestoreOptions {
  /** The folder of a backup. */
  backup: string
  /** The data folder: missing or empty, unless `replace`. No hub may run on it. */
  data: string
  /** Puts what is in the data folder aside first. */
  replace: boolean
  clock: Clock
  onProgress(step: 'Checking the backup' | 'Restoring', done: number): void
  signal: AbortSignal
}

export interface Restored {
  manifest: Manifest
  bytes: number
  /** Where what was in the data folder is now. */
  replaced?: string
}

const KNOWN_VERSIONS: Record<string, number> = {
  'readings.duckdb': READING_TABLES_VERSION,
  'figures.duckdb': FIGURE_TABLES_VERSION,
  'records.sqlite': RECORD_TABLES_VERSION,
  'statements.sqlite': STATEMENT_TABLES_VERSION,
  'revisions.sqlite': REVISION_TABLES_VERSION,
  'purchases.sqlite': PURCHASE_TABLES_VERSION,
  'forecasts.sqlite': FORECAST_TABLES_VERSION,
}

/**
 * Lays a backup into a data folder, after every file of it has been checked. When this is interrupted no hub starts
 * on the folder until a restore has gone through, see `refuseUnfinished`.
 * @throws Error where the backup is damaged or unfinished, or the data folder is in use or not empty; nothing has
 * changed then
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { backup, data, onProgress, signal } = options
  refuseInside(backup, data)
  const manifest = readManifest(backup)
  for (const [file, version] of Object.entries(manifest.schemas))
    checkSchemaVersion(join(backup, file), version, KNOWN_VERSIONS[file] ?? version)
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  const share = (step: Parameters<typeof onProgress>[0]) => {
    let done = 0
    onProgress(step, 0)
    const onBytes = (count: number) => {
      done += count
      onProgress(step, done / bytes)
    }
    return { signal, onBytes }
  }

  const faults = await findFaults(backup, manifest, share('Checking the backup'))
  if (faults.length > 0) {
    const told = faults.map(({ file, problem }) => `${file} ${problem}`).join('\n')
    throw new Error(`the backup ${backup} is not whole, take another one:\n${told}`)
  }
  await mkdir(data, { recursive: true })
  const replaced = await makeRoom(options)
  const marker = join(data, RESTORING_FILE)
  replaceJsonFile(marker, { backup, made: manifest.made })
  const copying = share('Restoring')
  for (const { path, sha256 } of manifest.files) {
    const to = join(data, path)
    await mkdir(dirname(to), { recursive: true })
    const copied = await copyFile(join(backup, path), to, copying)
    if (copied.sha256 !== sha256) throw new Error(`${join(backup, path)} changed while it was restored`)
  }
  for (const folder of new Set(manifest.files.map(({ path }) => dirname(join(data, path)))))
    syncFolder(folder)
  await rm(marker)
  syncFolder(data)
  return { manifest, bytes, replaced }
}

/** What of the files of a backup is not as it was written. */
export async function findFaults(
  backup: string,
  { files }: Manifest,
  options: CopyOptions,
): Promise<{ file: string; problem: string }[]> {
  const faults: { file: string; problem: string }[] = []
  for (const { path, bytes, sha256 } of files) {
    const file = join(backup, path)
    try {
      const content = await readContent(file, options)
      if (content.bytes !== bytes) faults.push({ file, problem: `has ${content.bytes} bytes, not ${bytes}` })
      else if (content.sha256 !== sha256)
        faults.push({ file, problem: 'is damaged: its SHA-256 is another one' })
    } catch (error) {
      options.signal?.throwIfAborted()
      faults.push({ file, problem: `cannot be read: ${(error as Error).message}` })
    }
  }
  return faults
}

/** Empties the data folder where that is allowed; returns where its content is now, if there was any. */
async function makeRoom({ data, replace, clock }: RestoreOptions): Promise<string | undefined> {
  const present = (await readdir(data)).filter(name => !name.startsWith(REPLACED_PREFIX))
  if (present.includes(RESTORING_FILE)) {
    for (const name of present) if (name !== RESTORING_FILE) await rm(join(data, name), { recursive: true })
    return undefined
  }
  if (present.length === 0) return undefined
  if (!replace)
    throw new Error(
      `${data} is not empty: name another folder with --data, or put its content aside with --replace`,
    )
  // Whoever runs on the folder holds one of them, but for the hub itself, which can be asked.
  for (const outbox of listDataFiles(data).outboxes) lockFolder(join(data, outbox)).release()
  const aside = join(data, `${REPLACED_PREFIX}${new Date(clock.now()).toISOString().replaceAll(':', '-')}`)
  await mkdir(aside)
  for (const name of present) await rename(join(data, name), join(aside, name))
  return aside
}
