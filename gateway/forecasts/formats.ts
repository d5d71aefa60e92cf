import { z } from 'zod'
import {
  FORECAST_QUANTITIES,
  type Forecast,
  type ForecastStep,
  type ForecastValues,
} from '../../model/forecast.ts'
import { AHEAD_MS } from '../../model/reading.ts'
import { DAY_MS } from '../../model/time.ts'
import type { ForecastSource } from '../../registry/forecast-schema.ts'
import { formatPath, type Path } from '../../registry/source.ts'

/** An answer that is no forecast, in words that continue the name of its source. */
export class ForecastFault extends Error {
  override readonly name = 'ForecastFault'
}

/** What lies further ahead is of no use on the road. */
const AHEAD_AT_MOST_MS = 2 * DAY_MS

const time = z.iso.datetime({ offset: true }).transform(text => Date.parse(text))
const celsius = z.number().min(-80).max(60).nullish()
const rate = z.number().min(0).max(500).nullish()

/** Our own document: one issue for several sites. */
const ownSchema = z.object({
  issued: time,
  sites: z.record(
    z.string(),
    z
      .array(
        z.object({
          time,
          'surface-temperature': celsius,
          'air-temperature': celsius,
          'dew-point': celsius,
          'precipitation-rate': rate,
        }),
      )
      .min(1),
  ),
})

/** Locationforecast 2.0 of MET Norway (compact or complete), as far as it is read: one place. */
const metNorwaySchema = z.object({
  properties: z.object({
    meta: z.object({ updated_at: time }),
    timeseries: z
      .array(
        z.object({
          time,
          data: z.object({
            instant: z.object({
              details: z.object({ air_temperature: celsius, dew_point_temperature: celsius }),
            }),
            next_1_hours: z
              .object({ details: z.object({ precipitation_amount: rate }).optional() })
              .optional(),
          }),
        }),
      )
      .min(1),
  }),
})

type Issue = { issued: number; steps: ReadonlyMap<string, ForecastStep[]> }

/**
 * What a source has issued, for each of its sites, of the next two days.
 * @throws ForecastFault that names the field that is wrong
 */
export function readForecasts(source: ForecastSource, document: unknown, now: number): Forecast[] {
  const { issued, steps } = READERS[source.format](document, source.sites)
  if (issued > now + AHEAD_MS) throw new ForecastFault('was issued ahead of the present')
  return source.sites.map(site => {
    const found = steps.get(site)
    if (!found) throw new ForecastFault(`has nothing for ${site}`)
    const useful = found
      .filter(({ time }) => time <= issued + AHEAD_AT_MOST_MS)
      .sort((a, b) => a.time - b.time)
    if (new Set(useful.map(({ time }) => time)).size < useful.length)
      throw new ForecastFault(`tells one time twice for ${site}`)
    if (!useful.some(({ values }) => Object.keys(values).length > 0))
      throw new ForecastFault(`has no value for ${site}`)
    return { source: source.id, site, issued, steps: useful }
  })
}

const READERS: Record<ForecastSource['format'], (document: unknown, sites: readonly string[]) => Issue> = {
  affluent(document) {
    const { issued, sites } = parse(ownSchema, document)
    const steps = Object.entries(sites).map(([site, list]): [string, ForecastStep[]] => [
      site,
      list.map(({ time, ...values }) => ({ time, values: knownOf(values) })),
    ])
    return { issued, steps: new Map(steps) }
  },
  'met-norway'(document, sites) {
    const { meta, timeseries } = parse(metNorwaySchema, document).properties
    const steps = timeseries.map(({ time, data: { instant, next_1_hours } }) => ({
      time,
      values: knownOf({
        'air-temperature': instant.details.air_temperature,
        'dew-point': instant.details.dew_point_temperature,
        // mm within the hour.
        'precipitation-rate': next_1_hours?.details?.precipitation_amount,
      }),
    }))
    return { issued: meta.updated_at, steps: new Map(sites.map(site => [site, steps])) }
  },
}

function knownOf(values: Record<string, number | null | undefined>): ForecastValues {
  const known: ForecastValues = {}
  for (const name of FORECAST_QUANTITIES) {
    const value = values[name]
    if (value !== null && value !== undefined) known[name] = value
  }
  return known
}

function parse<T>(schema: z.ZodType<T>, document: unknown): T {
  const { data, error } = schema.safeParse(document)
  if (!error) return data
  const { path, message } = error.issues[0]!
  throw new ForecastFault(`is wrong at ${formatPath(path as Path) || 'its top'}: ${message}`)
}
