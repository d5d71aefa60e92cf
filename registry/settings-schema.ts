import { z } from 'zod'
import { ID_PATTERN } from '../model/point-id.ts'
import { DAY_MS, MINUTE_MS } from '../model/time.ts'
import { duration } from './duration.ts'
import { ROLES } from './roles.ts'
import { tlsSchema } from './tls-schema.ts'

/** hub.yaml as people write it. Nothing in it is required: without a file the demonstration runs. */

const SECRET = `A secret: write \${NAME}, for a variable of the environment or the file that NAME_FILE names.`
const port = z.int().min(0).max(65_535)
const brokerUrl = z
  .string()
  .regex(/^mqtts?:\/\/[^/@]+$/, 'write mqtt://host:port or mqtts://host:port, without a user in it')
const webUrl = z.url({ protocol: /^https?$/, error: 'write an address like http://hub.example:8080' })

const MIB = 1024 ** 2
const BYTES = { MiB: MIB, GiB: 1024 * MIB } as const
/** `512MiB`, `1GiB`; in bytes once read. */
const size = (smallestMiB: number) =>
  z
    .string()
    .regex(/^\d+(?:\.\d+)?(?:MiB|GiB)$/, 'write a size like 512MiB or 1GiB')
    .transform(text => Number.parseFloat(text) * BYTES[text.slice(-3) as keyof typeof BYTES])
    .refine(bytes => bytes >= smallestMiB * MIB, `must be ${smallestMiB}MiB or more`)

/** Thirteen months: figures and charts are compared with those of a year before. */
const SHORTEST_RETENTION_MS = 400 * DAY_MS

const embeddedSchema = z.strictObject({
  kind: z.literal('embedded'),
  memoryLimit: size(128)
    .describe('What the store of readings may take for its pages and queries.')
    .default(512 * MIB),
  retention: z
    .strictObject({
      measures: duration
        .refine(
          ms => ms >= SHORTEST_RETENTION_MS,
          'must be 400d or more: a month is compared with that of the year before',
        )
        .describe('How long readings are kept of points that are no index of a meter, like 3650d.'),
    })
    .describe('Default: every reading is kept for ever. Hourly statistics always are.')
    .optional(),
})

const influxSchema = z.strictObject({
  kind: z.literal('influxdb'),
  url: webUrl,
  org: z.string().min(1),
  bucket: z.string().min(1),
  token: z.string().min(1).describe(SECRET),
  retention: z
    .never('is for the embedded store: what an InfluxDB deletes is up to its bucket (docs/influxdb.md)')
    .optional(),
})

