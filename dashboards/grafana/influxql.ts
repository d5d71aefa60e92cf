import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'

/** The datasource of provisioning/datasources/affluent.yaml. */
export const DATASOURCE = { type: 'influxdb', uid: 'affluent' }

/** One InfluxQL statement of a panel; the SDK has no builder for InfluxDB. */
export interface InfluxqlTarget extends Dataquery {
  refId: string
  datasource: typeof DATASOURCE
  query: string
  rawQuery: true
  resultFormat: 'time_series'
  /** The name of the series. */
  alias: string
}

export function target(refId: string, alias: string, query: string): Builder<InfluxqlTarget> {
  return {
    build: () => ({
      refId,
      datasource: DATASOURCE,
      query,
      rawQuery: true,
      resultFormat: 'time_series',
      alias,
      _implementsDataqueryVariant() {},
    }),
  }
}

/** A point's mean over the steps that fit the screen. */
export function meanOf(point: string): string {
  return `SELECT mean("num") FROM "reading" WHERE "point" = '${point}' AND $timeFilter GROUP BY time($__interval) fill(none)`
}

/** A point's hourly mean from the rollups: quick over years. */
export function hourlyMeanOf(point: string): string {
  return `SELECT "sum" / "numbers" FROM "rollup_hour" WHERE "point" = '${point}' AND "dirty" = false AND $timeFilter`
}

/** The consumption of meters by civil day, in their common unit. */
export function dailyConsumptionOf(meters: readonly string[], timeZone: string): string {
  const chosen = meters.map(meter => `"meter" = '${meter}'`).join(' OR ')
  return `SELECT sum("amount") FROM "consumption" WHERE (${chosen}) AND $timeFilter GROUP BY time(1d) fill(none) tz('${timeZone}')`
}

/** How many readings were stored, by hour. */
export function readingsPerHour(): string {
  return `SELECT sum("count") FROM "rollup_hour" WHERE $timeFilter GROUP BY time(1h) fill(none)`
}

/** How many of them carried a value, by hour. */
export function validReadingsPerHour(): string {
  return `SELECT sum("valid") FROM "rollup_hour" WHERE $timeFilter GROUP BY time(1h) fill(none)`
}
