import { createHash } from 'node:crypto'
import type { DeviceFiles } from './device-files.ts'

/** What one gateway needs of a registry, as people wrote it: `${NAME}` stands for a secret. */
export interface GatewayPart {
  territory: unknown
  /** Where its devices are, in the order of the registry. */
  sites: readonly unknown[]
  gateways: readonly [unknown]
  /** The device files of its devices, by model. */
  devices: Readonly<Record<string, unknown>>
  /** Of all this: a gateway that has only its part of a registry runs the same one as the hub. */
  hash: string
}

interface Written {
  territory: object
  sites?: readonly { id: string }[]
  gateways?: readonly {
    id: string
    site?: string
    connections: readonly { devices: readonly { site: string; model?: string }[] }[]
  }[]
}

/** Of a registry that has been checked; undefined where it has no such gateway. */
export function gatewayPartOf(
  registry: unknown,
  id: string,
  deviceFiles: DeviceFiles,
): GatewayPart | undefined {
  const { territory: whole, sites = [], gateways = [] } = registry as Written
  const gateway = gateways.find(gateway => gateway.id === id)
  if (!gateway) return undefined
  const devices = gateway.connections.flatMap(connection => connection.devices)
  const places = new Set([gateway.site, ...devices.map(({ site }) => site)])
  const models = [...new Set(devices.flatMap(({ model }) => model ?? []))]
  const part = {
    territory: asGatewaysNeedIt(whole),
    sites: sites.filter(site => places.has(site.id)).map(asGatewaysNeedIt),
    gateways: [gateway] as const,
    devices: Object.fromEntries(models.map(model => [model, deviceFiles.get(model)!.source.value])),
  }
  return { ...part, hash: hashOf(part) }
}

/** What only the hub needs of a territory or a site, mostly for its accounts: no gateway reads by it. */
const OF_THE_HUB: ReadonlySet<string> = new Set([
  // Its point may be another gateway's.
  'climate',
  // Whoever is told is the hub's: a gateway has none of the channels that it names.
  'alerting',
  'emissionFactors',
  'publicHolidays',
  'schoolHolidays',
  'zones',
  'people',
  'yearly',
  'tertiary',
  'opening',
])

function asGatewaysNeedIt(whole: object): object {
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !OF_THE_HUB.has(key)))
}

/** SHA-256 (hex) over what was written, whatever the order of keys. */
export function hashOf(written: unknown): string {
  return createHash('sha256').update(canonicalJson(written)).digest('hex')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
