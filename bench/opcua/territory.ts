import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GATEWAY } from '../load/territory.ts'

/** The variables of the server, which change every second. */
export const NODES = 10_000
export const NODE_PREFIX = 'n'

/** Writes the registry of one gateway that watches every variable of one server. Returns its file. */
export async function writeTerritory(folder: string, port: number): Promise<string> {
  const points = Array.from({ length: NODES }, (_, i) => [
    `p${i}`,
    {
      ...{ quantity: 'active-power', unit: 'kW', interval: '1s' },
      opcua: { node: `ns=1;s=${NODE_PREFIX}${i}` },
    },
  ])
  const device = { id: 'd', site: 'site', points: Object.fromEntries(points) }
  const security = { securityMode: 'None', securityPolicy: 'None' }
  const connection = { id: 'c', driver: 'opcua', url: `opc.tcp://127.0.0.1:${port}`, ...security }
  const publisher = { name: 'Bench', url: 'https://example.org', email: 'bench@example.org' }
  const territory = {
    territory: { id: 'bench', name: 'Bench', timeZone: 'Europe/Paris', publisher },
    sites: [{ id: 'site', name: 'S', kind: 'building', position: { lat: 48, lon: 3 }, commune: '96001' }],
    gateways: [{ id: GATEWAY, name: 'Bench', connections: [{ ...connection, devices: [device] }] }],
  }
  const file = join(folder, 'territory.yaml')
  // JSON is YAML.
  await writeFile(file, JSON.stringify(territory))
  return file
}
