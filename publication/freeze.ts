import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { constants, createBrotliCompress, gzipSync } from 'node:zlib'
import type { StreamPosition } from '../model/delivery.ts'
import { type Database, openDatabase } from '../store/duckdb/database.ts'
import type { ComputedParts } from './computed-parts.ts'
import { readParts } from './csv-reader.ts'
import type { Dataset, RowContext } from './dataset.ts'
import { CSV, FORMATS, geoJsonFeature } from './formats.ts'
import { freezePart, GZIP_SUFFIX, widen } from './freeze-part.ts'
import {
  HashedFile,
  hashObjects,
  keepAll,
  keepText,
  objectPath,
  readObjects,
  type StoredObject,
  WORK_FOLDER,
} from './objects.ts'
import type { ParquetOperations } from './parquet-tables.ts'
import { extentOf } from './provenance.ts'
import { qualityReport } from './quality.ts'
import { localSpan } from './row-dates.ts'
import { byName, type Stage, type StagedPart, stageParts, stageRows } from './stage.ts'
import {
  type Change,
  changeCells,
  type Makeup,
  type Part,
  type Span,
  type Version,
  type VersionFile,
} from './version.ts'

/** A version whose files are complete on disk. */
export interface Frozen {
  version: Version
  makeup: Makeup
  /** {@link Change}s to the version before. */
  changesFile: string
}

export interface FreezeOptions {
  dataset: Dataset
  context: RowContext
  /** What may be published, see `subjects` of a dataset. */
  allowed: ReadonlySet<string>
  /** Of the publication. */
  folder: string
  /** The newest version that is told. */
  before: { version: Version; makeup: Makeup } | undefined
  number: number
  software: string
  /** What was computed before; absent where all is to be computed. */
  computed?: ComputedParts | undefined
  /** How far the streams of readings were stored. */
  positions: readonly StreamPosition[] | undefined
  signal: AbortSignal | undefined
}

const BROTLI_QUALITY = 5
/** Of which a file is written with brotli, which cannot be joined of parts: more would be compressed anew each day. */
const MOST_BROTLI_BYTES = 64 * 1024 ** 2
/** As much as a writer of Parquet needs for the rows that it compresses together. */
const PARQUET_MEMORY = 128 * 1024 ** 2
export const PARQUET_SUFFIX = '.parquet'
export const QUALITY_SUFFIX = '.quality.json'
const [BROTLI_SUFFIX, GEOJSON_SUFFIX] = ['.csv.br', '.geojson'] as const

/** What the names of files end with, behind the id of their dataset. */
export const SUFFIXES: ReadonlySet<string> = new Set([
  ...FORMATS.map(({ suffix }) => suffix),
  ...[GZIP_SUFFIX, BROTLI_SUFFIX, PARQUET_SUFFIX, GEOJSON_SUFFIX, QUALITY_SUFFIX],
])

/**
 * Freezes the rows of a dataset into objects. Parts that have not changed since the version before stay what they are.
 * @returns undefined where there is nothing new: all rows are those of the version before, to the last cell and in the
 *   same columns, or there never were any
 */
export async function freeze(options: FreezeOptions): Promise<Frozen | undefined> {
  const { dataset, context, folder, before, allowed, positions, signal } = options
  const tmp = join(folder, WORK_FOLDER)
  rmSync(tmp, { recursive: true, force: true })
  mkdirSync(tmp, { recursive: true })

  const { parts: staged, subjects, remarks } = await stage(options, tmp)
  const columns = dataset.schema.fields.map(({ name }) => name)
  const isSame = (part: StagedPart) => before && part.hash === told.get(part.name)?.rowsHash
  const sameColumns = before?.version.schema === dataset.schema.version
  const told = new Map(before?.makeup.parts.map(part => [part.name, part]))
  if (!before && staged.length === 0) return undefined
  if (sameColumns && staged.length === told.size && staged.every(isSame)) return undefined

  const counts = { added: 0, revised: 0, withdrawn: 0 }
  const changes = new HashedFile(join(tmp, 'changes.csv'))
  const note = (change: Change) => {
    counts[change.type === 'new' ? 'added' : change.type]++
    if (before) changes.write(CSV.record(changeCells(change), dataset.schema.fields))
  }
  const isWithheld = dataset.isWithheld?.(context)
  const { timeZone } = context.registry.territory
  const parts: Part[] = []
  for (const part of [...staged, ...emptied(staged, told)].sort(byName)) {
    signal?.throwIfAborted()
    const old = told.get(part.name)
    const frozen =
      sameColumns && isSame(part)
        ? old!
        : await freezePart({
            ...{ dataset, folder, staged: part, allowed, isWithheld, note, timeZone },
            before: old && { part: old, columns: before!.makeup.columns },
          })
    if (frozen.rows > 0) parts.push(frozen)
  }
  changes.end()

  const version = {
    ...{ dataset: dataset.id, version: options.number, publishedAt: new Date(context.now).toISOString() },
    ...{ software: options.software, schema: dataset.schema.version, registry: context.registry.hash },
    ...(positions && { readings: extentOf(positions) }),
    since: before?.version.version ?? null,
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    period: datesOf(parts, timeZone),
    changes: counts,
  }
  const quality = qualityReport(version, parts, dataset.suppressions?.(context) ?? [], remarks)
  const figures = dataset.figures?.(context)
  const { files, objects } = await writeFiles(dataset, parts, quality, folder)
  return {
    version: { ...version, files },
    makeup: {
      ...{ columns, parts, objects, subjects, ...(positions && { positions }) },
      ...(figures && { figures: keepText(folder, 'figures', JSON.stringify(figures)) }),
    },
    changesFile: changes.path,
  }
}

