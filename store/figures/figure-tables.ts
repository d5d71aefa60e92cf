import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { BIGINT, INTEGER, listValue, VARCHAR } from '@duckdb/node-api'
import type { Exclusion, ExclusionReason } from '../../model/exclusion.ts'
import type { ConsumptionFigure } from '../../model/figure.ts'
import type { KeptPeriod } from '../../model/period.ts'
import { append, type Column } from '../duckdb/append.ts'
import { createTables, rows, transaction } from '../duckdb/tables.ts'
import type { FigureDigest, FigureSpan, MeterExclusions } from '../figures.ts'
import { outermost } from '../spans.ts'
import { type PackedFigures, packFigures } from './packed-figures.ts'

export const FIGURE_TABLES_VERSION = 4

/** Times are ms UTC, `stop` is exclusive; amounts are whole steps of the meter's resolution; `stated` and `value` are JSON. */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS consumption (meter VARCHAR NOT NULL, period VARCHAR NOT NULL, start BIGINT NOT NULL,
    stop BIGINT NOT NULL, amount BIGINT NOT NULL, covered_ms BIGINT NOT NULL, readings INTEGER NOT NULL)`,
  'ALTER TABLE consumption ADD COLUMN IF NOT EXISTS stated VARCHAR',
  'CREATE TABLE IF NOT EXISTS basis (meter VARCHAR NOT NULL, basis VARCHAR NOT NULL)',
  `CREATE TABLE IF NOT EXISTS exclusions (meter VARCHAR NOT NULL, time BIGINT NOT NULL, value VARCHAR NOT NULL,
    reason VARCHAR NOT NULL)`,
]

/** Spans that are asked for together; to be made once for a connection. */
const WANTED =
  'CREATE OR REPLACE TEMP TABLE wanted (number INTEGER, meter VARCHAR, since BIGINT, until BIGINT)'

/** As DOUBLE, so that they come as numbers; all stay within 2^53. */
const FIGURE = 'start::DOUBLE, stop::DOUBLE, amount::DOUBLE, covered_ms::DOUBLE, readings, stated'

export interface FigureReplacement extends FigureSpan {
  figures: readonly ConsumptionFigure[]
  /** Absent: those that were stay. */
  exclusions?: readonly Exclusion[] | undefined
}

export interface FigureOperations {
  /** One after the other, all in one transaction. */
  replace(replacements: readonly FigureReplacement[]): Promise<void>
  packed(spans: readonly FigureSpan[]): Promise<PackedFigures>
  digests(meters: readonly string[], period: KeptPeriod, from: number, to: number): Promise<FigureDigest[]>
  allConsumption(
    period: KeptPeriod,
    from: number,
    to: number,
  ): Promise<(ConsumptionFigure & { meter: string })[]>
  exclusions(from: number, to: number, most: number): Promise<MeterExclusions[]>
  basis(meters: readonly string[]): Promise<(string | undefined)[]>
  setBasis(bases: readonly (readonly [meter: string, basis: string])[]): Promise<void>
}

export async function openTables(connection: DuckDBConnection, file: string): Promise<FigureOperations> {
  await createTables(connection, file, FIGURE_TABLES_VERSION, TABLES)
  await connection.run(WANTED)
  let hasExclusions = (await rows(connection, 'SELECT 1 FROM exclusions LIMIT 1')).length > 0
  return {
    async replace(replacements) {
      await transaction(connection, async () => {
        for (const apart of withoutOverlap(replacements)) {
          await want(connection, apart)
          await connection.run(`DELETE FROM consumption USING wanted WHERE ${isWanted(apart)}`)
          const rows = apart.flatMap(({ figures, ...span }) =>
            figures.map(figure => ({ ...span, ...figure })),
          )
          await append(connection, 'consumption', figureColumns(rows), rows.length)
          const judged = apart.filter(({ exclusions }) => exclusions)
          if (hasExclusions && judged.length > 0) {
            await want(connection, judged)
            await connection.run(
              'DELETE FROM exclusions USING wanted WHERE exclusions.meter = wanted.meter AND time >= since AND time < until',
            )
          }
          const excluded = judged.flatMap(({ meter, exclusions }) =>
            exclusions!.map(exclusion => ({ meter, ...exclusion })),
          )
          if (excluded.length === 0) continue
          hasExclusions = true
          await append(connection, 'exclusions', exclusionColumns(excluded), excluded.length)
        }
      })
    },
    async packed(spans) {
      const [span] = spans
      if (!span) return packFigures([], [], [])
      await want(connection, spans)
      const sql = `SELECT number, ${FIGURE} FROM consumption JOIN wanted ON ${isWanted(spans)} ORDER BY number, start`
      const [numbers = [], ...columns] = (await connection.runAndReadAll(sql)).getColumns()
      const counts = spans.map(() => 0)
      for (const number of numbers as number[]) counts[number]!++
      const stated = (columns.pop() ?? []) as (string | null)[]
      return packFigures(counts, columns as number[][], stated)
    },
    async digests(meters, period, from, to) {
      await want(
        connection,
        meters.map(meter => ({ meter, period, from, to })),
      )
      // Sums, so that nothing has to be sorted; two, since each has 64 bits only.
      const cells = 'stop, amount, covered_ms, readings, stated'
      const found = await rows(
        connection,
        `SELECT start::DOUBLE, concat_ws(' ', count(*), sum(hash(meter, ${cells})), sum(hash(${cells}, meter)))
         FROM consumption SEMI JOIN wanted USING (meter) WHERE ${starting(period, from, to)} GROUP BY start ORDER BY start`,
      )
      return found.map(([start, digest]) => ({ start: start as number, digest: digest as string }))
    },
    async allConsumption(period, from, to) {
      const found = await rows(
        connection,
        `SELECT meter, ${FIGURE} FROM consumption WHERE ${starting(period, from, to)} ORDER BY meter, start`,
      )
      return found.map(([meter, ...row]) => ({ meter: meter as string, ...toFigure(row) }))
    },
    async exclusions(from, to, most) {
      const found = await rows(
        connection,
        `SELECT meter, time::DOUBLE, value, reason, count(*) OVER (PARTITION BY meter)::DOUBLE FROM exclusions
         WHERE time >= ${from} AND time < ${to}
         QUALIFY row_number() OVER (PARTITION BY meter ORDER BY time DESC) <= ${most} ORDER BY meter, time`,
      )
      return [...Map.groupBy(found, ([meter]) => meter as string)].map(([meter, own]) => ({
        meter,
        count: own[0]![4] as number,
        newest: own.map(([, time, value, reason]) => ({
          time: time as number,
          value: JSON.parse(value as string),
          reason: reason as ExclusionReason,
        })),
      }))
    },
    async basis(meters) {
      const found = await rows(connection, 'SELECT meter, basis FROM basis')
      const bases = new Map(found as [string, string][])
      return meters.map(meter => bases.get(meter))
    },
    async setBasis(bases) {
      await transaction(connection, async () => {
        const meters = [...new Map(bases)]
        await connection.run('DELETE FROM basis WHERE meter IN (SELECT unnest(?))', [
          listValue(meters.map(([meter]) => meter)),
        ])
        const columns = [0, 1].map((field): Column => ({ type: VARCHAR, at: i => meters[i]![field]! }))
        await append(connection, 'basis', columns, meters.length)
      })
    },
  }
}

/** Cut into stretches of one period in which no meter comes twice: in each, all is removed before anything is added. */
function withoutOverlap(replacements: readonly FigureReplacement[]): FigureReplacement[][] {
  const stretches: FigureReplacement[][] = []
  const meters = new Set<string>()
  for (const replacement of replacements) {
    const stretch = stretches.at(-1)
    if (stretch?.[0]?.period === replacement.period && !meters.has(replacement.meter)) {
      stretch.push(replacement)
    } else {
      stretches.push([replacement])
      meters.clear()
    }
    meters.add(replacement.meter)
  }
  return stretches
}

/** Fills the table of what is wanted. */
async function want(connection: DuckDBConnection, spans: readonly FigureSpan[]): Promise<void> {
  await connection.run('DELETE FROM wanted')
  const columns: Column[] = [
    { type: INTEGER, data: Int32Array.from(spans.keys()) },
    { type: VARCHAR, at: i => spans[i]!.meter },
    { type: BIGINT, at: i => BigInt(spans[i]!.from) },
    { type: BIGINT, at: i => BigInt(spans[i]!.to) },
  ]
  await append(connection, 'wanted', columns, spans.length)
}

/** Whether a figure lies in one of the spans wanted, all of one period. */
function isWanted(spans: readonly FigureSpan[]): string {
  const { start, end } = outermost(spans.map(({ from, to }) => ({ start: from, end: to })))
  return `consumption.meter = wanted.meter AND start >= since AND start < until AND ${starting(spans[0]!.period, start, end)}`
}

/** As literals: only those let DuckDB skip the blocks that lie outside. */
function starting(period: KeptPeriod, from: number, to: number): string {
  return `period = '${period}' AND start >= ${from} AND start < ${to}`
}

function exclusionColumns(rows: readonly (Exclusion & { meter: string })[]): Column[] {
  return [
    { type: VARCHAR, at: i => rows[i]!.meter },
    { type: BIGINT, at: i => BigInt(rows[i]!.time) },
    { type: VARCHAR, at: i => JSON.stringify(rows[i]!.value) },
    { type: VARCHAR, at: i => rows[i]!.reason },
  ]
}

function figureColumns(rows: readonly (FigureSpan & ConsumptionFigure)[]): Column[] {
  return [
    { type: VARCHAR, at: i => rows[i]!.meter },
    { type: VARCHAR, at: i => rows[i]!.period },
    { type: BIGINT, at: i => BigInt(rows[i]!.start) },
    { type: BIGINT, at: i => BigInt(rows[i]!.end) },
    { type: BIGINT, at: i => BigInt(rows[i]!.amount) },
    { type: BIGINT, at: i => BigInt(rows[i]!.coveredMs) },
    { type: INTEGER, at: i => rows[i]!.readings },
    {
      type: VARCHAR,
      at: rows.some(({ stated }) => stated)
        ? i => (rows[i]!.stated ? JSON.stringify(rows[i]!.stated) : null)
        : null,
    },
  ]
}

function toFigure(row: readonly DuckDBValue[]): ConsumptionFigure {
  const [start, end, amount, coveredMs, readings] = row as number[]
  const stated = row[5] as string | null
  const figure = { start: start!, end: end!, amount: amount!, coveredMs: coveredMs!, readings: readings! }
  return stated === null ? figure : { ...figure, stated: JSON.parse(stated) }
}
