import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { BIGINT, INTEGER, VARCHAR } from '@duckdb/node-api'
import type { ConsumptionFigure } from '../../model/figure.ts'
import type { KeptPeriod } from '../../model/period.ts'
import { append, type Column } from '../duckdb/append.ts'
import { createTables, rows, transaction } from '../duckdb/tables.ts'

export const FIGURE_TABLES_VERSION = 3

/** Times are ms UTC, `stop` is exclusive; amounts are whole steps of the meter's resolution; `stated` is JSON. */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS consumption (meter VARCHAR NOT NULL, period VARCHAR NOT NULL, start BIGINT NOT NULL,
    stop BIGINT NOT NULL, amount BIGINT NOT NULL, covered_ms BIGINT NOT NULL, readings INTEGER NOT NULL)`,
  'ALTER TABLE consumption ADD COLUMN IF NOT EXISTS stated VARCHAR',
  'CREATE TABLE IF NOT EXISTS basis (meter VARCHAR NOT NULL, basis VARCHAR NOT NULL)',
]

/** As DOUBLE, so that they come as numbers; all stay within 2^53. */
const FIGURE = 'start::DOUBLE, stop::DOUBLE, amount::DOUBLE, covered_ms::DOUBLE, readings, stated'

export interface FigureOperations {
  replace(
    meter: string,
    period: KeptPeriod,
    from: number,
    to: number,
    figures: readonly ConsumptionFigure[],
  ): Promise<void>
  consumption(meter: string, period: KeptPeriod, from: number, to: number): Promise<ConsumptionFigure[]>
  allConsumption(
    period: KeptPeriod,
    from: number,
    to: number,
  ): Promise<(ConsumptionFigure & { meter: string })[]>
  basis(meter: string): Promise<string | undefined>
  setBasis(meter: string, basis: string): Promise<void>
}

export async function openTables(connection: DuckDBConnection, file: string): Promise<FigureOperations> {
  await createTables(connection, file, FIGURE_TABLES_VERSION, TABLES)
  return {
    async replace(meter, period, from, to, figures) {
      const outside = figures.find(figure => figure.start < from || figure.start >= to)
      if (outside) {
        const start = new Date(outside.start).toISOString()
        throw new Error(`a figure of meter ${meter} starts at ${start}, outside what it was to replace`)
      }
      const columns: Column[] = [
        { type: VARCHAR, at: () => meter },
        { type: VARCHAR, at: () => period },
        { type: BIGINT, at: i => BigInt(figures[i]!.start) },
        { type: BIGINT, at: i => BigInt(figures[i]!.end) },
        { type: BIGINT, at: i => BigInt(figures[i]!.amount) },
        { type: BIGINT, at: i => BigInt(figures[i]!.coveredMs) },
        { type: INTEGER, at: i => figures[i]!.readings },
        {
          type: VARCHAR,
          at: figures.some(({ stated }) => stated)
            ? i => (figures[i]!.stated ? JSON.stringify(figures[i]!.stated) : null)
            : null,
        },
      ]
      await transaction(connection, async () => {
        await connection.run(`DELETE FROM consumption WHERE meter = ? AND ${starting(period, from, to)}`, [
          meter,
        ])
        await append(connection, 'consumption', columns, figures.length)
      })
    },
    async consumption(meter, period, from, to) {
      const found = await rows(
        connection,
        `SELECT ${FIGURE} FROM consumption WHERE meter = ? AND ${starting(period, from, to)} ORDER BY start`,
        [meter],
      )
      return found.map(toFigure)
    },
    async allConsumption(period, from, to) {
      const found = await rows(
        connection,
        `SELECT meter, ${FIGURE} FROM consumption WHERE ${starting(period, from, to)} ORDER BY meter, start`,
      )
      return found.map(([meter, ...row]) => ({ meter: meter as string, ...toFigure(row) }))
    },
    async basis(meter) {
      const [row] = await rows(connection, 'SELECT basis FROM basis WHERE meter = ?', [meter])
      return row?.[0] as string | undefined
    },
    async setBasis(meter, basis) {
      await transaction(connection, async () => {
        await connection.run('DELETE FROM basis WHERE meter = ?', [meter])
        await connection.run('INSERT INTO basis VALUES (?, ?)', [meter, basis])
      })
    },
  }
}

/** As literals: only those let DuckDB skip the blocks that lie outside. */
function starting(period: KeptPeriod, from: number, to: number): string {
  return `period = '${period}' AND start >= ${from} AND start < ${to}`
}

function toFigure(row: readonly DuckDBValue[]): ConsumptionFigure {
  const [start, end, amount, coveredMs, readings] = row as number[]
  const stated = row[5] as string | null
  const figure = { start: start!, end: end!, amount: amount!, coveredMs: coveredMs!, readings: readings! }
  return stated === null ? figure : { ...figure, stated: JSON.parse(stated) }
}
