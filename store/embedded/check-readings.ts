import type { DuckDBConnection } from '@duckdb/node-api'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { readAll } from '../duckdb/read-all.ts'
import { rows } from '../duckdb/tables.ts'
import type { CheckOperations, Finding } from '../finding.ts'
import { readLedger } from './ledger-table.ts'
import { readPositions } from './reading-tables.ts'
import { calendarOf, daysOfHours, STATISTICS } from './rollup-tables.ts'

/** Looked at in one query, so that memory stays bounded. */
const SLICE_MS = 10 * DAY_MS
/** Of so many points the rollups of one are computed again, unless everything is asked for. */
const SAMPLE = 10

const RESTORE = 'restore a backup (affluent restore)'

/** Looks into a file of readings that no hub holds. */
export async function openTables(connection: DuckDBConnection): Promise<CheckOperations> {
  return {
    readAll: () => readAll(connection),
    async check(full) {
      const findings: Omit<Finding, 'file'>[] = []
      const note = (count: number, problem: string, advice: string) => {
        if (count > 0) findings.push({ problem: `${count} ${problem}`, advice })
      }
      let twice = 0
      let wrong = 0
      for await (const slice of slicesOf(connection)) {
        twice += await countRepeatedKeys(connection, slice)
        wrong += await countWrongRollups(connection, slice, full)
      }
      note(twice, 'keys (point, time) have several readings', RESTORE)
      note(
        wrong,
        'hours have a rollup that is not that of their readings',
        'affluent store compact makes them anew',
      )
      note(
        await countWrongDays(connection, full),
        'days have a rollup that is not that of their hours',
        'affluent store compact makes them anew',
      )
      note(await countNameless(connection), 'readings have a point or a quality without a name', RESTORE)
      findings.push(...(await checkLedger(connection)))
      return findings
    },
  }
}

async function* slicesOf(connection: DuckDBConnection): AsyncGenerator<string> {
  const extent = 'SELECT min(time)::DOUBLE, max(time)::DOUBLE FROM reading'
  const [[first, last] = [null, null]] = (await rows(connection, extent)) as (number | null)[][]
  if (first === null || last === null) return
  for (let start = Math.floor(first! / HOUR_MS) * HOUR_MS; start <= last!; start += SLICE_MS)
    yield `BETWEEN ${start} AND ${start + SLICE_MS - 1}`
}

async function countRepeatedKeys(connection: DuckDBConnection, slice: string): Promise<number> {
  return count(
    connection,
    `SELECT 1 FROM reading WHERE time ${slice} GROUP BY point_id, time HAVING count(*) > 1`,
  )
}

/** Of the hours that are not marked as out of date. One without readings is right where retention deleted them. */
async function countWrongRollups(
  connection: DuckDBConnection,
  slice: string,
  full: boolean,
): Promise<number> {
  const sample = full ? '' : `AND point_id % ${SAMPLE} = 0`
  return count(
    connection,
    `WITH computed(point_id, hour, count, valid, numbers, sum, min, max, first, last) AS (
       SELECT point_id, time // ${HOUR_MS} * ${HOUR_MS}, ${STATISTICS} FROM reading
       WHERE time ${slice} ${sample} GROUP BY 1, 2),
     kept AS (FROM rollup_hour WHERE hour ${slice} ${sample}),
     pairs AS (SELECT point_id, hour, computed, kept FROM computed FULL JOIN kept USING (point_id, hour)),
     gone AS (${(await hasTable(connection, 'deleted')) ? 'FROM deleted' : 'SELECT 0 AS point_id, 0 AS before WHERE false'})
     SELECT 1 FROM pairs ANTI JOIN dirty_hours dirty ON dirty.point_id = pairs.point_id
       AND hour >= dirty.start AND hour < dirty.stop
     LEFT JOIN gone ON gone.point_id = pairs.point_id
     WHERE NOT (computed.count IS NULL AND coalesce(hour < before, false)) AND ${DIFFERS}`,
  )
}

/** Of the days without an hour that is marked as out of date. */
async function countWrongDays(connection: DuckDBConnection, full: boolean): Promise<number> {
  const [zone] = (await hasTable(connection, 'rollup_zone')) ? await rows(connection, 'FROM rollup_zone') : []
  if (!zone) return 0
  const calendar = await calendarOf(connection, zone[0] as string)
  return count(
    connection,
    `WITH computed(point_id, start, count, valid, numbers, sum, min, max, first, last) AS (${daysOfHours(calendar)}),
     kept AS (FROM rollup_day),
     pairs AS (SELECT point_id, start, computed, kept FROM computed FULL JOIN kept USING (point_id, start))
     SELECT 1 FROM pairs LEFT JOIN (${calendar}) day ON day.start = pairs.start
     ANTI JOIN dirty_hours dirty ON dirty.point_id = pairs.point_id
       AND dirty.start < day.stop AND dirty.stop > pairs.start
     WHERE ${full ? 'true' : `point_id % ${SAMPLE} = 0`} AND ${DIFFERS}`,
  )
}

const DIFFERS = `(${['count', 'valid', 'numbers', 'min', 'max', 'first', 'last']
  .map(name => `computed.${name} IS DISTINCT FROM kept.${name} OR `)
  .join('')} abs(computed.sum - kept.sum) > 1e-9 * greatest(1, abs(computed.sum)))`

/** A file that an older version wrote lacks some. */
async function hasTable(connection: DuckDBConnection, name: string): Promise<boolean> {
  const found = await rows(connection, `SELECT 1 FROM duckdb_tables() WHERE table_name = '${name}'`)
  return found.length > 0
}

async function countNameless(connection: DuckDBConnection): Promise<number> {
  return count(
    connection,
    `SELECT 1 FROM reading WHERE point_id NOT IN (SELECT id FROM point)
      OR quality_id NOT IN (SELECT id FROM quality)`,
  )
}

/** Every number that a position covers has one entry in the ledger. */
async function checkLedger(connection: DuckDBConnection): Promise<Omit<Finding, 'file'>[]> {
  const covered = new Map<string, number>()
  const counted = new Map<string, number>()
  const add = (sums: Map<string, number>, key: string, count: number) =>
    sums.set(key, (sums.get(key) ?? 0) + count)
  for (const { sender, stream, upTo, ranges } of await readPositions(connection))
    add(
      covered,
      `${sender} ${stream}`,
      ranges.reduce((sum, [first, last]) => sum + last - first + 1, upTo),
    )
  for (const { sender, stream, count } of await readLedger(connection, 'true'))
    add(counted, `${sender} ${stream}`, count)
  return [...new Set([...covered.keys(), ...counted.keys()])].flatMap(key => {
    const numbers = covered.get(key) ?? 0
    const entries = counted.get(key) ?? 0
    if (numbers === entries) return []
    const problem = `of ${key} ${numbers} numbers are accounted for, but the ledger counts ${entries}`
    const advice =
      entries < numbers
        ? 'readings of before the ledger have no entries; otherwise restore a backup (affluent restore)'
        : RESTORE
    return [{ problem, advice }]
  })
}

async function count(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = await rows(connection, `SELECT count(*)::DOUBLE FROM (${sql})`)
  return row![0] as number
}
