import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { rows } from '../../store/duckdb/tables.ts'

const FIGURE = 'meter, period, start, stop, amount, covered_ms, readings'

/**
 * Compares the figures of the sides, each with each of the others.
 * @returns how many figures there are
 * @throws Error that names the first figure that two sides do not share.
 */
export async function compareFigures(folder: string): Promise<number> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    await connection.run(`ATTACH '${join(folder, 'figures.duckdb')}' AS ours (READ_ONLY)`)
    await connection.run(`ATTACH '${join(folder, 'sql.duckdb')}' AS sql (READ_ONLY)`)
    const ours = `SELECT ${FIGURE} FROM ours.consumption`
    const others = {
      SQL: `SELECT ${FIGURE} FROM sql.consumption`,
      pandas: `SELECT ${FIGURE} FROM '${join(folder, 'pandas', '*.parquet')}'`,
    }
    for (const [name, theirs] of Object.entries(others)) {
      for (const [side, difference] of [
        ['ours', `(${ours}) EXCEPT ALL (${theirs})`],
        [name, `(${theirs}) EXCEPT ALL (${ours})`],
      ]) {
        const [figure] = await rows(connection, `${difference} ORDER BY ALL LIMIT 1`)
        if (figure) throw new Error(`only ${side} has this figure, of ours and ${name}: ${figure.join(', ')}`)
      }
    }
    const [counted] = await rows(connection, `SELECT count(*)::INTEGER FROM (${ours})`)
    return counted![0] as number
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
