import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceJsonFile } from '../bus/json-file.ts'
import { type Interval, periodsBetween } from '../model/calendar.ts'
import type { Clock } from '../model/clock.ts'
import { toColumns } from '../model/reading.ts'
import { HOUR_MS } from '../model/time.ts'
import { startOfHour } from '../store/dirty-hours.ts'
import { openDatabase } from '../store/duckdb/database.ts'
import { readContent } from '../store/file-copy.ts'
import type { ReadingStore, SeriesExtent } from '../store/readings.ts'
import type { ExportFormat, ExportOperations } from './export-tables.ts'

export interface ExportOptions {
  readings: ReadingStore
  /** Made where it is missing; must be empty. */
  out: string
  format: ExportFormat
  /** Source times with from <= time < to, ms UTC. */
  from: number
  to: number
  /** Whether a point is meant. */
  selects(point: string): boolean
  /** UCUM, where it is known. */
  unitOf(point: string): string | undefined
  clock: Clock
  /** Told the share that is done, 0 to 1. */
  onProgress(done: number): void
  signal: AbortSignal
}

export interface ExportManifest {
  format: 1
  /** ISO 8601 */
  made: string
  from: string
  to: string
  files: { path: string; readings: number; bytes: number; sha256: string }[]
  points: { point: string; unit?: string; readings: number }[]
  /**
   * What the ledger counted as received of all points in the hours of this time when the export began. More than
   * was exported where a reading came under several numbers, only some points were asked for, or retention has
   * deleted some.
   */
  received: number
}

export const EXPORT_FILE = 'export.json'

/** Asked for at once of the store. */
const PAGE = 20_000
/** In one file: what the worker holds in memory, some 100 MB. */
const FILE_READINGS = 1_000_000

/**
 * Writes readings into files, one or several a month (UTC) of their source time, by point and time. The
 * manifest, `export.json`, is written last.
 * @throws Error where the folder is not empty or cannot be written, or the store cannot be read
 */
export async function exportReadings(options: ExportOptions): Promise<ExportManifest> {
  const { readings, out, format, from, to, selects, unitOf, clock, onProgress, signal } = options
  await mkdir(out, { recursive: true })
  if ((await readdir(out)).length > 0)
    throw new Error(`${out} is not empty: choose another folder for each export`)
  const made = new Date(clock.now()).toISOString()
  const received = await countReceived(readings, { start: from, end: to })
  const series = (await readings.series())
    .filter(({ point, first, last }) => selects(point) && first < to && last >= from)
    .sort((a, b) => (a.point < b.point ? -1 : 1))
  const counts = new Map(series.map(({ point }) => [point, 0]))
  const files: ExportManifest['files'] = []
  const months = monthsOf(series, { start: from, end: to })
  const writer = await openDatabase<ExportOperations>({
    tables: new URL('./export-tables.ts', import.meta.url),
    threads: 1,
  })

  async function* pagesOfMonth(index: number) {
    const { start, end } = months[index]!
    for (const [at, { point, first, last }] of series.entries()) {
      onProgress((index + at / series.length) / months.length)
      if (last < start || first >= end) continue
      for await (const page of readPages(readings, point, { start, end })) {
        signal.throwIfAborted()
        counts.set(point, counts.get(point)! + page.times.length)
        yield page
      }
    }
  }

  try {
    for (const [index, { start }] of months.entries()) {
      let held = 0
      let part = 1
      const finish = async () => {
        const path = `${new Date(start).toISOString().slice(0, 7)}-${String(part++).padStart(3, '0')}.${format}`
        await writer.call('write', [join(out, path), format])
        files.push({ path, readings: held, ...(await readContent(join(out, path))) })
        held = 0
      }
      for await (const page of pagesOfMonth(index)) {
        await writer.call('add', [{ ...page, unit: unitOf(page.point) }])
        held += page.times.length
        if (held >= FILE_READINGS) await finish()
      }
      if (held > 0) await finish()
    }
  } finally {
    await writer.close()
  }
  onProgress(1)
  const manifest: ExportManifest = {
    format: 1,
    made,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    files,
    points: [...counts].map(([point, readings]) => ({ point, unit: unitOf(point), readings })),
    received,
  }
  replaceJsonFile(join(out, EXPORT_FILE), manifest)
  return manifest
}

/** The civil months of UTC that readings lie in, clipped to an interval. */
function monthsOf(series: readonly SeriesExtent[], { start, end }: Interval): Interval[] {
  if (series.length === 0) return []
  const first = series.reduce((min, series) => Math.min(min, series.first), Infinity)
  const last = series.reduce((max, series) => Math.max(max, series.last), -Infinity)
  const months = periodsBetween('month', Math.max(start, first), Math.min(end, last + 1), 'UTC')
  return months.map(month => ({ start: Math.max(month.start, start), end: Math.min(month.end, end) }))
}

async function* readPages(store: ReadingStore, point: string, { start, end }: Interval) {
  for (let from = start; from < end; ) {
    const page = toColumns(await store.range(point, from, end, PAGE))
    if (page.times.length > 0) yield { ...page, point }
    if (page.times.length < PAGE) return
    from = page.times.at(-1)! + 1
  }
}

async function countReceived(store: ReadingStore, { start, end }: Interval): Promise<number> {
  const entries = await store.ledger(startOfHour(start), startOfHour(end - 1) + HOUR_MS)
  const received = entries.filter(({ outcome }) => outcome === 'prompt' || outcome === 'late')
  return received.reduce((sum, { count }) => sum + count, 0)
}
