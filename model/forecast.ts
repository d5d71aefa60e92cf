/** What a supplier expects of the weather at a road. Never mixed with what was measured. */

/** In °C, and in mm/h for what falls from a time until the next. */
export const FORECAST_QUANTITIES = [
  'surface-temperature',
  'air-temperature',
  'dew-point',
  'precipitation-rate',
] as const
export type ForecastQuantity = (typeof FORECAST_QUANTITIES)[number]
export type ForecastValues = Partial<Record<ForecastQuantity, number>>

export interface ForecastStep {
  /** ms UTC */
  time: number
  values: ForecastValues
}

/** One issue of a source for one site; times are ms UTC. */
export interface Forecast {
  source: string
  site: string
  issued: number
  /** Ascending. */
  steps: readonly ForecastStep[]
}

/** As it was kept: an issue may be corrected, and is then received again. */
export interface ReceivedForecast extends Forecast {
  received: number
}

/**
 * What a forecast expects at a time: temperatures lie on the line between two steps, what falls does so until the
 * next. Undefined outside of its steps.
 */
export function valuesAt({ steps }: Forecast, time: number): ForecastValues | undefined {
  const next = steps.findIndex(step => step.time > time)
  const last = steps.at(-1)
  if (next === -1) return last?.time === time ? last.values : undefined
  const [before, after] = [steps[next - 1], steps[next]!]
  if (!before) return undefined
  const share = (time - before.time) / (after.time - before.time)
  const values: ForecastValues = {}
  for (const name of FORECAST_QUANTITIES) {
    const [from, to] = [before.values[name], after.values[name]]
    if (from === undefined) continue
    if (name === 'precipitation-rate') values[name] = from
    else if (to !== undefined) values[name] = from + share * (to - from)
  }
  return values
}

/** What is expected at a site, at a time, by what is known now, ms UTC. A stale forecast expects nothing. */
export type Foresight = (site: string, time: number, now: number) => ForecastValues | undefined

/** How long after its issue a source's forecasts count, ms; undefined of one that is not known (any more). */
export type StaleAfter = (source: string) => number | undefined

export type ForecastBoard = ReturnType<typeof forecastBoard>

/** The newest issue of every source for every site. */
export function forecastBoard(staleAfter: StaleAfter) {
  const newest = new Map<string, Forecast>()

  function put(forecasts: Iterable<Forecast>): void {
    for (const forecast of forecasts) {
      const key = `${forecast.source} ${forecast.site}`
      const before = newest.get(key)
      if (!before || forecast.issued >= before.issued) newest.set(key, forecast)
    }
  }

  const isFresh = (forecast: Forecast, now: number) => isFreshBy(staleAfter, forecast, now)

  const foresee: Foresight = (site, time, now) =>
    expectedBy(
      [...newest.values()].filter(forecast => forecast.site === site && isFresh(forecast, now)),
      time,
    )

  return { put, isFresh, foresee, all: () => [...newest.values()] }
}

/**
 * What was expected at each instant of the past: by what had been issued and received by then, and was not stale.
 * @param issuedFor all that was issued for a site; asked once for each
 */
export function foresightThen(
  issuedFor: (site: string) => readonly ReceivedForecast[],
  staleAfter: StaleAfter,
): Foresight {
  const bySite = new Map<string, readonly ReceivedForecast[]>()
  return (site, time, now) => {
    const issued = bySite.get(site) ?? issuedFor(site)
    bySite.set(site, issued)
    const known = issued.filter(
      forecast => forecast.issued <= now && forecast.received <= now && isFreshBy(staleAfter, forecast, now),
    )
    return expectedBy(
      known.sort((a, b) => b.received - a.received),
      time,
    )
  }
}

function isFreshBy(staleAfter: StaleAfter, { source, issued }: Forecast, now: number): boolean {
  return now - issued <= (staleAfter(source) ?? Number.NEGATIVE_INFINITY)
}

/** What was issued last goes before; of one issue, what stands first. */
function expectedBy(forecasts: readonly Forecast[], time: number): ForecastValues | undefined {
  return forecasts
    .toSorted((a, b) => b.issued - a.issued)
    .map(forecast => valuesAt(forecast, time))
    .find(values => values !== undefined)
}
