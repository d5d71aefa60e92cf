import { z } from 'zod'
import { ID_PATTERN } from '../model/point-id.ts'
import { ROLES } from './roles.ts'

/** hub.yaml as people write it. Nothing in it is required: without a file the demonstration runs. */

const port = z.int().min(0).max(65_535)
const webUrl = z.url({ protocol: /^https?$/, error: 'write an address like http://hub.example:8080' })

const influxSchema = z.strictObject({
  kind: z.literal('influxdb'),
  url: webUrl,
  org: z.string().min(1),
  bucket: z.string().min(1),
  /** A secret: write `${NAME}`. */
  token: z.string().min(1),
})

export const settingsSchema = z.strictObject({
  /** The registry: a file or a folder, relative to this file. Default: the demonstration. */
  territory: z.string().min(1).optional(),
  /** What this process does. Default: everything, but no broker of its own where mqtt.url names one. */
  roles: z.array(z.enum(ROLES)).min(1).optional(),
  /** The gateways of the registry that this process runs. Default: all of them. */
  gateways: z.array(z.string().regex(ID_PATTERN)).min(1).optional(),
  /** Where everything is kept, relative to this file. Default: `data` in the working folder. */
  data: z.string().min(1).optional(),
  http: z
    .strictObject({ host: z.string().min(1).default('127.0.0.1'), port: port.default(8080) })
    .prefault({}),
  /** The embedded broker listens on host and port; `url` is a broker elsewhere. */
  mqtt: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      // Not 1883, which a Mosquitto of the system takes at boot.
      port: port.default(18_830),
      url: z
        .string()
        .regex(/^mqtts?:\/\/[^/@]+$/, 'write mqtt://host:port or mqtts://host:port, without a user in it')
        .optional(),
      username: z.string().optional(),
      /** A secret: write `${NAME}`. */
      password: z.string().optional(),
    })
    .prefault({}),
  store: z
    .discriminatedUnion('kind', [z.strictObject({ kind: z.literal('embedded') }), influxSchema])
    .default({ kind: 'embedded' }),
  /** The address under which others reach the hub. Default: that of http. */
  publicBaseUrl: webUrl.optional(),
  /** Must be true for a host other than this machine's own loopback. */
  allowRemote: z.boolean().default(false),
  language: z.enum(['fr', 'en']).optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  simulators: z
    .strictObject({
      seed: z.int().min(0).default(1),
      /** How much history the first start lays down, in months. */
      historyMonths: z.int().min(0).max(120).default(13),
    })
    .prefault({}),
})

export type SettingsInput = z.input<typeof settingsSchema>
export type SettingsDocument = z.output<typeof settingsSchema>