export const settingsSchema = z.strictObject({
  territory: z
    .string()
    .min(1)
    .describe('The registry: a file or a folder, relative to this file. Default: the demonstration.')
    .optional(),
  roles: z
    .array(z.enum(ROLES))
    .min(1)
    .describe('What this process does. Default: everything, but no broker where mqtt.url names one.')
    .optional(),
  gateways: z
    .array(z.string().regex(ID_PATTERN))
    .min(1)
    .describe('The gateways of the registry that this process runs. Default: all of them.')
    .optional(),
  data: z
    .string()
    .min(1)
    .describe('Where everything is kept, relative to this file. Default: data in the working folder.')
    .optional(),
  instance: z
    .string()
    .regex(ID_PATTERN)
    .describe('The name of this process among those that share its work. Default: one that is kept in data.')
    .optional(),
  follow: z
    .strictObject({
      key: z.base64().describe('The public key of the hub, which signs what it sends.'),
      number: z.int().min(0).describe('Of the registry that this file names: a later one replaces it.'),
    })
    .describe(
      'Takes a changed registry over from the hub, without a visit; affluent pack --follow writes it.',
    )
    .optional(),
  gatewayClock: z
    .enum(['trusted', 'untrusted'])
    .describe(
      'untrusted: the machine of the gateways has no clock that runs without power. Until NTP or the hub has told the time, readings wait for it.',
    )
    .default('trusted'),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(8080),
      proxies: z
        .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
        .describe('Addresses of reverse proxies, which say who asks (X-Forwarded-For).')
        .default([]),
      reads: z
        .enum(['everybody', 'accounts'])
        .describe(
          'Who may read what is not open data: consumption, alerts, the console. Default: everybody where only this machine reaches the hub, by host, proxies and publicBaseUrl; accounts elsewhere.',
        )
        .optional(),
    })
    .prefault({}),
  mqtt: z
    .strictObject({
      host: z.string().min(1).describe('Where the embedded broker listens.').default('127.0.0.1'),
      // Not 1883, which a Mosquitto of the system takes at boot.
      port: port.describe('Where the embedded broker listens.').default(18_830),
      url: z
        .union([brokerUrl.transform(url => [url]), z.array(brokerUrl).min(1)])
        .describe('A broker elsewhere, in place of the embedded one; for a cluster the list of its nodes.')
        .optional(),
      username: z.string().optional(),
      password: z.string().describe(SECRET).optional(),
      tls: tlsSchema.describe('For mqtts://. The certificate of the broker is always verified.').optional(),
    })
    .prefault({}),
  store: z.discriminatedUnion('kind', [embeddedSchema, influxSchema]).prefault({ kind: 'embedded' }),
  outbox: z
    .strictObject({
      // Below it, what is kept free for gaps and for one append would not suffice.
      maxBytes: size(16)
        .describe('What a sender may keep on disk until the hub has stored it. Beyond it the oldest go.')
        .default(1024 * MIB),
      maxAge: duration.describe('How long it may wait while the sender runs.').default(30 * DAY_MS),
      syncInterval: duration
        .refine(ms => ms <= MINUTE_MS, 'must be 1min or less')
        .describe('How long readings may wait for the disk: what a power cut can cost. 0s: nothing.')
        .default(1000),
      backlogRate: z
        .int()
        .min(1)
        .describe('How many readings of a backlog a sender sends a second at most. Less for a slow line.')
        .default(100_000),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      // Below it, a message of the largest size would leave no room for others.
      queue: size(32)
        .describe('Messages that may wait for the store. Those beyond are left with their senders.')
        .default(64 * MIB),
    })
    .prefault({}),
  fluids: z
    .strictObject({
      closeAfter: duration
        .describe('How long after its end a month is closed: what changes then is a numbered revision.')
        .default(10 * DAY_MS),
    })
    .prefault({}),
  distributor: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .describe("Where the distributors' files are laid that the hub takes, relative to this file."),
      every: duration.describe('How often it looks.').default(MINUTE_MS),
    })
    .optional(),
  officialStation: z
    .strictObject({
      post: z
        .string()
        .regex(/^\d{8}$/, 'a post of Météo-France has eight digits')
        .describe('NUM_POSTE.'),
      folder: z
        .string()
        .min(1)
        .describe('Where the daily files of Météo-France (RR-T-Vent) are laid, relative to this file.'),
    })
    .describe('The station that degree-days are counted by, before the one of the registry.')
    .optional(),
  quarantine: z
    .strictObject({
      maxBytes: size(8)
        .describe('What is kept on disk of what could not be stored. Beyond it the oldest go.')
        .default(256 * MIB),
      maxAge: duration.describe('How long it is kept while the hub runs.').default(365 * DAY_MS),
    })
    .prefault({}),
  publication: z
    .strictObject({
      times: z
        .array(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day like 05:00'))
        .describe('When open data is published each day, local time. None: only by affluent publish.')
        .default(['05:00']),
      stamps: z
        .strictObject({
          url: webUrl.describe('Of the authority.'),
          certificates: z
            .string()
            .min(1)
            .describe(
              'A PEM file: only an authority is believed that one of these vouches for. Default: any.',
            )
            .optional(),
        })
        .describe('An authority that says when it has seen the log of what was published (RFC 3161).')
        .optional(),
      requestsPerMinute: z
        .int()
        .min(0)
        .describe('How often one address may ask for open data. 0: as often as it likes.')
        .default(600),
    })
    .prefault({}),
  publicMqtt: z
    .strictObject({
      maxClients: z.int().min(1).max(10_000).describe('How many may listen at once.').default(500),
    })
    .describe(
      'Lets anybody listen to the road weather over MQTT, at /mqtt of the HTTP address. Default: nobody.',
    )
    .optional(),
  publicBaseUrl: webUrl
    .describe('The address under which others reach the hub. Default: that of http.')
    .optional(),
  allowRemote: z.boolean().describe('Must be true for a host that other machines can reach.').default(false),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('warn'),
  simulators: z
    .strictObject({
      seed: z.int().min(0).default(1),
      historyMonths: z
        .int()
        .min(0)
        .max(120)
        .describe('How much history the first start lays down.')
        .default(13),
      scenarios: z
        .string()
        .min(1)
        .describe('YAML file of what goes wrong, relative to this file.')
        .optional(),
      speed: z
        .number()
        .min(1)
        .max(3600)
        .describe('How many times as fast as the clock the simulated world goes.')
        .default(1),
    })
    .prefault({}),
})

export type SettingsInput = z.input<typeof settingsSchema>
export type SettingsDocument = z.output<typeof settingsSchema>