/** All rows, or those that have to be computed. */
async function stage(
  { dataset, context, computed, signal }: FreezeOptions,
  tmp: string,
): Promise<Stage & { remarks: Record<string, unknown> }> {
  const inParts = computed && context.sources.digests && (await dataset.inParts?.(context))
  if (inParts) {
    const parts = () => untilAborted(inParts.parts(), signal)
    const staged = await stageParts(dataset, { ...inParts, parts }, computed, tmp)
    return { ...staged, remarks: await inParts.remarks() }
  }
  const remarks: Record<string, unknown> = {}
  const rows = untilAborted(dataset.rows(context, remarks), signal)
  return { ...(await stageRows(dataset, rows, tmp)), remarks }
}

async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    signal?.throwIfAborted()
    yield item
  }
}

/** Parts of the version before of which no row is left. */
function emptied(staged: readonly StagedPart[], told: ReadonlyMap<string, Part>): StagedPart[] {
  const names = new Set(staged.map(({ name }) => name))
  return [...told.keys()]
    .filter(name => !names.has(name))
    .map(name => ({ name, hash: '', rows: async function* () {} }))
}

/** First and last local date of all parts. */
function datesOf(parts: readonly Part[], timeZone: string): Span | null {
  const whole = parts.reduce((all, { period }) => widen(all, period), null as Span | null)
  return whole && localSpan(whole, timeZone)
}

/** The files of a version: those that are their parts, and those that are written anew. */
async function writeFiles(
  dataset: Dataset,
  parts: readonly Part[],
  quality: object,
  folder: string,
): Promise<Pick<Makeup, 'objects'> & { files: VersionFile[] }> {
  const { id, schema } = dataset
  const objects: Record<string, readonly StoredObject[]> = {}
  const files: VersionFile[] = []
  const add = async (suffix: string, mediaType: string, made: readonly StoredObject[]) => {
    const name = id + suffix
    objects[name] = made
    files.push({ name, mediaType, ...(await hashObjects(folder, made)) })
  }
  const keep = (chunks: Iterable<string | Buffer> | AsyncIterable<string | Buffer>) =>
    keepAll(folder, 'whole', Readable.from(chunks))
  const inParts = (suffix: string) => parts.map(part => part.objects[suffix]!)

  for (const { suffix, mediaType, head } of FORMATS) {
    const begin = head(schema.fields)
    await add(suffix, mediaType, [...(begin ? [await keep([begin])] : []), ...inParts(suffix)])
  }
  const csv = objects[id + CSV.suffix]!
  const head = await keep([gzipSync(CSV.head(schema.fields))])
  await add(GZIP_SUFFIX, 'application/gzip', [head, ...inParts(GZIP_SUFFIX)])
  if (csv.reduce((sum, { bytes }) => sum + bytes, 0) <= MOST_BROTLI_BYTES) {
    const brotli = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
    await add(BROTLI_SUFFIX, 'application/x-brotli', [
      await keep(Readable.from(readObjects(folder, csv)).pipe(brotli)),
    ])
  }
  await add(PARQUET_SUFFIX, 'application/vnd.apache.parquet', [await writeParquet(dataset, parts, folder)])
  if (dataset.position)
    await add(GEOJSON_SUFFIX, 'application/geo+json', [await keep(geoJson(dataset, parts, folder))])
  await add(QUALITY_SUFFIX, 'application/json', [await keep([`${JSON.stringify(quality, null, 2)}\n`])])
  return { files, objects }
}

async function writeParquet(
  { schema }: Dataset,
  parts: readonly Part[],
  folder: string,
): Promise<StoredObject> {
  const csv = parts.map(part => objectPath(folder, part.objects[CSV.suffix]!.sha256))
  const fields = schema.fields.map(({ name, type }) => ({ name, type }))
  const target = join(folder, WORK_FOLDER, 'whole.parquet')
  const database: Database<ParquetOperations> = await openDatabase({
    tables: new URL('./parquet-tables.ts', import.meta.url),
    ...{ threads: 1, memoryLimit: PARQUET_MEMORY },
  })
  try {
    await database.call('write', [csv, fields, target])
  } finally {
    await database.close()
  }
  return keepAll(folder, 'whole', createReadStream(target))
}

async function* geoJson(dataset: Dataset, parts: readonly Part[], folder: string): AsyncGenerator<string> {
  let before = '{"type":"FeatureCollection","features":[\n'
  for await (const row of readParts(folder, parts)) {
    yield before + geoJsonFeature(row, dataset)
    before = ',\n'
  }
  yield before === ',\n' ? '\n]}\n' : `${before}]}\n`
}
