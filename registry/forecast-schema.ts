import { z } from 'zod'
import { ID_PATTERN } from '../model/point-id.ts'
import { MINUTE_MS } from '../model/time.ts'
import { duration } from './duration.ts'
import { text } from './text-schema.ts'
import { tlsSchema } from './tls-schema.ts'

/** Where forecasts for the roads come from: an address that is asked for, and nothing else is. */

const id = z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')

export const FORECAST_FORMATS = ['affluent', 'met-norway'] as const

/** What the hub sends itself. */
const OWN_HEADERS = ['host', 'connection', 'if-none-match', 'if-modified-since', 'accept-encoding']

export const forecastSourceSchema = z
  .strictObject({
    id,
    name: text
      .describe(
        'Who it comes from, as crews read it: some suppliers ask to be named, and what is simulated says so.',
      )
      .optional(),
    url: z
      .url({ protocol: /^https?$/ })
      .describe('Asked for with GET. A key in it is a variable of the environment.'),
    format: z
      .enum(FORECAST_FORMATS)
      .describe(
        'affluent: a JSON document of our own, for several sites. met-norway: locationforecast 2.0, for one place.',
      )
      .default('affluent'),
    sites: z.array(id).min(1).describe('Which sites it is for, most often road stations.'),
    headers: z
      .record(
        z
          .string()
          .regex(/^[A-Za-z0-9-]+$/, 'a header is letters, digits and hyphens')
          .refine(name => !OWN_HEADERS.includes(name.toLowerCase()), 'is set by the hub: leave it out'),
        z.string(),
      )
      .describe('Sent with each request. A secret is a variable of the environment.')
      .default({}),
    every: duration
      .refine(ms => ms >= MINUTE_MS, 'must be a minute at least')
      .describe('How often it is asked for.')
      .prefault('30min'),
    staleAfter: duration.describe('So long after its issue a forecast counts for nothing, and is hidden.'),
    timeout: duration.describe('For the whole answer.').prefault('10s'),
    maxPayload: z.int().min(1).describe('Longer answers are refused; bytes.').default(4_194_304),
    tls: tlsSchema.optional(),
    keep: duration.describe('How long what was issued is kept.').prefault('90d'),
  })
  .describe('A source of forecasts for the roads.')

export type ForecastSource = z.output<typeof forecastSourceSchema>
