import type { DuckDBConnection } from '@duckdb/node-api'
import { BIGINT, INTEGER, SMALLINT, VARCHAR } from '@duckdb/node-api'
import type { StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { DirtySpan } from '../dirty-hours.ts'
import { DirtyHours, startOfHour } from '../dirty-hours.ts'
import { append, type Column } from '../duckdb/append.ts'
import { rows, transaction } from '../duckdb/tables.ts'
import type { WriteOutcome } from '../readings.ts'
import { appendLedger, growBy } from './ledger-table.ts'
import type { BatchPoints } from './named-points.ts'
import type { PackedReadings } from './packed.ts'
import { packedValue } from './packed.ts'
import { readingColumns } from './reading-columns.ts'
import type { Dictionary, ReadingTables } from './reading-tables.ts'
import { refusedBefore } from './retention.ts'

/** Temporary tables through which a write goes; to be made once for a connection. */
export const STAGES = [
  `CREATE OR REPLACE TEMP TABLE stage (row INTEGER, point_id INTEGER, time BIGINT, num DOUBLE,
  bool BOOLEAN, text VARCHAR, quality_id SMALLINT, gateway_time BIGINT)`,
  'CREATE OR REPLACE TEMP TABLE position_stage AS FROM position LIMIT 0',
]
const COLUMNS = 'point_id, time, num, bool, text, quality_id, gateway_time'

/**
 * Writes readings, positions and ledger in one transaction. A reading newer than everything of its point needs
 * no look at what is stored, which is every reading of an import and nearly every one of live data; neither
 * does one of a backlog that fills the hole before it.
 */
export async function writeReadings(
  tables: ReadingTables,
  readings: PackedReadings,
  positions: readonly StreamPosition[],
  ledger: readonly LedgerEntry[],
): Promise<WriteOutcome> {
  const { connection } = tables
  const batch = tables.named.place(readings, name => tables.points.ids.get(name))
  const newPoints = unknownNames(tables.points, batch)
  const newQualities = unknownCodes(tables.qualities, readings.codes)
  const pointIds = Int32Array.from(batch.places, place => batch.ids[place]!)
  const qualityIds = readings.codes.map(code => tables.qualities.ids.get(code) ?? newQualities.get(code)!)
  const limits = refusedBefore(tables.retention, readings, batch)
  const { fresh, others, newest, holes, refused } = splitRows(tables, readings, batch, limits)
  const dirty = newlyDirty(tables.dirty, readings, batch, limits)
  const advances = !tables.positions.hold(positions)

  const outcome = await transaction(connection, async () => {
    await appendNames(connection, 'point', INTEGER, newPoints)
    await appendNames(connection, 'quality', SMALLINT, newQualities)
    await append(connection, 'reading', readingColumns(readings, fresh, pointIds, qualityIds), fresh.length)
    const conflicts: number[] = []
    let written = fresh.length
    for (const ofDay of byDay(readings, others)) {
      const row: Column = { type: INTEGER, data: Int32Array.from(ofDay) }
      const columns = [row, ...readingColumns(readings, ofDay, pointIds, qualityIds)]
      await append(connection, 'stage', columns, ofDay.length)
      written += await insertMissing(connection, readings, ofDay)
      conflicts.push(...(await differing(connection, readings, ofDay)))
      await connection.run('DELETE FROM stage')
    }
    await appendDirty(connection, dirty)
    if (conflicts.length === 0 && refused.length === 0 && advances) {
      await writePositions(connection, positions)
      await appendLedger(connection, ledger)
    }
    const repeated = readings.times.length - written - conflicts.length - refused.length
    return { written, repeated, conflicts }
  })

  remember(tables.points, newPoints)
  remember(tables.qualities, newQualities)
  for (const span of dirty) tables.dirty.add(span)
  if (outcome.conflicts.length === 0 && refused.length === 0 && advances) {
    tables.positions.add(positions)
    tables.ledgerGrowth = growBy(tables.ledgerGrowth, ledger)
  }
  for (let place = 0; place < newest.length; place++) {
    const row = newest[place]!
    const { start, end } = holes[place]!
    if (row >= 0) {
      const quality = readings.codes[readings.qualities[row]!]!
      const value = packedValue(readings, row)
      tables.latest.set(batch.ids[place]!, readings.times[row]!, value, quality, readings.gatewayTimes[row]!)
    }
    tables.latest.setHole(batch.ids[place]!, start, end)
  }
  noteFirsts(tables, readings, batch)
  outcome.conflicts.sort((a, b) => a - b)
  if (refused.length === 0) return outcome
  const reasonOf = (place: number) =>
    `readings of ${batch.names[place]} of before ${new Date(limits![place]!).toISOString()} are not kept ` +
    '(retention): only their hourly statistics are'
  return { ...outcome, refused: refused.map(row => ({ index: row, reason: reasonOf(batch.places[row]!) })) }
}

/** Forgets the first reading of points that may have an earlier one now: it is looked up again. */
function noteFirsts(
  { firsts }: ReadingTables,
  { times }: PackedReadings,
  { ids, places }: BatchPoints,
): void {
  if (firsts.size === 0) return
  const known = Float64Array.from(ids, id => firsts.get(id) ?? -Infinity)
  for (let row = 0; row < times.length; row++) {
    const place = places[row]!
    if (times[row]! < known[place]!) firsts.delete(ids[place]!)
  }
}

/**
 * Rows of which nothing can be stored: newer than every reading of their point, stored or before them in the
 * batch, or in the hole that an outage has left. By point: DuckDB reads the values of a block only where the
 * point occurs in it, and packs equal neighbours tightly. And the other rows, and those before the limits that
 * some places have.
 */
function splitRows(
  { latest }: ReadingTables,
  { times }: PackedReadings,
  { ids, places }: BatchPoints,
  limits: Float64Array | undefined,
) {
  const newestTime = Float64Array.from(ids, id => latest.time(id))
  const holes = Array.from(ids, id => latest.hole(id))
  /** By place: the row that is the point's newest from now on, or -1. */
  const newest = new Int32Array(ids.length).fill(-1)
  /** By place: how many of its rows are new, then where the next of them belongs. */
  const nextOf = new Uint32Array(ids.length)
  const isNew = new Uint8Array(times.length)
  const others: number[] = []
  const refused: number[] = []
  for (let row = 0; row < times.length; row++) {
    const place = places[row]!
    const time = times[row]!
    const before = newestTime[place]!
    const hole = holes[place]!
    if (limits && time < limits[place]!) {
      refused.push(row)
      continue
    }
    if (time > before) {
      if (time - before > hole.end - hole.start) holes[place] = { start: before, end: time }
      newestTime[place] = time
      newest[place] = row
    } else if (hole.start < time && time < hole.end) hole.start = time
    else {
      others.push(row)
      continue
    }
    isNew[row] = 1
    nextOf[place]!++
  }
  let next = 0
  for (let place = 0; place < nextOf.length; place++) {
    const count = nextOf[place]!
    nextOf[place] = next
    next += count
  }
  const fresh = new Uint32Array(next)
  for (let row = 0; row < times.length; row++) if (isNew[row]) fresh[nextOf[places[row]!]!++] = row
  return { fresh, others, newest, holes, refused }
}

/** One old row would widen the scan of all others: each UTC day is looked up on its own. */
function byDay({ times }: PackedReadings, batch: readonly number[]): Iterable<number[]> {
  return Map.groupBy(batch, row => Math.floor(times[row]! / DAY_MS)).values()
}

/** Inserts the first row of each key that is not stored. Returns how many. */
async function insertMissing(connection: DuckDBConnection, readings: PackedReadings, batch: number[]) {
  const result = await connection.run(`INSERT INTO reading SELECT ${COLUMNS} FROM stage
    ANTI JOIN (SELECT point_id, time FROM reading WHERE ${timeBounds(readings, batch)}) USING (point_id, time)
    QUALIFY row_number() OVER (PARTITION BY point_id, time ORDER BY row) = 1`)
  return result.rowsChanged
}

/** Staged rows whose key holds something else; to be called when every key is there. */
async function differing(connection: DuckDBConnection, readings: PackedReadings, batch: number[]) {
  const found = await rows(
    connection,
    `SELECT row FROM stage JOIN reading USING (point_id, time)
     WHERE ${timeBounds(readings, batch, 'reading.')} AND (
       stage.num IS DISTINCT FROM reading.num OR stage.bool IS DISTINCT FROM reading.bool OR
       stage.text IS DISTINCT FROM reading.text OR stage.quality_id <> reading.quality_id)`,
  )
  return found.map(([row]) => row as number)
}

/** As literals: only those let DuckDB skip the blocks that lie outside. */
function timeBounds({ times }: PackedReadings, batch: readonly number[], prefix = ''): string {
  let first = Infinity
  let last = -Infinity
  for (const row of batch) {
    first = Math.min(first, times[row]!)
    last = Math.max(last, times[row]!)
  }
  return `${prefix}time BETWEEN ${first} AND ${last}`
}

/** The hours of a batch that are not known as dirty yet. A repeated reading dirties its hour for nothing. */
function newlyDirty(
  known: DirtyHours<number>,
  { times }: PackedReadings,
  { ids, places }: BatchPoints,
  limits: Float64Array | undefined,
) {
  const found = new DirtyHours<number>()
  const lastHour = new Float64Array(ids.length).fill(Number.NaN)
  for (let row = 0; row < times.length; row++) {
    const place = places[row]!
    if (limits && times[row]! < limits[place]!) continue
    const hour = startOfHour(times[row]!)
    if (hour === lastHour[place]) continue
    lastHour[place] = hour
    if (!known.has(ids[place]!, hour)) found.add({ point: ids[place]!, start: hour, end: hour + HOUR_MS })
  }
  return [...found.all()]
}

export async function appendDirty(connection: DuckDBConnection, spans: readonly DirtySpan<number>[]) {
  const columns: Column[] = [
    { type: INTEGER, at: i => spans[i]!.point },
    { type: BIGINT, at: i => BigInt(spans[i]!.start) },
    { type: BIGINT, at: i => BigInt(spans[i]!.end) },
  ]
  await append(connection, 'dirty_hours', columns, spans.length)
}

/** In one statement: a replacement costs DuckDB milliseconds, however many rows it has. */
async function writePositions(connection: DuckDBConnection, positions: readonly StreamPosition[]) {
  const text = (at: (position: StreamPosition) => string): Column => {
    return { type: VARCHAR, at: i => at(positions[i]!) }
  }
  const columns: Column[] = [
    text(position => position.sender),
    text(position => position.stream),
    text(position => position.run),
    { type: BIGINT, at: i => BigInt(positions[i]!.upTo) },
    text(position => JSON.stringify(position.ranges)),
  ]
  await append(connection, 'position_stage', columns, positions.length)
  await connection.run('INSERT OR REPLACE INTO position FROM position_stage')
  await connection.run('DELETE FROM position_stage')
}

/** Gives the points of a batch that have no id the next ones, in the batch. */
function unknownNames(
  { names: known }: Dictionary<string>,
  { names, ids }: BatchPoints,
): Map<string, number> {
  const unknown = new Map<string, number>()
  for (let place = 0; place < ids.length; place++) {
    if (ids[place]! >= 0) continue
    ids[place] = known.length + unknown.size
    unknown.set(names[place]!, ids[place]!)
  }
  return unknown
}

function unknownCodes<T extends string>(dictionary: Dictionary<T>, names: readonly T[]): Map<T, number> {
  const unknown = names.filter(name => !dictionary.ids.has(name))
  return new Map(unknown.map((name, index) => [name, dictionary.names.length + index]))
}

async function appendNames(
  connection: DuckDBConnection,
  table: string,
  type: typeof INTEGER | typeof SMALLINT,
  names: ReadonlyMap<string, number>,
) {
  const entries = [...names]
  const columns: Column[] = [
    { type, at: i => entries[i]![1] },
    { type: VARCHAR, at: i => entries[i]![0] },
  ]
  await append(connection, table, columns, entries.length)
}

function remember<T extends string>(dictionary: Dictionary<T>, names: ReadonlyMap<T, number>): void {
  for (const [name, id] of names) {
    dictionary.ids.set(name, id)
    dictionary.names[id] = name
  }
}
