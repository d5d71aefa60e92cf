import type { Forecast, ReceivedForecast } from '../model/forecast.ts'
import { inTransaction, openSqlite } from './sqlite.ts'

/** What sources of forecasts have issued: kept apart from the readings, with which it is never mixed. */
export interface ForecastStore {
  /**
   * Keeps what is new of an answer; what an issue says otherwise than before is kept beside it.
   * @returns whether anything was new
   */
  add(forecasts: readonly Forecast[], received: number): boolean
  /** The newest issue of each source for each site, as it was received last. */
  latest(): Forecast[]
  /** What was issued for a site from `from` to before `to`, in order. */
  issued(site: string, span: { from: number; to: number }): ReceivedForecast[]
  /** Forgets what a source issued before an instant. */
  forget(source: string, before: number): void
  close(): void
}

export const FORECAST_TABLES_VERSION = 1

/** Times are ms UTC; steps are JSON. */
const TABLES = `
  CREATE TABLE forecast (
    source TEXT NOT NULL,
    site TEXT NOT NULL,
    issued INTEGER NOT NULL,
    received INTEGER NOT NULL,
    steps TEXT NOT NULL,
    PRIMARY KEY (source, site, issued, received)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX forecast_by_site ON forecast (site, issued);
`

/** @throws Error that names the file when it cannot be opened. */
export function openForecastStore({ file }: { file: string }): ForecastStore {
  const database = openSqlite({ file, tables: TABLES, version: FORECAST_TABLES_VERSION })
  const add = database.prepare(`
    INSERT INTO forecast SELECT :source, :site, :issued, :received, :steps
    WHERE :steps IS NOT (
      SELECT steps FROM forecast WHERE source = :source AND site = :site AND issued = :issued
      ORDER BY received DESC LIMIT 1)
    ON CONFLICT DO UPDATE SET steps = excluded.steps`)
  const latest = database.prepare(`
    SELECT * FROM (
      SELECT *, row_number() OVER (PARTITION BY source, site ORDER BY issued DESC, received DESC) AS place
      FROM forecast) WHERE place = 1 ORDER BY source, site`)
  const issued = database.prepare(`
    SELECT * FROM forecast WHERE site = :site AND issued >= :from AND issued < :to
    ORDER BY issued, source, received`)
  const forget = database.prepare('DELETE FROM forecast WHERE source = ? AND issued < ?')
  return {
    add: (forecasts, received) =>
      inTransaction(database, () => {
        const changes = forecasts.map(({ steps, ...forecast }) =>
          Number(add.run({ ...forecast, received, steps: JSON.stringify(steps) }).changes),
        )
        return changes.some(count => count > 0)
      }),
    latest: () => latest.all().map(row => withoutReceived(toForecast(row))),
    issued: (site, span) => issued.all({ site, ...span }).map(toForecast),
    forget: (source, before) => void forget.run(source, before),
    close: () => database.close(),
  }
}

function toForecast({ source, site, issued, received, steps }: Record<string, unknown>): ReceivedForecast {
  return { source, site, issued, received, steps: JSON.parse(steps as string) } as ReceivedForecast
}

const withoutReceived = ({ received: _, ...forecast }: ReceivedForecast): Forecast => forecast
