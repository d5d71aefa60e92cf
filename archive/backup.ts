import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backup as copySqlite, DatabaseSync } from 'node:sqlite'
import { syncFolder } from '../bus/folders.ts'
import { copyOutbox } from '../bus/outbox-copy.ts'
import type { Clock } from '../model/clock.ts'
import { READING_TABLES_VERSION } from '../store/embedded/reading-tables.ts'
import { FIGURE_TABLES_VERSION } from '../store/figures/figure-tables.ts'
import type { FigureStore } from '../store/figures.ts'
import { type CopyOptions, copyFile, type FileContent, readContent } from '../store/file-copy.ts'
import { FORECAST_TABLES_VERSION } from '../store/forecasts.ts'
import { PURCHASE_TABLES_VERSION } from '../store/purchases.ts'
import type { ReadingStore } from '../store/readings.ts'
import { RECORD_TABLES_VERSION } from '../store/records/record-tables.ts'
import { REVISION_TABLES_VERSION } from '../store/revisions.ts'
import { STATEMENT_TABLES_VERSION } from '../store/statements/statement-tables.ts'
import { listDataFiles, refuseInside } from './data-files.ts'
import { type Manifest, writeManifest } from './manifest.ts'

export interface BackupOptions {
  /** The data folder. */
  data: string
  /** Made where it is missing; must be empty. */
  out: string
  readings: ReadingStore
  figures: FigureStore
  /** The hash of the registry. */
  registry: string
  clock: Clock
  /** Told the share that is done, 0 to 1. */
  onProgress(done: number): void
  signal: AbortSignal
}

/** All pages in one step: while a writer comes between two, SQLite begins again. */
const ALL_PAGES = 1_000_000_000

/**
 * Copies a data folder while the hub runs on it, without its secrets. Outboxes go first and what they lead to
 * after them: a reading that is no more in an outbox is in the copy of the store, one that is in both is stored
 * once. What is left out: {@link ./data-files.ts}.
 * @throws Error where the folder is not empty or cannot be written, or a store cannot be copied
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { data, out, readings, figures, clock, onProgress, signal } = options
  refuseInside(out, data)
  await mkdir(out, { recursive: true, mode: 0o700 })
  if ((await readdir(out)).length > 0)
    throw new Error(`${out} is not empty: choose another folder for each backup`)
  const made = new Date(clock.now()).toISOString()
  const found = listDataFiles(data)
  const files: Manifest['files'] = []
  let copied = 0
  const copying: CopyOptions = {
    signal,
    onBytes(count) {
      copied += count
      onProgress(copied / Math.max(copied, found.bytes))
    },
  }
  const add = (path: string, { bytes, sha256 }: FileContent) => void files.push({ path, bytes, sha256 })
  const target = async (path: string) => {
    signal.throwIfAborted()
    await mkdir(dirname(join(out, path)), { recursive: true })
    return join(out, path)
  }

  onProgress(0)
  for (const outbox of found.outboxes) {
    const names = await copyOutbox(join(data, outbox), await target(outbox))
    for (const name of names) add(`${outbox}/${name}`, await readContent(join(out, outbox, name)))
  }
  const held = new Map<string, Pick<ReadingStore, 'copyTo'>>([
    ['readings.duckdb', readings],
    ['figures.duckdb', figures],
  ])
  for (const path of found.databases) {
    const store = held.get(path)
    const to = await target(path)
    add(path, await (store?.copyTo?.(to, copying) ?? copyFile(join(data, path), to, copying)))
  }
  for (const path of found.records) {
    const to = await target(path)
    using source = new DatabaseSync(join(data, path), { readOnly: true })
    await copySqlite(source, to, { rate: ALL_PAGES })
    add(path, await readContent(to, copying))
  }
  for (const path of found.others) add(path, await copyFile(join(data, path), await target(path), copying))

  for (const folder of new Set(files.map(({ path }) => dirname(join(out, path))))) syncFolder(folder)
  const manifest: Manifest = {
    format: 1,
    made,
    registry: options.registry,
    store: readings.copyTo ? 'embedded' : 'influxdb',
    schemas: {
      'readings.duckdb': READING_TABLES_VERSION,
      'figures.duckdb': FIGURE_TABLES_VERSION,
      'records.sqlite': RECORD_TABLES_VERSION,
      'statements.sqlite': STATEMENT_TABLES_VERSION,
      'revisions.sqlite': REVISION_TABLES_VERSION,
      'purchases.sqlite': PURCHASE_TABLES_VERSION,
      'forecasts.sqlite': FORECAST_TABLES_VERSION,
    },
    files,
  }
  writeManifest(out, manifest)
  return manifest
}
