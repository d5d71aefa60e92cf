import { type ForecastValues, valuesAt } from '../../../../model/forecast.ts'
import type { ForecastIssue, Forecasts } from '../api/types.ts'

const HOUR_MS = 3_600_000
const HOURS = 6
/** An answer may be so much ahead of what this page takes for the hub's time, ms; further, and a clock was set back. */
const AHEAD_MS = 60_000

/** What is expected in an hour: the lowest temperatures, °C, and the most that falls, mm/h. Null where nothing is known. */
export interface ForecastHour {
  /** ms UTC */
  start: number
  air: number | null
  surface: number | null
  precipitation: number | null
}

/** The hour that runs, and those after it. */
export function hoursAhead({ source, site, issued, steps }: ForecastIssue, now: number): ForecastHour[] {
  const forecast = {
    ...{ source, site, issued: Date.parse(issued) },
    steps: steps.map(step => ({ time: Date.parse(step.time), values: valuesOf(step) })),
  }
  return Array.from({ length: HOURS }, (_, index) => {
    const start = Math.floor(now / HOUR_MS) * HOUR_MS + index * HOUR_MS
    const within = forecast.steps.filter(({ time }) => time > start && time < start + HOUR_MS)
    const expected = [valuesAt(forecast, start) ?? {}, ...within.map(({ values }) => values)]
    const known = (name: keyof ForecastValues) => expected.flatMap(values => values[name] ?? [])
    return {
      start,
      air: orNull(Math.min(...known('air-temperature'))),
      surface: orNull(Math.min(...known('surface-temperature'))),
      precipitation: orNull(Math.max(...known('precipitation-rate'))),
    }
  })
}

/** For each site the newest issue that counts, and the sites for which none does: it never came, or is stale by now. */
export function currentForecasts(
  { time, sources, forecasts }: Forecasts,
  now: number,
): { current: ForecastIssue[]; missing: string[] } {
  const staleAfter = new Map(sources.map(({ id, staleAfterSeconds }) => [id, staleAfterSeconds * 1000]))
  const isKnown = now >= Date.parse(time) - AHEAD_MS
  const fresh = forecasts
    .filter(({ source, issued }) => isKnown && now - Date.parse(issued) <= (staleAfter.get(source) ?? 0))
    .sort((a, b) => a.issued.localeCompare(b.issued))
  const bySite = new Map(fresh.map(forecast => [forecast.site, forecast]))
  const asked = new Set(sources.flatMap(({ sites }) => sites))
  return { current: [...bySite.values()], missing: [...asked].filter(site => !bySite.has(site)) }
}

function valuesOf(step: ForecastIssue['steps'][number]): ForecastValues {
  const { airTemperature, surfaceTemperature, precipitationRate } = step
  return {
    ...(airTemperature !== null && { 'air-temperature': airTemperature }),
    ...(surfaceTemperature !== null && { 'surface-temperature': surfaceTemperature }),
    ...(precipitationRate !== null && { 'precipitation-rate': precipitationRate }),
  }
}

/** The least or the most of nothing is infinite. */
const orNull = (value: number) => (Number.isFinite(value) ? value : null)
