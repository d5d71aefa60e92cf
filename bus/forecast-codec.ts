import { z } from 'zod'
import { FORECAST_QUANTITIES, type Forecast } from '../model/forecast.ts'
import { isTime } from '../model/time.ts'

const time = z.custom<number>(isTime)

const issueSchema = z.array(
  z.strictObject({
    source: z.string(),
    site: z.string(),
    issued: time,
    steps: z.array(
      z.strictObject({ time, values: z.partialRecord(z.enum(FORECAST_QUANTITIES), z.number()) }),
    ),
  }),
)

export function encodeForecasts(forecasts: readonly Forecast[]): string {
  return JSON.stringify(forecasts)
}

/**
 * What a source issued last, for each of its sites.
 * @throws Error where it is nothing of the kind
 */
export function decodeForecasts(payload: Uint8Array): Forecast[] {
  return issueSchema.parse(JSON.parse(Buffer.from(payload).toString('utf8')))
}
