import type { DuckDBConnection } from '@duckdb/node-api'
import { readAll } from '../duckdb/read-all.ts'
import { rows } from '../duckdb/tables.ts'
import type { CheckOperations } from '../finding.ts'

/** Looks into a file of figures that no hub holds. */
export async function openTables(connection: DuckDBConnection): Promise<CheckOperations> {
  return {
    readAll: () => readAll(connection),
    async check() {
      const findings = []
      for (const [part, whole] of [
        ['hour', 'day'],
        ['day', 'month'],
      ] as const) {
        const [row] = await rows(
          connection,
          `SELECT count(*)::DOUBLE FROM (
             SELECT whole.amount, coalesce(sum(part.amount), 0) AS parts FROM consumption whole
             LEFT JOIN consumption part ON part.meter = whole.meter AND part.period = '${part}'
               AND part.start >= whole.start AND part.start < whole.stop
             WHERE whole.period = '${whole}' GROUP BY whole.meter, whole.start, whole.amount)
           WHERE amount <> parts`,
        )
        const problem = `${row![0]} figures of a ${whole} are not the sum of their ${part}s`
        const advice =
          'the next start of the hub computes them anew; if it does not, put the file aside before it'
        if ((row![0] as number) > 0) findings.push({ problem, advice })
      }
      return findings
    },
  }
}
