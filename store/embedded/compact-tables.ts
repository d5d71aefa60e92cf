import type { DuckDBConnection } from '@duckdb/node-api'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { rows, transaction } from '../duckdb/tables.ts'
import { createReadingTables } from './reading-tables.ts'
import { keepDaysOf, STATISTICS } from './rollup-tables.ts'

export interface CompactOperations {
  /** Copies all but the readings and what is made of them; returns where their slices begin, ms UTC. */
  begin(): Promise<number[]>
  /** Copies the readings of a slice, by point and time. */
  copySlice(start: number): Promise<void>
  /**
   * Makes the rollups of all that was copied, and copies those of readings that retention has deleted; at once, since
   * small pieces would leave holes in the file.
   */
  makeRollups(): Promise<void>
  /** @throws Error where the copy does not hold what the original does */
  verify(): Promise<void>
}

/**
 * Sorted by point within a slice, so that a point is found in few blocks; and by time beyond it, so that what is
 * written late still looks at few.
 */
const SLICE_MS = 30 * DAY_MS
/** Made anew of the readings, where there are any; no hour is out of date then. */
const MADE_ANEW = new Set([
  'reading',
  'rollup_hour',
  'rollup_day',
  'rollup_zone',
  'dirty_hours',
  'schema_version',
])

/** The rollups that nothing can be made anew of, in the one file or the other. */
function deletedRollups(database: '' | 'old.'): string {
  return `SELECT held.* FROM ${database}rollup_hour held JOIN main.deleted USING (point_id) WHERE hour < before`
}

/** Fills a new file with what an old one holds. */
export async function openTables(
  connection: DuckDBConnection,
  file: string,
  { from }: { from: string },
): Promise<CompactOperations> {
  await createReadingTables(connection, file)
  await connection.run(`ATTACH '${from.replaceAll("'", "''")}' AS old (READ_ONLY)`)
  const tables = await rows(connection, "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'")
  const names = tables.map(([name]) => name as string)
  const others = names.filter(name => !MADE_ANEW.has(name))
  // A file that an older version wrote has none; its days are made at the next start.
  const [zone] = names.includes('rollup_zone') ? await rows(connection, 'FROM old.rollup_zone') : []
  return {
    async begin() {
      await transaction(connection, async () => {
        for (const table of others) await connection.run(`INSERT INTO "${table}" FROM old."${table}"`)
      })
      const extent = 'SELECT min(time)::DOUBLE, max(time)::DOUBLE FROM old.reading'
      const [[first, last] = [null, null]] = (await rows(connection, extent)) as (number | null)[][]
      const starts: number[] = []
      if (first === null || last === null) return starts
      for (let start = Math.floor(first! / SLICE_MS) * SLICE_MS; start <= last!; start += SLICE_MS)
        starts.push(start)
      return starts
    },
    async copySlice(start) {
      const slice = `time BETWEEN ${start} AND ${start + SLICE_MS - 1}`
      await connection.run(
        `INSERT INTO reading SELECT * FROM old.reading WHERE ${slice} ORDER BY point_id, time`,
      )
    },
    async makeRollups() {
      await connection.run(`INSERT INTO rollup_hour FROM (
          SELECT point_id, time // ${HOUR_MS} * ${HOUR_MS} AS hour, ${STATISTICS}
          FROM reading LEFT JOIN deleted USING (point_id) WHERE time >= coalesce(before, time) GROUP BY 1, 2
        UNION ALL ${deletedRollups('old.')}) ORDER BY hour // ${SLICE_MS}, 1, 2`)
      if (zone) await keepDaysOf(connection, zone[0] as string)
    },
    async verify() {
      await connection.run('CHECKPOINT')
      const content = async (name: string) =>
        String(await rows(connection, `SELECT count(*), sum(hash(held)::HUGEINT) FROM ${name} held`))
      const compare = async (table: string, copy: string, original: string) => {
        if ((await content(copy)) !== (await content(original)))
          throw new Error(`${file} does not hold what ${from} does: ${table} differs`)
      }
      for (const table of ['reading', ...others]) await compare(table, `"${table}"`, `old."${table}"`)
      await compare('rollup_hour', `(${deletedRollups('')})`, `(${deletedRollups('old.')})`)
      await connection.run('DETACH old')
    },
  }
}
